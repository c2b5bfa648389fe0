import type { Glyph, WorkloadRow } from '../../bridge/protocol'

/** How far a workload is: what counts of a Job are the pods that succeeded, of a CronJob its Jobs that run, of all others the pods that are ready. */
export interface Progress {
  readonly have: number
  readonly full: boolean
  /** `2/3`; of a CronJob `1 active` */
  readonly text: string
  /** `2 of 3 ready` */
  readonly words: string
  readonly glyph: Glyph
}

export function progressOf({ kind, current, ready, available, desired, failed }: WorkloadRow): Progress {
  if (kind === 'CronJob') return { have: current, full: true, text: `${current} active`, words: `${current} active`, glyph: 'ok' }
  const job = kind === 'Job'
  const have = job ? available : ready
  const full = have >= desired
  return { have, full, text: `${have}/${desired}`, words: `${have} of ${desired} ${job ? 'done' : 'ready'}`, glyph: failed ? 'err' : !full ? 'prog' : job ? 'done' : 'ok' }
}
