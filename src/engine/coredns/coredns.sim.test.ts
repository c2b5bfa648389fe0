import { expect, it } from 'vitest'
import { SECOND } from '../sim'
import { Cluster, defaultPreset } from '../cluster'
import { kubectl } from '../kubectl'
import { judge, type KernelState } from '../kube-proxy'
import { resolve, resolveAddress, resolveService, type CorednsState } from '.'

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

it('knows ports (SRV), addresses (PTR), pods, and the endpoints of headless services', () => {
  const c = new Cluster(defaultPreset(5)).install(kubectl).bootUp()
  const yaml = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "redis:7", ports: [{name: redis, containerPort: 6379}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{name: redis, port: 6379}]}
`
  c.input({ type: 'kubectl', line: 'kubectl apply -f -', stdin: yaml })
  c.run(40 * SECOND)
  const dns = [...c.sim.state.processes.values()].find((p) => p.kind === 'coredns' && p.up)?.state as CorednsState
  const all = resolve(dns, 'db.default.svc.cluster.local')
  expect('addresses' in all && all.addresses).toHaveLength(2)
  const one = resolve(dns, 'db-1.db.default.svc.cluster.local')
  const ip = 'addresses' in one ? (one.addresses[0] as string) : ''
  expect(ip).toMatch(/^10\.244\./)
  expect(resolveService(dns, '_redis._tcp.db.default.svc.cluster.local').map((r) => [r.target.split('.')[0], r.port])).toEqual([['db-0', 6379], ['db-1', 6379]])
  expect(resolveService(dns, '_dns._udp.kube-dns.kube-system.svc.cluster.local')).toEqual([{ target: 'kube-dns.kube-system.svc.cluster.local', port: 53 }])
  expect(resolveAddress(dns, '10.0.96.10.in-addr.arpa')).toBe('kube-dns.kube-system.svc.cluster.local')
  expect(resolveAddress(dns, `${ip.split('.').reverse().join('.')}.in-addr.arpa`)).toBe('db-1.db.default.svc.cluster.local')
  expect(resolve(dns, `${ip.replaceAll('.', '-')}.default.pod.cluster.local`)).toEqual({ rcode: 'NOERROR', addresses: [ip] })
  expect(resolve(dns, 'db-2.db.default.svc.cluster.local').rcode).toBe('NXDOMAIN')
})
