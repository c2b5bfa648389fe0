import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Down, Frame, PodRow, StepRow, Up } from '../../bridge/protocol'
import { createKubeloop } from './kubeloop'
import { shelf } from './pod-groups'

const noChange = { put: [], gone: [] }
const pod = (name: string, node: string | null, extra: Partial<PodRow> = {}): PodRow => ({
  key: name, namespace: 'default', name, node, owner: null, phase: 'Running', container: 'none', status: 'Running', ready: '1/1', restarts: 0, ip: '', glyph: 'ok',
  line: '', ring: null, deleting: false, createdAt: 0, ghost: false, ...extra,
})
const step = (n: number, caption = `step ${n}`): StepRow => ({ n, at: n * 10, endedAt: n * 10, until: n * 10, kind: 'transaction', lane: '', caption, verb: '', object: null, revision: n, count: 1, hops: [], milestone: null, failed: false, record: n })

let number = 0
const frame = (extra: Partial<Frame> & { readonly now?: number; readonly head?: number; readonly branch?: number }): Frame => ({
  type: 'frame', number: ++number, kind: 'diff',
  clock: { now: extra.now ?? 0, wall: 0, revision: 1, playing: false, pace: { mode: 'event-paced', factor: 1 }, branch: extra.branch ?? 0, head: extra.head ?? 1e9, spreadMs: 0 },
  nodes: noChange, pods: noChange, workloads: noChange, services: noChange, objects: noChange, components: null, steps: [], step: 0, branches: null, output: [], skipped: 0, ...extra,
})

function setUp() {
  let listener: (up: Up) => void = () => {}
  const sent: Down[] = []
  const kubeloop = createKubeloop(
    { send: (down) => sent.push(down), subscribe: (heard) => { listener = heard; return () => {} }, ask: () => Promise.resolve(null), dispose: () => {} },
    { views: [], railTabs: [], inspectorTabs: [], inspectorHeader: null, dockTabs: [], timeline: null, dialogs: [] },
  )
  kubeloop.connect()
  return { kubeloop, sent, take: (up: Up) => listener(up) }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('apply-frame', () => {
  test('wakes those who listen to a changed row, and no one else', () => {
    const { kubeloop, take } = setUp()
    take(frame({ kind: 'full', pods: { put: [pod('a', 'n1'), pod('b', 'n1')], gone: [] } }))
    const woken: string[] = []
    for (const key of ['a', 'b']) kubeloop.pods.subscribe(key, () => woken.push(key))
    kubeloop.pods.subscribeKeys(() => woken.push('keys'))
    kubeloop.podGroups.subscribe('n1', () => woken.push('n1'))
    take(frame({ pods: { put: [pod('b', 'n1', { status: 'Error' })], gone: [] } }))
    expect(woken).toEqual(['b'])
    expect(kubeloop.pods.get('b')?.status).toBe('Error')
  })

  test('a full frame keeps the identity of rows that say the same, and takes out the rest', () => {
    const { kubeloop, take } = setUp()
    take(frame({ kind: 'full', pods: { put: [pod('a', 'n1'), pod('b', 'n1')], gone: [] } }))
    const a = kubeloop.pods.get('a')
    take(frame({ kind: 'full', pods: { put: [pod('a', 'n1')], gone: [] } }))
    expect(kubeloop.pods.get('a')).toBe(a)
    expect(kubeloop.pods.keys).toEqual(['a'])
  })

  test('groups pods by node: applications before kube-system, then by age; without a node on the shelf', () => {
    const { kubeloop, take } = setUp()
    take(frame({ kind: 'full', pods: { put: [pod('dns', 'n1', { namespace: 'kube-system' }), pod('late', 'n1', { createdAt: 5 }), pod('early', 'n1', { createdAt: 2 }), pod('waiting', null)], gone: [] } }))
    expect(kubeloop.podGroups.of('n1')).toEqual(['early', 'late', 'dns'])
    expect(kubeloop.podGroups.of(shelf)).toEqual(['waiting'])
    take(frame({ pods: { put: [pod('waiting', 'n1', { createdAt: 9 })], gone: ['early'] } }))
    expect(kubeloop.podGroups.of('n1')).toEqual(['late', 'waiting', 'dns'])
    expect(kubeloop.podGroups.of(shelf)).toEqual([])
  })

  test('steps: new ones are added, known ones replaced, those of a lost future forgotten', () => {
    const { kubeloop, take } = setUp()
    take(frame({ kind: 'full', steps: [step(1), step(2), step(3)], step: 3 }))
    take(frame({ steps: [step(2, 'with a further hop'), step(4)], step: 4 }))
    expect(kubeloop.steps.rows.map(({ caption }) => caption)).toEqual(['step 1', 'with a further hop', 'step 3', 'step 4'])
    take(frame({ step: 2, now: 50, head: 50 })) // the head is at step 2: the rest was never done
    expect(kubeloop.steps.rows.map(({ n }) => n)).toEqual([1, 2])
    expect(kubeloop.session.getState()).toMatchObject({ step: 2, lastStep: 2 })
  })

  test('a diff without the full frame before it is not taken', () => {
    const { kubeloop, take } = setUp()
    take(frame({ pods: { put: [pod('a', 'n1')], gone: [] } }))
    expect(kubeloop.pods.keys).toEqual([])
  })

  test('each frame is acknowledged, after the page had a moment to draw it', () => {
    const { sent, take } = setUp()
    take(frame({ kind: 'full' }))
    expect(sent).toEqual([])
    vi.runAllTimers()
    expect(sent).toEqual([{ type: 'ack', frame: number }])
  })

  test('a refused input is told', () => {
    const { kubeloop, take } = setUp()
    take({ type: 'refused', id: 1, error: 'no' })
    expect(kubeloop.ui.getState().toasts).toMatchObject([{ text: 'no', tone: 'error' }])
  })
})
