import type { Pod } from '../api'
import type { Micros } from '../sim'
import { policiesOver, policyVerdict, type PolicyPeer } from '../cni'
import { listener, listenerOnHost, sandboxAt, whyNotListening, type PodSandbox, type RunningContainer } from '../cri'
import type { JourneyLog } from './log'
import type { Client, Machine, Plane } from './plane'
import { outcomeCode } from './types'

/** The way from one machine to an address at its end, as it is now. */
export interface Leg {
  /** Place in `outcomes`; 0: the server takes the connection. */
  readonly outcome: number
  readonly text: string
  /** Units: µs, without jitter. */
  readonly oneWay: Micros
  readonly from: string
  readonly ip: string
  readonly port: number
  readonly node: string
  /** `namespace/name` */
  readonly pod: string
  readonly container: RunningContainer | null
  readonly sandbox: PodSandbox | null
  readonly end: End
}

/** Nobody answers for an address that no pod has any more: ARP gives up. Units: µs. Upstream: Linux, 3 tries of 1 s */
export const arpTimeout: Micros = 3_000_000

/**
 * The way from a machine to an address that no rule translates any more: routes, overlay, policies, and who listens.
 * `source` is the address that the packet bears there.
 */
export function legTo(plane: Plane, client: Client, from: string, source: string, ip: string, port: number, protocol: string): Leg {
  const key = plane.policies(from) === undefined ? (protocol === 'tcp' ? `${from}|${ip}:${port}` : `${from}|${ip}:${port}/${protocol}`) : `${from}|${client.key}|${source}|${ip}:${port}/${protocol}`
  let leg = plane.legs.get(key)
  if (leg === undefined) plane.legs.set(key, (leg = find(plane, client, from, source, ip, port, protocol)))
  return leg
}

/** The far end of ways to an address, whoever comes. */
export interface End {
  readonly machine: Machine | undefined
  /** The address is the machine's own. */
  readonly own: boolean
  readonly sandbox: PodSandbox | null
  readonly container: RunningContainer | null
  /** `namespace/name` */
  readonly pod: string
  /** Place in `outcomes` once a packet has come this far. */
  readonly outcome: number
  readonly text: string
  /** Index of the server's load; -2: not looked up yet, -1: not counted. */
  server: number
  /** HTTP status by path. */
  readonly status: Map<string, number>
}

function endAt(plane: Plane, ip: string, port: number, protocol: string): End {
  const key = protocol === 'tcp' ? `${ip}:${port}` : `${ip}:${port}/${protocol}`
  let end = plane.ends.get(key)
  if (end === undefined) plane.ends.set(key, (end = findEnd(plane, ip, port, protocol)))
  return end
}

function findEnd(plane: Plane, ip: string, port: number, protocol: string): End {
  const host = plane.machineAt(ip)
  const machine = host ?? plane.machineOfPod(ip)
  const own = host !== undefined
  const make = (outcome: keyof typeof outcomeCode, text: string, sandbox?: PodSandbox, container?: RunningContainer): End => ({
    machine, own, sandbox: sandbox ?? null, container: container ?? null, pod: sandbox ? `${sandbox.namespace}/${sandbox.name}` : '', outcome: outcomeCode[outcome], text, server: -2, status: new Map(),
  })
  if (machine === undefined) return make('no-route', '')
  const runtime = plane.runtime(machine.name)
  if (runtime === undefined) return make('timeout', `no answer from ${machine.name}: it does not run`)
  if (own) {
    const found = listenerOnHost(runtime, port, plane.ctx)
    return found ? make('ok', `${machine.name} itself`, found.pod, found.container) : make('refused', `nothing listens on port ${port} of ${machine.name}`)
  }
  const sandbox = sandboxAt(runtime, ip)
  if (sandbox === undefined) return make('unreachable', `no pod on ${machine.name} has ${ip} any more: nobody answers the ARP request on cni0`)
  const container = listener(sandbox, port, plane.ctx)
  const pod = `${sandbox.namespace}/${sandbox.name}`
  if (container && !speaks(plane, sandbox, port, protocol)) return make('refused', `${pod} refuses: nothing speaks ${protocol.toUpperCase()} on port ${port}`, sandbox)
  return container ? make('ok', pod, sandbox, container) : make('refused', `${pod} refuses: ${whyNotListening(sandbox, port)}`, sandbox)
}

// What follows from a sandbox's pod, whose ports never change: a memo, not state.
const declared = new WeakMap<PodSandbox, ReadonlyMap<number, readonly string[]>>()

/** Programs do not say what they speak below HTTP, so the pod's declared ports do: UDP and SCTP must be declared, TCP only must not be declared as another. */
function speaks(plane: Plane, sandbox: PodSandbox, port: number, protocol: string): boolean {
  let ports = declared.get(sandbox)
  if (ports === undefined) {
    const pod = plane.outer.object('pods', sandbox.namespace, sandbox.name) as Pod | undefined
    if (pod === undefined) return protocol === 'tcp'
    const made = new Map<number, string[]>()
    for (const c of pod.spec.containers) for (const p of c.ports ?? []) made.set(p.containerPort, [...(made.get(p.containerPort) ?? []), (p.protocol ?? 'TCP').toLowerCase()])
    declared.set(sandbox, (ports = made))
  }
  return ports.get(port)?.includes(protocol) ?? protocol === 'tcp'
}

