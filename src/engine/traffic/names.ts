import { resolve, type CorednsState } from '../coredns'
import { MS, SECOND } from '../sim'
import { destOf, flowAt, legOf, pick, ruleHop, type Dest } from './entry'
import type { JourneyLog, OpenTrip } from './log'
import { failsAfter } from './path'
import type { Plan } from './plan'
import type { Answer, Plane } from './plane'
import { meet } from './server'
import { numberOf } from './target'
import { outcomeCode, type RuleDecision, type TripStop } from './types'

/** One try of the resolver, and how many there are. Upstream: resolv.conf(5) */
const tryTimeout = 5 * SECOND
const tries = 2

/** Where resolving has got to. `at` runs on; `outcome` 0: `ip` is the answer. */
export interface Lookup {
  at: number
  ip: string
  /** The full name that was known, with all its addresses. */
  name: string
  all: readonly string[]
  outcome: number
  /** Where the last query got no farther. */
  stops: TripStop
}

/** A resolver that starts at a time. */
export function newLookup(at: number): Lookup {
  return { at, ip: '', name: '', all: none, outcome: 0, stops: '' }
}

/** Finds the address of a plan's host at the time `look.at`, over the cluster's own DNS or the world's. */
export function lookUp(plane: Plane, plan: Plan, look: Lookup, depth: number, log: JourneyLog | null): void {
  look.outcome = 0
  const { client, target } = plan
  const own = client.resolver.hosts.get(target.host)
  if (own !== undefined) {
    // The loopback address is the pod's own.
    look.ip = own === '127.0.0.1' ? client.ip : own
    log?.hop(look.at, { kind: 'dns', where: client.host, text: `${target.host}? ${own}, says its /etc/hosts`, ok: true, depth })
    return
  }
  const dest = (plan.server ??= destOf(plane, client, client.resolver.server, 53, 'udp'))
  if (isOutside(plane, dest)) return worldLookUp(plane, plan, look, depth, log)
  for (const name of plan.names) {
    const trip = log?.open('dns', plan.client, name, look.at)
    const answer = ask(plane, plan, dest, name, look, depth, log, trip)
    if (log && trip) log.close(trip, look.at, look.outcome, look.stops)
    if (answer === 'failed') return
    if (answer.length > 0) {
      look.name = name
      look.all = answer
      look.ip = answer.length === 1 ? (answer[0] as string) : (answer[plane.ctx.rng.below(answer.length)] as string)
      return
    }
  }
  look.outcome = outcomeCode['dns-nxdomain']
}

/** Services' addresses. Upstream: kubeadm, serviceSubnet 10.96.0.0/12 */
const serviceRange = numberOf('10.96.0.0') >>> 20

/** A name server that no Service, pod or machine of the cluster is: it knows what the world knows. */
function isOutside(plane: Plane, { ip, verdict }: Dest): boolean {
  return ip === '' || (verdict.kind === 'pass' && numberOf(ip) >>> 20 !== serviceRange && plane.machineAt(ip) === undefined && plane.machineOfPod(ip) === undefined)
}

