import { addQuantity, compareQuantity, newQuantity, quantity as q, type Quantity } from '../../apimachinery'
import { at, listAt, mapAt, textAt, type Thing } from '../api'
import { goPrint } from '../go-print'
import { decodeBase64 } from '../../shell'
import type { Describer, Describing } from './describer'
import { mapText, rfc1123z, Writer } from './writer'

type Totals = Map<string, Quantity>

function add(totals: Totals, map: Readonly<Record<string, unknown>>): void {
  for (const k of Object.keys(map)) totals.set(k, addQuantity(totals.get(k) ?? q('0'), q(String(map[k]))))
}

/** What a pod asks for, as the scheduler counts it. Upstream: component-helpers/resource PodRequests, PodLimits */
function podTotals(pod: Thing, kind: 'requests' | 'limits'): Totals {
  const totals: Totals = new Map()
  for (const c of listAt(pod, 'spec', 'containers')) add(totals, mapAt(c, 'resources', kind))
  const sidecars: Totals = new Map()
  for (const c of listAt(pod, 'spec', 'initContainers')) {
    const own: Totals = new Map(sidecars)
    add(own, mapAt(c, 'resources', kind))
    if (textAt(c, 'restartPolicy') === 'Always') {
      add(sidecars, mapAt(c, 'resources', kind))
      add(totals, mapAt(c, 'resources', kind))
    }
    for (const [k, v] of own) if (compareQuantity(v, totals.get(k) ?? q('0')) > 0) totals.set(k, v)
  }
  // What is said for the whole pod counts instead.
  for (const [k, v] of Object.entries(mapAt(pod, 'spec', 'resources', kind))) totals.set(k, q(String(v)))
  const overhead = mapAt(pod, 'spec', 'overhead')
  for (const [k, v] of Object.entries(overhead)) if (kind === 'requests' || totals.has(k)) totals.set(k, addQuantity(totals.get(k) ?? q('0'), q(String(v))))
  return totals
}

const share = (part: Quantity | undefined, whole: string): string => {
  const p = part ?? q('0')
  const all = q(whole || '0').milliValue
  const percent = all === 0 ? 0 : Math.trunc((p.milliValue * 100) / all)
  return `${p.text} (${percent}%)`
}

