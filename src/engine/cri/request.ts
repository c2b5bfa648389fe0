import { MS, SECOND, type Ctx, type Message } from '../sim'
import { programNamed, type Outgoing, type ProgramIO, type RequestAnswer } from '../workloads'
import type { PodSandbox, RunningContainer } from './state'

/** A container's question to the network: what comes of this request. Without a pod the machine itself asks. The answer is a RequestAnswer. */
export interface ExchangeQuestion extends Message {
  readonly type: 'cri/exchange'
  readonly namespace: string
  readonly pod: string
  readonly to: Outgoing
}

/**
 * Where every request of a program goes out of its container: wget, curl, nc, nslookup, ping. The pod itself answers at localhost and its own
 * address; everything beyond is asked of the network.
 */
export function request(pod: PodSandbox | undefined, to: Outgoing, ioOf: (container: RunningContainer) => ProgramIO, ctx: Ctx): RequestAnswer {
  const own = pod !== undefined && (to.host === 'localhost' || to.host === '127.0.0.1' || to.host === pod.ip || to.host === pod.name)
  if (pod === undefined || !own) {
    const question: ExchangeQuestion = { type: 'cri/exchange', namespace: pod?.namespace ?? '', pod: pod?.name ?? '', to }
    const answer = ctx.exchange?.(question)
    if (answer !== undefined) return answer as RequestAnswer
    if (isAddress(to.host)) return { ok: false, why: 'timeout', address: to.host, after: 127 * SECOND }
    return { ok: false, why: 'unresolved', address: '', after: 10 * MS }
  }
  const address = to.host === 'localhost' ? '127.0.0.1' : isAddress(to.host) ? to.host : pod.ip
  if (to.kind === 'resolve') return { ok: true, status: 0, body: '', address, after: MS }
  for (const container of pod.containers) {
    if (container.view.state !== 'running') continue
    const program = programNamed(container.program)
    const io = ioOf(container)
    if (!program.listens(container.programState, io, to.port)) continue
    if (to.kind === 'connect') return { ok: true, status: 0, body: '', address, after: MS }
    const a = program.http(container.programState, io, { method: to.method, port: to.port, path: to.path, agent: to.agent, from: address })
    return a.status === 0 ? { ok: false, why: 'hung-up', address, after: MS } : { ok: true, status: a.status, body: a.body, address, after: 2 * MS }
  }
  return { ok: false, why: 'refused', address, after: MS }
}

function isAddress(host: string): boolean {
  let dots = 0
  for (let i = 0; i < host.length; i++) {
    const c = host.charCodeAt(i)
    if (c === 46) dots++
    else if (c < 48 || c > 57) return false
  }
  return dots === 3
}
