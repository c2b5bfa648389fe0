import { changedFlows, generators, journeysBegun, journeysEnded, journeysSince, newestJourney, type Cluster, type TrafficState } from '../../engine/cluster'
import type { TrafficFrame } from '../protocol'

/** Journeys in one frame; when more have ended, the newest. */
const mostJourneys = 120

/** Flows in one diff; the rest comes with the next frame. */
const mostFlows = 400

/** What of the traffic the page has been told. */
export class TrafficFrames {
  private ended = 0
  private newest = 0
  private sent: number[] = []
  private ran = 0

  reset(): void {
    this.ended = 0
    this.newest = 0
    this.sent = []
    this.ran = 0
  }

  /** What is new since the frame before; null: nothing is. */
  build(cluster: Cluster, all: boolean): TrafficFrame | null {
    if (all) this.reset()
    const state = cluster.sim.stateOf<TrafficState>('traffic')
    if (state === undefined) return null
    const ended = journeysEnded(state)
    // A seek came back to before: then everything is told anew.
    if (ended < this.ended || newestJourney(state) < this.newest) this.reset()
    const begun = journeysBegun(state, this.newest, mostJourneys)
    this.newest = newestJourney(state)
    const journeys = journeysSince(state, this.ended, mostJourneys)
    this.ended = ended
    const changed = changedFlows(state, this.sent, all ? Number.MAX_SAFE_INTEGER : mostFlows)
    const running = generators(state, cluster.sim.now, cluster.boot)
    // That the last generator has ended is news too.
    const ran = this.ran
    this.ran = running.length
    return changed.length + journeys.length + begun.length + running.length + ran === 0 && !all ? null : { flows: changed, journeys, begun, ended, generators: running }
  }
}