/** Upstream: describe.go describeNode, describeNodeResource */
export const node: Describer = (d) => {
  const { w, api, object } = d
  const { spec, status, metadata } = object
  const lease = api.try({ verb: 'get', path: `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${metadata.name}` })
  const labels = mapAt(object, 'metadata', 'labels')
  const prefix = 'node-role.kubernetes.io/'
  const roles = Object.keys(labels).filter((k) => k.startsWith(prefix) || k === 'kubernetes.io/role').map((k) => (k.startsWith(prefix) ? k.slice(prefix.length) : (labels[k] ?? ''))).filter(Boolean).sort()
  w.field('Name', metadata.name)
  w.field('Roles', roles.join(',') || '<none>')
  w.labels('Labels', labels)
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  w.field('CreationTimestamp', rfc1123z(metadata.creationTimestamp ?? ''))
  const taints = listAt(spec, 'taints').map((t) => `${textAt(t, 'key')}${textAt(t, 'value') === '' ? '' : `=${textAt(t, 'value')}`}:${textAt(t, 'effect')}`)
  w.list('Taints', taints.toSorted((a, b) => effect(a) - effect(b) || (a < b ? -1 : 1)))
  w.field('Unschedulable', String(at(spec, 'unschedulable') === true))
  if (lease.code === 200) {
    w.line(0, 'Lease:')
    w.field('HolderIdentity', textAt(lease.body, 'spec', 'holderIdentity') || '<unset>', 1)
    for (const [title, key] of [['AcquireTime', 'acquireTime'], ['RenewTime', 'renewTime']] as const) w.field(title, textAt(lease.body, 'spec', key) === '' ? '<unset>' : rfc1123z(textAt(lease.body, 'spec', key)), 1)
  } else w.field('Lease', `Failed to get lease: ${textAt(lease.body, 'message')}`)
  const conditions = listAt(status, 'conditions')
  if (conditions.length > 0) {
    w.text += 'Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n  ----\t------\t-----------------\t------------------\t------\t-------\n'
    for (const c of conditions) w.line(1, `${textAt(c, 'type')} \t${textAt(c, 'status')} \t${rfc1123z(textAt(c, 'lastHeartbeatTime'))} \t${rfc1123z(textAt(c, 'lastTransitionTime'))} \t${textAt(c, 'reason')} \t${textAt(c, 'message')}`)
  }
  w.line(0, 'Addresses:')
  for (const a of listAt(status, 'addresses')) w.field(textAt(a, 'type'), textAt(a, 'address'), 1)
  for (const title of ['Capacity', 'Allocatable']) {
    const map = mapAt(status, title.toLowerCase())
    if (Object.keys(map).length === 0) continue
    w.line(0, `${title}:`)
    for (const k of Object.keys(map).sort()) w.field(k, map[k], 1)
  }
  resourceSlices(w, api.listOrNone('/apis/resource.k8s.io/v1/resourceslices', { fieldSelector: `spec.nodeName=${metadata.name}` }))
  w.line(0, 'System Info:')
  const info = [['Machine ID', 'machineID'], ['System UUID', 'systemUUID'], ['Boot ID', 'bootID'], ['Kernel Version', 'kernelVersion'], ['OS Image', 'osImage'], ['Operating System', 'operatingSystem'], ['Architecture', 'architecture'], ['Container Runtime Version', 'containerRuntimeVersion'], ['Kubelet Version', 'kubeletVersion']] as const
  for (const [title, key] of info) w.field(title, textAt(status, 'nodeInfo', key), 1)
  if (textAt(spec, 'podCIDR') !== '') w.field('PodCIDR', textAt(spec, 'podCIDR'))
  const cidrs = listAt<string>(spec, 'podCIDRs')
  if (cidrs.length > 0) w.field('PodCIDRs', cidrs.join(','))
  if (textAt(spec, 'providerID') !== '') w.field('ProviderID', textAt(spec, 'providerID'))
  const pods = api.try({ verb: 'list', path: '/api/v1/pods', query: { fieldSelector: `spec.nodeName=${metadata.name},status.phase!=Succeeded,status.phase!=Failed`, limit: '500' } })
  if (pods.code === 200) podTable(w, listAt(pods.body, 'items'), at(status, 'allocatable') === undefined ? mapAt(status, 'capacity') : mapAt(status, 'allocatable'))
  else w.line(0, 'Pods:\tnot authorized')
  w.events(d.events())
}

const ORDER = ['NoExecute', 'NoSchedule', 'PreferNoSchedule']
const effect = (taint: string): number => ORDER.indexOf(taint.slice(taint.lastIndexOf(':') + 1))

function podTable(w: Writer, pods: readonly Thing[], allocatable: Readonly<Record<string, string>>): void {
  w.line(0, `Non-terminated Pods:\t(${pods.length} in total)`)
  w.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge')
  w.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---')
  const all: Record<'requests' | 'limits', Totals> = { requests: new Map(), limits: new Map() }
  for (const pod of pods) {
    const requests = podTotals(pod, 'requests')
    const limits = podTotals(pod, 'limits')
    for (const [k, v] of requests) all.requests.set(k, addQuantity(all.requests.get(k) ?? q('0'), v))
    for (const [k, v] of limits) all.limits.set(k, addQuantity(all.limits.get(k) ?? q('0'), v))
    const [cpu = '', memory = ''] = [allocatable['cpu'], allocatable['memory']]
    w.line(1, `${pod.metadata.namespace}\t${pod.metadata.name}\t\t${share(requests.get('cpu'), cpu)}\t${share(limits.get('cpu'), cpu)}\t${share(requests.get('memory'), memory)}\t${share(limits.get('memory'), memory)}\t${w.age(pod.metadata.creationTimestamp ?? '')}`)
  }
  w.text += 'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n  Resource\tRequests\tLimits\n  --------\t--------\t------\n'
  for (const r of ['cpu', 'memory', 'ephemeral-storage']) w.line(1, `${r}\t${share(all.requests.get(r), allocatable[r] ?? '')}\t${share(all.limits.get(r), allocatable[r] ?? '')}`)
  const named = Object.keys(allocatable).filter((k) => !['cpu', 'memory', 'ephemeral-storage', 'pods'].includes(k)).sort()
  for (const r of named.filter((k) => k.startsWith('hugepages-'))) w.line(1, `${r}\t${share(all.requests.get(r), allocatable[r] ?? '')}\t${share(all.limits.get(r), allocatable[r] ?? '')}`)
  for (const r of named.filter((k) => !k.startsWith('hugepages-'))) w.line(1, `${r}\t${(all.requests.get(r) ?? q('0')).text}\t${(all.limits.get(r) ?? q('0')).text}`)
}

