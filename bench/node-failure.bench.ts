import { Cluster, defaultPreset } from '../src/engine/cluster'
import { kubectl } from '../src/engine/kubectl'

export const name = '400 simulated seconds of a node failure with 30 pods'

/** Wall seconds from the moment the power goes off, on the page's cluster. Target: under 0.5 s. */
export async function run(): Promise<Record<string, unknown>> {
  const walls: number[] = []
  let events = 0
  for (let seed = 1; seed <= 5; seed++) {
    const cluster = new Cluster(defaultPreset(seed)).install(kubectl).bootUp()
    cluster.input({ type: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=30' })
    cluster.run(60e6)
    const ready = (cluster.object('deployments', 'default', 'web') as { status?: { readyReplicas?: number } } | undefined)?.status?.readyReplicas
    if (ready !== 30) throw new Error(`${ready} of 30 replicas are ready before the failure`)
    const before = performance.now()
    const handled = cluster.sim.state.handled
    cluster.input({ type: 'fault', fault: { kind: 'node-down', node: 'node-2' } })
    cluster.run(460e6)
    walls.push((performance.now() - before) / 1000)
    events = cluster.sim.state.handled - handled
  }
  walls.sort((a, b) => a - b)
  return { wallSeconds: { min: walls[0], median: walls[2], max: walls[4] }, events, target: 0.5 }
}
