import type { Pod, PodDisruptionBudget } from '../../api'
import { badRequest, internalError, labelSelector, matches, notFound, tooManyRequests, type KubeObject, type Status } from '../../apimachinery'
import type { EtcdAnswer } from '../../etcd'
import type { Ctx } from '../../sim'
import type { Flight } from '../flight'
import { plainSuccess, refuse, respond, workTime, writeStages } from '../respond'
import { servedByName, storageKey, type Served } from '../served'
import type { ServerState } from '../state'
import { revisionOf, storageFailed } from '../storage'
import { remove } from './delete'

/**
 * POST of an Eviction: a deletion that asks the pod's disruption budget first. One transaction takes one allowed disruption off the budget
 * and sets the pod's condition DisruptionTarget (upstream: two writes); then the pod is deleted as by DELETE.
 * Upstream: pkg/registry/core/pod/storage/eviction.go
 */
export function evict(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  flight.stages = writeStages
  const delay = workTime(writeStages, ctx)
  const name = (flight.request.body as KubeObject | undefined)?.metadata?.name
  if (name && name !== flight.name) return refuse(state, flight, ctx, badRequest('name in URL does not match name in Eviction object'), 'validation', delay)
  const pod = state.cache.get('pods', flight.namespace, flight.name) as Pod | undefined
  if (pod === undefined) return refuse(state, flight, ctx, notFound(served.gr, flight.name), 'registry', delay)
  if (ignoresBudget(pod)) return deletePod(state, flight, served, ctx)
  const budgets = budgetsOf(state, pod)
  if (budgets.length > 1) {
    const text = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    return refuse(state, flight, ctx, { ...internalError(text), message: text }, 'registry', delay)
  }
  const budget = budgets[0]
  const needsBudget = budget !== undefined && !unhealthyMayGo(pod, budget)
  const refused = needsBudget ? disruptionRefused(budget) : undefined
  if (refused) return refuse(state, flight, ctx, refused, 'registry', delay)
  if (flight.dryRun) return respond(state, flight, ctx, 201, plainSuccess, undefined, delay)
  const key = storageKey(served, flight.namespace, flight.name)
  const compare = [{ key, modRevision: revisionOf(pod as KubeObject) }]
  const writes = [{ key, value: condemned(pod, ctx.wallTime()) }]
  if (needsBudget) {
    const budgetKey = storageKey(servedByName('poddisruptionbudgets') as Served, flight.namespace, budget.metadata.name)
    compare.push({ key: budgetKey, modRevision: revisionOf(budget as KubeObject) })
    writes.push({ key: budgetKey, value: charged(budget, flight.name, ctx.wallTime()) })
  }
  flight.step = 'evict-budget'
  flight.etcdAt = ctx.now
  state.etcd.send(ctx, { op: 'txn', compare, writes, about: { resource: 'pods', namespace: flight.namespace, name: flight.name } }, flight, delay)
}

/** Etcd has answered the transaction. */
export function evictAnswered(state: ServerState, flight: Flight, answer: EtcdAnswer, ctx: Ctx): void {
  if (answer.error !== undefined) return storageFailed(state, flight, answer.error, ctx)
  const served = servedByName('pods') as Served
  if (answer.succeeded) return deletePod(state, flight, served, ctx)
  // Pod or budget moved meanwhile: judge again. The cache has what etcd just told.
  if (++flight.attempts > 16) return refuse(state, flight, ctx, tooManyRequests(refusal, 0), 'registry')
  evict(state, flight, served, ctx)
}

const refusal = "Cannot evict pod as it would violate the pod's disruption budget."

function deletePod(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  remove(state, flight, served, ctx)
}

/** Pods that are not (or no longer) running disturb nobody. Upstream: canIgnorePDB */
function ignoresBudget({ status, metadata }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' || status?.phase === 'Pending' || metadata.deletionTimestamp !== undefined
}

function budgetsOf(state: ServerState, pod: Pod): PodDisruptionBudget[] {
  const out: PodDisruptionBudget[] = []
  for (const o of state.cache.of('poddisruptionbudgets').values(pod.metadata.namespace)) {
    const budget = o as PodDisruptionBudget
    if (budget.spec?.selector && matches(labelSelector(budget.spec.selector), pod.metadata.labels)) out.push(budget)
  }
  return out
}

function unhealthyMayGo(pod: Pod, budget: PodDisruptionBudget): boolean {
  if (pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) return false
  if (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  return (budget.status?.currentHealthy ?? 0) >= (budget.status?.desiredHealthy ?? 0) && (budget.status?.desiredHealthy ?? 0) > 0
}

/** Upstream: checkAndDecrement */
function disruptionRefused(budget: PodDisruptionBudget): Status | undefined {
  const { name, generation = 0 } = budget.metadata
  const { observedGeneration = 0, disruptionsAllowed = 0, desiredHealthy = 0, currentHealthy = 0 } = budget.status ?? {}
  const refuseFor = (message: string, retry: number): Status => {
    const status = tooManyRequests(refusal, retry)
    return { ...status, details: { ...status.details, causes: [{ reason: 'DisruptionBudget', message }] } }
  }
  if (observedGeneration < generation) return refuseFor(`The disruption budget ${name} is still being processed by the server.`, 10)
  if (disruptionsAllowed > 0) return undefined
  return refuseFor(`The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`, 0)
}

function charged(budget: PodDisruptionBudget, pod: string, time: string): KubeObject {
  const { status } = budget
  const disruptedPods = { ...status?.disruptedPods, [pod]: time }
  return { ...budget, status: { ...status, disruptionsAllowed: (status?.disruptionsAllowed ?? 1) - 1, disruptedPods } } as KubeObject
}

function condemned(pod: Pod, time: string): KubeObject {
  const condition = {
    lastProbeTime: null, lastTransitionTime: time, message: 'Eviction API: evicting',
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }), reason: 'EvictionByEvictionAPI', status: 'True', type: 'DisruptionTarget',
  }
  const others = (pod.status?.conditions ?? []).filter((c) => c.type !== 'DisruptionTarget')
  return { ...pod, status: { ...pod.status, conditions: [...others, condition] } } as unknown as KubeObject
}