/** Devices of this node alone, by driver and pool. Upstream: describe.go describeNodeResourceSlices */
function resourceSlices(w: Writer, slices: readonly Thing[]): void {
  if (slices.length === 0) return
  const pools = new Map<string, { slices: number; devices: number }>()
  for (const s of slices) {
    const key = `${textAt(s, 'spec', 'driver')}\t${textAt(s, 'spec', 'pool', 'name')}`
    const pool = pools.get(key) ?? { slices: 0, devices: 0 }
    pools.set(key, { slices: pool.slices + 1, devices: pool.devices + listAt(s, 'spec', 'devices').length })
  }
  w.text += 'Node-Local ResourceSlices:\n  Driver\tPool\tSlices\tDevices\n  ------\t----\t------\t-------\n'
  const sorted = [...pools].toSorted(([a], [b]) => (a < b ? -1 : 1))
  for (const [key, pool] of sorted.slice(0, 10)) w.line(1, `${key}\t${pool.slices}\t${pool.devices}`)
  if (sorted.length > 10) w.line(1, `...and ${sorted.length - 10} more pools`)
}

/** Upstream: describe.go helpTextForResourceQuotaScope */
const SCOPES: Readonly<Record<string, string>> = {
  Terminating: 'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating: 'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort: 'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort: 'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
}

function scopes(w: Writer, quota: Thing, level: number, mark: string): void {
  const list = listAt<string>(quota, 'spec', 'scopes').toSorted()
  if (list.length === 0) return
  w.field('Scopes', list.join(', '), level)
  for (const s of list) if (SCOPES[s] !== undefined) w.line(level, `${mark}* ${SCOPES[s]}`)
}

/** Rows of used and hard. */
function usage(w: Writer, quota: Thing, level: number): void {
  const hard = mapAt(quota, 'status', 'hard')
  const used = mapAt(quota, 'status', 'used')
  for (const k of Object.keys(hard).sort()) {
    const [most, now] = [q(hard[k] as string), q(used[k] ?? '0')]
    // What is used is written the way of what is allowed; a namespace's description does not care.
    const shown = level === 0 && most.format !== now.format ? newQuantity(now.value, most.format).text : now.text
    w.line(level, `${k}\t${shown}\t${most.text}`)
  }
}

/** Upstream: describe.go describeNamespace */
export const namespace: Describer = ({ w, api, object }) => {
  const name = object.metadata.name
  const quotas = api.listOrNone(`/api/v1/namespaces/${name}/resourcequotas`)
  const limits = api.listOrNone(`/api/v1/namespaces/${name}/limitranges`)
  w.meta(object, false)
  w.field('Status', textAt(object, 'status', 'phase'))
  const conditions = listAt(object, 'status', 'conditions')
  if (conditions.length > 0) {
    w.text += 'Conditions:\n  Type\tStatus\tLastTransitionTime\tReason\tMessage\n  ----\t------\t------------------\t------\t-------\n'
    for (const c of conditions) w.line(1, [textAt(c, 'type'), textAt(c, 'status'), rfc1123z(textAt(c, 'lastTransitionTime')), textAt(c, 'reason'), textAt(c, 'message')].join('\t'))
  }
  w.line(0, '')
  if (quotas.length === 0) w.line(0, 'No resource quota.')
  else {
    w.line(0, 'Resource Quotas')
    for (const quota of quotas.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
      w.field('Name', quota.metadata.name, 1)
      scopes(w, quota, 1, '')
      w.line(1, 'Resource\tUsed\tHard')
      w.line(1, '--------\t---\t---')
      usage(w, quota, 1)
    }
  }
  w.line(0, '')
  if (limits.length === 0) w.line(0, 'No LimitRange resource.')
  else {
    w.line(0, 'Resource Limits')
    w.line(0, ' Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio')
    w.line(0, ' ----\t--------\t---\t---\t---------------\t-------------\t-----------------------')
    for (const l of limits) limitRows(w, l, ' ')
  }
}

function limitRows(w: Writer, range: Thing, space: string): void {
  for (const l of listAt(range, 'spec', 'limits')) {
    const keys = ['min', 'max', 'defaultRequest', 'default', 'maxLimitRequestRatio']
    const names = [...new Set(keys.flatMap((k) => Object.keys(mapAt(l, k))))].sort()
    for (const n of names) w.line(0, space + [textAt(l, 'type'), n, ...keys.map((k) => mapAt(l, k)[n] ?? '-')].join('\t'))
  }
}

