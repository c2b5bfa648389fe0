import type { PodSandbox } from '../cri'

/** How a client looks up names: what is in its /etc/resolv.conf and /etc/hosts. */
export interface Resolver {
  /** Address that queries go to; empty: it has none of its own, the world outside is asked. */
  readonly server: string
  readonly search: readonly string[]
  readonly ndots: number
  readonly hosts: ReadonlyMap<string, string>
}

const noHosts: ReadonlyMap<string, string> = new Map()

/** Who is no pod asks the world. */
export const worldResolver: Resolver = Object.freeze({ server: '', search: Object.freeze([]), ndots: 1, hosts: noHosts })

// What follows from a text: a memo, not state. Bounds: 1,000, then all is forgotten.
const known = new Map<string, Resolver>()

/** A pod's resolver, by the files that its containers have. Upstream: resolv.conf(5), hosts(5) */
export function resolverOf(sandbox: PodSandbox | undefined): Resolver {
  const files = sandbox?.containers[0]?.files
  const resolv = files?.get('/etc/resolv.conf')
  if (resolv === undefined) return worldResolver
  const hosts = files?.get('/etc/hosts') ?? ''
  const key = `${resolv}\n\n${hosts}`
  let resolver = known.get(key)
  if (resolver === undefined) {
    if (known.size >= 1_000) known.clear()
    known.set(key, (resolver = parse(resolv, hosts)))
  }
  return resolver
}

function parse(resolv: string, hosts: string): Resolver {
  let server = ''
  let search: readonly string[] = []
  let ndots = 1
  for (const line of resolv.split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/)
    // The first that answers is asked; the others are for when it is silent.
    if (word === 'nameserver' && server === '') server = rest[0] ?? ''
    else if (word === 'search') search = rest
    else if (word === 'options') for (const o of rest) if (/^ndots:\d+$/.test(o)) ndots = Math.min(15, Number(o.slice(6)))
  }
  const names = new Map<string, string>()
  for (const line of hosts.split('\n')) {
    const [ip, ...rest] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (ip !== undefined && !ip.includes(':')) for (const n of rest) if (!names.has(n)) names.set(n, ip)
  }
  return Object.freeze({ server, search, ndots, hosts: names })
}

/** The full names that are asked for, in order: as it is first when it has enough dots, else last. Upstream: resolv.conf(5), ndots */
export function searchNames(host: string, { search, ndots }: Resolver): readonly string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)]
  const searched = search.map((s) => `${host}.${s}`)
  return host.split('.').length - 1 >= ndots ? [host, ...searched] : [...searched, host]
}
