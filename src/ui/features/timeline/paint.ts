import type { StepRow } from '../../../bridge/protocol'
import { clockText, durationText } from '../../kit'
import type { Lanes, Tick } from './lanes'
import { foldWidth, indexAt, indexAtTime, placeOf, type Layout } from './layout'

/** Colours of the theme, read from the tokens. */
export type Colours = Readonly<Record<'bg0' | 'bg1' | 'line1' | 'line2' | 'line3' | 'text2' | 'text3' | 'accent' | 'warn' | 'err' | 'info' | 'mono' | 'ui', string>>

/** All that one picture of the timeline shows. Places in px. */
export interface Picture {
  readonly layout: Layout
  readonly lanes: Lanes
  readonly laneHeight: number
  /** Left end of what is visible. */
  readonly scroll: number
  readonly width: number
  readonly height: number
  /** Number of the step that the cluster stands at. */
  readonly step: number
  readonly playhead: number
  /** A controller whose steps alone are drawn strongly. */
  readonly filter: string | null
  readonly colours: Colours
}

export const rulerHeight = 18

/** More visible steps than this per px: lanes become bars that count. */
const densest = 0.6
const barWidth = 4

/** Draws what is visible. Cost: the visible steps; of a dense picture, one pass over its steps. */
export function paint(ctx: CanvasRenderingContext2D, picture: Picture): void {
  const { layout, lanes, laneHeight, scroll, width, height, colours } = picture
  const bottom = rulerHeight + lanes.lanes.length * laneHeight
  ctx.fillStyle = colours.bg1
  ctx.fillRect(0, 0, width, height)
  ctx.fillStyle = colours.line1
  ctx.fillRect(0, rulerHeight - 0.5, width, 1)
  for (let i = 1; i <= lanes.lanes.length; i++) ctx.fillRect(0, rulerHeight + i * laneHeight - 0.5, width, 1)
  const first = Math.max(0, indexAt(layout, scroll - layout.scale))
  const last = indexAt(layout, scroll + width)
  paintFolds(ctx, picture, bottom)
  if (last - first > width * densest) paintBars(ctx, picture, first, last)
  else for (let i = first; i <= last; i++) paintStep(ctx, picture, i)
  paintRuler(ctx, picture, first, last, bottom)
  paintPlayhead(ctx, picture, bottom)
}

function paintStep(ctx: CanvasRenderingContext2D, picture: Picture, i: number): void {
  const { layout, lanes, laneHeight, scroll, colours, filter } = picture
  const step = layout.steps[i] as StepRow
  const { ticks, columns } = lanes.ticksOf(step)
  const left = (layout.xs[i] as number) - scroll
  const future = step.n > picture.step
  const colour = step.n === picture.step ? colours.accent : future ? colours.line3 : colours.text2
  ctx.globalAlpha = filter !== null && !concerns(step, filter) ? 0.25 : 1
  for (const tick of ticks) {
    const x = layout.mode === 'steps' ? left + (layout.scale * (tick.column + 0.6)) / (columns + 0.2) : left + (tick.at - step.at) * layout.scale
    paintTick(ctx, tick.kind, Math.round(x) + 0.5, rulerHeight + (tick.lane + 0.5) * laneHeight, laneHeight, tick.kind === 'fault' || tick.kind === 'refused' ? (future ? colours.line3 : colours.err) : colour, colours.bg1)
  }
  ctx.globalAlpha = 1
}

