import type { MapItem } from '../flow'

/** What the traffic layer's layout depends on. */
export interface TrafficInput {
  readonly width: number
  readonly height: number
  /** Room that the caption takes at the top, and legend and zoom at the bottom. */
  readonly top: number
  readonly bottom: number
  readonly nodes: readonly { readonly key: string; readonly controlPlane: boolean }[]
  /** Load balancers outside the cluster. */
  readonly balancers: readonly string[]
  /** Pods by node, those that matter most first. */
  readonly pods: ReadonlyMap<string, readonly string[]>
  /** Endpoints in the rules that are shown, and how many routes a node has. */
  readonly endpoints: number
  /** Fingers press: tiles are larger. */
  readonly touch: boolean
}

/** Heights inside a node's card, from its top. 0 height: not shown. */
export interface CardPlan {
  readonly rules: { readonly y: number; readonly height: number; readonly rows: number; readonly foot: boolean }
  readonly routes: { readonly y: number; readonly height: number; readonly rows: number }
  /** The line over the pods. */
  readonly podsY: number
  readonly columns: number
  readonly tile: number
  readonly tiles: number
}

/** Where everything of the traffic layer is. Pure data; ways are laid through it. */
export interface Geometry {
  readonly width: number
  readonly height: number
  readonly top: number
  readonly bottom: number
  readonly small: boolean
  readonly items: readonly MapItem[]
  readonly byId: ReadonlyMap<string, MapItem>
  readonly plan: CardPlan
  /** The vertical line between clients and nodes. */
  readonly trunkX: number
  /** By node: its row and column; control-plane strips have row -1. */
  readonly cells: ReadonlyMap<string, { readonly row: number; readonly column: number }>
  readonly rowTops: readonly number[]
  readonly cardHeight: number
  /** Which pods have a tile. */
  readonly shown: ReadonlyMap<string, readonly string[]>
}

const margin = 16
/** Between two cards: room for lines. */
export const gutter = 20
const head = 34
/** From the line above the pods to the first tile: ways to far tiles run between. */
export const podsHead = 22
/** Rows in a card. */
export const rowHeight = 20
export const boxHead = 24
const routeRow = 18

/** Most nodes with a full card. */
const mostFull = 12

/** Places clients at the left, the folded control plane on top, nodes as a grid. */
export function geometryOf(input: TrafficInput): Geometry {
  const width = Math.max(input.width, 640)
  const items: MapItem[] = []
  const add = (id: string, type: string, x: number, y: number, w: number, h: number): void => void items.push({ id, type, x, y, width: w, height: h })
  const workers = input.nodes.filter((n) => !n.controlPlane)
  const masters = input.nodes.filter((n) => n.controlPlane)
  const small = workers.length > mostFull
  const left = width >= 820 ? 176 : 132
  const trunkX = margin + left + 18
  const nodesX = trunkX + 20
  const inner = width - margin - nodesX
  add('spine', 'spine', margin, input.top, width - 2 * margin, 34)
  const firstTop = input.top + 34 + 40
  const least = small ? 124 : 186
  const fitting = Math.max(1, Math.floor((inner + gutter) / (least + gutter)))
  const columns = Math.max(1, Math.min(small ? fitting : Math.min(3, fitting), Math.max(1, workers.length)))
  const rows = Math.max(1, Math.ceil(workers.length / columns))
  const cardWidth = (inner - gutter * (columns - 1)) / columns
  const strips = masters.length * 40
  const rowGap = small ? 16 : 28
  const room = (input.height - input.bottom - strips - firstTop - 12 - rowGap * (rows - 1)) / rows
  const cardHeight = small ? 46 : Math.max(236, Math.min(540, Math.floor(room)))
  const cells = new Map<string, { row: number; column: number }>()
  const rowTops = Array.from({ length: rows }, (_, r) => firstTop + r * (cardHeight + rowGap))
  workers.forEach(({ key }, i) => {
    const cell = { row: Math.floor(i / columns), column: i % columns }
    cells.set(key, cell)
    add(`node:${key}`, small ? 'small' : 'node', nodesX + cell.column * (cardWidth + gutter), rowTops[cell.row] ?? firstTop, cardWidth, cardHeight)
  })
  let bottom = (rowTops.at(-1) ?? firstTop) + cardHeight
  for (const { key } of masters) {
    cells.set(key, { row: -1, column: 0 })
    add(`node:${key}`, 'strip', nodesX, bottom + 18, inner, 28)
    bottom += 40
  }
  const plan = planCard(cardHeight, cardWidth, input.endpoints, input.nodes.length, input.touch)
  // Clients: you, what stands before the nodes, and the Service, which is no station. A second balancer is told in short.
  let y = firstTop
  const put = (id: string, type: string, height: number, gap: number): void => {
    add(id, type, margin, y, left, height)
    y += height + gap
  }
  put('you', 'you', 98, 30)
  input.balancers.slice(0, 2).forEach((name, i) => put(`balancer:${name}`, 'balancer', i === 0 ? 58 + 22 * Math.min(4, workers.length) : 46, 16))
  put('service', 'service', small ? 132 : Math.max(108, Math.min(164, bottom - y)), 16)
  // What many small cards cannot say stands in one: the rules of the node that is looked at.
  if (small) put('rules', 'rules', boxHead + 26 + rowHeight * Math.min(8, Math.max(3, input.endpoints)) + 86, 16)
  bottom = Math.max(bottom, y - 16)
  const shown = new Map<string, readonly string[]>()
  for (const { key } of workers) {
    const all = input.pods.get(key) ?? []
    shown.set(key, small ? [] : all.slice(0, plan.tiles))
  }
  return { width, height: bottom + 12 + input.bottom, top: input.top, bottom: input.bottom, small, items, byId: new Map(items.map((item) => [item.id, item])), plan, trunkX, cells, rowTops, cardHeight, shown }
}

