import type { Call } from '../workloads'
import type { Plane } from './plane'

/** Whether a call is made for a request of this path. */
export function isMadeFor(call: Call, path: string): boolean {
  if (call.paths.length === 0) return true
  const mark = path.indexOf('?')
  const bare = mark < 0 ? path : path.slice(0, mark)
  return call.paths.some((p) => p === bare || (p.length > 1 && p.endsWith('/') && bare.startsWith(p)))
}

/** Where a call goes: of the names that its neighbour has in different releases the first that is a Service's. */
export function aimOf(plane: Plane, call: Call, namespace: string): string {
  const to = call.names.length === 0 ? call.to : ([call.to, ...call.names].find((n) => plane.outer.object('services', namespace, n.slice(0, n.indexOf(':'))) !== undefined) ?? call.to)
  return to.includes('://') ? to : `tcp://${to}`
}
