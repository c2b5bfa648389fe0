import { describe, expect, test } from 'vitest'
import { MS, SECOND, Simulation, type Behaviour, type Message } from '../sim'
import { cut, deadConnectionAfter, giveUp, mend, newNetwork, transport } from './network'

interface Heard {
  readonly heard: string[]
}

const server: Behaviour<Heard, null> = {
  kind: 'server',
  start: () => ({ heard: [] }),
  handle(state, message, ctx) {
    state.heard.push(`${message.type}@${Math.round(ctx.now / SECOND)}`)
    if (message.type === 'ping') ctx.send('client', { type: 'pong' })
  },
}

const client: Behaviour<Heard, null> = {
  kind: 'client',
  start: (ctx) => {
    ctx.after(SECOND, { type: 'tick' })
    return { heard: [] }
  },
  handle(state, message, ctx) {
    if (message.type !== 'tick') return void state.heard.push(`${message.type}@${Math.round(ctx.now / SECOND)}`)
    ctx.send('server', { type: 'ping' })
    ctx.after(10 * SECOND, message)
  },
}

function setUp() {
  const sim = new Simulation({ seed: 1, epoch: 0, behaviours: [server, client] as unknown as Behaviour<never, never>[], transport, network: newNetwork() })
  sim.act(0, (ctx) => {
    ctx.spawn('server', 'server', 'a', null)
    ctx.spawn('client', 'client', 'b', null)
  })
  return { sim, heard: (id: string) => sim.stateOf<Heard>(id)?.heard ?? [] }
}

describe('links', () => {
  test('deliver after a latency that depends on the seed only', () => {
    const { sim, heard } = setUp()
    sim.run(SECOND + 100 * MS)
    expect(heard('client')).toEqual(['pong@1'])
  })

  test('hold what is sent over a cut, and deliver it when it mends in time', () => {
    const { sim, heard } = setUp()
    sim.run(5 * SECOND)
    cut(sim.state, 'a', 'b')
    sim.run(25 * SECOND)
    expect(heard('server')).toEqual(['ping@1'])
    mend(sim, 'a', 'b')
    sim.run(26 * SECOND)
    expect(heard('server')).toEqual(['ping@1', 'ping@25', 'ping@25'])
  })

  test('give connections up at both ends when a cut lasts', () => {
    const { sim, heard } = setUp()
    sim.run(5 * SECOND)
    cut(sim.state, 'b')
    sim.run(5 * SECOND + deadConnectionAfter)
    for (const { tell, peer } of giveUp(sim, 'b')) sim.post(tell, { type: 'disconnected', peer } as Message)
    sim.run(51 * SECOND)
    expect(heard('client').at(-1)).toBe('disconnected@50')
    expect(heard('server').at(-1)).toBe('disconnected@50')
    mend(sim, 'b')
    sim.run(53 * SECOND)
    expect(heard('server').filter((h) => h.startsWith('ping')).length).toBe(2) // the one before the cut, and the one sent after both had given up
  })

  test('a server that is gone when the link mends refuses what was held', () => {
    const { sim, heard } = setUp()
    sim.run(5 * SECOND)
    sim.act(0, (ctx) => ctx.kill('server'))
    cut(sim.state, 'a', 'b')
    sim.run(15 * SECOND)
    mend(sim, 'a', 'b')
    sim.run(16 * SECOND)
    expect(heard('client')).toEqual(['pong@1', 'disconnected@5', 'refused@15'])
  })

  test('a machine that went dark is not heard to hang up', () => {
    const { sim, heard } = setUp()
    sim.run(5 * SECOND)
    cut(sim.state, 'b')
    sim.act(0, (ctx) => ctx.kill('client'))
    sim.run(30 * SECOND)
    expect(heard('server')).toEqual(['ping@1'])
    expect(giveUp(sim, 'b')).toContainEqual({ tell: 'server', peer: 'client' })
  })
})
