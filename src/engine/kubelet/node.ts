import { resourcePath, type Node, type NodeCondition, type NodeStatus } from '../api'
import { deepEqual, newMilliQuantity, newQuantity, type KubeObject } from '../apimachinery'
import { MS, SECOND, type Ctx, type Message } from '../sim'
import type { ApiResponse, ObjectReference } from '../client-go'
import { isEmulated } from '../cri'
import { hasImageSizes, imageList } from './node-images'
import { initialLabels } from './admission'
import { intervals, nodePodCIDR } from './params'
import type { KubeletState, Machine } from './state'

/** Answers and timers of the node's own objects. */
export interface NodeMessage extends Message {
  readonly type: 'kubelet/register' | 'kubelet/registered' | 'kubelet/csi-node' | 'kubelet/lease-due' | 'kubelet/lease-got' | 'kubelet/lease-put' | 'kubelet/node-status-due' | 'kubelet/node-got' | 'kubelet/node-status-put' | 'kubelet/node-reported'
}

const say = (type: NodeMessage['type']): NodeMessage => ({ type })

/** Begins: registration, the Lease, the status. */
export function startNode(state: KubeletState, ctx: Ctx): void {
  register(state, ctx)
  ctx.after(200 * MS, say('kubelet/lease-due'))
}

function register(state: KubeletState, ctx: Ctx): void {
  const podCIDR = nodePodCIDR(state.params)
  const taints = [...(state.params.node.taints ?? [])]
  const node = {
    apiVersion: 'v1', kind: 'Node',
    metadata: { name: state.node, labels: initialLabels(state), annotations: { 'node.alpha.kubernetes.io/ttl': '0' } },
    spec: { podCIDR, podCIDRs: [podCIDR], ...(isEmulated(state.params) ? { providerID: `kubemark://${state.node}` } : {}), ...(taints.length > 0 ? { taints } : {}) },
    status: nodeStatus(state, undefined, ctx),
  }
  ctx.trace({ kind: 'local', what: 'register node', object: { resource: 'nodes', namespace: '', name: state.node } })
  state.client.send(ctx, { verb: 'create', path: resourcePath('nodes'), body: node }, say('kubelet/registered'))
}

/** The drivers of the node: none that would register. Upstream: pkg/volume/csi/nodeinfomanager CreateCSINode */
function createCsiNode(state: KubeletState, uid: string, ctx: Ctx): void {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: state.node, uid }]
  state.client.send(ctx, { verb: 'create', path: resourcePath('csinodes'), body: { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name: state.node, ownerReferences }, spec: { drivers: [] } } }, say('kubelet/csi-node'))
}

/** Handles a timer. True when it was the node's. */
export function nodeTimer(state: KubeletState, message: Message, ctx: Ctx): boolean {
  switch (message.type) {
    case 'kubelet/register':
      register(state, ctx)
      return true
    case 'kubelet/lease-due':
      renew(state, ctx)
      return true
    case 'kubelet/node-status-due':
      updateStatus(state, ctx)
      return true
    default:
      return false
  }
}

/** Handles an answer. True when it was the node's. */
export function nodeReply(state: KubeletState, then: Message, response: ApiResponse, ctx: Ctx): boolean {
  switch (then.type) {
    case 'kubelet/registered':
      if (response.code === 201 || response.code === 409) {
        state.registered = true
        recordStart(state, ctx)
        if (response.code === 201) createCsiNode(state, response.body.metadata.uid as string, ctx)
        updateStatus(state, ctx)
      } else ctx.after(SECOND, say('kubelet/register'))
      return true
    case 'kubelet/csi-node':
      return true
    case 'kubelet/lease-got':
      if (response.code === 200) {
        state.lease = response.body
        putLease(state, ctx)
      } else if (response.code === 404) createLease(state, ctx)
      else leaseAgain(ctx, false)
      return true
    case 'kubelet/lease-put':
      if (response.code === 200 || response.code === 201) {
        state.lease = response.body
        leaseAgain(ctx, true)
      } else {
        state.lease = null
        leaseAgain(ctx, false)
      }
      return true
    case 'kubelet/node-got':
      if (response.code === 200) writeStatus(state, response.body as Node, ctx)
      else statusAgain(ctx)
      return true
    case 'kubelet/node-reported':
      return true
    case 'kubelet/node-status-put':
      statusAgain(ctx)
      return true
    default:
      return false
  }
}

function reference(state: KubeletState): ObjectReference {
  return { apiVersion: 'v1', kind: 'Node', name: state.node, uid: state.node }
}

