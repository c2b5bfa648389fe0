import { pathOf, resourceOfKind, type HorizontalPodAutoscaler, type HorizontalPodAutoscalerStatus, type Pod, type ResourceInfo } from '../../api'
import { deepEqual, goQuote, matches, parseApiVersion, type KubeObject, type Selector } from '../../apimachinery'
import { cacheKey, referenceTo, type ApiResponse } from '../../client-go'
import { SECOND, formatTime, type Micros } from '../../sim'
import type { Controller, ControllerEnv, Intent, RequestIntent } from '../controller'
import { customResourceOfKind } from '../custom-resources'
import { updateObject } from '../requests'
import { decide, Look, needsMetrics, referenceOf, rescaled, type Decision, type Memory, type TargetScale } from './decide'
import { rememberChange } from './limits'
import { FetchedMetrics, type Failure, type PodMetricsItem } from './metrics'
import { defaultSettings } from './settings'

/** Upstream: --horizontal-pod-autoscaler-sync-period */
const syncPeriod: Micros = 15 * SECOND

/** One sync of an autoscaler, between its requests. */
interface Work {
  readonly look: Look
  readonly path: string
  scale: KubeObject | undefined
  items: readonly PodMetricsItem[] | Failure | undefined
  readonly externals: Map<string, readonly number[] | Failure>
  decision: Decision | undefined
  /** Conflicts of the scale so far. */
  conflicts: number
}

interface State {
  readonly memories: Map<string, Memory>
  readonly work: Map<string, Work>
}

type Env = ControllerEnv<State>
type Tag = { readonly of: 'scale' | 'scale-again' | 'pods' | 'rescale' | 'status' } | { readonly of: 'external'; readonly metric: string }

const ask = (path: string, tag: Tag, query?: Readonly<Record<string, string>>): RequestIntent =>
  ({ do: 'request', request: { verb: tag.of === 'pods' || tag.of === 'external' ? 'list' : 'get', path, query }, tag })

