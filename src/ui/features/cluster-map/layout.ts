import type { MapItem } from './flow'

/** How closely nodes are drawn on the map. */
export type Level = 'pods' | 'cards' | 'tiles'

/** What the layout depends on. It changes only when a node or a component comes or goes, or the window is resized. */
export interface LayoutInput {
  readonly width: number
  readonly height: number
  /** Room that the caption takes at the top. */
  readonly top: number
  /** Room that legend and zoom take at the bottom. */
  readonly bottom: number
  readonly level: Level
  readonly components: readonly string[]
  readonly nodes: readonly { readonly key: string; readonly zone: string; readonly controlPlane: boolean }[]
}

/** Where everything is. */
export interface Layout {
  readonly width: number
  readonly height: number
  /** Room at the top that the caption takes. */
  readonly top: number
  readonly bottom: number
  readonly level: Level
  /** Side of a node's tile. */
  readonly tileSize: number
  readonly compact: boolean
  readonly items: readonly MapItem[]
  readonly byId: ReadonlyMap<string, MapItem>
  /** Item that stands for a node: its card, or its zone. */
  readonly ofNode: ReadonlyMap<string, string>
  readonly zones: ReadonlyMap<string, readonly string[]>
}

const margin = 16
const gutter = 11

/** Heights from roomy to dense; the first that fits is taken. */
const densities: readonly [Density, Density, Density, Density] = [
  { component: 138, gap: 46, node: 238 },
  { component: 116, gap: 40, node: 232 },
  { component: 46, gap: 30, node: 238 },
  { component: 46, gap: 30, node: 176 },
]

interface Density {
  readonly component: number
  readonly gap: number
  /** Least height of a full node card. */
  readonly node: number
}

/** Places everything by design §2: control plane above, the spine, nodes below. */
export function layOut(input: LayoutInput): Layout {
  const width = Math.max(input.width, 640)
  const items: MapItem[] = []
  const add = (id: string, type: string, x: number, y: number, w: number, h: number): void => void items.push({ id, type, x, y, width: w, height: h })

  const full = input.level === 'pods'
  const workers = input.nodes.filter((node) => !node.controlPlane)
  const masters = full ? input.nodes.filter((node) => node.controlPlane) : []
  const strips = masters.length * 40
  const spineHeight = full ? 76 : 38
  const cards = gridOf(full ? workers.length : input.nodes.length, full, width)
  const heightOf = ({ component, gap, node }: Density): number => input.top + component + 2 * gap + spineHeight + cards.rows * (node + cards.space) - cards.space + strips + input.bottom
  const [roomy, , , dense] = densities
  const wide = (density: Density): boolean => density.component < 100 || width >= 760
  // Far too tall even when dense: it must be moved about anyway, so it may as well be easy to read.
  const hopeless = full && width >= 760 && heightOf(dense) > input.height * 1.3
  const density = !full ? dense : hopeless ? roomy : (densities.find((d) => wide(d) && heightOf(d) <= input.height) ?? dense)
  const compact = density.component < 100

  placeComponents(input.components, width, input.top, density.component, compact, add)
  const spineY = input.top + density.component + density.gap
  add('kube-apiserver', 'spine', margin, spineY, width - 2 * margin, spineHeight)
  const nodesY = spineY + spineHeight + density.gap

  const zones = new Map<string, string[]>()
  const ofNode = new Map<string, string>()
  let bottom: number
  let tileSize = 20
  if (input.level === 'tiles') {
    const placed = placeZones(input, width, nodesY, zones, ofNode, add)
    bottom = placed.bottom
    tileSize = placed.tileSize
  } else {
    for (const { key } of input.nodes) ofNode.set(key, `node:${key}`)
    const height = full ? Math.min(520, Math.max(density.node, Math.floor((input.height - nodesY - input.bottom - strips - cards.space * (cards.rows - 1)) / cards.rows))) : 92
    ;(full ? workers : input.nodes).forEach(({ key }, i) =>
      add(`node:${key}`, full ? 'node' : 'small', margin + (i % cards.columns) * (cards.width + cards.space), nodesY + Math.floor(i / cards.columns) * (height + cards.space), cards.width, height),
    )
    bottom = nodesY + cards.rows * (height + cards.space) - cards.space
    for (const { key } of masters) {
      add(`node:${key}`, 'strip', margin, bottom + 10, width - 2 * margin, 30)
      bottom += 40
    }
  }
  return { width, height: bottom + input.bottom, top: input.top, bottom: input.bottom, level: input.level, compact, tileSize, items, byId: new Map(items.map((item) => [item.id, item])), ofNode, zones }
}

type Add = (id: string, type: string, x: number, y: number, w: number, h: number) => void