/** Upstream: describe.go describeLimitRange */
export const limitRange: Describer = ({ w, object }) => {
  w.field('Name', object.metadata.name)
  w.field('Namespace', object.metadata.namespace)
  w.line(0, 'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio')
  w.line(0, '----\t--------\t---\t---\t---------------\t-------------\t-----------------------')
  limitRows(w, object, '')
}

/** Upstream: describe.go describeQuota */
export const resourceQuota: Describer = ({ w, object }) => {
  w.field('Name', object.metadata.name)
  w.field('Namespace', object.metadata.namespace)
  scopes(w, object, 0, ' ')
  w.line(0, 'Resource\tUsed\tHard')
  w.line(0, '--------\t----\t----')
  usage(w, object, 0)
}

/** Upstream: describe.go describeConfigMap */
export const configMap: Describer = (d) => {
  const { w, object } = d
  w.meta(object)
  w.text += '\nData\n====\n'
  const data = mapAt(object, 'data')
  for (const k of Object.keys(data).sort()) w.text += `${k}:\n----\n${data[k]}\n\n`
  w.text += '\nBinaryData\n====\n'
  const binary = mapAt(object, 'binaryData')
  for (const k of Object.keys(binary).sort()) w.text += `${k}: ${bytes(binary[k] ?? '')} bytes\n`
  w.line(0, '')
  w.events(d.events())
}

const bytes = (base64: string): number => Math.floor((base64.replace(/=+$/, '').length * 3) / 4)

/** Upstream: describe.go describeSecret */
export const secret: Describer = ({ w, object }) => {
  w.meta(object)
  w.line(0, '')
  w.field('Type', textAt(object, 'type'))
  w.text += '\nData\n====\n'
  const data = mapAt(object, 'data')
  // The token of a service account is the one thing of a Secret that is told.
  for (const k of Object.keys(data).sort()) w.field(k, k === 'token' && textAt(object, 'type') === 'kubernetes.io/service-account-token' ? (decodeBase64(data[k] ?? '') ?? '') : `${bytes(data[k] ?? '')} bytes`)
}

/** Upstream: describe.go describeServiceAccount */
export const serviceAccount: Describer = (d) => {
  const { w, object } = d
  w.meta(object)
  w.list('Image pull secrets', listAt<{ name: string }>(object, 'imagePullSecrets').map((s) => s.name))
  w.events(d.events())
}

/** Upstream: describe.go describePriorityClass */
export const priorityClass: Describer = (d) => {
  const { w, object } = d
  w.field('Name', object.metadata.name)
  w.field('Value', textAt(object, 'value'))
  w.field('GlobalDefault', String(at(object, 'globalDefault') === true))
  w.field('PreemptionPolicy', textAt(object, 'preemptionPolicy'))
  w.field('Description', textAt(object, 'description'))
  w.field('Annotations', mapText(mapAt(object, 'metadata', 'annotations')))
  w.events(d.events())
}

/** Upstream: describe.go describeRole, describeClusterRole */
export const role: Describer = ({ w, object }) => {
  w.field('Name', object.metadata.name)
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  w.text += 'PolicyRule:\n  Resources\tNon-Resource URLs\tResource Names\tVerbs\n  ---------\t-----------------\t--------------\t-----\n'
  for (const row of ruleRows(listAt(object, 'rules'))) w.line(1, row.join('\t'))
}

interface OneRule {
  readonly group: string
  readonly resource: string
  readonly name: string
  readonly url: string
  readonly verbs: readonly string[]
}

/** One row per resource and name with all its verbs, and one per URL and verb, in upstream's order. Upstream: kubectl/pkg/util/rbac BreakdownRule, CompactRules, SortableRuleSlice */
export function ruleRows(rules: readonly Thing[]): string[][] {
  const rows = new Map<string, OneRule>()
  const urls: OneRule[] = []
  for (const r of rules) {
    const verbs = listAt<string>(r, 'verbs')
    const names = listAt<string>(r, 'resourceNames')
    for (const group of listAt<string>(r, 'apiGroups')) {
      for (const resource of listAt<string>(r, 'resources')) {
        for (const name of names.length === 0 ? [''] : names) {
          const key = [group, resource, name].join('|')
          const before = rows.get(key)?.verbs ?? []
          rows.set(key, { group, resource, name, url: '', verbs: [...before, ...verbs.filter((v) => !before.includes(v))] })
        }
      }
    }
    for (const url of listAt<string>(r, 'nonResourceURLs')) for (const verb of verbs) urls.push({ group: '', resource: '', name: '', url, verbs: [verb] })
  }
  const order = new Map([...urls, ...rows.values()].map((r) => [r, written(r)]))
  return [...order.keys()].toSorted((a, b) => ((order.get(a) as string) < (order.get(b) as string) ? -1 : order.get(a) === order.get(b) ? 0 : 1))
    .map((r) => [combined(r.resource, r.group), r.url === '' ? '[]' : `[${r.url}]`, r.name === '' ? '[]' : `[${r.name}]`, `[${r.verbs.join(' ')}]`])
}

