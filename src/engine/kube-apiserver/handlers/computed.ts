import { isStatus, methodNotSupported, notFound, parseTime, sha256, type KubeObject } from '../../apimachinery'
import type { ParsedPath } from '../../client-go'
import type { Ctx } from '../../sim'
import type { Flight } from '../flight'
import { ageColumn, column, nameColumn } from '../registry/define'
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
    readonly clusterIP?: string
    readonly cidrs?: readonly string[]
    readonly type?: string
    readonly matchingPrecedence?: number
    readonly distinguisherMethod?: { readonly type: string }
    readonly priorityLevelConfiguration?: { readonly name: string }
    readonly exempt?: { readonly lendablePercent: number; readonly nominalConcurrencyShares: number }
    readonly limited?: { readonly nominalConcurrencyShares: number; readonly limitResponse: { readonly type: string; readonly queuing?: Queuing } }
    readonly parentRef?: { readonly group: string; readonly name: string; readonly namespace: string; readonly resource: string }
  }
  readonly status?: object
  readonly conditions?: readonly Health[]
}

interface Queuing {
  readonly handSize: number
  readonly queueLengthLimit: number
  readonly queues: number
}

interface Health {
  readonly type: string
  readonly status: string
  readonly message: string
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
    const error = `Get "https://127.0.0.1:${port}/healthz": dial tcp 127.0.0.1:${port}: connect: connection refused`
    return { metadata: { name }, conditions: [{ type: 'Healthy', status: isAlive ? 'True' : 'False', message: isAlive ? 'ok' : error }] }
  })
  return [found[0]!, { metadata: { name: 'etcd-0' }, conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }] }, found[1]!]
}

/** name, level, precedence, distinguisher. Upstream: apiserver/pkg/apis/flowcontrol/bootstrap/default.go */
const SCHEMAS: readonly (readonly [string, string, number, string])[] = [
  ['catch-all', 'catch-all', 10_000, 'ByUser'], ['endpoint-controller', 'workload-high', 150, 'ByUser'], ['exempt', 'exempt', 1, ''],
  ['global-default', 'global-default', 9900, 'ByUser'], ['kube-controller-manager', 'workload-high', 800, 'ByNamespace'], ['kube-scheduler', 'workload-high', 800, 'ByNamespace'],
  ['kube-system-service-accounts', 'workload-high', 900, 'ByNamespace'], ['probes', 'exempt', 2, ''], ['service-accounts', 'workload-low', 9000, 'ByUser'],
  ['system-leader-election', 'leader-election', 100, 'ByUser'], ['system-node-high', 'node-high', 400, 'ByUser'], ['system-nodes', 'system', 500, 'ByUser'],
  ['workload-leader-election', 'leader-election', 200, 'ByUser'],
]
/** name, shares, queues, hand size; queues are 50 long. */
const LEVELS: readonly (readonly [string, number, number, number])[] = [
  ['catch-all', 5, 0, 0], ['exempt', 0, 0, 0], ['global-default', 20, 128, 6], ['leader-election', 10, 16, 4], ['node-high', 40, 64, 6], ['system', 30, 64, 6],
  ['workload-high', 40, 128, 6], ['workload-low', 100, 128, 6],
]
const AUTO_UPDATE = { 'apf.kubernetes.io/autoupdate-spec': 'true' }

/** What the server makes when it starts is as old as the system's namespace. */
function born(cache: WatchCache, kind: string, name: string, more: Partial<KubeObject['metadata']> = {}): KubeObject['metadata'] {
  const hex = sha256(`${kind}/${name}`).map((b) => b.toString(16).padStart(2, '0')).join('')
  const uid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  const at = cache.get('namespaces', '', 'kube-system')?.metadata.creationTimestamp
  return { name, uid, resourceVersion: '1', ...(at === undefined ? {} : { creationTimestamp: at }), ...more }
}

const flowSchemas = (cache: WatchCache): Shown[] => SCHEMAS.map(([name, level, matchingPrecedence, type]) => ({
  metadata: born(cache, 'FlowSchema', name, { generation: 1, annotations: AUTO_UPDATE }),
  spec: { ...(type === '' ? {} : { distinguisherMethod: { type } }), matchingPrecedence, priorityLevelConfiguration: { name: level } },
  status: { conditions: [{ type: 'Dangling', status: 'False', reason: 'Found', message: `This FlowSchema references the PriorityLevelConfiguration object named "${level}" and it exists` }] },
}))

const priorityLevels = (cache: WatchCache): Shown[] => LEVELS.map(([name, nominalConcurrencyShares, queues, handSize]) => {
  const limitResponse = queues === 0 ? { type: 'Reject' } : { queuing: { handSize, queueLengthLimit: 50, queues }, type: 'Queue' }
  const spec = name === 'exempt' ? { exempt: { lendablePercent: 0, nominalConcurrencyShares }, type: 'Exempt' } : { limited: { limitResponse, nominalConcurrencyShares }, type: 'Limited' }
  return { metadata: born(cache, 'PriorityLevelConfiguration', name, { generation: 1, annotations: AUTO_UPDATE }), spec, status: {} }
})

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

