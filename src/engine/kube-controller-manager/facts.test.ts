import { describe, expect, test } from 'vitest'
import { facts } from '../apimachinery/facts.testing'
import type { Deployment, Job, Pod, ReplicaSet } from '../api'
import { TestEnv } from './testing'
import { compareForDeletion } from './pod-ranking'
import { replicaSetController } from './replicaset'
import { calculateStatus } from './replicaset/status'
import { rankForDeletion } from './replicaset/pods-to-delete'
import { deploymentController } from './deployment'
import { newReplicaSetSize, resolveFenceposts, sizeOf } from './deployment/fenceposts'
import { cleanUpUnhealthy, reconcileNewReplicaSet, reconcileOldReplicaSets } from './deployment/rolling'
import { equalIgnoreHash, findNewReplicaSet, findOldReplicaSets, replicaSetFraction } from './deployment/replica-sets'
import { isComplete, isProgressing, isTimedOut, stuckCheck } from './deployment/status'
import { Sync, replicaSetName, type Sets } from './deployment/sync'
import { remainingTime } from './job/backoff'
import { needsCleanUp, timeLeft } from './ttlafterfinished'
import { formatIndexes, parseIndexes } from './job/indexes'
import { endpointPorts, newSlice, podToEndpoint, sliceLabels } from './endpointslice/desired'
import { findPort, shouldBeInEndpoints, shouldSetHostname } from './endpointslice/services'
import { labelsToUpdate } from './nodelifecycle/labels'
import { noScheduleTaints } from './nodelifecycle/taints'
import { terminatedExcess } from './podgc'
import { tolerationTime } from './tainteviction/tolerations'
import { nodeShouldRun, onNode } from './daemon/should-run'
import { isUpdated } from './daemon/update'

type Case = { case: string; given: any; expect: any }
const group = (file: string, test: string): Case[] => facts<any>(file).groups.find((g: any) => g.test === test).cases

const intOrString = (s: string | number) => (typeof s === 'number' || s.endsWith('%') ? s : Number(s))
const deployment = (replicas: number, maxSurge: any, maxUnavailable: any = 0, status: any = {}): Deployment =>
  ({ metadata: { name: 'd', namespace: 'ns', generation: 1 }, spec: { replicas, selector: { matchLabels: { a: 'b' } }, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } }, template: {} }, status }) as unknown as Deployment
const rs = (name: string, replicas: number, available = replicas, extra: any = {}): ReplicaSet =>
  ({ metadata: { name, uid: name, creationTimestamp: '2026-01-01T00:00:00Z', ...extra }, spec: { replicas, selector: {} }, status: { replicas, readyReplicas: available, availableReplicas: available } }) as unknown as ReplicaSet
const syncOf = (d: Deployment, sets: ReplicaSet[] = []) => new Sync(new TestEnv(deploymentController), d, sets)

