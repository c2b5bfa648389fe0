import type { Changes, Clock, ComponentRow, Down, Frame, Glyph, Hop, Input, NodeRow, OutputRow, PodRow, StepRow, Up, WorkloadRow } from '../../bridge/protocol'

/*
 * Frames written by hand, for looking at the page without an engine: `?fixture`, `?fixture=failure`, `?fixture=scale`.
 * It is no model of Kubernetes; it only plays a list of steps back and forth.
 */

const S = 1_000_000
const MS = 1000

interface World {
  nodes: Map<string, NodeRow>
  pods: Map<string, PodRow>
  workloads: Map<string, WorkloadRow>
  components: ComponentRow[]
}

interface Scripted {
  readonly step: Omit<StepRow, 'n' | 'record'>
  readonly change: (world: World) => void
}

const clone = (world: World): World => ({ nodes: new Map(world.nodes), pods: new Map(world.pods), workloads: new Map(world.workloads), components: world.components })

const hop = (kind: Hop['kind'], from: string, to: string, label: string, extra: Partial<Hop> = {}): Hop => ({ kind, from, to, label, at: 0, ...extra })

function node(key: string, zone: string, cpu: number, memory: number, extra: Partial<NodeRow> = {}): NodeRow {
  const Gi = 1024 ** 3
  return {
    key, zone, roles: '<none>', ready: 'True', reason: 'KubeletReady', message: '', status: 'Ready', unschedulable: false, taints: [],
    truth: { power: true, link: true, kubelet: true, runtime: true, cni: true, kubeProxy: true }, glyph: 'ok', heardAt: 38 * S,
    ring: { kind: 'lease', startedAt: 38 * S, endsAt: 78 * S },
    cpu: { requested: cpu, used: cpu * 0.55, allocatable: 2000 }, memory: { requested: memory * Gi, used: memory * 0.7 * Gi, allocatable: 4 * Gi },
    podCapacity: 110, joining: false, ...extra,
  }
}

let uid = 0
function pod(name: string, on: string | null, glyph: Glyph, status: string, ready: string, extra: Partial<PodRow> = {}): PodRow {
  uid++
  return {
    key: `uid-${name}`, namespace: 'default', name, node: on, owner: { kind: 'ReplicaSet', name: name.replace(/-[^-]+$/, '') }, phase: 'Running', container: 'none',
    status, ready, restarts: 0, ip: `10.244.1.${uid}`, glyph, line: `${status} ${ready}`, ring: null, deleting: false, createdAt: uid * 1000, ghost: false, ...extra,
  }
}

const system = { namespace: 'kube-system' }

function firstWorld(): World {
  const pods = [
    pod('web-7b46c4b544-9zt4m', 'node-1', 'ok', 'Running', '1/1'), pod('api-6d5f8c9b7d-k4zwn', 'node-1', 'ok', 'Running', '1/1'), pod('redis-0', 'node-1', 'ok', 'Running', '1/1'),
    pod('coredns-76f75df574-5xk2d', 'node-1', 'ok', 'Running', '1/1', system), pod('kindnet-hb6n8', 'node-1', 'ok', 'Running', '1/1', system),
    pod('api-6d5f8c9b7d-v8mtr', 'node-2', 'ok', 'Running', '1/1'), pod('coredns-76f75df574-qn7lz', 'node-2', 'ok', 'Running', '1/1', system), pod('kindnet-zp4xk', 'node-2', 'ok', 'Running', '1/1', system),
    pod('web-7b46c4b544-hq8xd', 'node-3', 'ok', 'Running', '1/1'), pod('web-7b46c4b544-t5wcz', 'node-3', 'ok', 'Running', '1/1'), pod('kindnet-9wqlt', 'node-3', 'ok', 'Running', '1/1', system),
  ]
  const nodes = [node('node-1', 'zone-a', 1700, 1.1), node('node-2', 'zone-b', 950, 0.6, { heardAt: 35 * S, ring: { kind: 'lease', startedAt: 35 * S, endsAt: 75 * S } }), node('node-3', 'zone-c', 1100, 0.5, { heardAt: 40 * S, ring: { kind: 'lease', startedAt: 40 * S, endsAt: 80 * S } })]
  return {
    nodes: new Map(nodes.map((row) => [row.key, row])),
    pods: new Map(pods.map((row) => [row.key, row])),
    workloads: new Map([workload('web', 'Deployment', 3), workload('api', 'Deployment', 2), workload('redis', 'StatefulSet', 1)].map((row) => [row.key, row])),
    components: components(1278, []),
  }
}

