// Door of the room `traffic`: clients, load generators, and the journey of one request.
export { exchange } from './exchange'
export { refuseTraffic, trafficBehaviour, trafficProcess, type TrafficMessage } from './traffic'
export type { Machine, TrafficWorld } from './plane'
export type { TrafficState } from './state'
export { changedFlows, generators, journey, journeysBegun, journeysEnded, journeysSince, newestJourney, serviceSeconds } from './views'
export {
  outcomes, type ClientRef, type FlowView, type GeneratorSpec, type GeneratorView, type Journey, type JourneyHop, type JourneyTrip, type Outcome,
  type Pattern, type RequestSpec, type RuleDecision, type SecondStats, type TrafficInput, type TripStop,
} from './types'
