import { judge, type EndpointRule, type ServicePortRules, type Verdict } from '../kube-proxy'
import type { Micros } from '../sim'
import { flowPlaces, type FlowPlaces } from './flow-places'
import { flowOf } from './flows'
import { legTo, type Leg } from './path'
import type { Client, Plane } from './plane'
import { outcomeCode, type JourneyHop, type RuleDecision } from './types'

/** What becomes of packets from a client to an address: decided once for an instant, used for many requests. */
export interface Dest {
  readonly ip: string
  readonly port: number
  readonly protocol: string
  /** The node whose kernel decides; empty: none does. */
  readonly entry: string
  /** From the client to the entry node. */
  readonly toEntry: Micros
  readonly verdict: Verdict
  readonly rules: ServicePortRules | null
  readonly list: readonly EndpointRule[]
  /** By place in `list`; with a straight way the only one. Filled when needed. */
  readonly legs: (Leg | undefined)[]
  readonly flows: FlowPlaces
  /** Flow of those that reach no pod; -1: not looked up. */
  failFlow: number
  /** It fails before any endpoint is chosen. Place in `outcomes`; 0: it does not. */
  readonly outcome: number
  readonly text: string
  /** Address that the packet bears behind the entry node. */
  readonly source: string
  readonly masquerade: boolean
  /** A load balancer outside chooses the entry node first. */
  readonly choices: readonly string[]
  readonly balancer: string
}

const pass: Verdict = Object.freeze({ kind: 'pass' })
const noRules: readonly EndpointRule[] = Object.freeze([])
const noFlows: FlowPlaces = { places: [], pods: [] }

/** Decides what becomes of packets from a client to an address. `at`: the node that a load balancer has chosen. */
export function destOf(plane: Plane, client: Client, ip: string, port: number, protocol: string, at = ''): Dest {
  const key = `${client.key}|${ip}:${port}/${protocol}|${at}`
  let dest = plane.dests.get(key)
  if (dest === undefined) plane.dests.set(key, (dest = find(plane, client, ip, port, protocol, at)))
  return dest
}

function find(plane: Plane, client: Client, ip: string, port: number, protocol: string, at: string): Dest {
  const base = { ip, port, protocol, entry: '', toEntry: 0, verdict: pass, rules: null, list: noRules, legs: [], flows: noFlows, failFlow: -1, outcome: 0, text: '', source: client.ip, masquerade: false, choices: [], balancer: '' } satisfies Dest
  const inside = client.host !== 'outside'
  const fail = (outcome: keyof typeof outcomeCode, text: string, more: Partial<Dest> = {}): Dest => ({ ...base, outcome: outcomeCode[outcome], text, ...more })
  const own = plane.machineAt(ip)
  // The first kernel on the way is the client's own; outside there is none.
  let entry = inside ? client.host : ''
  let verdict: Verdict = pass
  if (inside) {
    const kernel = plane.kernel(entry)
    if (kernel) verdict = judge(kernel, protocol, ip, port, own?.name === entry, true, client.ip)
  }
  let toEntry = 0
  if (verdict.kind === 'pass') {
    const balancer = own === undefined && at === '' ? plane.outer.balancer(ip, port) : undefined
    if (balancer) {
      if (balancer.nodes.length === 0) return fail('timeout', `load balancer ${ip}: none of its ${balancer.all.length} nodes is healthy`, { balancer: balancer.name })
      return { ...base, choices: balancer.nodes, balancer: balancer.name }
    }
    const next = at !== '' ? plane.machine(at) : own
    if (next && next.name !== entry) {
      toEntry = plane.oneWay(client.host, next.name)
      if (!plane.passes(client.host, next.name) || plane.runtime(next.name) === undefined) return fail('timeout', `no answer from ${next.name}: the machine is dark or its link is cut`, { entry: next.name, toEntry })
      const kernel = plane.kernel(next.name)
      if (kernel) verdict = judge(kernel, protocol, ip, port, own !== undefined, false, client.ip)
      if (verdict.kind !== 'pass') entry = next.name
      else if (at !== '') return fail('dropped', `${next.name} has no rule for ${ip}:${port}`, { entry: next.name, toEntry })
    } else if (!inside) return fail('no-route', `${ip} is an address inside the cluster: no router outside knows a way to it`)
  }
  if (verdict.kind === 'reject') {
    const text = verdict.why === 'no-such-port' ? `${ip} is a Service's, but not port ${port}: refused` : `${verdict.rules?.name ?? ''} has no endpoints: REJECT`
    return fail(verdict.why === 'no-such-port' ? 'refused' : 'no-endpoints', text, { entry, toEntry, verdict, rules: verdict.rules })
  }
  if (verdict.kind === 'drop') {
    const text = verdict.why === 'no-local-endpoints' ? `${verdict.rules?.name ?? ''} has no endpoint on ${entry}, and its traffic policy is Local: DROP` : verdict.why === 'source-range' ? `${client.ip} is in no loadBalancerSourceRanges: DROP` : `${ip} is a Service's, but no rule is for port ${port}: the packet leaves the cluster, and nobody answers`
    return fail('dropped', text, { entry, toEntry, verdict, rules: verdict.rules })
  }
  if (verdict.kind === 'dnat') {
    const fromPod = client.ownNetwork && client.host === entry
    const external = verdict.via !== 'cluster-ip'
    // Traffic from outside is masqueraded, so that answers come back this way; with policy Local it need not be.
    const masquerade = external ? inside || !verdict.rules.externalLocal : !fromPod
    const source = masquerade && !(inside && client.host === entry && !client.ownNetwork) ? (plane.machine(entry)?.address ?? client.ip) : client.ip
    return { ...base, entry, toEntry, verdict, rules: verdict.rules, list: verdict.list, source, masquerade, legs: new Array<Leg | undefined>(verdict.list.length).fill(undefined), flows: flowPlaces(plane.state, verdict.list, client.label, entry) }
  }
  return { ...base, legs: [undefined], flows: { places: [-1], pods: [''] } }
}

