import { describe, expect, test } from 'vitest'
import * as room from '../engine/kubectl'
import { drive } from './driver.testing'
import { firstPresetId } from './first-session'
import { FrameBuilder } from './frame'
import { Session } from './session'
import type { Answer, Crash, Down, Frame, Saved } from './protocol'

const input = (line: string, id = 1): Down => ({ type: 'input', id, input: { type: 'kubectl', line } })

describe('the driver', () => {
  test('says hello, then gives the whole picture', () => {
    const { send, ups, last } = drive()
    send({ type: 'start', seed: 1 })
    expect(ups.map((u) => u.type).slice(0, 2)).toEqual(['hello', 'frame'])
    expect(last().kind).toBe('full')
    expect(last().nodes.put.map((n) => `${n.key} ${n.status}`).sort()).toEqual(['control-plane Ready', 'node-1 Ready', 'node-2 Ready', 'node-3 Ready'])
    expect(last().pods.put.filter((p) => p.name.startsWith('coredns')).every((p) => p.glyph === 'ok')).toBe(true)
  })

  test('plays step by step, each in its time, and folds idle gaps', () => {
    const { send, pass, frames, last } = drive()
    send({ type: 'start', seed: 1 })
    send({ type: 'play' })
    send(input('kubectl create deployment web --image=nginx:1.27 --replicas=2'))
    const before = frames().length
    pass(10_000)
    const steps = frames().slice(before).filter((f) => f.clock.spreadMs > 0)
    expect(steps.length).toBeGreaterThan(5)
    expect(steps.length).toBeLessThan(13)
    expect(steps.map((f) => f.step)).toEqual(steps.map((f) => f.step).sort((a, b) => a - b))
    pass(60_000)
    expect(frames().some((f) => f.skipped > 250_000)).toBe(true)
    // At rest the clock runs in real time.
    const rest = last().clock.now
    pass(5_000)
    expect(last().clock.now - rest).toBeGreaterThan(4.5e6)
    expect(last().clock.now - rest).toBeLessThan(5.6e6)
  })

  test('a command that only reads answers within a second, whatever else is to be seen', () => {
    const { send, pass, frames } = drive()
    send({ type: 'start', seed: 1 })
    send({ type: 'play' })
    send(input('kubectl create deployment web --image=nginx:1.27 --replicas=10'))
    pass(3_000)
    const typed = frames().length
    send(input('kubectl get pods', 2))
    const answered = () => frames().slice(typed).some((f) => f.output.some((o) => o.command === 2 && o.stream === 'exit'))
    let waited = 0
    for (; waited < 20_000 && !answered(); waited += 50) pass(50)
    expect(waited).toBeLessThan(1_000)
    // What follows has its time again.
    const after = frames().length
    pass(5_000)
    expect(frames().slice(after).filter((f) => f.clock.spreadMs >= 900).length).toBeGreaterThan(2)
  })

  test('a search for the next step that is far ahead is nothing that a person would notice', () => {
    // So slow that the search takes many slices; what is done meanwhile is done at the moment that is shown.
    const { send, pass, last, ups } = drive(10)
    send({ type: 'start', seed: 1 })
    send({ type: 'play' })
    const before = last().clock.now
    for (let i = 1; i <= 20; i++) {
      pass(20)
      send({ type: 'ask', id: i, question: { about: 'complete', line: 'kubectl get nodes no', cursor: 20 } })
      send({ type: 'pace', pace: { mode: 'event-paced', factor: 1 + (i % 2) } })
      pass(7)
      send(input('kubectl get pods', i))
      pass(20)
    }
    send({ type: 'pause' })
    expect(last().clock.now - before).toBeLessThan(30e6)
    const saved = ups.filter((u): u is Saved => u.type === 'saved').at(-1)?.session
    expect(saved?.branches.length).toBe(1)
    expect(saved?.branches[0]?.inputs.every(({ at }) => at <= last().clock.now)).toBe(true)
    expect(saved?.at).toBe(last().clock.now)
  })

  test('what is done while a seek or a step is under way waits for it: the same on any machine', () => {
    const told = [0, 1, 40].map((slow) => {
      const { send, pass, last, ups } = drive(slow)
      const acts: Down[] = [
        { type: 'start', seed: 1 }, { type: 'seek', to: { at: 90e6 } }, input('kubectl create deployment web --image=nginx:1.27'),
        { type: 'step', by: 1 }, { type: 'step', by: 1 }, { type: 'milestone', by: 1 }, { type: 'input', id: 2, input: { type: 'fault', fault: { kind: 'node-down', node: 'node-2' } } },
        { type: 'seek', to: { at: 300e6 } }, input('kubectl get pods', 3), { type: 'ask', id: 1, question: { about: 'report' } },
      ]
      for (const act of acts) send(act)
      pass(60_000)
      return { report: ups.findLast((u): u is Answer => u.type === 'answer'), now: last().clock.now, inputs: ups.findLast((u): u is Saved => u.type === 'saved')?.session.branches[0]?.inputs }
    })
    expect(told[0]?.inputs?.map(({ at }) => at >= 90e6)).toEqual([true, true, true])
    expect(told[0]?.now).toBeGreaterThan(300e6)
    expect(told[1]).toEqual(told[0])
    expect(told[2]).toEqual(told[0])
  })

  test('a pause calls a seek off that takes long, and what is typed then is done there', () => {
    const { send, pass, last, ups } = drive(40)
    send({ type: 'start', seed: 1 })
    send({ type: 'seek', to: { at: 600e6 } })
    pass(20)
    send({ type: 'pause' })
    const at = last().clock.now
    expect(at).toBeLessThan(600e6)
    pass(5000)
    expect(last().clock.now).toBe(at)
    send(input('kubectl get pods'))
    expect(ups.findLast((u): u is Saved => u.type === 'saved')?.session.branches[0]?.inputs[0]?.at).toBe(at)
  })

  test('what went while the history that would tell of it was compacted is gone from the picture', () => {
    const session = new Session(1, firstPresetId, room.kubectl)
    const frames = new FrameBuilder()
    const build = () => frames.build(session, 'diff', { playing: true, pace: { mode: 'event-paced', factor: 1 }, spreadMs: 0, skipped: 0 })
    const act = (line: string, seconds: number) => {
      session.act({ type: 'kubectl', line })
      session.run(session.now + seconds * 1e6)
    }
    act('kubectl run short --image=nginx', 20)
    act('kubectl expose pod short --port=80', 1)
    const key = build().pods.put.find((p) => p.name === 'short')?.key as string
    act('kubectl delete pod,service short', 20)
    // The API server compacts every five minutes.
    act('kubectl run long --image=nginx', 900)
    const frame = build()
    expect(frame.kind).toBe('diff')
    expect(session.cluster.store.since(2)).toBeUndefined()
    expect(frame.pods.put.map((p) => p.name)).toContain('long')
    expect(frame.pods.gone).toEqual([key])
    expect(frame.services.gone.length).toBe(1)
    expect([...frame.nodes.gone, ...frame.workloads.gone]).toEqual([])
  })

  test('runs in real time times a factor', () => {
    const { send, pass, last } = drive()
    send({ type: 'start', seed: 1 })
    send({ type: 'pace', pace: { mode: 'real-time', factor: 10 } })
    send({ type: 'play' })
    pass(2_000)
    expect(last().clock.now).toBeGreaterThan(18e6)
    expect(last().clock.now).toBeLessThan(21e6)
    send({ type: 'pause' })
    const at = last().clock.now
    pass(2_000)
    expect(last().clock.now).toBe(at)
  })

  test('steps forward and back to the same pictures, and to milestones', () => {
    const { send, pass, last, frames } = drive()
    send({ type: 'start', seed: 1 })
    send(input('kubectl create deployment web --image=nginx:1.27'))
    pass(100)
    const first = last().clock.now
    send({ type: 'step', by: 1 })
    pass(100)
    expect(last().step).toBeGreaterThan(1)
    send({ type: 'step', by: -1 })
    pass(100)
    expect(last().clock.now).toBe(first)
    send({ type: 'milestone', by: 1 })
    pass(1000)
    const flag = () => frames().flatMap((f) => f.steps).findLast((s) => s.n === last().step)?.milestone
    expect(flag()).toBe('Rolled out')
    const rolledOut = last().clock.now
    send({ type: 'input', id: 2, input: { type: 'fault', fault: { kind: 'node-down', node: 'node-3' } } })
    pass(100)
    send({ type: 'milestone', by: 1 })
    pass(3000)
    expect(flag()).toBe('NotReady')
    // 50 s after the last lease renewal, which was up to 10 s before the power went.
    expect(last().clock.now - rolledOut).toBeGreaterThan(39e6)
    send({ type: 'milestone', by: -1 })
    pass(100)
    expect(flag()).toBe('Off')
  })

  test('a milestone behind many steps is looked for in slices, and one that is known is gone to at once', () => {
    const { send, pass, last, frames, driver } = drive(1)
    send({ type: 'start', seed: 1, preset: 'recorded' })
    const made = Array.from({ length: 120 }, (_, i) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${i}` } }))
    send({ type: 'input', id: 1, input: { type: 'kubectl', line: 'kubectl create -f -', stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: made }) } })
    send({ type: 'input', id: 2, input: { type: 'fault', fault: { kind: 'node-down', node: 'node-3' } } })
    send({ type: 'milestone', by: 1 })
    const before = last().step
    pass(20)
    // It listens: a pause shows how far it came, another click goes on.
    send({ type: 'pause' })
    expect(last().step).toBeGreaterThan(before)
    expect(last().step).toBeLessThan(120)
    send({ type: 'milestone', by: 1 })
    pass(100_000)
    const step = last().step
    const milestone = () => frames().flatMap((f) => f.steps).findLast((s) => s.n === last().step)?.milestone
    expect(step).toBeGreaterThan(120)
    expect(milestone()).toBe('NotReady')
    send({ type: 'seek', to: { step: before + 1 } })
    send({ type: 'milestone', by: 1 })
    expect(last().step).toBe(step)
    // None comes, though something is done all the time: it ends.
    send({ type: 'input', id: 3, input: { type: 'kubectl', line: 'while true; do kubectl get nodes; sleep 20; done' } })
    const began = last().clock.now
    send({ type: 'milestone', by: 1 })
    pass(100_000)
    expect(last().clock.now - began).toBeLessThan(700e6)
    expect((driver as unknown as { moving: boolean }).moving).toBe(false)
  })

  test('questions that wait for a seek do not keep another seek, a pause or a new session from calling it off', () => {
    const { send, pass, last, ups } = drive(40)
    const ask: Down = { type: 'ask', id: 7, question: { about: 'report' } }
    const answered = () => ups.filter((u) => u.type === 'answer').length
    send({ type: 'start', seed: 1 })
    send({ type: 'seek', to: { at: 3600e6 } })
    send(ask)
    expect(answered()).toBe(0)
    send({ type: 'pause' })
    expect(answered()).toBe(1)
    expect(last().clock.now).toBeLessThan(3600e6)
    send({ type: 'seek', to: { at: 3600e6 } })
    send(ask)
    send({ type: 'seek', to: { at: 1e6 } })
    pass(10)
    expect(last().clock.now).toBe(1e6)
    expect(answered()).toBe(2)
    send({ type: 'seek', to: { at: 3600e6 } })
    send(ask)
    send(input('kubectl get pods'))
    send({ type: 'start', seed: 2 })
    pass(3000)
    expect(last().clock.now).toBe(0)
    expect(answered()).toBe(3)
    expect(ups.findLast((u): u is Saved => u.type === 'saved')?.session).toMatchObject({ seed: 2, branches: [{ inputs: [] }] })
  })

  test('completes lines, knows the files of the terminal, and explains once the descriptions are there', () => {
    const { send, ups, pass } = drive()
    const value = (): unknown => ups.findLast((u): u is Answer => u.type === 'answer')?.value
    send({ type: 'start', seed: 1 })
    send({ type: 'ask', id: 1, question: { about: 'complete', line: 'kubectl get nodes no', cursor: 20 } })
    expect(value()).toMatchObject({ from: 18, options: ['node-1', 'node-2', 'node-3'] })
    send({ type: 'ask', id: 2, question: { about: 'complete', line: 'kubectl apply -f samples/w', cursor: 26 } })
    expect(value()).toEqual({ from: 17, options: ['samples/web.yaml'] })
    send(input('echo hi > note && kubectl explain pod | head -5'))
    pass(500)
    send({ type: 'seek', to: { at: 2e6 } })
    send({ type: 'ask', id: 3, question: { about: 'file', path: 'note' } })
    expect(value()).toBe('hi\n')
    const output = ups.filter((u): u is Frame => u.type === 'frame').flatMap((f) => f.output).map((o) => o.text).join('')
    expect(output).toContain('Pod is a collection of containers')
  })

  test('a manifest of kubernetes.io is there before the line that applies it', () => {
    const { send, frames, had } = drive()
    send({ type: 'start', seed: 1 })
    send(input('kubectl get pods'))
    expect(had).toEqual([])
    send(input('kubectl apply -f https://k8s.io/examples/pods/simple-pod.yaml', 2))
    expect(had).toEqual(['docs'])
    send({ type: 'seek', to: { at: 20e6 } })
    expect(frames().flatMap((f) => f.output).map((o) => o.text)).toContain('pod/nginx created\n')
  })

  test('answers questions, and saves the session after each input', () => {
    const { send, ups } = drive()
    send({ type: 'start', seed: 1 })
    send(input('kubectl create deployment web --image=nginx:1.27'))
    send({ type: 'seek', to: { at: 20e6 } })
    send({ type: 'ask', id: 5, question: { about: 'object', resource: 'deployments', namespace: 'default', name: 'web' } })
    const answer = ups.findLast((u): u is Answer => u.type === 'answer')
    expect((answer as Answer & { value: { kind: string } }).value.kind).toBe('Deployment')
    send({ type: 'ask', id: 6, question: { about: 'object', resource: 'pods', namespace: 'default', name: 'nobody' } })
    expect(ups.findLast((u): u is Answer => u.type === 'answer')?.error).toBe('pods "nobody" not found')
    send({ type: 'ask', id: 7, question: { about: 'why', resource: 'deployments', namespace: 'default', name: 'web' } })
    expect((ups.findLast((u): u is Answer => u.type === 'answer') as Answer & { value: unknown[] }).value.length).toBeGreaterThan(3)
    expect(ups.filter((u): u is Saved => u.type === 'saved').at(-1)?.session.branches[0]?.inputs.length).toBe(1)
  })

  test('a failed assertion becomes a report, and the session begins again from its log', () => {
    const { send, ups, last, driver } = drive()
    send({ type: 'start', seed: 1 })
    send(input('kubectl create deployment web --image=nginx:1.27'))
    send({ type: 'seek', to: { at: 20e6 } })
    // Break the engine's state in a way that it must notice.
    const session = (driver as unknown as { session: { cluster: { sim: { state: { now: number } } } } }).session
    session.cluster.sim.state.now += 60e6
    send({ type: 'step', by: 1 })
    const crash = ups.find((u): u is Crash => u.type === 'crash')
    expect(crash?.message).toBe('time ran backwards')
    expect(crash?.after).toBe('restarted')
    const report = JSON.parse(crash?.report ?? '{}') as { session: { branches: { inputs: unknown[] }[] }; last: unknown[] }
    expect(report.session.branches[0]?.inputs.length).toBe(1)
    expect(report.last.length).toBeGreaterThan(100)
    expect(last().workloads.put.some((w) => w.name === 'web')).toBe(true)
  })

  test('a broken invariant is told once, with a report, and the session goes on', () => {
    const { send, ups, last, pass } = drive()
    send({ type: 'start', seed: 1 })
    send(input('kubectl create deployment web --image=nginx:1.27 --replicas=2'))
    send({ type: 'seek', to: { at: 20e6 } })
    send({ type: 'pace', pace: { mode: 'real-time', factor: 10 } })
    send({ type: 'play' })
    pass(3000)
    expect(ups.some((u) => u.type === 'crash')).toBe(false)
    // A node that has less than it holds, as no write of a component could make it.
    send({ type: 'pace', pace: { mode: 'real-time', factor: 1 } })
    send(input(`kubectl patch node node-1 --subresource=status -p '{"status":{"allocatable":{"pods":"1"}}}'`))
    pass(3000)
    const told = ups.filter((u): u is Crash => u.type === 'crash')
    expect(told.map((c) => c.after)).toEqual(['going-on'])
    expect(told[0]?.message).toMatch(/^checker node-capacity at .* s: node-1: \d+ pods of 1$/)
    expect((JSON.parse(told[0]?.report ?? '{}') as { session: { branches: { inputs: unknown[] }[] } }).session.branches[0]?.inputs.length).toBe(2)
    const at = last().clock.now
    pass(1000)
    expect(last().clock.now).toBeGreaterThan(at)
  })
})
