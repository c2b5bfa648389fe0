import type { Journey, JourneyTrip } from '../../../../bridge/protocol'

/** A piece of a journey as it is seen: a trip is gone along, waited in, or come back along. Times since it was sent, on screen; µs. */
export interface Leg {
  readonly trip: number
  /** 1: to the server; -1: back; 0: rests at the end. */
  readonly direction: -1 | 0 | 1
  readonly from: number
  readonly to: number
}

/** A journey as it is seen. */
export interface Course {
  readonly legs: readonly Leg[]
  /** When nothing of it is on the way any more. */
  readonly end: number
}

/** How long a way is looked at, as a part of the window. */
const pace: Readonly<Record<JourneyTrip['kind'], number>> = { request: 1, proxy: 0.7, call: 0.6, dns: 0.45 }
const back = 0.4

/**
 * When each trip of a journey is on the way, slowed: real ones take milliseconds. No part is faster than it really was, so what is
 * seen has always happened already. Trips that overlap do so on screen. `window`: how long one way is looked at; µs.
 */
export function courseOf(journey: Journey, window: number): Course {
  const { trips } = journey
  const legs: Leg[] = []
  const children = new Map<number, number[]>()
  trips.forEach(({ parent }, i) => {
    const list = children.get(parent)
    if (list) list.push(i)
    else children.set(parent, [i])
  })
  const together = (indices: readonly number[], at: number): number => {
    let end = at
    let [groupAt, groupEnd] = [at, Number.NEGATIVE_INFINITY]
    for (const i of indices) {
      const trip = trips[i]
      if (!trip) continue
      if (firstOf(trips, children, i) >= groupEnd) groupAt = end
      groupEnd = Math.max(groupEnd, trip.end)
      end = Math.max(end, play(i, groupAt))
    }
    return end
  }
  const play = (i: number, at: number): number => {
    const trip = trips[i] as JourneyTrip
    const own = children.get(i) ?? []
    const names = own.filter((c) => trips[c]?.kind === 'dns')
    let t = together(names, at)
    const went = t + Math.max(trip.arrives - trip.start, window * pace[trip.kind])
    if (trip.stops === 'client') {
      const gone = t + Math.max(0, trip.end - trip.start)
      legs.push({ trip: i, direction: 0, from: t, to: gone })
      return gone
    }
    legs.push({ trip: i, direction: 1, from: t, to: went })
    t = went
    const asks = own.filter((c) => trips[c]?.kind !== 'dns')
    const real = Math.max(0, (trip.stops === '' ? trip.leaves : trip.end) - trip.arrives)
    const rested = Math.max(t + real, together(asks, t))
    if (rested > t) legs.push({ trip: i, direction: 0, from: t, to: rested })
    if (trip.stops !== '') return rested
    const home = rested + Math.max(trip.end - trip.leaves, window * pace[trip.kind] * back)
    legs.push({ trip: i, direction: -1, from: rested, to: home })
    return home
  }
  const end = together(children.get(-1) ?? [], 0)
  return { legs, end }
}

/** When a trip really begins: the names that it needs are looked up before. */
function firstOf(trips: readonly JourneyTrip[], children: ReadonlyMap<number, readonly number[]>, i: number): number {
  let first = trips[i]?.start ?? 0
  for (const c of children.get(i) ?? []) if (trips[c]?.kind === 'dns') first = Math.min(first, trips[c]?.start ?? first)
  return first
}