function workload(name: string, kind: WorkloadRow['kind'], n: number): WorkloadRow {
  return { key: `uid-${name}`, kind, namespace: 'default', name, owner: null, desired: n, current: n, ready: n, updated: n, available: n, images: [{ container: name, image: 'nginx:1.27' }], paused: false, failed: false, createdAt: 0 }
}

const controllerNames = ['deployment', 'replicaset', 'statefulset', 'daemonset', 'job', 'cronjob', 'endpoints', 'endpointslice', 'namespace', 'serviceaccount', 'garbage-collector', 'node-lifecycle', 'taint-eviction', 'pod-garbage-collector', 'replicationcontroller', 'disruption']

function components(revision: number, warm: readonly [string, number][], step = 0): ComponentRow[] {
  return [
    { key: 'kube-apiserver', state: 'up', restart: null, facts: [], watches: 14 },
    { key: 'etcd', state: 'up', restart: null, facts: ['Quorum 3 of 3'], members: ['etcd-0', 'etcd-1', 'etcd-2'].map((id, i) => ({ id, role: i === 0 ? 'leader' : 'follower', revision })) },
    { key: 'kube-scheduler', state: 'up', restart: null, facts: ['Active 1, back-off 0', 'Unschedulable 0'] },
    { key: 'kube-controller-manager', state: 'up', restart: null, facts: [], controllers: controllerNames.map((name) => ({ name, queue: 0, active: false, step: warm.find(([n]) => n === name)?.[1] ?? step - 100 })) },
  ]
}

const line = (at: number, lane: string, caption: string, revision: number, hops: readonly Hop[], change: (world: World) => void = () => {}, extra: Partial<StepRow> = {}): Scripted => ({
  step: { at, endedAt: at, until: at + 10 * MS, kind: 'transaction', lane, caption, verb: hops[0]?.label.split(' ')[0] ?? '', object: null, revision, count: 1, hops, milestone: null, failed: false, ...extra },
  change,
})

