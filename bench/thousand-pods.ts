import { Cluster, plainPreset } from '../src/engine/cluster'
import { kubectl } from '../src/engine/kubectl'

/** What was brought up, in the cluster's own terms. */
export interface BroughtUp {
  readonly events: number
  readonly simulatedSeconds: number
}

interface DeploymentStatus {
  readonly status?: { readonly readyReplicas?: number }
}

/** From nothing (boot included) until a Deployment reports 1,000 ready replicas on 50 nodes. Errors: throws when they are not Ready within 1,000 simulated seconds. */
export function bringUp(seed: number): BroughtUp {
  const cluster = new Cluster(plainPreset(seed, 50)).install(kubectl).bootUp()
  cluster.input({ type: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=1000' })
  const ready = () => (cluster.object('deployments', 'default', 'web') as DeploymentStatus | undefined)?.status?.readyReplicas ?? 0
  while (ready() < 1000) {
    cluster.run(cluster.now + 1_000_000)
    if (cluster.now > 1_000e6) throw new Error(`only ${ready()} of 1000 replicas are ready after 1,000 simulated seconds`)
  }
  return { events: cluster.sim.state.handled, simulatedSeconds: Math.round(cluster.now / 1e6) }
}
