import type { FlowRow, Journey, TripStop } from '../../../../bridge/protocol'
import type { TrafficLog } from '../../../state'
import { stationIn, wayOf, type Corner, type Places, type Station, type Way } from './ways'
import { tableOf } from './track'

/** A way as it is drawn. */
export interface Path {
  readonly corners: readonly Corner[]
  readonly table: Float32Array
  /** Where it stops short; undefined: it comes through. */
  readonly stop: { readonly x: number; readonly y: number } | undefined
}

/** Failures of one flow that are remembered. */
const mostFails = 40

/** Journeys whose ways are kept. */
const mostPaths = 3000

/** Where on its way a trip stopped. */
export const stopStation: Readonly<Record<Exclude<TripStop, ''>, Station>> = { client: 'client', balancer: 'balancer', entry: 'entry', rules: 'rules', network: 'edge', pod: 'pod' }

/**
 * What journeys teach about flows, whose counts alone do not tell it: by which load balancer clients from outside come, and where
 * those that reach no pod end. Only what was known at a moment counts for the picture of it, so a way back shows the same again.
 */
export class Lore {
  #places: Places
  readonly #flows = new Map<string, Path>()
  readonly #trips = new Map<string, Path>()
  readonly #balancers = new Map<string, { readonly at: number; readonly balancer: string }[]>()
  readonly #fails = new Map<string, Journey[]>()
  #learnt = -1

  constructor(places: Places) {
    this.#places = places
  }

  get places(): Places {
    return this.#places
  }

  /** The layout has changed: all ways are laid anew. */
  lay(places: Places): void {
    this.#places = places
    this.#flows.clear()
    this.#trips.clear()
  }

  /** Takes in what has been heard of since. */
  learn(log: TrafficLog): void {
    if (log.version === this.#learnt) return
    this.#learnt = log.version
    // Slow ones end after later ones: some of the newest are looked at each time.
    for (const j of log.journeys.slice(-200)) {
      const trip = j.trips[0]
      if (!trip) continue
      const end = j.at + j.latency
      if (j.client === 'outside') {
        const key = `${j.entry} ${j.service}`
        const list = this.#balancers.get(key) ?? []
        if (list.length === 0) this.#balancers.set(key, list)
        if (list.at(-1)?.balancer !== trip.balancer && (list.at(-1)?.at ?? -1) < end) list.push({ at: end, balancer: trip.balancer })
        if (list.length > mostFails) list.shift()
      }
      if (j.outcome === 'ok') continue
      const key = `${j.client} ${j.entry} ${j.service} ${j.pod}`
      const list = this.#fails.get(key) ?? []
      if (list.length === 0) this.#fails.set(key, list)
      if (list.some(({ id }) => id === j.id)) continue
      list.push(j)
      list.sort((a, b) => a.at + a.latency - b.at - b.latency || a.id - b.id)
      if (list.length > mostFails) list.shift()
    }
  }

  /** The way of a flow as it was known at a moment. */
  flow(flow: FlowRow, now: number): Path {
    if (flow.pod === '') {
      const known = this.#fails.get(`${flow.client} ${flow.entry} ${flow.service} `)
      const j = known?.findLast((f) => f.at + f.latency <= now)
      if (j) return this.trip(j, 0)
    }
    const list = flow.client === 'outside' ? this.#balancers.get(`${flow.entry} ${flow.service}`) : undefined
    const balancer = list?.findLast(({ at }) => at <= now)?.balancer ?? ''
    const key = `${flow.key} ${balancer}`
    const path = this.#flows.get(key) ?? pathOf(this.#places, { client: flow.client, entry: flow.entry, service: flow.service, pod: flow.pod, node: flow.node, balancer }, '')
    this.#flows.set(key, path)
    return path
  }

  /** The way of one trip of a journey, as far as it came. */
  trip(journey: Journey, i: number): Path {
    const key = `${journey.id} ${i} ${journey.outcome}`
    const known = this.#trips.get(key)
    if (known) return known
    if (this.#trips.size > mostPaths) this.#trips.clear()
    const trip = journey.trips[i]
    const path = trip ? pathOf(this.#places, trip, trip.stops) : { corners: [], table: tableOf([]), stop: undefined }
    this.#trips.set(key, path)
    return path
  }
}

/** The way of a trip on the map, cut where it stops. */
export function pathOf(places: Places, trip: Way, stops: TripStop): Path {
  const corners = wayOf(places, trip)
  if (stops === '') return { corners, table: tableOf(corners), stop: undefined }
  const station = stopStation[stops]
  const found = stationIn(corners, station)
  const at = found >= 0 ? found : station === 'edge' ? Math.max(stationIn(corners, 'network'), stationIn(corners, 'entry')) : corners.length - 1
  const seen = corners.slice(0, Math.max(1, at + 1))
  const stop = seen.at(-1)
  return { corners: seen, table: tableOf(seen), stop: stop && { x: stop.mark ?? stop.x, y: stop.y } }
}
