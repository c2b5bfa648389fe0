import { useEffect, useMemo, type ComponentType, type ReactNode } from 'react'
import { ReactFlow, ReactFlowProvider, ViewportPortal, useReactFlow, useStore, type Node, type NodeProps, type Viewport } from '@xyflow/react'
import '@xyflow/react/dist/base.css'

/** A thing with a place on the map. The list changes only when things come, go or move; what they show is their own business. */
export interface MapItem {
  readonly id: string
  /** Which component draws it. */
  readonly type: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What draws an item: it gets the item and subscribes to the rest itself. */
export type ItemComponent = ComponentType<{ readonly item: MapItem }>

/** What can be done to the view of the map. Coordinates of the map's world. */
export interface MapView {
  zoomBy(factor: number): void
  /** Shows the world; what lies over its `top` and `bottom` keeps its size, so they do not shrink. Never larger than life. */
  fit(world: { readonly width: number; readonly height: number; readonly top: number; readonly bottom: number }, smallest: number): void
  /** Where the window lies in the world, and its size on screen. */
  read(): { readonly x: number; readonly y: number; readonly zoom: number; readonly width: number; readonly height: number }
  /** Puts a point of the world at a point of the window, as far as no more than a margin of the window stays empty. */
  place(point: Point, window: Point, zoom: number, world: { readonly width: number; readonly height: number }): void
  /** Moves just as far as an element on the map needs to be seen; `cover` is what lies over a part of the map. */
  reveal(element: Element, cover?: Element | null): void
}

interface Point {
  readonly x: number
  readonly y: number
}

interface FlowProps {
  readonly items: readonly MapItem[]
  readonly types: Readonly<Record<string, ItemComponent>>
  /** Only what is in sight is drawn: for many items. */
  readonly sparse: boolean
  /** Drawn in the world's coordinates, over the items. */
  readonly over: ReactNode
  /** Hands out the view once it is there. */
  readonly onView: (view: MapView) => void
  /** Drawn over the map, in the window's coordinates. */
  readonly controls: ReactNode
  /** A person has moved the view. */
  readonly onMoved: () => void
}

/** The one place that knows React Flow: pan, zoom and pinch over items that draw themselves. */
export function Flow(props: FlowProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  )
}

type ItemNode = Node<{ readonly item: MapItem }>

const minZoom = 0.2
const maxZoom = 4

function Canvas({ items, types, sparse, over, controls, onView, onMoved }: FlowProps) {
  const nodes = useMemo(
    () => items.map((item): ItemNode => ({
      id: item.id, type: item.type, position: { x: item.x, y: item.y }, width: item.width, height: item.height, data: { item },
      style: { pointerEvents: 'all' }, // React Flow takes it away from nodes that it does not select itself
    })),
    [items],
  )
  const nodeTypes = useMemo(
    () => Object.fromEntries(Object.entries(types).map(([name, Item]) => [name, function Drawn({ data }: NodeProps<ItemNode>) { return <Item item={data.item} /> }])),
    [types],
  )
  return (
    <ReactFlow
      nodes={nodes} nodeTypes={nodeTypes} onlyRenderVisibleElements={sparse}
      minZoom={minZoom} maxZoom={maxZoom} zoomOnDoubleClick={false}
      nodesDraggable={false} nodesConnectable={false} nodesFocusable={false} edgesFocusable={false} elementsSelectable={false}
      deleteKeyCode={null} selectionKeyCode={null} multiSelectionKeyCode={null} panActivationKeyCode={null} zoomActivationKeyCode={null} disableKeyboardA11y
      proOptions={{ hideAttribution: false }} attributionPosition="bottom-center"
      onMoveEnd={(event) => event && onMoved()}
    >
      <ViewportPortal>{over}</ViewportPortal>
      {controls}
      <ViewControl onView={onView} />
    </ReactFlow>
  )
}

function ViewControl({ onView }: { readonly onView: (view: MapView) => void }) {
  const flow = useReactFlow()
  const box = useStore((s) => s.domNode)
  useEffect(() => {
    if (!box) return
    const view: MapView = {
      zoomBy: (factor) => void flow.zoomTo(flow.getZoom() * factor, { duration: 0 }),
      fit: ({ width, height, top, bottom }, smallest) => {
        const { clientWidth, clientHeight } = box
        const across = Math.min(1, clientWidth / width)
        const whole = Math.min(across, (clientHeight - top - bottom) / (height - top - bottom))
        const zoom = Math.max(smallest, whole < smallest ? across : whole) // too tall to be shown whole: begin at the top, to be read
        void flow.setViewport({ x: Math.max(0, (clientWidth - width * zoom) / 2), y: top * (1 - zoom), zoom } satisfies Viewport)
      },
      read: () => ({ ...flow.getViewport(), width: box.clientWidth, height: box.clientHeight }),
      place: (point, window, wanted, world) => {
        const zoom = Math.min(maxZoom, Math.max(minZoom, wanted))
        void flow.setViewport({
          x: kept(window.x - point.x * zoom, world.width * zoom, box.clientWidth),
          y: kept(window.y - point.y * zoom, world.height * zoom, box.clientHeight), zoom,
        })
      },
      reveal: (element, cover) => {
        const outer = openPart(box.getBoundingClientRect(), cover?.getBoundingClientRect())
        const inner = element.getBoundingClientRect()
        const viewport = flow.getViewport()
        const dx = overshoot(inner.left, inner.right, outer.left + 16, outer.right - 16)
        const dy = overshoot(inner.top, inner.bottom, outer.top + 56, outer.bottom - 32)
        if (dx !== 0 || dy !== 0) void flow.setViewport({ ...viewport, x: viewport.x - dx, y: viewport.y - dy })
      },
    }
    onView(view)
  }, [flow, box, onView])
  return null
}

/** What of a box is not covered by a sheet along its bottom or a panel at its right. */
function openPart({ left, right, top, bottom }: DOMRect, cover: DOMRect | undefined): { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number } {
  if (!cover || cover.left >= right || cover.top >= bottom || cover.right <= left || cover.bottom <= top) return { left, right, top, bottom }
  return cover.left <= left + 1 ? { left, right, top, bottom: cover.top } : { left, right: cover.left, top, bottom }
}

/** Where something of a length begins in a room: in its middle when it is shorter, else at most a margin away from its ends. */
function kept(from: number, length: number, room: number): number {
  const margin = 40
  return length <= room ? (room - length) / 2 : Math.min(margin, Math.max(room - length - margin, from))
}

/** How far [from, to] sticks out of [low, high]. */
function overshoot(from: number, to: number, low: number, high: number): number {
  if (from < low) return from - low
  return to > high ? Math.min(to - high, from - low) : 0
}
