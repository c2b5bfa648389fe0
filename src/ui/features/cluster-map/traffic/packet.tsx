import { useEffect, useRef } from 'react'
import type { Journey, JourneyHop } from '../../../../bridge/protocol'
import { reducedMotion } from '../../../kit'
import type { Path } from './lore'
import { cornerOf } from './stations'
import { pointAt, tableOf } from './track'
import type { Corner } from './ways'

/** As long as a message of the control plane takes. Units: ms. */
const hopMs = 420

/** Runs along the way from the station before to the one that is looked at, in real time: the request itself is over. */
export function Packet({ journey, hop, paths }: { readonly journey: Journey; readonly hop: JourneyHop | undefined; readonly paths: readonly Path[] }) {
  const dot = useRef<SVGCircleElement>(null)
  const before = useRef<JourneyHop | undefined>(undefined)
  useEffect(() => {
    const way = hop ? wayBetween(journey, before.current, hop, paths) : []
    before.current = hop
    const circle = dot.current
    if (!circle || way.length < 2 || reducedMotion()) return
    const table = tableOf(way)
    let frame = 0
    const began = performance.now()
    const tick = (): void => {
      const u = (performance.now() - began) / hopMs
      const { x, y } = pointAt(table, 1 - (1 - Math.min(1, u)) ** 2)
      circle.setAttribute('cx', x.toFixed(1))
      circle.setAttribute('cy', y.toFixed(1))
      circle.style.display = u < 1 ? '' : 'none'
      if (u < 1) frame = requestAnimationFrame(tick)
    }
    tick()
    return () => {
      cancelAnimationFrame(frame)
      circle.style.display = 'none'
    }
    // The layout may change while it runs: it then ends where it was going.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [journey.id, hop])
  return <circle ref={dot} r="6" className="jpacket" style={{ display: 'none' }} />
}

/** The piece of way between two stations: on within a trip, back for the answer, from its client when another trip begins. */
function wayBetween(journey: Journey, before: JourneyHop | undefined, hop: JourneyHop, paths: readonly Path[]): readonly Corner[] {
  const corners = paths[hop.trip]?.corners ?? []
  const to = cornerOf(corners, journey, hop)
  const from = before && before.trip === hop.trip ? cornerOf(corners, journey, before) : 0
  return from <= to ? corners.slice(from, to + 1) : corners.slice(to, from + 1).reverse()
}
