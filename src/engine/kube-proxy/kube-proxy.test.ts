import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { EndpointSlice, Service } from '../api'
import { endpointChain, probability, serviceChain } from './chains'
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
