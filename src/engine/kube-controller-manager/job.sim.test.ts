import { describe, expect, test } from 'vitest'
import type { Job, Pod } from '../api'
import { SECOND } from '../sim'
import { TestCluster } from './testing'

const jobs = '/apis/batch/v1/namespaces/default/jobs'
const pods = '/api/v1/namespaces/default/pods'
const job = (spec: object) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', namespace: 'default' }, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1.36' }] } }, ...spec } })

/** Ends all running pods. */
function end(c: TestCluster, phase: 'Succeeded' | 'Failed'): void {
  const now = new Date((c.sim.state.epoch + c.sim.now) / 1000).toISOString().replace(/\.\d+Z/, 'Z')
  for (const p of c.list<Pod>(pods)) {
    if (p.status?.phase === 'Succeeded' || p.status?.phase === 'Failed') continue
    const status = { phase, conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: now }], containerStatuses: [{ name: 'c', ready: false, restartCount: 0, image: '', imageID: '', state: { terminated: { exitCode: phase === 'Failed' ? 1 : 0, finishedAt: now } } }] }
    c.must({ verb: 'patch', path: `${pods}/${p.metadata.name}/status`, patchType: 'application/strategic-merge-patch+json', body: { status } })
  }
}

const get = (c: TestCluster) => c.must({ verb: 'get', path: `${jobs}/j` }) as Job

describe('a Job', () => {
  test('runs its pods until enough have succeeded', () => {
    const c = new TestCluster()
    const watch = c.watch(jobs)
    c.must({ verb: 'create', path: jobs, body: job({ completions: 3, parallelism: 2 }) })
    for (let i = 0; i < 3; i++) {
      c.settle(2)
      expect(c.list<Pod>(pods).filter((p) => p.status?.phase === 'Running').length).toBe(i === 0 ? 2 : i === 1 ? 1 : 0)
      end(c, 'Succeeded')
      c.run(3 * SECOND)
    }
    const j = get(c)
    expect(j.status).toMatchObject({ succeeded: 3, ready: 0, terminating: 0, uncountedTerminatedPods: {} })
    expect(j.status?.active ?? 0).toBe(0)
    expect(j.status?.conditions?.map((x) => `${x.type} ${x.reason}`)).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'])
    expect(c.list<Pod>(pods).every((p) => p.metadata.finalizers === undefined)).toBe(true)
    expect(c.kubeEvents()).toContain('Job/j Normal Completed Job completed')
    // No pod is counted before its uid was noted.
    const noted = c.events(watch).map((e) => (e.object as Job).status)
    expect(noted.some((s) => (s?.uncountedTerminatedPods?.succeeded?.length ?? 0) > 0)).toBe(true)
  })

  test('backs off 10 s, 20 s and fails at its limit', () => {
    const c = new TestCluster()
    c.must({ verb: 'create', path: jobs, body: job({ backoffLimit: 2 }) })
    const made: number[] = []
    for (let i = 0; i < 3; i++) {
      while (c.list<Pod>(pods).length === i) c.run(SECOND / 4)
      made.push(c.sim.now)
      c.settle(2)
      end(c, 'Failed')
      c.run(4 * SECOND)
    }
    const gaps = [1, 2].map((i) => Math.round(((made[i] as number) - (made[i - 1] as number)) / SECOND))
    expect(gaps[0]).toBeGreaterThanOrEqual(10)
    expect(gaps[0]).toBeLessThanOrEqual(12)
    expect(gaps[1]).toBeGreaterThanOrEqual(20)
    expect(gaps[1]).toBeLessThanOrEqual(22)
    expect(get(c).status?.failed).toBe(3)
    expect(get(c).status?.conditions?.map((x) => `${x.type} ${x.reason}`)).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded'])
    expect(c.kubeEvents()).toContain('Job/j Warning BackoffLimitExceeded Job has reached the specified backoff limit')
  })

  test('an Indexed one gives each pod its index', () => {
    const c = new TestCluster()
    c.must({ verb: 'create', path: jobs, body: job({ completions: 3, parallelism: 3, completionMode: 'Indexed' }) })
    c.settle(2)
    expect(c.list<Pod>(pods).map((p) => p.spec.hostname).sort()).toEqual(['j-0', 'j-1', 'j-2'])
    end(c, 'Succeeded')
    c.run(3 * SECOND)
    expect(get(c).status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' })
  })
})
