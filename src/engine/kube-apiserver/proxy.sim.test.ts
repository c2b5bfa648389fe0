import { describe, expect, test } from 'vitest'
import type { Behaviour } from '../sim'
import type { KubeletRequest, KubeletResponse } from '.'
import { TestServer } from './testing'

const fakeKubelet: Behaviour<object, object> = {
  kind: 'fake-kubelet',
  start: () => ({}),
  handle(_state, message, ctx) {
    if (message.type !== 'kubelet/request') return
    const { id, from, what, pod, container, options } = message as KubeletRequest
    const answer: KubeletResponse = { type: 'kubelet/response', id, code: 200, body: `${what} ${pod} ${container} ${options.tailLines ?? ''}` }
    ctx.send(from, answer)
  },
}

const pods = '/api/v1/namespaces/default/pods'

function withPod(): TestServer {
  const s = new TestServer({ behaviours: [fakeKubelet] })
  s.sim.act(0, (ctx) => ctx.spawn('kubelet@node-1', 'fake-kubelet', 'node-1', {}))
  s.do({ verb: 'create', path: '/api/v1/namespaces/default/serviceaccounts', body: { metadata: { name: 'default' } } })
  s.do({ verb: 'create', path: pods, body: { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'nginx' }, { name: 'd', image: 'nginx' }] } } })
  s.do({ verb: 'create', path: `${pods}/p/binding`, body: { metadata: { name: 'p' }, target: { kind: 'Node', name: 'node-1' } } })
  return s
}

describe('what only the kubelet knows', () => {
  test('a log is asked of the node, with the container and the options', () => {
    const s = withPod()
    expect(s.do({ verb: 'get', path: `${pods}/p/log`, query: { container: 'd', tailLines: '5' } }).body).toBe('log p d 5')
    const which = s.do({ verb: 'get', path: `${pods}/p/log` })
    expect((which.body as unknown as { message: string }).message).toBe('a container name must be specified for pod p, choose one of: [c d]')
  })

  test('a node that does not listen is a server error that names the node', () => {
    const s = withPod()
    s.stop('kubelet@node-1')
    const r = s.do({ verb: 'get', path: `${pods}/p/log`, query: { container: 'c' } })
    expect(r.code).toBe(500)
    expect((r.body as unknown as { message: string }).message).toBe('Get "https://node-1:10250/containerLogs/default/p/c": dial tcp node-1:10250: connect: connection refused')
  })
})
