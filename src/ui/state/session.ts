import type { BranchRow, Clock, ComponentRow, Crash, Hello, StepRow } from '../../bridge/protocol'

/** What the newest frame says beside its rows. Writer: apply-frame. */
export interface Session {
  /** Null until the worker has said hello. */
  readonly hello: Hello | null
  /** Number of the newest frame, 0 before the first. */
  readonly frame: number
  readonly clock: Clock
  /** Number of the step that the cluster stands at, and that step. */
  readonly step: number
  readonly current: StepRow | null
  /** Number of the last known step of the branch: `step` < `lastStep` means that we look at the past. */
  readonly lastStep: number
  readonly components: readonly ComponentRow[]
  readonly branches: readonly BranchRow[]
  /** Idle time that the newest jump went over. Units: µs. */
  readonly skipped: number
  readonly crash: Crash | null
}

/** The session before anything was heard. */
export const emptySession: Session = {
  hello: null,
  frame: 0,
  clock: { now: 0, wall: 0, revision: 0, playing: false, pace: { mode: 'event-paced', factor: 1 }, branch: 0, head: 0, spreadMs: 0 },
  step: 0,
  current: null,
  lastStep: 0,
  components: [],
  branches: [],
  skipped: 0,
  crash: null,
}