/** Scales workloads with what they use. Upstream: pkg/controller/podautoscaler/horizontal.go */
export const horizontalPodAutoscalerController: Controller<State> = {
  name: 'horizontal-pod-autoscaler',
  component: 'horizontal-pod-autoscaler',
  resource: 'horizontalpodautoscalers',
  informers: [{ resource: 'horizontalpodautoscalers' }, { resource: 'pods', indexes: ['namespace'] }, { resource: 'customresourcedefinitions' }],
  workers: 5,
  backoff: { base: syncPeriod, max: syncPeriod },
  start: () => ({ memories: new Map(), work: new Map() }),

  onDelta(delta, env) {
    if (delta.resource !== 'horizontalpodautoscalers') return
    const key = cacheKey(delta.object)
    if (delta.type !== 'deleted') {
      if (!env.state.memories.has(key)) env.state.memories.set(key, { recommendations: [], ups: [], downs: [], selector: undefined })
      return env.enqueueAfter(key, syncPeriod)
    }
    env.state.memories.delete(key)
  },

  reconcile(key, env) {
    const hpa = env.cache<HorizontalPodAutoscaler>('horizontalpodautoscalers').byKey(key)
    if (hpa === undefined) return []
    const look = new Look(key, hpa, env.state.memories, env.ctx.wallMicros(), defaultSettings)
    const again: Intent = { do: 'requeue', after: syncPeriod }
    const { kind, name, apiVersion = '' } = hpa.spec.scaleTargetRef
    const { group } = parseApiVersion(apiVersion)
    const info: ResourceInfo | undefined = resourceOfKind(group, kind) ?? customResourceOfKind(env, group, kind)
    const path = info === undefined ? '' : pathOf(info, hpa.metadata.namespace, name, 'scale')
    env.state.work.set(key, { look, path, scale: undefined, items: undefined, externals: new Map(), decision: undefined, conflicts: 0 })
    if (info === undefined) return [again, ...noScale(look, `no matches for kind ${goQuote(kind)} in group ${goQuote(group)}`, 'unable to determine resource for scale target reference'), { do: 'then', step: 'done' }]
    return [again, ask(path, { of: 'scale' }), { do: 'then', step: 'decide' }, { do: 'then', step: 'done' }]
  },

  onResponse(key, tag, response, env) {
    const work = env.state.work.get(key) as Work
    const t = tag as Tag
    const ok = response.code >= 200 && response.code < 300
    switch (t.of) {
      case 'scale': {
        if (!ok) return { intents: noScale(work.look, messageOf(response), `failed to query scale subresource for ${referenceOf(work.look.hpa)}`), handled: true }
        work.scale = response.body
        return { intents: metricsRequests(work) }
      }
      case 'pods':
        work.items = ok ? (response.body as unknown as { items: readonly PodMetricsItem[] }).items : { error: resourceError(response, 'get pods.metrics.k8s.io') }
        return { handled: true }
      case 'external':
        work.externals.set(t.metric, ok ? [] : { error: resourceError(response, `get ${t.metric}.external.metrics.k8s.io`) })
        return { handled: true }
      case 'scale-again':
        if (ok) work.scale = response.body
        return { intents: [rescale(work)], handled: true }
      case 'rescale':
        return rescaleDone(work, response, ok, env)
      default:
        return undefined
    }
  },

  resume(key, step, _data, error, env) {
    const work = env.state.work.get(key) as Work
    if (step === 'done') {
      env.state.work.delete(key)
      return []
    }
    if (error !== undefined || work.scale === undefined || !env.state.memories.has(key)) return []
    const { look } = work
    const namespace = look.hpa.metadata.namespace as string
    const podsOf = (selector: Selector): readonly Pod[] => env.cache<Pod>('pods').by('namespace', namespace).filter((p) => matches(selector, p.metadata.labels))
    const decision = decide(look, scaleOf(work.scale), podsOf, new FetchedMetrics(work.items, work.externals))
    work.decision = decision
    return decision.rescale ? [rescale(work)] : conclude(work)
  },
}

/** What is wanted of the metrics APIs before anything can be computed. */
function metricsRequests(work: Work): readonly Intent[] {
  const { look } = work
  const scale = scaleOf(work.scale as KubeObject)
  if (!needsMetrics(look, scale)) return []
  const out: Intent[] = []
  const metrics = look.hpa.spec.metrics ?? []
  const namespace = look.hpa.metadata.namespace as string
  if (scale.selector !== '' && metrics.some((m) => m.type === 'Resource' || m.type === 'ContainerResource')) {
    out.push(ask(`/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`, { of: 'pods' }, { labelSelector: scale.selector }))
  }
  for (const metric of new Set(metrics.flatMap((m) => m.external?.metric.name ?? []))) out.push(ask(`/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${metric}`, { of: 'external', metric }))
  return out
}

const messageOf = (response: ApiResponse): string => (response.body as { message?: string }).message ?? 'unknown'

/** What client-go makes of an answer of a server that may not know the API. Upstream: rest/request.go transformResponse, errors.NewGenericServerResponse */
function resourceError(response: ApiResponse, what: string): string {
  if (response.code === 404) return `the server could not find the requested resource (${what})`
  if (response.code === 503) return `the server is currently unable to handle the request (${what})`
  return messageOf(response)
}

function scaleOf(o: KubeObject): TargetScale {
  const { spec, status } = o as KubeObject & { spec?: { replicas?: number }; status?: { replicas?: number; selector?: string } }
  return { replicas: spec?.replicas ?? 0, statusReplicas: status?.replicas ?? 0, selector: status?.selector ?? '' }
}

