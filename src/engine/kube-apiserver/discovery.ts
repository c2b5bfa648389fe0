import { notFound, type KubeObject } from '../apimachinery'
import { reviews } from './handlers/review'
import { servedResources, type Served } from './served'

/** Version that the server says it is. */
export const serverVersion = Object.freeze({
  major: '1', minor: '36', emulationMajor: '1', emulationMinor: '36', minCompatibilityMajor: '1', minCompatibilityMinor: '35', gitVersion: 'v1.36.2',
  gitCommit: '', gitTreeState: 'clean', buildDate: '2026-06-01T00:00:00Z', goVersion: 'go1.26.0', compiler: 'gc', platform: 'linux/amd64',
})

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** What a path outside of the resources answers; undefined when there is nothing. Upstream: apiserver/pkg/endpoints/discovery, server/healthz */
export function discover(path: string): KubeObject | string | undefined {
  const text = memo.get(path)
  if (text !== undefined) return text
  const made = answer(path)
  if (made !== undefined) memo.set(path, made)
  return made
}

const memo = new Map<string, KubeObject | string>()

function answer(path: string): KubeObject | string | undefined {
  switch (path) {
    case '/healthz': case '/livez': case '/readyz':
      return 'ok'
    case '/version': case '/version/':
      return serverVersion as unknown as KubeObject
    case '/api':
      return freeze({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '10.0.0.10:6443' }] })
    case '/apis':
      return freeze({ kind: 'APIGroupList', apiVersion: 'v1', groups: groups() })
    default:
  }
  const parts = path.split('/')
  if (parts[1] === 'api' && parts.length === 3) return resourceList('', parts[2] as string)
  if (parts[1] === 'apis' && parts.length === 4) return resourceList(parts[2] as string, parts[3] as string)
  if (parts[1] === 'apis' && parts.length === 3) return groups().find((g) => g.name === parts[2]) as unknown as KubeObject | undefined
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

function groups(): Group[] {
  const out: Group[] = []
  for (const info of [...[...servedResources()].map((s) => s.info), ...reviews.map((r) => ({ group: r.group, version: 'v1' }))]) {
    if (info.group === '') continue
    const version = { groupVersion: `${info.group}/${info.version}`, version: info.version }
    const known = out.find((g) => g.name === info.group)
    if (known === undefined) out.push({ name: info.group, versions: [version], preferredVersion: version })
    else if (!known.versions.some((v) => v.version === info.version)) known.versions.push(version)
  }
  return out
}

function resourceList(group: string, version: string): KubeObject | undefined {
  const found = [...servedResources()].filter(({ info }) => info.group === group && info.version === version)
  const asked = version === 'v1' ? reviews.filter((r) => r.group === group) : []
  if (found.length === 0 && asked.length === 0) return undefined
  const questions = asked.map((r) => ({ name: r.resource, singularName: r.kind.toLowerCase(), namespaced: r.namespaced, kind: r.kind, verbs: ['create'] }))
  const resources = [...found.flatMap(describe), ...questions].sort((a, b) => (a.name < b.name ? -1 : 1))
  return freeze({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group === '' ? version : `${group}/${version}`, resources })
}

function describe({ info, strategy }: Served) {
  const main = {
    name: info.resource, singularName: strategy.singular, namespaced: info.namespaced, kind: info.kind, verbs,
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
