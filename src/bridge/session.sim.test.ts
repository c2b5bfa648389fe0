import { beforeAll, describe, expect, test } from 'vitest'
import { FrameBuilder } from './frame'
import { Session } from './session'
import { kubectl as kubectlBehaviour } from '../engine/kubectl'
import type { Frame, PodRow } from './protocol'

const kubectl = (line: string) => ({ type: 'kubectl', line }) as const
const how = { playing: false, pace: { mode: 'event-paced', factor: 1 }, spreadMs: 0, skipped: 0 } as const

/** The picture of the present moment: all rows, without the frame's number. */
function picture(session: Session): Frame {
  return { ...new FrameBuilder().build(session, 'full', how), number: 0 }
}

/** What is on the screen for a moment, whatever is known of the future. */
function scene(session: Session): unknown {
  const f = picture(session)
  const sort = <T extends { readonly key: string }>(rows: readonly T[]) => [...rows].sort((a, b) => (a.key < b.key ? -1 : 1))
  return { nodes: sort(f.nodes.put), pods: sort(f.pods.put), workloads: sort(f.workloads.put), services: sort(f.services.put), components: f.components, step: f.step, now: f.clock.now, revision: f.clock.revision }
}

const webPods = (session: Session): readonly PodRow[] => picture(session).pods.put.filter((p) => p.name.startsWith('web-'))

