import { cx, textWidth } from '../../../kit'
import { outcomeWords } from '../../../state'
import { pathOf as svgPath } from '../messages/routes'
import { useTrafficView } from './context'
import { pathOf } from './lore'
import { Packet } from './packet'
import { stopSpot } from './spots'
import { discsOf } from './stations'
import { seenPieces } from './ways'

/** The selected request on the map: its way with the numbers of its stations where they happen, names and calls of others beside it. */
export function JourneyLines() {
  const { geometry, places, journey, hop } = useTrafficView()
  if (!journey) return null
  const paths = journey.trips.map((trip) => pathOf(places, trip, trip.stops))
  const at = hop?.trip
  const failed = journey.outcome !== 'ok'
  const discs = discsOf(journey, hop, paths)
  const broken = journey.trips.findLastIndex((t) => t.stops !== '' && t.outcome !== 'ok')
  const trip = journey.trips[broken]
  const spot = failed && trip ? stopSpot(places, trip, trip.stops) : undefined
  const word = trip ? outcomeWords[trip.outcome] : ''
  const width = textWidth(word, 11) + 14
  return (
    <div className="messages" style={{ width: geometry.width, height: geometry.height }}>
      <svg width={geometry.width} height={geometry.height} className="jlines" aria-hidden="true">
        {paths.map((path, i) => {
          const { kind, outcome } = journey.trips[i] ?? { kind: 'request', outcome: 'ok' }
          const quiet = at === undefined ? kind === 'dns' || kind === 'call' : at !== i
          return seenPieces(path.corners).map((way, n) => <path key={`${i} ${n}`} d={svgPath(way)} className={cx('jline', outcome !== 'ok' && 'err', kind === 'dns' && 'dns', kind === 'call' && 'call', quiet && 'quiet')} />)
        })}
        {discs.map((d) => (
          <g key={`${d.x} ${d.y}`} className={cx(d.current && 'current')}>
            <circle cx={d.x} cy={d.y} r={d.current ? 11 : 9} className={cx('jdisc', d.failed ? 'err' : hop && !d.current && 'quiet')} />
            <text x={d.x} y={d.y + 4} textAnchor="middle" fontSize="11" fontWeight="600" fontFamily="var(--font-mono)" fill={!d.failed && hop && !d.current ? 'var(--accent)' : 'var(--on-accent)'}>{d.text}</text>
          </g>
        ))}
        <Packet journey={journey} hop={hop} paths={paths} />
        {spot && word && (
          <g className="jword">
            <rect x={spot.right - width} y={spot.y - 8} width={width} height="16" rx="8" />
            <text x={spot.right - width / 2} y={spot.y + 4} textAnchor="middle" fontSize="11">{word}</text>
          </g>
        )}
      </svg>
    </div>
  )
}
