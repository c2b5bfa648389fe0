import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../sim'
import { newBackoff, nextBackoff, getBackoff } from './backoff'
import { containersReady, podInitialized, podReady } from './conditions'
import { expand, makeEnvironmentVariables } from './env'
import { hostsFile } from './etc-files'
import { serviceVariables } from './service-env'
import { decodeBase64 } from './objects'
import { getPhase } from './pod-phase'

// The whole table where it is at hand, else the committed part of it.
const at = (name: string) => ['../../../../shared/kubernetes/facts/', '../../testdata/facts/'].map((root) => new URL(root + name, import.meta.url)).find((url) => existsSync(url)) as URL
const groups: any[] = JSON.parse(readFileSync(at('kubelet.json'), 'utf8')).groups
const cases = (test: string): any[] => groups.find((g) => g.test === test)?.cases ?? []

describe("upstream's own cases", () => {
  const phases = ['TestPodPhaseWithRestartAlways', 'TestPodPhaseWithRestartNever', 'TestPodPhaseWithRestartOnFailure', 'TestPodPhaseWithRestartAlwaysInitContainers', 'TestPodPhaseWithRestartAlwaysRestartableInitContainers', 'TestPodPhaseWithRestartAlwaysAndPodHasRun', 'TestPodPhaseWithRestartNeverInitContainers', 'TestPodPhaseWithRestartNeverRestartableInitContainers', 'TestPodPhaseWithContainerRestartPolicy', 'TestPodPhaseWithContainerRestartPolicyInitContainers']
  for (const test of phases)
    it.each(cases(test).map((c, i) => [`${test} ${c.case ?? i}`, c]))('%s', (_name, c: any) => {
      // In the recorded tables the wanted phase sits among the given fields.
      const g = c.given
      const pod = g.pod ?? { metadata: { name: 'p' }, spec: g.spec }
      const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? []), ...(g.statuses ?? [])]
      expect(getPhase(pod, statuses, g.podIsTerminal === true, g.podHasInitialized === true)).toBe(c.expect.expectedPhase ?? g.status)
    })

  const verdict = (v: any) => Object.fromEntries(Object.entries({ status: v.status, reason: v.reason, message: v.message }).filter(([, x]) => x !== undefined))
  it.each(cases('TestGenerateContainersReadyCondition').map((c, i) => [c.case ?? i, c]))('containers ready %s', (_n, c: any) => {
    const g = c.given
    expect(verdict(containersReady({ metadata: { name: 'p' }, spec: g.spec ?? { containers: [] } } as never, g.containerStatuses, g.podPhase))).toEqual(verdict(c.expect.expectReady))
  })
  it.each(cases('TestGeneratePodReadyCondition').map((c, i) => [c.case ?? i, c]))('pod ready %s', (_n, c: any) => {
    const g = c.given
    expect(verdict(podReady({ metadata: { name: 'p' }, spec: { containers: [], ...g.spec } } as never, g.conditions, g.containerStatuses, g.podPhase))).toEqual(verdict(c.expect.expectReady))
  })
  it.each(cases('TestGeneratePodInitializedCondition').map((c, i) => [c.case ?? i, c]))('pod initialized %s', (_n, c: any) => {
    const g = c.given
    const { status, reason } = podInitialized({ metadata: { name: 'p' }, spec: g.spec } as never, g.containerStatuses, g.podPhase)
    expect(verdict({ status, reason })).toEqual(verdict(c.expect.expected))
  })
  it.each(cases('TestExpandContainerCommandOnlyStatic').concat(cases('TestExpandCommandAndArgs')).map((c, i) => [c.case ?? i, c]))('expands %s', (_n, c: any) => {
    const env: Record<string, string> = {}
    for (const e of c.given.envs ?? []) env[e.name ?? e.Name] = e.value ?? e.Value
    const command: string[] = c.given.container?.command ?? c.given.command ?? []
    const args: string[] = c.given.container?.args ?? []
    expect(command.map((x) => expand(x, env))).toEqual(c.expect.expectedCommand ?? c.expect.expected ?? [])
    expect(args.map((x) => expand(x, env))).toEqual(c.expect.expectedArgs ?? [])
  })
  const services = [['kubernetes', 'default', '1.2.3.1', 8081], ['test', 'test1', '1.2.3.3', 8083], ['kubernetes', 'test2', '1.2.3.4', 8084], ['test', 'test2', '1.2.3.5', 8085], ['test', 'test2', 'None', 8085], ['test2', 'test2', '', 8085], ['kubernetes', 'kubernetes', '1.2.3.6', 8086]]
    .map(([name, namespace, clusterIP, port]) => ({ metadata: { name, namespace }, spec: { clusterIP, ports: [{ protocol: 'TCP', port }] } }))
  const stub = (unsynced: boolean, none: boolean): any => ({ informers: { revision: () => (unsynced ? '' : '1'), cache: () => ({ get: (ns: string, name: string) => (none ? undefined : services.find((s) => s.metadata.namespace === ns && s.metadata.name === name)), list: () => (none ? [] : services).values() }) } })
  // Two families of addresses are left out: the simulated pods have one.
  const environments = cases('TestMakeEnvironmentVariables').filter((c) => !JSON.stringify(c.given).includes('IPs'))
  it.each(environments.map((c, i) => [c.case ?? i, c]))('environment: %s', (_n, c: any) => {
    const g = c.given
    const fields: Record<string, string> = { 'metadata.name': 'dapi-test-pod-name', 'metadata.namespace': g.ns, 'spec.nodeName': 'node-name', 'spec.serviceAccountName': 'special', 'status.podIP': '1.2.3.4', 'status.hostIP': '127.0.0.1' }
    const object = g.configMap ?? g.secret
    const data = object === undefined ? null : Object.fromEntries(Object.entries(object.data).map(([k, v]) => [k, g.secret ? decodeBase64(v as string) : (v as string)]))
    const pod: any = { metadata: { name: 'dapi-test-pod-name', namespace: g.ns, ...(g.staticPod ? { annotations: { 'kubernetes.io/config.source': 'file' } } : {}) }, spec: { enableServiceLinks: g.enableServiceLinks, containers: [] } }
    const missing = /missing|test-config-map.*optional/.test(JSON.stringify(g.container))
    const result = makeEnvironmentVariables(pod, g.container, { data: () => (missing ? null : data), field: (path) => fields[path] ?? '', resource: () => '', services: serviceVariables(stub(g.unsyncedServices, g.nilLister), pod) })
    if (c.expect.expectedError) return expect(result).toHaveProperty('error')
    const wanted = Object.fromEntries((c.expect.expectedEnvs ?? []).map((e: any) => [e.Name, e.Value ?? '']))
    expect((result as any).env).toEqual(wanted)
  })

  it.each(cases('TestManagedHostsFileContent').map((c, i) => [i, c]))('hosts file %s', (_n, c: any) => {
    const g = c.given
    expect(hostsFile(g.hostIPs, g.hostName, g.hostDomainName ?? '', g.hostAliases)).toBe(c.expect.expectedContent)
  })

  it('back-off doubles as recorded', () => {
    const { kubelet } = JSON.parse(readFileSync(at('fn-backoff.json'), 'utf8'))
    for (const row of kubelet.filter((r: any) => r.initialSeconds === 10)) {
      const b = newBackoff()
      let now = 0
      const got = row.sequenceSeconds.map(() => {
        nextBackoff(b, 'k', now, now)
        now += getBackoff(b, 'k')
        return getBackoff(b, 'k') / SECOND
      })
      expect(got).toEqual(row.sequenceSeconds)
    }
  })
})
