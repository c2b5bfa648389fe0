import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, Pod } from '../api'
import { labelSelector, matches, type KubeObject } from '../apimachinery'
import { Client, InformerFactory } from '../client-go'
import type { Behaviour } from '../sim'

/** Parameters of `cni@<node>`. */
export interface PolicyAgentParams {
  readonly node: string
}

/** State of `cni@<node>`: the caches from which a policy-capable network plugin (as Calico's felix) programs its node. */
export interface PolicyAgentState {
  readonly node: string
  readonly client: Client
  readonly informers: InformerFactory
}

/** The agent of a policy-capable network plugin. Plain Flannel has none, and policies then do nothing. */
export const policyAgent: Behaviour<PolicyAgentState, PolicyAgentParams> = {
  kind: 'cni-policy',
  start(ctx, { node }) {
    const client = new Client('system:serviceaccount:kube-system:calico-node', 'calico-node')
    const state: PolicyAgentState = { node, client, informers: new InformerFactory(client) }
    state.informers.add({ resource: 'networkpolicies', indexes: ['namespace'] })
    state.informers.add({ resource: 'namespaces' })
    state.informers.add({ resource: 'pods' })
    state.informers.start(ctx)
    return state
  },
  handle(state, message, ctx) {
    state.informers.handle(message, ctx, ignore)
  },
}

/** Verdicts are read from the caches when a packet comes. */
const ignore = (): void => undefined

/** One side of a connection: a pod, or only an address. */
export interface PolicyPeer {
  readonly namespace: string
  /** Empty: not a pod. */
  readonly pod: string
  readonly ip: string
}

/** What the policies say: `by` names those that apply to the pod; empty when none does. */
export interface PolicyVerdict {
  readonly allowed: boolean
  readonly by: readonly string[]
}

const open: PolicyVerdict = Object.freeze({ allowed: true, by: Object.freeze([]) })

/**
 * Whether policies let a connection out of (`egress`) or into (`ingress`) a pod, by this node's caches, however stale.
 * A pod that no policy of that direction selects is open. Upstream: the semantics of networking.k8s.io/v1 NetworkPolicy
 */
export function policyVerdict(state: PolicyAgentState, direction: 'ingress' | 'egress', own: PolicyPeer, other: PolicyPeer, port: number, protocol: string): PolicyVerdict {
  const pod = state.informers.cache<Pod>('pods').get(own.namespace, own.pod)
  if (pod === undefined || pod.spec.hostNetwork) return open
  const by: string[] = []
  let allowed = false
  for (const policy of state.informers.cache<NetworkPolicy>('networkpolicies').by('namespace', own.namespace)) {
    const { spec } = policy
    if (!typesOf(spec).includes(direction === 'ingress' ? 'Ingress' : 'Egress') || !selects(spec.podSelector, pod)) continue
    by.push(policy.metadata.name as string)
    const rules = direction === 'ingress' ? (spec.ingress ?? []).map((r) => [r.from, r.ports] as const) : (spec.egress ?? []).map((r) => [r.to, r.ports] as const)
    allowed ||= rules.some(([peers, ports]) => portFits(ports, port, protocol, direction === 'ingress' ? pod : state.informers.cache<Pod>('pods').get(other.namespace, other.pod)) && peerFits(state, peers, own.namespace, other))
  }
  return by.length === 0 ? open : { allowed, by }
}

/** Policies of one direction that select a pod, by name. A plugin that knows no policies lets everything pass, and nobody tells: this does. */
export function policiesOver(policies: Iterable<NetworkPolicy>, pod: Pod, direction: 'ingress' | 'egress'): readonly string[] {
  const names: string[] = []
  for (const { metadata, spec } of policies) if (metadata.namespace === pod.metadata.namespace && !pod.spec.hostNetwork && typesOf(spec).includes(direction === 'ingress' ? 'Ingress' : 'Egress') && selects(spec.podSelector, pod)) names.push(metadata.name as string)
  return names
}

/** Upstream: defaults of policyTypes */
function typesOf(spec: NetworkPolicy['spec']): readonly string[] {
  return spec.policyTypes ?? (spec.egress ? ['Ingress', 'Egress'] : ['Ingress'])
}

function selects(selector: Parameters<typeof labelSelector>[0], object: KubeObject): boolean {
  return matches(labelSelector(selector ?? {}), object.metadata.labels ?? {})
}

function portFits(ports: readonly NetworkPolicyPort[] | undefined, port: number, protocol: string, pod: Pod | undefined): boolean {
  if (ports === undefined || ports.length === 0) return true
  return ports.some((p) => {
    if ((p.protocol ?? 'TCP').toLowerCase() !== protocol) return false
    if (p.port === undefined) return true
    if (typeof p.port === 'string') return pod?.spec.containers.some((c) => c.ports?.some((x) => x.name === p.port && x.containerPort === port)) ?? false
    return p.endPort ? port >= p.port && port <= p.endPort : port === p.port
  })
}

function peerFits(state: PolicyAgentState, peers: readonly NetworkPolicyPeer[] | undefined, namespace: string, other: PolicyPeer): boolean {
  if (peers === undefined || peers.length === 0) return true
  const pod = other.pod === '' ? undefined : state.informers.cache<Pod>('pods').get(other.namespace, other.pod)
  return peers.some((p) => {
    if (p.ipBlock) return inRange(other.ip, p.ipBlock.cidr) && !(p.ipBlock.except ?? []).some((e) => inRange(other.ip, e))
    if (pod === undefined) return false
    const its = pod.metadata.namespace ?? ''
    if (p.namespaceSelector) {
      const ns = state.informers.cache('namespaces').byKey(its)
      if (ns === undefined || !selects(p.namespaceSelector, ns)) return false
    } else if (its !== namespace) return false
    return p.podSelector === undefined || selects(p.podSelector, pod)
  })
}

function inRange(ip: string, cidr: string): boolean {
  const number = (text: string) => text.split('.').reduce((sum, b) => sum * 256 + Number(b), 0)
  const slash = cidr.indexOf('/')
  const size = 2 ** (32 - Number(cidr.slice(slash + 1)))
  return Math.floor(number(ip) / size) === Math.floor(number(cidr.slice(0, slash)) / size)
}
