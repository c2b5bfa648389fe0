import { describe, expect, test } from 'vitest'
import { kubectl } from '../engine/kubectl'
import { Session } from './session'
import { tryOut } from './try-out'

const deployment = (replicas: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: nginx }] }
`

describe('a try', () => {
  test('tells what would be printed, and leaves no trace', () => {
    const session = new Session(1, 'default', kubectl)
    session.run(3_000_000)
    const before = { state: session.cluster.sim.stateHash(), trace: session.cluster.sim.traceHash(), now: session.now }
    const line = 'kubectl apply --dry-run=server -f -'
    const [good, wrong, pods] = tryOut(session.cluster, [{ line, stdin: deployment('2') }, { line, stdin: deployment('many') }, { line: 'kubectl get pods' }])
    expect(good).toEqual({ stdout: 'deployment.apps/web created (server dry run)\n', stderr: '', exit: 0 })
    expect(wrong).toMatchObject({ exit: 1, stdout: '' })
    expect(wrong?.stderr).toContain('cannot be handled as a Deployment')
    expect(pods?.stderr).toContain('No resources found in default namespace.')
    expect({ state: session.cluster.sim.stateHash(), trace: session.cluster.sim.traceHash(), now: session.now }).toEqual(before)
    expect(session.saved().branches[0]?.inputs).toEqual([])
  })

  test('an endless command has no exit, and the moment comes back', () => {
    const session = new Session(1, 'default', kubectl)
    const [watch] = tryOut(session.cluster, [{ line: 'kubectl get nodes -w' }])
    expect(watch?.exit).toBeNull()
    expect(watch?.stdout).toContain('node-1')
    expect(session.now).toBe(0)
  })
})

test('Ctrl-C ends a command that watches, and is part of the log', () => {
  const session = new Session(1, 'default', kubectl)
  const { command } = session.act({ type: 'kubectl', line: 'kubectl get nodes -w' })
  session.run(2_000_000)
  const exits = () => session.branch.story.outputs.filter(({ stream }) => stream === 'exit').map(({ command: n, text }) => [n, text])
  expect(exits()).toEqual([])
  session.act({ type: 'interrupt', command: command ?? 0 })
  session.run(3_000_000)
  expect(exits()).toEqual([[command, '130']])
  const again = Session.restore(session.saved(), kubectl)
  expect(again.cluster.sim.traceHash()).toBe(session.cluster.sim.traceHash())
})

test('a dropped file is there, and an editor waits for its text', () => {
  const session = new Session(1, 'default', kubectl)
  session.act({ type: 'file', path: 'note.txt', text: 'one\n' })
  const { command } = session.act({ type: 'kubectl', line: 'vi note.txt && cat note.txt' })
  session.run(1_000_000)
  const outputs = () => session.branch.story.outputs.filter((row) => row.command === command).map(({ stream, text }) => [stream, text])
  expect(outputs().slice(1)).toEqual([['edit', expect.stringContaining('"text":"one\\n"')]])
  session.act({ type: 'edited', command: command ?? 0, text: 'two\n' })
  session.run(2_000_000)
  expect(outputs().slice(2)).toEqual([['stdout', 'two\n'], ['exit', '0']])
})
