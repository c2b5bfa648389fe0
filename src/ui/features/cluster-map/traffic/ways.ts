import { gutter, routeY, ruleY, tileOf, type Geometry } from './geometry'

/** A station of a way, where a journey's hops have their numbers. `edge`: where it comes upon the last card. */
export type Station = 'client' | 'balancer' | 'entry' | 'rules' | 'network' | 'edge' | 'pod'

/** A corner of a way. `hidden`: the piece that leads here lies behind a card's text, and takes no time. `mark`: where a number of it covers no text. */
export interface Corner {
  readonly x: number
  readonly y: number
  readonly station?: Station
  readonly hidden?: boolean
  readonly mark?: number
}

/** Who goes where. Pods and clients by `namespace/name`; an empty entry: no rules decide. */
export interface Way {
  readonly client: string
  /** Machine of the client, when it is known; else where its pod is now. */
  readonly from?: string
  readonly entry: string
  readonly service: string
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
  /** Row of an endpoint in a node's rules as they are shown; -1: it is not in them. */
  ruleRow(node: string, ip: string): number
  /** Row of a node's routes to another. */
  routeRow(to: string): number
  isNode(name: string): boolean
  /** The Service whose rules the cards show. */
  readonly service: string
}

/** From a card's edge to the boxes in it, and to the lines that run up and down beside them. */
const inset = 10
const inRail = 3.5
const outRail = 6.5

type Side = -1 | 1

/** The way of a trip over the map. At least one corner when its client is known. It runs beside what is written in cards, never over it. */
export function wayOf(places: Places, trip: Way): readonly Corner[] {
  const { geometry } = places
  const corners: Corner[] = []
  const source = sourceOf(places, trip)
  if (!source) return corners
  if (source.outside) fromOutside(geometry, trip, trip.entry || trip.node, corners)
  const entry = trip.entry === '' ? undefined : geometry.byId.get(`node:${trip.entry}`)
  if (!entry) {
    if (!source.outside) {
      const side = trip.node === source.node ? source.side : sideOf(geometry, source.node, trip.node)
      outOfTile(geometry, source, side, outRail, corners)
      if (trip.node !== '') toPod(places, trip, source.node, side, false, corners)
    }
    return corners
  }
  const target = trip.pod === '' ? undefined : places.pod(trip.pod)
  const row = trip.service !== places.service ? -1 : target ? places.ruleRow(trip.entry, target.ip) : 0
  const y = ruleY(geometry, trip.entry, row)
  const side = trip.node === '' || trip.node === trip.entry ? tileSide(geometry, trip.node, target?.key) : sideOf(geometry, trip.entry, trip.node)
  const edge = entry.type === 'node' ? inset : 0
  const boxX = (s: Side): number => (s > 0 ? entry.x + entry.width - edge : entry.x + edge)
  const markX = (s: Side): number => (s > 0 ? entry.x + entry.width : entry.x)
  let into: Side | 0 = 0
  if (!source.outside && source.node === trip.entry) {
    into = geometry.plan.columns > 1 || side === 1 ? source.side : 1
    outOfTile(geometry, source, into, inRail, corners)
    const rail = into > 0 ? entry.x + entry.width - inRail : entry.x + inRail
    corners.push({ x: rail, y })
  } else if (!source.outside) {
    const way = sideOf(geometry, source.node, trip.entry)
    outOfTile(geometry, source, way, outRail, corners)
    const last = corners.at(-1)
    across(geometry, source.node, trip.entry, way, last?.y ?? 0, y, corners)
    into = enterSide(geometry, source.node, trip.entry, way)
  }
  if (into !== 0) corners.push({ x: boxX(into), y, ...(into === side ? { station: 'rules' as const, mark: markX(into) } : {}) })
  if (into !== side) corners.push({ x: boxX(side), y, station: 'rules', hidden: true, mark: markX(side) })
  if (trip.node !== '') toPod(places, trip, trip.entry, side, true, corners)
  return corners
}

/** The Service of a load balancer, which is known as `load balancer of namespace/name`. */
export function serviceOfBalancer(name: string): string {
  return name.slice(name.lastIndexOf(' ') + 1)
}

