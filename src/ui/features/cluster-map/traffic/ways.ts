import type { Journey, JourneyHop } from '../../../../bridge/protocol'
import { gutter, routeY, ruleY, tileOf, type Geometry } from './geometry'

/** A station of a way, where a journey's hops have their numbers. */
export type Station = 'client' | 'balancer' | 'entry' | 'rules' | 'network' | 'pod'

/** A corner of a way. `hidden`: the piece that leads here lies behind a card's text, and takes no time. */
export interface Corner {
  readonly x: number
  readonly y: number
  readonly station?: Station
  readonly hidden?: boolean
}

/** Who goes where. Pods and clients by `namespace/name`; an empty entry: no rules decide. */
export interface Trip {
  readonly client: string
  readonly entry: string
  readonly pod: string
  readonly node: string
  /** Load balancer that it comes by; empty: none. */
  readonly balancer: string
}

/** What ways are laid by, beside the geometry. */
export interface Places {
  readonly geometry: Geometry
  /** uid and node of a pod. */
  pod(name: string): { readonly key: string; readonly node: string; readonly ip: string } | undefined
  /** Row of an endpoint in a node's rules; -1: it is not in them. */
  ruleRow(node: string, ip: string): number
  /** Row of a node's routes to another. */
  routeRow(to: string): number
  isNode(name: string): boolean
}

/** From a card's edge to the boxes in it, and to the lines that run up and down beside them. */
const inset = 10
const inRail = 3.5
const outRail = 6.5

/** The way of a trip over the map. At least one corner when its client is known. It runs beside what is written in cards, never over it. */
export function wayOf(places: Places, trip: Trip): readonly Corner[] {
  const { geometry } = places
  const corners: Corner[] = []
  const at = (x: number, y: number, station?: Station): void => void corners.push(station ? { x, y, station } : { x, y })
  const entry = trip.entry === '' ? undefined : geometry.byId.get(`node:${trip.entry}`)
  const target = trip.pod === '' ? undefined : places.pod(trip.pod)
  const row = entry && target ? places.ruleRow(trip.entry, target.ip) : -1
  const source = clientSpot(places, trip.client)
  if (!source) return corners
  if (source.outside) {
    const balancer = trip.balancer === '' ? undefined : geometry.byId.get(`balancer:${trip.balancer}`)
    if (balancer) {
      at(source.x - 60, source.y + 52, 'client')
      at(source.x - 60, balancer.y)
      corners.push({ x: balancer.x + balancer.width, y: balancer.y + balancer.height / 2, station: 'balancer', hidden: true })
      at(geometry.trunkX, balancer.y + balancer.height / 2)
    } else {
      at(source.x, source.y, 'client')
      at(geometry.trunkX, source.y)
    }
    if (entry) intoNode(geometry, trip.entry, at)
  } else at(source.x, source.y, 'client')
  if (!entry) {
    if (trip.node !== '' && source.node !== '') leave(places, trip, source.node, 0, corners)
    return corners
  }
  const y = ruleY(geometry, trip.entry, row)
  const side = sideOf(geometry, trip, target?.key)
  const edge = entry.type === 'node' ? inset : 0
  if (!source.outside && source.node === trip.entry) {
    at(entry.x + inRail, source.y)
    at(entry.x + inRail, y)
    at(entry.x + edge, y, side < 0 ? 'rules' : undefined)
  }
  if (side > 0 || source.outside || source.node !== trip.entry) corners.push({ x: side > 0 ? entry.x + entry.width - edge : entry.x + edge, y, station: 'rules', hidden: true })
  if (trip.node !== '') leave(places, trip, trip.entry, side, corners)
  return corners
}

/** The side on which a way leaves the rules: 1 right, -1 left. */
function sideOf(geometry: Geometry, trip: Trip, pod: string | undefined): 1 | -1 {
  const [a, b] = [geometry.cells.get(trip.entry), geometry.cells.get(trip.node)]
  if (trip.node === '' || trip.node === trip.entry) {
    const tile = pod === undefined ? undefined : tileOf(geometry, trip.node, pod)
    const item = geometry.byId.get(`node:${trip.entry}`)
    return tile && item && geometry.plan.columns > 1 && tile.x < item.x + item.width / 3 ? -1 : 1
  }
  return a?.row === -1 || (b?.column ?? 0) < (a?.column ?? 0) ? -1 : 1
}