describe('deployment', () => {
  const posts = facts<any>('fn-deployment-fenceposts')
  test('fenceposts and sizes of new ReplicaSets equal upstream\'s, all cases', () => {
    for (const c of posts.fenceposts) expect(resolveFenceposts(intOrString(c.maxSurge), intOrString(c.maxUnavailable), c.desired), JSON.stringify(c)).toEqual({ surge: c.surge, unavailable: c.unavailable })
    for (const c of posts.newRS) expect(newReplicaSetSize(deployment(c.replicas, intOrString(c.maxSurge)), [rs('old', c.oldSpec), rs('new', c.newSpec)], c.newSpec), JSON.stringify(c)).toBe(c.newSpecAfter)
  })

  const steps = facts<any>('fn-deployment-rollout-steps')
  test('rolling updates take upstream\'s steps under each model of readiness', () => {
    const models: Record<string, true> = {}
    for (const c of steps.rolling) {
      models[c.readiness] = true
      let sets: Sets = { newRS: rs('new', c.steps[0][0], c.steps[0][1]), old: [rs('old', c.steps[0][2], c.steps[0][3])] }
      const d = deployment(c.replicas, intOrString(c.maxSurge), intOrString(c.maxUnavailable))
      for (const [i, want] of c.steps.entries()) {
        const [newSpec, newAvailable, oldSpec, oldAvailable] = want
        const newRS = rs('new', newSpec, newAvailable)
        const old = rs('old', oldSpec, oldAvailable)
        sets = { newRS, old: [old] }
        const next = c.steps[i + 1]
        if (next === undefined) break
        const sync = syncOf(d)
        const up = reconcileNewReplicaSet(sync, sets)
        const step = up.scaled ? up : reconcileOldReplicaSets(sync, sets)
        const after = [sizeOf(step.sets.newRS as ReplicaSet), sizeOf(step.sets.old[0] as ReplicaSet)]
        // Steps that change a size are the controller's; in the others pods become ready.
        if (next[0] !== newSpec || next[2] !== oldSpec) expect(after, `${JSON.stringify({ ...c, steps: undefined })} step ${i}: ${want}`).toEqual([next[0], next[2]])
      }
    }
    expect(Object.keys(models).length).toBeGreaterThan(1)
  })

  test('proportional scaling shares as upstream', () => {
    for (const c of steps.proportional) {
      const d = deployment(c.newDesired, intOrString(c.maxSurge), 0)
      const before = deployment(c.oldDesired, intOrString(c.maxSurge))
      const max = c.oldDesired + (resolveFenceposts(intOrString(c.maxSurge), 0, c.oldDesired) as { surge: number }).surge
      void before
      const n = c.sizesNewestFirst.length
      const sets = c.sizesNewestFirst.map((size: number, i: number) => rs(`rs-${i}`, size, size, { creationTimestamp: `2026-01-01T00:00:${String(59 - i).padStart(2, '0')}Z`, annotations: { 'deployment.kubernetes.io/desired-replicas': String(c.oldDesired), 'deployment.kubernetes.io/max-replicas': String(max) } }))
      const sync = syncOf(d)
      sync.scaleAll({ newRS: sets[0], old: sets.slice(1) })
      const after = sets.map(sizeOf)
      for (const i of sync.intents) if (i.do === 'request' && i.request.verb === 'update') after[Number((i.request.body as ReplicaSet).metadata.name.slice(3))] = sizeOf(i.request.body as ReplicaSet)
      expect(after, JSON.stringify(c)).toEqual(c.after)
      expect(n).toBeGreaterThan(0)
    }
  })

  test('a status of before a scaling down is not taken for pods that can be spared', () => {
    // 5 wanted, 2 may be missing; the old set was cut from 11 to 5 a moment ago and still counts 11.
    const step = reconcileOldReplicaSets(syncOf(deployment(5, 3, 2)), { newRS: rs('new', 3, 0), old: [rs('old', 5, 11)] })
    expect([step.scaled, step.sets.old.map(sizeOf)]).toEqual([false, [5]])
  })

  test('upstream\'s tables', () => {
    for (const c of group('deployment', 'TestEqualIgnoreHash')) expect(equalIgnoreHash(c.given.former, c.given.latter), c.case).toBe(c.expect.expected)
    for (const c of group('deployment', 'TestDeploymentComplete')) expect(isComplete(c.given.d, c.given.d.status), c.case).toBe(c.expect.expected)
    for (const c of group('deployment', 'TestDeploymentProgressing')) expect(isProgressing(c.given.d, c.given.newStatus), c.case).toBe(c.expect.expected)
    for (const c of group('deployment', 'TestGenerateReplicaSetName')) expect(replicaSetName(c.given.deploymentName, c.given.hash), c.case).toBe(c.expect.want)
    for (const c of group('deployment', 'TestGetReplicaSetFraction')) {
      if (c.given.enableDeploymentReplicaSetTerminatingReplicas) continue
      const annotations = c.given.rsAnnotations ?? {}
      expect(replicaSetFraction(rs('a', c.given.rsReplicas, 0, { annotations }), deployment(c.given.deploymentReplicas, c.given.deploymentMaxSurge, 0, { replicas: c.given.deploymentStatusReplicas })), c.case).toBe(c.expect.expectedFraction)
    }
    for (const c of group('deployment', 'TestDeploymentController_reconcileNewReplicaSet')) {
      const g = c.given
      const step = reconcileNewReplicaSet(syncOf(deployment(g.deploymentReplicas, g.maxSurge ?? 0)), { newRS: rs('new', g.newReplicas), old: [rs('old', g.oldReplicas)] })
      expect([step.scaled, step.scaled ? sizeOf(step.sets.newRS as ReplicaSet) : undefined], JSON.stringify(c)).toEqual([c.expect.scaleExpected, c.expect.scaleExpected ? c.expect.expectedNewReplicas : undefined])
    }
    for (const c of group('deployment', 'TestDeploymentController_reconcileOldReplicaSets')) {
      const g = c.given
      const step = reconcileOldReplicaSets(syncOf(deployment(g.deploymentReplicas, 0, g.maxUnavailable ?? 2)), { newRS: rs('new', g.newReplicas, g.readyPodsFromNewRS), old: [rs('old', g.oldReplicas, g.readyPodsFromOldRS)] })
      expect(step.scaled, JSON.stringify(c)).toBe(c.expect.scaleExpected)
    }
    for (const c of group('deployment', 'TestDeploymentController_cleanupUnhealthyReplicas')) {
      const down = cleanUpUnhealthy(syncOf(deployment(10, 2, 2)), [rs('old', c.given.oldReplicas, c.given.readyPods)], c.given.maxCleanupCount)
      expect(down?.count, JSON.stringify(c)).toBe(c.expect.cleanupCountExpected)
    }
    for (const c of group('deployment', 'TestFindNewReplicaSet')) expect(findNewReplicaSet(c.given.deployment, c.given.rsList)?.metadata.name, c.case).toBe(c.expect.expected?.metadata?.name)
    for (const c of group('deployment', 'TestFindOldReplicaSets')) {
      const found = findNewReplicaSet(c.given.deployment, c.given.rsList)
      expect(findOldReplicaSets(c.given.rsList, found).map((r) => r.metadata.name).sort(), c.case).toEqual((c.expect.expected ?? []).map((r: ReplicaSet) => r.metadata.name).sort())
    }
    // Upstream's clock in these two tables stands at these moments.
    for (const c of group('deployment', 'TestDeploymentTimedOut')) expect(isTimedOut(c.given.d, Date.parse('2016-01-01T00:01:20Z') * 1000), c.case).toBe(c.expect.expected)
    const clock: Record<string, string> = { '30s': '2017-02-15T18:49:30Z', '0s': '2017-02-15T18:50:01Z', '-1ns': '2017-02-15T18:49:30Z' }
    for (const c of group('deployment', 'TestRequeueStuckDeployment')) {
      const after = stuckCheck(c.given.d, c.given.status, Date.parse(clock[c.expect.expected] as string) * 1000)
      expect(after === undefined ? '-1ns' : `${after / 1e6}s`, c.case).toBe(c.expect.expected)
    }
  })
})

