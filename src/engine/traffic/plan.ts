import type { Dest } from './entry'
import type { Client, Plane } from './plane'
import { parseTarget, type Target } from './target'
import type { ClientRef } from './types'

/** A client and its aim, prepared for many requests at one instant. */
export interface Plan {
  readonly client: Client
  readonly target: Target
  /** Host header. */
  readonly host: string
  /** Full names to ask for, in order. Empty: the host is an address. */
  readonly names: readonly string[]
  /** The last destination: most requests go to the same address. */
  ip: string
  dest: Dest | null
}

/** The search list of a pod's resolv.conf. Upstream: pkg/kubelet/network/dns/dns.go; options ndots:5 */
export function searchNames(host: string, namespace: string): readonly string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)]
  const dots = host.split('.').length - 1
  const searched = [`${host}.${namespace}.svc.cluster.local`, `${host}.svc.cluster.local`, `${host}.cluster.local`]
  return dots >= 5 ? [host, ...searched] : [...searched, host]
}

/** The plan of requests from a client to a target. Asserts nothing: the target was parsed before. */
export function planFor(plane: Plane, from: ClientRef, to: string, host: string | undefined): Plan | { readonly error: string } {
  const client = plane.client(from)
  const key = `${client.key} ${to} ${host ?? ''}`
  const known = plane.plans.get(key)
  if (known) return known
  const target = parseTarget(to)
  if ('error' in target) return target
  const names = target.literal ? [] : client.clusterDns ? searchNames(target.host, client.namespace) : [target.host]
  const plan: Plan = { client, target, host: host ?? target.host, names, ip: '', dest: null }
  plane.plans.set(key, plan)
  return plan
}
