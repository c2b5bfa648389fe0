import type { Message, TimerId } from '../sim'
import type { Disk, LogEntry, LogOp } from './disk'
import type { EtcdOp } from './messages'
import type { Store } from './store'

/** A write that a client asked for. */
export interface Proposal {
  readonly op: LogOp
  readonly client: string
  readonly id: number
  readonly cause: number
}

/** A linearizable read that waits for the leader to be confirmed. */
export interface PendingRead {
  readonly round: number
  readonly client: string
  readonly id: number
  readonly op: EtcdOp
}

/** What a running member knows besides its disk. */
export interface MemberState {
  readonly id: string
  readonly members: readonly string[]
  readonly disk: Disk
  role: 'leader' | 'follower' | 'candidate'
  leader: string
  commit: number
  /** Members that voted for this one in this term. */
  votes: string[]
  /** By follower: the next entry to send, and the last one it surely has. */
  readonly next: Map<string, number>
  readonly match: Map<string, number>
  /** Writes that wait for the disk. */
  batch: Proposal[]
  flushing: boolean
  /** Committed transactions are being applied, one after the other. */
  applying: boolean
  /** Who asked for an entry of the log. */
  readonly waiting: Map<number, Proposal>
  /** Clients that watch all keys. */
  readonly watchers: Set<string>
  /** Reads that wait until a majority has confirmed the leader; `round` counts confirmations. */
  reads: PendingRead[]
  round: number
  readonly confirmed: Map<string, number>
  electionTimer: TimerId
  /** The one timer for leases, and when it fires; 0: none. */
  leaseTimer: TimerId
  leaseTimerAt: number
}

/** leader → follower: entries, or none for a heartbeat. */
export interface Append extends Message {
  readonly type: 'raft/append'
  readonly from: string
  readonly term: number
  readonly previous: number
  readonly previousTerm: number
  readonly entries: readonly LogEntry[]
  readonly commit: number
  readonly round: number
}

/** follower → leader */
export interface Appended extends Message {
  readonly type: 'raft/appended'
  readonly from: string
  readonly term: number
  readonly ok: boolean
  /** Last entry that it has in common with the leader; when not ok, where to try next. */
  readonly match: number
  readonly round: number
}

/** leader → follower that is too far behind for the log. */
export interface Snapshot extends Message {
  readonly type: 'raft/snapshot'
  readonly from: string
  readonly term: number
  readonly store: Store
  readonly index: number
  readonly indexTerm: number
}

/** candidate → member and back. */
export interface Vote extends Message {
  readonly type: 'raft/vote' | 'raft/voted'
  readonly from: string
  readonly term: number
  readonly last: number
  readonly lastTerm: number
  readonly granted: boolean
}
