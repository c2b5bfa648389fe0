import type { Ctx } from '../sim'
import type { Flight } from './flight'
import type { WriteContext } from './registry/strategy'
import type { ServerState } from './state'

/** What strategies and admission plugins may know of a request. Made for one handler call, never kept. */
export function writeContext(state: ServerState, flight: Flight, ctx: Ctx): WriteContext {
  return {
    now: ctx.wallMicros(),
    time: ctx.wallTime(),
    user: flight.user.name,
    subresource: flight.subresource,
    get: (resource, namespace, name) => state.cache.get(resource, namespace, name),
    list(resource, namespace) {
      const known = state.cache.of(resource).values(namespace)
      // Two Services that are created at once must not get one address.
      return resource === 'services' && state.pendingServices.length > 0 ? [...known, ...state.pendingServices] : known
    },
    draw: (n) => ctx.rng.below(n),
    warn: (text) => {
      if (flight.warnings.length < 64) flight.warnings.push(text)
    },
  }
}
