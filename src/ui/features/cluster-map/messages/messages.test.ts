import { describe, expect, test } from 'vitest'
import type { Hop, StepRow } from '../../../../bridge/protocol'
import { layOut } from '../layout'
import { placePills } from './pills'
import { drawnHops, routeOf, streams } from './routes'

const layout = layOut({
  width: 864, height: 636, top: 58, bottom: 30, level: 'pods', components: ['kube-apiserver', 'etcd', 'kube-scheduler', 'kube-controller-manager'],
  nodes: [1, 2, 3, 4].map((i) => ({ key: `node-${i}`, zone: 'a', controlPlane: false })),
})
const hop = (kind: Hop['kind'], from: string, to: string): Hop => ({ kind, from, to, label: 'MODIFIED pod', at: 0 })
const step = (hops: readonly Hop[]): StepRow => ({ n: 7, at: 0, endedAt: 0, until: 0, kind: 'transaction', lane: '', caption: '', verb: '', object: null, revision: 0, count: 1, hops, milestone: null, failed: false, record: 0 })
const spine = layout.byId.get('kube-apiserver')

describe('messages', () => {
  test('start or end on the spine, whoever sends them', () => {
    for (const actor of ['you', 'etcd-2', 'kube-scheduler', 'kube-controller-manager/replicaset', 'kubelet@node-1', 'kubelet@node-4']) {
      const there = routeOf(layout, actor, 'kube-apiserver', 'write')?.points.at(-1)
      const back = routeOf(layout, 'kube-apiserver', actor, 'watch')?.points[0]
      for (const end of [there, back]) {
        expect(end, actor).toBeDefined()
        expect(end?.y).toBeGreaterThanOrEqual(spine?.y ?? 0)
        expect(end?.y).toBeLessThanOrEqual((spine?.y ?? 0) + (spine?.height ?? 0))
      }
    }
  })

  test('between two components, or to something that is not on the map, are not drawn', () => {
    expect(routeOf(layout, 'kube-scheduler', 'kubelet@node-1', 'write')).toBeUndefined()
    expect(routeOf(layout, 'coredns', 'kube-apiserver', 'read')).toBeUndefined()
  })

  test('writes leave right of the centre, watch events left of it', () => {
    const write = routeOf(layout, 'kube-scheduler', 'kube-apiserver', 'write')?.points[0]?.x ?? 0
    const watch = routeOf(layout, 'kube-apiserver', 'kube-scheduler', 'watch')?.points[0]?.x ?? 0
    expect(write - watch).toBe(14)
  })

  test('watch events go out together, in one wave after request and store', () => {
    const hops = drawnHops(layout, step([hop('write', 'kubelet@node-1', 'kube-apiserver'), hop('store', 'kube-apiserver', 'etcd-0'), hop('watch', 'kube-apiserver', 'kube-scheduler'), hop('watch', 'kube-apiserver', 'kubelet@node-2')]))
    expect(hops.map(({ wave, number }) => [wave, number])).toEqual([[0, '7.1'], [1, '7.2'], [2, '7.3'], [2, '7.4']])
  })

  test('alike ones to the same place are one, and say how many; local calls have no line', () => {
    const hops = drawnHops(layout, step([hop('local', 'kubelet@node-1', 'containerd@node-1'), hop('watch', 'kube-apiserver', 'kube-controller-manager/a'), hop('watch', 'kube-apiserver', 'kube-controller-manager/b')]))
    expect(hops.map(({ label }) => label)).toEqual(['MODIFIED pod ×2'])
  })

  test('those that are not alike are counted, not called alike', () => {
    const get = (resource: string): Hop => ({ ...hop('read', 'you', 'kube-apiserver'), label: `GET ${resource}` })
    expect(drawnHops(layout, { ...step([get('pods'), get('services'), get('pods')]) }).map(({ label }) => label)).toEqual(['GET pods ×2, 1 more'])
  })

  test('streams are cut when the server runs but serves no watch, as after it has lost etcd', () => {
    const row = { restart: null, facts: [] }
    const cuts = (watches: number) => streams(layout, [{ ...row, key: 'kube-apiserver', state: 'up', watches }, { ...row, key: 'kube-scheduler', state: 'standby' }], () => undefined).filter(({ kind }) => kind === 'watch').map(({ cut }) => cut)
    expect(new Set(cuts(9))).toEqual(new Set(['no']))
    expect(new Set(cuts(0))).toEqual(new Set(['known']))
  })

  test('pills never overlap; the newer stays and counts the older', () => {
    const many = ['you', 'etcd', 'kube-scheduler', 'kube-controller-manager/a', 'kubelet@node-1', 'kubelet@node-2', 'kubelet@node-3', 'kubelet@node-4']
      .flatMap((actor) => [hop('write', actor, 'kube-apiserver'), hop('watch', 'kube-apiserver', actor)])
    const hops = drawnHops(layout, step(many))
    const pills = placePills(hops.map((h) => ({ hop: h, current: true })), layout.width)
    for (const a of pills) for (const b of pills) if (a !== b && Math.abs(a.y - b.y) < 20) expect(a.x + a.width <= b.x || b.x + b.width <= a.x).toBe(true)
    expect(pills.length + pills.reduce((sum, { more }) => sum + more, 0)).toBe(hops.length)
    expect(pills[0]?.hop).toBe(hops[0])
  })
})