/** One query to the client's name server, which is kube-dns unless its pod says otherwise. Empty: the name is unknown (or has no address). */
function ask(plane: Plane, plan: Plan, dest: Dest, name: string, look: Lookup, depth: number, log: JourneyLog | null, trip: OpenTrip | undefined): readonly string[] | 'failed' {
  const { client } = plan
  const asked = look.at
  const hop = (text: string, ok: boolean, pod = '', rule?: RuleDecision) => log?.hop(look.at, { kind: 'dns', where: client.host, text, ok, depth, pod, rule })
  if (trip) Object.assign(trip, { entry: dest.entry, service: dest.rules ? `${dest.rules.namespace}/${dest.rules.service}` : '' })
  if (dest.outcome !== 0) {
    log?.hop(asked, ruleHop(plane, client, dest, -1, false, depth))
    const refused = dest.outcome === outcomeCode['no-endpoints'] || dest.outcome === outcomeCode.refused
    look.at += refused ? tries * MS : tries * tryTimeout
    look.outcome = outcomeCode[refused ? 'dns-failed' : 'dns-timeout']
    look.stops = 'rules'
    hop(`${name}? The query to ${dest.ip}:53 ${refused ? `is refused: ${dest.rules ? `${dest.rules.service} has no endpoints` : 'nobody is there'}` : 'gets no answer'}`, false)
    return 'failed'
  }
  const { place, sticky } = pick(plane, client, dest, look.at)
  const rule = log ? ruleHop(plane, client, dest, place, sticky, depth).rule : undefined
  const leg = legOf(plane, client, dest, place)
  const flow = plane.state.flows[flowAt(plane, client, dest, place, leg)]
  if (trip) Object.assign(trip, { pod: leg.pod, node: leg.node, endpoint: `${leg.ip}:${leg.port}` })
  if (flow) flow.sent++
  if (leg.outcome !== 0) {
    const fails = failsAfter(leg)
    // One socket asks twice, so conntrack sends both queries to the same endpoint.
    look.at += fails === undefined ? tries * tryTimeout : tries * fails
    look.outcome = outcomeCode[fails === undefined ? 'dns-timeout' : 'dns-failed']
    look.stops = leg.outcome === outcomeCode.refused ? 'pod' : 'network'
    if (flow) flow.counts[leg.outcome] = (flow.counts[leg.outcome] as number) + 1
    if (log && trip) log.arrive(trip, asked + leg.oneWay)
    hop(`${name}? Asked twice of ${leg.ip}:53: ${leg.text}`, false, leg.pod, rule)
    return 'failed'
  }
  if (flow) flow.counts[0] = (flow.counts[0] as number) + 1
  const answered = meet(plane, leg, asked + leg.oneWay, true)
  look.at = answered + leg.oneWay
  if (log && trip) log.arrive(trip, asked + leg.oneWay, answered)
  const answer = answerOf(plane, leg.container?.process ?? '', name)
  if (log) hop(`${name}? ${leg.pod} says ${typeof answer === 'string' ? answer : answer.length === 0 ? 'no address' : answer.length > 4 ? `${answer.slice(0, 4).join(', ')} and ${answer.length - 4} more` : answer.join(', ')}`, answer !== 'SERVFAIL', leg.pod, rule)
  if (answer === 'SERVFAIL') {
    look.outcome = outcomeCode['dns-failed']
    look.stops = 'pod'
    return 'failed'
  }
  return answer === 'NXDOMAIN' ? none : answer
}

const none: readonly string[] = []

/** What a CoreDNS says of a name; asked of it once at an instant. */
function answerOf(plane: Plane, process: string, name: string): Answer {
  let known = plane.answers.get(process)
  if (known === undefined) plane.answers.set(process, (known = new Map()))
  let answer = known.get(name)
  if (answer === undefined) {
    const state = plane.process<CorednsState>(process)
    known.set(name, (answer = state ? chase(plane, state, name, 0) : 'SERVFAIL'))
  }
  return answer
}

/** CoreDNS's answer; a CNAME is followed, inside or outside the cluster. */
function chase(plane: Plane, state: CorednsState, name: string, depth: number): Answer {
  const answer = resolve(state, name)
  if (answer.rcode !== 'NOERROR') return answer.rcode === 'NXDOMAIN' && !name.endsWith('cluster.local') ? inWorld(plane, name) : answer.rcode
  if (answer.cname === undefined || depth > 4) return answer.addresses
  return answer.cname.endsWith('.cluster.local') ? chase(plane, state, answer.cname, depth + 1) : inWorld(plane, answer.cname)
}

function inWorld(plane: Plane, name: string): readonly string[] | 'NXDOMAIN' {
  const ip = plane.machine(name)?.address ?? plane.outer.publicAddress(name)
  return ip === undefined || ip === '' ? 'NXDOMAIN' : [ip]
}

/** A resolver outside the cluster: it knows the machines, and what owners of Ingresses have published. */
function worldLookUp(plane: Plane, plan: Plan, look: Lookup, depth: number, log: JourneyLog | null): void {
  const { host } = plan.target
  const answer = inWorld(plane, host)
  log?.hop(look.at, { kind: 'dns', where: plan.client.host, text: `${host}? ${typeof answer === 'string' ? 'No resolver outside the cluster knows the name' : `${answer[0] as string}, says the resolver outside the cluster`}`, ok: typeof answer !== 'string', depth })
  look.at += 2 * plane.network.latency
  if (typeof answer === 'string') look.outcome = outcomeCode['dns-nxdomain']
  else look.ip = answer[0] as string
}
