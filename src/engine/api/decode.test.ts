import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { facts } from '../apimachinery/facts.testing'
import { decodeStrict, structSchema } from './index'

const manifests = fileURLToPath(new URL('../../../../shared/kubernetes/manifests/', import.meta.url))
const pod = (spec: unknown) => decodeStrict('Pod', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec })

describe('decodeStrict', () => {
  it('answers as the recorded server did', () => {
    let checked = 0
    for (const c of facts<any>('golden-invalid-manifests').cases) {
      const m = /cannot be handled as a \w+: (strict decoding error: )?(.*)\n$/.exec(c.stderr) ?? /unable to decode "STDIN": ()(.*)\n$/.exec(c.stderr)
      const known = c.manifest?.kind === undefined ? undefined : structSchema(c.manifest.kind)
      if (known === undefined) continue
      const d = decodeStrict(c.manifest.kind, c.manifest)
      if (m === null) { expect([c.case, d.error, d.unknown]).toEqual([c.case, undefined, []]); continue }
      checked++
      expect(m[1] === undefined || m[1] === '' ? d.error : d.unknown.join(', '), c.case).toBe(m[2])
    }
    expect(checked).toBeGreaterThan(4)
  })

  it('names embedded structs in the path of a mismatch', () => {
    expect(pod({ volumes: [{ name: 'v', fc: { lun: '0' } }] }).error)
      .toBe('json: cannot unmarshal string into Go struct field FCVolumeSource.spec.volumes.VolumeSource.fc.lun of type int32')
  })

  it('names Go types of mismatches', () => {
    expect(pod({ containers: ['a'] }).error).toBe('json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container')
    expect(pod({ restartPolicy: 1 }).error).toBe('json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy')
    expect(pod([]).error).toBe('json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec')
    expect(decodeStrict('Deployment', { spec: { replicas: 'two' } }).error).toBe('json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32')
    expect(decodeStrict('Deployment', { spec: { replicas: 1.5 } }).error).toBe('json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32')
    expect(decodeStrict('Secret', { data: { a: 'x!' } }).error).toBe('illegal base64 data at input byte 1')
  })

  it('collects unknown fields in the order of the document', () => {
    const d = pod({ foo: 1, volumes: [{ name: 'v', rbd: { monitors: [], image: 'i', imageformat: '2', imagefeatures: 'l' } }] })
    expect(d.unknown).toEqual(['unknown field "spec.foo"', 'unknown field "spec.volumes[0].rbd.imageformat"', 'unknown field "spec.volumes[0].rbd.imagefeatures"'])
  })

  it('writes what Go would write', () => {
    const d = pod({ hostNetwork: false, nodeName: '', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', command: [], env: [{ name: 'A', value: '' }],
      resources: { requests: { cpu: '0.5', memory: '1024Mi' } } }] })
    expect(d.object).toEqual({
      apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status: {},
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', env: [{ name: 'A' }], resources: { requests: { cpu: '500m', memory: '1Gi' } } }] },
    })
    expect(decodeStrict('PodCondition', { type: 'Ready', status: 'True' }).object).toEqual({ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: null })
  })

  it('takes every object a real server stored unchanged', () => {
    const typeOf = (o: any) => (o.apiVersion === 'autoscaling/v1' ? `${o.kind}V1` : o.kind)
    for (const c of facts<any>('golden-defaulting').cases) {
      const stored = c.stored
      if (stored === undefined || structSchema(typeOf(stored)) === undefined) continue
      const d = decodeStrict(typeOf(stored), stored)
      expect([c.name, d.error, d.unknown]).toEqual([c.name, undefined, []])
      expect(withoutTimes(d.object), c.name).toEqual(withoutTimes(stored))
    }
  })

  it.skipIf(!existsSync(manifests))('answers as the server did to real manifests', () => {
    const byFile = new Map<string, any[]>()
    for (const d of JSON.parse(readFileSync(`${manifests}verdicts.json`, 'utf8')).documents) byFile.set(d.file, [...(byFile.get(d.file) ?? []), d])
    let checked = 0
    for (const [file, verdicts] of byFile) {
      if (!existsSync(manifests + file)) continue
      const docs = parseAllDocuments(readFileSync(manifests + file, 'utf8'), { version: '1.1' }).map((d) => d.toJS())
        .flatMap((d) => (d?.kind?.endsWith('List') && Array.isArray(d.items) ? d.items : [d])).filter((d) => d?.kind !== undefined)
      if (docs.length !== verdicts.length) continue
      docs.forEach((doc, i) => {
        const verdict = verdicts[i]!
        const type = verdict.apiVersion === 'autoscaling/v1' ? `${doc.kind}V1` : doc.kind
        if (verdict.verdict === 'unserved' || structSchema(type) === undefined) return
        const d = decodeStrict(type, doc)
        const message = d.error ?? (d.unknown.length > 0 ? `strict decoding error: ${d.unknown.join(', ')}` : '')
        const refusal = /cannot be handled as a \w+: (.*)$/.exec(verdict.message ?? '')?.[1] ?? ''
        expect([file, i, message]).toEqual([file, i, refusal])
        checked++
      })
    }
    expect(checked).toBeGreaterThan(300)
  })
})

/** The recording cut server-chosen times out of stored objects. */
function withoutTimes(value: any): any {
  if (Array.isArray(value)) return value.map(withoutTimes)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([k]) => !/Timestamp$|Time$/.test(k)).map(([k, v]) => [k, withoutTimes(v)]))
}
