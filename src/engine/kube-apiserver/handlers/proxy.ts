import type { Pod } from '../../api'
import { badRequest, internalError, notFound, type KubeObject } from '../../apimachinery'
import { SECOND, type Ctx, type Message } from '../../sim'
import type { Flight } from '../flight'
import { plainFailure, readStages, refuse, respond, workTime } from '../respond'
import type { Served } from '../served'
import type { ServerState } from '../state'

/** server → kubelet: what a client wants of a container on its node. `what`: log, exec, … */
export interface KubeletRequest extends Message {
  readonly type: 'kubelet/request'
  readonly id: number
  readonly from: string
  readonly what: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** Query of the request: tailLines, previous, timestamps, follow, … */
  readonly options: Readonly<Record<string, string>>
  /** exec: the command line and what is typed into it, from the request's body (a stream upstream). */
  readonly command?: readonly string[] | undefined
  readonly stdin?: string | undefined
}

/** kubelet → server. `body`: plain text or a Status. */
export interface KubeletResponse extends Message {
  readonly type: 'kubelet/response'
  readonly id: number
  readonly code: number
  readonly body: unknown
}

const patience = 30 * SECOND

/** GET of a pod's log, and whatever else only its kubelet knows. Upstream: pkg/registry/core/pod/rest/log.go, strategy.go LogLocation */
export function proxyToKubelet(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  flight.stages = readStages
  const delay = workTime(readStages, ctx)
  const pod = state.cache.get('pods', flight.namespace, flight.name) as Pod | undefined
  if (pod === undefined) return refuse(state, flight, ctx, notFound(served.gr, flight.name), 'registry', delay)
  const { query = {} } = flight.request
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])].map((c) => c.name)
  let container = query.container ?? ''
  if (container === '') {
    if (pod.spec.containers.length > 1 || all.length > 1) {
      const names = (list: readonly { readonly name: string }[] | undefined) => (list ?? []).map((c) => c.name).join(' ')
      const inits = pod.spec.initContainers?.length ? ` or one of the init containers: [${names(pod.spec.initContainers)}]` : ''
      return refuse(state, flight, ctx, badRequest(`a container name must be specified for pod ${flight.name}, choose one of: [${names(pod.spec.containers)}]${inits}`), 'registry', delay)
    }
    container = all[0] ?? ''
  } else if (!all.includes(container)) return refuse(state, flight, ctx, badRequest(`container ${container} is not valid for pod ${flight.name}`), 'registry', delay)
  const node = pod.spec.nodeName
  // A pod without a node has no log yet; upstream answers an empty one.
  if (!node) return respond(state, flight, ctx, 200, '' as unknown as KubeObject, undefined, delay)
  const id = ctx.unique()
  flight.step = 'proxy'
  state.proxied.set(id, { flight, node, until: ctx.now + patience })
  const message: KubeletRequest = {
    type: 'kubelet/request', id, from: ctx.self, what: flight.subresource, namespace: flight.namespace, pod: flight.name, container, options: query, ...execBody(flight.request.body),
  }
  ctx.send(`kubelet@${node}`, message, delay)
  ctx.after(patience, { type: 'apiserver/proxy-timeout' })
}

function execBody(body: unknown): { readonly command?: readonly string[]; readonly stdin?: string | undefined } {
  const { command, stdin } = (body ?? {}) as { readonly command?: unknown; readonly stdin?: unknown }
  return Array.isArray(command) ? { command: command.map(String), stdin: typeof stdin === 'string' ? stdin : undefined } : {}
}

/** The kubelet has answered. */
export function proxyAnswered(state: ServerState, message: KubeletResponse, ctx: Ctx): void {
  const p = state.proxied.get(message.id)
  if (p === undefined) return
  state.proxied.delete(message.id)
  respond(state, p.flight, ctx, message.code, message.body as KubeObject)
}

/** No kubelet listens, it died, or it is silent. Upstream's texts of the dialer. */
export function proxyFailed(state: ServerState, ctx: Ctx, which: (id: number, node: string) => boolean, why: 'refused' | 'lost' | 'timeout'): void {
  for (const [id, p] of state.proxied) {
    if (!(why === 'timeout' ? p.until <= ctx.now : which(id, p.node))) continue
    state.proxied.delete(id)
    const { flight, node } = p
    const address = addressOf(state, node)
    const url = `https://${address}:10250/${flight.subresource === 'log' ? 'containerLogs' : flight.subresource}/${flight.namespace}/${flight.name}/${flight.request.query?.container ?? ''}`
    const reason = why === 'refused' ? 'connect: connection refused' : why === 'lost' ? 'read: connection reset by peer' : 'i/o timeout'
    const text = `Get "${url}": dial tcp ${address}:10250: ${reason}`
    refuse(state, flight, ctx, why === 'timeout' ? plainFailure(text) : internalStatus(text), 'registry')
  }
}

function internalStatus(text: string) {
  return { ...internalError(text), message: text }
}

function addressOf(state: ServerState, node: string): string {
  const n = state.cache.get('nodes', '', node) as { status?: { addresses?: readonly { type: string; address: string }[] } } | undefined
  return n?.status?.addresses?.find((a) => a.type === 'InternalIP')?.address ?? node
}