/** Write and store: solid. Read: hollow. Watch: diamond. Local: circle. Fault and refusal: a cross. */
function paintTick(ctx: CanvasRenderingContext2D, kind: Tick['kind'], x: number, y: number, laneHeight: number, colour: string, ground: string): void {
  const h = Math.min(10, laneHeight - 4)
  ctx.fillStyle = colour
  ctx.strokeStyle = colour
  ctx.lineWidth = 1
  switch (kind) {
    case 'write':
    case 'store':
      ctx.fillRect(x - 1.5, y - h / 2, 3, h)
      return
    case 'read':
      ctx.fillStyle = ground
      ctx.fillRect(x - 1.5, y - h / 2, 3, h)
      ctx.strokeRect(x - 1.5, y - h / 2, 3, h)
      return
    case 'watch':
      ctx.beginPath()
      ctx.moveTo(x, y - 3.5)
      ctx.lineTo(x + 3.5, y)
      ctx.lineTo(x, y + 3.5)
      ctx.lineTo(x - 3.5, y)
      ctx.fill()
      return
    case 'local':
      ctx.beginPath()
      ctx.arc(x, y, 2.5, 0, 7)
      ctx.fill()
      return
    case 'mended':
      ctx.lineWidth = 2
      ctx.beginPath()
      ctx.moveTo(x - 4, y)
      ctx.lineTo(x + 4, y)
      ctx.moveTo(x, y - 4)
      ctx.lineTo(x, y + 4)
      ctx.stroke()
      return
    case 'fault':
    case 'refused':
      ctx.lineWidth = 2
      ctx.beginPath()
      ctx.moveTo(x - 3.5, y - 3.5)
      ctx.lineTo(x + 3.5, y + 3.5)
      ctx.moveTo(x + 3.5, y - 3.5)
      ctx.lineTo(x - 3.5, y + 3.5)
      ctx.stroke()
  }
}

/** How many marks fall into each few px of each lane, on a scale that lets few be seen beside many. */
function paintBars(ctx: CanvasRenderingContext2D, picture: Picture, first: number, last: number): void {
  const { layout, lanes, laneHeight, scroll, width, colours } = picture
  const bins = Math.ceil(width / barWidth) + 1
  const past = lanes.lanes.map(() => new Uint16Array(bins))
  const future = lanes.lanes.map(() => new Uint16Array(bins))
  for (let i = first; i <= last; i++) {
    const step = layout.steps[i] as StepRow
    const bin = Math.max(0, Math.floor(((layout.xs[i] as number) - scroll) / barWidth))
    const side = step.n > picture.step ? future : past
    for (const { lane } of lanes.ticksOf(step).ticks) {
      const counts = side[lane] as Uint16Array
      counts[bin] = (counts[bin] as number) + 1
    }
  }
  const tall = laneHeight - 4
  const draw = (counts: Uint16Array, lane: number): void => {
    const foot = rulerHeight + (lane + 1) * laneHeight - 1
    for (let bin = 0; bin < bins; bin++) {
      const n = counts[bin] as number
      if (n === 0) continue
      const h = Math.min(tall, 2 + Math.log2(n) * 1.6)
      ctx.fillRect(bin * barWidth, foot - h, barWidth - 1, h)
    }
  }
  ctx.fillStyle = colours.line3
  future.forEach(draw)
  ctx.fillStyle = colours.info
  past.forEach(draw)
}

function paintFolds(ctx: CanvasRenderingContext2D, { layout, scroll, width, colours }: Picture, bottom: number): void {
  ctx.font = `11px ${colours.ui}`
  ctx.textAlign = 'center'
  ctx.textBaseline = 'middle'
  for (const { x, from, to } of layout.folds) {
    const left = x - scroll
    if (left < -foldWidth || left > width) continue
    ctx.fillStyle = colours.bg0
    ctx.fillRect(left, 0, foldWidth, bottom)
    ctx.strokeStyle = colours.line2
    ctx.setLineDash([2, 3])
    ctx.beginPath()
    ctx.moveTo(left + 0.5, 0)
    ctx.lineTo(left + 0.5, bottom)
    ctx.moveTo(left + foldWidth - 0.5, 0)
    ctx.lineTo(left + foldWidth - 0.5, bottom)
    ctx.stroke()
    ctx.setLineDash([])
    ctx.strokeStyle = colours.line3
    ctx.beginPath()
    for (let y = rulerHeight; y <= bottom; y += 6) ctx.lineTo(left + foldWidth / 2 + (((y - rulerHeight) / 6) % 2 === 0 ? -2 : 2), y)
    ctx.stroke()
    ctx.fillStyle = colours.text2
    ctx.fillText(foldText(to - from), left + foldWidth / 2, rulerHeight / 2, foldWidth)
  }
  ctx.textAlign = 'left'
}

