import { createContext, useContext } from 'react'
import type { Journey, JourneyHop } from '../../../../bridge/protocol'
import type { Geometry } from './geometry'
import type { NodeFacts, ServiceRules } from './use-rules'
import type { Places } from './ways'

/** What the cards of the traffic layer are drawn by. */
export interface TrafficView {
  readonly geometry: Geometry
  readonly places: Places
  readonly service: string
  readonly services: readonly string[]
  readonly rules: ReadonlyMap<string, ServiceRules>
  readonly facts: ReadonlyMap<string, NodeFacts>
  readonly journey: Journey | undefined
  /** The station that is looked at; undefined: all of it. */
  readonly hop: JourneyHop | undefined
}

/** The view that the traffic layer is drawn by. */
export const TrafficContext = createContext<TrafficView | null>(null)

/** The view of the surrounding traffic layer. */
export function useTrafficView(): TrafficView {
  const view = useContext(TrafficContext)
  if (!view) throw new Error('not on the traffic layer')
  return view
}
