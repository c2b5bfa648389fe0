import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../sim'
import { newBackoff, nextBackoff, getBackoff } from './backoff'
import { containersReady, podInitialized, podReady } from './conditions'
import { expand } from './env'
import { getPhase } from './pod-phase'

const at = (name: string) => new URL(`../../../../shared/kubernetes/facts/${name}`, import.meta.url)
const here = existsSync(at('kubelet.json'))
const groups: any[] = here ? JSON.parse(readFileSync(at('kubelet.json'), 'utf8')).groups : []
const cases = (test: string): any[] => groups.find((g) => g.test === test)?.cases ?? []

describe.runIf(here)("upstream's own cases", () => {
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
