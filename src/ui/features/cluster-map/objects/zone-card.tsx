import { useCallback, useRef, useState, type KeyboardEvent } from 'react'
import type { NodeRow, Usage } from '../../../../bridge/protocol'
import { Glyph, cx, glyphTone, type GlyphName } from '../../../kit'
import { useKubeloop, useRow, useRows, useUi } from '../../../state'
import type { MapItem } from '../flow'
import { tileSpace, tilesAt, tilesPerRow } from '../layout'
import { useLayout } from '../layout-context'
import { Bars } from './bars'
import { NodeHead, nodeLabel, nodeTone, reaches } from './node-card'
import { paintGlyph, paints, prepare } from './paint'
import { PodDots } from './pod-dots'
import { usePaint } from './use-paint'

const { x: left, y: top } = tilesAt

/** A zone with one tile per node on a canvas; the tile under the pointer or the focus is a real button with a loupe. */
export function ZoneCard({ item }: { readonly item: MapItem }) {
  const kubeloop = useKubeloop()
  const zone = item.id.slice('zone:'.length)
  const { zones, tileSize } = useLayout()
  const tilePitch = tileSize + tileSpace
  const keys = zones.get(zone) ?? []
  const [at, setAt] = useState(0)
  const [loupe, setLoupe] = useState(false)
  const selected = useUi((ui) => (ui.selection?.kind === 'node' ? ui.selection.key : ''))
  const perRow = tilesPerRow(item.width, tileSize)
  const current = keys[Math.min(at, keys.length - 1)]
  const node = useRow(kubeloop.nodes, current ?? '')
  const button = useRef<HTMLButtonElement>(null)

  const tileAt = (x: number, y: number, rect: DOMRect): number => {
    const scale = rect.width / item.width
    const column = Math.floor(((x - rect.left) / scale - left) / tilePitch)
    const row = Math.floor(((y - rect.top) / scale - top) / tilePitch)
    const i = row * perRow + column
    return column < 0 || column >= perRow || row < 0 || i >= keys.length ? -1 : i
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + perRow, ArrowUp: at - perRow }[event.key]
    if (next === undefined || next < 0 || next >= keys.length) return
    event.stopPropagation()
    event.preventDefault()
    setAt(next)
    setLoupe(true)
  }
  const x = left + (at % perRow) * tilePitch
  const y = top + Math.floor(at / perRow) * tilePitch
  return (
    <section
      className="node zone" aria-label={`Zone ${zone || 'unnamed'}`} onPointerLeave={() => setLoupe(false)}
      onPointerMove={(event) => {
        if (event.pointerType !== 'mouse' || event.buttons > 0) return
        const i = tileAt(event.clientX, event.clientY, event.currentTarget.getBoundingClientRect())
        if (i >= 0 && i !== at) setAt(i)
        setLoupe(i >= 0)
      }}
      onPointerDown={(event) => {
        const i = tileAt(event.clientX, event.clientY, event.currentTarget.getBoundingClientRect())
        if (i >= 0) setAt(i)
      }}
    >
      <ZoneHead zone={zone} keys={keys} />
      <Tiles keys={keys} perRow={perRow} width={item.width} height={item.height} side={tileSize} />
      {node && (
        <button
          ref={button} type="button" tabIndex={-1} className={cx('tile', (loupe || selected === node.key) && 'shown')} style={{ left: x - 2, top: y - 2, width: tileSize + 4, height: tileSize + 4 }}
          data-obj={`node:${node.key}`} data-level="0" aria-label={nodeLabel(node)} aria-pressed={selected === node.key} aria-keyshortcuts="K C D"
          onFocus={() => setLoupe(true)} onBlur={() => setLoupe(false)} onKeyDown={onKeyDown}
        />
      )}
      {loupe && node && <Loupe node={node} x={x} y={y + tileSize + 6} width={item.width} />}
    </section>
  )
}

function ZoneHead({ zone, keys }: { readonly zone: string; readonly keys: readonly string[] }) {
  const kubeloop = useKubeloop()
  useRows(kubeloop.nodes)
  useRows(kubeloop.pods) // counts come from the whole cluster
  let count = 0
  let down = 0
  for (const key of keys) {
    count += kubeloop.podGroups.of(key).length
    if (kubeloop.nodes.get(key)?.ready !== 'True') down++
  }
  return (
    <div className="hd px-2.5">
      <Glyph name={down > 0 ? 'err' : 'ok'} />
      <span className="text-13 font-semibold">{zone || 'no zone'}</span>
      <span className="flex-1" />
      <span className="text-11 text-text3">{keys.length} nodes, {count} pods{down > 0 ? `, ${down} not ready` : ''}</span>
    </div>
  )
}

