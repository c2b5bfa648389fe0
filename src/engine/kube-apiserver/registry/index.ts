// The registered kinds, in discovery order. One line per kind; its file holds defaults, rules and columns.
import { daemonSet } from './apps/daemon-set'
import { deployment } from './apps/deployment'
import { replicaSet } from './apps/replica-set'
import { lease } from './coordination/lease'
import { configMap } from './core/config-map'
import { endpoints } from './core/endpoints'
import { event } from './core/event'
import { namespace } from './core/namespace'
import { node } from './core/node'
import { pod } from './core/pod'
import { secret } from './core/secret'
import { service } from './core/service'
import { serviceAccount } from './core/service-account'
import { endpointSlice } from './discovery/endpoint-slice'
import type { ResourceStrategy } from './strategy'

/** All strategies. */
export const strategies: readonly ResourceStrategy[] = [
  configMap,
  endpoints,
  event,
  namespace,
  node,
  pod,
  secret,
  serviceAccount,
  service,
  daemonSet,
  deployment,
  replicaSet,
  lease,
  endpointSlice,
]

const byResource = new Map(strategies.map((s) => [s.resource, s]))

/** The strategy of a built-in resource by its plural name. */
export function strategyOf(resource: string): ResourceStrategy | undefined {
  return byResource.get(resource)
}

export { eventTime } from './core/event'
export { nodeRoles, nodeStatus } from './core/node'
export { podStatus, type PodSummary } from './core/pod-status'
export { nameIsSubdomain, validateObjectMeta, validateObjectMetaUpdate, type NameCheck } from './validation/object-meta'
export type { Column, PrintContext, ResourceStrategy, WriteContext } from './strategy'
