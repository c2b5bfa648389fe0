import { startWebernetes } from './peer-webernetes-cluster'

/** What one cluster took to bring a Deployment up. Units: seconds; megabytes of resident memory. */
export interface BringUp {
  readonly nodes: number
  readonly replicas: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly rssMegabytes: number
}

/**
 * What the peer takes in this process (scripts/bench.mjs gives each bench its own), from before the cluster exists until all replicas
 * are Ready. It runs in real time, so CPU seconds are what to compare. Errors: those of startWebernetes.
 */
export async function bringUpWebernetes({ nodes = 50, replicas = 1000, timeoutSeconds = 600 } = {}): Promise<BringUp> {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const cluster = await startWebernetes({ nodes, replicas, timeoutSeconds })
  const cpu = process.cpuUsage(cpuBefore)
  const wallSeconds = (performance.now() - startedAt) / 1000
  await cluster.close()
  return { nodes, replicas, cpuSeconds: round((cpu.user + cpu.system) / 1e6), wallSeconds: round(wallSeconds), rssMegabytes: Math.round(process.memoryUsage.rss() / 1e6) }
}

const round = (x: number) => Math.round(x * 1000) / 1000