/** Natural widths; what is left over goes to the one with the most to show. */
const widths: Readonly<Record<string, number>> = { you: 100, etcd: 164, 'kube-scheduler': 150, 'kube-controller-manager': 200, 'cloud-controller-manager': 184 }
const shortWidths: Readonly<Record<string, number>> = { you: 84, etcd: 130, 'kube-scheduler': 110, 'kube-controller-manager': 150, 'cloud-controller-manager': 130 }

function placeComponents(components: readonly string[], width: number, y: number, height: number, compact: boolean, add: Add): void {
  const table = width < 800 || compact ? shortWidths : widths
  const shown = ['you', 'etcd', 'kube-scheduler', 'kube-controller-manager', 'cloud-controller-manager'].filter((id) => id === 'you' || components.includes(id))
  const natural = shown.reduce((sum, id) => sum + (table[id] ?? 0), 0) + gutter * (shown.length - 1)
  const spare = Math.max(0, width - 2 * margin - natural)
  // A wide map gives the controllers most of the spare room, and some to the command and the members.
  const share: Readonly<Record<string, number>> = shown.includes('cloud-controller-manager') ? { you: 0.2, etcd: 0.2, 'kube-scheduler': 0.2, 'kube-controller-manager': 0.3, 'cloud-controller-manager': 0.1 } : { you: 0.14, etcd: 0.16, 'kube-scheduler': 0.1, 'kube-controller-manager': 0.6 }
  const total = shown.reduce((sum, id) => sum + (share[id] ?? 0), 0)
  let x = margin
  shown.forEach((id, i) => {
    const w = i === shown.length - 1 ? width - margin - x : Math.round((table[id] ?? 0) + (spare * (share[id] ?? 0)) / total)
    add(id, id, x, y, w, height)
    x += w + gutter
  })
}

/** Full cards in rows of up to three, at least 240 wide where that is possible; small ones as many as fit. */
function gridOf(count: number, full: boolean, width: number): { readonly columns: number; readonly rows: number; readonly width: number; readonly space: number } {
  const space = full ? 16 : 8
  const inner = width - 2 * margin
  const least = full ? (inner >= 752 ? 240 : 200) : 136
  const fitting = Math.max(1, Math.floor((inner + space) / (least + space)))
  const columns = Math.max(1, full ? Math.min(3, fitting, Math.max(count, 1)) : fitting)
  return { columns, rows: Math.max(1, Math.ceil(count / columns)), width: (inner - space * (columns - 1)) / columns, space }
}

/** One card per zone with a tile per node, as large as there is room for, 20 to 56. */
function placeZones(input: LayoutInput, width: number, y: number, zones: Map<string, string[]>, ofNode: Map<string, string>, add: Add): { readonly bottom: number; readonly tileSize: number } {
  for (const { key, zone } of input.nodes) {
    const keys = zones.get(zone)
    if (keys) keys.push(key)
    else zones.set(zone, [key])
    ofNode.set(key, `zone:${zone}`)
  }
  const names = [...zones.keys()].sort((a, b) => (a < b ? -1 : 1))
  const columns = Math.max(1, Math.min(names.length, Math.floor((width - 2 * margin + 16) / (200 + 16))))
  const rows = Math.ceil(names.length / columns)
  const w = (width - 2 * margin - 16 * (columns - 1)) / columns
  const room = (input.height - y - input.bottom - 4 - 16 * (rows - 1)) / rows
  const most = Math.max(...names.map((name) => zones.get(name)?.length ?? 0))
  const heightFor = (size: number, count: number): number => 34 + Math.ceil(count / tilesPerRow(w, size)) * (size + tileSpace) + 8
  let tileSize = 56
  while (tileSize > 20 && heightFor(tileSize, most) > room) tileSize -= 2
  const h = heightFor(tileSize, most)
  names.forEach((name, i) => add(`zone:${name}`, 'zone', margin + (i % columns) * (w + 16), y + Math.floor(i / columns) * (h + 16), w, h))
  return { bottom: y + rows * (h + 16) - 16, tileSize }
}

/** Where tiles begin in a zone's card. */
export const tilesAt = { x: 10, y: 34 } as const

/** The tile of a node in its zone's card. */
export function tileBox(layout: Layout, node: string): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null {
  const id = layout.ofNode.get(node) ?? ''
  const zone = layout.byId.get(id)
  const at = layout.zones.get(id.slice('zone:'.length))?.indexOf(node) ?? -1
  if (!zone || at < 0) return null
  const perRow = tilesPerRow(zone.width, layout.tileSize)
  const pitch = layout.tileSize + tileSpace
  return { x: zone.x + tilesAt.x + (at % perRow) * pitch, y: zone.y + tilesAt.y + Math.floor(at / perRow) * pitch, width: layout.tileSize, height: layout.tileSize }
}

/** Between two tiles. */
export const tileSpace = 2.6

/** How many tiles of a size stand side by side in a zone card of this width. */
export function tilesPerRow(width: number, size: number): number {
  return Math.max(1, Math.floor((width - 20 + tileSpace) / (size + tileSpace)))
}
