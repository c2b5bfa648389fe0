import type { EndpointRule } from '../kube-proxy'
import type { TrafficState } from './state'

/** Places of flows by endpoint, for one client at one entry: which pod each was for. -1: not looked up. */
export interface FlowPlaces {
  readonly places: number[]
  readonly pods: string[]
}

/** Clients remembered for one list of endpoints. */
const mostClients = 200

// Flows are only ever added, and lists of endpoints are immutable values: a memo, not state. A restored state is another object.
const known = new WeakMap<TrafficState, WeakMap<readonly EndpointRule[], Map<string, FlowPlaces>>>()

/** The places of the flows from a client, by way of an entry node's rules, to each endpoint of a list. Filled by whoever uses them. */
export function flowPlaces(state: TrafficState, list: readonly EndpointRule[], client: string, entry: string): FlowPlaces {
  let lists = known.get(state)
  if (lists === undefined) known.set(state, (lists = new WeakMap()))
  let clients = lists.get(list)
  if (clients === undefined) lists.set(list, (clients = new Map()))
  const key = `${client}|${entry}`
  let found = clients.get(key)
  if (found === undefined) {
    if (clients.size >= mostClients) clients.clear()
    clients.set(key, (found = { places: new Array<number>(list.length).fill(-1), pods: new Array<string>(list.length).fill('') }))
  }
  return found
}
