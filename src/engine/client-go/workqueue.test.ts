import { describe, expect, test } from 'vitest'
import { SECOND, Simulation, type Behaviour, type Ctx } from '../sim'
import { WorkQueue, type QueueDue } from './workqueue'

interface Worker {
  readonly queue: WorkQueue
}

/** Runs `act` with a queue in a process, then lets time pass to `until`. */
function withQueue(until: number, act: (queue: WorkQueue, ctx: Ctx) => void): WorkQueue {
  const worker: Behaviour<Worker, null> = {
    kind: 'worker',
    start(ctx) {
      const queue = new WorkQueue('q')
      act(queue, ctx)
      return { queue }
    },
    handle: (state, message, ctx) => state.queue.due(message as QueueDue, ctx),
  }
  const sim = new Simulation({ seed: 1, epoch: 0, behaviours: [worker as unknown as Behaviour<never, never>], transport: { deliver: () => 0, hold: () => {} }, network: null })
  sim.act(0, (ctx) => ctx.spawn('w', 'worker', 'h', null))
  sim.run(until)
  return (sim.stateOf<Worker>('w') as Worker).queue
}

describe('the work queue', () => {
  test('hands an item that was added many times out once, in order of first adding', () => {
    const q = new WorkQueue('q')
    for (const key of ['a', 'b', 'a', 'c', 'b']) q.add(key, 0)
    expect([q.get()?.key, q.get()?.key, q.get()?.key, q.get()]).toEqual(['a', 'b', 'c', undefined])
  })

  test('never hands an item to two workers; what is added meanwhile comes after', () => {
    const q = new WorkQueue('q')
    q.add('a', 7)
    expect(q.get()).toEqual({ key: 'a', cause: 7 })
    q.add('a', 9)
    expect(q.get()).toBeUndefined()
    q.done('a')
    expect(q.get()).toEqual({ key: 'a', cause: 9 })
    q.done('a')
    expect(q.get()).toBeUndefined()
  })

  test('delays, and the earlier of two times holds', () => {
    const act = (q: WorkQueue, ctx: Ctx) => {
      q.addAfter(ctx, 'a', 10 * SECOND)
      q.addAfter(ctx, 'a', 2 * SECOND)
    }
    expect(withQueue(1 * SECOND, act).length).toBe(0)
    expect(withQueue(3 * SECOND, act).length).toBe(1)
  })

  test('backs off 5 ms, doubling with each failure, until forgotten', () => {
    const fail = (times: number, forget: boolean) => (q: WorkQueue, ctx: Ctx) => {
      for (let i = 0; i < times; i++) q.addRateLimited(ctx, `k${i}`)
      for (let i = 0; i < 4; i++) q.addRateLimited(ctx, 'a')
      if (forget) q.forget('a')
      expect(q.requeues('a')).toBe(forget ? 0 : 4)
    }
    expect(withQueue(4_999, fail(0, false)).length).toBe(0)
    expect(withQueue(5_000, fail(0, true)).length).toBe(1)
  })

  test('limits all failures together to ten a second after a burst of a hundred', () => {
    const q = withQueue(SECOND, (queue, ctx) => {
      for (let i = 0; i < 150; i++) queue.addRateLimited(ctx, `k${i}`)
    })
    expect(q.length).toBeGreaterThanOrEqual(109)
    expect(q.length).toBeLessThanOrEqual(111)
  })
})
