import { describe, expect, test } from 'vitest'
import type { Journey, JourneyHop } from '../../../../bridge/protocol'
import { geometryOf, tileOf, type TrafficInput } from './geometry'
import { stationOf, tableOf, tableSize, tripsOf, wayOf, type Places } from './ways'

const nodes = (count: number) => [{ key: 'control-plane', controlPlane: true }, ...Array.from({ length: count }, (_, i) => ({ key: `node-${i + 1}`, controlPlane: false }))]
const input = (extra: Partial<TrafficInput> = {}): TrafficInput => ({
  width: 864, height: 636, top: 58, bottom: 30, nodes: nodes(3), balancers: ['default/web'], endpoints: 4, pods: new Map([['node-1', ['a', 'b']], ['node-2', ['c']], ['node-3', ['d', 'e', 'f']]]), ...extra,
})
const homes: Readonly<Record<string, string>> = { a: 'node-1', b: 'node-1', c: 'node-2', d: 'node-3' }
const placesOf = (given: TrafficInput): Places => ({
  geometry: geometryOf(given), pod: (name) => (homes[name] ? { key: name, node: homes[name], ip: name } : undefined), ruleRow: () => 1, routeRow: () => 2, isNode: (name) => name.startsWith('node-'),
})

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
        const corners = wayOf(places, { client: 'outside', entry, pod, node: homes[pod] ?? '', balancer: '' })
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
    expect(wayOf(places, { client: 'outside', entry: 'node-2', pod: 'd', node: 'node-3', balancer: 'default/web' }).flatMap(({ station }) => station ?? [])).toEqual(['client', 'balancer', 'entry', 'rules', 'network', 'pod'])
    expect(wayOf(places, { client: 'a', entry: 'node-1', pod: 'b', node: 'node-1', balancer: '' }).flatMap(({ station }) => station ?? [])).toEqual(['client', 'rules', 'network', 'pod'])
    expect(wayOf(places, { client: 'outside', entry: 'node-1', pod: '', node: '', balancer: '' }).at(-1)?.station).toBe('rules')
  })

  test('a request that its node never took failed at the node’s edge, behind the balancer that sent it there', () => {
    const hop = (kind: JourneyHop['kind'], where: string, text = '', ok = true): JourneyHop => ({ kind, where, after: 0, text, ok, depth: 0, trip: 0 })
    const journey: Journey = { id: 1, at: 0, generator: '', client: 'outside', asked: '', service: '', entry: 'node-3', endpoint: '', pod: '', node: '', outcome: 'timeout', status: 0, latency: 1, kept: false, trips: [], hops: [hop('client', 'outside'), hop('balancer', 'cloud', 'load balancer of default/web at 203.0.113.20 chooses node-3, one of 3 healthy nodes'), hop('rules', 'node-3', 'no answer', false)] }
    expect(tripsOf(journey)).toMatchObject([{ entry: 'node-3', balancer: 'default/web' }])
    expect(journey.hops.map((h) => stationOf(journey, h))).toEqual(['client', 'balancer', 'entry'])
  })

  test('a journey through an ingress controller is two trips', () => {
    const hop = (kind: JourneyHop['kind'], where: string, pod?: string): JourneyHop => ({ kind, where, pod, after: 0, text: '', ok: true, depth: 0, trip: 0 })
    const journey: Journey = { id: 1, at: 0, generator: '', client: 'outside', asked: '', service: 'ingress/front', entry: 'node-1', endpoint: '', pod: 'c', node: 'node-2', outcome: 'ok', status: 200, latency: 1, kept: false, trips: [], hops: [hop('client', 'outside'), hop('balancer', 'cloud'), hop('rules', 'node-1'), hop('network', 'node-1', 'c'), hop('proxy', 'node-2', 'c'), hop('network', 'node-2', 'd'), hop('server', 'node-3', 'd'), hop('end', 'outside')] }
    expect(tripsOf(journey).map(({ client, entry, pod, node }) => [client, entry, pod, node])).toEqual([['outside', 'node-1', 'c', 'node-2'], ['c', '', 'd', 'node-3']])
    expect(journey.hops.map((h) => stationOf(journey, h))).toEqual(['client', 'balancer', 'rules', 'network', 'pod', 'pod', 'pod', 'client'])
  })
})
