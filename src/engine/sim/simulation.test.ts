import { describe, expect, test } from 'vitest'
import { MS, SECOND } from './units'
import { Simulation, type Transport } from './simulation'
import type { Behaviour } from './process'
import type { Message } from './queue'

interface Ball extends Message {
  readonly type: 'ball'
  readonly hits: number
}

const player: Behaviour<{ hits: number; readonly seen: Map<string, number> }, { readonly other: string; readonly serves: boolean }> = {
  kind: 'player',
  start(ctx, params) {
    if (params.serves) ctx.after(MS, { type: 'serve', other: params.other } as Message)
    return { hits: 0, seen: new Map() }
  },
  handle(state, message, ctx) {
    if (message.type === 'serve') ctx.send((message as unknown as { other: string }).other, { type: 'ball', hits: 1 } as Ball)
    else if (message.type === 'ball') {
      state.hits++
      state.seen.set(String(state.hits), ctx.rng.below(1000))
      ctx.trace({ kind: 'note', what: `hit ${(message as Ball).hits}` })
      ctx.after(ctx.rng.below(5 * MS), { type: 'return', hits: (message as Ball).hits + 1 } as Message)
    } else if (message.type === 'return') ctx.send(ctx.self === 'a' ? 'b' : 'a', { type: 'ball', hits: (message as Ball).hits } as Ball)
  },
}

const transport: Transport = { deliver: (_world, _from, _to, rng) => MS + rng.below(MS), hold: () => {} }

function rally(seed = 7): Simulation {
  const sim = new Simulation({ seed, epoch: 0, behaviours: [player as unknown as Behaviour<never, never>], transport, network: {} })
  sim.act(0, (ctx) => {
    ctx.spawn('b', 'player', 'h2', { other: 'a', serves: false })
    ctx.spawn('a', 'player', 'h1', { other: 'b', serves: true })
  })
  return sim
}

describe('the event loop', () => {
  test('gives the same trace and state for the same seed, whatever the slices', () => {
    const whole = rally()
    whole.run(10 * SECOND)
    const sliced = rally()
    for (let t = 0; t <= 10 * SECOND; t += 37 * MS) while (!sliced.run(Math.min(t, 10 * SECOND), 3).finished);
    sliced.run(10 * SECOND)
    expect(sliced.traceHash()).toBe(whole.traceHash())
    expect(sliced.stateHash()).toBe(whole.stateHash())
    expect(whole.trace.nextId).toBeGreaterThan(1500)
  })

  test('gives another trace for another seed', () => {
    const [a, b] = [rally(1), rally(2)]
    a.run(SECOND)
    b.run(SECOND)
    expect(a.traceHash()).not.toBe(b.traceHash())
  })

  test('goes on from a checkpoint as if nothing had been, also twice', () => {
    const sim = rally()
    sim.run(3 * SECOND)
    const checkpoint = sim.checkpoint()
    sim.run(10 * SECOND)
    const [trace, state] = [sim.traceHash(), sim.stateHash()]
    for (let i = 0; i < 2; i++) {
      sim.restore(checkpoint)
      expect(sim.now).toBe(3 * SECOND)
      sim.run(10 * SECOND)
      expect(sim.traceHash()).toBe(trace)
      expect(sim.stateHash()).toBe(state)
    }
  })

  test('names the cause of each record, across processes', () => {
    const sim = rally()
    sim.run(SECOND)
    const last = sim.lastRecords(1)[0]
    const chain = sim.trace.because(last?.id ?? 0)
    expect(chain.length).toBeGreaterThan(10)
    expect(chain.slice(0, 2).map((r) => r.actor).sort()).toEqual(['a', 'b'])
  })

  test('drops what was meant for an earlier life of a process', () => {
    const sim = rally()
    sim.run(500 * MS)
    sim.act(0, (ctx) => {
      ctx.kill('a')
      ctx.spawn('a', 'player', 'h1', { other: 'b', serves: false })
    })
    sim.run(5 * SECOND)
    expect(sim.stateOf<{ hits: number }>('a')?.hits).toBeLessThan(2)
  })

  test('tells a sender that its receiver is down', () => {
    const sim = rally()
    const heard: string[] = []
    const ear: Behaviour<null, null> = { kind: 'ear', start: (ctx) => (ctx.after(MS, { type: 'go' }), null), handle: (_s, m, ctx) => void (m.type === 'go' ? ctx.send('b', { type: 'hello' }) : heard.push(m.type)) }
    const other = new Simulation({ seed: 1, epoch: 0, behaviours: [player as unknown as Behaviour<never, never>, ear as unknown as Behaviour<never, never>], transport, network: {} })
    other.act(0, (ctx) => {
      ctx.spawn('b', 'player', 'h2', { other: 'a', serves: false })
      ctx.kill('b')
      ctx.spawn('ear', 'ear', 'h1', null)
    })
    other.run(SECOND)
    expect(heard).toEqual(['refused'])
    void sim
  })

  test('refuses functions in the state when a checkpoint is taken', () => {
    const sim = rally()
    ;(sim.stateOf<Record<string, unknown>>('a') as Record<string, unknown>).leak = () => 0
    expect(() => sim.checkpoint()).toThrow('a function in the state')
  })
})
