import type { EndpointSlice, Pod, Service } from '../../api'
import { badRequest, genericServerResponse, notFound, type KubeObject, type Status } from '../../apimachinery'
import type { Ctx, Message } from '../../sim'
import type { Flight } from '../flight'
import { methodOf, readStages, refuse, respond, workTime } from '../respond'
import type { Served } from '../served'
import type { ServerState } from '../state'

/** A request of this server's own machine into the cluster's network, answered at once. */
interface OwnRequest extends Message {
  readonly type: 'cri/exchange'
  readonly namespace: ''
  readonly pod: ''
  readonly to: { readonly kind: 'http'; readonly host: string; readonly port: number; readonly path: string; readonly method: string; readonly agent: string }
}

type OwnAnswer = { readonly ok: true; readonly status: number; readonly body: string } | { readonly ok: false; readonly why: string }

/** Sends a request on to a pod or a Service, `[scheme:]name[:port]`. Upstream: pkg/registry/core/{pod,service}/rest/{subresources,proxy}.go */
export function proxyHttp(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  flight.stages = readStages
  const delay = workTime(readStages, ctx)
  const at = served.storage === 'pods' ? podAddress(state, flight, served) : serviceAddress(state, flight, served)
  if ('kind' in at) return refuse(state, flight, ctx, at, 'registry', delay)
  const to = { kind: 'http' as const, ...at, path: flight.subresource.slice('proxy'.length) || '/', method: methodOf(flight.request.verb), agent: flight.request.agent ?? 'curl/8.10.1' }
  const question: OwnRequest = { type: 'cri/exchange', namespace: '', pod: '', to }
  const answer = ctx.exchange?.(question) as OwnAnswer | undefined
  if (answer?.ok !== true) {
    const why = answer?.why === 'refused' ? 'connect: connection refused' : 'connect: i/o timeout'
    return refuse(state, flight, ctx, serviceUnavailable(`error trying to reach service: dial tcp ${at.host}:${at.port}: ${why}`), 'registry', delay)
  }
  respond(state, flight, ctx, answer.status, answer.body as unknown as KubeObject, undefined, delay)
}

const serviceUnavailable = (message: string): Status => ({ ...genericServerResponse(503, 'GET', { group: '', resource: '' }, '', ''), message })

interface Address {
  readonly host: string
  readonly port: number
}

/** Name and port, without a scheme before them. Upstream: apimachinery/pkg/util/net/port_split.go SplitSchemeNamePort */
function nameAndPort(text: string): readonly [name: string, port: string] {
  const [name = '', port = ''] = text.replace(/^https?:/, '').split(':')
  return [name, port]
}

function podAddress(state: ServerState, flight: Flight, served: Served): Address | Status {
  const [name, port] = nameAndPort(flight.name)
  const pod = state.cache.get('pods', flight.namespace, name) as Pod | undefined
  if (pod === undefined) return notFound(served.gr, name)
  const host = pod.status?.podIP
  if (host === undefined) return badRequest('address not allowed')
  return { host, port: Number(port) || (pod.spec.containers.find((c) => (c.ports?.length ?? 0) > 0)?.ports?.[0]?.containerPort ?? 80) }
}

function serviceAddress(state: ServerState, flight: Flight, served: Served): Address | Status {
  const [name, wanted] = nameAndPort(flight.name)
  const service = state.cache.get('services', flight.namespace, name) as Service | undefined
  if (service === undefined) return notFound(served.gr, name)
  const ports = service.spec?.ports ?? []
  const port = wanted === '' ? (ports.length === 1 ? ports[0] : ports.find((p) => (p.name ?? '') === '')) : ports.find((p) => p.name === wanted || String(p.port) === wanted)
  if (port === undefined) return serviceUnavailable(`no service port ${JSON.stringify(wanted)} found for service ${JSON.stringify(name)}`)
  for (const slice of state.cache.list('endpointslices', flight.namespace) as Iterable<EndpointSlice>) {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== name) continue
    const target = slice.ports?.find((p) => (p.name ?? '') === (port.name ?? ''))
    const host = slice.endpoints?.find((e) => e.conditions?.ready !== false)?.addresses[0]
    if (target?.port !== undefined && host !== undefined) return { host, port: target.port }
  }
  return serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`)
}
