import { describe, expect, test } from 'vitest'
import type { FlowRow, Journey, TrafficFrame } from '../../bridge/protocol'
import { TrafficLog } from './traffic-log'

const flow = (key: number, sent: number): FlowRow => ({ key, client: 'outside', entry: 'node-1', service: 'default/web', pod: 'default/a', node: 'node-1', sent, counts: [] })
const journey = (id: number, at = id * 10): Journey => ({ id, at, generator: '', client: '', asked: '', service: '', entry: '', endpoint: '', pod: '', node: '', outcome: 'ok', status: 200, latency: 5, kept: false, hops: [], trips: [] })
const frame = (flows: readonly FlowRow[], journeys: readonly Journey[] = []): TrafficFrame => ({ flows, journeys, begun: [], ended: 0, generators: [] })

describe('the log of requests', () => {
  test('what a frame adds to a total was sent since the frame before', () => {
    const log = new TrafficLog()
    log.apply(frame([flow(0, 5)]), 0, 100, true)
    log.apply(frame([flow(0, 8)]), 100, 200, false)
    log.apply(frame([flow(0, 9), flow(1, 2)]), 200, 300, false)
    expect(log.spans).toMatchObject([{ flow: 0, from: 100, to: 200, sent: 3 }, { flow: 0, from: 200, to: 300, sent: 1 }, { flow: 1, from: 200, to: 300, sent: 2 }])
  })

  test('going back and on again on the same branch counts nothing twice', () => {
    const log = new TrafficLog()
    log.apply(frame([]), 0, 0, true)
    log.apply(frame([flow(0, 8)]), 0, 200, false)
    log.apply(frame([flow(0, 2)]), 200, 50, true)
    log.apply(frame([flow(0, 8)]), 50, 200, false)
    log.apply(frame([flow(0, 9)]), 200, 300, false)
    expect(log.spans.map(({ sent }) => sent)).toEqual([8, 1])
  })

  test('a jump ahead counts what was sent meanwhile, evenly; a first picture counts nothing', () => {
    const log = new TrafficLog()
    log.apply(frame([{ ...flow(0, 50), counts: [40, 0, 4] }]), 0, 1000, true)
    log.apply(frame([{ ...flow(0, 80), counts: [60, 0, 6, 4] }, flow(1, 5)]), 1000, 4000, true)
    expect(log.spans).toEqual([{ flow: 0, from: 1000, to: 4000, sent: 30, ended: [20, 0, 2, 4] }, { flow: 1, from: 1000, to: 4000, sent: 5, ended: [] }])
    log.apply(frame([flow(0, 50)]), 4000, 1000, true)
    log.apply(frame([{ ...flow(0, 90), counts: [60, 0, 6, 4] }, flow(1, 5)]), 1000, 5000, true)
    expect(log.spans.slice(2)).toMatchObject([{ flow: 0, from: 4000, to: 5000, sent: 10 }])
  })

  test('a second is summed for Services and pods, whatever came before and after', () => {
    const log = new TrafficLog()
    log.apply(frame([]), 0, 0, true)
    log.apply(frame([{ ...flow(0, 10), counts: [10] }]), 0, 1_000_000, false)
    log.apply(frame([{ ...flow(0, 40), counts: [30, 0, 5] }, { ...flow(1, 8), pod: 'default/b' }]), 1_000_000, 3_000_000, false)
    const { services, pods } = log.inSecondBefore(3_400_000)
    expect(services.get('default/web')).toMatchObject({ sent: 19, ended: expect.arrayContaining([10, 0, 2.5]) })
    expect([pods.get('default/a')?.sent, pods.get('default/b')?.sent]).toEqual([15, 4])
    expect(log.inSecondBefore(1_000_000).services.get('default/web')?.sent).toBe(10)
  })

  test('a request under way is known until it has ended', () => {
    const log = new TrafficLog()
    log.apply({ ...frame([], [journey(1)]), begun: [journey(2), journey(3)] }, 0, 25, true)
    expect([...log.sentAfter(5)].map(({ id }) => id)).toEqual([2, 3, 1])
    log.apply(frame([], [journey(2)]), 25, 26, false)
    expect([[...log.underway.keys()], log.journeys.map(({ id }) => id)]).toEqual([[3], [1, 2]])
    log.apply(frame([], [journey(1)]), 26, 15, true)
    expect(log.underway.size).toBe(0)
  })

  test('another branch forgets what never happened', () => {
    const log = new TrafficLog()
    log.apply(frame([]), 0, 0, true)
    log.apply(frame([flow(0, 8)], [journey(1), journey(9)]), 0, 100, false)
    log.apply(frame([flow(0, 9)], []), 100, 200, false)
    log.cutAfter(50)
    expect([log.spans.length, log.journeys.map(({ id }) => id)]).toEqual([0, [1]])
    log.apply(frame([flow(0, 12)]), 50, 70, false)
    expect(log.spans).toMatchObject([{ from: 50, to: 70, sent: 3 }])
  })

  test('journeys come once, in the order of their numbers, and not without end', () => {
    const log = new TrafficLog()
    log.apply(frame([], [journey(2), journey(3)]), 0, 10, false)
    log.apply(frame([], [journey(1), journey(2)]), 0, 10, true)
    expect(log.journeys.map(({ id }) => id)).toEqual([1, 2, 3])
    for (let i = 0; i < 40; i++) log.apply(frame([], Array.from({ length: 100 }, (_, k) => journey(10 + i * 100 + k))), 0, 10, false)
    expect(log.journeys.length).toBeLessThanOrEqual(1200)
    expect(log.journey(4009)?.id).toBe(4009)
    expect(log.journey(2)).toBeUndefined()
  })
})
