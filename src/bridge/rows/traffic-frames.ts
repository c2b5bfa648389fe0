import { flows, generators, journeysEnded, journeysSince, type Cluster, type TrafficState } from '../../engine/cluster'
import type { TrafficFrame } from '../protocol'

/** Journeys in one frame; when more have ended, the newest. */
const mostJourneys = 120

/** Flows in one diff; the rest comes with the next frame. */
const mostFlows = 400

/** What of the traffic the page has been told. */
export class TrafficFrames {
  private ended = 0
  private sent: number[] = []

  reset(): void {
    this.ended = 0
    this.sent = []
  }

  /** What is new since the frame before; null: nothing is. */
  build(cluster: Cluster, all: boolean): TrafficFrame | null {
    if (all) this.reset()
    const state = cluster.sim.stateOf<TrafficState>('traffic')
    if (state === undefined) return null
    const ended = journeysEnded(state)
    // A seek came back to before: then everything is told anew.
    if (ended < this.ended) this.reset()
    const journeys = journeysSince(state, this.ended, mostJourneys)
    this.ended = ended
    const changed: TrafficFrame['flows'][number][] = []
    flows(state).forEach((f, i) => {
      // Counts only grow: their sum tells whether anything changed.
      const sum = f.sent + f.counts.reduce((a, b) => a + b, 0)
      if (sum === this.sent[i] || changed.length >= mostFlows) return
      this.sent[i] = sum
      changed.push({ key: i, ...f })
    })
    const running = generators(state, cluster.sim.now, cluster.boot)
    return changed.length + journeys.length + running.length === 0 && !all ? null : { flows: changed, journeys, ended, generators: running }
  }
}
