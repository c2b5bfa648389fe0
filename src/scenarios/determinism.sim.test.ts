import { describe, expect, test } from 'vitest'
import { Cluster, presets, type ClusterConfig } from '../engine/cluster'
import { timedScenarios, type TimedScenario } from './timed'
import { kubectl } from '../engine/kubectl'

const seed = 42

function configOf(scenario: TimedScenario): ClusterConfig {
  return (presets.find((p) => p.id === scenario.preset) as (typeof presets)[number]).make(seed)
}

/** Runs a scenario in slices of at most `slice` events; `pause` is called once, half way. Answers the digests of trace and state. */
function play(scenario: TimedScenario, slice: number, pause?: (cluster: Cluster) => Cluster): { readonly trace: string; readonly state: string; readonly events: number } {
  let cluster = new Cluster(configOf(scenario)).install(kubectl).bootUp()
  const runTo = (at: number) => {
    while (!cluster.run(at * 1e6, slice));
  }
  for (const { t, input } of scenario.steps) {
    if (pause && t > scenario.end / 2) {
      runTo(scenario.end / 2)
      cluster = pause(cluster)
      pause = undefined
    }
    runTo(t)
    expect(cluster.input(input).error).toBeUndefined()
  }
  if (pause) {
    runTo(scenario.end / 2)
    cluster = pause(cluster)
  }
  runTo(scenario.end)
  return { trace: cluster.sim.traceHash(), state: cluster.sim.stateHash(), events: cluster.sim.state.handled }
}

describe('the same seed and inputs give the same run', () => {
  for (const scenario of timedScenarios)
    test(`${scenario.id}: for different slices, and after a restore`, () => {
      const whole = play(scenario, Number.MAX_SAFE_INTEGER)
      expect(whole.events).toBeGreaterThan(1000)
      expect(play(scenario, 7)).toEqual(whole)
      // From a checkpoint in a new cluster, after the old one has gone on and changed what it could.
      const restored = play(scenario, 501, (cluster) => {
        const checkpoint = cluster.checkpoint()
        cluster.run(scenario.end * 1e6)
        return new Cluster(cluster.config, checkpoint).install(kubectl)
      })
      expect(restored).toEqual(whole)
    })
})