function recordStart(state: KubeletState, ctx: Ctx): void {
  if (isEmulated(state.params)) return
  state.recorder.event(ctx, reference(state), 'Normal', 'Starting', 'Starting kubelet.')
  for (const reason of ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID']) state.recorder.event(ctx, reference(state), 'Normal', reason, `Node ${state.node} status is now: ${reason}`)
}

// ---- Lease: renewed every 10 s. Upstream: component-helpers/apimachinery/lease/controller.go

function leaseSpec(state: KubeletState, ctx: Ctx) {
  return { holderIdentity: state.node, leaseDurationSeconds: 40, renewTime: ctx.wallMicroTime() }
}

function createLease(state: KubeletState, ctx: Ctx): void {
  const node = state.informers.cache('nodes').get('', state.node)
  const ownerReferences = node ? [{ apiVersion: 'v1', kind: 'Node', name: state.node, uid: node.metadata.uid }] : undefined
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: state.node, namespace: 'kube-node-lease', ...(ownerReferences ? { ownerReferences } : {}) }, spec: leaseSpec(state, ctx) }
  state.client.send(ctx, { verb: 'create', path: resourcePath('leases', 'kube-node-lease'), body: lease }, say('kubelet/lease-put'))
}

function putLease(state: KubeletState, ctx: Ctx): void {
  const lease = { ...(state.lease as KubeObject), spec: leaseSpec(state, ctx) }
  state.client.send(ctx, { verb: 'update', path: resourcePath('leases', 'kube-node-lease', state.node), body: lease }, say('kubelet/lease-put'))
}

function renew(state: KubeletState, ctx: Ctx): void {
  if (state.lease) putLease(state, ctx)
  else state.client.send(ctx, { verb: 'get', path: resourcePath('leases', 'kube-node-lease', state.node) }, say('kubelet/lease-got'))
}

function leaseAgain(ctx: Ctx, ok: boolean): void {
  const jitter = Math.floor(0.04 * intervals.lease * ctx.rng.fraction())
  ctx.after(ok ? intervals.lease + jitter : 200 * MS + ctx.rng.below(600 * MS), say('kubelet/lease-due'))
}

// ---- status: looked at every 10 s, written when something changed or after 5 min. Upstream: kubelet_node_status.go

function statusAgain(ctx: Ctx): void {
  // Upstream draws the period once between 10 and 15 s of jitter; here each turn is 10 s with a little jitter.
  ctx.after(intervals.nodeStatus + ctx.rng.below(200 * MS), say('kubelet/node-status-due'))
}

function updateStatus(state: KubeletState, ctx: Ctx): void {
  if (!state.registered) return statusAgain(ctx)
  const cached = state.informers.cache<Node>('nodes').get('', state.node)
  if (cached) writeStatus(state, cached, ctx)
  else state.client.send(ctx, { verb: 'get', path: resourcePath('nodes', undefined, state.node) }, say('kubelet/node-got'))
}

/** Writes the node's status soon, outside its turn. */
export function reportNode(state: KubeletState, ctx: Ctx): void {
  const cached = state.informers.cache<Node>('nodes').get('', state.node)
  if (cached && state.registered) state.client.send(ctx, { verb: 'patch', path: resourcePath('nodes', undefined, state.node, 'status'), patchType: 'application/strategic-merge-patch+json', body: { status: { conditions: nodeStatus(state, cached.status, ctx).conditions } } }, say('kubelet/node-reported'))
}

function writeStatus(state: KubeletState, node: Node, ctx: Ctx): void {
  const next = nodeStatus(state, node.status, ctx)
  const changed = !sameButTimes(node.status, next)
  if (!changed && state.nodeStatusAt >= 0 && ctx.now - state.nodeStatusAt < intervals.nodeStatusReport) return statusAgain(ctx)
  const was = node.status?.conditions?.find((c) => c.type === 'Ready')?.status
  const is = next.conditions?.find((c) => c.type === 'Ready')?.status
  if (was !== is && !isEmulated(state.params)) {
    const reason = is === 'True' ? 'NodeReady' : 'NodeNotReady'
    state.recorder.event(ctx, reference(state), 'Normal', reason, `Node ${state.node} status is now: ${reason}`)
  }
  if (!isEmulated(state.params))
    for (const p of pressures) {
      const of = (status: NodeStatus | undefined) => status?.conditions?.find((c) => c.type === p.type)?.status
      if (of(node.status) === of(next)) continue
      const event = of(next) === 'True' ? p.events[0] : p.events[1]
      state.recorder.event(ctx, reference(state), 'Normal', event, `Node ${state.node} status is now: ${event}`)
    }
  state.nodeStatusAt = ctx.now
  state.client.send(ctx, { verb: 'patch', path: resourcePath('nodes', undefined, state.node, 'status'), patchType: 'application/strategic-merge-patch+json', body: { status: { ...next, '$setElementOrder/conditions': next.conditions?.map((c) => ({ type: c.type })) } } }, say('kubelet/node-status-put'))
}

const compared = ['capacity', 'allocatable', 'addresses', 'nodeInfo'] as const

function sameButTimes(a: NodeStatus | undefined, b: NodeStatus): boolean {
  if (a === undefined) return false
  for (const field of compared) if (!deepEqual(a[field], b[field])) return false
  for (const c of b.conditions ?? []) {
    const was = conditionNamed(a, c.type)
    if (was === undefined || was.status !== c.status || was.reason !== c.reason || was.message !== c.message) return false
  }
  return deepEqual(a.images ?? [], b.images ?? [])
}

