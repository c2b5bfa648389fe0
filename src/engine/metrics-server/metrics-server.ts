import type { Node, Pod } from '../api'
import { matches, notFound, parseSelector, type KubeObject, type Selector, type Status } from '../apimachinery'
import { Client, InformerFactory, parsePath, type ApiRequest, type RequestMessage, type ResponseMessage } from '../client-go'
import { SECOND, formatTime, type Behaviour, type Ctx, type Message, type Micros } from '../sim'
import { nodeUsage, podUsages, type NodePoints, type NodeSample, type PodUsage, type Usage } from './usage'

/** Parameters of `metrics-server@<pod>`. */
export interface MetricsServerParams {
  readonly pod: string
}

/** State of `metrics-server@<pod>`. */
export interface MetricsServerState {
  readonly client: Client
  readonly informers: InformerFactory
  /** Samples by node. Bounds: one for each node that was scraped in the last two rounds. */
  readonly points: Map<string, NodePoints>
  /** Scrapes without an answer: their nodes by id. */
  readonly asked: Map<number, string>
}

/** Upstream: --metric-resolution */
const resolution: Micros = 15 * SECOND
const group = 'metrics.k8s.io'
const apiVersion = `${group}/v1beta1`

interface Scrape extends Message {
  readonly type: 'metrics-server/scrape'
}

/** metrics-server → kubelet; as kube-apiserver asks it for logs. */
interface KubeletAsked extends Message {
  readonly type: 'kubelet/request'
  readonly id: number
  readonly from: string
  readonly what: 'stats'
  readonly namespace: ''
  readonly pod: ''
}

interface KubeletAnswer extends Message {
  readonly type: 'kubelet/response'
  readonly id: number
  readonly code: number
  readonly body: unknown
}

/** Scrapes the kubelets and serves `metrics.k8s.io` behind kube-apiserver's aggregation. Upstream: kubernetes-sigs/metrics-server */
export const metricsServer: Behaviour<MetricsServerState, MetricsServerParams> = {
  kind: 'metrics-server',
  start(ctx) {
    const client = new Client('system:serviceaccount:kube-system:metrics-server', 'metrics-server')
    const state: MetricsServerState = { client, informers: new InformerFactory(client), points: new Map(), asked: new Map() }
    state.informers.add({ resource: 'nodes' })
    state.informers.add({ resource: 'pods', indexes: ['namespace'] })
    state.informers.start(ctx)
    const scrape: Scrape = { type: 'metrics-server/scrape' }
    ctx.after(SECOND, scrape)
    return state
  },
  handle(state, message, ctx) {
    switch (message.type) {
      case 'request':
        return serve(state, message as RequestMessage, ctx)
      case 'metrics-server/scrape':
        scrapeAll(state, ctx)
        ctx.after(resolution, message)
        return
      case 'kubelet/response':
        return scraped(state, message as KubeletAnswer, ctx)
      default:
    }
    const nothing = () => undefined
    if (!state.informers.receive(message, ctx, nothing)) for (const reply of state.client.receive(message, ctx)) state.informers.reply(reply, ctx, nothing)
  },
}

/** Asks every node's kubelet; nodes that did not answer the last time lose their points. Upstream: pkg/scraper/scraper.go */
function scrapeAll(state: MetricsServerState, ctx: Ctx): void {
  if (!state.informers.synced) return
  for (const node of state.asked.values()) state.points.delete(node)
  state.asked.clear()
  const nodes = state.informers.cache<Node>('nodes')
  for (const name of state.points.keys()) if (nodes.get('', name) === undefined) state.points.delete(name)
  for (const node of nodes.list()) {
    const { name } = node.metadata
    const id = ctx.unique()
    state.asked.set(id, name)
    const ask: KubeletAsked = { type: 'kubelet/request', id, from: ctx.self, what: 'stats', namespace: '', pod: '' }
    ctx.send(`kubelet@${name}`, ask)
  }
}

function scraped(state: MetricsServerState, answer: KubeletAnswer, ctx: Ctx): void {
  const node = state.asked.get(answer.id)
  if (node === undefined) return
  state.asked.delete(answer.id)
  if (answer.code !== 200) return void state.points.delete(node)
  const sample: NodeSample = { ...(answer.body as Omit<NodeSample, 'at'>), at: ctx.wallMicros() }
  const known = state.points.get(node)
  if (known === undefined) state.points.set(node, { last: sample, before: undefined })
  else {
    known.before = known.last
    known.last = sample
  }
}

