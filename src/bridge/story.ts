import { podStatus, type Cluster, type KubeObject, type Pod, type TraceRecord } from '../engine/cluster'
import type { Fault, Hop, OutputRow, StepRow } from './protocol'
import { captionOf, captionOfFault, captionOfReads, captionOfTraffic, milestoneOfFault, singular } from './captions'

/** Identical writes by one actor within this time, with nothing else visible between them, are one step. Units: µs. */
export const mergeWithin = 50_000

/** Most steps kept for one branch; older ones are dropped from the timeline. */
export const mostSteps = 20_000

/** Most pieces of output kept for one branch. */
const mostOutputs = 50_000

/** Hops kept for one step. */
const mostHops = 40

/** Writes that go on all the time and say nothing new: leases and Kubernetes Events. */
const background = new Set(['leases', 'events'])

interface Merge {
  readonly key: string
  readonly index: number
  readonly at: number
}

/**
 * Turns trace records into visible steps. Plain state, so a checkpoint carries it; step rows are frozen and replaced.
 * Times are session times.
 */
export class Story {
  readonly steps: StepRow[] = []
  /** Everything that commands printed. */
  readonly outputs: OutputRow[] = []
  /** Records up to this id have been read. */
  private read = 0
  /** Steps that were dropped at the old end. */
  private dropped = 0
  private readonly byRevision = new Map<number, number>()
  /** The newest step, if identical writes that follow at once belong to it. */
  private merge: Merge | undefined
  /** What running commands have read since their last write. */
  private readonly reads = new Map<string, { readonly captions: readonly string[]; readonly object: StepRow['object']; readonly hops: readonly Hop[]; readonly record: number }>()
  /** Last told state of what is written often: node conditions, rollouts. */
  private readonly told = new Map<string, string>()

  /** Number of the newest step; steps are numbered from 1. */
  get last(): number {
    return this.dropped + this.steps.length
  }

  step(n: number): StepRow | undefined {
    return this.steps[n - this.dropped - 1]
  }

