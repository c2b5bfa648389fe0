import type { Dest } from './entry'
import type { Client, Plane } from './plane'
import { searchNames } from './resolver'
import { parseTarget, type Target } from './target'
import type { RequestSpec } from './types'

/** A client and its aim, prepared for many requests at one instant. */
export interface Plan {
  readonly client: Client
  readonly target: Target
  /** Host header. */
  readonly host: string
  readonly method: string
  /** Headers with names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Method and headers as text, when they are not a plain GET's. */
  readonly line: string
  /** Full names to ask for, in order. Empty: the host is an address. */
  readonly names: readonly string[]
  /** The last destination: most requests go to the same address. */
  ip: string
  dest: Dest | null
  /** Where queries for its names go; null: not looked up yet. */
  server: Dest | null
}

/** The plan of requests from a client to a target. Asserts nothing: the target was parsed before. */
export function planFor(plane: Plane, request: RequestSpec): Plan | { readonly error: string } {
  const client = plane.client(request.from)
  const { to, host, method = 'GET' } = request
  const line = lineOf(request)
  const key = `${client.key} ${to} ${host ?? ''} ${line}`
  const known = plane.plans.get(key)
  if (known) return known
  const target = parseTarget(to)
  if ('error' in target) return target
  const names = target.literal ? [] : client.resolver.server === '' ? [target.host] : searchNames(target.host, client.resolver)
  const headers = Object.freeze(Object.fromEntries(Object.entries(request.headers ?? {}).map(([k, v]) => [k.toLowerCase(), v])))
  const plan: Plan = { client, target, host: host ?? headers.host ?? target.host, method, headers, line, names, ip: '', dest: null, server: null }
  plane.plans.set(key, plan)
  return plan
}

function lineOf({ method = 'GET', headers }: RequestSpec): string {
  if (method === 'GET' && headers === undefined) return ''
  const said = Object.entries(headers ?? {}).map(([k, v]) => `${k}: ${v}`)
  return `${method}${said.length > 0 ? ` (${said.join(', ')})` : ''} `
}