function scaleUp(): Scripted[] {
  const t = 41 * S + 350 * MS
  const put = (revision: number) => hop('store', 'kube-apiserver', 'etcd', `put, rev ${revision}`)
  const newPod = (name: string) => pod(name, null, 'pend', 'Pending', '0/1', { phase: 'Pending', container: 'none', line: 'Pending, in active queue', ip: '', ghost: true, createdAt: t + 12 * MS })
  const change = (key: string, extra: Partial<PodRow>) => (world: World) => {
    const row = world.pods.get(`uid-${key}`)
    if (row) world.pods.set(row.key, { ...row, ...extra })
  }
  const x2 = 'web-7b46c4b544-x2kqp'
  const m7 = 'web-7b46c4b544-m7rvd'
  return [
    line(t, 'kubectl', 'You scale deployment web to 5 replicas', 1278, [hop('write', 'you', 'kube-apiserver', 'PATCH deployments/scale'), put(1278), hop('watch', 'kube-apiserver', 'kube-controller-manager/deployment', 'MODIFIED deployment')], (w) => { w.workloads.set('uid-web', { ...workload('web', 'Deployment', 3), desired: 5 }); w.components = components(1278, [['deployment', 1]], 1) }),
    line(t + 5 * MS, 'controllers', 'Deployment controller sets ReplicaSet web-7b46c4b544 to 5', 1279, [hop('write', 'kube-controller-manager/deployment', 'kube-apiserver', 'PUT replicasets'), put(1279), hop('watch', 'kube-apiserver', 'kube-controller-manager/replicaset', 'MODIFIED replicaset')], (w) => { w.components = components(1279, [['deployment', 2], ['replicaset', 2]], 2) }),
    line(t + 12 * MS, 'controllers', 'ReplicaSet controller creates 2 pods', 1281, [hop('write', 'kube-controller-manager/replicaset', 'kube-apiserver', 'POST 2 pods'), put(1281), hop('watch', 'kube-apiserver', 'kube-scheduler', 'ADDED pod')], (w) => { for (const name of [x2, m7]) w.pods.set(`uid-${name}`, newPod(name)); w.components = components(1281, [['deployment', 2], ['replicaset', 3]], 3) }),
    line(t + 21 * MS, 'scheduler', 'kube-scheduler binds web-7b46c4b544-x2kqp to node-2', 1284, [hop('write', 'kube-scheduler', 'kube-apiserver', 'POST pods/binding'), put(1284), hop('watch', 'kube-apiserver', 'kubelet@node-2', 'MODIFIED pod')], (w) => { change(x2, { node: 'node-2', glyph: 'prog', line: 'Pending' })(w); w.nodes.set('node-2', { ...node('node-2', 'zone-b', 1450, 0.9), heardAt: 35 * S, ring: { kind: 'lease', startedAt: 35 * S, endsAt: 75 * S } }); w.components = components(1284, [['replicaset', 3]], 4) }),
    line(t + 52 * MS, 'node-2', 'kubelet on node-2 writes status ContainerCreating', 1289, [hop('local', 'kubelet@node-2', 'containerd@node-2', 'RunPodSandbox'), hop('write', 'kubelet@node-2', 'kube-apiserver', 'PATCH pods/status'), put(1289), hop('watch', 'kube-apiserver', 'kube-controller-manager/replicaset', 'MODIFIED pod'), hop('watch', 'kube-apiserver', 'kube-controller-manager/endpointslice', 'MODIFIED pod')], (w) => { change(x2, { status: 'ContainerCreating', container: 'Waiting: ContainerCreating', line: 'ContainerCreating', ring: { kind: 'pull', startedAt: t + 40 * MS, endsAt: t + 3240 * MS } })(w); w.components = components(1289, [['replicaset', 5], ['endpointslice', 5], ['deployment', 2]], 5) }),
    line(t + 60 * MS, 'scheduler', 'kube-scheduler binds web-7b46c4b544-m7rvd to node-3', 1290, [hop('write', 'kube-scheduler', 'kube-apiserver', 'POST pods/binding'), put(1290), hop('watch', 'kube-apiserver', 'kubelet@node-3', 'MODIFIED pod')], (w) => change(m7, { node: 'node-3', glyph: 'prog', status: 'ContainerCreating', line: 'ContainerCreating', ring: { kind: 'pull', startedAt: t + 60 * MS, endsAt: t + 3260 * MS } })(w)),
    line(t + 3270 * MS, 'node-2', 'kubelet on node-2 reports web-7b46c4b544-x2kqp Running and Ready', 1297, [hop('write', 'kubelet@node-2', 'kube-apiserver', 'PATCH pods/status'), put(1297), hop('watch', 'kube-apiserver', 'kube-controller-manager/endpointslice', 'MODIFIED pod')], (w) => change(x2, { status: 'Running', phase: 'Running', container: 'none', ready: '1/1', line: 'Running 1/1', glyph: 'ok', ring: null, ghost: false, ip: '10.244.2.5' })(w), { milestone: 'Ready' }),
    line(t + 3290 * MS, 'node-3', 'kubelet on node-3 reports web-7b46c4b544-m7rvd Running and Ready', 1299, [hop('write', 'kubelet@node-3', 'kube-apiserver', 'PATCH pods/status'), put(1299), hop('watch', 'kube-apiserver', 'kube-controller-manager/endpointslice', 'MODIFIED pod')], (w) => { change(m7, { status: 'Running', phase: 'Running', container: 'none', ready: '1/1', line: 'Running 1/1', glyph: 'ok', ring: null, ghost: false, ip: '10.244.3.5' })(w); w.workloads.set('uid-web', workload('web', 'Deployment', 5)) }, { milestone: 'Rolled out' }),
  ]
}

