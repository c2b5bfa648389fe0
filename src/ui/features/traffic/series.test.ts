import { describe, expect, test } from 'vitest'
import type { SecondStats, StepRow } from '../../../bridge/protocol'
import { rolloutsOf, seriesOf, totals } from './series'

const S = 1_000_000
const second = (at: number, finished: number, ok: number): SecondStats => ({ at: at * S, finished, ok, counts: [], p50: 4000, p95: 9000, p99: 20_000 })
const step = (at: number, verb: string, lane: string, milestone: string | null = null): StepRow => ({ n: at, at: at * S, endedAt: 0, until: 0, kind: 'transaction', lane, caption: '', verb, object: { resource: 'deployments', namespace: 'default', name: 'web' }, revision: 0, count: 1, hops: [], milestone, failed: false, record: 0 })

describe('the seconds of a Service', () => {
  test('a second without requests is a gap, and the rate is 0 there', () => {
    expect(seriesOf([second(1, 10, 10), second(5, 4, 3)], 0, 6 * S)).toMatchObject({ times: [1, 2, 5], success: [100, null, 75], rate: [10, 0, 4], p95: [9, null, 9] })
  })
  test('the second that is not over has no rate yet', () => {
    expect(seriesOf([second(1, 10, 10), second(2, 3, 3)], 0, 2.4 * S)).toMatchObject({ times: [1, 2], success: [100, 100], rate: [10, null] })
  })
  test('are summed over the time that is asked for', () => {
    expect(totals([second(1, 10, 10), second(2, 10, 5), second(9, 10, 0)], 1 * S, 3 * S)).toMatchObject({ finished: 20, ok: 15, rate: 10, worst: 50 })
  })
  test('of a rollout: from the change to the last new pod; the first deployment is none', () => {
    const steps = [step(1, 'create', 'kubectl'), step(3, 'update', 'kube-controller-manager', 'Rolled out'), step(10, 'patch', 'kubectl'), step(20, 'update', 'kube-controller-manager', 'Rolled out')]
    expect(rolloutsOf(steps, 'default', 30 * S)).toEqual([{ name: 'web', from: 10 * S, to: 20 * S }])
    expect(rolloutsOf(steps, 'default', 15 * S)).toEqual([])
  })
})
