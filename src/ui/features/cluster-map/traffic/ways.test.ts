import { describe, expect, test } from 'vitest'
import type { Journey, JourneyHop, JourneyTrip } from '../../../../bridge/protocol'
import { geometryOf, tileOf, type TrafficInput } from './geometry'
import { pathOf } from './lore'
import { stationOf } from './stations'
import { tableOf, tableSize } from './track'
import { wayOf, type Places, type Way } from './ways'

const nodes = (count: number) => [{ key: 'control-plane', controlPlane: true }, ...Array.from({ length: count }, (_, i) => ({ key: `node-${i + 1}`, controlPlane: false }))]
const input = (extra: Partial<TrafficInput> = {}): TrafficInput => ({
  width: 864, height: 636, top: 58, bottom: 30, nodes: nodes(3), balancers: ['default/web'], endpoints: 4, touch: false, pods: new Map([['node-1', ['a', 'b']], ['node-2', ['c']], ['node-3', ['d', 'e', 'f']]]), ...extra,
})
const homes: Readonly<Record<string, string>> = { a: 'node-1', b: 'node-1', c: 'node-2', d: 'node-3' }
const placesOf = (given: TrafficInput): Places => ({
  geometry: geometryOf(given), pod: (name) => (homes[name] ? { key: name, node: homes[name], ip: name } : undefined), ruleRow: () => 1, routeRow: () => 2, isNode: (name) => name.startsWith('node-'), service: 'default/web',
})
const way = (extra: Partial<Way>): Way => ({ client: 'outside', entry: '', service: 'default/web', pod: '', node: '', balancer: '', ...extra })

