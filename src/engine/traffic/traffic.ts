import { SECOND, type Behaviour, type Ctx, type Message } from '../sim'
import { bodyOf, servedMessage, sourceOf } from './exchange'
import { endJourney, fateOf, finishFlow, settle, tick } from './flights'
import { defaultTimeout, emit, isOver, newGenerator, note } from './generators'
import { JourneyLog } from './log'
import { planFor } from './plan'
import { Plane, type TrafficWorld } from './plane'
import { newResult, send } from './request'
import { report } from './server'
import { newTraffic, type Single, type TrafficState } from './state'
import { parseTarget } from './target'
import { outcomeCode, outcomes, type Journey, type RequestSpec, type TrafficInput } from './types'

/** The process of all clients. It is started with the first input. */
export const trafficProcess = 'traffic'

/** An input for the process. */
export interface TrafficMessage extends Message {
  readonly type: 'traffic/input'
  readonly input: TrafficInput
}

/** A tool of the You machine (`curl`) sends a request and is told what came of it by a `TrafficAnswer`. */
export interface TrafficAsk extends Message {
  readonly type: 'traffic/ask'
  readonly id: number
  readonly from: string
  readonly request: RequestSpec
}

/** What came of it: `error`, or the request's journey. */
export interface TrafficAnswer extends Message {
  readonly type: 'traffic/answer'
  readonly id: number
  readonly error?: string | undefined
  readonly journey?: Journey | undefined
  /** What the server said. */
  readonly body?: string | undefined
}

