import { isStatus, methodNotSupported, notFound, parseTime, sha256, type KubeObject } from '../../apimachinery'
import type { ParsedPath } from '../../client-go'
import type { Ctx } from '../../sim'
import type { Flight } from '../flight'
import { componentStatusColumns } from '../registry/core/component-status'
import { ipAddressColumns } from '../registry/networking/ip-address'
import type { Column } from '../registry/strategy'
import { readStages, refuse, respond, workTime } from '../respond'
import { parseSelection } from '../selection'
import { generic, serve, type Served } from '../served'
import type { ServerState } from '../state'
import { toTable } from '../table'
import type { WatchCache } from '../watch-cache'
import { listBody } from './read'

/** What these kinds have; each has a part of it. */
interface Shown extends KubeObject {
  readonly spec?: {
    readonly renewTime?: string
    readonly clusterIPs?: readonly string[]
    readonly parentRef?: object
  }
  readonly conditions?: readonly object[]
}

interface Computed {
  readonly served: Served
  /** Its objects, in the order of their names. */
  readonly list: (cache: WatchCache, now: number) => readonly Shown[]
}

/** Lease by which a component says that it lives, and its port on the control plane. */
const COMPONENTS = [['controller-manager', 'kube-controller-manager', 10_257], ['scheduler', 'kube-scheduler', 10_259]] as const
const PATIENCE = 15_000_000

/** Upstream: pkg/registry/core/componentstatus. The server asks the components' ports; here their leases tell. */
function componentStatuses(cache: WatchCache, now: number): Shown[] {
  const found: Shown[] = COMPONENTS.map(([name, lease, port]) => {
    const renewed = (cache.get('leases', 'kube-system', lease) as Shown | undefined)?.spec?.renewTime
    const isAlive = renewed !== undefined && now - (parseTime(renewed) ?? 0) < PATIENCE
    const message = isAlive ? 'ok' : `Get "https://127.0.0.1:${port}/healthz": dial tcp 127.0.0.1:${port}: connect: connection refused`
    return { metadata: { name }, conditions: [{ type: 'Healthy', status: isAlive ? 'True' : 'False', message }] }
  })
  return [found[0]!, { metadata: { name: 'etcd-0' }, conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }] }, found[1]!]
}

/** What the server makes when it starts is as old as the system's namespace. */
function born(cache: WatchCache, kind: string, name: string, more: Partial<KubeObject['metadata']> = {}): KubeObject['metadata'] {
  const hex = sha256(`${kind}/${name}`).map((b) => b.toString(16).padStart(2, '0')).join('')
  const uid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  const at = cache.get('namespaces', '', 'kube-system')?.metadata.creationTimestamp
  return { name, uid, resourceVersion: '1', ...(at === undefined ? {} : { creationTimestamp: at }), ...more }
}

/** One for each address that a service has. Upstream: pkg/registry/core/service/ipallocator */
function ipAddresses(cache: WatchCache): Shown[] {
  const found: Shown[] = []
  for (const service of cache.of('services').sorted() as readonly Shown[]) {
    for (const ip of service.spec?.clusterIPs ?? []) {
      if (ip === 'None') continue
      const labels = { 'ipaddress.kubernetes.io/ip-family': ip.includes(':') ? 'IPv6' : 'IPv4', 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' }
      const { name, namespace, creationTimestamp } = service.metadata
      const metadata = born(cache, 'IPAddress', ip, { labels, ...(creationTimestamp === undefined ? {} : { creationTimestamp }) })
      found.push({ metadata, spec: { parentRef: { group: '', name, namespace: namespace ?? '', resource: 'services' } } })
    }
  }
  return found.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

function row(group: string, version: string, kind: string, resource: string, namespaced: boolean, list: Computed['list'], columns: readonly Column<KubeObject>[], shortNames: readonly string[]): Computed {
  const info = { resource, kind, group, version, namespaced }
  return { list, served: serve(info, { ...generic(info), shortNames, subresources: [], columns }, resource) }
}

/** Kinds that are only read: the server makes them by itself. */
const COMPUTED: readonly Computed[] = [
  row('', 'v1', 'ComponentStatus', 'componentstatuses', false, componentStatuses, componentStatusColumns, ['cs']),
  row('networking.k8s.io', 'v1', 'IPAddress', 'ipaddresses', false, ipAddresses, ipAddressColumns, ['ip']),
]

/** Kinds that are only read, for discovery. */
export const computedServed: readonly Served[] = COMPUTED.map((c) => c.served)

/** Answers for a kind that is only read; false when the path names none. */
export function answerComputed(state: ServerState, flight: Flight, path: ParsedPath, ctx: Ctx): boolean {
  const found = COMPUTED.find(({ served: { info } }) => info.resource === path.resource && info.group === path.group && info.version === path.version)
  if (found === undefined || path.subresource !== '') return false
  const delay = workTime(readStages, ctx)
  const { served } = found
  const { verb, accept, query } = flight.request
  if (path.resource === 'componentstatuses') flight.warnings.push('v1 ComponentStatus is deprecated in v1.19+')
  if (verb !== 'get' && verb !== 'list') {
    const status = methodNotSupported(served.gr, verb)
    refuse(state, flight, ctx, { ...status, message: 'the server does not allow this method on the requested resource' }, 'registry', delay)
    return true
  }
  const selection = parseSelection(served, query, '')
  if (isStatus(selection)) {
    refuse(state, flight, ctx, selection, 'validation', delay)
    return true
  }
  const selected = /(?:^|,)metadata\.name==?([^,]+)/.exec(query?.fieldSelector ?? '')?.[1] ?? flight.name
  const all = found.list(state.cache, ctx.wallMicros()).map((o) => Object.freeze({ kind: served.info.kind, apiVersion: served.apiVersion, ...o }) as KubeObject)
  const items = selected === '' ? all : all.filter((o) => o.metadata.name === selected)
  if (verb === 'get' && items.length === 0) refuse(state, flight, ctx, notFound(served.gr, flight.name), 'registry', delay)
  else if (accept === 'table') respond(state, flight, ctx, 200, toTable(served, items, verb === 'get' ? {} : { resourceVersion: String(state.cache.revision) }, flight, ctx), undefined, delay)
  else respond(state, flight, ctx, 200, verb === 'get' ? items[0]! : listBody(served, items, String(state.cache.revision)), undefined, delay)
  return true
}
