import { tileBox, type Layout, type Level } from './layout'

/** On screen, below which cards say counts only, and above which pods tell more. */
const far = 0.6
const near = 1.5

/** How much is shown at a zoom of full cards. */
export function detailAt(zoom: number): 'far' | 'mid' | 'near' {
  return zoom < far ? 'far' : zoom > near ? 'near' : 'mid'
}

/** Width of what stands for a node. Units: px of the world. */
function unitOf(layout: Layout): number {
  return layout.level === 'tiles' ? layout.tileSize : (layout.items.find(({ id }) => id.startsWith('node:'))?.width ?? 1)
}

/** The level of detail that a zoom asks for, when it is another one. Both ways differ, so that it does not flicker. */
export function levelFor(layout: Layout, zoom: number): Level | null {
  const unit = unitOf(layout) * zoom
  switch (layout.level) {
    case 'tiles': return unit > 64 ? 'cards' : null
    case 'cards': return unit > 250 ? 'pods' : unit < 48 ? 'tiles' : null
    case 'pods': return unit < 180 ? 'cards' : null
  }
}

/** What stays where it is while the level changes: a node, its place in the window, and its size there. */
export interface Anchor {
  readonly node: string
  readonly x: number
  readonly y: number
  readonly unit: number
}

interface View {
  readonly x: number
  readonly y: number
  readonly zoom: number
  readonly width: number
  readonly height: number
}

/** The node closest to the middle of the window. */
export function anchorOf(layout: Layout, view: View): Anchor | null {
  let best: Anchor | null = null
  let least = Number.POSITIVE_INFINITY
  for (const key of layout.ofNode.keys()) {
    const center = centerOf(layout, key)
    if (!center) continue
    const x = view.x + center.x * view.zoom
    const y = view.y + center.y * view.zoom
    const distance = Math.hypot(x - view.width / 2, y - view.height / 2)
    if (distance < least) [best, least] = [{ node: key, x, y, unit: unitOf(layout) * view.zoom }, distance]
  }
  return best
}

/** Where the anchor's node is now, and the zoom at which a node is as large as before. */
export function anchored(layout: Layout, anchor: Anchor): { readonly world: { readonly x: number; readonly y: number }; readonly zoom: number } | null {
  const world = centerOf(layout, anchor.node)
  return world && { world, zoom: anchor.unit / unitOf(layout) }
}

function centerOf(layout: Layout, node: string): { readonly x: number; readonly y: number } | null {
  const box = layout.level === 'tiles' ? tileBox(layout, node) : layout.byId.get(layout.ofNode.get(node) ?? '')
  return box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : null
}
