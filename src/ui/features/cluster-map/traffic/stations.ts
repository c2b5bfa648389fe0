import type { Journey, JourneyHop } from '../../../../bridge/protocol'
import { stopStation, type Path } from './lore'
import type { Corner, Station } from './ways'

/** A number on the map. */
export interface Disc {
  readonly x: number
  readonly y: number
  readonly text: string
  readonly failed: boolean
  readonly current: boolean
}

/** Numbers at stations. Where several fall on one place the one that is looked at is shown, else the first; a failure always. */
export function discsOf(journey: Journey, hop: JourneyHop | undefined, paths: readonly Path[]): readonly Disc[] {
  const discs = new Map<string, Disc>()
  const broken = journey.outcome === 'ok' ? undefined : (journey.hops.findLast((h) => !h.ok && h.depth === 0 && h.kind !== 'end') ?? journey.hops.at(-1))
  journey.hops.forEach((h, i) => {
    const current = h === hop
    if (!current && ((h.kind === 'end' && h.ok) || (h.depth > 0 && h !== broken))) return
    const path = paths[h.trip]
    const spot = path && (h === broken && path.stop ? path.stop : spotOf(path.corners, journey, h))
    if (!spot) return
    const key = `${Math.round(spot.x)} ${Math.round(spot.y)}`
    const before = discs.get(key)
    if (before?.current && !current) return
    const bad = h === broken
    discs.set(key, { x: spot.x, y: spot.y, text: bad ? '×' : before && !current ? before.text : String(i + 1), failed: bad || (before?.failed ?? false), current })
  })
  return [...discs.values()]
}

/** Where the number of a station stands: it covers no text. */
function spotOf(corners: readonly Corner[], journey: Journey, hop: JourneyHop): { readonly x: number; readonly y: number } | undefined {
  const corner = corners[cornerOf(corners, journey, hop)]
  return corner && { x: corner.mark ?? corner.x, y: corner.y }
}

/** The corner of its trip's way that a hop happens at; of a station that the way does not have, one close by. */
export function cornerOf(corners: readonly Corner[], journey: Journey, hop: JourneyHop): number {
  const station = stationOf(journey, hop)
  const i = corners.findIndex((c) => c.station === station)
  if (i >= 0 || station === 'client') return Math.max(0, i)
  const near = station === 'entry' ? 'rules' : station === 'edge' ? 'network' : undefined
  const other = near ? corners.findIndex((c) => c.station === near) : -1
  return other >= 0 ? other : corners.length - 1
}

/** The station that a hop of a journey happens at, on the way of its trip. */
export function stationOf(journey: Journey, hop: JourneyHop): Station {
  const trip = journey.trips[hop.trip]
  switch (hop.kind) {
    case 'balancer':
      return 'balancer'
    case 'dns':
      return trip?.kind === 'dns' && trip.pod !== '' ? (trip.stops === '' ? 'pod' : stopStation[trip.stops]) : 'client'
    case 'rules':
      return hop.ok || hop.rule ? 'rules' : 'entry'
    case 'network':
      return trip !== undefined && hop.where === trip.node && trip.entry !== trip.node ? 'edge' : 'network'
    case 'policy':
      return trip !== undefined && hop.where === trip.node ? 'pod' : 'client'
    case 'server':
    case 'proxy':
      return 'pod'
    case 'end':
      return hop.ok || !trip || trip.stops === '' ? 'client' : stopStation[trip.stops]
    default:
      return 'client'
  }
}