describe('pods', () => {
  test('are ranked for deletion as upstream ranks them', () => {
    const now = Date.parse('2026-11-20T00:00:00Z') * 1000
    const at = (seconds: number) => new Date(now / 1000 - seconds * 1000).toISOString().replace('.000Z', 'Z')
    for (const c of facts<any>('fn-pod-deletion-ranking').cases) {
      const ranked = c.pods.map((p: any) => ({
        rank: p.colocatedRank,
        pod: {
          metadata: { name: p.name, uid: p.uid, creationTimestamp: at(p.ageSeconds), annotations: p.deletionCost === undefined ? undefined : { 'controller.kubernetes.io/pod-deletion-cost': String(p.deletionCost) } },
          spec: { nodeName: p.node, containers: [] },
          status: { phase: p.phase, conditions: p.readyForSeconds === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: at(p.readyForSeconds) }], containerStatuses: [{ restartCount: p.restarts }] },
        } as unknown as Pod,
      }))
      ranked.sort((a: any, b: any) => compareForDeletion(a, b, now))
      expect(ranked.map((r: any) => r.pod.metadata.name), JSON.stringify(c.pods)).toEqual(c.deletionOrder)
    }
    for (const c of group('replicaset', 'TestGetPodsToDelete')) {
      if (c.given.diff === 0 || c.given.diff >= c.given.pods.length) continue
      const whole = (pods: any[]): Pod[] => pods.map((p) => ({ ...p, spec: p.spec ?? {} }))
      expect(rankForDeletion(whole(c.given.pods), whole(c.given.related ?? []), now).slice(0, c.given.diff).map((p) => p.metadata.name), c.case).toEqual(c.expect.expectedPodsToDelete.map((p: Pod) => p.metadata.name))
    }
  })

  test('are counted in a ReplicaSet\'s status', () => {
    for (const c of group('replicaset', 'TestCalculateStatus')) {
      // The tables were dumped within the hour that their pods need to become available.
      const now = Date.parse('2026-11-20T08:00:00Z') * 1000
      const set = c.given.replicaset ?? c.given.replicaSet ?? c.given.rs
      const s = calculateStatus(set, c.given.activePods ?? [], (c.given.terminatingPods ?? []).length, now)
      const want = c.expect.expectedReplicaSetStatus
      expect([s.replicas, s.fullyLabeledReplicas, s.readyReplicas, s.availableReplicas], c.case).toEqual([want.replicas, want.fullyLabeledReplicas ?? 0, want.readyReplicas ?? 0, want.availableReplicas ?? 0])
    }
    expect(replicaSetController.workers).toBe(5)
  })
})