describe('a session', () => {
  let session: Session
  beforeAll(() => {
    session = new Session(3, 'default', kubectlBehaviour)
    session.seek(1e6)
    session.act(kubectl('kubectl create deployment web --image=nginx:1.27 --replicas=3'))
    session.seek(30e6)
    session.act(kubectl('kubectl scale deployment web --replicas=5'))
    session.seek(60e6)
  })

  test('tells steps in order, each with its hops', () => {
    const { story } = session.branch
    expect(story.last).toBeGreaterThan(20)
    expect(story.steps.map((s) => s.at)).toEqual(story.steps.map((s) => s.at).sort((a, b) => a - b))
    const create = story.steps.find((s) => s.lane === 'kubectl' && s.verb === 'POST')
    expect(create?.caption).toBe('You create Deployment web')
    expect(create?.hops.map((h) => h.kind).slice(0, 2)).toEqual(['write', 'store'])
    expect(create?.hops.some((h) => h.kind === 'watch' && h.to === 'kube-controller-manager')).toBe(true)
    expect(story.steps.some((s) => s.hops.some((h) => h.from === 'kube-controller-manager/replicaset'))).toBe(true)
    expect(story.steps.some((s) => s.milestone === 'Rolled out')).toBe(true)
    expect(story.steps.every((s) => s.object?.resource !== 'leases')).toBe(true)
  })

  test('shows the same picture for the same moment: stepping, stepping back, scrubbing', () => {
    const { story } = session.branch
    const pictures = new Map<number, unknown>()
    session.seek(0)
    for (let n = 1; n <= story.last; n++) {
      session.seek(session.pictureAt(n))
      pictures.set(session.now, scene(session))
    }
    for (const at of [...pictures.keys()].reverse()) {
      session.seek(at)
      expect(scene(session)).toEqual(pictures.get(at))
    }
    session.seek(60e6)
    expect(webPods(session).map((p) => p.status)).toEqual(Array(5).fill('Running'))
  })

  test('an input in the past starts a branch and keeps the old future', () => {
    session.seek(20e6)
    const before = session.branch
    session.act(kubectl('kubectl scale deployment web --replicas=1'))
    expect(session.branches.length).toBe(2)
    expect(session.branch.parent).toBe(before.id)
    session.seek(55e6)
    expect(webPods(session).filter((p) => !p.deleting).length).toBe(1)
    session.switchTo(before.id, 55e6)
    expect(webPods(session).filter((p) => !p.deleting).length).toBe(5)
    expect(session.branch.story.steps.length).toBe(before.story.steps.length)
  })

  test('is made again from its log, with its branches', () => {
    const saved = JSON.parse(JSON.stringify(session.saved())) as ReturnType<Session['saved']>
    const again = Session.restore(saved, kubectlBehaviour)
    expect(again.now).toBe(session.now)
    expect(again.branch.id).toBe(session.branch.id)
    expect(scene(again)).toEqual(scene(session))
    const other = session.branches.find((b) => b.id !== session.branch.id)?.id as number
    again.switchTo(other, 55e6)
    session.switchTo(other, 55e6)
    expect(scene(again)).toEqual(scene(session))
    session.switchTo(0, 60e6)
  })

  test('an input is taken back, and what came of it is kept', () => {
    const s = new Session(4, 'default', kubectlBehaviour)
    s.act(kubectl('kubectl create deployment web --image=nginx:1.27 --replicas=3'))
    s.seek(20e6)
    const before = scene(s)
    const steps = s.branch.story.last
    s.act(kubectl('kubectl delete deployment web'))
    s.seek(60e6)
    s.show()
    expect(webPods(s).length).toBe(0)
    expect(s.undo()).toBe(true)
    expect(s.branch.id).toBe(0)
    expect(scene(s)).toEqual(before)
    expect(s.branch.story.last).toBe(steps)
    s.seek(60e6)
    expect(webPods(s).length).toBe(3)
    s.switchTo(s.branches.at(-1)?.id ?? 0, 60e6)
    expect(webPods(s).length).toBe(0)
    // A branch that began with the input is left for its parent.
    s.switchTo(0, 2e6)
    s.act(kubectl('kubectl scale deployment web --replicas=1'))
    expect(s.branch.id).not.toBe(0)
    s.undo()
    expect(s.branch.id).toBe(0)
    expect(s.now).toBe(2e6)
    s.undo()
    expect(s.branch.inputs.length).toBe(0)
    expect(s.undo()).toBe(false)
  })

  test('what was undone, and what others had of it, is the same after a reload', () => {
    const s = new Session(4, 'default', kubectlBehaviour)
    const act = (at: number, line: string) => (s.seek(at), s.act(kubectl(line)), s.seek(at + 10e6), s.show())
    act(1e6, 'kubectl create deployment a --image=nginx:1.27')
    act(20e6, 'kubectl create deployment b --image=nginx:1.27')
    s.seek(60e6)
    s.show()
    // A branch that has the input which is undone then.
    act(20.5e6, 'kubectl delete deployment a')
    expect(s.branch.id).toBe(1)
    s.switchTo(0)
    s.undo()
    // Typed at the very moment of what was undone.
    s.act(kubectl('kubectl create deployment c --image=nginx:1.27'))
    s.seek(50e6)
    s.show()
    const again = Session.restore(JSON.parse(JSON.stringify(s.saved())) as ReturnType<Session['saved']>, kubectlBehaviour)
    expect(again.branches.map((b) => b.inputs)).toEqual(s.branches.map((b) => b.inputs))
    for (const { id, seen } of s.branches) {
      s.switchTo(id, seen)
      again.switchTo(id, seen)
      expect(again.cluster.sim.traceHash()).toBe(s.cluster.sim.traceHash())
      expect(again.branch.story.steps).toEqual(s.branch.story.steps)
    }
    // What the undone input led to is taken back to the line that has it.
    s.switchTo(1)
    s.undo()
    expect(s.branch.inputs.map(({ input }) => (input as { line: string }).line)).toEqual(['kubectl create deployment a --image=nginx:1.27', 'kubectl create deployment b --image=nginx:1.27'])
  })

  test('what is done before a moment that was seen, with nothing visible between, is told once, and so is what follows', () => {
    const s = new Session(4, 'default', kubectlBehaviour)
    const told = () => s.branch.story.outputs.map((o) => `${o.command} ${o.at} ${o.text}`)
    s.act(kubectl('for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 10; done'))
    s.seek(85e6)
    s.show()
    s.seek(35e6)
    // So far that a checkpoint falls between.
    s.seek(75e6)
    s.act(kubectl('echo a'))
    s.seek(100e6)
    s.show()
    expect(new Set(told()).size).toBe(told().length)
    s.act(kubectl('kubectl create configmap x'))
    s.seek(110e6)
    s.show()
    s.seek(79e6)
    s.act(kubectl('echo b'))
    s.seek(95e6)
    expect(s.branch.id).toBe(1)
    const again = new Session(4, 'default', kubectlBehaviour)
    for (const { at, input } of s.branch.inputs) {
      again.seek(at)
      again.act(input)
    }
    again.seek(95e6)
    expect(s.branch.story.outputs).toEqual(again.branch.story.outputs)
    expect(s.branch.story.steps).toEqual(again.branch.story.steps)
  })

  test('every step can be stood on, forward and back', () => {
    const s = new Session(8, 'default', kubectlBehaviour)
    s.act(kubectl('kubectl create deployment web --image=nginx:1.27 --replicas=9'))
    const visited: number[] = []
    while (s.now < 30e6) {
      const n = s.stepForward(100_000, 1e6)
      if (typeof n === 'number') visited.push(n)
    }
    expect(s.branch.story.steps.some((x) => x.count > 2 && / \d pods/.test(x.caption))).toBe(true)
    const captions = new Map(visited.map((n) => [n, s.branch.story.step(n)?.caption]))
    const ats = new Set(visited.map((n) => s.branch.story.step(n)?.at))
    expect(ats.size).toBe(new Set(s.branch.story.steps.filter((x) => x.n <= (visited.at(-1) as number)).map((x) => x.at)).size)
    for (const n of [...visited].reverse()) {
      s.seek(s.pictureAt(n))
      expect(s.branch.story.step(s.step)?.at).toBe(s.branch.story.step(n)?.at)
      expect(s.branch.story.step(n)?.caption).toBe(captions.get(n))
    }
  })

  test('a lost node is a story of milestones', () => {
    const lost = new Session(3, 'default', kubectlBehaviour)
    lost.act(kubectl('kubectl create deployment web --image=nginx:1.27 --replicas=3'))
    lost.seek(30e6)
    lost.act({ type: 'fault', fault: { kind: 'node-down', node: 'node-1' } })
    lost.seek(400e6)
    const flags = lost.branch.story.steps.filter((s) => s.milestone !== null).map((s) => ({ flag: s.milestone, at: Math.round(s.at / 1e6), caption: s.caption }))
    expect(flags.map((f) => f.flag).slice(0, 4)).toEqual(['Rolled out', 'Off', 'NotReady', 'Eviction'])
    expect(flags[2]?.at).toBeGreaterThan(65)
    expect(flags[2]?.at).toBeLessThan(90)
    expect((flags[3]?.at ?? 0) - (flags[2]?.at ?? 0)).toBeGreaterThanOrEqual(299)
    expect((flags[3]?.at ?? 0) - (flags[2]?.at ?? 0)).toBeLessThanOrEqual(306)
    expect(flags[3]?.caption).toMatch(/^The tainteviction controller evicts/)
  })

  test('a fault that cannot be done is refused and changes nothing', () => {
    const inputs = session.branch.inputs.length
    expect(session.act({ type: 'fault', fault: { kind: 'node-down', node: 'node-9' } }).error).toBe('nodes "node-9" not found')
    expect(session.branch.inputs.length).toBe(inputs)
  })

  test('looking ahead and coming back leaves no trace', () => {
    session.switchTo(0, 60e6)
    const before = scene(session)
    const steps = session.branch.story.last
    const comeBack = session.peek()
    session.run(session.now + 60e6)
    comeBack()
    expect(scene(session)).toEqual(before)
    expect(session.branch.story.last).toBe(steps)
    session.act(kubectl('kubectl delete deployment web'))
    session.seek(session.now + 40e6)
    expect(webPods(session).length).toBe(0)
    expect(session.branch.story.steps.at(-1)?.at).toBeGreaterThan(60e6)
  })
})

