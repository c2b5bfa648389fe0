import { describe, expect, it } from 'vitest'
import { facts } from '../../apimachinery/facts.testing'
import { create, kubectlText } from './registry.testing'

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Removes what admission adds, which is another room's. */
function withoutAdmission(o: any): any {
  const { spec, metadata } = o
  delete metadata.finalizers
  delete metadata.uid
  if (o.kind !== 'Pod') return o
  for (const field of ['preemptionPolicy', 'priority', 'serviceAccount', 'serviceAccountName']) delete spec[field]
  spec.tolerations = (spec.tolerations ?? []).filter((t: any) => !/not-ready|unreachable/.test(t.key ?? ''))
  spec.volumes = (spec.volumes ?? []).filter((v: any) => !v.name.startsWith('kube-api-access'))
  for (const c of [...spec.containers, ...(spec.initContainers ?? [])]) c.volumeMounts = (c.volumeMounts ?? []).filter((m: any) => !m.name.startsWith('kube-api-access'))
  return o
}

/** Empty lists and maps out, uids and chance made equal, keys sorted. */
function normal(o: any): any {
  if (Array.isArray(o)) return o.map(normal)
  if (typeof o === 'string') return o.replace(UUID, 'UID')
  if (typeof o !== 'object' || o === null) return o
  const out: any = {}
  for (const key of Object.keys(o).sort()) {
    if (Array.isArray(o[key]) && o[key].length === 0) continue
    if (key === 'nodePort' || key === 'lastPhaseTransitionTime') continue
    out[key] = key === 'clusterIP' || key === 'clusterIPs' ? 'IP' : normal(o[key])
  }
  return out
}

describe('objects as a real server stored and refused them', () => {
  const defaulting = facts<any>('golden-defaulting').cases
  for (const c of defaulting) {
    it(`stores ${c.name}`, () => {
      const made = create(c.given)
      if ('error' in made) throw new Error(made.error)
      expect(made.errors).toEqual([])
      expect(normal(withoutAdmission(made.object))).toEqual(normal(withoutAdmission(structuredClone(c.stored))))
    })
  }

  // Refused before this room (kubectl, discovery, decoding) or after (admission).
  const others = /^error: |^Error from server/
  for (const c of facts<any>('golden-invalid-manifests').cases) {
    if (others.test(c.stderr)) continue
    it(`judges: ${c.case}`, () => {
      const made = create(c.manifest)
      if ('error' in made) throw new Error(made.error)
      const text = made.errors.length === 0 ? '' : kubectlText(c.manifest.kind, made.object.metadata.name, made.errors)
      expect(text.replace(UUID, 'UID')).toBe(c.stderr.replace(UUID, 'UID'))
    })
  }
})