describe('job', () => {
  const f = facts<any>('fn-job')
  test('back-off and index intervals equal upstream\'s', () => {
    for (const c of f.backoff) expect(remainingTime({ failures: c.failures, lastFailure: 1000 }, 1000)).toBe(c.backoffSeconds * 1e6)
    for (const c of f.format) expect(formatIndexes(c.indexes)).toBe(c.string)
    for (const c of f.parse) {
      const parsed = parseIndexes(c.in, c.completions)
      expect([formatIndexes(parsed), parsed.size], c.in).toEqual([c.out, c.total])
    }
  })
})

describe('ttlafterfinished', () => {
  test('what is left of a finished job equals upstream\'s', () => {
    for (const c of group('job', 'TestTimeLeft')) {
      const { completionTime, failedTime, since, ttl } = c.given
      const over = (type: string, at?: string) => (at === undefined ? [] : [{ type, status: 'True', lastTransitionTime: at }])
      const job = { metadata: { name: 'j' }, spec: { ttlSecondsAfterFinished: ttl }, status: { conditions: [...over('Complete', completionTime), ...over('Failed', failedTime)] } } as unknown as Job
      expect(needsCleanUp(job), c.case).toBe(!c.expect.expectErr)
      // The dump cut the job's times to seconds, not that of the clock.
      if (!c.expect.expectErr) expect(`${timeLeft(job, Date.parse(`${since.slice(0, 19)}Z`) * 1000) / 1e6}s`, c.case).toBe(c.expect.expectedTimeLeft)
    }
  })
})

describe('endpoints', () => {
  test('of pods and services as upstream makes them', () => {
    for (const c of group('endpoints', 'TestNewEndpointSlice')) {
      if (!c.expect.expectedSlice || !c.given.service) continue
      const made = newSlice(c.given.service, 'IPv4', c.given.ports ?? [])
      expect(made.metadata.labels, c.case).toEqual(c.expect.expectedSlice.metadata.labels)
    }
    for (const c of group('endpoints', 'TestPodToEndpoint')) {
      expect(podToEndpoint(c.given.pod, c.given.node, c.given.svc, 'IPv4'), c.case).toEqual(c.expect.expectedEndpoint)
    }
    for (const c of group('endpoints', 'TestGetEndpointPorts')) if (c.given.service) expect(endpointPorts(c.given.service, c.given.pod), c.case).toEqual(c.expect.expectedPorts)
    for (const c of group('endpoints', 'TestShouldPodBeInEndpoints')) expect(shouldBeInEndpoints({ metadata: {}, ...c.given.pod }, c.given.includeTerminating), c.case).toBe(c.expect.expected)
    for (const c of group('endpoints', 'TestShouldSetHostname')) expect(shouldSetHostname(c.given.pod, c.given.service), c.case).toBe(c.expect.expected)
    for (const c of group('endpoints', 'TestFindPort')) {
      const pod = { spec: { containers: c.given.containers ?? [], initContainers: c.given.initContainers } } as unknown as Pod
      const found = findPort(pod, { port: 1, targetPort: c.given.port, protocol: 'TCP' })
      expect(found, c.case).toBe(c.given.pass === false ? undefined : c.expect.expected)
    }
    for (const c of group('endpoints', 'TestSetEndpointSliceLabels')) if (c.given.service) expect(sliceLabels(c.given.service), c.case).toEqual(c.expect.expectedLabels)
  })
})

