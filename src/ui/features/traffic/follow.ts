import type { RequestSpec } from '../../../bridge/protocol'
import type { Kubeloop } from '../../state'

/** A client's patience when it says nothing else. Units: µs. */
const defaultTimeout = 5_000_000

/**
 * Sends requests, and shows the journey of the first when it has ended. While the simulation stands still, time goes on just
 * as far as that takes: a moment, a second, or until the client gives up.
 */
export function sendRequests(kubeloop: Kubeloop, request: RequestSpec, times: number): void {
  const { traffic, session } = kubeloop
  const sentAt = session.getState().clock.now
  const branch = session.getState().clock.branch
  const before = Math.max(0, ...traffic.journeys.filter((j) => j.at <= sentAt).map((j) => j.id))
  const timeout = (request.timeoutMs ?? defaultTimeout / 1000) * 1000
  const waits = [30_000, 1_200_000, timeout + 200_000, 2 * timeout + 10_000_000]
  let frame = session.getState().frame
  let tries = 0
  const look = (): void => {
    const now = session.getState()
    const found = traffic.journeys.find((j) => j.generator === '' && j.id > before && j.at >= sentAt && j.at + j.latency <= now.clock.now)
    if (found) {
      stop()
      kubeloop.setUi({ layer: 'traffic', dockTab: 'requests', bottomTab: 'requests' })
      return kubeloop.select({ kind: 'request', key: String(found.id) })
    }
    if (now.clock.now > sentAt + 3 * timeout + 30_000_000 || now.clock.now < sentAt || (now.clock.branch !== branch && now.clock.now < sentAt)) return stop()
    if (now.clock.playing || now.frame === frame) return
    frame = now.frame
    const wait = waits[tries++]
    if (wait === undefined) return stop()
    if (now.clock.now < sentAt + wait) kubeloop.send({ type: 'seek', to: { at: sentAt + wait } })
    else look()
  }
  const stop = session.subscribe(look)
  for (let i = 0; i < times; i++) kubeloop.input({ type: 'traffic', do: 'send', request })
}