describe('frames', () => {
  test('diffs put together are the full picture', () => {
    const session = new Session(5, 'default', kubectlBehaviour)
    const builder = new FrameBuilder()
    const rows = new Map<string, unknown>()
    const apply = (f: Frame) => {
      if (f.kind === 'full') rows.clear()
      for (const table of ['nodes', 'pods', 'workloads', 'services', 'objects'] as const) {
        for (const row of f[table].put) rows.set(`${table}/${row.key}`, row)
        for (const key of f[table].gone) rows.delete(`${table}/${key}`)
      }
    }
    apply(builder.build(session, 'full', how))
    session.act(kubectl('kubectl create deployment web --image=nginx:1.27 --replicas=40'))
    let diffs = 0
    while (session.now < 60e6) {
      session.run(session.now + 50_000)
      const f = builder.build(session, 'diff', how)
      expect(f.pods.put.length).toBeLessThanOrEqual(150)
      apply(f)
      diffs++
    }
    session.act({ type: 'fault', fault: { kind: 'node-down', node: 'node-1' } })
    while (session.now < 130e6) {
      session.run(session.now + 500_000)
      apply(builder.build(session, 'diff', how))
    }
    do apply(builder.build(session, 'diff', how))
    while (builder.more)
    const full = new Map<string, unknown>()
    const f = new FrameBuilder().build(session, 'full', how)
    for (const table of ['nodes', 'pods', 'workloads', 'services', 'objects'] as const) for (const row of f[table].put) full.set(`${table}/${row.key}`, row)
    expect(diffs).toBeGreaterThan(100)
    expect(Object.fromEntries([...rows].sort())).toEqual(Object.fromEntries([...full].sort()))
  })

  test('who stops a component that crashes again and again takes it from its kubelet, until it is started', () => {
    const session = new Session(3, 'default', kubectlBehaviour)
    const stateOf = (): string | undefined => picture(session).components?.find(({ key }) => key === 'kube-scheduler')?.state
    session.act({ type: 'fault', fault: { kind: 'component-crash', component: 'kube-scheduler' } })
    session.seek(5e6)
    expect(stateOf()).toBe('standby')
    session.act({ type: 'fault', fault: { kind: 'component-crash', component: 'kube-scheduler' } })
    session.seek(6e6)
    expect(stateOf()).toBe('crashed')
    session.act({ type: 'fault', fault: { kind: 'component-down', component: 'kube-scheduler' } })
    session.seek(30e6)
    expect(stateOf()).toBe('down')
    session.act({ type: 'fault', fault: { kind: 'component-up', component: 'kube-scheduler' } })
    session.seek(60e6)
    expect(stateOf()).toBe('up')
  })

  test('after hours, every moment is still near, and looking ahead for a step leaves no hole behind', () => {
    const session = new Session(3, 'default', kubectlBehaviour)
    session.act(kubectl('kubectl create cronjob tick --image=busybox --schedule="* * * * *" -- sleep 5'))
    session.run(2.5 * 3600e6)
    const { checkpoints } = session.branch
    expect(checkpoints.length).toBe(96)
    const gaps = () => checkpoints.map((c, i) => c.handled - (checkpoints[i - 1]?.handled ?? 0))
    // Evenly: no gap is more than a few of the average, which is a hundredth of the whole.
    expect(Math.max(...gaps())).toBeLessThan((3.5 * session.cluster.sim.state.handled) / 96)
    // As the driver does when nothing visible is in sight.
    const before = scene(session)
    const back = session.peek()
    session.run(session.now + 660e6)
    back()
    expect(scene(session)).toEqual(before)
    expect(checkpoints.every((c) => c.at <= session.now)).toBe(true)
    session.seek(5000e6)
    session.seek(2.5 * 3600e6)
    expect(scene(session)).toEqual(before)
  })
})