/** `38 s`, `4:28`: short enough for the band. */
function foldText(us: number): string {
  const s = Math.round(us / 1_000_000)
  return s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}` : durationText(us)
}

/** Flags of milestones, then times where there is room for them. */
function paintRuler(ctx: CanvasRenderingContext2D, picture: Picture, first: number, last: number, bottom: number): void {
  const { layout, scroll, colours } = picture
  const taken: [number, number][] = layout.folds.map(({ x }) => [x - scroll, x - scroll + foldWidth])
  taken.push([picture.playhead - scroll - 6, picture.playhead - scroll + 6])
  const place = (x: number, w: number): boolean => {
    if (taken.some(([a, b]) => x < b && x + w > a - 4)) return false
    taken.push([x, x + w + 4])
    return true
  }
  ctx.font = `11px ${colours.ui}`
  let lastFlag = -100
  for (let i = first; i <= last; i++) {
    const step = layout.steps[i] as StepRow
    if (step.milestone === null) continue
    const x = Math.round((layout.xs[i] as number) - scroll + (layout.mode === 'steps' ? layout.scale / 2 : 0)) + 0.5
    if (x - lastFlag < 7) continue
    lastFlag = x
    ctx.globalAlpha = step.n > picture.step ? 0.6 : 1
    ctx.strokeStyle = colours.line3
    ctx.setLineDash([2, 3])
    ctx.beginPath()
    ctx.moveTo(x, 4)
    ctx.lineTo(x, bottom)
    ctx.stroke()
    ctx.setLineDash([])
    ctx.fillStyle = colours.warn
    ctx.fillRect(x - 0.5, 4, 1, 10)
    ctx.fillRect(x - 0.5, 4, 6, 5)
    const w = ctx.measureText(step.milestone).width + 9
    if (place(x, w)) {
      ctx.fillStyle = colours.text2
      ctx.fillText(step.milestone, x + 9, rulerHeight / 2)
    } else place(x, 7)
    ctx.globalAlpha = 1
  }
  ctx.font = `11px ${colours.mono}`
  ctx.fillStyle = colours.text3
  let second = -1
  let free = -100
  for (let i = first; i <= last; i++) {
    const x = (layout.xs[i] as number) - scroll
    if (x < free) continue
    const { at } = layout.steps[i] as StepRow
    const now = Math.floor(at / 1_000_000)
    const text = now === second ? `.${String(Math.floor(at / 1000) % 1000).padStart(3, '0')}` : clockText(at)
    if (!place(x, ctx.measureText(text).width + 2)) {
      free = x + 12 // no room here: look again a little further, not at every step
      continue
    }
    second = now
    ctx.fillText(text, x + 2, rulerHeight / 2)
    ctx.fillRect(x, rulerHeight - 4, 1, 4)
    free = x + 110
  }
}

function paintPlayhead(ctx: CanvasRenderingContext2D, { playhead, scroll, colours }: Picture, bottom: number): void {
  const x = Math.round(playhead - scroll) + 0.5
  ctx.fillStyle = colours.accent
  ctx.fillRect(x - 1, 0, 2, bottom)
  ctx.beginPath()
  ctx.moveTo(x - 5, 1)
  ctx.lineTo(x + 5, 1)
  ctx.lineTo(x + 5, 8)
  ctx.lineTo(x, 13)
  ctx.lineTo(x - 5, 8)
  ctx.fill()
}

/** True when a controller wrote or was told something in this step. */
function concerns(step: StepRow, controller: string): boolean {
  const actor = `kube-controller-manager/${controller}`
  return step.hops.some(({ from, to }) => from === actor || to === actor)
}

/** Right end of what is past: the playhead's place. */
export function playheadPlace(layout: Layout, step: number, now: number): number {
  if (layout.mode === 'time') return placeOf(layout, now)
  const current = layout.steps[layout.steps.length - 1]?.n === step ? layout.steps.length - 1 : indexAtTime(layout, now)
  const at = layout.steps[current]
  // The clock may sweep ahead of the newest step; the playhead stays with the step that is told.
  return at && at.n >= step ? placeOf(layout, at.at) : placeOf(layout, now)
}
