import type { Behaviour, Message, Micros } from '../sim'
import type { EndpointRule, ServicePortRules } from './rules'

/** How kube-proxy writes its rules. Upstream: KubeProxyConfiguration.mode */
export type ProxyMode = 'iptables' | 'ipvs' | 'nftables'

/**
 * State of `kernel@<node>`: what a node's kernel holds for Services. It outlives kube-proxy and ends with the node's power.
 * Passive: kube-proxy writes it, packets read it.
 */
export interface KernelState {
  readonly node: string
  mode: ProxyMode
  /** By service `namespace/name`. */
  readonly rules: Map<string, readonly ServicePortRules[]>
  /** `tcp/10.96.0.20:80` → rules. Cluster IPs, external IPs and load balancer addresses. */
  readonly byAddress: Map<string, ServicePortRules>
  /** `tcp/30080` → rules. */
  readonly byNodePort: Map<string, ServicePortRules>
  /** Addresses that belong to services: another port of one is answered differently by the modes. */
  readonly serviceIPs: Map<string, number>
  /** When kube-proxy wrote last; -1: never. */
  writtenAt: Micros
  /** Grows with every write: whoever keeps what he read knows that it is old. */
  version: number
}

/** kube-proxy → kernel: one transaction of iptables-restore, netlink or nft. */
export interface KernelRestore extends Message {
  readonly type: 'kernel/restore'
  readonly mode: ProxyMode
  /** Everything that was there is replaced. */
  readonly full: boolean
  readonly services: readonly (readonly [string, readonly ServicePortRules[]])[]
}

/** Params of `kernel@<node>`. */
export interface KernelParams {
  readonly node: string
}

/** A node's kernel, as far as Services are concerned. */
export const kernel: Behaviour<KernelState, KernelParams> = {
  kind: 'kernel',
  start: (_ctx, { node }) => ({ node, mode: 'iptables', rules: new Map(), byAddress: new Map(), byNodePort: new Map(), serviceIPs: new Map(), writtenAt: -1, version: 1 }),
  handle(state, message, ctx) {
    if (message.type !== 'kernel/restore') return
    const { mode, full, services } = message as KernelRestore
    state.mode = mode
    if (full) for (const m of [state.rules, state.byAddress, state.byNodePort, state.serviceIPs]) m.clear()
    for (const [key, rules] of services) {
      for (const r of state.rules.get(key) ?? []) unlink(state, r)
      if (rules.length === 0) state.rules.delete(key)
      else state.rules.set(key, rules)
      for (const r of rules) link(state, r)
    }
    state.writtenAt = ctx.now
    state.version++
  },
}

function link(state: KernelState, r: ServicePortRules): void {
  for (const ip of addressesOf(r)) {
    state.byAddress.set(`${r.protocol}/${ip}:${r.port}`, r)
    state.serviceIPs.set(ip, (state.serviceIPs.get(ip) ?? 0) + 1)
  }
  if (r.nodePort) state.byNodePort.set(`${r.protocol}/${r.nodePort}`, r)
}

function unlink(state: KernelState, r: ServicePortRules): void {
  for (const ip of addressesOf(r)) {
    const key = `${r.protocol}/${ip}:${r.port}`
    if (state.byAddress.get(key) === r) state.byAddress.delete(key)
    const left = (state.serviceIPs.get(ip) ?? 1) - 1
    if (left > 0) state.serviceIPs.set(ip, left)
    else state.serviceIPs.delete(ip)
  }
  if (r.nodePort && state.byNodePort.get(`${r.protocol}/${r.nodePort}`) === r) state.byNodePort.delete(`${r.protocol}/${r.nodePort}`)
}

function addressesOf(r: ServicePortRules): readonly string[] {
  return r.externalIPs.length + r.loadBalancerIPs.length === 0 ? [r.clusterIP] : [...new Set([r.clusterIP, ...r.externalIPs, ...r.loadBalancerIPs])]
}

/** What the kernel does with a new connection to an address that may be a Service's. */
export type Verdict =
  /** Not a Service's: it is routed like any other. */
  | { readonly kind: 'pass' }
  /** Its destination becomes one of `list`. */
  | { readonly kind: 'dnat'; readonly rules: ServicePortRules; readonly list: readonly EndpointRule[]; readonly via: 'cluster-ip' | 'external-ip' | 'load-balancer' | 'node-port' }
  /** Refused at once, by an ICMP answer. */
  | { readonly kind: 'reject'; readonly rules: ServicePortRules | null; readonly why: 'no-endpoints' | 'no-such-port' }
  /** Silence. */
  | { readonly kind: 'drop'; readonly rules: ServicePortRules | null; readonly why: 'no-local-endpoints' | 'source-range' | 'no-such-port' }

const pass: Verdict = Object.freeze({ kind: 'pass' })

/**
 * Judges a packet's destination by the rules as they stand in this kernel, however old.
 * `own`: the address is the node's (NodePorts count). `inside`: it comes from a pod or a node of the cluster.
 */
export function judge(state: KernelState, protocol: string, ip: string, port: number, own: boolean, inside: boolean, source: string): Verdict {
  const byAddress = state.byAddress.get(`${protocol}/${ip}:${port}`)
  if (byAddress !== undefined) {
    const r = byAddress
    const via = ip === r.clusterIP ? 'cluster-ip' : r.loadBalancerIPs.includes(ip) ? 'load-balancer' : 'external-ip'
    if (via === 'load-balancer' && r.sourceRanges.length > 0 && !inRanges(source, r.sourceRanges)) return { kind: 'drop', rules: r, why: 'source-range' }
    return decide(r, via, inside)
  }
  if (own) {
    const r = state.byNodePort.get(`${protocol}/${port}`)
    if (r !== undefined) return decide(r, 'node-port', inside)
    return pass
  }
  if (state.serviceIPs.has(ip)) {
    // ipvs binds the address to a dummy device of the node itself, nftables has a rule for all other ports; iptables lets it out, where no one answers.
    return state.mode === 'iptables' ? { kind: 'drop', rules: null, why: 'no-such-port' } : { kind: 'reject', rules: null, why: 'no-such-port' }
  }
  return pass
}

function decide(r: ServicePortRules, via: 'cluster-ip' | 'external-ip' | 'load-balancer' | 'node-port', inside: boolean): Verdict {
  // Traffic from inside to an external address keeps to the cluster's policy. Upstream: KUBE-EXT chain, "pod traffic ... short-circuit"
  const isLocal = via === 'cluster-ip' ? r.internalLocal : r.externalLocal && !inside
  const list = via === 'cluster-ip' ? r.endpoints : inside ? r.clusterEndpoints : r.externalEndpoints
  if (list.length > 0) return { kind: 'dnat', rules: r, list, via }
  return isLocal && r.hasEndpoints ? { kind: 'drop', rules: r, why: 'no-local-endpoints' } : { kind: 'reject', rules: r, why: 'no-endpoints' }
}

/** Whether an IPv4 address lies in one of these ranges. */
function inRanges(ip: string, ranges: readonly string[]): boolean {
  const address = numberOf(ip)
  return ranges.some((range) => {
    const slash = range.indexOf('/')
    const bits = slash < 0 ? 32 : Number(range.slice(slash + 1))
    const size = 2 ** (32 - bits)
    return Math.floor(address / size) === Math.floor(numberOf(slash < 0 ? range : range.slice(0, slash)) / size)
  })
}

function numberOf(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}