interface Spot {
  readonly x: number
  readonly y: number
  readonly outside: boolean
  readonly node: string
}

function clientSpot(places: Places, client: string): Spot | undefined {
  const { geometry } = places
  const you = geometry.byId.get('you')
  if (client === 'outside') return you && { x: you.x + you.width, y: you.y + 52, outside: true, node: '' }
  if (places.isNode(client)) {
    const item = geometry.byId.get(`node:${client}`)
    return item && { x: item.x + 12, y: item.y + 18, outside: false, node: client }
  }
  const pod = places.pod(client)
  const item = pod && geometry.byId.get(`node:${pod.node}`)
  if (!pod || !item) return undefined
  const tile = tileOf(geometry, pod.node, pod.key)
  return { x: tile ? tile.x : item.x + 12, y: tile ? tile.y + tile.height / 2 : podsSpot(geometry, pod.node), outside: false, node: pod.node }
}

/** From the trunk to a node's top, over the line above its row. */
function intoNode(geometry: Geometry, node: string, at: (x: number, y: number, station?: Station) => void): void {
  const item = geometry.byId.get(`node:${node}`)
  const cell = geometry.cells.get(node)
  if (!item || !cell) return
  const middle = item.x + item.width / 2
  if (cell.row < 0) {
    at(geometry.trunkX, item.y + item.height / 2)
    at(item.x, item.y + item.height / 2, 'entry')
    return
  }
  const bus = (geometry.rowTops[cell.row] ?? 0) - (cell.row === 0 ? 18 : 10)
  at(geometry.trunkX, bus)
  at(middle, bus)
  at(middle, item.y, 'entry')
}

/** From the rules (`side` ±1) or from a pod (0) to a pod: beside the boxes on the same node, else by the gutters. */
function leave(places: Places, trip: Trip, from: string, side: -1 | 0 | 1, corners: Corner[]): void {
  const { geometry } = places
  const start = geometry.byId.get(`node:${from}`)
  const end = geometry.byId.get(`node:${trip.node}`)
  const last = corners.at(-1)
  if (!start || !end || !last) return
  const pod = places.pod(trip.pod)
  const tile = pod && tileOf(geometry, trip.node, pod.key)
  const at = (x: number, y: number, station?: Station): void => void corners.push(station ? { x, y, station } : { x, y })
  const podY = tile ? tile.y + tile.height / 2 : podsSpot(geometry, trip.node)
  const way: 1 | -1 = side !== 0 ? side : sideOf(geometry, { ...trip, entry: from }, pod?.key)
  const rail = way > 0 ? start.x + start.width - outRail : start.x + outRail
  if (from === trip.node) {
    at(rail, last.y)
    at(rail, podY, 'network')
    at(way > 0 ? (tile ? tile.x + tile.width : start.x + start.width - inset) : (tile?.x ?? start.x + inset), podY, 'pod')
    return
  }
  const [a, b] = [geometry.cells.get(from), geometry.cells.get(trip.node)]
  const out = way > 0 ? start.x + start.width + gutter / 2 : start.x - gutter / 2
  const outY = side === 0 ? last.y : routeY(geometry, from, places.routeRow(trip.node))
  if (side !== 0 && start.type === 'node') {
    at(rail, last.y)
    at(rail, outY)
  }
  at(out, outY, 'network')
  if (b?.row === -1) {
    const lane = end.y - 9
    at(out, lane)
    at(Math.max(out, end.x + 40), lane)
    at(Math.max(out, end.x + 40), end.y, 'pod')
    return
  }
  const into = way > 0 ? end.x - gutter / 2 : end.x + end.width + gutter / 2
  if (Math.abs(into - out) > 2) {
    const lane = a?.row === -1 ? start.y - 9 : start.y + start.height + 9
    at(out, lane)
    at(into, lane)
  }
  // A tile on the far side is reached over the others.
  const far = tile && geometry.plan.columns > 1 && (way > 0 ? tile.x > end.x + end.width / 3 : tile.x < end.x + end.width / 3)
  if (far) {
    at(into, tile.y - 2)
    at(tile.x + tile.width / 2, tile.y - 2, 'pod')
    return
  }
  at(into, podY)
  at(way > 0 ? (tile?.x ?? end.x) : tile ? tile.x + tile.width : end.x + end.width, podY, 'pod')
}

