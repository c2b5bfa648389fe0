import { describe, expect, it } from 'vitest'
import { facts } from '../apimachinery/facts.testing'
import { clusterIPOf, ofFamily, type IPFamily } from './families'
import { shouldSkipService } from './rules'
import { categorizeEndpoints, type EndpointPolicy, type KnownEndpoint } from './topology'

type Case = { case?: string; given: any; expect: any }
const group = (name: string): readonly Case[] => facts<any>('proxy').groups.find((g: any) => g.test === name).cases

const endpoint = (address: string, more: Partial<KnownEndpoint>): KnownEndpoint => {
  const [ip = '', port] = address.split(':')
  return { ip, port: Number(port), node: '', isLocal: false, ready: true, serving: true, terminating: false, zoneHints: [], nodeHints: [], ...more }
}
const zones = (...zoneHints: string[]) => ({ zoneHints })
const near: Partial<KnownEndpoint> = { isLocal: true }
const down: Partial<KnownEndpoint> = { ready: false, serving: false }
const leaving: Partial<KnownEndpoint> = { ready: false, serving: true, terminating: true }

/** What the dump of TestCategorizeEndpoints leaves out: what the endpoints are like, and the service. As in pkg/proxy/topology_test.go. */
const setUps: Readonly<Record<string, { readonly policy?: Partial<EndpointPolicy>; readonly endpoints: readonly Partial<KnownEndpoint>[] }>> = {
  'empty node labels': { endpoints: [zones('zone-a')] },
  'missing hints, no filtering applied': { endpoints: [zones('zone-a'), zones('zone-b'), {}, zones('zone-a')] },
  'multiple hints per endpoint, filtering includes any endpoint with zone included': { endpoints: [zones('zone-a', 'zone-b', 'zone-c'), zones('zone-b', 'zone-c'), zones('zone-b', 'zone-d'), zones('zone-c')] },
  'PreferSameNode available': { endpoints: [1, 2, 3, 4].map((n) => ({ zoneHints: ['zone-a'], nodeHints: [`node-${n}`] })) },
  'conflicting topology and localness require merging allEndpoints': { policy: { externalLocal: true, isExternal: true }, endpoints: [{ ...near, ...zones('zone-a') }, { ...near, ...zones('zone-b') }, zones('zone-a'), zones('zone-b')] },
  'internalTrafficPolicy: Local, but all endpoints are remote': { policy: { internalLocal: true }, endpoints: [{}, {}] },
  'internalTrafficPolicy: Local, all endpoints are local': { policy: { internalLocal: true }, endpoints: [near, near] },
  'Cluster traffic policy, endpoints not Ready': { endpoints: [down, down] },
  'Cluster traffic policy, some endpoints are Ready': { endpoints: [down, {}] },
  'iTP: Cluster, eTP: Local, some endpoints local': { policy: { externalLocal: true, isExternal: true }, endpoints: [near, {}] },
  'iTP: Cluster, eTP: Local, with terminating endpoints': { policy: { externalLocal: true, isExternal: true }, endpoints: [{}, { ...down, ...near }, { ...leaving, ...near }, leaving] },
  'no cluster endpoints for iTP:Local internal-only service': { policy: { internalLocal: true }, endpoints: [{}, near] },
  'single endpoint not ready, not serving, not terminating': { endpoints: [down] },
}

const names = (list: readonly KnownEndpoint[] | undefined): readonly string[] | undefined => list?.map((e) => `${e.ip}:${e.port}`).sort()

describe('which endpoints a node uses', () => {
  for (const c of group('TestCategorizeEndpoints'))
    it(c.case as string, () => {
      const setUp = setUps[c.case as string]
      expect(setUp, 'a case that nobody has set up').toBeDefined()
      const endpoints = (c.given.endpoints as string[]).map((address, i) => endpoint(address, setUp?.endpoints[i] ?? {}))
      const got = categorizeEndpoints(endpoints, { internalLocal: false, externalLocal: false, isExternal: false, ...setUp?.policy }, c.given.nodeName ?? '', c.given.nodeLabels?.['topology.kubernetes.io/zone'] ?? '')
      const want = (set: object | undefined): readonly string[] | undefined => set && Object.keys(set).sort()
      const { clusterEndpoints, localEndpoints, allEndpoints, onlyRemoteEndpoints } = c.expect
      expect(names(got.cluster)).toEqual(want(clusterEndpoints))
      expect(names(got.local)).toEqual(want(localEndpoints))
      const all = want(clusterEndpoints === undefined ? localEndpoints : localEndpoints === undefined ? clusterEndpoints : allEndpoints) ?? []
      expect(names(got.reachable)).toEqual(all)
      expect(got.hasAny).toBe(all.length > 0 || onlyRemoteEndpoints)
    })
  // Of upstream's table, though not dumped.
  it('both policies Local, all endpoints remote and leaving: dropped, not refused', () => {
    const got = categorizeEndpoints([endpoint('10.0.0.0:80', leaving), endpoint('10.0.0.1:80', leaving)], { internalLocal: true, externalLocal: true, isExternal: true }, 'n', '')
    expect([names(got.cluster), names(got.local), got.hasAny]).toEqual([['10.0.0.0:80', '10.0.0.1:80'], [], true])
  })
})

describe('families of addresses', () => {
  it('split addresses and ranges', () => {
    for (const name of ['TestMapIPsByIPFamily', 'TestMapCIDRsByIPFamily'])
      for (const c of group(name)) {
        // Parts of expectations were dumped as cases of their own.
        if (c.case === undefined) continue
        const [own, other]: [IPFamily, IPFamily] = c.expect.wantIPv6 ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6']
        expect(ofFamily(c.given.ipString, own), c.case).toEqual(c.expect.expectCorrect ?? [])
        expect(ofFamily(c.given.ipString, other), c.case).toEqual(c.expect.expectIncorrect ?? [])
      }
  })
  it('tell a cluster IP', () => {
    for (const c of group('TestGetClusterIPByFamily')) expect(clusterIPOf(c.given.service, c.given.requestFamily), c.case).toBe(c.expect.expectedResult ?? '')
  })
})

it('skips what is not a proxy\'s', () => {
  for (const c of group('TestShouldSkipService')) expect(shouldSkipService(c.given.service)).toBe(c.expect.shouldSkip)
})
