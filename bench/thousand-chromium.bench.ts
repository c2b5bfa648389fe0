import { inChromium } from './browser'
import { summary, timesLess } from './ratio'

export const name = '1,000 replicas on 50 nodes until all Ready, in Chromium'

/**
 * The same as in Node, where learners run it: CPU seconds of the page's process (all threads) for five runs one after another, and for
 * the peer in a page of its own of the same browser. SKIP_PEER=1 leaves the peer out.
 */
export function run(): Promise<Record<string, unknown>> {
  return inChromium('bench/in-page.ts', ['src', 'bench'], async (open) => {
    const ours = await open()
    const runs: number[] = []
    for (let seed = 1; seed <= 5; seed++) runs.push(await ours.cpuSeconds(`bench.ours(${seed})`))
    await ours.close()
    const cpuSeconds = summary(runs)
    if (process.env.SKIP_PEER) return { ours: { runs, cpuSeconds } }
    const peer = await open()
    const webernetes = { nodes: 50, replicas: 1000, cpuSeconds: await peer.cpuSeconds('bench.webernetes(50, 1000)') }
    await peer.close()
    return { ours: { runs, cpuSeconds }, webernetes, timesLess: timesLess(webernetes.cpuSeconds, cpuSeconds), target: 40 }
  })
}