/** The way to one endpoint of a destination; without rules, to the address itself. */
export function legOf(plane: Plane, client: Client, dest: Dest, i: number): Leg {
  let leg = dest.legs[i]
  if (leg === undefined) {
    const e = dest.list[i]
    leg = e ? legTo(plane, client, dest.entry, dest.source, e.ip, e.port, dest.protocol) : legTo(plane, client, client.host, client.ip, dest.ip, dest.port, dest.protocol)
    dest.legs[i] = leg
  }
  return leg
}

/** The place of the flow to one endpoint of a destination. */
export function flowAt(plane: Plane, client: Client, dest: Dest, i: number, leg: Leg): number {
  const { places, pods } = dest.flows
  const known = places[i] as number
  // An address may be another pod's by now.
  if (known >= 0 && pods[i] === leg.pod) return known
  pods[i] = leg.pod
  return (places[i] = flowOf(plane.state, client.label, dest.entry, dest.rules ? `${dest.rules.namespace}/${dest.rules.service}` : '', leg.pod, leg.node))
}

/** Bounds of what packets leave behind in kernels. */
const mostSticky = 20_000

/** Chooses an endpoint as the kernel does: by affinity, in turn (ipvs), or by chance. Answers its place; the sign bit of `stuck` tells of affinity. */
export function pick(plane: Plane, client: Client, dest: Dest, at: Micros): { readonly place: number; readonly sticky: boolean } {
  const { rules, list } = dest
  const n = list.length
  if (rules === null || (n === 1 && rules.affinitySeconds === 0)) return first
  if (rules.affinitySeconds > 0) {
    const key = `${dest.entry}|${rules.chain}|${client.ip}`
    const { sticky } = plane.state
    const known = sticky.get(key)
    const place = known && at - known.at <= rules.affinitySeconds * 1_000_000 ? list.findIndex((e) => `${e.ip}:${e.port}` === known.endpoint) : -1
    if (known && place >= 0) {
      known.at = Math.max(known.at, at)
      return { place, sticky: true }
    }
    const chosen = turn(plane, dest)
    const e = list[chosen] as EndpointRule
    sticky.delete(key)
    sticky.set(key, { endpoint: `${e.ip}:${e.port}`, at })
    if (sticky.size > mostSticky) sticky.delete(sticky.keys().next().value as string)
    return { place: chosen, sticky: false }
  }
  places.place = turn(plane, dest)
  return places
}