function conditionNamed(status: NodeStatus | undefined, type: string): NodeCondition | undefined {
  return status?.conditions?.find((c) => c.type === type)
}

/** The node's status as it is now. Fields stand in Go's order. */
function nodeStatus(state: KubeletState, old: NodeStatus | undefined, ctx: Ctx): NodeStatus {
  const { info, resources, allocatable } = (state.machine ??= machine(state))
  const status: NodeStatus = {
    capacity: resources, allocatable, conditions: nodeConditions(state, old, ctx),
    addresses: [{ type: 'InternalIP', address: state.address }, { type: 'Hostname', address: state.node }],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } }, nodeInfo: info,
  }
  if (hasImageSizes(state)) status.images = imageList(state)
  return status
}

/** What a node may be short of: condition, its reasons and messages, and the events of its coming and going. Upstream: pkg/kubelet/nodestatus/setters.go */
const pressures = [
  { type: 'MemoryPressure', reasons: ['KubeletHasInsufficientMemory', 'KubeletHasSufficientMemory'], says: ['kubelet has insufficient memory available', 'kubelet has sufficient memory available'], events: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'] },
  { type: 'DiskPressure', reasons: ['KubeletHasDiskPressure', 'KubeletHasNoDiskPressure'], says: ['kubelet has disk pressure', 'kubelet has no disk pressure'], events: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'] },
  { type: 'PIDPressure', reasons: ['KubeletHasInsufficientPID', 'KubeletHasSufficientPID'], says: ['kubelet has insufficient PID available', 'kubelet has sufficient PID available'], events: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'] },
] as const

function nodeConditions(state: KubeletState, old: NodeStatus | undefined, ctx: Ctx): NodeCondition[] {
  const time = ctx.wallTime()
  const condition = (type: string, status: string, reason: string, message: string): NodeCondition => {
    const was = conditionNamed(old, type)
    return { type, status, lastHeartbeatTime: time, lastTransitionTime: was && was.status === status ? was.lastTransitionTime ?? time : time, reason, message }
  }
  const notReady = state.shutdown !== null ? 'node is shutting down' : state.runtimeUp ? '' : '[container runtime is down, PLEG is not healthy: pleg has yet to be successful]'
  return [
    ...pressures.map((p) => {
      const [status, at] = state.eviction.conditions.includes(p.type) ? (['True', 0] as const) : (['False', 1] as const)
      return condition(p.type, status, p.reasons[at], p.says[at])
    }),
    condition('Ready', notReady === '' ? 'True' : 'False', notReady === '' ? 'KubeletReady' : 'KubeletNotReady', notReady === '' ? 'kubelet is posting ready status' : notReady),
  ]
}

/** What never changes of a machine: made once. */
function machine({ node, params, allocatable }: KubeletState): Machine {
  const emulated = isEmulated(params)
  const info: Machine['info'] = Object.freeze(emulated
    ? { architecture: 'amd64', bootID: '', containerRuntimeVersion: 'fakeRuntime://0.1.0', kernelVersion: '3.16.0-0.bpo.4-amd64', kubeProxyVersion: '', kubeletVersion: 'v1.36.2', machineID: '', operatingSystem: 'linux', osImage: 'Debian GNU/Linux 7 (wheezy)', systemUUID: '' }
    : { architecture: 'amd64', bootID: hex(node, 'boot'), containerRuntimeVersion: 'containerd://2.1.4', kernelVersion: '6.12.57+deb13-amd64', kubeProxyVersion: '', kubeletVersion: 'v1.36.2', machineID: hex(node, 'machine').replaceAll('-', ''), operatingSystem: 'linux', osImage: 'Debian GNU/Linux 13 (trixie)', systemUUID: hex(node, 'system') })
  const resources = Object.freeze({
    cpu: newMilliQuantity(params.node.cpuMillis, 'DecimalSI').text,
    'ephemeral-storage': emulated ? '0' : '61202244Ki',
    ...(emulated ? {} : { 'hugepages-1Gi': '0', 'hugepages-2Mi': '0' }),
    memory: newQuantity(params.node.memoryBytes, 'BinarySI').text,
    pods: String(allocatable.maxPods),
  })
  // What pods may have is mostly all.
  const own = allocatable.cpuMillis === params.node.cpuMillis && allocatable.memoryBytes === params.node.memoryBytes ? resources : Object.freeze({ ...resources, cpu: newMilliQuantity(allocatable.cpuMillis, 'DecimalSI').text, memory: newQuantity(allocatable.memoryBytes, 'BinarySI').text })
  return Object.freeze({ info, resources, allocatable: own })
}

function hex(node: string, what: string): string {
  let out = ''
  for (let part = 1; part <= 4; part++) {
    let h = Math.imul(part, 0x9e3779b1)
    for (const c of `${node}/${what}`) h = Math.imul(h ^ c.charCodeAt(0), 16777619)
    out += (h >>> 0).toString(16).padStart(8, '0')
  }
  return `${out.slice(0, 8)}-${out.slice(8, 12)}-${out.slice(12, 16)}-${out.slice(16, 20)}-${out.slice(20)}`
}