describe('the traffic layer', () => {
  test.each([['design', input()], ['narrow', input({ width: 700 })], ['seven nodes', input({ nodes: nodes(7) })], ['fifty', input({ nodes: nodes(50) })], ['two balancers, low', input({ height: 400, balancers: ['a', 'b'] })]])('%s: nothing overlaps, nothing sticks out', (_, given) => {
    const { items, width, height } = geometryOf(given)
    for (const a of items) {
      expect(a.x + a.width).toBeLessThanOrEqual(width)
      expect(a.y + a.height, a.id).toBeLessThanOrEqual(height)
      for (const b of items) if (a !== b) expect(a.x + a.width <= b.x + 0.01 || b.x + b.width <= a.x + 0.01 || a.y + a.height <= b.y + 0.01 || b.y + b.height <= a.y + 0.01, `${a.id} lies over ${b.id}`).toBe(true)
    }
  })

  test('fits the window of the design, rules and routes shown', () => {
    const geometry = geometryOf(input())
    expect(geometry.height).toBeLessThanOrEqual(636 + 12)
    expect(geometry.plan.rules.rows).toBe(4)
    expect(geometry.plan.routes.rows).toBeGreaterThan(0)
    for (const tile of [tileOf(geometry, 'node-3', 'f')]) expect((tile?.y ?? 0) + (tile?.height ?? 0)).toBeLessThanOrEqual((geometry.byId.get('node:node-3')?.y ?? 0) + geometry.cardHeight)
  })

  test('a way never crosses another node’s card', () => {
    const given = input({ nodes: nodes(7) })
    const places = placesOf(given)
    for (const entry of ['node-1', 'node-2', 'node-5', 'node-7']) {
      for (const pod of ['a', 'c', 'd']) {
        const corners = wayOf(places, way({ entry, pod, node: homes[pod] ?? '' }))
        expect(corners.at(-1)?.station).toBe('pod')
        const table = tableOf(corners)
        for (let i = 0; i <= tableSize; i++) {
          for (const item of places.geometry.items) {
            if (!item.id.startsWith('node:') || item.id === `node:${entry}` || item.id === `node:${homes[pod]}`) continue
            const [x, y] = [table[2 * i] ?? 0, table[2 * i + 1] ?? 0]
            expect(x > item.x && x < item.x + item.width && y > item.y && y < item.y + item.height, `${entry} to ${pod} crosses ${item.id}`).toBe(false)
          }
        }
      }
    }
  })

  test('goes client, balancer, node’s rules, network, pod; never to a Service', () => {
    const places = placesOf(input())
    const stations = (extra: Partial<Way>) => wayOf(places, way(extra)).flatMap(({ station }) => station ?? [])
    expect(stations({ entry: 'node-2', pod: 'd', node: 'node-3', balancer: 'load balancer of default/web' })).toEqual(['client', 'balancer', 'entry', 'rules', 'network', 'edge', 'pod'])
    expect(stations({ client: 'a', entry: 'node-1', pod: 'b', node: 'node-1' })).toEqual(['client', 'rules', 'network', 'pod'])
    expect(stations({ entry: 'node-1' }).at(-1)).toBe('rules')
    // From a pod by a port of another node, and from pod to pod without rules.
    expect(stations({ client: 'a', entry: 'node-2', pod: 'd', node: 'node-3' })).toEqual(['client', 'network', 'edge', 'rules', 'network', 'edge', 'pod'])
    expect(stations({ client: 'a', pod: 'c', node: 'node-2' })).toEqual(['client', 'network', 'edge', 'pod'])
  })

  test('rules that are not the shown Service’s pass at the foot of the box', () => {
    const places = placesOf(input())
    const y = (service: string) => wayOf(places, way({ client: 'a', entry: 'node-1', service, pod: 'b', node: 'node-1' })).find(({ station }) => station === 'rules')?.y ?? 0
    expect(y('kube-system/kube-dns')).toBeGreaterThan(y('default/web') + 20)
  })

  test('where a trip stopped its way ends: at the edge of a dark node, at rules without endpoints, at its client', () => {
    const places = placesOf(input())
    const { geometry } = places
    const node = geometry.byId.get('node:node-3')
    const dark = pathOf(places, way({ client: 'a', entry: 'node-1', pod: 'd', node: 'node-3' }), 'network')
    expect(dark.stop?.x).toBe(node?.x)
    expect(dark.corners.at(-1)).toMatchObject({ station: 'edge' })
    expect(pathOf(places, way({ client: 'a', entry: 'node-1' }), 'rules').corners.at(-1)?.station).toBe('rules')
    expect(pathOf(places, way({ client: 'a' }), 'client').corners).toHaveLength(1)
    expect(pathOf(places, way({ entry: 'node-3', balancer: 'load balancer of default/web' }), 'entry').corners.at(-1)).toMatchObject({ station: 'entry', y: node?.y })
  })

  test('a station has its number on the way of its own trip', () => {
    const hop = (kind: JourneyHop['kind'], where: string, trip: number, ok = true): JourneyHop => ({ kind, where, after: 0, text: '', ok, depth: 0, trip })
    const trip = (kind: JourneyTrip['kind'], extra: Partial<JourneyTrip>): JourneyTrip => ({ kind, parent: kind === 'request' ? -1 : 0, client: 'a', from: 'node-1', asked: '', start: 0, arrives: 0, leaves: 0, end: 0, entry: '', balancer: '', service: '', pod: '', node: '', endpoint: '', outcome: 'ok', stops: '', ...extra })
    const journey = { hops: [], trips: [trip('request', { entry: 'node-1', node: 'node-2', pod: 'c' }), trip('dns', { pod: 'd', node: 'node-3' }), trip('call', { stops: 'rules', outcome: 'no-endpoints' })] } as unknown as Journey
    const stations = [hop('client', 'node-1', 0), hop('dns', 'node-1', 1), hop('rules', 'node-1', 0), hop('network', 'node-1', 0), hop('network', 'node-2', 0), hop('server', 'node-2', 0), hop('end', 'node-1', 2, false), hop('end', 'node-1', 0)].map((h) => stationOf(journey, h))
    expect(stations).toEqual(['client', 'pod', 'rules', 'network', 'edge', 'pod', 'rules', 'client'])
  })
})