/** Upstream: api/rbac/v1 PolicyRule.String */
function written({ group, resource, name, url, verbs }: OneRule): string {
  return `&PolicyRule{Verbs:[${verbs.join(' ')}],APIGroups:[${group}],Resources:[${resource}],ResourceNames:[${name}],NonResourceURLs:[${url}],}`
}

/** `pods/log` in group apps → `pods.apps/log`. */
function combined(resource: string, group: string): string {
  if (group === '') return resource
  const slash = resource.indexOf('/')
  return slash < 0 ? `${resource}.${group}` : `${resource.slice(0, slash)}.${group}${resource.slice(slash)}`
}

/** Upstream: describe.go describeRoleBinding, describeClusterRoleBinding */
export const roleBinding: Describer = ({ w, object }) => {
  w.field('Name', object.metadata.name)
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  w.line(0, 'Role:')
  w.field('Kind', textAt(object, 'roleRef', 'kind'), 1)
  w.field('Name', textAt(object, 'roleRef', 'name'), 1)
  w.text += 'Subjects:\n  Kind\tName\tNamespace\n  ----\t----\t---------\n'
  for (const s of listAt(object, 'subjects')) w.line(1, `${textAt(s, 'kind')}\t${textAt(s, 'name')}\t${textAt(s, 'namespace')}`)
}

/** Any other kind: its fields as they are. Upstream: describe.go genericDescriber */
export const generic: Describer = (d: Describing) => {
  const { w, object } = d
  w.field('Name', object.metadata.name)
  w.field('Namespace', object.metadata.namespace ?? '')
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  const { metadata, ...rest } = object
  const { name, namespace: ns, labels, annotations, ...more } = metadata as unknown as Record<string, unknown>
  void [name, ns, labels, annotations]
  tree(w, { apiVersion: rest.apiVersion, kind: rest.kind, metadata: more, ...rest }, 0)
  w.events(d.events())
}

const acronyms: readonly string[] = ['API', 'URL', 'UID', 'GUID']

/** A field's name as words; names with digits or signs stay as they are. Upstream: describe.go smartLabelFor, fatih/camelcase Split */
export function title(field: string): string {
  if (/[^\p{L}-]/u.test(field)) return field
  const parts = field.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^A-Za-z]+/g) ?? []
  const words: string[] = []
  for (let i = 0; i < parts.length; i++) {
    const [part, next] = [parts[i] as string, parts[i + 1]]
    // An acronym keeps the word after it.
    if (/^[A-Z]{2,}$/.test(part) && next !== undefined && /^[A-Z]/.test(next)) {
      words.push(part + next)
      i++
    } else words.push(part)
  }
  return words.map((w) => (acronyms.includes(w.toUpperCase()) ? w.toUpperCase() : w.toLowerCase() === w ? w.replace(/^./, (c) => c.toUpperCase()) : w)).join(' ')
}

function tree(w: Writer, map: Readonly<Record<string, unknown>>, level: number): void {
  for (const k of Object.keys(map).sort()) {
    const v = map[k]
    if (k === 'managedFields') continue
    if (Array.isArray(v)) {
      w.line(level, `${title(k)}:`)
      for (const i of v) {
        if (isMap(i)) tree(w, i, level + 1)
        else w.line(level + 1, goPrint(i))
      }
    } else if (typeof v === 'object' && v !== null) {
      w.line(level, `${title(k)}:`)
      tree(w, v as Record<string, unknown>, level + 1)
    } else w.field(title(k), goPrint(v), level)
  }
}

const isMap = (v: unknown): v is Readonly<Record<string, unknown>> => typeof v === 'object' && v !== null && !Array.isArray(v)
