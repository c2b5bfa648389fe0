import { describe, expect, test } from 'vitest'
import { Checks } from '../engine/checkers'
import { Cluster, presets } from '../engine/cluster'
import { timedScenarios } from './timed'
import { kubectl } from '../engine/kubectl'

describe('the invariants hold', () => {
  for (const scenario of timedScenarios)
    test(`all through ${scenario.id}`, () => {
      const preset = presets.find((p) => p.id === scenario.preset)
      const cluster = new Cluster((preset as (typeof presets)[number]).make(7)).install(kubectl)
      const checks = new Checks()
      let judged = 0
      // Judged after each event that changed the store; between writes nothing that they look at can change but time.
      let revision = 0
      const observe = () => {
        const { store } = cluster
        if (store === undefined || store.revision === revision) return
        revision = store.revision
        judged++
        checks.see(cluster.sim.state)
      }
      cluster.bootUp(observe)
      for (const { t, input } of scenario.steps) {
        for (let at = Math.ceil(cluster.now / 1e6); at <= t; at++) {
          cluster.run(Math.min(at, t) * 1e6, undefined, observe)
          checks.see(cluster.sim.state)
        }
        cluster.input(input)
      }
      for (let at = Math.ceil(cluster.now / 1e6); at <= scenario.end; at++) {
        cluster.run(at * 1e6, undefined, observe)
        checks.see(cluster.sim.state)
      }
      expect(judged).toBeGreaterThan(100)
    })
})
