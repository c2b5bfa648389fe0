import { cx } from '../../../kit'
import { pathOf } from '../messages/routes'
import { useTrafficView } from './context'
import { seenPieces, stationOf, tripsOf, wayOf, type Corner, type Station } from './ways'

/** The selected request on the map: its way, with the numbers of its stations where they happen. */
export function JourneyLines() {
  const { geometry, places, journey, hop } = useTrafficView()
  if (!journey) return null
  const trips = tripsOf(journey).map((trip) => wayOf(places, trip))
  const corners = trips.flat()
  const failed = journey.outcome !== 'ok'
  const broken = failed ? (journey.hops.findLast((h) => !h.ok && h.depth === 0) ?? journey.hops.at(-1)) : undefined
  const discs = new Map<string, { readonly x: number; readonly y: number; text: string; failed: boolean; current: boolean }>()
  let trip = 0
  journey.hops.forEach((h, i) => {
    if (h.depth > 0 || (h.kind === 'end' && h.ok)) return
    if (h.kind === 'proxy' && trip < trips.length - 1) trip++
    const spot = spotOf(trips, h.kind === 'proxy' ? trip - 1 : trip, stationOf(journey, h)) ?? corners[0]
    if (!spot) return
    const key = `${Math.round(spot.x)} ${Math.round(spot.y)}`
    const before = discs.get(key)
    const current = h === hop
    const bad = h === broken
    if (before?.current && !current) return
    discs.set(key, { x: spot.x, y: spot.y, text: bad ? '×' : before && !current && !before.failed ? before.text : String(i + 1), failed: bad || (before?.failed ?? false), current })
  })
  const stop = broken ? [...discs.values()].find((d) => d.failed) : undefined
  // Beyond the place where it failed there was no way.
  const ways = trips.map((way) => (stop ? cut(way, stop) : way))
  return (
    <div className="messages" style={{ width: geometry.width, height: geometry.height }}>
      <svg width={geometry.width} height={geometry.height} className="jlines" aria-hidden="true">
        {ways.flatMap(seenPieces).map((way) => <path key={pathOf(way)} d={pathOf(way)} className={cx('jline', failed && 'err')} />)}
        {[...discs].map(([key, d]) => (
          <g key={key}>
            <circle cx={d.x} cy={d.y} r={d.current ? 11 : 9} className={cx('jdisc', d.failed ? 'err' : hop && !d.current && 'quiet')} />
            <text x={d.x} y={d.y + 4} textAnchor="middle" fontSize="11" fontWeight="600" fontFamily="var(--font-mono)" fill={!d.failed && hop && !d.current ? 'var(--accent)' : 'var(--on-accent)'}>{d.text}</text>
          </g>
        ))}
      </svg>
    </div>
  )
}

function spotOf(trips: readonly (readonly Corner[])[], trip: number, station: Station): Corner | undefined {
  const way = trips[trip] ?? []
  return way.find((c) => c.station === station) ?? (station === 'client' ? trips[0]?.[0] : station === 'entry' || station === 'rules' ? way.find((c) => c.station === 'entry' || c.station === 'rules') : way.at(-1))
}

function cut(way: readonly Corner[], stop: { readonly x: number; readonly y: number }): readonly Corner[] {
  const i = way.findIndex((c) => Math.abs(c.x - stop.x) < 1 && Math.abs(c.y - stop.y) < 1)
  return i < 0 ? way : way.slice(0, i + 1)
}
