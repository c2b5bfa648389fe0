import { describe, expect, test } from 'vitest'
import type { NodeRow, PodRow, WorkloadRow } from '../../../bridge/protocol'
import { attentionOf, calmWords } from './attention'

const pod = (glyph: PodRow['glyph']) => ({ glyph }) as PodRow
const deployment = (ready: number) => ({ kind: 'Deployment', owner: null, desired: 2, ready }) as WorkloadRow

describe('what needs attention', () => {
  test('while nothing does, what is not ready yet is said: its pods, or that there are none', () => {
    expect(calmWords([pod('ok'), pod('run'), pod('prog')], [deployment(0)]).text).toBe('2 pods are not ready yet.')
    expect(calmWords([pod('ok')], [deployment(0)])).toEqual({ glyph: 'prog', text: '1 workload is not ready yet.' })
    expect(calmWords([pod('ok'), pod('done')], [deployment(2)])).toEqual({ glyph: 'ok', text: 'Everything is as wanted.' })
  })

  test('a cordoned node says so, and not that its kubelet is ready', () => {
    const node = { key: 'node-1', glyph: 'cord', status: 'Ready,SchedulingDisabled', reason: 'KubeletReady', truth: { power: true, link: true, kubelet: true } } as NodeRow
    expect(attentionOf([], [node], [])[0]).toMatchObject({ title: 'node-1 is Ready,SchedulingDisabled', note: 'cordoned: it gets no new pods' })
  })
})
