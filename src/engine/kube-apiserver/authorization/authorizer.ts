import type { KubeObject } from '../../apimachinery'
import type { UserInfo } from '../flight'

/** What somebody wants to do. Upstream: apiserver/pkg/authorization/authorizer.Attributes */
export interface Attributes {
  readonly user: UserInfo
  readonly verb: string
  /** False for paths such as `/version`. */
  readonly isResource: boolean
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
  /** Of a list or watch. */
  readonly fieldSelector?: string | undefined
}

/** Reads the server's caches (roles, bindings); the watch cache is one. */
export interface AuthorizationLookup {
  get(resource: string, namespace: string, name: string): KubeObject | undefined
  list(resource: string, namespace?: string): Iterable<KubeObject>
  /** Revision of the last change of a resource. */
  changedAt(resource: string): number
}

/** One authorizer. `no-opinion` asks the next one; the last word of all having none is a refusal. */
export interface Authorizer {
  readonly name: string
  authorize(attributes: Attributes, lookup: AuthorizationLookup): 'allow' | 'deny' | 'no-opinion'
  /** Why it decided so, for those who ask. */
  reason?(attributes: Attributes, lookup: AuthorizationLookup): string
}
