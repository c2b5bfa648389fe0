/// <reference lib="webworker" />
import { Driver } from './driver'
import type { Down, Up } from './protocol'

declare const self: DedicatedWorkerGlobalScope

const driver = new Driver({
  post: (up: Up) => self.postMessage(up),
  later: (ms, run) => setTimeout(run, ms) as unknown as number,
  forget: (timer) => clearTimeout(timer),
  clock: () => performance.now(),
  loadKubectl: (done, failed) => void import('../engine/kubectl').then((room) => done(room.kubectl), failed),
})

self.onmessage = (event: MessageEvent<Down>) => driver.receive(event.data)
