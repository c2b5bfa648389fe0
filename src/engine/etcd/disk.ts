import type { EtcdOp } from './messages'
import { Store } from './store'
import type { Micros } from '../sim'

/** What can be put in the log: a client's write, or the end of a lease. */
export type LogOp = EtcdOp | { readonly op: 'lease-revoke'; readonly lease: number } | { readonly op: 'none' }

/** An entry of the replicated log. Immutable. */
export interface LogEntry {
  readonly term: number
  readonly index: number
  readonly op: LogOp
  /** When the leader took it. */
  readonly at: Micros
  /** Trace record that asked for it. */
  readonly cause: number
}

/** Entries kept behind what is applied, for members that come back. Upstream: DefaultSnapshotCatchUpEntries */
const catchUpEntries = 5_000

/**
 * What a member has on its disk: it survives the process. It lives in the params of the process, which the simulation keeps
 * when it kills it: start a member again with the same params object.
 */
export class Disk {
  term = 0
  votedFor = ''
  /** Index and term of the last entry applied to the store; a log entry of that index may be gone. */
  applied = 0
  appliedTerm = 0
  /** Entries `first` …; those of a lone member are applied at once and never kept. */
  private log: LogEntry[] = []
  private first = 1
  store = new Store()

  get lastIndex(): number {
    return this.first + this.log.length - 1
  }

  get firstIndex(): number {
    return this.first
  }

  /** Term of an entry; undefined when it is not (or no longer) known. */
  termAt(index: number): number | undefined {
    if (index === 0) return 0
    return this.log[index - this.first]?.term ?? (index === this.applied ? this.appliedTerm : undefined)
  }

  entry(index: number): LogEntry | undefined {
    return this.log[index - this.first]
  }

  from(index: number): readonly LogEntry[] {
    return this.log.slice(index - this.first)
  }

  append(entry: LogEntry): void {
    const at = entry.index - this.first
    if (at < this.log.length) {
      if (this.log[at]?.term === entry.term) return
      this.log.length = at
    }
    this.log.push(entry)
  }

  /** Notes that an entry was applied, and drops entries that nobody will ask for. */
  noteApplied(entry: LogEntry): void {
    this.applied = entry.index
    this.appliedTerm = entry.term
    const surplus = this.applied - this.first - 2 * catchUpEntries
    if (surplus > 0) {
      this.log = this.log.slice(surplus + catchUpEntries)
      this.first += surplus + catchUpEntries
    }
  }

  /** Takes over a leader's whole state. */
  install(store: Store, index: number, term: number): void {
    this.store = store
    this.applied = index
    this.appliedTerm = term
    this.log = []
    this.first = index + 1
  }
}

/** Params of a process of kind `etcd`. Keep the object: the disk is in it. */
export interface EtcdParams {
  readonly id: string
  readonly members: readonly string[]
  disk?: Disk | undefined
}

/** Params of a new member with an empty disk. */
export function etcdParams(id: string, members: readonly string[]): EtcdParams {
  return { id, members, disk: new Disk() }
}