/** You, the load balancer, the trunk, and a node's top. */
function fromOutside(geometry: Geometry, trip: Way, to: string, corners: Corner[]): void {
  const you = geometry.byId.get('you')
  if (!you) return
  const at = (x: number, y: number, station?: Station): void => void corners.push(station ? { x, y, station } : { x, y })
  const balancer = trip.balancer === '' ? undefined : geometry.byId.get(`balancer:${serviceOfBalancer(trip.balancer)}`)
  if (!balancer) {
    at(you.x + you.width, you.y + 52, 'client')
    at(geometry.trunkX, you.y + 52)
  } else {
    // The one below is reached straight; others past it, by the left edge.
    const below = ![...geometry.byId.keys()].some((id) => id.startsWith('balancer:') && (geometry.byId.get(id)?.y ?? 0) < balancer.y)
    if (below) {
      at(you.x + you.width / 2, you.y + you.height, 'client')
      at(you.x + you.width / 2, balancer.y)
    } else {
      const lane = you.x - 7
      at(you.x, you.y + 52, 'client')
      at(lane, you.y + 52)
      at(lane, balancer.y + balancer.height / 2)
      at(balancer.x, balancer.y + balancer.height / 2)
    }
    corners.push({ x: balancer.x + balancer.width, y: balancer.y + balancer.height / 2, station: 'balancer', hidden: true })
    at(geometry.trunkX, balancer.y + balancer.height / 2)
  }
  if (to !== '') intoNode(geometry, to, at)
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

interface Source {
  readonly outside: boolean
  readonly node: string
  /** The tile, or where pods without one are. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly top: number
  /** Which edge of its card is nearer. */
  readonly side: Side
}

function sourceOf(places: Places, { client, from }: Way): Source | undefined {
  const { geometry } = places
  if (client === 'outside') return geometry.byId.has('you') ? { outside: true, node: '', x: 0, y: 0, width: 0, top: 0, side: 1 } : undefined
  const pod = places.isNode(client) ? undefined : places.pod(client)
  const node = places.isNode(client) ? client : from && geometry.cells.has(from) ? from : (pod?.node ?? '')
  const item = geometry.byId.get(`node:${node}`)
  if (!item) return undefined
  const tile = pod && pod.node === node ? tileOf(geometry, node, pod.key) : undefined
  if (tile) return { outside: false, node, x: tile.x, y: tile.y + tile.height / 2, width: tile.width, top: tile.y, side: tileSide(geometry, node, pod?.key) === -1 || geometry.plan.columns === 1 ? -1 : 1 }
  const y = places.isNode(client) && item.type === 'node' ? item.y + 18 : podsSpot(geometry, node)
  return { outside: false, node, x: item.x + (item.type === 'node' ? inset : 0), y, width: item.width - (item.type === 'node' ? 2 * inset : 0), top: y, side: -1 }
}

/** From a tile to the rail at one side of its card; past the tiles beside it over their heads. */
function outOfTile(geometry: Geometry, source: Source, side: Side, rail: number, corners: Corner[]): void {
  const item = geometry.byId.get(`node:${source.node}`)
  if (!item) return
  const railX = item.type !== 'node' ? (side > 0 ? item.x + item.width : item.x) : side > 0 ? item.x + item.width - rail : item.x + rail
  const near = side > 0 ? source.x + source.width > item.x + item.width - 14 : source.x < item.x + 14
  if (near) {
    corners.push({ x: side > 0 ? source.x + source.width : source.x, y: source.y, station: 'client', mark: side > 0 ? item.x + item.width : item.x })
    corners.push({ x: railX, y: source.y })
    return
  }
  corners.push({ x: source.x + source.width / 2, y: source.top - 2, station: 'client' })
  corners.push({ x: railX, y: source.top - 2 })
}

/** From beside one card to the edge of another: by the gutters, and under a row when there are cards between. */
function across(geometry: Geometry, from: string, to: string, way: Side, startY: number, endY: number, corners: Corner[]): void {
  const [start, end] = [geometry.byId.get(`node:${from}`), geometry.byId.get(`node:${to}`)]
  if (!start || !end) return
  const at = (x: number, y: number, station?: Station): void => void corners.push(station ? { x, y, station } : { x, y })
  const [a, b] = [geometry.cells.get(from), geometry.cells.get(to)]
  const out = way > 0 ? start.x + start.width + gutter / 2 : start.x - gutter / 2
  at(out, startY, 'network')
  if (b?.row === -1) {
    const lane = end.y - 9
    at(out, lane)
    at(Math.max(out, end.x + 40), lane)
    at(Math.max(out, end.x + 40), end.y, 'edge')
    return
  }
  const side = enterSide(geometry, from, to, way)
  const into = side < 0 ? end.x - gutter / 2 : end.x + end.width + gutter / 2
  if (Math.abs(into - out) > 2) {
    const lane = a?.row === -1 ? start.y - 9 : start.y + start.height + 9
    at(out, lane)
    at(into, lane)
  }
  at(into, endY)
  at(side < 0 ? end.x : end.x + end.width, endY, 'edge')
}

/** The side on which a card is entered by who left another by `way`: from one above the other it is the same. */
function enterSide(geometry: Geometry, from: string, to: string, way: Side): Side {
  const [a, b] = [geometry.cells.get(from), geometry.cells.get(to)]
  return (a !== undefined && b !== undefined && a.row !== -1 && a.column === b.column) === (way > 0) ? 1 : -1
}

/** From the rules (`ruled`), or from a pod, to a pod: beside the boxes on the same node, else by the gutters. */
function toPod(places: Places, trip: Way, from: string, side: Side, ruled: boolean, corners: Corner[]): void {
  const { geometry } = places
  const [start, end] = [geometry.byId.get(`node:${from}`), geometry.byId.get(`node:${trip.node}`)]
  const last = corners.at(-1)
  if (!start || !end || !last) return
  const pod = places.pod(trip.pod)
  const tile = pod && pod.node === trip.node ? tileOf(geometry, trip.node, pod.key) : undefined
  const rail = start.type !== 'node' ? (side > 0 ? start.x + start.width : start.x) : side > 0 ? start.x + start.width - outRail : start.x + outRail
  if (from === trip.node) {
    if (last.x !== rail) corners.push({ x: rail, y: last.y })
    intoTile(geometry, trip.node, tile, side, rail, 'network', corners)
    return
  }
  let y = last.y
  if (ruled && start.type === 'node') {
    y = routeY(geometry, from, places.routeRow(trip.node))
    corners.push({ x: rail, y: last.y }, { x: rail, y })
  }
  const strip = geometry.cells.get(trip.node)?.row === -1
  const aim = tileEntry(geometry, trip.node, tile, enterSide(geometry, from, trip.node, side))
  across(geometry, from, trip.node, side, y, aim.y, corners)
  if (strip) corners.push({ ...(corners.pop() as Corner), station: 'pod' })
  else corners.push(aim)
}

/** Along a rail of a card and into a tile of it. */
function intoTile(geometry: Geometry, node: string, tile: Tile | undefined, side: Side, rail: number, station: Station, corners: Corner[]): void {
  const aim = tileEntry(geometry, node, tile, side)
  corners.push({ x: rail, y: aim.y, station })
  corners.push(aim)
}

type Tile = ReturnType<typeof tileOf>

/** Where a way from one side comes upon a tile: at its edge, or from above when others lie between. */
function tileEntry(geometry: Geometry, node: string, tile: Tile, side: Side): Corner {
  const item = geometry.byId.get(`node:${node}`)
  if (!item) return { x: 0, y: 0 }
  const edge = side > 0 ? item.x + item.width : item.x
  if (!tile) return { x: item.type === 'node' ? edge - side * inset : edge, y: podsSpot(geometry, node), station: 'pod', mark: edge }
  const near = side > 0 ? tile.x + tile.width > item.x + item.width - 14 : tile.x < item.x + 14
  if (!near) return { x: tile.x + tile.width / 2, y: tile.y - 2, station: 'pod' }
  return { x: side > 0 ? tile.x + tile.width : tile.x, y: tile.y + tile.height / 2, station: 'pod', mark: edge }
}

/** The side of a card that a tile is nearer to; alone in its row it is left at the right. */
function tileSide(geometry: Geometry, node: string, pod: string | undefined): Side {
  const tile = pod === undefined ? undefined : tileOf(geometry, node, pod)
  const item = geometry.byId.get(`node:${node}`)
  return tile && item && geometry.plan.columns > 1 && tile.x < item.x + item.width / 3 ? -1 : 1
}

/** The side on which one leaves a card for another. */
function sideOf(geometry: Geometry, from: string, to: string): Side {
  const [a, b] = [geometry.cells.get(from), geometry.cells.get(to)]
  return a?.row === -1 || (b?.column ?? 0) < (a?.column ?? 0) ? -1 : 1
}

/** Where pods without a tile are. */
function podsSpot(geometry: Geometry, node: string): number {
  const item = geometry.byId.get(`node:${node}`)
  if (!item) return 0
  return geometry.small || item.type === 'strip' ? item.y + item.height / 2 : item.y + geometry.plan.podsY + 10
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

/** The place of a station in corners; -1: it is not there. */
export function stationIn(corners: readonly Corner[], station: Station): number {
  const i = corners.findLastIndex((c) => c.station === station)
  return i < 0 && station === 'entry' ? corners.findLastIndex((c) => c.station === 'rules') : i
}
