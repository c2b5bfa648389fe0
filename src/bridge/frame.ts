import { quantityMilliValue, quantityValue, type Cluster, type EndpointSlice, type KubeObject, type Lease, type Node, type Pod, type Service } from '../engine/cluster'
import { componentRows } from './rows/component-row'
import { bareNodeRow, nodeRow } from './rows/node-row'
import { isWorkload, objectRow, serviceRow, workloadRow } from './rows/object-rows'
import { podRow } from './rows/pod-row'
import { TrafficFrames } from './rows/traffic-frames'
import type { BranchRow, Changes, ComponentRow, Frame, NodeRow, ObjectRow, Pace, PodRow, ServiceRow, StepRow, WorkloadRow } from './protocol'
import type { Session } from './session'

/** Rows of one kind in a diff; the rest follows in the next frame, so that no frame keeps the page for long. */
const mostRows = 150

/** One kind of rows: what the page has, and what changed since. */
class Table<T extends { readonly key: string }> {
  private readonly sent = new Map<string, T>()
  private waiting = new Map<string, T | null>()
  /** Keys that were set since everything is read anew; undefined while only changes are read. */
  private found: Set<string> | undefined

  /** Forgets what the page has. */
  clear(): void {
    this.sent.clear()
    this.waiting.clear()
  }

  /** Everything is told anew from here; `end` takes away what was not told again. */
  begin(): void {
    this.found = new Set()
  }

  end(): void {
    const { found } = this
    this.found = undefined
    if (found) for (const key of [...this.sent.keys(), ...this.waiting.keys()]) if (!found.has(key)) this.delete(key)
  }

  set(row: T): void {
    this.found?.add(row.key)
    const waiting = this.waiting.get(row.key)
    const old = waiting === undefined ? this.sent.get(row.key) : waiting
    if (old && same(old, row)) return
    this.waiting.set(row.key, row)
  }

  delete(key: string): void {
    if (this.sent.has(key)) this.waiting.set(key, null)
    else this.waiting.delete(key)
  }

  get(key: string): T | undefined {
    const w = this.waiting.get(key)
    return w === null ? undefined : (w ?? this.sent.get(key))
  }

  keys(): Iterable<string> {
    return this.sent.keys()
  }

  get more(): boolean {
    return this.waiting.size > 0
  }

  take(most: number): Changes<T> {
    const put: T[] = []
    const gone: string[] = []
    for (const [key, row] of this.waiting) {
      if (put.length + gone.length >= most) break
      this.waiting.delete(key)
      if (row === null) {
        gone.push(key)
        this.sent.delete(key)
      } else {
        put.push(row)
        this.sent.set(key, row)
      }
    }
    return { put, gone }
  }
}

/** Equality of rows: plain data, compared to any depth. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const k of keys) if (!same((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k])) return false
  return true
}

interface Requests {
  readonly node: string
  readonly cpu: number
  readonly memory: number
}

/** Builds frames from a session: all of it, or what changed since the frame before. Reads only; the simulation never knows. */
export class FrameBuilder {
  number = 0
  private readonly nodes = new Table<NodeRow>()
  private readonly pods = new Table<PodRow>()
  private readonly workloads = new Table<WorkloadRow>()
  private readonly services = new Table<ServiceRow>()
  private readonly objects = new Table<ObjectRow>()
  private revision = 0
  /** Pods by uid, and those whose row may change without their object. */
  private readonly podObjects = new Map<string, Pod>()
  private readonly lively = new Set<string>()
  private readonly requests = new Map<string, Requests>()
  private readonly requestedOn = new Map<string, { cpu: number; memory: number }>()
  private readonly nodeObjects = new Map<string, Node>()
  private readonly leases = new Map<string, Lease>()
  private readonly serviceObjects = new Map<string, Service>()
  private readonly slices = new Map<string, Map<string, EndpointSlice>>()
  private readonly traffic = new TrafficFrames()
  private truths = ''
  private components = ''
  private branches = ''
  private branchId = -1
  private lastStep = 0
  private lastOutput = 0

  /** True when rows wait for the next frame. */
  get more(): boolean {
    return this.tables.some((t) => t.more)
  }

  private get tables() {
    return [this.nodes, this.pods, this.workloads, this.services, this.objects] as const
  }

