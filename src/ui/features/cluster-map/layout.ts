import type { MapItem } from './flow'

/** How closely nodes are drawn on the map. */
export type Level = 'pods' | 'cards' | 'tiles'

/** What the layout depends on. It changes only when a node or a component comes or goes, or the window is resized. */
export interface LayoutInput {
  readonly width: number
  readonly height: number
  /** Room that the caption takes at the top. */
  readonly top: number
  readonly level: Level
  readonly components: readonly string[]
  readonly nodes: readonly { readonly key: string; readonly zone: string; readonly controlPlane: boolean }[]
}

/** Where everything is. */
export interface Layout {
  readonly width: number
  readonly height: number
  readonly level: Level
  readonly compact: boolean
  readonly items: readonly MapItem[]
  readonly byId: ReadonlyMap<string, MapItem>
  /** Item that stands for a node: its card, or its zone. */
  readonly ofNode: ReadonlyMap<string, string>
  readonly zones: ReadonlyMap<string, readonly string[]>
}

const margin = 16
const gutter = 11
const tile = 22.6

/** Places everything by design §2: control plane above, the spine, nodes below. */
export function layOut(input: LayoutInput): Layout {
  const width = Math.max(input.width, 640)
  const compact = input.level !== 'pods' || width < 760
  const items: MapItem[] = []
  const add = (id: string, type: string, x: number, y: number, w: number, h: number): void => void items.push({ id, type, x, y, width: w, height: h })

  const workers = input.nodes.filter((node) => !node.controlPlane)
  const masters = input.level === 'pods' ? input.nodes.filter((node) => node.controlPlane) : []
  const strips = masters.length * 40
  const tight = !compact && input.height < 620 + strips && strips > 0
  const componentHeight = compact ? 46 : tight ? 114 : 138
  const gap = compact ? 30 : tight ? 42 : 46
  const spineHeight = input.level === 'pods' ? 76 : 38

  placeComponents(input.components, width, input.top, componentHeight, compact, add)
  const spineY = input.top + componentHeight + gap
  add('kube-apiserver', 'spine', margin, spineY, width - 2 * margin, spineHeight)
  const nodesY = spineY + spineHeight + gap

  const zones = new Map<string, string[]>()
  const ofNode = new Map<string, string>()
  let bottom: number
  if (input.level === 'tiles') bottom = placeZones(input, width, nodesY, zones, ofNode, add)
  else {
    const all = input.level === 'cards' ? input.nodes : workers
    for (const { key } of input.nodes) ofNode.set(key, `node:${key}`)
    bottom = placeCards(all.map(({ key }) => key), input, width, nodesY, strips, add)
    for (const { key } of masters) {
      add(`node:${key}`, 'strip', margin, bottom + 10, width - 2 * margin, 30)
      bottom += 40
    }
  }
  return { width, height: bottom + 34, level: input.level, compact, items, byId: new Map(items.map((item) => [item.id, item])), ofNode, zones }
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

/** Full cards in rows of up to three, at least 240 wide; small ones as many as fit. Returns where they end. */
function placeCards(keys: readonly string[], input: LayoutInput, width: number, y: number, below: number, add: Add): number {
  const full = input.level === 'pods'
  const space = full ? 16 : 8
  const least = full ? 200 : 136
  const inner = width - 2 * margin
  const fitting = Math.max(1, Math.floor((inner + space) / ((full && inner >= 752 ? 240 : least) + space)))
  const columns = Math.max(1, full ? Math.min(3, fitting, Math.max(keys.length, 1)) : fitting)
  const rows = Math.max(1, Math.ceil(keys.length / columns))
  const w = (inner - space * (columns - 1)) / columns
  const room = (input.height - y - 34 - below - space * (rows - 1)) / rows
  const h = full ? Math.min(520, Math.max(width < 760 ? 176 : 238, Math.floor(room))) : 92
  keys.forEach((key, i) => add(`node:${key}`, full ? 'node' : 'small', margin + (i % columns) * (w + space), y + Math.floor(i / columns) * (h + space), w, h))
  return y + rows * h + (rows - 1) * space
}

/** One card per zone with a tile per node. */
function placeZones(input: LayoutInput, width: number, y: number, zones: Map<string, string[]>, ofNode: Map<string, string>, add: Add): number {
  for (const { key, zone } of input.nodes) {
    const keys = zones.get(zone)
    if (keys) keys.push(key)
    else zones.set(zone, [key])
    ofNode.set(key, `zone:${zone}`)
  }
  const names = [...zones.keys()].sort((a, b) => (a < b ? -1 : 1))
  const columns = Math.max(1, Math.min(names.length, Math.floor((width - 2 * margin + 16) / (200 + 16))))
  const w = (width - 2 * margin - 16 * (columns - 1)) / columns
  const perRow = tilesPerRow(w)
  const room = input.height - y - 34
  let top = y
  let tallest = 0
  names.forEach((name, i) => {
    if (i > 0 && i % columns === 0) {
      top += tallest + 16
      tallest = 0
    }
    const h = Math.max(34 + Math.ceil((zones.get(name)?.length ?? 0) / perRow) * tile + 10, i < columns && names.length <= columns ? Math.min(room, 420) : 80)
    tallest = Math.max(tallest, h)
    add(`zone:${name}`, 'zone', margin + (i % columns) * (w + 16), top, w, h)
  })
  return top + tallest
}

/** Distance of two tiles' left edges. */
export const tilePitch = tile

/** How many tiles stand side by side in a zone card of this width. */
export function tilesPerRow(width: number): number {
  return Math.max(1, Math.floor((width - 20 + 2.6) / tile))
}
