import { useEffect, useEffectEvent, useMemo, useRef, useState, useSyncExternalStore, type PointerEvent, type RefObject } from 'react'
import { isCoarsePointer, lazily, useMenu } from '../../kit'
import { useKeys, useKubeloop, useSession, useUi } from '../../state'
import { Flow, useViewport, useZoomPercent, type ItemComponent, type MapView } from './flow'
import { HoverStyle } from './hover-style'
import { layOut, type Layout, type Level } from './layout'
import { LayoutContext, useLayout } from './layout-context'
import { HeartbeatSwitch, Legend, ZoomControl } from './legend'
import { handleKey, keepOneTabStop, noteFocus } from './map-keys'
import { actionsOf, activate, objectAt, type MapObject } from './map-objects'
import { MessageLayer } from './messages/message-layer'
import { EtcdCard, ManagerCard, PlainCard, YouCard } from './objects/components'
import { NodeCard } from './objects/node-card'
import { NodeStrip } from './objects/node-strip'
import { SmallCard } from './objects/small-card'
import { Spine } from './objects/spine'
import { ZoneCard } from './objects/zone-card'
import { natural } from './natural'
import { anchorOf, anchored, detailAt, levelFor, type Anchor } from './zoom-levels'
import './map.css'

/** Requests instead of the control plane's messages; loaded when it is first looked at. */
const TrafficMap = lazily(() => import('./traffic/traffic-map').then((m) => m.TrafficMap))

const types: Readonly<Record<string, ItemComponent>> = {
  you: YouCard, etcd: EtcdCard, 'kube-scheduler': PlainCard, 'kube-controller-manager': ManagerCard, 'cloud-controller-manager': PlainCard,
  spine: Spine, node: NodeCard, strip: NodeStrip, small: SmallCard, zone: ZoneCard,
}

/** Above this many nodes the map opens with tiles. */
const mostCards = 12

/** A finger that rests this long asks for the menu. Units: ms. */
const longPressMs = 500

/** The cluster: control plane above, kube-apiserver as the spine, nodes below, and the messages of the step on screen. */
export function ClusterMap() {
  const kubeloop = useKubeloop()
  const root = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<MapView | null>(null)
  const touched = useRef(false)
  const size = useSize(root)
  const layout = useMapLayout(size)
  const started = useSession((s) => s.frame > 0)
  const traffic = useUi((ui) => ui.layer === 'traffic')
  const seeking = useUi((ui) => ui.seeking)
  const anchor = useRef<Anchor | null>(null)
  const showMenu = useMenu()
  useEffect(() => {
    const kept = anchor.current && anchored(layout, anchor.current)
    if (kept && anchor.current) view?.place(kept.world, anchor.current, kept.zoom, layout)
    else if (!touched.current && !traffic) view?.fit(layout, 0.8)
    anchor.current = null
    if (root.current) keepOneTabStop(root.current)
  }, [layout, view, traffic])
  useEffect(() => { touched.current = false }, [traffic])

  const changeLevel = (level: Level): void => {
    if (!view) return
    anchor.current = anchorOf(layout, view.read())
    touched.current = true
    kubeloop.setUi({ detail: level })
  }

  const openMenu = (object: MapObject | null, anchor: { left: number; top: number; right: number; bottom: number }): void => {
    if (!object) return
    const { title, actions } = actionsOf(kubeloop, object)
    if (actions.length > 0) showMenu({ label: title, anchor, items: actions.map(({ key, ...action }) => ({ ...action, hint: key })) })
  }
  const press = useLongPress((element, x, y) => openMenu(objectAt(element), { left: x, right: x, top: y, bottom: y }))
  return (
    <LayoutContext value={layout}>
      {/* Keys and presses of all objects are heard here; each object is a button of its own. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events */}
      <div
        ref={root} className="map" role="application" aria-label="Cluster map. Arrow keys move, Enter selects, Shift F10 opens the actions." data-level={layout.level} data-seeking={seeking || undefined}
        onClick={(event) => {
          if (press.taken()) return
          const object = objectAt(event.target)
          if (object) activate(kubeloop, object)
          else if (kubeloop.ui.getState().selection) kubeloop.select(null)
        }}
        onContextMenu={(event) => {
          const object = objectAt(event.target)
          if (!object) return
          event.preventDefault()
          if (event.clientX > 0 || event.clientY > 0) openMenu(object, { left: event.clientX, right: event.clientX, top: event.clientY, bottom: event.clientY })
          else if (event.target instanceof Element) openMenu(object, event.target.getBoundingClientRect())
        }}
        onKeyDown={(event) => {
          if (!root.current || !handleKey(kubeloop, root.current, view, event, (object, element) => openMenu(object, element.getBoundingClientRect()))) return
          event.preventDefault()
          event.stopPropagation()
        }}
        onFocus={(event) => root.current && noteFocus(root.current, event.target)}
        {...press.handlers}
      >
        {started && size.width > 0 && traffic && <TrafficMap width={size.width} height={size.height} onView={setView} />}
        {started && size.width > 0 && !traffic && (
          <Flow
            items={layout.items} types={types} sparse={layout.items.length > 60} onView={setView} over={<MessageLayer />}
            onMoved={() => { touched.current = true }}
            controls={<><MapControls view={view} layout={layout} roomy={layout.height <= size.height + 8} onFit={() => { touched.current = false }} /><ZoomLevels root={root} onLevel={changeLevel} /><HoverStyle root={root} /></>}
          />
        )}
      </div>
    </LayoutContext>
  )
}

