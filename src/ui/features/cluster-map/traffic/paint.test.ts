import { describe, expect, test } from 'vitest'
import type { FlowRow, Journey, JourneyTrip, TrafficFrame } from '../../../../bridge/protocol'
import { TrafficLog } from '../../../state/traffic-log'
import { geometryOf } from './geometry'
import { courseOf } from './legs'
import { TrafficPainter, type Drawn } from './paint'
import type { Places } from './ways'

const S = 1_000_000
const homes: Readonly<Record<string, string>> = { 'default/a': 'node-1', 'default/b': 'node-2', 'default/box': 'node-1', 'kube-system/dns': 'node-2' }
const geometry = geometryOf({ width: 864, height: 636, top: 58, bottom: 30, nodes: ['node-1', 'node-2', 'node-3'].map((key) => ({ key, controlPlane: false })), balancers: ['default/web'], endpoints: 2, touch: false, pods: new Map([['node-1', ['default/a', 'default/box']], ['node-2', ['default/b', 'kube-system/dns']], ['node-3', []]]) })
const places: Places = { geometry, service: 'default/web', pod: (name) => (homes[name] ? { key: name, node: homes[name], ip: name } : undefined), ruleRow: () => 0, routeRow: () => 0, isNode: (name) => name.startsWith('node-') }
const colors = { line: '#line', dot: '#dot', own: '#own', err: '#err', errSoft: '#soft', text: '#text', ground: '#ground', font: '11px x' }

/** Writes down what is drawn. */
function recorder(): { readonly context: CanvasRenderingContext2D; readonly calls: string[] } {
  const calls: string[] = []
  const context = new Proxy({}, {
    get: (_, name: string) => (...given: unknown[]) => {
      calls.push(`${name} ${given.map((g) => (typeof g === 'number' ? g.toFixed(2) : String(g))).join(' ')}`)
      return { width: 40 }
    },
    set: (_, name: string, value: unknown) => calls.push(`${name} = ${String(value)}`) > 0,
  }) as unknown as CanvasRenderingContext2D
  return { context, calls }
}

const flow = (key: number, pod: string, sent: number, ok: number, failed = 0): FlowRow => ({ key, client: 'default/box', entry: 'node-1', service: 'default/web', pod, node: homes[pod] ?? '', sent, counts: [ok, 0, 0, 0, 0, 0, 0, 0, 0, failed] })
const trip = (extra: Partial<JourneyTrip>): JourneyTrip => ({ kind: 'request', parent: -1, client: 'default/box', from: 'node-1', asked: '', start: 0, arrives: 1000, leaves: 2000, end: 3000, entry: 'node-1', balancer: '', service: 'default/web', pod: 'default/b', node: 'node-2', endpoint: '', outcome: 'ok', stops: '', ...extra })
const journey = (id: number, at: number, trips: readonly JourneyTrip[], extra: Partial<Journey> = {}): Journey => ({ id, at, generator: '', client: 'default/box', asked: '', service: 'default/web', entry: 'node-1', endpoint: '', pod: trips[0]?.pod ?? '', node: '', outcome: trips[0]?.outcome ?? 'ok', status: 0, latency: trips[0]?.end ?? 0, kept: false, hops: [], trips, ...extra })
const frame = (flows: readonly FlowRow[], journeys: readonly Journey[] = []): TrafficFrame => ({ flows, journeys, begun: [], ended: 0, generators: [] })

/** Half a minute of load, of which a part goes into the dark from the tenth second on. */
function played(log: TrafficLog, until: number): void {
  log.apply(frame([]), 0, 0, true)
  for (let s = 1; s <= until; s++) {
    const dark = Math.max(0, s - 10)
    log.apply(frame([flow(0, 'default/a', 20 * s, 20 * s), flow(1, '', 10 * dark, 0, 10 * Math.max(0, dark - 5))], dark > 5 ? [journey(s, (s - 5) * S, [trip({ node: 'node-3', pod: '', outcome: 'timeout', stops: 'network', end: 5 * S, leaves: 5 * S })], { generator: 'load-1', pod: '' })] : []), (s - 1) * S, s * S, false)
  }
}

function picture(painter: TrafficPainter, log: TrafficLog, now: number, style: { dots?: boolean; focus?: string } = {}): { readonly calls: readonly string[]; readonly drawn: Drawn } {
  const { context, calls } = recorder()
  const drawn = painter.paint(context, log, now, 0.9 * S, colors, { dots: style.dots ?? true, selected: 0, focus: style.focus ?? '' })
  return { calls, drawn }
}