function serve(state: MetricsServerState, message: RequestMessage, ctx: Ctx): void {
  const body = answer(state, message.request, ctx)
  const response: ResponseMessage = { type: 'response', id: message.id, response: { code: (body as unknown as Status).code ?? 200, body: Object.freeze(body) } }
  ctx.send(message.from, response, 500)
}

function answer(state: MetricsServerState, request: ApiRequest, ctx: Ctx): KubeObject {
  const { resource, namespace, name } = parsePath(request.path)
  const selector = parseSelector(request.query?.labelSelector ?? '')
  if (typeof selector === 'string') return failure({ ...notFound({ group, resource }, name), code: 400, reason: 'BadRequest', message: selector })
  if (resource === '') return discovery()
  if (resource === 'nodes') return answerNodes(state, name, selector, ctx)
  if (resource === 'pods') return answerPods(state, namespace, name, selector, ctx)
  return failure({ ...notFound({ group: '', resource: '' }, ''), message: 'the server could not find the requested resource', details: {} })
}

const failure = (status: Status): KubeObject => status as unknown as KubeObject

function discovery(): KubeObject {
  const row = (name: string, kind: string, namespaced: boolean) => ({ name, singularName: '', namespaced, kind, verbs: ['get', 'list'] })
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources: [row('nodes', 'NodeMetrics', false), row('pods', 'PodMetrics', true)] } as unknown as KubeObject
}

const list = (kind: string, items: readonly object[]): KubeObject => ({ kind: `${kind}List`, apiVersion, metadata: {}, items }) as unknown as KubeObject
const byName = (a: KubeObject, b: KubeObject): number => {
  const x = `${a.metadata.namespace ?? ''}/${a.metadata.name}`
  const y = `${b.metadata.namespace ?? ''}/${b.metadata.name}`
  return x < y ? -1 : x > y ? 1 : 0
}

const usageText = (u: Usage) => ({ cpu: `${Math.round(u.cpuMillis * 1_000_000)}n`, memory: `${Math.floor(u.memoryBytes / 1024)}Ki` })
const windowText = (window: Micros): string => `${Math.round(window / 1000) / 1000}s`

function meta(o: KubeObject, ctx: Ctx): object {
  const { name, namespace, labels } = o.metadata
  return { name, ...(namespace && { namespace }), creationTimestamp: ctx.wallTime(), ...(labels && { labels }) }
}

function answerNodes(state: MetricsServerState, name: string, selector: Selector, ctx: Ctx): KubeObject {
  const of = (node: Node): KubeObject | undefined => {
    const u = nodeUsage(state.points.get(node.metadata.name))
    return u && ({ kind: 'NodeMetrics', apiVersion, metadata: meta(node, ctx), timestamp: formatTime(u.at), window: windowText(u.window), usage: usageText(u) } as unknown as KubeObject)
  }
  const nodes = state.informers.cache<Node>('nodes')
  if (name !== '') {
    const node = nodes.get('', name)
    return (node && of(node)) ?? failure(notFound({ group, resource: 'nodes' }, name))
  }
  return list('NodeMetrics', [...nodes.list()].filter((n) => matches(selector, n.metadata.labels)).sort(byName).flatMap((n) => of(n) ?? []))
}

function answerPods(state: MetricsServerState, namespace: string, name: string, selector: Selector, ctx: Ctx): KubeObject {
  const usages = new Map<string, PodUsage>()
  for (const points of state.points.values()) for (const [key, u] of podUsages(points)) usages.set(key, u)
  const of = (pod: Pod): KubeObject | undefined => {
    const u = usages.get(`${pod.metadata.namespace}/${pod.metadata.name}`)
    if (u === undefined) return undefined
    const containers = u.containers.map((c) => ({ name: c.name, usage: usageText(c) }))
    return { kind: 'PodMetrics', apiVersion, metadata: meta(pod, ctx), timestamp: formatTime(u.at), window: windowText(u.window), containers } as unknown as KubeObject
  }
  const pods = state.informers.cache<Pod>('pods')
  if (name !== '') {
    const pod = pods.get(namespace, name)
    return (pod && of(pod)) ?? failure(notFound({ group, resource: 'pods' }, `${namespace}/${name}`))
  }
  const asked = namespace === '' ? [...pods.list()] : [...pods.by('namespace', namespace)]
  return list('PodMetrics', asked.filter((p) => p.status?.phase === 'Running' && matches(selector, p.metadata.labels)).sort(byName).flatMap((p) => of(p) ?? []))
}