function Tiles({ keys, perRow, width, height, side }: { readonly keys: readonly string[]; readonly perRow: number; readonly width: number; readonly height: number; readonly side: number }) {
  const { nodes, pods, podGroups } = useKubeloop()
  const theme = useUi((ui) => ui.theme)
  const canvas = useRef<HTMLCanvasElement>(null)
  usePaint(
    () => {
      const g = canvas.current && prepare(canvas.current, width, height)
      if (!g) return
      const color = paints(theme)
      keys.forEach((key, i) => {
        const node = nodes.get(key)
        if (!node) return
        const x = left + (i % perRow) * (side + tileSpace)
        const y = top + Math.floor(i / perRow) * (side + tileSpace)
        const calm = node.glyph === 'ok' && reaches(node)
        g.fillStyle = calm ? color(heat(node.cpu)) : color('bg2')
        g.beginPath()
        g.roundRect(x, y, side, side, 3)
        g.fill()
        if (side >= 40) paintPods(g, podGroups.of(key), (pod) => pods.get(pod)?.glyph, x, y, side, color)
        if (calm) return
        const tone = nodeTone(node)
        g.strokeStyle = color(tone)
        g.lineWidth = 1.5
        g.setLineDash(node.unschedulable || node.ready === 'Unknown' || !reaches(node) ? [3, 2] : [])
        g.beginPath()
        g.roundRect(x + 0.75, y + 0.75, side - 1.5, side - 1.5, 3)
        g.stroke()
        paintGlyph(g, node.glyph, x + 4, y + (side >= 40 ? 2 : 4), 12, color, tone)
      })
    },
    useCallback(
      (wake: () => void) => {
        const stops = [nodes.subscribeAll(wake), pods.subscribeAll(wake)]
        return () => stops.forEach((stop) => stop())
      },
      [nodes, pods],
    ),
  )
  return <canvas ref={canvas} className="pointer-events-none absolute top-0 left-0" style={{ width, height }} aria-hidden="true" />
}

/** The pods of a tile as squares of 4, in the colour of their status, on the lower part of a large tile. */
function paintPods(g: CanvasRenderingContext2D, keys: readonly string[], glyph: (key: string) => GlyphName | undefined, x: number, y: number, side: number, color: ReturnType<typeof paints>): void {
  const head = 16
  g.fillStyle = color('bg1')
  g.fillRect(x + 2, y + head, side - 4, side - head - 2)
  const perRow = Math.floor((side - 6) / 5)
  const room = perRow * Math.floor((side - head - 3) / 5)
  for (let i = 0; i < Math.min(room, keys.length); i++) {
    const name = glyph(keys[i] ?? '')
    if (!name) continue
    g.fillStyle = color(glyphTone[name])
    g.fillRect(x + 3.5 + (i % perRow) * 5, y + head + 2 + Math.floor(i / perRow) * 5, 4, 4)
  }
}

type Heat = 'heat0' | 'heat1' | 'heat2' | 'heat3' | 'heat4' | 'heat5'
const heats: readonly Heat[] = ['heat0', 'heat1', 'heat2', 'heat3', 'heat4', 'heat5']

/** Requested of what can be allocated, in six steps of one hue. */
export function heat({ requested, allocatable }: Usage): Heat {
  const part = allocatable > 0 ? requested / allocatable : 0
  return heats[Math.min(5, Math.floor(part * 6))] ?? 'heat0'
}

function Loupe({ node, x, y, width }: { readonly node: NodeRow; readonly x: number; readonly y: number; readonly width: number }) {
  const { podGroups } = useKubeloop()
  const count = podGroups.of(node.key).length
  const rows = Math.min(5, Math.ceil(count / 16))
  return (
    <div className="loupe" style={{ left: Math.min(Math.max(0, x - 110), Math.max(0, width - 254)), top: y }}>
      <div className="pointer-events-none" inert><NodeHead node={node} selected={false} /></div>
      <Bars node={node} />
      {rows > 0 && <PodDots node={node.key} width={232} height={rows * 14} />}
      <div className="mt-1 text-11 text-text3">{count} pods{count > rows * 16 ? `, ${rows * 16} shown` : ''}</div>
    </div>
  )
}
