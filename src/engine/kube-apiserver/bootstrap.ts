import { canonicalize } from '../api'
import type { KubeObject } from '../apimachinery'
import type { ApiRequest } from '../client-go'
import type { EtcdAnswer } from '../etcd'
import { MS, type Ctx } from '../sim'
import { bootstrapPolicy } from './authorization/bootstrap-policy'
import { newFlight, type Flight } from './flight'
import { createObject } from './handlers/create'
import { newUid } from './new-uid'
import { localApiServices } from './registry/apiregistration/local'
import { firstFlowSchemas, firstPriorityLevels } from './registry/flowcontrol/first'
import { firstServiceCIDR } from './registry/networking/service-cidr'
import { servedByName, storageKey, type Served } from './served'
import type { ServerState } from './state'

const namespace = (name: string) => ['namespaces', { metadata: { name } }] as const
const address = '10.0.0.10'
const kubernetes = { name: 'kubernetes', namespace: 'default' }

/** What the server makes sure exists before it serves. Upstream: pkg/controlplane/{instance,controller/kubernetesservice,controller/systemnamespaces}, pkg/registry/scheduling/rest */
const objects: readonly (readonly [resource: string, object: object])[] = [
  namespace('default'), namespace('kube-system'), namespace('kube-public'), namespace('kube-node-lease'),
  ['priorityclasses', { metadata: { name: 'system-node-critical' }, value: 2000001000, description: 'Used for system critical pods that must not be moved from their current node.' }],
  ['priorityclasses', { metadata: { name: 'system-cluster-critical' }, value: 2000000000, description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.' }],
  ['services', {
    metadata: { ...kubernetes, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { type: 'ClusterIP', clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', sessionAffinity: 'None', ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 6443 }] },
  }],
  ['endpoints', { metadata: { ...kubernetes, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }, subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }] }],
  ['endpointslices', {
    metadata: { ...kubernetes, labels: { 'kubernetes.io/service-name': 'kubernetes' } }, addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  }],
]

/** Writes what is missing of the first objects; the server is ready when all are there. */
export function bootstrap(state: ServerState, ctx: Ctx): void {
  const missing: [Served, KubeObject][] = []
  for (const [resource, template] of objects) {
    const served = servedByName(resource) as Served
    const object = template as KubeObject
    if (state.cache.get(served.storage, object.metadata.namespace ?? '', object.metadata.name)) continue
    missing.push([served, canonicalize(served.info.kind, { ...object, apiVersion: served.apiVersion, kind: served.info.kind })])
  }
  const policy = missingPolicy(state, ctx)
  state.bootstrapping = missing.length + (policy.length > 0 ? 1 : 0)
  if (state.bootstrapping === 0) state.ready = true
  if (policy.length > 0) state.etcd.send(ctx, { op: 'txn', compare: policy.map(({ key }) => ({ key, modRevision: 0 })), writes: policy, about: { resource: 'clusterroles', namespace: '', name: '' } }, { type: 'apiserver/policy' })
  for (const [served, object] of missing) createObject(state, ownFlight(served, object, ctx), served, object, ctx)
}

/** The roles, bindings, APIServices and the like that are not there, all for one transaction. Upstream: pkg/registry/rbac/rest/storage_rbac.go */
function missingPolicy(state: ServerState, ctx: Ctx): { key: string; value: KubeObject }[] {
  const out: { key: string; value: KubeObject }[] = []
  const now = ctx.wallTime()
  const of = (resource: string, list: readonly object[]) => list.map((o) => [resource, o] as const)
  const first: readonly (readonly [resource: string, object: object])[] = [
    ...bootstrapPolicy(), ...of('apiservices', localApiServices(now)), ...of('flowschemas', firstFlowSchemas(now)), ...of('prioritylevelconfigurations', firstPriorityLevels()),
    ['servicecidrs', firstServiceCIDR(now, state.settings.serviceCIDR)],
  ]
  for (const [resource, object] of first) {
    const template = object as KubeObject
    const served = servedByName(resource) as Served
    const { namespace: ns = '', name } = template.metadata
    if (state.cache.get(served.storage, ns, name)) continue
    const metadata = { ...template.metadata, uid: newUid(ctx), creationTimestamp: ctx.wallTime() }
    out.push({ key: storageKey(served, ns, name), value: canonicalize(served.info.kind, { ...template, metadata, apiVersion: served.apiVersion, kind: served.info.kind }) as KubeObject })
  }
  return out
}

/** Etcd has answered the transaction of the policy. */
export function policyWritten(state: ServerState, answer: EtcdAnswer, ctx: Ctx): void {
  if (answer.error !== undefined || !answer.succeeded) ctx.after(100 * MS, { type: 'apiserver/bootstrap' })
  else countDown(state)
}

function ownFlight(served: Served, object: KubeObject, ctx: Ctx): Flight {
  const { namespace: ns = '', name } = object.metadata
  const request: ApiRequest = { verb: 'create', path: '', body: object, user: 'system:apiserver', agent: 'kube-apiserver' }
  const flight = newFlight('', 0, request, { name: 'system:apiserver', groups: ['system:masters'] }, ctx)
  flight.storage = served.storage
  flight.namespace = ns
  flight.name = name
  flight.step = 'create'
  return flight
}

/** One of the first objects is written, or exists already; any other failure is tried again. */
export function bootstrapPartDone(state: ServerState, flight: Flight, code: number, body: KubeObject, ctx: Ctx): void {
  if (code !== 201 && code !== 409) {
    ctx.trace({ kind: 'note', what: `bootstrap: ${(body as { message?: string }).message ?? code}`, object: { resource: flight.storage, namespace: flight.namespace, name: flight.name } })
    if (code < 500) return countDown(state)
    ctx.after(100 * MS, { type: 'apiserver/bootstrap' })
    return
  }
  countDown(state)
}

function countDown(state: ServerState): void {
  if (--state.bootstrapping === 0) state.ready = true
}