/** Where pods without a tile are. */
function podsSpot(geometry: Geometry, node: string): number {
  const item = geometry.byId.get(`node:${node}`)
  if (!item) return 0
  return geometry.small || item.type === 'strip' ? item.y + item.height / 2 : item.y + geometry.plan.podsY + 10
}

/** The trips that a journey is made of: to the first pod, and on from there when an ingress controller sends it on. */
export function tripsOf(journey: Journey): readonly Trip[] {
  const own = journey.hops.filter((hop) => hop.depth === 0)
  const balancer = balancerOf(journey)
  const stops: { pod: string; node: string }[] = []
  for (const hop of own) {
    if (hop.kind === 'dns' || hop.kind === 'client' || !hop.pod) continue
    if (stops.at(-1)?.pod !== hop.pod) stops.push({ pod: hop.pod, node: '' })
    const stop = stops.at(-1)
    if (stop && (hop.kind === 'server' || hop.kind === 'proxy' || hop.kind === 'end' || hop.kind === 'policy')) stop.node = hop.where
  }
  const last = stops.at(-1)
  if (last?.pod === journey.pod || (last && last.node === '')) last.node = journey.node || last.node
  if (stops.length === 0) return [{ client: journey.client, entry: journey.entry, pod: journey.pod, node: journey.node, balancer }]
  return stops.map((stop, i) => ({ client: i === 0 ? journey.client : (stops[i - 1]?.pod ?? ''), entry: i === 0 ? journey.entry : '', ...stop, balancer: i === 0 ? balancer : '' }))
}

/** The Service whose load balancer a journey came by; empty: none. One that reached no rule knows it by what the balancer said. */
export function balancerOf(journey: Journey): string {
  const hop = journey.hops.find(({ kind, depth }) => kind === 'balancer' && depth === 0)
  return hop ? (/^load balancer of (\S+)/.exec(hop.text)?.[1] ?? journey.service) : ''
}

/** The station that a hop of a journey happens at. */
export function stationOf(journey: Journey, hop: JourneyHop): Station {
  switch (hop.kind) {
    case 'client':
    case 'dns':
      return 'client'
    case 'balancer':
      return 'balancer'
    case 'rules':
      return hop.ok || hop.rule ? 'rules' : 'entry'
    case 'network':
      return hop.where === journey.node && journey.entry !== journey.node ? 'pod' : 'network'
    case 'policy':
      return hop.where === journey.node ? 'pod' : 'network'
    case 'end':
      return hop.ok ? 'client' : journey.node !== '' && hop.where === journey.node ? 'pod' : journey.entry !== '' ? 'entry' : 'client'
    default:
      return 'pod'
  }
}

/** Points at even distances along a way, x and y in turn: looking one up costs nothing. */
export function tableOf(corners: readonly Corner[]): Float32Array {
  const table = new Float32Array(2 * (tableSize + 1))
  const lengths = corners.slice(1).map((c, i) => c.hidden ? 0 : Math.hypot(c.x - (corners[i]?.x ?? 0), c.y - (corners[i]?.y ?? 0)))
  const whole = lengths.reduce((a, b) => a + b, 0)
  let leg = 0
  let before = 0
  for (let i = 0; i <= tableSize; i++) {
    const want = (whole * i) / tableSize
    while (leg < lengths.length - 1 && before + (lengths[leg] ?? 0) < want) before += lengths[leg++] ?? 0
    const length = lengths[leg] ?? 0
    const u = length === 0 ? 0 : Math.min(1, (want - before) / length)
    const [a, b] = [corners[leg], corners[leg + 1] ?? corners[leg]]
    table[2 * i] = a && b ? a.x + (b.x - a.x) * u : 0
    table[2 * i + 1] = a && b ? a.y + (b.y - a.y) * u : 0
  }
  return table
}

/** The pieces of a way that are drawn as lines. */
export function seenPieces(corners: readonly Corner[]): readonly (readonly Corner[])[] {
  const pieces: Corner[][] = [[]]
  for (const corner of corners) {
    if (corner.hidden) pieces.push([])
    pieces.at(-1)?.push(corner)
  }
  return pieces.filter((piece) => piece.length > 1)
}

/** Steps of a table. */
export const tableSize = 96
