import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { EndpointSlice, Service } from '../api'
import { endpointChain, nftChain, probability, serviceChain } from './chains'
import { judge, kernel, type KernelRestore, type KernelState, type ProxyMode } from './kernel'
import { renderRules } from './render'
import { serviceRules } from './rules'

const facts = new URL('../../../../shared/kubernetes/facts/fn-kube-proxy.json', import.meta.url)

describe('names of chains', () => {
  it('hash as upstream does', () => {
    expect(serviceChain('KUBE-SVC-', 'default/web:http', 'tcp')).toBe('KUBE-SVC-CDGGSHYLG3RE2FKL')
    expect(endpointChain('default/web:http', 'tcp', '10.244.1.2:80')).toBe('KUBE-SEP-PBQ62IOVWGYEN623')
  })
  it.runIf(existsSync(facts))('equal every recorded case', () => {
    const { chains, probability: chances } = JSON.parse(readFileSync(facts, 'utf8'))
    for (const c of chains) {
      expect(serviceChain('KUBE-SVC-', c.servicePortName, c.protocol)).toBe(c.svcChain)
      expect(serviceChain('KUBE-EXT-', c.servicePortName, c.protocol)).toBe(c.extChain)
      expect(endpointChain(c.servicePortName, c.protocol, '10.244.1.2:80')).toBe(c['sepChain_10.244.1.2:80'])
    }
    for (const p of chances) expect(probability(p.n)).toBe(p.probability)
  })
})

describe('the rules of a service', () => {
  const service = { metadata: { name: 'web', namespace: 'default' }, spec: { clusterIP: '10.96.0.20', ports: [{ port: 80, targetPort: 8080 }] } } as unknown as Service
  const slice = (...endpoints: object[]) => ({ addressType: 'IPv4', metadata: { name: 'web-x' }, ports: [{ name: '', port: 8080, protocol: 'TCP' }], endpoints }) as unknown as EndpointSlice

  it('lead to ready endpoints with equal chances', () => {
    const [rules] = serviceRules(service, [slice({ addresses: ['10.244.1.3'], conditions: { ready: true } }, { addresses: ['10.244.1.2'], conditions: { ready: true } }, { addresses: ['10.244.1.4'], conditions: { ready: false } })], 'node-1')
    expect(rules?.endpoints.map((e) => [e.ip, e.port, e.probability])).toEqual([['10.244.1.2', 8080, '0.5000000000'], ['10.244.1.3', 8080, '1.0000000000']])
  })
  it('fall back to endpoints that still serve while they terminate', () => {
    const [rules] = serviceRules(service, [slice({ addresses: ['10.244.1.3'], conditions: { ready: false, serving: true, terminating: true } })], 'node-1')
    expect(rules?.endpoints.map((e) => e.ip)).toEqual(['10.244.1.3'])
  })
})

describe('hints', () => {
  const service = { metadata: { name: 'web', namespace: 'default' }, spec: { clusterIP: '10.96.0.20', ports: [{ port: 80 }] } } as unknown as Service
  const endpoint = (n: number, hints?: object, ready = true) => ({ addresses: [`10.1.2.${n}`], conditions: { ready }, ...(hints && { hints }) })
  const byZone = (...names: string[]) => ({ forZones: names.map((name) => ({ name })) })
  const byNode = (node: string, zone: string) => ({ ...byZone(zone), forNodes: [{ name: node }] })
  const reached = (endpoints: object[], node: string, zone?: string) => {
    const slice = { addressType: 'IPv4', metadata: { name: 'web-x' }, ports: [{ name: '', port: 80, protocol: 'TCP' }], endpoints } as unknown as EndpointSlice
    return serviceRules(service, [slice], node, zone)[0]?.endpoints.map((e) => Number(e.ip.slice(7)))
  }

  // Cases of upstream's TestCategorizeEndpoints (pkg/proxy/topology_test.go).
  it.each<[string, object[], string, string | undefined, number[]]>([
    ['missing hints, no filtering', [endpoint(3), endpoint(4)], 'n', 'zone-a', [3, 4]],
    ['no zone of the node, no filtering', [endpoint(3, byZone('zone-a')), endpoint(4, byZone('zone-b'))], 'n', undefined, [3, 4]],
    ['endpoints of the zone', [endpoint(3, byZone('zone-a')), endpoint(4, byZone('zone-b')), endpoint(5, byZone('zone-a'))], 'n', 'zone-a', [3, 5]],
    ['several zones on one endpoint', [endpoint(3, byZone('zone-a', 'zone-c')), endpoint(4, byZone('zone-b'))], 'n', 'zone-c', [3]],
    ['none for the zone, no filtering', [endpoint(3, byZone('zone-a')), endpoint(4, byZone('zone-b'))], 'n', 'zone-d', [3, 4]],
    ['one ready endpoint without a hint, no filtering', [endpoint(3, byZone('zone-a')), endpoint(4)], 'n', 'zone-a', [3, 4]],
    ['one unready endpoint without a hint does not matter', [endpoint(3, byZone('zone-a')), endpoint(4, byZone('zone-b')), endpoint(5, undefined, false)], 'n', 'zone-a', [3]],
    ['PreferSameNode available', [endpoint(3, byNode('node-1', 'zone-a')), endpoint(4, byNode('node-2', 'zone-a')), endpoint(5, byNode('node-3', 'zone-b'))], 'node-1', 'zone-a', [3]],
    ['PreferSameNode falls back to the zone', [endpoint(3, byNode('node-1', 'zone-a')), endpoint(4, byNode('node-2', 'zone-a')), endpoint(5, byNode('node-3', 'zone-b'))], 'node-0', 'zone-a', [3, 4]],
  ])('%s', (_, endpoints, node, zone, want) => {
    expect(reached(endpoints, node, zone)).toEqual(want)
  })
})