  build(session: Session, wanted: 'full' | 'diff', how: { readonly playing: boolean; readonly pace: Pace; readonly spreadMs: number; readonly skipped: number }): Frame {
    const { cluster, branch } = session
    session.show()
    const kind = wanted === 'full' || this.revision === 0 || this.branchId !== branch.id || cluster.store.revision < this.revision ? 'full' : 'diff'
    if (kind === 'full') this.reset()
    this.readStore(cluster)
    this.refresh(cluster)
    for (const t of this.tables) t.end()
    const { story } = branch
    const step = session.step
    // What was only peeked at is not told.
    const known = story.stepAt(branch.seen)
    const all = kind === 'full'
    const changed = story.takeChanged()
    const steps: StepRow[] = []
    const from = all ? Math.max(1, known - 5000 + 1) : this.lastStep + 1
    for (const n of changed) if (!all && n < from && n <= known) push(steps, story.step(n))
    for (let n = from; n <= known; n++) push(steps, story.step(n))
    this.lastStep = known
    const outputs = story.outputs
    let firstOutput = all ? 0 : this.lastOutput
    if (firstOutput > outputs.length) firstOutput = 0
    const output = outputs.slice(firstOutput).filter((o) => o.at <= cluster.now)
    this.lastOutput = firstOutput + output.length
    this.branchId = branch.id
    const components = componentRows(cluster, controllerSteps(session, step))
    const branches = session.branches.map((b): BranchRow => ({ id: b.id, parent: b.parent, forkedAt: b.forkedAt, head: b.seen, label: b.label, steps: b.story.stepAt(b.seen) }))
    const most = all ? Number.MAX_SAFE_INTEGER : mostRows
    return {
      type: 'frame', number: ++this.number, kind,
      clock: { now: cluster.now, wall: cluster.config.start + cluster.now, revision: cluster.store.revision, playing: how.playing, pace: how.pace, branch: branch.id, head: branch.seen, spreadMs: how.spreadMs },
      nodes: this.nodes.take(most), pods: this.pods.take(most), workloads: this.workloads.take(most), services: this.services.take(most), objects: this.objects.take(most),
      components: this.fresh('components', components, all), steps, step, branches: this.fresh('branches', branches, all), output, skipped: how.skipped, traffic: this.traffic.build(cluster, all),
    }
  }

  private fresh<T extends ComponentRow | BranchRow>(field: 'components' | 'branches', rows: readonly T[], all: boolean): readonly T[] | null {
    const text = JSON.stringify(rows)
    if (!all && text === this[field]) return null
    this[field] = text
    return rows
  }

  private reset(): void {
    for (const t of this.tables) t.clear()
    this.revision = 0
  }

  private readStore(cluster: Cluster): void {
    const { store } = cluster
    const since = this.revision === 0 ? undefined : store.since(this.revision + 1)
    if (since === undefined) {
      // The first time, or what happened since was compacted: an object that is not there now may have gone unheard.
      for (const t of this.tables) t.begin()
      for (const m of [this.podObjects, this.lively, this.requests, this.requestedOn, this.nodeObjects, this.leases, this.serviceObjects, this.slices]) m.clear()
      this.truths = ''
      for (const kv of store.values()) this.object(kv.key, kv.value, false, cluster)
    } else for (const e of since) this.object(e.kv.key, e.kv.value, e.type === 'delete', cluster)
    this.revision = store.revision
  }

  private object(key: string, o: KubeObject, gone: boolean, cluster: Cluster): void {
    const resource = key.split('/')[2] as string
    const { start } = cluster.config
    const name = o.metadata.name as string
    switch (resource) {
      case 'pods':
        return this.pod(o as Pod, gone)
      case 'nodes':
        if (gone) this.nodeObjects.delete(name)
        else this.nodeObjects.set(name, o as Node)
        this.truths = ''
        return
      case 'leases':
        if (o.metadata.namespace === 'kube-node-lease') {
          if (gone) this.leases.delete(name)
          else this.leases.set(name, o as Lease)
        }
        break
      case 'services':
        if (gone) {
          this.serviceObjects.delete(`${o.metadata.namespace}/${name}`)
          this.services.delete(o.metadata.uid as string)
        } else this.serviceObjects.set(`${o.metadata.namespace}/${name}`, o as Service)
        return this.service(`${o.metadata.namespace}/${name}`, start)
      case 'endpointslices': {
        const of = `${o.metadata.namespace}/${o.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`
        const slices = this.slices.get(of) ?? new Map<string, EndpointSlice>()
        this.slices.set(of, slices)
        if (gone) slices.delete(name)
        else slices.set(name, o as EndpointSlice)
        this.service(of, start)
        break
      }
      case 'events':
        // Events are many; the inspector asks for those of its object.
        return
      default:
        if (isWorkload(resource)) {
          if (gone) this.workloads.delete(o.metadata.uid as string)
          else this.workloads.set(workloadRow(resource, o, start))
          return
        }
    }
    const row = objectRow(resource, o, start)
    if (gone) this.objects.delete(row.key)
    else this.objects.set(row)
  }