function failure(): Scripted[] {
  const steps = scaleUp()
  const t = 120 * S
  const off = { power: false, link: false, kubelet: false, runtime: false, cni: false, kubeProxy: false }
  return [
    ...steps,
    line(t, 'node-1', 'node-1 loses power', 1299, [], (w) => {
      const row = w.nodes.get('node-1')
      if (row) w.nodes.set('node-1', { ...row, truth: off, glyph: 'unk', heardAt: t - 2 * S, ring: { kind: 'monitor', startedAt: t - 2 * S, endsAt: t + 48 * S } })
    }, { kind: 'fault', milestone: 'Off' }),
    line(t + 50 * S, 'controllers', 'Node lifecycle controller sets Ready=Unknown on node-1', 1340, [hop('write', 'kube-controller-manager/node-lifecycle', 'kube-apiserver', 'PATCH nodes/status'), hop('store', 'kube-apiserver', 'etcd', 'put, rev 1340'), hop('watch', 'kube-apiserver', 'kube-scheduler', 'MODIFIED node')], (w) => {
      const row = w.nodes.get('node-1')
      if (row) w.nodes.set('node-1', { ...row, ready: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', status: 'NotReady', glyph: 'unk', taints: ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute'], ring: null })
      for (const p of w.pods.values()) {
        if (p.node !== 'node-1') continue
        const daemon = p.name.startsWith('kindnet')
        w.pods.set(p.key, { ...p, glyph: 'unk', ghost: true, ready: '0/1', line: daemon ? 'Tolerates, stays' : 'Evict in', ring: daemon ? null : { kind: 'toleration', startedAt: t + 50 * S, endsAt: t + 350 * S } })
      }
    }, { milestone: 'NotReady' }),
    line(t + 82 * S, 'controllers', 'A refused request: quota', 1340, [hop('write', 'you', 'kube-apiserver', 'POST pods', { code: 403, stage: 'admission' })], (w) => {
      const row = w.pods.get('uid-web-7b46c4b544-9zt4m')
      if (row) w.pods.set(row.key, { ...row, glyph: 'term', status: 'Terminating', deleting: true, line: 'Terminating', ring: { kind: 'grace', startedAt: t, endsAt: null } })
      w.components = components(1340, []).map((c) => (c.key === 'kube-scheduler' ? { ...c, state: 'down' } : c.key === 'etcd' ? { ...c, members: c.members?.map((m) => (m.id === 'etcd-2' ? { ...m, role: 'down' as const, revision: 1310 } : m)), facts: ['Quorum 2 of 3'] } : c))
    }, { failed: true }),
  ]
}

function scaleWorld(): { world: World; steps: Scripted[] } {
  const world: World = { nodes: new Map(), pods: new Map(), workloads: new Map([workload('web', 'Deployment', 1000)].map((w) => [w.key, w])), components: components(20, []) }
  for (let i = 0; i < 50; i++) {
    const bad = i === 17 ? { glyph: 'unk' as const, ready: 'Unknown' as const, status: 'NotReady' } : i === 30 ? { glyph: 'cord' as const, unschedulable: true, status: 'Ready,SchedulingDisabled' } : {}
    world.nodes.set(`node-${i + 1}`, node(`node-${i + 1}`, `zone-${'abc'[i % 3]}`, 100 + ((i * 37) % 1800), 0.2 + ((i * 13) % 30) / 10, bad))
  }
  const steps: Scripted[] = []
  for (let i = 0; i < 200; i++) {
    steps.push(line(2 * S + i * 100 * MS, 'scheduler', `${5} pods start`, 100 + i, [hop('write', 'kube-scheduler', 'kube-apiserver', 'POST 5 pods/binding'), hop('store', 'kube-apiserver', 'etcd', `put, rev ${100 + i}`), hop('watch', 'kube-apiserver', `kubelet@node-${(i % 50) + 1}`, 'MODIFIED pod')], (w) => {
      for (let k = 0; k < 5; k++) {
        const p = pod(`web-7b46c4b544-${(i * 5 + k + 1000).toString(36).padStart(5, 'b')}`, `node-${((i * 5 + k) % 50) + 1}`, k === 4 ? 'prog' : 'ok', 'Running', '1/1')
        w.pods.set(p.key, p)
      }
    }))
  }
  return { world, steps }
}

