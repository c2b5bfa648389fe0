import type { Micros } from '../sim'
import type { Client } from './plane'
import type { Result } from './request'
import { outcomeCode, outcomes, type Journey, type JourneyHop, type JourneyTrip, type Outcome, type TripStop } from './types'

/** Most of each in one journey; what comes after is not told. */
const mostHops = 600
const mostTrips = 120

/** A trip that is still being written. */
export type OpenTrip = { -readonly [K in keyof JourneyTrip]: JourneyTrip[K] }

/** Collects the stations of one request while its way is decided. Times are handed in as simulated times and kept as times since it was sent. */
export class JourneyLog {
  readonly hops: JourneyHop[] = []
  readonly trips: OpenTrip[] = []
  /** The trip that is under way now; -1: none yet. */
  private trip = -1

  constructor(readonly at: Micros) {}

  /** A station of the trip that is under way. */
  hop(now: Micros, hop: Omit<JourneyHop, 'after' | 'trip'>): void {
    if (this.hops.length < mostHops) this.hops.push({ ...hop, after: now - this.at, trip: Math.max(0, this.trip) })
  }

  /** Somebody sets out; until `close`, stations are this trip's. */
  open(kind: JourneyTrip['kind'], client: Client, asked: string, now: Micros): OpenTrip {
    const start = now - this.at
    const trip: OpenTrip = {
      kind, parent: this.trip, client: client.label, from: client.host, asked, start, arrives: start, leaves: start, end: start, entry: '', balancer: '', service: '', pod: '', node: '', endpoint: '', outcome: 'ok', stops: '',
    }
    // Beyond the bound a trip is written, but not kept; its stations count as its parent's.
    if (this.trips.length < mostTrips) this.trip = this.trips.push(trip) - 1
    return trip
  }

  /** The packets themselves set out now: before, a name was looked up. */
  leave(trip: OpenTrip, now: Micros): void {
    trip.start = trip.arrives = trip.leaves = now - this.at
  }

  /** It has come as far as it comes; `leaves` is when the answer sets out. */
  arrive(trip: OpenTrip, now: Micros, leaves = now): void {
    trip.arrives = now - this.at
    trip.leaves = leaves - this.at
  }

  /** The trip is over. */
  close(trip: OpenTrip, now: Micros, outcome: number, stops: TripStop): void {
    trip.end = now - this.at
    trip.arrives = Math.min(trip.arrives, trip.end)
    trip.leaves = Math.min(trip.leaves, trip.end)
    trip.outcome = outcomes[outcome] as Outcome
    trip.stops = outcome === 0 ? '' : stops
    if (this.trips[this.trip] === trip) this.trip = trip.parent
  }

  /** What its client saw of it, frozen. What would have come after it gave up was never seen. */
  seen(latency: Micros): Pick<Journey, 'hops' | 'trips'> {
    return {
      hops: Object.freeze(this.hops.map((h) => Object.freeze(h.after > latency ? { ...h, after: latency } : h))),
      trips: Object.freeze(this.trips.map((t) => cut(t, latency))),
    }
  }
}

/** A trip as far as it came until a moment. */
export function cut(trip: JourneyTrip, at: Micros): JourneyTrip {
  if (trip.end <= at) return Object.freeze(trip)
  return Object.freeze({ ...trip, start: Math.min(trip.start, at), arrives: Math.min(trip.arrives, at), leaves: Math.min(trip.leaves, at), end: at })
}

/** Where a request that failed got no farther. */
export function stopOf(r: Result): TripStop {
  const { dest, leg, outcome } = r
  if (outcome === outcomeCode['client-gone'] || (dest === null && leg === null)) return 'client'
  if (leg === null) return dest?.rules ? 'rules' : dest && dest.entry !== '' ? (outcome === outcomeCode.timeout ? 'entry' : 'rules') : dest && dest.balancer !== '' ? 'balancer' : 'network'
  return leg.outcome === 0 || leg.outcome === outcomeCode.refused ? 'pod' : 'network'
}