interface Finish extends Message {
  readonly type: 'traffic/finish'
  readonly id: number
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']
const mostHeaders = 20

/** Generators at once. */
const mostGenerators = 50

/** A person's requests under way at once. */
const mostSingles = 2_000

/** Why an input cannot be done, or undefined. `state`: undefined before the first. */
export function refuseTraffic(state: TrafficState | undefined, input: TrafficInput): string | undefined {
  switch (input.do) {
    case 'send':
      if ((state?.singles.size ?? 0) >= mostSingles) return `${mostSingles} requests are under way already`
      return refuseRequest(input.request)
    case 'start': {
      const { id, pattern } = input.generator
      if (!['constant', 'ramp', 'spike', 'closed'].includes(pattern?.kind)) return 'pattern is constant, ramp, spike or closed'
      if (id !== undefined && state?.generators.has(id)) return `generator "${id}" runs already`
      if ((state?.generators.size ?? 0) >= mostGenerators) return `${mostGenerators} generators run already`
      const rates = pattern.kind === 'constant' ? [pattern.rate] : pattern.kind === 'ramp' ? [pattern.from, pattern.to, pattern.seconds] : pattern.kind === 'spike' ? [pattern.base, pattern.peak, pattern.after, pattern.seconds] : [pattern.users, pattern.thinkMs]
      if (rates.some((x) => !(x >= 0 && x <= 1_000_000))) return 'rates, users and times are numbers from 0 to 1,000,000'
      return refuseRequest(input.generator)
    }
    case 'stop':
      return state?.generators.has(input.id) ? undefined : `no generator "${input.id}"`
  }
}

function refuseRequest(request: RequestSpec): string | undefined {
  const { from } = request
  if (from?.kind !== 'outside' && !(from?.kind === 'node' && from.name !== '') && !(from?.kind === 'pod' && from.name !== '' && from.namespace !== '')) return 'from is outside, a node by its name, or a pod by its namespace and name'
  if (typeof request.to !== 'string') return 'to is a text like http://web'
  const target = parseTarget(request.to)
  if ('error' in target) return target.error
  const { timeoutMs, method, headers } = request
  if (method !== undefined && !methods.includes(method)) return `"${method}" is no method of HTTP`
  if (headers !== undefined && (typeof headers !== 'object' || Object.keys(headers).length > mostHeaders || Object.values(headers).some((v) => typeof v !== 'string'))) return `headers are at most ${mostHeaders} texts by their names`
  return timeoutMs !== undefined && !(timeoutMs >= 1 && timeoutMs <= 600_000) ? 'timeoutMs is a number from 1 to 600,000' : undefined
}

/**
 * All clients of the cluster: sends requests and generates load. It plays the network's part too, so it is made with the world to look at;
 * what it remembers is plain state like any other's. `worldOf` answers the world as it is now (it is replaced by a restore).
 */
export function trafficBehaviour(worldOf: () => TrafficWorld): Behaviour<TrafficState, null> {
  const result = newResult()

  function sendOne(state: TrafficState, request: RequestSpec, ctx: Ctx, ask?: Single['ask']): void {
    const plane = new Plane(worldOf(), state, ctx)
    const plan = planFor(plane, request)
    if ('error' in plan) return
    const timeout = (request.timeoutMs ?? defaultTimeout) * 1000
    const log = new JourneyLog(ctx.now)
    send(plane, plan, ctx.now, timeout, result, log, null, 0)
    const flow = result.flow < 0 ? undefined : state.flows[result.flow]
    if (flow) flow.sent++
    const id = note(plane, '', plan, log, result)
    const { answers } = result
    const http = plan.target.scheme === 'http' || plan.target.scheme === 'https'
    const message = http ? servedMessage(answers, { method: plan.method, path: plan.target.path, agent: ask ? 'curl/8.10.1' : 'kubeloop', from: sourceOf(plan, result) }) : null
    const served = message === null ? null : Object.freeze({ node: answers?.node ?? '', message })
    const body = ask && http ? bodyOf(answers, result.status, message, ctx) : ''
    const single: Single = Object.freeze({ served, body, at: ctx.now, finish: result.finish, outcome: result.outcome, server: result.server, second: result.second, flow: result.flow, timeout, ...(ask ? { ask } : {}) })
    state.singles.set(id, single)
    const finish: Finish = { type: 'traffic/finish', id }
    ctx.after(result.finish - ctx.now, finish)
    // Calls that it led to are settled by ticks.
    if (state.flights.size > 0) wake(state, ctx)
  }

  function finishOne(state: TrafficState, id: number, ctx: Ctx): void {
    const single = state.singles.get(id)
    if (single === undefined) return
    const plane = new Plane(worldOf(), state, ctx)
    const { at, server, second, flow, timeout } = single
    let { outcome } = single
    let over = single.finish
    if (server >= 0) {
      const fate = fateOf(plane, server, second, at, over)
      if (fate.outcome === outcomeCode.timeout && ctx.now < at + timeout) {
        state.singles.set(id, Object.freeze({ ...single, outcome: fate.outcome, server: -1, finish: at + timeout }))
        const later: Finish = { type: 'traffic/finish', id }
        ctx.after(at + timeout - ctx.now, later)
        return
      }
      if (fate.outcome !== 0) {
        outcome = fate.outcome
        over = Math.min(over, fate.at)
      }
    }
    state.singles.delete(id)
    if (outcome === 0 && single.served !== null) plane.outer.post(`containerd@${single.served.node}`, single.served.message, ctx.cause)
    if (flow >= 0) finishFlow(state, flow, outcome, ctx.now, over - at)
    endJourney(plane, id, outcome, over)
    if (single.ask) {
      const answer: TrafficAnswer = { type: 'traffic/answer', id: single.ask.id, body: single.body, journey: state.journeys.findLast((j) => j.id === id) }
      ctx.send(single.ask.to, answer)
    }
    ctx.trace({ kind: 'note', what: `request ${outcomes[outcome] as string}`, detail: Object.freeze({ journey: state.journeys.at(-1) }) })
  }

  function onTick(state: TrafficState, ctx: Ctx): void {
    const plane = new Plane(worldOf(), state, ctx)
    settle(plane)
    for (const g of state.generators.values()) {
      if (isOver(g, ctx.now)) state.generators.delete(g.id)
      else emit(plane, g)
    }
    if (ctx.now - state.reportedAt >= SECOND) {
      report(plane, state.reportedAt)
      state.reportedAt = ctx.now
    }
    state.ticking = state.generators.size > 0 || state.flights.size > 0 || state.servers.some((s) => s.reported)
    if (state.ticking) ctx.after(tick, { type: 'traffic/tick' })
  }

  return {
    kind: 'traffic',
    start: () => newTraffic(),
    handle(state, message, ctx) {
      switch (message.type) {
        case 'traffic/tick':
          return onTick(state, ctx)
        case 'traffic/finish':
          return finishOne(state, (message as Finish).id, ctx)
        case 'traffic/ask': {
          const { id, from, request } = message as TrafficAsk
          const error = refuseTraffic(state, { type: 'traffic', do: 'send', request })
          if (error === undefined) return sendOne(state, request, ctx, { to: from, id })
          const answer: TrafficAnswer = { type: 'traffic/answer', id, error }
          return ctx.send(from, answer)
        }
        case 'traffic/input': {
          const { input } = message as TrafficMessage
          if (input.do === 'send') return sendOne(state, input.request, ctx)
          if (input.do === 'stop') {
            state.generators.delete(input.id)
            return
          }
          const number = state.nextGenerator++
          let id = input.generator.id ?? `load-${number}`
          while (state.generators.has(id)) id = `${id}-`
          state.generators.set(id, newGenerator(id, number, Object.freeze({ ...input.generator, id }), nextTick(ctx), ctx.cause))
          return wake(state, ctx)
        }
        default:
      }
    },
  }
}

function nextTick(ctx: Ctx): number {
  return ctx.now + ((tick - (ctx.now % tick)) % tick)
}

/** Ticks begin on the grain. */
function wake(state: TrafficState, ctx: Ctx): void {
  if (state.ticking) return
  state.ticking = true
  state.settledTo = Math.min(...state.flights.keys(), Math.floor(ctx.now / tick))
  state.reportedAt = ctx.now
  ctx.after(nextTick(ctx) - ctx.now, { type: 'traffic/tick' })
}