const first = Object.freeze({ place: 0, sticky: false })
/** Answered again and again: read it at once. */
const places = { place: 0, sticky: false }

function turn(plane: Plane, dest: Dest): number {
  const n = dest.list.length
  if (plane.kernel(dest.entry)?.mode !== 'ipvs') return n === 1 ? 0 : plane.ctx.rng.below(n)
  const key = `${dest.entry}|${dest.rules?.name ?? ''}/${dest.protocol}`
  const { turns } = plane.state
  const next = (turns.get(key) ?? 0) % n
  turns.set(key, next + 1)
  return next
}

const mostEndpoints = 20

/** The rules' decision as a station of the journey. */
export function ruleHop(plane: Plane, client: Client, dest: Dest, place: number, sticky: boolean, depth: number): Omit<JourneyHop, 'after' | 'trip'> {
  const { verdict, rules, entry, list } = dest
  const kernel = plane.kernel(entry)
  if (verdict.kind !== 'dnat' || rules === null || kernel === undefined) {
    return { kind: 'rules', where: entry || client.host, text: dest.text, ok: dest.outcome === 0, depth, ...(rules && kernel ? { rule: decision(plane, dest, rules, -1, false) } : {}) }
  }
  const e = list[place] as EndpointRule
  const how = sticky ? 'as before, by session affinity' : list.length === 1 ? 'the only endpoint' : kernel.mode === 'ipvs' ? `${place + 1} of ${list.length}, in turn` : `${place + 1} of ${list.length}, chance 1/${list.length}`
  const rule = decision(plane, dest, rules, place, sticky)
  const stale = rule.currentRevision > rule.revision ? `; the rules are of revision ${rule.revision}, the API has ${rule.currentRevision}` : ''
  return { kind: 'rules', where: entry, text: `${rules.name}: destination ${dest.ip}:${dest.port} becomes ${e.ip}:${e.port} (${how})${stale}`, ok: true, depth, rule }
}

function decision(plane: Plane, dest: Dest, rules: ServicePortRules, place: number, sticky: boolean): RuleDecision {
  const { verdict, list, entry } = dest
  const kernel = plane.kernel(entry)
  const mode = kernel?.mode ?? 'iptables'
  const via = verdict.kind === 'dnat' ? verdict.via : 'cluster-ip'
  const e = list[place]
  const ext = rules.chain.replace('KUBE-SVC-', 'KUBE-EXT-')
  const isLocal = via === 'cluster-ip' ? rules.internalLocal : rules.externalLocal && list === rules.externalEndpoints && list !== rules.clusterEndpoints
  const svc = isLocal ? rules.chain.replace('KUBE-SVC-', 'KUBE-SVL-') : rules.chain
  const chains = mode !== 'iptables' ? [] : ['KUBE-SERVICES', ...(via === 'node-port' ? ['KUBE-NODEPORTS'] : []), ...(via === 'cluster-ip' ? [] : [ext]), ...(e ? [svc, e.chain] : [])]
  return Object.freeze({
    node: entry, mode, service: `${rules.namespace}/${rules.service}`, via, chains: Object.freeze(chains), chance: e && !sticky && mode !== 'ipvs' ? `1/${list.length}` : '', ruleProbability: e && mode === 'iptables' && !sticky ? e.probability : '',
    endpoints: Object.freeze(list.slice(0, mostEndpoints).map((x) => `${x.ip}:${x.port}`)), of: list.length, picked: place, sticky, masquerade: dest.masquerade,
    revision: rules.revision, currentRevision: plane.outer.sliceRevision(rules.namespace, rules.service), writtenAt: (kernel?.writtenAt ?? 0) - plane.outer.boot, proxyDown: !plane.proxyUp(entry),
  })
}
