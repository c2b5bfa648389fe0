import { expect, it } from 'vitest'
import { SECOND } from '../sim'
import { Cluster, defaultPreset } from '../cluster'
import { kubectl } from '../kubectl'
import { judge, type KernelState } from '../kube-proxy'
import { resolve, type CorednsState } from '.'

it('a service has a name in CoreDNS and rules on every node', () => {
  const c = new Cluster(defaultPreset(5)).install(kubectl).bootUp()
  c.input({ type: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.25 --replicas=2' })
  c.run(2 * SECOND)
  c.input({ type: 'kubectl', line: 'kubectl expose deployment web --port=80' })
  c.run(30 * SECOND)
  const dns = [...c.sim.state.processes.values()].find((p) => p.kind === 'coredns' && p.up)?.state as CorednsState
  const answer = resolve(dns, 'web.default.svc.cluster.local')
  expect(answer.rcode).toBe('NOERROR')
  expect(resolve(dns, 'nobody.default.svc.cluster.local').rcode).toBe('NXDOMAIN')
  const ip = 'addresses' in answer ? (answer.addresses[0] as string) : ''
  for (const node of ['control-plane', 'node-1', 'node-2', 'node-3']) {
    const verdict = judge(c.sim.stateOf<KernelState>(`kernel@${node}`) as KernelState, 'tcp', ip, 80, false, true, '10.244.1.9')
    expect(verdict.kind === 'dnat' && verdict.list.map((e) => e.probability)).toEqual(['0.5000000000', '1.0000000000'])
  }
})
