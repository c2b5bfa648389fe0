import { httpAnswer, type ExchangeQuestion, type ServedMessage, type WorkMessage } from '../cri'
import { SECOND, type Ctx, type Message } from '../sim'
import type { RequestAnswer } from '../workloads'
import { lookUp, newLookup } from './names'
import type { Leg } from './path'
import { planFor, type Plan } from './plan'
import { Plane, type TrafficWorld } from './plane'
import { newResult, send, type Result } from './request'
import { newTraffic } from './state'
import { outcomes, type Outcome } from './types'

/** How long a connection is tried for. Upstream: Linux, net.ipv4.tcp_syn_retries 6 */
const patience = 127 * SECOND

/** What a program sees of an outcome. */
const why: Partial<Record<Outcome, 'unresolved' | 'refused' | 'hung-up'>> = {
  'dns-nxdomain': 'unresolved', 'dns-failed': 'unresolved', 'dns-timeout': 'unresolved', 'no-endpoints': 'refused', refused: 'refused', reset: 'hung-up',
}

const result = newResult()

/**
 * A program's own request (curl in a container): its whole way and the answer, at once, as every other request goes. It is not counted
 * among the traffic; the server logs it a moment later.
 */
export function exchange(outer: TrafficWorld, ctx: Ctx, question: Message): RequestAnswer | undefined {
  if (question.type !== 'cri/exchange') return undefined
  const { namespace, pod, to } = question as ExchangeQuestion
  // Memory of its own: another process is asking, and the traffic's state has one writer.
  const plane = new Plane(outer, newTraffic(), ctx)
  const plan = planFor(plane, { from: pod === '' ? { kind: 'node', name: ctx.host } : { kind: 'pod', namespace, name: pod }, to: `${to.kind === 'http' ? 'http' : 'tcp'}://${to.host}:${to.port || 80}${to.kind === 'http' ? to.path : ''}`, method: to.method || 'GET', headers: to.headers })
  if ('error' in plan) return { ok: false, why: 'unresolved', address: '', after: 0 }
  if (to.kind === 'resolve') {
    if (plan.target.literal) return { ok: true, status: 0, body: '', address: to.host, after: 0 }
    const look = newLookup(ctx.now)
    lookUp(plane, plan, look, 0, null)
    return look.outcome === 0 ? { ok: true, status: 0, body: [look.name || to.host, ...(look.all.length > 0 ? look.all : [look.ip])].join(' '), address: look.ip, after: look.at - ctx.now } : { ok: false, why: 'unresolved', address: '', after: look.at - ctx.now }
  }
  send(plane, plan, ctx.now, patience, result, null, null, 0)
  tellWork(plane)
  const outcome = outcomes[result.outcome] as Outcome
  const address = plan.ip
  const after = result.finish - ctx.now
  if (to.kind === 'connect' && result.leg?.outcome === 0) return { ok: true, status: 0, body: '', address, after }
  if (outcome !== 'ok' && outcome !== 'server-error') return { ok: false, why: why[outcome] ?? 'timeout', address, after }
  const { answers, status } = result
  const served = servedMessage(answers, { method: to.method || 'GET', path: to.path || '/', agent: to.agent, from: sourceOf(plan, result) })
  if (served !== null) plane.outer.post(`containerd@${answers?.node ?? ''}`, served, plane.ctx.cause)
  return { ok: true, status, body: bodyOf(answers, status, served, ctx), address, after }
}

/** What a program's request costs everybody whom it reaches: the runtimes count it, since it is no traffic. */
function tellWork(plane: Plane): void {
  for (const s of plane.state.servers) {
    if (s.busy <= 0) continue
    const work: WorkMessage = { type: 'cri/work', uid: s.uid, id: s.container, cpu: s.busy, memory: s.memory }
    plane.outer.post(`containerd@${s.node}`, work, plane.ctx.cause)
  }
}

/** The address that a request comes from, for who answers it: rules on the way may have changed it. */
export const sourceOf = (plan: Plan, r: Result): string => (r.dest !== null && r.answers === r.leg ? r.dest.source : plan.client.ip)

/** What the server that answers a request is told of it; null: nobody answers. */
export function servedMessage(answers: Leg | null, request: Omit<ServedMessage['request'], 'port'>): ServedMessage | null {
  const { container, sandbox, port } = answers ?? {}
  return !container || !sandbox || port === undefined ? null : Object.freeze({ type: 'cri/served', uid: sandbox.uid, id: container.view.id, request: Object.freeze({ ...request, port }) })
}

/** The body of an answer; a server that cannot answer is answered for by the proxy before it. */
export function bodyOf(answers: Leg | null, status: number, served: ServedMessage | null, ctx: Ctx): string {
  const { container } = answers ?? {}
  if (!container || served === null || status >= 500) return `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center><hr><center>nginx</center></body></html>\n`
  return httpAnswer(container, served.request, ctx).body
}