/** A source like the bridge's client, without a worker. */
export function createFixture(which: string) {
  const scripted = which === 'scale' ? scaleWorld() : { world: firstWorld(), steps: which === 'failure' ? failure() : scaleUp() }
  const worlds: World[] = [scripted.world]
  for (const { change } of scripted.steps) {
    const next = clone(worlds.at(-1) as World)
    change(next)
    worlds.push(next)
  }
  const steps: StepRow[] = scripted.steps.map(({ step }, i) => ({ ...step, n: i + 1, record: i + 1 }))
  const listeners = new Set<(up: Up) => void>()
  let at = which === 'scale' ? Number(new URLSearchParams(location.search).get('step') ?? 0) : Number(new URLSearchParams(location.search).get('step') ?? 5)
  let known = at
  let number = 0
  let playing = false
  let pace: Clock['pace'] = { mode: 'event-paced', factor: 1 }
  let timer: ReturnType<typeof setInterval> | undefined
  const output: OutputRow[] = [
    { command: 1, at: 0, stream: 'line', text: 'kubectl scale deployment/web --replicas=5' },
    { command: 1, at: 0, stream: 'stdout', text: 'deployment.apps/web scaled\n' },
    { command: 1, at: 0, stream: 'exit', text: '0' },
  ]
  let commands = 1

  const emit = (up: Up): void => listeners.forEach((listener) => listener(up))
  const changes = <T extends { readonly key: string }>(before: Map<string, T> | undefined, after: Map<string, T>): Changes<T> => ({
    put: [...after.values()].filter((row) => before?.get(row.key) !== row),
    gone: before ? [...before.keys()].filter((key) => !after.has(key)) : [],
  })
  const frame = (kind: Frame['kind'], from: number, rows: readonly OutputRow[] = []): void => {
    const world = worlds[at] as World
    const before = kind === 'diff' ? worlds[from] : undefined
    known = Math.max(known, at)
    const step = steps[at - 1]
    const now = step?.until ?? 2 * S
    emit({
      type: 'frame', number: ++number, kind,
      clock: { now, wall: now, revision: step?.revision ?? 20, playing, pace, branch: 0, head: steps[known - 1]?.until ?? now, spreadMs: kind === 'full' ? 0 : 900 / pace.factor },
      nodes: changes(before?.nodes, world.nodes), pods: changes(before?.pods, world.pods), workloads: changes(before?.workloads, world.workloads),
      services: { put: [], gone: [] }, objects: { put: [], gone: [] }, components: world.components,
      steps: kind === 'full' ? steps.slice(0, known) : at > from ? steps.slice(from, at) : [], step: at,
      branches: [{ id: 0, parent: null, forkedAt: 0, head: now, label: 'main', steps: known }], output: kind === 'full' ? output : rows,
      skipped: step && at > 1 && step.at - (steps[at - 2]?.at ?? 0) > S ? step.at - (steps[at - 2]?.at ?? 0) : 0,
    })
  }
  const go = (to: number, kind: Frame['kind']): void => {
    const from = at
    at = Math.max(0, Math.min(steps.length, to))
    if (at === steps.length) pause()
    frame(kind, from)
  }
  const pause = (): void => {
    clearInterval(timer)
    playing = false
  }
  const play = (): void => {
    pause()
    playing = at < steps.length
    timer = setInterval(() => go(at + 1, 'diff'), (which === 'scale' ? 60 : 900) / pace.factor)
  }
  const take = (input: Input): void => {
    const name = input.type === 'kubectl' ? input.line : input.type === 'fault' ? input.fault.kind : input.type
    const row: OutputRow = { command: ++commands, at: 0, stream: 'line', text: name }
    output.push(row)
    frame('diff', at, [row])
  }
  const receive = (down: Down): void => {
    switch (down.type) {
      case 'start':
        emit({ type: 'hello', kubernetes: 'v1.36', presets: [{ id: 'default', title: 'Three workers' }], samples: [{ id: 'web', title: 'Web + API + Redis', summary: 'Three workloads and their Services', yaml: 'kind: List' }, { id: 'cart', title: 'Cart with a bad probe', summary: 'Never gets ready', yaml: '' }], controllers: controllerNames })
        frame('full', at)
        break
      case 'play': play(); frame('diff', at); break
      case 'pause': pause(); frame('diff', at); break
      case 'pace': pace = down.pace; if (playing) play(); frame('diff', at); break
      case 'step': pause(); go(at + down.by, down.by > 0 ? 'diff' : 'full'); break
      case 'milestone': {
        const next = steps.find((s) => s.n > at && s.milestone !== null)
        go(next?.n ?? steps.length, 'full')
        break
      }
      case 'seek': pause(); go('step' in down.to ? down.to.step : 0, 'full'); break
      case 'input': take(down.input); break
      default:
    }
  }
  return {
    send: (down: Down): void => void setTimeout(() => receive(down)),
    subscribe: (listener: (up: Up) => void): (() => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ask: (): Promise<unknown> => Promise.resolve(null),
    dispose: (): void => pause(),
  }
}
