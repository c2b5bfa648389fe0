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

const chunkSize = 1024
const mostChunks = Math.ceil(limits.traceRecords / chunkSize)

/** Where a trace stood, to go back to. Whole chunks are shared, since they never change. */
export interface TraceMark {
  readonly nextId: number
  readonly digest: Digest
  readonly chunks: readonly (readonly TraceRecord[])[]
}

/** The records of a run: a bounded ring of the last ones, a digest over all of them. Output of the engine, not state: never read by a process. */
export class Trace {
  digest = new Digest()
  nextId = 1
  /** Chunks of `chunkSize` records; the last one is being filled. Chunk k of the run holds ids from k × chunkSize. */
  private chunks: TraceRecord[][] = [[]]
  private firstChunk = 0

  add(at: Micros, cause: number, actor: string, note: TraceNote): number {
    const id = this.nextId++
    const record: TraceRecord = { id, at, cause, kind: note.kind, actor, what: note.what, object: note.object, revision: note.revision, detail: note.detail }
    const d = this.digest
    d.number(at)
    d.number(cause)
    d.text(note.kind)
    d.text(actor)
    d.text(note.what)
    if (note.object) d.text(note.object.name)
    if (note.revision) d.number(note.revision)
    let last = this.chunks[this.chunks.length - 1] as TraceRecord[]
    if (id % chunkSize === 0) {
      this.chunks.push((last = []))
      if (this.chunks.length > mostChunks) {
        this.chunks.shift()
        this.firstChunk++
      }
    }
    last.push(record)
    return id
  }

  get(id: number): TraceRecord | undefined {
    const chunk = this.chunks[Math.floor(id / chunkSize) - this.firstChunk]
    return chunk?.[(id % chunkSize) - (id < chunkSize ? 1 : 0)]
  }

  /** Oldest record that is still known. */
  get oldest(): number {
    return Math.max(1, this.firstChunk * chunkSize)
  }

  /** Calls `visit` for each known record with id ≥ from, oldest first. */
  forEach(from: number, visit: (record: TraceRecord) => void): void {
    for (let id = Math.max(from, this.oldest); id < this.nextId; id++) visit(this.get(id) as TraceRecord)
  }

  /** Records with id ≥ from, oldest first. Bounds: at most the ring. */
  since(from: number): readonly TraceRecord[] {
    const out: TraceRecord[] = []
    this.forEach(from, (r) => out.push(r))
    return out
  }

  /** The chain of causes, newest first. Bounds: `most` records. */
  because(id: number, most = 200): readonly TraceRecord[] {
    const chain: TraceRecord[] = []
    for (let r = this.get(id); r && chain.length < most; r = this.get(r.cause)) chain.push(r)
    return chain
  }

  mark(): TraceMark {
    const chunks = this.chunks.slice()
    chunks[chunks.length - 1] = (chunks[chunks.length - 1] as TraceRecord[]).slice()
    return { nextId: this.nextId, digest: copyState(this.digest), chunks }
  }

  /** Goes back (or on) to a mark, which stays usable. */
  reset(mark: TraceMark): void {
    this.nextId = mark.nextId
    this.digest = copyState(mark.digest)
    this.chunks = mark.chunks.map((c, i) => (i === mark.chunks.length - 1 ? c.slice() : (c as TraceRecord[])))
    this.firstChunk = Math.max(0, Math.floor((mark.nextId - 1) / chunkSize) - (this.chunks.length - 1))
  }
}
