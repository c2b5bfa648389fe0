import { deepEqual, quantity, compareQuantity, type KubeObject } from '../../apimachinery'
import { resourcePath, type PersistentVolume, type PersistentVolumeClaim, type PersistentVolumeClaimStatus, type Pod, type StorageClass } from '../../api'
import { cacheKey, referenceTo } from '../../client-go'
import type { ControllerEnv, Intent, RequestIntent } from '../controller'
import { updateObject } from '../requests'
import { annotation, has, pointsTo } from './annotations'

/** The controller's memory: what it wrote and its caches have not heard of yet, by path. */
export interface BinderState {
  readonly written: Map<string, KubeObject>
}

export type BinderEnv = ControllerEnv<BinderState>

const version = (o: KubeObject): number => Number(o.metadata.resourceVersion ?? 0)

/** Keeps an answer to a write until the caches have caught up. Upstream: storeObjectUpdate */
export function remember(env: BinderEnv, o: KubeObject): void {
  const { written } = env.state
  const path = pathOf(o)
  const cached = env.cache(o.kind === 'PersistentVolume' ? 'persistentvolumes' : 'persistentvolumeclaims').byKey(cacheKey(o))
  if (cached === undefined || version(cached) >= version(o)) written.delete(path)
  else written.set(path, o)
}

/** What the caches have heard needs no remembering. */
export function caughtUp(env: BinderEnv, o: KubeObject, deleted: boolean): void {
  if (env.state.written.size === 0) return
  const path = pathOf(o)
  const mine = env.state.written.get(path)
  if (mine && (deleted || version(o) >= version(mine))) env.state.written.delete(path)
}

const pathOf = (o: KubeObject): string =>
  o.kind === 'PersistentVolume' ? resourcePath('persistentvolumes', undefined, o.metadata.name) : resourcePath('persistentvolumeclaims', o.metadata.namespace, o.metadata.name)

/** The newest known version of a cached object. */
function newest<T extends KubeObject>(env: BinderEnv, o: T | undefined): T | undefined {
  return o === undefined || env.state.written.size === 0 ? o : ((env.state.written.get(pathOf(o)) as T | undefined) ?? o)
}

export const volume = (env: BinderEnv, name: string): PersistentVolume | undefined => newest(env, env.cache<PersistentVolume>('persistentvolumes').get('', name))
export const claim = (env: BinderEnv, key: string): PersistentVolumeClaim | undefined => newest(env, env.cache<PersistentVolumeClaim>('persistentvolumeclaims').byKey(key))
export const storageClass = (env: BinderEnv, name: string): StorageClass | undefined => (name === '' ? undefined : env.cache<StorageClass>('storageclasses').get('', name))

/** All volumes, each in its newest version. */
export function* volumes(env: BinderEnv): IterableIterator<PersistentVolume> {
  for (const pv of env.cache<PersistentVolume>('persistentvolumes').list()) yield newest(env, pv) as PersistentVolume
}

/** Names of the pods that mount a claim and pass, in order of name. Looked for on demand only, so no index is kept. */
export function podsOf(env: BinderEnv, c: PersistentVolumeClaim, wanted: (p: Pod) => boolean): string[] {
  const out: string[] = []
  for (const p of env.cache<Pod>('pods').list()) {
    if (p.metadata.namespace !== c.metadata.namespace || p.spec.volumes === undefined || !wanted(p)) continue
    for (const v of p.spec.volumes)
      if (v.persistentVolumeClaim?.claimName === c.metadata.name || (v.ephemeral !== undefined && `${p.metadata.name}-${v.name}` === c.metadata.name)) {
        out.push(p.metadata.name)
        break
      }
  }
  return out.sort()
}

/** A write after which the sync looks again from its beginning: it is level-triggered, so it goes on with the next step. */
export const again = (write: RequestIntent): readonly Intent[] => [{ ...write, tag: 'written' }, { do: 'then', step: 'again' }]

/** A last write. */
export const last = (write: RequestIntent | undefined): readonly Intent[] => (write === undefined ? [] : [{ ...write, tag: 'written' }])

export const tell = (about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Intent => ({ do: 'event', about: referenceTo(about), type, reason, message })

/** The write that gives a volume a phase; undefined when it has it. Upstream: updateVolumePhase */
export function volumePhase(pv: PersistentVolume, phase: string, message = ''): RequestIntent | undefined {
  if (pv.status?.phase === phase) return undefined
  const { message: _old, ...status } = pv.status ?? {}
  return updateObject('persistentvolumes', { ...pv, status: { ...status, phase, ...(message !== '' && { message }) } } as KubeObject, 'status')
}

/** The write that gives a claim its status; undefined when it has it. Upstream: updateClaimStatus */
export function claimStatus(c: PersistentVolumeClaim, phase: string, pv: PersistentVolume | undefined): RequestIntent | undefined {
  const old = c.status ?? {}
  const next: PersistentVolumeClaimStatus = { ...old, phase }
  if (pv === undefined) {
    delete next.accessModes
    delete next.capacity
    delete next.currentVolumeAttributesClassName
  } else {
    if (pv.spec.accessModes) next.accessModes = pv.spec.accessModes
    // The size is taken over when the claim becomes bound: later it may differ on purpose.
    if (old.phase !== phase) {
      if (pv.spec.capacity && compareQuantity(quantity(pv.spec.capacity.storage), quantity(old.capacity?.storage)) !== 0) next.capacity = pv.spec.capacity
      if (pv.spec.volumeAttributesClassName) next.currentVolumeAttributesClassName = pv.spec.volumeAttributesClassName
    }
  }
  return deepEqual(old, next) ? undefined : updateObject('persistentvolumeclaims', { ...c, status: next } as KubeObject, 'status')
}

/** The next write that binds the two; undefined when they are bound. Upstream: bind, GetBindVolumeToClaim, GetBindClaimToVolume */
export function bind(pv: PersistentVolume, c: PersistentVolumeClaim): RequestIntent | undefined {
  const ref = pv.spec.claimRef
  const { namespace, name, uid, resourceVersion } = c.metadata
  const chosen = !pointsTo(pv, c)
  if (ref === undefined || ref.name !== name || ref.namespace !== namespace || ref.uid !== uid || (chosen && !has(pv, annotation.boundByController))) {
    const annotations = chosen ? { ...pv.metadata.annotations, [annotation.boundByController]: 'yes' } : pv.metadata.annotations
    const claimRef = { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion }
    return updateObject('persistentvolumes', { ...pv, metadata: { ...pv.metadata, ...(annotations && { annotations }) }, spec: { ...pv.spec, claimRef } } as KubeObject)
  }
  const phase = volumePhase(pv, 'Bound')
  if (phase !== undefined) return phase
  const picked = c.spec.volumeName !== pv.metadata.name
  if (picked || !has(c, annotation.bindCompleted)) {
    const annotations = { ...c.metadata.annotations, ...(picked && { [annotation.boundByController]: 'yes' }), [annotation.bindCompleted]: 'yes' }
    return updateObject('persistentvolumeclaims', { ...c, metadata: { ...c.metadata, annotations }, spec: { ...c.spec, volumeName: pv.metadata.name } } as KubeObject)
  }
  return claimStatus(c, 'Bound', pv)
}
