import type { KubeObject } from '../apimachinery'
import type { Ctx } from '../sim'
import type { Flight } from './flight'
import type { WriteContext } from './registry/strategy'
import type { ApiServerSettings } from './settings'
import type { ServerState } from './state'

const mostWarnings = 64

/** What strategies and admission plugins may know of a request. Made for one handler call, never kept. */
export function writeContext(state: ServerState, flight: Flight, ctx: Ctx): WriteContext {
  return new FlightContext(state, flight, ctx)
}

class FlightContext implements WriteContext {
  constructor(
    private readonly state: ServerState,
    private readonly flight: Flight,
    private readonly ctx: Ctx,
  ) {}

  get now(): number {
    return this.ctx.wallMicros()
  }
  get time(): string {
    return this.ctx.wallTime()
  }
  get user(): string {
    return this.flight.user.name
  }
  get settings(): ApiServerSettings {
    return this.state.settings
  }
  get serviceCIDR(): string | undefined {
    return this.state.settings.serviceCIDR
  }
  get subresource(): string {
    return this.flight.subresource
  }

  get(resource: string, namespace: string, name: string): KubeObject | undefined {
    return this.state.cache.get(resource, namespace, name)
  }

  list(resource: string, namespace?: string): Iterable<KubeObject> {
    const known = this.state.cache.list(resource, namespace)
    // Two Services that are created at once must not get one address.
    return resource === 'services' && this.state.pendingServices.length > 0 ? [...known, ...this.state.pendingServices] : known
  }

  changedAt(resource: string): number {
    return this.state.cache.changedAt(resource)
  }

  draw(n: number): number {
    return this.ctx.rng.below(n)
  }

  // Passed on by itself here and there.
  readonly warn = (text: string): void => {
    if (this.flight.warnings.length < mostWarnings) this.flight.warnings.push(text)
  }
}
