import { Session } from '../src/bridge/session'
import { kubectl } from '../src/engine/kubectl'

export const name = 'seek to any moment of a 10-minute session'

/** Milliseconds of 200 seeks to moments spread over a session with rollouts and a node failure. Target: each under 100 ms. */
export async function run(): Promise<Record<string, unknown>> {
  const session = new Session(1, 'default', kubectl)
  const script: readonly (readonly [number, string])[] = [
    [1, 'kubectl create deployment web --image=nginx:1.27 --replicas=6'],
    [30, 'kubectl scale deployment web --replicas=12'],
    [60, 'node-down'],
    [420, 'node-up'],
    [480, 'kubectl scale deployment web --replicas=2'],
  ]
  for (const [t, what] of script) {
    session.seek(t * 1e6)
    session.act(what.startsWith('kubectl') ? { type: 'kubectl', line: what } : { type: 'fault', fault: { kind: what as 'node-down', node: 'node-2' } })
  }
  session.seek(600e6)
  const times: number[] = []
  for (let i = 0; i < 200; i++) {
    const at = ((i * 7919) % 600) * 1e6
    const before = performance.now()
    session.seek(at)
    times.push(performance.now() - before)
  }
  times.sort((a, b) => a - b)
  return { milliseconds: { median: times[100], p95: times[190], max: times[199] }, steps: session.branch.story.last, checkpoints: session.branch.checkpoints.length, target: 100 }
}
