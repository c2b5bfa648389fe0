import type { Cluster, CommandOutput } from '../engine/cluster'
import type { TriedCommand } from './protocol'

/** Longest a tried command may take. Units: µs of simulated time. */
const mostTime = 60_000_000

/** Most events simulated for one try: an answer comes within a blink, or says that there is none. */
const mostEvents = 60_000

/** Most commands of one try. */
const mostCommands = 60

/**
 * Runs kubectl lines from this moment on, side by side, and comes back to it: what they printed is known, nothing of it
 * has happened. So an editor can ask the real server about a manifest while time stands still, and the log stays as it is.
 */
export function tryOut(cluster: Cluster, commands: readonly { readonly line: string; readonly stdin?: string | undefined }[]): readonly TriedCommand[] {
  const kept = cluster.checkpoint()
  const { trace } = cluster.sim
  const began = cluster.now
  const tried = commands.slice(0, mostCommands).map(() => ({ stdout: '', stderr: '', exit: null as number | null }))
  const byNumber = new Map<number, (typeof tried)[number]>()
  let read = trace.nextId - 1
  let running = 0
  try {
    for (const [i, { line, stdin }] of commands.slice(0, mostCommands).entries()) {
      const { command, error } = cluster.input({ type: 'kubectl', line, stdin })
      if (command === undefined) throw new Error(error)
      byNumber.set(command, tried[i] as (typeof tried)[number])
      running++
    }
    for (let events = 0; running > 0 && events < mostEvents && cluster.now - began < mostTime; ) {
      const before = cluster.sim.state.handled
      cluster.run(Math.min(cluster.now + 1_000_000, began + mostTime), 200)
      events += Math.max(1, cluster.sim.state.handled - before)
      trace.forEach(read + 1, (record) => {
        if (record.kind !== 'output') return
        const { command, stream, text } = record.detail as CommandOutput
        const one = byNumber.get(command)
        if (one === undefined) return
        if (stream === 'stdout' || stream === 'stderr') one[stream] += text
        else if (stream === 'exit') {
          one.exit = Number(text)
          running--
        }
      })
      read = trace.nextId - 1
    }
    return tried
  } finally {
    cluster.restore(kept)
  }
}