function MapControls({ view, layout, roomy, onFit }: { readonly view: MapView | null; readonly layout: Layout; readonly roomy: boolean; readonly onFit: () => void }) {
  const percent = useZoomPercent()
  const fit = (): void => {
    onFit()
    view?.fit(layout, 0.2)
  }
  return (
    <>
      {!roomy || (layout.compact && layout.level === 'pods') ? null : <Legend tiles={layout.level === 'tiles'} />}
      <ZoomControl percent={percent} zoomBy={(factor) => view?.zoomBy(factor)} fit={fit}><HeartbeatSwitch /></ZoomControl>
    </>
  )
}

/** Follows the zoom: full cards say more or less, and of many nodes another level is shown. */
function ZoomLevels({ root, onLevel }: { readonly root: RefObject<HTMLElement | null>; readonly onLevel: (level: Level) => void }) {
  const viewport = useViewport()
  const layout = useLayout()
  const change = useEffectEvent(onLevel)
  useEffect(() => {
    let frame = 0
    const look = (): void => {
      const [, , zoom] = viewport.read()
      root.current?.setAttribute('data-zoom', layout.level === 'pods' ? detailAt(zoom) : 'mid')
    }
    look()
    const stop = viewport.subscribe(() => {
      look()
      frame ||= requestAnimationFrame(() => {
        frame = 0
        const level = layout.ofNode.size > mostCards ? levelFor(layout, viewport.read()[2]) : null
        if (level) change(level)
      })
    })
    return () => {
      stop()
      cancelAnimationFrame(frame)
    }
  }, [root, viewport, layout])
  return null
}

/** The layout; it changes only when something comes or goes, or the window is resized. */
function useMapLayout({ width, height }: { readonly width: number; readonly height: number }): Layout {
  const { nodes } = useKubeloop()
  const keys = useKeys(nodes)
  const detail = useUi((ui) => ui.detail)
  const components = useSession((s) => s.components.map(({ key }) => key).join(' '))
  // Roles and zones of a node are part of the structure too: they seldom change, and then everything moves.
  const places = useSyncExternalStore((wake) => nodes.subscribeAll(wake), () => keys.map((key) => `${key} ${nodes.get(key)?.zone ?? ''} ${nodes.get(key)?.roles ?? ''}`).join('\n'))
  return useMemo(() => {
    const level = keys.length <= mostCards ? 'pods' : detail === 'auto' ? 'tiles' : detail
    const rows = places === '' ? [] : places.split('\n').map((line) => line.split(' '))
    return layOut({
      width: width || 864, height: height || 636, top: innerWidth < 600 ? 12 : 58, bottom: isCoarsePointer() ? 56 : 30, level,
      components: components === '' ? [] : components.split(' '),
      nodes: rows.map(([key = '', zone = '', roles = '']) => ({ key, zone, controlPlane: roles.includes('control-plane') })).sort((a, b) => natural(a.key, b.key)),
    })
  }, [width, height, keys.length, detail, components, places])
}

function useSize(element: React.RefObject<HTMLElement | null>): { readonly width: number; readonly height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 })
  useEffect(() => {
    if (!element.current) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: Math.round(entry.contentRect.width), height: Math.round(entry.contentRect.height) })
    })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return size
}

/** A finger that stays where it is opens the menu; the click that follows is not one. */
function useLongPress(open: (element: EventTarget, x: number, y: number) => void) {
  const timer = useRef(0)
  const from = useRef({ x: 0, y: 0 })
  const fired = useRef(false)
  const cancel = (): void => clearTimeout(timer.current)
  return {
    taken: (): boolean => {
      const was = fired.current
      fired.current = false
      return was
    },
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        fired.current = false
        cancel()
        if (event.pointerType === 'mouse') return
        const { target, clientX, clientY } = event
        from.current = { x: clientX, y: clientY }
        timer.current = window.setTimeout(() => {
          fired.current = true
          open(target, clientX, clientY)
        }, longPressMs)
      },
      onPointerMove: (event: PointerEvent) => {
        if (Math.hypot(event.clientX - from.current.x, event.clientY - from.current.y) > 10) cancel()
      },
      onPointerUp: cancel,
      onPointerCancel: cancel,
    },
  }
}