/** The network that the cluster's first service is in. Upstream: pkg/controlplane/controller/defaultservicecidr */
function serviceCIDRs(cache: WatchCache): Shown[] {
  const first = (cache.get('services', 'default', 'kubernetes') as Shown | undefined)?.spec?.clusterIP as string | undefined
  const cidr = first === undefined ? '10.96.0.0/16' : `${first.replace(/\.[0-9]+$/, '.0')}/16`
  const conditions = [{ type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' }]
  return [{ metadata: born(cache, 'ServiceCIDR', 'kubernetes'), spec: { cidrs: [cidr] }, status: { conditions } }]
}

const none = (): Shown[] => []
const text = (name: string, value: (o: Shown) => string | number | undefined): Column<KubeObject> => column<KubeObject>(name, (o) => value(o) ?? '')
const isWell = (o: Shown): boolean => o.conditions?.[0]?.status === 'True'

function row(group: string, version: string, kind: string, resource: string, namespaced: boolean, list: Computed['list'], columns?: readonly Column<KubeObject>[], shortNames: readonly string[] = []): Computed {
  const info = { resource, kind, group, version, namespaced }
  const base = generic(info)
  return { list, served: serve(info, { ...base, shortNames, subresources: [], columns: columns === undefined ? base.columns : columns }, resource) }
}

const limited = (o: Shown, field: keyof Queuing): string | number => o.spec?.limited?.limitResponse.queuing?.[field] ?? '<none>'
const DEVICES: readonly (readonly [string, string, boolean])[] = [['DeviceClass', 'deviceclasses', false], ['ResourceClaim', 'resourceclaims', true], ['ResourceClaimTemplate', 'resourceclaimtemplates', true], ['ResourceSlice', 'resourceslices', false]]

/** Kinds that are only read: what the server makes by itself, and kinds of which there are none. */
const COMPUTED: readonly Computed[] = [
  row('', 'v1', 'ComponentStatus', 'componentstatuses', false, componentStatuses, [
    nameColumn, text('Status', (o) => (isWell(o) ? 'Healthy' : 'Unhealthy')), text('Message', (o) => (isWell(o) ? o.conditions?.[0]?.message : '')),
    text('Error', (o) => (isWell(o) ? '' : o.conditions?.[0]?.message)),
  ], ['cs']),
  row('flowcontrol.apiserver.k8s.io', 'v1', 'FlowSchema', 'flowschemas', false, flowSchemas, [
    nameColumn, text('PriorityLevel', (o) => o.spec?.priorityLevelConfiguration?.name), text('MatchingPrecedence', (o) => o.spec?.matchingPrecedence),
    text('DistinguisherMethod', (o) => o.spec?.distinguisherMethod?.type ?? '<none>'), ageColumn, text('MissingPL', () => 'False'),
  ]),
  row('flowcontrol.apiserver.k8s.io', 'v1', 'PriorityLevelConfiguration', 'prioritylevelconfigurations', false, priorityLevels, [
    nameColumn, text('Type', (o) => o.spec?.type), text('NominalConcurrencyShares', (o) => (o.spec?.limited ?? o.spec?.exempt)?.nominalConcurrencyShares),
    text('Queues', (o) => limited(o, 'queues')), text('HandSize', (o) => limited(o, 'handSize')), text('QueueLengthLimit', (o) => limited(o, 'queueLengthLimit')), ageColumn,
  ]),
  row('networking.k8s.io', 'v1', 'IPAddress', 'ipaddresses', false, ipAddresses, [nameColumn, text('ParentRef', ({ spec }) => `${spec?.parentRef?.resource}/${spec?.parentRef?.namespace}/${spec?.parentRef?.name}`), ageColumn], ['ip']),
  row('networking.k8s.io', 'v1', 'ServiceCIDR', 'servicecidrs', false, serviceCIDRs, [nameColumn, text('CIDRs', (o) => o.spec?.cidrs?.join(',')), ageColumn]),
  ...DEVICES.map(([kind, resource, namespaced]) => row('resource.k8s.io', 'v1', kind, resource, namespaced, none)),
  row('admissionregistration.k8s.io', 'v1', 'MutatingAdmissionPolicy', 'mutatingadmissionpolicies', false, none),
  row('admissionregistration.k8s.io', 'v1', 'MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings', false, none),
  row('storage.k8s.io', 'v1', 'CSIStorageCapacity', 'csistoragecapacities', true, none),
  row('storage.k8s.io', 'v1', 'VolumeAttributesClass', 'volumeattributesclasses', false, none, undefined, ['vac']),
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