describe('the picture of requests', () => {
  test('is the same for the same moment, whether one came to it by playing or by seeking back', () => {
    const log = new TrafficLog()
    const painter = new TrafficPainter(places)
    const kept = new Map<number, readonly string[]>()
    for (const s of [8, 12, 17, 25]) {
      const fresh = new TrafficLog()
      played(fresh, s)
      kept.set(s, picture(new TrafficPainter(places), fresh, s * S).calls)
    }
    played(log, 30)
    expect(picture(painter, log, 29.98 * S).calls).not.toEqual(kept.get(25))
    for (const s of [25, 8, 17, 12]) expect(picture(painter, log, s * S).calls, `at ${s} s`).toEqual(kept.get(s))
  })

  test('what fails is told once it has failed, where and why and how often', () => {
    const log = new TrafficLog()
    const painter = new TrafficPainter(places)
    played(log, 30)
    expect([...picture(painter, log, 14 * S).drawn.failed]).toEqual([])
    const late = picture(painter, log, 25 * S)
    expect([...late.drawn.failed.keys()]).toEqual(['Timeout'])
    expect(late.drawn.failed.get('Timeout')).toBeCloseTo(10, 0)
    expect(late.calls.join('\n')).toMatch(/fillText Timeout 10/)
    const node = geometry.byId.get('node:node-3')
    expect(late.calls.some((call) => call.startsWith(`arc ${node?.x.toFixed(2)} `) && call.includes(' 7.00 '))).toBe(true)
  })

  test('less motion: numbers at the pods and no dot', () => {
    const log = new TrafficLog()
    played(log, 8)
    const painter = new TrafficPainter(places)
    expect(picture(painter, log, 8 * S).drawn.dots).toBeGreaterThan(10)
    const still = picture(painter, log, 8 * S, { dots: false })
    expect(still.drawn.dots).toBe(0)
    expect(still.calls.filter((call) => call.startsWith('arc'))).toEqual([])
    expect(still.calls.join('\n')).toMatch(/fillText 20\/s/)
    expect(still.drawn.reached.get('default/a')).toBeCloseTo(20, 0)
  })

  test('what does not touch the node or pod that is pointed at is dim', () => {
    const log = new TrafficLog()
    played(log, 8)
    const painter = new TrafficPainter(places)
    expect(picture(painter, log, 8 * S, { focus: 'node-3' }).calls).toContain('globalAlpha = 0.25')
    expect(picture(painter, log, 8 * S, { focus: 'node-1' }).calls.filter((call) => call === 'globalAlpha = 0.2')).toEqual([])
  })

  test('above a thousand at once flows are drawn by width', () => {
    const log = new TrafficLog()
    log.apply(frame([]), 0, 0, true)
    log.apply(frame([flow(0, 'default/a', 3000, 3000)]), 0, S, false)
    const { drawn, calls } = picture(new TrafficPainter(places), log, S)
    expect([drawn.aggregated, drawn.dots]).toEqual([true, 0])
    expect(Math.max(...calls.flatMap((call) => (call.startsWith('lineWidth = ') ? [Number(call.slice(12))] : [])))).toBeGreaterThan(5)
  })
})

describe('a person’s own request', () => {
  test('is on the way with its names and calls, first to CoreDNS, then to the pod, then back', () => {
    const log = new TrafficLog()
    log.apply(frame([], [journey(1, S, [trip({ start: 500, arrives: 1000, leaves: 4000, end: 4500 }), trip({ kind: 'dns', parent: 0, start: 0, arrives: 200, leaves: 200, end: 400, service: 'kube-system/kube-dns', pod: 'kube-system/dns' }), trip({ kind: 'call', parent: 0, client: 'default/b', from: 'node-2', entry: 'node-2', pod: 'default/a', node: 'node-1', start: 1500, arrives: 1800, leaves: 2000, end: 2300 })])]), 0, 2 * S, true)
    const painter = new TrafficPainter(places)
    const dashes = (at: number): readonly string[] => picture(painter, log, at * S).calls.filter((call) => call.startsWith('setLineDash'))
    expect([0.9, 1.2, 1.6, 2.4, 3.0, 9].map((at) => picture(painter, log, at * S).drawn.own)).toEqual([0, 1, 1, 1, 2, 0])
    // DNS is dotted, the request is not, the call is dashed.
    expect([dashes(1.1)[0], dashes(1.9)[0], dashes(2.9)[2]]).toEqual(['setLineDash 2,4', 'setLineDash ', 'setLineDash 6,4'])
  })
})

describe('the course of a journey', () => {
  const j = journey(1, 0, [trip({ start: 500, arrives: 1000, leaves: 4000, end: 4500 }), trip({ kind: 'dns', parent: 0, start: 0, arrives: 200, leaves: 200, end: 400, service: 'kube-system/kube-dns', pod: 'kube-system/dns' }), trip({ kind: 'call', parent: 0, client: 'default/b', start: 1500, arrives: 1800, leaves: 2000, end: 2300 }), trip({ kind: 'call', parent: 0, client: 'default/b', start: 2400, arrives: 2600, leaves: 2700, end: 3000 })])

  test('names are looked up before, calls are made while it waits, answers come back; nothing is seen before it was', () => {
    const { legs, end } = courseOf(j, S)
    expect(legs.toSorted((a, b) => a.from - b.from || a.trip - b.trip).map(({ trip: t, direction }) => [t, direction])).toEqual([[1, 1], [1, -1], [0, 1], [0, 0], [2, 1], [2, 0], [2, -1], [3, 1], [3, 0], [3, -1], [0, -1]])
    for (const { from, to } of legs) expect(to).toBeGreaterThan(from)
    for (const leg of legs) expect(leg.from).toBeGreaterThanOrEqual({ 1: j.trips[leg.trip]?.start, 0: j.trips[leg.trip]?.arrives, [-1]: j.trips[leg.trip]?.leaves }[leg.direction] ?? 0)
    expect(end).toBeGreaterThan(4500)
  })

  test('who waits for an answer that does not come waits as long as he really did', () => {
    const lost = courseOf(journey(2, 0, [trip({ arrives: 1000, leaves: 5 * S, end: 5 * S, outcome: 'timeout', stops: 'network' })]), S)
    expect(lost.legs.map(({ direction }) => direction)).toEqual([1, 0])
    expect(lost.end).toBeGreaterThanOrEqual(5 * S)
  })

  test('calls that overlap do so on screen', () => {
    const both = courseOf({ ...j, trips: j.trips.map((t, i) => (i === 3 ? { ...t, start: 1600 } : t)) }, S)
    expect(new Set(both.legs.filter(({ trip: t, direction }) => t >= 2 && direction === 1).map(({ from }) => from)).size).toBe(1)
  })
})
