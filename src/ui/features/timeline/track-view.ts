import type { StepRow } from '../../../bridge/protocol'
import { readColours } from './colours'
import type { Lanes } from './lanes'
import { endRoom, indexAt, momentAt, type Layout } from './layout'
import { paint, playheadPlace, rulerHeight, type Colours } from './paint'

/** What the track shows; handed in after each render. */
export interface TrackProps {
  readonly layout: Layout
  readonly lanes: Lanes
  readonly laneHeight: number
  readonly height: number
  readonly step: number
  /** Farthest moment known on the branch. */
  readonly head: number
  readonly filter: string | null
}

/** What the track asks for. */
export interface TrackEvents {
  now(): number
  seek(to: { readonly at: number } | { readonly step: number }): void
  zoom(factor: number): void
  /** The step under the mouse, and the place of the mouse; undefined when it is over none. */
  hover(step: StepRow | undefined, x: number): void
}

/** Seeks while dragging are at least this far apart. Units: ms. */
const seekEveryMs = 100

/** How far below the ruler a finger still takes the playhead; lower it pans. Units: px. */
const fingerReach = 12

/** The canvas of the timeline: scrolling, painting once per animation frame, and the pointer. Outside React, so that none of it re-renders. */
export class TrackView {
  #props: TrackProps | undefined
  #colours: Colours | undefined
  #frame = 0
  #held: number | undefined
  #seen = true
  /** Kept from the last scroll and resize: to ask the document would make it lay itself out in the middle of an update. */
  #scroll = 0
  #width = 0
  #sentAt = 0
  #timer = 0
  #sent = ''
  readonly #stop = new AbortController()

  constructor(
    private readonly box: HTMLElement,
    private readonly canvas: HTMLCanvasElement,
    private readonly events: TrackEvents,
  ) {
    const { signal } = this.#stop
    this.#width = box.clientWidth
    const observer = new ResizeObserver(() => {
      this.#width = box.clientWidth
      this.repaint()
    })
    observer.observe(box)
    // The theme is an attribute of the document; its colours are read anew when it changes.
    const theme = new MutationObserver(() => {
      this.#colours = undefined
      this.repaint()
    })
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    signal.addEventListener('abort', () => {
      observer.disconnect()
      theme.disconnect()
    })
    box.addEventListener('scroll', () => this.#onScroll(), { signal, passive: true })
    box.addEventListener('wheel', (event) => this.#onWheel(event), { signal, passive: false })
    box.addEventListener('pointerleave', () => events.hover(undefined, 0), { signal })
    canvas.addEventListener('pointerdown', (event) => this.#onDown(event), { signal })
    canvas.addEventListener('pointermove', (event) => this.#onMove(event), { signal })
    canvas.addEventListener('pointerup', (event) => this.#onUp(event), { signal })
    canvas.addEventListener('pointercancel', () => this.#release(), { signal })
    // A finger that takes the playhead must not pan at the same time.
    canvas.addEventListener('touchstart', (event) => this.#inReach(event.touches[0]?.clientY ?? Infinity) && event.preventDefault(), { signal, passive: false })
  }

  update(props: TrackProps): void {
    this.#props = props
    this.repaint()
  }

  /** Follow the playhead from now on, wherever it is. */
  follow(): void {
    this.#seen = true
  }

  repaint(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0
      this.#paint()
    })
  }

  dispose(): void {
    this.#stop.abort()
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
    this.#frame = 0
  }

  #paint(): void {
    const { canvas } = this
    const props = this.#props
    const ctx = canvas.getContext('2d')
    if (!props || !ctx) return
    if (this.#seen && this.#held === undefined) this.#bringPlayheadIn(props)
    this.#colours ??= readColours(canvas)
    const ratio = devicePixelRatio || 1
    const width = this.#width
    const [w, h] = [Math.round(width * ratio), Math.round(props.height * ratio)]
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w
      canvas.height = h
      canvas.style.width = `${width}px`
      canvas.style.height = `${props.height}px`
    }
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
    const playhead = this.#held ?? playheadPlace(props.layout, props.step, this.events.now())
    paint(ctx, { ...props, scroll: this.#scroll, width, playhead, colours: this.#colours })
  }

  #bringPlayheadIn({ layout, step }: TrackProps): void {
    const x = playheadPlace(layout, step, this.events.now())
    // At the head, the name of the branch stands behind it.
    const room = step === layout.steps.at(-1)?.n ? endRoom : 24
    if (x >= this.#scroll + 24 && x <= this.#scroll + this.#width - room) return
    const to = Math.max(0, Math.min(x - this.#width * 0.7, Math.ceil(layout.width) - this.#width))
    if (to === this.#scroll) return
    this.box.scrollLeft = to
    this.#scroll = this.box.scrollLeft
  }

  #onScroll(): void {
    const scroll = this.box.scrollLeft
    // Its own scrolls come back as events too, when the steps may have grown past the window already: they say nothing of what the person looks at.
    if (this.#props && scroll !== this.#scroll) {
      this.#scroll = scroll
      const x = playheadPlace(this.#props.layout, this.#props.step, this.events.now())
      this.#seen = x >= scroll && x <= scroll + this.#width
    }
    this.events.hover(undefined, 0)
    this.repaint()
  }

  #onWheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault() // or the whole page would zoom
    this.events.zoom(event.deltaY < 0 ? 2 : 0.5)
  }

  #placeOf(event: MouseEvent): number {
    return event.clientX - this.box.getBoundingClientRect().left + this.#scroll
  }

  #inReach(clientY: number): boolean {
    return clientY - this.canvas.getBoundingClientRect().top <= rulerHeight + fingerReach
  }

  #onDown(event: PointerEvent): void {
    if (event.button !== 0 || (event.pointerType === 'touch' && !this.#inReach(event.clientY))) return
    this.canvas.setPointerCapture(event.pointerId)
    this.#held = this.#placeOf(event)
    this.#seek(this.#held, false)
    this.repaint()
  }

  #onMove(event: PointerEvent): void {
    const x = this.#placeOf(event)
    if (this.#held !== undefined) {
      this.#held = x
      this.#seek(x, false)
      this.repaint()
    }
    if (event.pointerType === 'mouse' && this.#props) this.events.hover(this.#props.layout.steps[indexAt(this.#props.layout, x)], x)
  }

  #onUp(event: PointerEvent): void {
    // A tap on the lanes seeks too; a pan ends with a pointercancel instead.
    this.#seek(this.#held ?? this.#placeOf(event), true)
    this.#release()
  }

  #release(): void {
    this.#held = undefined
    this.repaint()
  }

  /** Sends the playhead to a place; while it is dragged only now and then, and not twice to the same step. */
  #seek(x: number, atOnce: boolean): void {
    const props = this.#props
    if (!props) return
    const { layout, head } = props
    const step = layout.steps[indexAt(layout, x)]
    const to = step === undefined ? { at: 0 } : layout.mode === 'steps' ? { step: step.n } : { at: Math.min(momentAt(layout, x), Math.max(head, step.at)) }
    const key = JSON.stringify(to)
    const go = (): void => {
      this.#timer = 0
      if (key === this.#sent) return
      this.#sent = key
      this.#sentAt = performance.now()
      this.events.seek(to)
    }
    clearTimeout(this.#timer)
    const wait = seekEveryMs - (performance.now() - this.#sentAt)
    if (atOnce || wait <= 0) go()
    else this.#timer = window.setTimeout(go, wait)
    if (atOnce) this.#sent = ''
  }
}