  /** Number of the newest step that began at or before a time; 0 when none did. */
  stepAt(at: number): number {
    let [low, high] = [0, this.steps.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.steps[middle] as StepRow).at <= at) low = middle + 1
      else high = middle
    }
    return this.dropped + low
  }

  /** Reads what the trace has got since the last time. Records read before (a replay of the known) are passed over. */
  readOn(cluster: Cluster): void {
    const { trace } = cluster.sim
    if (trace.nextId - 1 <= this.read) return
    trace.forEach(this.read + 1, (record) => this.see(record, cluster))
    this.read = trace.nextId - 1
  }

  /** Whether the record of this id has been read. */
  knows(id: number): boolean {
    return id <= this.read
  }

  private see(record: TraceRecord, cluster: Cluster): void {
    const at = record.at - cluster.boot
    if (at < 0) return
    switch (record.kind) {
      case 'fault': {
        const caption = captionOfFault(record.detail as Fault)
        this.add({ kind: 'fault', at, lane: laneOf(record.object?.name ?? '', record), caption, verb: record.what, object: record.object ?? null, revision: 0, hops: [], milestone: milestoneOfFault(record), failed: false, record: record.id })
        return
      }
      case 'boot':
        this.add({ kind: 'fault', at, lane: laneOf(record.object?.name ?? '', record), caption: `${record.object?.name ?? 'A component'} is started again`, verb: 'restart', object: record.object ?? null, revision: 0, hops: [], milestone: null, failed: false, record: record.id })
        return
      case 'input':
      case 'note': {
        const told = captionOfTraffic(record)
        if (told !== undefined) this.add({ kind: 'input', at, lane: 'kubectl', caption: told.caption, verb: 'request', object: null, revision: 0, hops: [], milestone: null, failed: told.failed, record: record.id })
        return
      }
      case 'output': {
        const { command, stream, text } = record.detail as OutputRow
        if (stream === 'exit') this.tellReads(record.actor, at)
        if (this.outputs.length < mostOutputs) this.outputs.push(Object.freeze({ command, stream, text, at }))
        return
      }
      case 'handled':
        this.seeHandled(record, at, cluster)
        return
      case 'watch': {
        const n = this.byRevision.get(record.revision ?? 0)
        if (n !== undefined) this.addHop(n, { kind: 'watch', from: 'kube-apiserver', to: record.actor, label: `${record.what} ${singular(record.object?.resource ?? '')}`, at })
        return
      }
      case 'local': {
        const to = (record.detail as { to?: string } | undefined)?.to
        if (to !== undefined) this.addHop(this.last, { kind: 'local', from: record.actor, to, label: record.what, at })
        return
      }
      default:
    }
  }

  private seeHandled(record: TraceRecord, at: number, cluster: Cluster): void {
    const detail = record.detail as { code?: number; refusedBy?: string } | undefined
    const code = detail?.code ?? 200
    const chain = cluster.sim.trace.because(record.id, 12)
    const request = chain.find((r) => r.kind === 'request')
    if (request === undefined || request.object === undefined) return
    const byPerson = request.actor.startsWith('kubectl/')
    const writes = record.what !== 'GET'
    const resource = request.object.resource
    if (!writes && !byPerson) return
    if (background.has(resource) && !byPerson) return
    if (code >= 400 && !byPerson) return
    const revision = code < 400 ? (record.revision ?? 0) : 0
    if (writes && code < 400 && revision === 0) return // nothing changed
    const reconcile = chain.find((r) => r.kind === 'reconcile' && r.actor === request.actor)
    const actor = byPerson ? 'you' : reconcile !== undefined ? `${request.actor}/${reconcile.what}` : request.actor
    const object = record.object ?? request.object
    const wrote = revision > 0 ? cluster.objectAt(revision) : undefined
    const news = this.news(resource, object, wrote)
    if (news === undefined) return
    // To ask for what is not there is no failure: apply does it before each create.
    const failed = code >= 400 && (writes || code !== 404)
    const label = `${record.what} ${resource}`
    const evicts = actor.endsWith('/tainteviction') && request.what === 'delete'
    const hops: Hop[] = [{ kind: writes ? 'write' : 'read', from: actor, to: 'kube-apiserver', label, at: request.at - cluster.boot, ...(failed ? { code, stage: detail?.refusedBy } : {}) }]
    const store = chain.find((r) => r.kind === 'store')
    if (store !== undefined && !failed && writes) hops.push({ kind: 'store', from: 'kube-apiserver', to: store.actor, label: `${store.what}, rev ${revision}`, at: store.at - cluster.boot })
    const caption = captionOf(actor, request.what, resource, object, 1, wrote, failed ? code : 0)
    if (byPerson) {
      const reads = this.reads.get(request.actor)
      if (!writes && !failed) {
        this.reads.set(request.actor, { captions: [...new Set([...(reads?.captions ?? []), caption])].slice(0, mostHops), object: reads?.object ?? object, hops: [...(reads?.hops ?? []), ...hops].slice(0, mostHops), record: record.id })
        return
      }
      // What a command read before it wrote belongs to the write.
      this.reads.delete(request.actor)
      hops.unshift(...(reads?.hops ?? []))
    }
    const key = `${actor} ${label} ${failed ? 'failed' : ''}${news.key}`
    const { merge } = this
    if (merge !== undefined && merge.key === key && merge.index === this.last && at - merge.at <= mergeWithin) {
      const old = this.step(merge.index)
      if (old !== undefined) {
        const count = old.count + 1
        this.replace(merge.index, { ...old, count, endedAt: at, milestone: old.milestone ?? (evicts ? 'Eviction' : news.milestone), until: Math.max(old.until, at), caption: captionOf(actor, request.what, resource, object, count, wrote), revision, hops: [...old.hops, ...hops.slice(1)].slice(0, mostHops) })
        if (revision > 0) this.remember(revision, merge.index)
        return
      }
    }
    this.add({
      kind: 'transaction', at, lane: laneOf(actor), caption, verb: record.what, object, revision, hops,
      milestone: evicts ? 'Eviction' : news.milestone, failed, record: record.id,
    })
    if (revision > 0) this.remember(revision, this.last)
    this.merge = writes && !byPerson ? { key, index: this.last, at } : undefined
  }

  /** A command that only read is a step when it ends. */
  private tellReads(actor: string, at: number): void {
    const reads = this.reads.get(actor)
    if (reads === undefined) return
    this.reads.delete(actor)
    this.add({ kind: 'transaction', at, lane: 'kubectl', caption: captionOfReads(reads.captions), verb: 'GET', object: reads.object, revision: 0, hops: reads.hops, milestone: null, failed: false, record: reads.record })
  }

  /** Whether a write says something new: undefined when it only repeats (heartbeats). */
  private news(resource: string, object: { readonly resource: string; readonly namespace: string; readonly name: string }, wrote: KubeObject | undefined): { readonly milestone: string | null; readonly key: string } | undefined {
    const name = `${resource.split('/')[0] ?? ''}/${object.namespace}/${object.name}`
    if (resource === 'nodes/status') {
      const conditions = (wrote as NodeLike | undefined)?.status?.conditions ?? []
      const now = conditions.map((c) => `${c.type}=${c.status}`).join()
      const before = this.told.get(name)
      if (before === now) return undefined
      this.told.set(name, now)
      const ready = conditions.find((c) => c.type === 'Ready')?.status
      // That all is as it was since before the session is no news.
      if (before === undefined && ready === 'True') return undefined
      const was = before?.includes('Ready=True')
      return { milestone: ready !== 'True' && was !== false ? 'NotReady' : ready === 'True' && was === false ? 'Ready' : null, key: '' }
    }
    if (resource === 'deployments/status') {
      const conditions = (wrote as NodeLike | undefined)?.status?.conditions ?? []
      const now = conditions.find((c) => c.type === 'Progressing')?.reason ?? ''
      const before = this.told.get(name)
      this.told.set(name, now)
      if (now !== before && before !== undefined && now === 'NewReplicaSetAvailable') return { milestone: 'Rolled out', key: name }
      if (now !== before && now === 'ProgressDeadlineExceeded') return { milestone: 'Deadline exceeded', key: name }
      return { milestone: null, key: name }
    }
    if (resource === 'pods/status') {
      const now = wrote ? podStatus(wrote as Pod, 0).status : ''
      const before = this.told.get(name)
      if (now === '') this.told.delete(name)
      else this.told.set(name, now)
      return { milestone: now === 'CrashLoopBackOff' && before !== now && !this.told.has(`${name}!`) ? (this.told.set(`${name}!`, '1'), 'CrashLoopBackOff') : null, key: now }
    }
    if (this.told.size > 20_000) this.told.clear()
    return { milestone: null, key: '' }
  }

  private add(step: Omit<StepRow, 'n' | 'endedAt' | 'until' | 'count'>): void {
    this.steps.push(Object.freeze({ ...step, n: this.last + 1, endedAt: step.at, until: step.at, count: 1 }))
    if (this.steps.length > mostSteps + 1000) {
      this.steps.splice(0, 1000)
      this.dropped += 1000
    }
  }

  private addHop(n: number, hop: Hop): void {
    const old = this.step(n)
    if (old === undefined || old.hops.length >= mostHops) return
    this.replace(n, { ...old, until: Math.max(old.until, hop.at), hops: [...old.hops, hop] })
  }

  private replace(n: number, step: StepRow): void {
    this.steps[n - this.dropped - 1] = Object.freeze(step)
    this.changed.add(n)
  }

  /** Steps that were amended since the last `takeChanged`. */
  private readonly changed = new Set<number>()

  takeChanged(): readonly number[] {
    const out = [...this.changed].sort((a, b) => a - b)
    this.changed.clear()
    return out
  }

  private remember(revision: number, n: number): void {
    this.byRevision.set(revision, n)
    if (this.byRevision.size > 512) this.byRevision.delete(this.byRevision.keys().next().value as number)
  }
}

interface NodeLike {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[] }
}

/** The timeline lane of an actor: kubectl, kube-apiserver, etcd, controllers, scheduler, or a node. */
function laneOf(actor: string, record?: TraceRecord): string {
  const at = actor.indexOf('@')
  if (at >= 0) return actor.slice(at + 1)
  if (actor === 'you') return 'kubectl'
  if (actor.startsWith('kube-controller-manager')) return 'controllers'
  if (actor === 'kube-scheduler') return 'scheduler'
  if (actor.startsWith('etcd')) return 'etcd'
  if (record?.object?.resource === 'nodes') return actor
  return actor.startsWith('kubectl/') ? 'kubectl' : actor || 'kube-apiserver'
}
