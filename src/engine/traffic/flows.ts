import type { Flow, TrafficState } from './state'
import { outcomes } from './types'

/** Kinds of ways that are told apart; what comes after counts as one. */
const mostFlows = 4_000

/** The place of a flow in `flows`; made when it is new. */
export function flowOf(state: TrafficState, client: string, entry: string, service: string, pod: string, node: string): number {
  const key = `${client}|${entry}|${service}|${pod}|${node}`
  const known = state.flowOf.get(key)
  if (known !== undefined) return known
  if (state.flows.length >= mostFlows) return state.flowOf.get('') ?? add(state, '', { client: '', entry: '', service: '', pod: '', node: '', sent: 0, counts: zeros() })
  return add(state, key, { client, entry, service, pod, node, sent: 0, counts: zeros() })
}

function add(state: TrafficState, key: string, flow: Flow): number {
  state.flows.push(flow)
  state.flowOf.set(key, state.flows.length - 1)
  return state.flows.length - 1
}

/** A zero for every outcome. */
export function zeros(): number[] {
  return new Array<number>(outcomes.length).fill(0)
}