describe('the rules of a node', () => {
  const service = (spec: object, status: object = {}) => ({ metadata: { name: 'web', namespace: 'default' }, spec: { clusterIP: '10.96.0.20', type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }], ...spec }, status }) as unknown as Service
  const slice = { addressType: 'IPv4', metadata: { name: 'web-x', resourceVersion: '41' }, ports: [{ name: '', port: 8080, protocol: 'TCP' }], endpoints: [{ addresses: ['10.244.1.2'], nodeName: 'node-1' }, { addresses: ['10.244.2.2'], nodeName: 'node-2' }] } as unknown as EndpointSlice
  const kernelWith = (s: Service, mode: ProxyMode, node = 'node-3', slices = [slice]): KernelState => {
    const state = kernel.start({} as never, { node })
    const restore: KernelRestore = { type: 'kernel/restore', mode, full: true, services: [['default/web', serviceRules(s, slices, node)]] }
    kernel.handle(state, restore, { now: 5 } as never)
    return state
  }
  const cluster = (k: KernelState, port = 80) => judge(k, 'tcp', '10.96.0.20', port, false, true, '10.244.3.9')
  const door = (k: KernelState, inside = false) => judge(k, 'tcp', '172.18.0.5', 30080, true, inside, '198.51.100.10')

  it('send a cluster IP to all endpoints, with the revision they were made from', () => {
    const v = cluster(kernelWith(service({}), 'iptables'))
    expect(v.kind === 'dnat' && [v.list.length, v.via, v.rules.revision]).toEqual([2, 'cluster-ip', 41])
  })
  it('reject a Service without endpoints, and differ for ports it does not have', () => {
    expect(cluster(kernelWith(service({}), 'iptables', 'node-3', []))).toMatchObject({ kind: 'reject', why: 'no-endpoints' })
    expect(cluster(kernelWith(service({}), 'iptables'), 81)).toMatchObject({ kind: 'drop', why: 'no-such-port' })
    for (const mode of ['ipvs', 'nftables'] as const) expect(cluster(kernelWith(service({}), mode), 81)).toMatchObject({ kind: 'reject', why: 'no-such-port' })
  })
  it('keep to the node with policy Local: dropped where there is no endpoint', () => {
    const local = service({ externalTrafficPolicy: 'Local' })
    expect(door(kernelWith(local, 'iptables', 'node-3'))).toMatchObject({ kind: 'drop', why: 'no-local-endpoints' })
    const v = door(kernelWith(local, 'iptables', 'node-1'))
    expect(v.kind === 'dnat' && v.list.map((e) => e.ip)).toEqual(['10.244.1.2'])
    expect(cluster(kernelWith(service({ internalTrafficPolicy: 'Local' }), 'iptables', 'node-3'))).toMatchObject({ kind: 'drop', why: 'no-local-endpoints' })
  })
  it('let pods that ask an external address use all endpoints, whatever the policies', () => {
    const both = kernelWith(service({ externalTrafficPolicy: 'Local', internalTrafficPolicy: 'Local' }), 'iptables', 'node-3')
    const v = door(both, true)
    expect(v.kind === 'dnat' && v.list.length).toBe(2)
    expect(door(both)).toMatchObject({ kind: 'drop' })
    expect(cluster(both)).toMatchObject({ kind: 'drop' })
    const text = renderRules(both)
    expect(text).toContain('has no local endpoints" -j DROP')
    expect(text).toMatch(/-A KUBE-EXT-\w+ -s 10.244.0.0\/16 .* -j KUBE-SVC-/)
  })
  it('count only ready endpoints for a load balancer, and each endpoint once', () => {
    const leaving = { addresses: ['10.244.1.2'], nodeName: 'node-1', conditions: { ready: false, serving: true, terminating: true } }
    const local = { ...service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 }) }
    const [rules] = serviceRules(local, [{ ...slice, endpoints: [leaving] } as EndpointSlice], 'node-1')
    expect([rules?.externalEndpoints.length, rules?.localReady, rules?.healthCheckNodePort]).toEqual([1, 0, 32000])
    expect(serviceRules(local, [slice, slice], 'node-1')[0]?.clusterEndpoints).toHaveLength(2)
  })
  it('are written for SCTP as for TCP', () => {
    const sctp = service({ ports: [{ name: 's1', port: 3868, targetPort: 3868, nodePort: 30868, protocol: 'SCTP' }] })
    const slices = [{ ...slice, ports: [{ name: 's1', port: 3868, protocol: 'SCTP' }] } as EndpointSlice]
    const k = kernelWith(sctp, 'iptables', 'node-3', slices)
    expect(judge(k, 'sctp', '10.96.0.20', 3868, false, true, '10.244.3.9').kind).toBe('dnat')
    expect(judge(k, 'tcp', '10.96.0.20', 3868, false, true, '10.244.3.9')).toMatchObject({ kind: 'drop', why: 'no-such-port' })
    expect(renderRules(k)).toContain('-d 10.96.0.20/32 -p sctp -m sctp --dport 3868')
    expect(renderRules(kernelWith(sctp, 'ipvs', 'node-3', slices))).toContain('SCTP 10.96.0.20:3868 rr')
    expect(renderRules(kernelWith(sctp, 'nftables', 'node-3', slices))).toContain('meta l4proto sctp dnat to 10.244.1.2:3868')
  })
  it('let only the named ranges use a load balancer', () => {
    const k = kernelWith(service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['192.0.2.0/24'] }, { loadBalancer: { ingress: [{ ip: '203.0.113.9', ipMode: 'VIP' }] } }), 'iptables')
    expect(judge(k, 'tcp', '203.0.113.9', 80, false, false, '198.51.100.10')).toMatchObject({ kind: 'drop', why: 'source-range' })
    expect(judge(k, 'tcp', '203.0.113.9', 80, false, false, '192.0.2.7').kind).toBe('dnat')
  })
  it('go when the Service goes', () => {
    const k = kernelWith(service({}), 'iptables')
    const restore: KernelRestore = { type: 'kernel/restore', mode: 'iptables', full: false, services: [['default/web', []]] }
    kernel.handle(k, restore, { now: 9 } as never)
    expect(cluster(k)).toEqual({ kind: 'pass' })
    expect([k.byAddress.size, k.byNodePort.size, k.serviceIPs.size]).toEqual([0, 0, 0])
  })
  it('read like the tools print them', () => {
    const text = renderRules(kernelWith(service({}), 'iptables'))
    expect(text).toContain('-A KUBE-SERVICES -d 10.96.0.20/32 -p tcp -m tcp --dport 80 -m comment --comment "default/web cluster IP" -j KUBE-SVC-')
    expect(text).toContain('--comment "default/web -> 10.244.1.2:8080" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-')
    expect(text).toContain('-j DNAT --to-destination 10.244.2.2:8080')
    expect(renderRules(kernelWith(service({}), 'ipvs'))).toContain('TCP  10.96.0.20:80 rr\n  -> 10.244.1.2:8080')
    expect(renderRules(kernelWith(service({}), 'ipvs'), '172.18.0.4')).toContain('TCP  172.18.0.4:30080 rr')
    expect(renderRules(kernelWith(service({}), 'nftables'), '172.18.0.4')).toContain('elements = { 172.18.0.4 }')
    expect(renderRules(kernelWith(service({}), 'nftables'))).toContain('numgen random mod 2 vmap { 0 : goto endpoint-')
    // Names of chains as in upstream's TestOverallNFTablesRules.
    expect([nftChain('service', 'ns1/svc1/tcp/p80'), nftChain('endpoint', 'ns1/svc1/tcp/p80__10.180.0.1/80')]).toEqual(['service-ULMVA6XW-ns1/svc1/tcp/p80', 'endpoint-5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80'])
  })
})