/** What of a card has room. Rules go before routes, routes before more pods. */
export function planCard(height: number, width: number, endpoints: number, nodes: number, touch: boolean): CardPlan {
  const wide = width - 22 >= 220
  const tile = touch ? 44 : wide ? 36 : 24
  const columns = wide ? 2 : 1
  const wanted = Math.min(5, Math.max(1, endpoints))
  const left = height - head - podsHead - 2 * (tile + 4) - 8
  const routeRows = Math.min(4, nodes)
  const routesHeight = boxHead + routeRow * routeRows + 2
  const withRoutes = left - routesHeight - 8 >= boxHead + 26 + 2 * rowHeight + 42
  const forRules = left - (withRoutes ? routesHeight + 8 : 0)
  const fitting = (foot: number): number => Math.max(0, Math.min(wanted, Math.floor((forRules - boxHead - 26 - foot) / rowHeight)))
  // Endpoints before the line that tells what was rewritten.
  const foot = fitting(42) >= Math.min(wanted, 3) ? 42 : 2
  const rules = { y: head, height: boxHead + 26 + rowHeight * fitting(foot) + foot, rows: fitting(foot), foot: foot > 2 }
  const routes = withRoutes ? { y: rules.y + rules.height + 8, height: routesHeight, rows: routeRows } : { y: rules.y + rules.height, height: 0, rows: 0 }
  const podsY = routes.y + routes.height + 6
  const tiles = columns * Math.max(1, Math.floor((height - podsY - podsHead - 4) / (tile + 4)))
  return { rules, routes, podsY, columns, tile, tiles }
}

/** The rectangle of a pod's tile; undefined when it has none. */
export function tileOf(geometry: Geometry, node: string, pod: string): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | undefined {
  const item = geometry.byId.get(`node:${node}`)
  const i = geometry.shown.get(node)?.indexOf(pod) ?? -1
  if (!item || i < 0) return undefined
  const { columns, tile, podsY } = geometry.plan
  const width = (item.width - 22 - 6 * (columns - 1)) / columns
  return { x: item.x + 11 + (i % columns) * (width + 6), y: item.y + podsY + podsHead + Math.floor(i / columns) * (tile + 4), width, height: tile }
}

/** Middle of a rule's row in a node's card. What is not among the rows (-1) passes at the box's foot, or where there is none in its head. */
export function ruleY(geometry: Geometry, node: string, row: number): number {
  const item = geometry.byId.get(`node:${node}`)
  const { rules } = geometry.plan
  if (!item) return 0
  if (item.type !== 'node') return item.y + item.height / 2
  if (row < 0 || rules.rows === 0) return item.y + rules.y + (rules.foot ? rules.height - 12 : boxHead / 2)
  return item.y + rules.y + boxHead + 26 + rowHeight * (Math.min(row, rules.rows - 1) + 0.5)
}

/** Middle of a route's row. */
export function routeY(geometry: Geometry, node: string, row: number): number {
  const item = geometry.byId.get(`node:${node}`)
  const { routes, rules } = geometry.plan
  if (!item) return 0
  if (item.type !== 'node') return item.y + item.height / 2
  return routes.rows === 0 ? item.y + rules.y + rules.height - 8 : item.y + routes.y + boxHead + routeRow * (Math.min(Math.max(0, row), routes.rows - 1) + 0.5)
}
