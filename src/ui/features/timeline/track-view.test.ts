import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { StepRow } from '../../../bridge/protocol'
import { lanesFor } from './lanes'
import { layOut } from './layout'
import { TrackView } from './track-view'

const steps = (count: number): StepRow[] =>
  Array.from({ length: count }, (_, i) => ({ n: i + 1, at: i * 1000, endedAt: i * 1000, until: i * 1000, kind: 'transaction', lane: 'kubectl', caption: '', verb: '', object: null, revision: i, count: 1, hops: [], milestone: null, failed: false, record: i }))

/** A window on the steps, 600 wide. Its scroll events come later, as a browser's do. */
class Box extends EventTarget {
  clientWidth = 600
  scrollLeft = 0
}

/** A canvas on which nothing is to be seen. */
class Canvas extends EventTarget {
  style = {}
  getContext(): unknown {
    return new Proxy({}, { get: (_, name) => (name === 'measureText' ? () => ({ width: 10 }) : () => {}), set: () => true })
  }
}

const frames: (() => void)[] = []
const paintFrame = (): void => { for (const frame of frames.splice(0)) frame() }

beforeEach(() => {
  class Observer { observe(): void {} disconnect(): void {} }
  vi.stubGlobal('ResizeObserver', Observer)
  vi.stubGlobal('MutationObserver', Observer)
  vi.stubGlobal('document', { documentElement: {} })
  vi.stubGlobal('devicePixelRatio', 1)
  vi.stubGlobal('getComputedStyle', () => ({ getPropertyValue: () => '#000' }))
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame))
  vi.stubGlobal('cancelAnimationFrame', () => {})
})
afterEach(() => vi.unstubAllGlobals())

function open() {
  const box = new Box()
  const view = new TrackView(box as unknown as HTMLElement, new Canvas() as unknown as HTMLCanvasElement, { now: () => Number.MAX_SAFE_INTEGER, seek: () => {}, zoom: () => {}, hover: () => {} })
  const show = (count: number): void => {
    const rows = steps(count)
    view.update({ layout: layOut(rows, 'steps', 32), lanes: lanesFor([]), laneHeight: 16, height: 180, step: count, head: count * 1000, filter: null })
  }
  const seen = (count: number): boolean => 12 + count * 32 >= box.scrollLeft && 12 + count * 32 <= box.scrollLeft + box.clientWidth
  return { box, show, seen }
}

test('the playhead is followed although steps come faster than the events of its own scrolling', () => {
  const { box, show, seen } = open()
  show(40)
  paintFrame()
  expect(seen(40)).toBe(true)
  show(120) // before the event of that scroll
  box.dispatchEvent(new Event('scroll'))
  paintFrame()
  expect(seen(120)).toBe(true)
})

test('it is not followed while the person looks elsewhere', () => {
  const { box, show } = open()
  show(120)
  paintFrame()
  box.scrollLeft = 100
  box.dispatchEvent(new Event('scroll'))
  show(130)
  paintFrame()
  expect(box.scrollLeft).toBe(100)
})
