import { describe, expect, it } from 'vitest'
import type { StepRow } from '../../../bridge/protocol'
import { lanesFor } from './lanes'
import { foldWidth, indexAt, layOut, momentAt, placeOf } from './layout'

const step = (n: number, at: number, more: Partial<StepRow> = {}): StepRow => ({
  n, at, endedAt: at, until: at, kind: 'transaction', lane: 'kubectl', caption: '', verb: '', object: null, revision: n, count: 1, hops: [], milestone: null, failed: false, record: n, ...more,
})
const steps = [step(1, 1000), step(2, 2000), step(3, 60_000_000), step(4, 60_001_000)]

describe('timeline layout', () => {
  it('gives each step the same width, and a fold to a long silence', () => {
    const layout = layOut(steps, 'steps', 20)
    expect(layout.folds).toHaveLength(1)
    expect((layout.xs[1] as number) - (layout.xs[0] as number)).toBe(20)
    expect((layout.xs[2] as number) - (layout.xs[1] as number)).toBe(20 + foldWidth)
  })

  it('is linear in time between folds', () => {
    const layout = layOut(steps, 'time', 0.05)
    expect((layout.xs[1] as number) - (layout.xs[0] as number)).toBeCloseTo(50)
    expect((layout.xs[2] as number) - (layout.xs[1] as number)).toBe(foldWidth)
    expect(momentAt(layout, (layout.xs[0] as number) + 25)).toBeCloseTo(1500)
  })

  it('finds the step under a place and the place of a step', () => {
    for (const mode of ['steps', 'time'] as const) {
      const layout = layOut(steps, mode, mode === 'steps' ? 20 : 0.05)
      steps.forEach((s, i) => {
        expect(indexAt(layout, (layout.xs[i] as number) + 0.5)).toBe(i)
        expect(placeOf(layout, s.at)).toBeGreaterThanOrEqual(layout.xs[i] as number)
      })
      const places = [0, 500, 1000, 1500, 2000, 30_000_000, 60_000_000, 60_000_500, 60_001_000, 61_000_000].map((at) => placeOf(layout, at))
      expect(places).toEqual(places.toSorted((a, b) => a - b))
    }
  })

  it('draws a hop on the lane of who sent or got it, and many nodes as zones', () => {
    const few = lanesFor([{ key: 'node-1', zone: 'a' }, { key: 'node-2', zone: 'b' }])
    const s = step(1, 5, { hops: [{ kind: 'write', from: 'kubelet@node-2', to: 'kube-apiserver', label: '', at: 4 }, { kind: 'store', from: 'kube-apiserver', to: 'etcd-0', label: '', at: 4 }, { kind: 'watch', from: 'kube-apiserver', to: 'kube-controller-manager/replicaset', label: '', at: 6 }] })
    expect(few.ticksOf(s).ticks.map(({ lane, kind }) => [few.lanes[lane]?.id, kind])).toEqual([['node-2', 'write'], ['kube-apiserver', 'write'], ['etcd', 'store'], ['controllers', 'watch']])
    const many = lanesFor(Array.from({ length: 9 }, (_, i) => ({ key: `node-${i}`, zone: `zone-${i % 3}` })))
    expect(many.lanes.slice(5).map(({ id }) => id)).toEqual(['zone-0', 'zone-1', 'zone-2'])
  })
})
