import * as docs from '../engine/api-docs'
import { Driver } from './driver'
import * as room from './kubectl-room'
import type { Down, Frame, Up } from './protocol'

/** A driver on a platform whose real time passes only when `pass` is called, and by `slow` each time that the clock is read. Units: ms. */
export function drive(slow = 0) {
  const ups: Up[] = []
  const timers = new Map<number, { at: number; run: () => void }>()
  const had: string[] = []
  let now = 0
  let next = 1
  const driver = new Driver({
    post: (up) => void ups.push(structuredClone(up)),
    later: (ms, run) => (timers.set(next, { at: now + ms, run }), next++),
    forget: (timer) => void timers.delete(timer),
    clock: () => (now += slow),
    loadKubectl: (done) => done(room),
    loadDocs: (done) => (had.push('docs'), done(docs)),
  })
  const frames = () => ups.filter((u): u is Frame => u.type === 'frame')
  const last = () => frames().at(-1) as Frame
  /** While it is false, the page has no time to draw: nothing is acknowledged. */
  const page = { draws: true }
  const ack = () => {
    if (page.draws) driver.receive({ type: 'ack', frame: last()?.number ?? 0 })
  }
  const send = (down: Down) => {
    driver.receive(down)
    ack()
  }
  const pass = (ms: number) => {
    const until = now + ms
    for (;;) {
      const due = [...timers].filter(([, t]) => t.at <= until).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0]
      if (due === undefined) break
      timers.delete(due[0])
      now = Math.max(now, due[1].at)
      due[1].run()
      ack()
    }
    now = Math.max(now, until)
  }
  return { driver, send, pass, last, frames, ups, had, page }
}