describe('nodes', () => {
  test('old labels follow the stable ones', () => {
    for (const c of group('node-lifecycle', 'TestReconcileNodeLabels')) {
      const { Node: node, ExpectedLabels: want } = c.given
      expect({ ...node.metadata.labels, ...labelsToUpdate(node) }, c.case).toEqual(want ?? {})
    }
  })

  test('pods that are over go beyond the threshold, evicted ones first, then the oldest', () => {
    for (const c of group('node-lifecycle', 'TestGCTerminated')) {
      if (c.given.pods === undefined) continue
      // As in upstream's test, each pod is an hour younger than the one before.
      const pods = c.given.pods.map((p: any, i: number) => ({ metadata: { name: p.name, creationTimestamp: `2026-01-01T0${i}:00:00Z` }, status: { phase: p.phase, reason: p.reason } }))
      expect(terminatedExcess(pods, c.given.threshold).map((p) => p.metadata.name).sort(), JSON.stringify(c.given)).toEqual(Object.keys(c.expect.deletedPodNames ?? {}).sort())
    }
  })

  test('taints and tolerations as upstream', () => {
    for (const c of group('node-lifecycle', 'TestTaintsNodeByCondition')) {
      if (!c.given.Node) continue
      const { add } = noScheduleTaints(c.given.Node)
      expect(add.map((t) => t.key).sort(), c.case).toEqual(c.given.ExpectedTaints.map((t: any) => t.key).sort())
    }
    for (const c of group('node-lifecycle', 'TestGetMinTolerationTime')) {
      // Each toleration stands for a taint that it covers.
      const taints = c.given.tolerations.map((_: unknown, i: number) => ({ key: `k${i}`, effect: 'NoExecute' }))
      const tolerations = c.given.tolerations.map((t: any, i: number) => ({ key: `k${i}`, operator: 'Exists', ...t }))
      if (taints.length === 0) continue
      const min = tolerationTime(tolerations, taints)
      const want = c.expect.expected as string
      expect(min === undefined ? '-1ns' : `${min / 1e6}s`, JSON.stringify(c)).toBe(want)
    }
    for (const c of group('daemonset-gc-history', 'TestNodeShouldRunDaemonPod')) {
      const node = { metadata: { name: 'test-node', labels: { name: 'simple-daemon', type: 'production' } }, spec: { taints: c.given.nodeUnschedulable ? [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] : [] } }
      const found = nodeShouldRun(c.given.ds, node as never)
      expect([found.run, found.stay], JSON.stringify(c.case)).toEqual([c.expect.shouldRun, c.expect.shouldContinueRunning])
    }
    for (const c of group('daemonset-gc-history', 'TestIsPodUpdated')) expect(isUpdated(c.given.pod, c.given.hash ?? '', c.given.templateGeneration === undefined ? undefined : String(c.given.templateGeneration)), c.case).toBe(c.expect.isUpdated)
    for (const c of group('daemonset-gc-history', 'TestReplaceDaemonSetPodNodeNameNodeAffinity')) expect(onNode({ containers: [], affinity: c.given.affinity }, c.given.hostname).affinity, String(c.case)).toEqual(c.expect.expected)
  })
})
