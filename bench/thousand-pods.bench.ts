import { bringUpWebernetes } from './peer-webernetes'
import { summary, timesLess } from './ratio'
import { bringUp } from './thousand-pods'

export const name = '1,000 replicas on 50 nodes until all Ready, in Node'

/**
 * CPU seconds (all threads: compiler and collector too) of five runs one after another, against the peer in the same process after
 * them. SKIP_PEER=1 leaves the peer out.
 */
export async function run(): Promise<Record<string, unknown>> {
  const runs = [1, 2, 3, 4, 5].map(measured)
  const cpuSeconds = summary(runs.map((r) => r.cpuSeconds))
  const ours = { runs, cpuSeconds }
  if (process.env.SKIP_PEER) return { ours }
  const webernetes = await bringUpWebernetes({ nodes: 50, replicas: 1000 })
  return { ours, webernetes, timesLess: timesLess(webernetes.cpuSeconds, cpuSeconds), target: 40 }
}

function measured(seed: number) {
  const before = process.cpuUsage()
  const made = bringUp(seed)
  const cpu = process.cpuUsage(before)
  return { cpuSeconds: (cpu.user + cpu.system) / 1e6, ...made }
}
