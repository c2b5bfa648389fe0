import { describe, expect, test } from 'vitest'
import { Cluster, presets, type ClusterConfig } from '../engine/cluster'
import { timedScenarios, type TimedScenario } from './timed'
import { kubectl } from '../engine/kubectl'

const seed = 42

function configOf(scenario: TimedScenario): ClusterConfig {
  return (presets.find((p) => p.id === scenario.preset) as (typeof presets)[number]).make(seed)
}

/** Runs a scenario in slices of at most `slice` events; `pause` is called after each. Answers the digests of trace and state. */
function play(scenario: TimedScenario, slice: number, pause?: (cluster: Cluster) => Cluster): { readonly trace: string; readonly state: string; readonly events: number } {
  let cluster = new Cluster(configOf(scenario)).install(kubectl).bootUp()
  const runTo = (at: number) => {
    while (!cluster.run(at * 1e6, slice)) if (pause) cluster = pause(cluster)
  }
  for (const { t, input } of scenario.steps) {
    runTo(t)
    expect(cluster.input(input).error).toBeUndefined()
  }
  runTo(scenario.end)
  return { trace: cluster.sim.traceHash(), state: cluster.sim.stateHash(), events: cluster.sim.state.handled }
}

describe('the same seed and inputs give the same run', () => {
  const line = (t: number, text: string) => ({ t, input: { type: 'kubectl', line: text } }) as const
  const deletions: TimedScenario = {
    id: 'deletions', title: 'Owners go, each in another manner', preset: 'default', end: 60,
    steps: [line(1, 'for i in a b c; do kubectl create deployment $i --image=nginx --replicas=2; done'), line(20, 'kubectl delete deployment a'), line(21, 'kubectl delete deployment b --cascade=foreground'), line(40, 'kubectl delete deployment c --cascade=orphan')],
  }
  for (const scenario of [...timedScenarios, deletions])
    test(`${scenario.id}: for different slices, and after a restore`, () => {
      const whole = play(scenario, Number.MAX_SAFE_INTEGER)
      expect(whole.events).toBeGreaterThan(1000)
      expect(play(scenario, 7)).toEqual(whole)
      // From checkpoint to checkpoint, each in a new cluster, after the old one has gone on and changed what it could.
      const restored = play(scenario, 300, (cluster) => {
        const checkpoint = cluster.checkpoint()
        cluster.run(cluster.now + 1e6, 50)
        return new Cluster(cluster.config, checkpoint).install(kubectl)
      })
      expect(restored).toEqual(whole)
    })
})
