/// <reference lib="webworker" />
import { picture } from 'virtual:first-picture'
import { firstPresetId, firstSeed } from './first-session'
import type { Driver } from './driver'
import type { Down, Up } from './protocol'

declare const self: DedicatedWorkerGlobalScope

const post = (up: Up) => self.postMessage(up)

/** Messages that came before the engine did, in order. */
const waiting: Down[] = []
let driver: Driver | undefined

// The engine is most of the code, and not needed for the first picture of a new session: that was made by the same engine at build time.
void import('./driver').then((room) => {
  driver = new room.Driver({
    post,
    later: (ms, run) => setTimeout(run, ms) as unknown as number,
    forget: (timer) => clearTimeout(timer),
    clock: () => performance.now(),
    loadKubectl: (done, failed) => void import('./kubectl-room').then(done, failed),
    loadDocs: (done, failed) => void import('../engine/api-docs').then(done, failed),
  })
  for (const down of waiting.splice(0)) driver.receive(down)
}, fail)

self.onmessage = ({ data: down }: MessageEvent<Down>) => {
  if (driver) return driver.receive(down)
  waiting.push(down)
  if (down.type === 'start' && down.session === undefined && (down.seed ?? firstSeed) === firstSeed && (down.preset ?? firstPresetId) === firstPresetId) for (const up of JSON.parse(picture) as Up[]) post(up)
}

function fail(error: unknown): void {
  const message = `The simulation could not be loaded: ${error instanceof Error ? error.message : String(error)}`
  post({ type: 'crash', message, report: JSON.stringify({ kubeloop: 'crash report', message }, null, 1), after: 'stopped' })
}
