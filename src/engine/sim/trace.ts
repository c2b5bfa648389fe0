import { copyState } from './copy'
import { Digest } from './hash'
import { limits } from './limits'
import type { Micros } from './units'

/**
 * What kind of thing happened:
 * `input` a person's command or click · `fault` something broken or mended · `boot`/`crash` of a process ·
 * `request` a client sent a request · `handled` kube-apiserver finished it (detail carries the stages) ·
 * `store` an etcd transaction · `watch` one watch event arrived at a watcher · `reconcile` a controller looked at a key ·
 * `schedule` a scheduling decision · `local` a call inside a node (kubelet → CRI → CNI) · `probe` · `program` a container's program did something ·
 * `timer` a waiting period ended · `raft` · `output` text for a terminal · `note`.
 */
export type TraceKind =
  | 'input' | 'fault' | 'boot' | 'crash' | 'request' | 'handled' | 'store' | 'watch' | 'reconcile' | 'schedule'
  | 'local' | 'probe' | 'program' | 'timer' | 'raft' | 'output' | 'note'

/** The object a record is about. `resource` is the plural name. */
export interface TraceObject {
  readonly resource: string
  readonly namespace: string
  readonly name: string
}

/** One thing that happened, and the thing that caused it. Immutable; compared by the run's digest. */
export interface TraceRecord {
  readonly id: number
  readonly at: Micros
  /** The record that caused this one; 0 for a beginning. */
  readonly cause: number
  readonly kind: TraceKind
  /** Process that did it. */
  readonly actor: string
  /** What was done, in a word or two: a verb, a reason, a call. */
  readonly what: string
  readonly object?: TraceObject | undefined
  /** Etcd revision that this made or carried. */
  readonly revision?: number | undefined
  /** More facts, plain and immutable; not part of the digest. */
  readonly detail?: unknown
}

/** What a process says when it records something; the rest is filled in by the simulation. */
export type TraceNote = Omit<TraceRecord, 'id' | 'at' | 'cause' | 'actor'>

/** The records of a run: a bounded ring of the last ones, a digest over all of them. Output of the engine, not state: never read by a process. */
export class Trace {
  digest = new Digest()
  nextId = 1
  private ring: TraceRecord[] = []
  private first = 1

  add(at: Micros, cause: number, actor: string, note: TraceNote): number {
    const id = this.nextId++
    const record: TraceRecord = Object.freeze({ id, at, cause, kind: note.kind, actor, what: note.what, object: note.object, revision: note.revision, detail: note.detail })
    const d = this.digest
    d.number(at)
    d.number(cause)
    d.text(note.kind)
    d.text(actor)
    d.text(note.what)
    if (note.object) d.text(note.object.name)
    if (note.revision) d.number(note.revision)
    this.ring.push(record)
    if (this.ring.length >= 2 * limits.traceRecords) {
      this.ring = this.ring.slice(-limits.traceRecords)
      this.first = this.nextId - this.ring.length
    }
    return id
  }

  /** Goes back to a checkpoint: the records after it are dropped, as are those before it that are gone from the ring. */
  rewind(nextId: number, digest: Digest): void {
    this.digest = copyState(digest)
    const keep = nextId - this.first
    if (keep < 0 || keep > this.ring.length) {
      this.ring = []
      this.first = nextId
    } else this.ring.length = keep
    this.nextId = nextId
  }

  get(id: number): TraceRecord | undefined {
    return this.ring[id - this.first]
  }

  /** Records with id ≥ from, oldest first. Bounds: at most the ring. */
  since(from: number): readonly TraceRecord[] {
    return this.ring.slice(Math.max(0, from - this.first))
  }

  /** The chain of causes, newest first. Bounds: `most` records. */
  because(id: number, most = 200): readonly TraceRecord[] {
    const chain: TraceRecord[] = []
    for (let r = this.get(id); r && chain.length < most; r = this.get(r.cause)) chain.push(r)
    return chain
  }
}
