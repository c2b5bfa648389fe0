import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../sim'
import { newBackoff, nextBackoff, getBackoff } from './backoff'
import { allContainersRestarting, containersReady, podInitialized, podReady } from './conditions'
import { containerStatuses } from './container-status'
import { expand, makeEnvironmentVariables } from './env'
import { matchesNode, otherSystem } from './admission'
import { fittingSearches, hostsFile, nodeHostsFile, podDNSType } from './etc-files'
import { serviceVariables } from './service-env'
import { decodeBase64 } from './objects'
import { getPhase } from './pod-phase'
import { terminatedStatus } from './pod-status'
import { resolvePort } from './prober'

// The whole table where it is at hand, else the committed part of it.
const at = (name: string) => ['../../../../shared/kubernetes/facts/', '../../testdata/facts/'].map((root) => new URL(root + name, import.meta.url)).find((url) => existsSync(url)) as URL
const groups: any[] = JSON.parse(readFileSync(at('kubelet.json'), 'utf8')).groups
const cases = (test: string): any[] => groups.find((g) => g.test === test)?.cases ?? []

describe("upstream's own cases", () => {
  const phases = ['TestPodPhaseWithRestartAlways', 'TestPodPhaseWithRestartNever', 'TestPodPhaseWithRestartOnFailure', 'TestPodPhaseWithRestartAlwaysInitContainers', 'TestPodPhaseWithRestartAlwaysRestartableInitContainers', 'TestPodPhaseWithRestartAlwaysAndPodHasRun', 'TestPodPhaseWithRestartNeverInitContainers', 'TestPodPhaseWithRestartNeverRestartableInitContainers', 'TestPodPhaseWithContainerRestartPolicy', 'TestPodPhaseWithContainerRestartPolicyInitContainers', 'TestPodPhaseWithRestartAllContainers']
  for (const test of phases)
    it.each(cases(test).map((c, i) => [`${test} ${c.case ?? i}`, c]))('%s', (_name, c: any) => {
      // In the recorded tables the wanted phase sits among the given fields. Pods that restart all have been initialized once.
      const g = c.given
      const pod = g.pod ?? { metadata: { name: 'p' }, spec: { containers: [], ...g.spec } }
      const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? []), ...(g.statuses ?? [])]
      expect(getPhase(pod, statuses, g.podIsTerminal === true, g.podHasInitialized === true || test === 'TestPodPhaseWithRestartAllContainers')).toBe(c.expect.expectedPhase ?? g.status)
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

  // A row whose name is a container's stands for a part of another row.
  const whole = (test: string, field: string) => cases(test).filter((c) => c.given[field] !== undefined).map((c, i): [string, any] => [String(c.case ?? i), c])
  const bare = (s: any) => ({ name: s.name, restartCount: s.restartCount, state: s.state, lastState: s.lastState ?? {} })
  it.each(whole('TestConvertToAPIContainerStatuses', 'containers'))('statuses of containers: %s', (_n, { given: g, expect: e }) => {
    const seconds = (t: string | undefined) => (t === undefined ? 0 : Date.parse(t) * 1000)
    const views = (g.currentStatus.ContainerStatuses ?? []).map((c: any) => ({ id: c.ID?.ID ?? '', name: c.Name, attempt: c.RestartCount, image: '', state: c.State, startedAt: seconds(c.StartedAt), finishedAt: 0, exitCode: c.ExitCode, reason: '', message: '', specHash: '' }))
    const view = { version: 1, uid: 'u', namespace: '', name: '', sandbox: null, containers: views }
    const pod = { metadata: { name: 'p', ...g.pod.metadata }, spec: g.isInitContainer ? { ...g.pod.spec, initContainers: g.containers } : g.pod.spec }
    const old: any = { [g.isInitContainer ? 'initContainerStatuses' : 'containerStatuses']: g.previousStatus ?? [] }
    const got = containerStatuses(pod as never, view, old, g.isInitContainer, { epoch: 0, emulated: false, reasons: new Map(), restartingAll: g.podRestarting === true })
    // Times and ids are the runtime's.
    const plain = (s: any) => JSON.parse(JSON.stringify(bare(s), (k, v: unknown) => (k === 'startedAt' || k === 'finishedAt' || k === 'containerID' ? undefined : v)))
    expect(got.map(plain)).toEqual(e.expected.map(plain))
  })

  it.each(cases('TestConvertToAPIContainerStatusesForResources').filter((c: any) => c.given.State !== 'created').map((c, i) => [c.case ?? i, c]))('resources of a container: %s', (_n, { given: g, expect: e }: any) => {
    // The allocation is what the kubelet works with; what the runtime has differs from it while a resize is under way. A container that is made but not started is none of this runtime's states.
    const container = { name: 'ctr0', image: 'img', resources: g.AllocatedResources ?? g.Resources ?? {} }
    const running = (g.State ?? 'running') === 'running'
    const views = [{ id: 'ctr0', name: 'ctr0', attempt: 0, image: 'img', state: running ? 'running' : 'exited', startedAt: 0, finishedAt: 0, exitCode: 0, reason: '', message: '', specHash: '' }]
    const actual = new Map(g.AllocatedResources ? [['ctr0', g.Resources]] : [])
    const [got] = containerStatuses({ metadata: { name: 'p' }, spec: { containers: [container] } } as never, { version: 1, uid: 'u', namespace: '', name: '', sandbox: null, containers: views } as never, { containerStatuses: [g.OldStatus] } as never, false, { epoch: 0, emulated: true, reasons: new Map(), actual } as never)
    expect(got?.resources ?? {}).toEqual(e.Expected.resources ?? {})
    expect(got?.allocatedResources).toEqual(e.Expected.allocatedResources)
  })

  it.each(cases('TestGenerateAllContainersRestartingCondition').map((c, i) => [c.case ?? i, c]))('all containers restarting: %s', (_n, c: any) => {
    const triggered = (c.given.podStatus?.ContainerStatuses ?? []).some((s: any) => s.State === 'exited' && s.ExitCode === 42)
    expect(verdict(allContainersRestarting(triggered, c.given.phase))).toEqual(verdict(c.expect.expected))
  })

  it.each(cases('TestTerminatePod_EnsurePodPhaseIsTerminal').map((c, i) => [c.case ?? i, c]))('the phase of a terminated pod: %s', (_n, c: any) => {
    expect(terminatedStatus({ metadata: { name: 'p' }, spec: { containers: [] } } as never, c.given.status).phase).toBe(c.expect.wantStatus.phase)
  })
  // What upstream expects of each row is code, not data; the rows' names tell it.
  const unknown = { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was terminated' }
  it.each(whole('TestTerminatePod_DefaultUnknownStatus', 'pod'))('containers that nobody can tell of: %s', (name, { given: g }) => {
    const got: any = terminatedStatus(g.pod, g.pod.status)
    const before = g.pod.status
    got.containerStatuses.forEach((s: any, i: number) => {
      const was = before.containerStatuses[i]
      expect(s.state).toEqual(name.includes('uninitialized') || was.state.terminated ? was.state : { terminated: unknown })
      expect(s.lastState).toEqual(was.lastState)
    })
    const inits: any[] = before.initContainerStatuses ?? []
    // Up to the last that ever ran, and the first in any case: gaps are filled.
    const tried = Math.max(0, inits.findLastIndex((s) => !s.state.waiting || s.lastState?.terminated))
    inits.forEach((was, i) => expect(got.initContainerStatuses[i].state).toEqual(i > tried || was.state.terminated ? was.state : { terminated: unknown }))
  })

  it.each(cases('TestNodeHostsFileContent').map((c, i) => [i, c]))('hosts file of a machine %s', (_n, c: any) => {
    expect(nodeHostsFile(c.given.rawHostsFileContent, c.given.hostAliases)).toBe(c.expect.expectedHostsFileContent)
  })
  it.each(cases('TestGetPodDNSType').filter((c) => !(c.given.dnsPolicy === 'ClusterFirst' && c.given.hasClusterDNS === false)).map((c, i) => [c.case ?? i, c]))('whose name servers: %s', (_n, c: any) => {
    const type = podDNSType({ spec: { containers: [], dnsPolicy: c.given.dnsPolicy, hostNetwork: c.given.hostNetwork } } as never)
    expect(type).toBe(c.expect.expectedError ? undefined : ['cluster', 'host', 'none'][c.expect.expectedDNSType])
  })
  it.each(cases('TestFormDNSSearchFitsLimits').map((c, i) => [c.case ?? i, c]))('search domains: %s', (_n, c: any) => {
    expect(fittingSearches(c.given.hostNames)).toEqual(c.expect.resultSearch ?? [])
  })
  it.each([...cases('TestGetURLParts'), ...cases('TestGetTCPAddrParts')].map((c, i) => [i, c]))('the port of a probe %s', (_n, { given: g }: any) => {
    const port = resolvePort(g.probe.port, { ports: [{ name: 'found', containerPort: 93 }] })
    expect(port).toEqual(g.ok ? g.port : expect.any(String))
  })
  it.each(cases('TestRejectPodAdmissionBasedOnOSSelector').map((c, i) => [c.case ?? i, c]))('operating systems: %s', (_n, c: any) => {
    expect(otherSystem(c.given.pod) !== null).toBe(c.expect.expectRejection)
  })
  it.each(cases('TestGeneralPredicates').filter((c) => c.given.pod?.spec?.affinity).map((c, i) => [c.case ?? i, c]))('node affinity: %s', (_n, { given: g }: any) => {
    expect(matchesNode(g.pod, 'machine1', (g.syncNode ?? g.cachedNode).metadata.labels ?? {})).toBe(g.reasons === undefined)
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