function find(plane: Plane, client: Client, from: string, source: string, ip: string, port: number, protocol: string): Leg {
  const end = endAt(plane, ip, port, protocol)
  const { machine, sandbox, pod } = end
  const name = machine?.name ?? ''
  const make = (outcome: number, text: string): Leg => ({ outcome, text, oneWay: machine ? plane.oneWay(from, name) : 0, from, ip, port, node: name, pod, container: end.container, sandbox, end })
  if (machine === undefined) return make(outcomeCode['no-route'], `${from} has no route to ${ip} but the one out of the cluster, and nobody answers there`)
  const target: PolicyPeer = { namespace: sandbox?.namespace ?? '', pod: sandbox?.name ?? '', ip }
  if (client.ownNetwork) {
    const agent = plane.policies(client.host)
    const egress = agent && policyVerdict(agent, 'egress', { namespace: client.namespace, pod: client.pod, ip: client.ip }, target, port, protocol)
    if (egress && !egress.allowed) return make(outcomeCode.policy, `${client.host} drops it: no rule of ${egress.by.join(', ')} lets ${client.label} send to ${pod || ip}, port ${port}`)
  }
  if (!plane.passes(from, name)) return make(outcomeCode.timeout, `no answer from ${name}: the machine is dark or its link is cut`)
  const agent = sandbox && !end.own ? plane.policies(name) : undefined
  if (agent) {
    const peer: PolicyPeer = source === client.ip && client.ownNetwork ? { namespace: client.namespace, pod: client.pod, ip: source } : { namespace: '', pod: '', ip: source }
    const ingress = policyVerdict(agent, 'ingress', target, peer, port, protocol)
    if (!ingress.allowed) return make(outcomeCode.policy, `${name} drops it: no rule of ${ingress.by.join(', ')} lets ${peer.pod ? `${peer.namespace}/${peer.pod}` : source} in to ${pod}, port ${port}`)
  }
  return make(end.outcome, end.text)
}

/** How long a failing connection takes to be known as such; undefined: until the client gives up. */
export function failsAfter(leg: Leg): Micros | undefined {
  if (leg.outcome === outcomeCode.refused) return 2 * leg.oneWay
  return leg.outcome === outcomeCode.unreachable ? arpTimeout : undefined
}

/** The stations of a way, for a journey. */
export function legHops(leg: Leg, client: Client, now: Micros, depth: number, log: JourneyLog): void {
  const across = leg.from !== leg.node
  const { from, node, ip } = leg
  const device = from === client.host && client.ownNetwork ? `veth of ${client.label}, bridge cni0` : from === 'outside' ? 'the internet' : 'eth0'
  if (node === '') return log.hop(now, { kind: 'network', where: from, text: leg.text, ok: false, depth })
  if (leg.outcome === outcomeCode.policy) return log.hop(now, { kind: 'policy', where: leg.sandbox ? node : from, text: leg.text, ok: false, depth, pod: leg.pod })
  if (across) {
    const overlay = leg.sandbox !== null || leg.outcome === outcomeCode.unreachable || leg.outcome === outcomeCode.timeout
    log.hop(now, { kind: 'network', where: from, text: overlay ? `${device}, route to ${ip.slice(0, ip.lastIndexOf('.'))}.0/24 by flannel.1: in a VXLAN packet to ${node}` : `${device}, to ${node}`, ok: leg.outcome !== outcomeCode.timeout, depth, pod: leg.pod })
  } else if (leg.sandbox && !leg.sandbox.hostNetwork) log.hop(now, { kind: 'network', where: from, text: `${device}, straight to the veth of ${leg.pod}`, ok: true, depth, pod: leg.pod })
  if (leg.outcome !== 0) log.hop(now + (failsAfter(leg) ?? leg.oneWay), { kind: 'end', where: node, text: leg.text, ok: false, depth, pod: leg.pod })
  else if (across && leg.sandbox && !leg.sandbox.hostNetwork) log.hop(now + leg.oneWay, { kind: 'network', where: node, text: `out of the VXLAN packet, bridge cni0, veth of ${leg.pod}`, ok: true, depth, pod: leg.pod })
}

/** Policies that would be asked on this way if the network plugin knew any: without it they do nothing, and a journey says so. */
export function unheardPolicies(plane: Plane, leg: Leg, client: Client, now: Micros, depth: number, log: JourneyLog): void {
  const all = plane.outer.policies()
  if (all.length === 0) return
  const ask = (node: string, namespace: string, name: string, direction: 'ingress' | 'egress'): void => {
    const pod = name === '' || plane.policies(node) !== undefined ? undefined : (plane.outer.object('pods', namespace, name) as Pod | undefined)
    const names = pod ? policiesOver(all, pod, direction) : []
    if (names.length > 0) log.hop(now, { kind: 'policy', where: node, text: `NetworkPolicy ${names.map((n) => `${namespace}/${n}`).join(', ')} selects ${namespace}/${name} for ${direction}, but Flannel enforces no policies: it passes unjudged`, ok: true, depth, pod: leg.pod })
  }
  if (client.ownNetwork) ask(client.host, client.namespace, client.pod, 'egress')
  if (leg.sandbox) ask(leg.node, leg.sandbox.namespace, leg.sandbox.name, 'ingress')
}