function noScale(look: Look, error: string, context: string): readonly Intent[] {
  look.warn('FailedGetScale', error)
  look.set('AbleToScale', 'False', 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${error}`)
  return [...saying(look), ...writeStatus(look, look.hpa.status), { do: 'fail', message: `${context}: ${error}` }]
}

function saying(look: Look): readonly Intent[] {
  const about = referenceTo(look.hpa)
  return look.said.splice(0).map((s) => ({ do: 'event', about, type: s.type, reason: s.reason, message: s.message }))
}

/** Writes the status when it says something else than before. Upstream: updateStatusIfNeeded */
function writeStatus(look: Look, status: HorizontalPodAutoscalerStatus | undefined): readonly Intent[] {
  const next = { ...status, desiredReplicas: status?.desiredReplicas ?? 0, conditions: look.conditions }
  if (deepEqual(next, look.hpa.status)) return []
  return [updateObject('horizontalpodautoscalers', { ...look.hpa, status: next } as KubeObject, 'status', { tag: { of: 'status' } satisfies Tag })]
}

function rescale(work: Work): RequestIntent {
  const { desired } = work.decision as Decision
  const o = work.scale as KubeObject & { spec?: object }
  return { do: 'request', request: { verb: 'update', path: work.path, body: { ...o, spec: { ...o.spec, replicas: desired } } }, tag: { of: 'rescale' } satisfies Tag }
}

/** Upstream: reconcileAutoscaler after Scales().Update, within retry.RetryOnConflict */
function rescaleDone(work: Work, response: ApiResponse, ok: boolean, env: Env): { readonly intents: readonly Intent[]; readonly handled: boolean } {
  const { look } = work
  const { desired, reason } = work.decision as Decision
  const from = scaleOf(work.scale as KubeObject).replicas
  if (!ok) {
    if (response.code === 409 && work.conflicts++ < 5) return { intents: [ask(work.path, { of: 'scale-again' })], handled: true }
    const error = messageOf(response)
    look.warn('FailedRescale', `New size: ${desired}; reason: ${reason}; error: ${error}`)
    look.set('AbleToScale', 'False', 'FailedUpdateScale', `the HPA controller was unable to update the target scale: ${error}`)
    const status = { ...look.hpa.status, currentReplicas: from, desiredReplicas: look.hpa.status?.desiredReplicas ?? 0 }
    return { intents: [...saying(look), ...writeStatus(look, status), { do: 'fail', message: `failed to rescale ${referenceOf(look.hpa)}: ${error}` }], handled: true }
  }
  rescaled(look, from, desired, reason)
  const { behavior } = look.hpa.spec
  const memory = env.state.memories.get(look.key)
  if (behavior && memory) {
    if (desired > from) rememberChange(memory.ups, behavior.scaleUp, desired - from, look.wall)
    else rememberChange(memory.downs, behavior.scaleDown, from - desired, look.wall)
  }
  return { intents: conclude(work), handled: true }
}

/** Upstream: setStatus, or setCurrentReplicasAndMetricsInStatus when nothing could be computed */
function conclude(work: Work): readonly Intent[] {
  const { look, decision } = work
  const { desired, rescale: changed, statuses, error } = decision as Decision
  const before = look.hpa.status
  const nothing = error !== undefined && look.conditions.find((c) => c.type === 'ScalingActive')?.status === 'False'
  const time = changed ? formatTime(look.wall) : before?.lastScaleTime
  const status: HorizontalPodAutoscalerStatus = {
    ...(before?.observedGeneration !== undefined && { observedGeneration: before.observedGeneration }),
    ...(time !== undefined && { lastScaleTime: time }),
    currentReplicas: scaleOf(work.scale as KubeObject).replicas,
    desiredReplicas: nothing ? (before?.desiredReplicas ?? 0) : desired,
    ...(statuses.length > 0 && { currentMetrics: [...statuses] }),
  }
  return [...saying(look), ...writeStatus(look, status), ...(error === undefined ? [] : [{ do: 'fail', message: error } as const])]
}

