import { createContext, useContext } from 'react'
import type { Journey, JourneyHop, ServiceOnNode } from '../../../../bridge/protocol'
import type { Focus } from './focus'
import type { Geometry } from './geometry'
import type { Places } from './ways'

/** What the cards of the traffic layer are drawn by. */
export interface TrafficView {
  readonly geometry: Geometry
  readonly places: Places
  readonly service: string
  readonly services: readonly string[]
  readonly rules: ReadonlyMap<string, ServiceOnNode>
  readonly journey: Journey | undefined
  /** The station that is looked at; undefined: all of it. */
  readonly hop: JourneyHop | undefined
  readonly focus: Focus
  /** Node whose rules stand beside many small cards; empty: none. */
  readonly closeUp: string
}

/** The view that the traffic layer is drawn by. */
export const TrafficContext = createContext<TrafficView | null>(null)

/** The view of the surrounding traffic layer. */
export function useTrafficView(): TrafficView {
  const view = useContext(TrafficContext)
  if (!view) throw new Error('not on the traffic layer')
  return view
}
