import { compareQuantity, labelSelector, matches, quantity } from '../../apimachinery'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api'
import { allowsModes, claimClass, modesDiffer, pointsTo, volumeClass } from './annotations'

const wanted = (c: PersistentVolumeClaim) => quantity(c.spec.resources?.requests?.storage)
const size = (pv: PersistentVolume) => quantity(pv.spec.capacity?.storage)
const sameAttributes = (c: PersistentVolumeClaim, pv: PersistentVolume): boolean => (c.spec.volumeAttributesClassName ?? '') === (pv.spec.volumeAttributesClassName ?? '')

/**
 * The volume that a claim gets: one that points to it already, else the smallest that is large enough, those with the fewest
 * access modes first. With `delayed` only the former: the scheduler chooses among the rest.
 * Upstream: persistentvolume/index.go findByClaim, component-helpers/storage/volume FindMatchingVolume
 */
export function findBestMatch(c: PersistentVolumeClaim, volumes: Iterable<PersistentVolume>, delayed: boolean): PersistentVolume | undefined {
  const least = wanted(c)
  const className = claimClass(c)
  const selector = c.spec.selector === undefined ? undefined : labelSelector(c.spec.selector)
  let best: PersistentVolume | undefined
  for (const pv of volumes) {
    const mine = pointsTo(pv, c)
    if ((pv.spec.claimRef !== undefined && !mine) || !allowsModes(c, pv) || compareQuantity(size(pv), least) < 0) continue
    if (modesDiffer(c, pv) || !sameAttributes(c, pv) || pv.metadata.deletionTimestamp !== undefined) continue
    if (!mine) {
      if (delayed || pv.status?.phase !== 'Available' || volumeClass(pv) !== className) continue
      if (selector !== undefined && !matches(selector, pv.metadata.labels)) continue
    }
    if (best === undefined || compare(pv, best, c) < 0) best = pv
  }
  return best
}

/** Which of two that fit is better: fewer access modes, then pointing to the claim, then smaller, then by name. */
function compare(a: PersistentVolume, b: PersistentVolume, c: PersistentVolumeClaim): number {
  const modes = new Set(a.spec.accessModes).size - new Set(b.spec.accessModes).size
  if (modes !== 0) return modes
  const mine = Number(pointsTo(b, c)) - Number(pointsTo(a, c))
  return mine || compareQuantity(size(a), size(b)) || (a.metadata.name < b.metadata.name ? -1 : 1)
}

/** Why a volume that a claim asks for by name does not do; undefined when it does. Upstream: pv_controller.go checkVolumeSatisfyClaim */
export function unfit(pv: PersistentVolume, c: PersistentVolumeClaim): string | undefined {
  if (pv.metadata.deletionTimestamp !== undefined) return `the volume is marked for deletion "${pv.metadata.name}"`
  if (compareQuantity(size(pv), wanted(c)) < 0) return 'requested PV is too small'
  if (claimClass(c) !== volumeClass(pv)) return 'storageClassName does not match'
  if (!sameAttributes(c, pv)) return 'volumeAttributesClassName does not match'
  if (modesDiffer(c, pv)) return 'incompatible volumeMode'
  return allowsModes(c, pv) ? undefined : 'incompatible accessMode'
}
