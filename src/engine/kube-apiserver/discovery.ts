import { notFound, type KubeObject } from '../apimachinery'
import { aggregatedGroups } from './aggregation'
import { computedServed } from './handlers/computed'
import { reviews } from './handlers/review'
import { allServed } from './custom-resources'
import { otherVersions } from './old-versions'
import { openApi } from './openapi'
import { gatedServed, type Served } from './served'
import type { WatchCache } from './watch-cache'

/** Version that the server says it is. */
export const serverVersion = Object.freeze({
  major: '1', minor: '36', emulationMajor: '1', emulationMinor: '36', minCompatibilityMajor: '1', minCompatibilityMinor: '35', gitVersion: 'v1.36.2',
  gitCommit: '', gitTreeState: 'clean', buildDate: '2026-06-01T00:00:00Z', goVersion: 'go1.26.0', compiler: 'gc', platform: 'linux/amd64',
})

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** What a path outside of the resources answers; undefined when there is nothing. Upstream: apiserver/pkg/endpoints/discovery, server/healthz */
export function discover(path: string, cache: WatchCache, gated?: readonly string[]): KubeObject | string | undefined {
  const version = Math.max(cache.changedAt('customresourcedefinitions'), cache.changedAt('apiservices'))
  let memo = memos.get(cache)
  if (memo === undefined || memo.version !== version) memos.set(cache, (memo = { version, bodies: new Map() }))
  const known = memo.bodies.get(path)
  if (known !== undefined) return known
  const made = answer(path, [...allServed(cache), ...gatedServed(gated), ...computedServed, ...(path.startsWith('/openapi/') ? [] : otherVersions())], cache)
  if (made !== undefined) memo.bodies.set(path, made)
  return made
}

// What follows from the definitions, as long as they stay.
const memos = new WeakMap<WatchCache, { readonly version: number; readonly bodies: Map<string, KubeObject | string> }>()

function answer(path: string, all: readonly Served[], cache: WatchCache): KubeObject | string | undefined {
  switch (path) {
    case '/version': case '/version/':
      return serverVersion as unknown as KubeObject
    case '/api':
      return freeze({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '10.0.0.10:6443' }] })
    case '/apis':
      return freeze({ kind: 'APIGroupList', apiVersion: 'v1', groups: groups(all, cache) })
    default:
  }
  if (path.startsWith('/openapi/')) return openApi(path, all, serverVersion.gitVersion)
  const parts = path.split('/')
  if (parts[1] === 'api' && parts.length === 3) return resourceList(all, '', parts[2] as string)
  if (parts[1] === 'apis' && parts.length === 4) return resourceList(all, parts[2] as string, parts[3] as string)
  if (parts[1] === 'apis' && parts.length === 3) return groups(all, cache).find((g) => g.name === parts[2]) as unknown as KubeObject | undefined
  return undefined
}

function freeze(o: object): KubeObject {
  return Object.freeze(o) as KubeObject
}

interface Group {
  readonly name: string
  readonly versions: { groupVersion: string; version: string }[]
  readonly preferredVersion: { groupVersion: string; version: string }
}

function groups(all: readonly Served[], cache: WatchCache): Group[] {
  const out: Group[] = []
  for (const info of [...all.map((s) => s.info), ...reviews.map((r) => ({ group: r.group, version: 'v1' })), ...aggregatedGroups({ cache })]) {
    if (info.group === '') continue
    const version = { groupVersion: `${info.group}/${info.version}`, version: info.version }
    const known = out.find((g) => g.name === info.group)
    if (known === undefined) out.push({ name: info.group, versions: [version], preferredVersion: version })
    else if (!known.versions.some((v) => v.version === info.version)) known.versions.push(version)
  }
  return out
}

function resourceList(all: readonly Served[], group: string, version: string): KubeObject | undefined {
  const found = all.filter(({ info }) => info.group === group && info.version === version)
  const asked = version === 'v1' ? reviews.filter((r) => r.group === group) : []
  if (found.length === 0 && asked.length === 0) return undefined
  const questions = asked.map((r) => ({ name: r.resource, singularName: r.kind.toLowerCase(), namespaced: r.namespaced, kind: r.kind, verbs: ['create'] }))
  const resources = [...found.flatMap(describe), ...questions].sort((a, b) => (a.name < b.name ? -1 : 1))
  return freeze({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group === '' ? version : `${group}/${version}`, resources })
}

function describe(served: Served) {
  const { info, strategy } = served
  const main = {
    name: info.resource, singularName: strategy.singular, namespaced: info.namespaced, kind: info.kind, verbs: computedServed.includes(served) ? ['get', 'list'] : verbs,
    ...(strategy.shortNames.length > 0 ? { shortNames: strategy.shortNames } : {}), ...(strategy.categories ? { categories: strategy.categories } : {}),
  }
  const subs = strategy.subresources.map((s) => ({
    name: `${info.resource}/${s}`, singularName: '', namespaced: info.namespaced,
    ...(s === 'scale' ? { group: 'autoscaling', version: 'v1', kind: 'Scale' } : s === 'eviction' ? { group: 'policy', version: 'v1', kind: 'Eviction' } : s === 'binding' ? { kind: 'Binding' } : { kind: info.kind }),
    verbs: s === 'binding' || s === 'eviction' ? ['create'] : s === 'log' ? ['get'] : s === 'exec' || s === 'attach' || s === 'portforward' ? ['create', 'get'] : s === 'finalize' ? ['update'] : ['get', 'patch', 'update'],
  }))
  return [main, ...subs]
}

/** What is answered where nothing is served. */
export const nothingHere = Object.freeze({ ...notFound({ group: '', resource: '' }, ''), message: 'the server could not find the requested resource', details: {} })