  private pod(pod: Pod, gone: boolean): void {
    const uid = pod.metadata.uid as string
    const before = this.requests.get(uid)
    if (before) {
      const sum = this.requestedOn.get(before.node)
      if (sum) {
        sum.cpu -= before.cpu
        sum.memory -= before.memory
      }
      this.requests.delete(uid)
    }
    if (gone) {
      this.podObjects.delete(uid)
      this.lively.delete(uid)
      this.pods.delete(uid)
      return
    }
    this.podObjects.set(uid, pod)
    this.lively.add(uid)
    const node = pod.spec?.nodeName
    if (!node || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return
    let [cpu, memory] = [0, 0]
    for (const c of pod.spec?.containers ?? []) {
      cpu += quantityMilliValue(c.resources?.requests?.cpu)
      memory += quantityValue(c.resources?.requests?.memory)
    }
    this.requests.set(uid, { node, cpu, memory })
    const sum = this.requestedOn.get(node)
    if (sum) {
      sum.cpu += cpu
      sum.memory += memory
    } else this.requestedOn.set(node, { cpu, memory })
  }

  private service(key: string, start: number): void {
    const s = this.serviceObjects.get(key)
    if (s) this.services.set(serviceRow(s, [...(this.slices.get(key)?.values() ?? [])], start))
  }

  /** Rows that depend on more than their object: timers, machines, leases. */
  private refresh(cluster: Cluster): void {
    const { start } = cluster.config
    const { now } = cluster
    const seen = new Set<string>()
    let truths = ''
    for (const [name, node] of this.nodeObjects) {
      const truth = cluster.nodeTruth(name)
      truths += `${name}${truth.power ? 1 : 0}${truth.link ? 1 : 0}${truth.kubelet ? 1 : 0}${node.status?.conditions?.find((c) => c.type === 'Ready')?.status}${node.spec?.taints?.length ?? 0};`
      seen.add(name)
      this.nodes.set(nodeRow(node, { start, now, truth, lease: this.leases.get(name), requested: this.requestedOn.get(name) ?? { cpu: 0, memory: 0 }, used: cluster.nodeUsage(name) }))
    }
    for (const [name, state] of cluster.state.nodes) {
      if (seen.has(name)) continue
      seen.add(name)
      this.nodes.set(bareNodeRow(state, cluster.nodeTruth(name)))
    }
    for (const key of this.nodes.keys()) if (!seen.has(key)) this.nodes.delete(key)
    // When a machine's state changed, so may every pod's.
    const uids = truths === this.truths ? this.lively : this.podObjects.keys()
    this.truths = truths
    for (const uid of uids) {
      const pod = this.podObjects.get(uid) as Pod
      const nodeName = pod.spec?.nodeName
      const truth = nodeName ? cluster.nodeTruth(nodeName) : undefined
      const row = podRow(pod, {
        start, now, node: nodeName ? this.nodeObjects.get(nodeName) : undefined,
        nodeAlive: truth !== undefined && truth.power && truth.link && truth.kubelet,
        timer: nodeName ? cluster.podTimer(nodeName, uid) : undefined,
        schedulerBackoff: nodeName ? undefined : cluster.schedulerBackoff(pod),
      })
      this.pods.set(row)
      if (row.glyph === 'ok' || row.glyph === 'done' || row.glyph === 'unk') this.lively.delete(uid)
    }
  }
}

/** How many steps back a controller counts as having written lately. */
const lately = 50

/** The last step up to the present one in which each controller wrote. */
function controllerSteps(session: Session, step: number): ReadonlyMap<string, number> {
  const { story } = session.branch
  const steps = new Map<string, number>()
  for (let n = step; n > 0 && n > step - lately; n--)
    for (const hop of story.step(n)?.hops ?? []) {
      const name = hop.from.startsWith('kube-controller-manager/') ? hop.from.slice(24) : undefined
      if (name !== undefined && !steps.has(name)) steps.set(name, n)
    }
  return steps
}

function push(list: StepRow[], step: StepRow | undefined): void {
  if (step !== undefined) list.push(step)
}
