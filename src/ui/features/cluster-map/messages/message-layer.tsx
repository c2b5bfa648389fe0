import { memo, useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import type { NodeRow, StepRow } from '../../../../bridge/protocol'
import { cx } from '../../../kit'
import { useKubeloop, useSession, useUi, type Kubeloop } from '../../../state'
import { useLayout } from '../layout-context'
import { Heartbeats } from './heartbeats'
import { placePills, type Pill } from './pills'
import { along, drawnHops, endOf, pathOf, streams, type DrawnHop, type Route, type Stream } from './routes'

/** Steps before the present one that stay as a grey trail. */
const trailLength = 4

/** Every message on the map, drawn from the hops of steps and from nothing else. */
export function MessageLayer() {
  const layout = useLayout()
  const kubeloop = useKubeloop()
  const heartbeats = useUi((ui) => ui.heartbeats)
  const step = useSession((s) => s.current)
  const current = useMemo(() => (step ? drawnHops(layout, step) : []), [layout, step])
  const trail = useMemo(() => (step ? trailOf(kubeloop, step.n).flatMap((s) => drawnHops(layout, s).slice(0, 1)) : []), [kubeloop, layout, step])
  const pills = useMemo(
    () => placePills([...byWeight(current).map((hop) => ({ hop, current: true })), ...trail.map((hop) => ({ hop: { ...hop, number: String(hop.step) }, current: false }))], layout.width),
    [current, trail, layout.width],
  )
  const busy = new Set(current.map((hop) => hop.key.replace(/^\w+ /, '')))
  return (
    <div className="messages" style={{ width: layout.width, height: layout.height }}>
      <svg width={layout.width} height={layout.height} className="lines" aria-hidden="true">
        <Streams busy={busy} taken={pills} />
        {trail.map((hop) => !pills.some((p) => p.current && p.hop.route.mark.x === hop.route.mark.x && p.hop.route.gap === hop.route.gap) && <Line key={`${hop.step} ${hop.key}`} hop={hop} current={false} />)}
        {heartbeats && <Heartbeats />}
        {current.map((hop) => <g key={hop.key} data-wave={hop.wave}><Line hop={hop} current /></g>)}
      </svg>
      {pills.map((pill) => <PillView key={`${pill.hop.step} ${pill.hop.key}`} pill={pill} />)}
      {step && <Travellers step={step} hops={current} width={layout.width} height={layout.height} />}
    </div>
  )
}

const weights: Readonly<Record<DrawnHop['kind'], number>> = { write: 0, read: 3, store: 1, watch: 2 }

/** What changes something first: when there is not room for all labels, a read is the one that goes without. */
const byWeight = (hops: readonly DrawnHop[]): readonly DrawnHop[] => hops.toSorted((a, b) => weights[a.kind] - weights[b.kind])

/** The steps before one, newest first. */
function trailOf(kubeloop: Kubeloop, n: number): readonly StepRow[] {
  const { steps } = kubeloop
  const end = steps.indexOf(n)
  return steps.rows.slice(Math.max(0, end - trailLength), end).toReversed()
}

function Streams({ busy, taken }: { readonly busy: ReadonlySet<string>; readonly taken: readonly Pill[] }) {
  const layout = useLayout()
  const { nodes } = useKubeloop()
  const components = useSession((s) => s.components)
  // What streams depend on, as one string: it changes when a node is cut off or heard again, not with every row.
  const cuts = useSyncExternalStore(useCallback((wake: () => void) => nodes.subscribeAll(wake), [nodes]), () => cutsOf(layout.ofNode.keys(), (key) => nodes.get(key)))
  const all = useMemo(() => {
    void cuts
    return streams(layout, components, (key) => nodes.get(key))
  }, [layout, components, nodes, cuts])
  return all.map((stream) => <StreamView key={stream.id} stream={stream} busy={busy.has(`kube-apiserver ${stream.id}`)} covered={taken.some((pill) => isOver(pill, stream.route.mark))} />)
}

/** True when a pill stands where the words beside a cut stream would. */
const isOver = ({ x, y, width }: Pill, mark: Route['mark']): boolean => Math.abs(y + 10 - mark.y) < 20 && x < mark.x + 120 && x + width > mark.x

/** One mark per node that is not simply heard. */
function cutsOf(keys: Iterable<string>, get: (key: string) => NodeRow | undefined): string {
  let cuts = ''
  for (const key of keys) {
    const node = get(key)
    if (node && (node.joining || !node.truth.power || !node.truth.link || !node.truth.kubelet)) cuts += `${key} ${node.joining} ${node.ready};`
  }
  return cuts
}

const StreamView = memo(function StreamView({ stream: { route, kind, cut, id }, busy, covered }: { readonly stream: Stream; readonly busy: boolean; readonly covered: boolean }) {
  if (cut !== 'no') {
    const tone = cut === 'known' ? 'err' : 'warn'
    const { x, y } = route.mark
    return (
      <g className={tone} data-end={id}>
        <path d={pathOf(route.points)} className="broken" />
        <rect x={x - 8} y={y - 9} width="16" height="18" fill="var(--bg0)" />
        <path d={`M${x - 5} ${y - 5}l10 10m0-10l-10 10`} stroke="currentColor" strokeWidth="2" />
        {id.startsWith('node:') && !covered && <text x={x + 13} y={y + 4} fill="currentColor" fontSize="11">no lease renewals</text>}
      </g>
    )
  }
  if (busy) return null
  const watcher = route.points[0]
  return (
    <g data-end={id}>
      <path d={pathOf(route.points)} className={cx('stream', kind)} />
      {kind !== 'ask' && watcher && route.points.length === 2 && <Head x={watcher.x} y={watcher.y} up={route.gap === 'upper'} color="var(--line3)" />}
    </g>
  )
})

function Head({ x, y, up, color }: { readonly x: number; readonly y: number; readonly up: boolean; readonly color: string }) {
  return <path d={up ? `M${x - 3.5} ${y + 6}L${x} ${y + 0.5}L${x + 3.5} ${y + 6}z` : `M${x - 3.5} ${y - 6}L${x} ${y - 0.5}L${x + 3.5} ${y - 6}z`} fill={color} />
}

function Line({ hop, current }: { readonly hop: DrawnHop; readonly current: boolean }) {
  const { route, kind, failed } = hop
  const color = !current ? 'var(--text3)' : failed ? 'var(--err)' : 'var(--accent)'
  const end = route.points.at(-1)
  const before = route.points.at(-2)
  return (
    <g data-end={endOf(hop)}>
      <path d={pathOf(route.points)} className={cx('hop', kind)} stroke={color} strokeWidth={current ? 2 : 1.3} />
      {end && before && end.x === before.x && <Head x={end.x} y={end.y} up={end.y < before.y} color={color} />}
      <Mark route={route} kind={kind} color={color} />
    </g>
  )
}

function Mark({ route: { mark: { x, y } }, kind, color }: { readonly route: Route; readonly kind: DrawnHop['kind']; readonly color: string }) {
  if (kind === 'watch') return <path d={`M${x} ${y - 5.5}l5.5 5.5-5.5 5.5-5.5-5.5z`} fill="var(--bg0)" stroke={color} strokeWidth="2" />
  return kind === 'read' ? <circle cx={x} cy={y} r="4.4" fill="var(--bg0)" stroke={color} strokeWidth="2" /> : <circle cx={x} cy={y} r="5" fill={color} />
}

function PillView({ pill: { hop, current, x, y, more } }: { readonly pill: Pill }) {
  const kubeloop = useKubeloop()
  const content = (
    <>
      <em>{hop.number}</em>{hop.label}
      {more > 0 && <b className="text-text3">+{more}</b>}
    </>
  )
  const props = { className: cx('msg', current && (hop.failed ? 'bad' : 'on')), style: { left: x, top: y }, 'data-wave': current ? hop.wave : undefined, 'data-end': endOf(hop) }
  // The trail leads back; the message of the present step has nowhere further to go.
  if (current) return <div {...props}>{content}</div>
  return <button type="button" tabIndex={-1} data-obj={`step:${hop.step}`} data-level="0" aria-label={`Go back to step ${hop.step}: ${hop.label}`} data-tip={`Back to step ${hop.step}`} onClick={() => kubeloop.send({ type: 'seek', to: { step: hop.step } })} {...props}>{content}</button>
}

/** A dot per hop that travels from sender to receiver while the step takes its time; at rest there is none. */
function Travellers({ step, hops, width, height }: { readonly step: StepRow; readonly hops: readonly DrawnHop[]; readonly width: number; readonly height: number }) {
  const { motion } = useKubeloop()
  const root = useRef<SVGSVGElement>(null)
  useEffect(() => {
    const svg = root.current
    const layer = svg?.parentElement
    if (!svg || !layer) return
    const waves = Math.max(1, ...hops.map((hop) => hop.wave + 1))
    const total = 900 + 300 * (waves - 1)
    const dots = [...svg.querySelectorAll('circle')]
    const waiting = [...layer.querySelectorAll<HTMLElement>('[data-wave]')]
    const paint = (): void => {
      const time = motion.progress * total
      const flash = motion.spreadMs < 300
      for (const element of waiting) element.style.visibility = motion.progress < 1 && time < Number(element.dataset.wave) * 300 ? 'hidden' : ''
      hops.forEach((hop, i) => {
        const dot = dots[i]
        const u = (time - hop.wave * 300) / 420
        const travels = motion.progress < 1 && !flash && u >= 0 && u <= 1
        dot?.setAttribute('visibility', travels ? 'visible' : 'hidden')
        if (!dot || !travels) return
        const p = along(hop.route.points, 1 - (1 - u) ** 3)
        dot.setAttribute('transform', `translate(${p.x.toFixed(1)} ${p.y.toFixed(1)})`)
      })
    }
    paint()
    return motion.subscribe(paint)
  }, [motion, hops, step])
  return (
    <svg ref={root} width={width} height={height} className="lines travellers" aria-hidden="true">
      {hops.map((hop) => <circle key={hop.key} r="4" visibility="hidden" fill={hop.failed ? 'var(--err)' : 'var(--text)'} stroke="var(--accent)" strokeWidth="1.5" />)}
    </svg>
  )
}
