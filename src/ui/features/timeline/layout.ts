import type { StepRow } from '../../../bridge/protocol'

export type Mode = 'steps' | 'time'

/** A stretch in which nothing happens, drawn as a narrow band. Times in µs, places in px. */
export interface Fold {
  readonly x: number
  readonly from: number
  readonly to: number
}

/** Where each step is, in px from the left end. `xs[i]` is the left edge of the i-th step's slot (mode `steps`) or its time (mode `time`). */
export interface Layout {
  readonly mode: Mode
  readonly steps: readonly StepRow[]
  readonly xs: Float64Array
  readonly folds: readonly Fold[]
  /** 1 where a fold lies before the step. */
  readonly folded: Uint8Array
  /** Mode `steps`: px per step. Mode `time`: px per µs. */
  readonly scale: number
  readonly width: number
}

export const foldWidth = 30
const margin = 12
/** Behind the last step, for the name of the branch. Units: px. */
export const endRoom = 110

/** In `steps` mode, a longer silence than this is shown as a fold. Units: µs. */
const foldOver = 1_000_000

/** In `time` mode, a silence that would take more room than this is folded. Units: px. */
const foldOverPx = 140

/** Px of a letter of a flag, about, and of the flag itself: what a milestone before a fold needs. */
const letterPx = 6.2
const flagPx = 14

/** Places the steps. Cost: one pass over the steps. */
export function layOut(live: readonly StepRow[], mode: Mode, scale: number): Layout {
  const steps = live.slice() // the log goes on growing in place; a layout is of one moment
  const folded = new Uint8Array(steps.length)
  const xs = new Float64Array(steps.length)
  const folds: Fold[] = []
  let x = margin
  let before = 0
  for (let i = 0; i < steps.length; i++) {
    const { at } = steps[i] as StepRow
    const gap = at - before
    if (mode === 'steps' ? gap > foldOver : gap * scale > foldOverPx) {
      const flag = steps[i - 1]?.milestone
      if (flag) x += Math.max(0, flag.length * letterPx + flagPx - (mode === 'steps' ? scale / 2 : 0))
      folds.push({ x, from: before, to: at })
      folded[i] = 1
      x += foldWidth
    } else if (mode === 'time') x += Math.max(0, gap) * scale
    xs[i] = x
    if (mode === 'steps') x += scale
    before = at
  }
  return { mode, steps, xs, folds, folded, scale, width: x + endRoom }
}

/** Index of the last step whose place is ≤ x; -1 when x is before all. */
export function indexAt({ xs }: Layout, x: number): number {
  return lastWhere(xs.length, (i) => (xs[i] as number) <= x)
}

/** Index of the last step that happened at or before a time; -1 when none had. */
export function indexAtTime({ steps }: Layout, at: number): number {
  return lastWhere(steps.length, (i) => (steps[i] as StepRow).at <= at)
}

/** The place of a moment. In `steps` mode the right edge of the slot of the step that had happened by then. */
export function placeOf(layout: Layout, at: number): number {
  const { mode, steps, xs, scale } = layout
  const i = indexAtTime(layout, at)
  const end = i < 0 ? margin : (xs[i] as number) + (mode === 'steps' ? scale : 0)
  const next = i + 1 < steps.length ? (xs[i + 1] as number) : Number.MAX_VALUE
  const since = at - (steps[i]?.at ?? 0)
  if (mode === 'time' && layout.folded[i + 1] !== 1) return Math.min(end + Math.min(since * scale, foldOverPx), next)
  const gap = (steps[i + 1]?.at ?? at) - (steps[i]?.at ?? 0)
  return next === Number.MAX_VALUE || gap <= 0 ? end : end + (next - end) * Math.min(1, since / gap)
}

/** The moment at a place; in `steps` mode that of the step under it. */
export function momentAt(layout: Layout, x: number): number {
  const { mode, steps, xs, scale } = layout
  const i = indexAt(layout, x)
  const step = steps[i]
  if (!step) return 0
  if (mode === 'steps') return step.at
  const end = step.at + (x - (xs[i] as number)) / scale
  return Math.min(end, steps[i + 1]?.at ?? step.at)
}

function lastWhere(length: number, holds: (i: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const mid = (low + high) >> 1
    if (holds(mid)) low = mid + 1
    else high = mid
  }
  return low - 1
}
