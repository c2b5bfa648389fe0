import { expect, it } from 'vitest'
import { kubectl } from '../engine/kubectl'
import { FrameBuilder } from './frame'
import type { Frame, Journey, NodeRules, SecondStats, ServiceOnNode } from './protocol'
import { answer } from './questions'
import { Session } from './session'

const S = 1_000_000

it('frames carry flows and journeys, questions tell more, and a rewind shows them as they were', () => {
  const s = new Session(3, 'default', kubectl)
  const act = (input: Parameters<Session['act']>[0], seconds: number) => {
    expect(s.act(input).error).toBeUndefined()
    s.run(s.now + seconds * S)
  }
  act({ type: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.25 --replicas=2' }, 1)
  act({ type: 'kubectl', line: 'kubectl expose deployment web --port=80' }, 20)
  const frames = new FrameBuilder()
  const build = (kind: 'full' | 'diff' = 'diff'): Frame => frames.build(s, kind, { playing: false, pace: { mode: 'event-paced', factor: 1 }, spreadMs: 0, skipped: 0 })
  expect(build('full').traffic?.flows ?? []).toEqual([])
  const from = { kind: 'node', name: 'node-1' } as const
  const ip = (answer(s, { about: 'object', resource: 'services', namespace: 'default', name: 'web' }) as { spec: { clusterIP: string } }).spec.clusterIP
  expect(s.act({ type: 'traffic', do: 'send', request: { from, to: 'sip://x' } }).error).toBe('unknown scheme "sip": use http, https, tcp, udp or sctp')
  const step = s.step
  act({ type: 'traffic', do: 'send', request: { from, to: `http://${ip}` } }, 1)
  expect(s.branch.story.step(step + 1)).toMatchObject({ kind: 'input', caption: `You send a request from node-1 to http://${ip}` })
  expect(s.branch.story.steps.at(-1)?.caption).toMatch(/^The answer from default\/web-.* arrives after .* ms: 200$/)
  const first = build().traffic
  expect(first?.journeys).toHaveLength(1)
  const j = first?.journeys[0] as Journey
  expect(answer(s, { about: 'journey', id: j.id })).toEqual(j)
  expect(first?.begun).toEqual([])
  // While it waits for an answer that does not come it is there to be drawn.
  expect(s.act({ type: 'fault', fault: { kind: 'node-down', node: j.node } }).error).toBeUndefined()
  act({ type: 'traffic', do: 'send', request: { from: { kind: 'node', name: j.node === 'node-1' ? 'node-2' : 'node-1' }, to: `http://${j.endpoint}` } }, 1)
  const waiting = build().traffic
  expect(waiting?.journeys).toEqual([])
  expect(waiting?.begun).toMatchObject([{ id: j.id + 1, latency: 5 * S, trips: [{ kind: 'request', node: j.node, outcome: 'timeout', stops: 'network' }] }])
  expect(build().traffic).toBeNull()
  expect(build('full').traffic?.begun).toHaveLength(1)
  s.act({ type: 'fault', fault: { kind: 'node-up', node: j.node } })
  s.run(s.now + 40 * S)
  expect(build().traffic?.journeys.map(({ id }) => id)).toEqual([j.id + 1])
  const before = s.now
  act({ type: 'traffic', do: 'start', generator: { from, to: `http://${ip}`, pattern: { kind: 'constant', rate: 50 } } }, 5)
  const loaded = build().traffic
  expect(loaded?.generators).toMatchObject([{ id: 'load-1', rate: 50 }])
  expect(loaded?.flows.reduce((n, f) => n + f.sent, 0)).toBeGreaterThan(240)
  expect(loaded?.journeys.length).toBeGreaterThan(20)
  // Only what changed comes again.
  expect(build().traffic?.flows).toEqual([])
  const seconds = answer(s, { about: 'service-stats', namespace: 'default', name: 'web' }) as readonly SecondStats[]
  expect(seconds.length).toBeGreaterThanOrEqual(5)
  expect((answer(s, { about: 'journeys', outcome: 'ok', most: 10 }) as readonly Journey[])).toHaveLength(10)
  const rules = answer(s, { about: 'rules', node: 'node-1' }) as NodeRules
  expect(rules).toMatchObject({ mode: 'iptables', proxyUp: true })
  const port = rules.ports.find((p) => p.name === 'default/web')
  expect(port?.revision).toBe(port?.currentRevision)
  expect(rules.text).toContain('default/web -> 10.244.')
  const everywhere = answer(s, { about: 'service-rules', service: 'default/web', nodes: ['node-1'] }) as readonly ServiceOnNode[]
  expect(everywhere.map(({ node, endpoints, revision }) => [node, endpoints, revision === port?.revision])).toEqual([['control-plane', 2, true], ['node-1', 2, true], ['node-2', 2, true], ['node-3', 2, true]])
  expect(everywhere.map((n) => n.port?.endpoints.length ?? null)).toEqual([null, 2, null, null])
  expect((answer(s, { about: 'service-rules', service: 'default/nobody', nodes: ['node-1'] }) as readonly ServiceOnNode[])[0]).toMatchObject({ endpoints: -1, port: null, podCIDR: '10.244.0.0/24' })
  s.seek(before)
  expect(build('full').traffic?.journeys[0]).toEqual(j)
})
