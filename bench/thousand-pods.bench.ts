import { Cluster, plainPreset } from '../src/engine/cluster'
import { bringUpWebernetes } from './peer-webernetes'
import { kubectl } from '../src/engine/kubectl'

export const name = '1,000 replicas on 50 nodes until all Ready'

interface DeploymentStatus {
  readonly status?: { readonly readyReplicas?: number }
}

/** CPU seconds from nothing (boot included) until the Deployment reports 1,000 ready replicas, against the peer in the same process after it. SKIP_PEER=1 leaves the peer out. */
export async function run(): Promise<Record<string, unknown>> {
  const runs = [1, 2, 3].map((seed) => bringUp(seed))
  const best = Math.min(...runs.map((r) => r.cpuSeconds))
  const ours = { runs, cpuSeconds: median(runs.map((r) => r.cpuSeconds)), best }
  if (process.env.SKIP_PEER) return { ours }
  const webernetes = await bringUpWebernetes({ nodes: 50, replicas: 1000 })
  return { ours, webernetes, timesLess: Math.round((10 * webernetes.cpuSeconds) / ours.cpuSeconds) / 10, target: 40 }
}

function bringUp(seed: number): { readonly cpuSeconds: number; readonly events: number; readonly simulatedSeconds: number } {
  const before = process.cpuUsage()
  const cluster = new Cluster(plainPreset(seed, 50)).install(kubectl).bootUp()
  cluster.input({ type: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=1000' })
  const ready = () => (cluster.object('deployments', 'default', 'web') as DeploymentStatus | undefined)?.status?.readyReplicas ?? 0
  while (ready() < 1000) {
    cluster.run(cluster.now + 1_000_000)
    if (cluster.now > 1_000e6) throw new Error(`only ${ready()} of 1000 replicas are ready after 1,000 simulated seconds`)
  }
  const cpu = process.cpuUsage(before)
  return { cpuSeconds: (cpu.user + cpu.system) / 1e6, events: cluster.sim.state.handled, simulatedSeconds: Math.round(cluster.now / 1e6) }
}

const median = (list: number[]): number => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] as number
