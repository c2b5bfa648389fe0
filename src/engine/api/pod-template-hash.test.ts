import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { facts } from '../apimachinery/facts.testing'
import { canonicalize, podTemplateHash, statefulSetRevisionHash } from './index'

const shared = fileURLToPath(new URL('../../../../shared/kubernetes/', import.meta.url))

describe('podTemplateHash', () => {
  it('is upstream\'s for the recorded templates', () => {
    for (const c of facts<any>('fn-names-hashes').podTemplateHash) expect(podTemplateHash(c.template, c.collisionCount ?? undefined), c.name).toBe(c.hash)
  })

  it.skipIf(!existsSync(shared))('gives the names a real cluster gave', () => {
    let checked = 0
    for (const file of readdirSync(`${shared}goldens`)) {
      const text = readFileSync(`${shared}goldens/${file}`, 'utf8')
      for (const command of JSON.parse(text).commands) {
        for (const d of documents(command)) {
          if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(d?.kind) || d.spec?.template === undefined) continue
          const { template } = canonicalize<any>(d.kind, { ...d, spec: { ...d.spec, template: withDefaults(structuredClone(d.spec.template)) } }).spec
          const hash = d.kind === 'StatefulSet' ? statefulSetRevisionHash(template) : podTemplateHash(template)
          if (d.kind === 'StatefulSet' && !text.includes('controller-revision-hash')) continue
          checked++
          expect(text.includes(d.kind === 'DaemonSet' ? hash : `${d.metadata.name}-${hash}`), `${file}: ${d.kind} ${d.metadata.name} ${hash}`).toBe(true)
        }
      }
    }
    expect(checked).toBeGreaterThan(20)
  })
})

function documents(command: any): any[] {
  if (command.rc !== 0 || !/apply|create/.test(command.cmd)) return []
  const files = /-f (\S+\.ya?ml)/.exec(command.cmd)?.[1]
  const path = files === undefined ? undefined : [`${shared}manifests/${files}`, `${shared}${files}`].find((p) => existsSync(p))
  const text = command.stdin ?? (path === undefined ? '' : readFileSync(path, 'utf8'))
  return parseAllDocuments(text, { version: '1.1' }).map((d) => d.toJS()).flatMap((d) => (d?.kind === 'List' ? d.items : [d]))
}

/** The defaults that matter for these templates; the real ones are the API server's. */
function withDefaults(t: any): any {
  const s = t.spec
  for (const c of [...(s.containers ?? []), ...(s.initContainers ?? [])]) {
    c.terminationMessagePath ??= '/dev/termination-log'
    c.terminationMessagePolicy ??= 'File'
    c.imagePullPolicy ??= c.image.endsWith(':latest') || !/:[^/]+$/.test(c.image) ? 'Always' : 'IfNotPresent'
    for (const [k, v] of Object.entries(c.resources?.limits ?? {})) (c.resources.requests ??= {})[k] ??= v
    for (const p of c.ports ?? []) p.protocol ??= 'TCP'
    for (const e of c.env ?? []) if (e.valueFrom?.fieldRef) e.valueFrom.fieldRef.apiVersion ??= 'v1'
    for (const p of [c.livenessProbe, c.readinessProbe, c.startupProbe]) {
      if (p === undefined) continue
      Object.assign(p, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3, ...p })
      if (p.httpGet) Object.assign(p.httpGet, { scheme: 'HTTP', path: '/', ...p.httpGet })
    }
  }
  for (const v of s.volumes ?? []) {
    for (const k of ['configMap', 'secret', 'projected', 'downwardAPI']) if (v[k]) v[k].defaultMode ??= 420
    if (v.hostPath) v.hostPath.type ??= ''
  }
  t.spec = { restartPolicy: 'Always', terminationGracePeriodSeconds: 30, dnsPolicy: 'ClusterFirst', securityContext: {}, schedulerName: 'default-scheduler', ...s }
  if (s.serviceAccountName) t.spec.serviceAccount ??= s.serviceAccountName
  return t
}
