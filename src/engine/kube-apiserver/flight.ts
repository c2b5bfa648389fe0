import type { KubeObject } from '../apimachinery'
import type { ApiRequest } from '../client-go'
import type { Ctx, Message, Micros } from '../sim'

/** Who a request comes from. Upstream: apiserver/pkg/authentication/user.Info */
export interface UserInfo {
  readonly name: string
  readonly groups: readonly string[]
  /** The groups are not those that the name alone gives: somebody else acts as this user, or a certificate names them. */
  readonly impersonated?: boolean
  readonly uid?: string | undefined
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined
}

/** A stage of the pipeline with the time spent in it. Units: µs. */
export type Stage = readonly [name: string, time: Micros]

/** A changed object that a write takes with it into its transaction. */
export interface Alongside {
  readonly storage: string
  readonly object: KubeObject
}

/** Where a flight goes on when etcd has answered. */
export type Step = 'get' | 'list' | 'page' | 'create' | 'update' | 'update-fresh' | 'delete' | 'delete-fresh' | 'delete-mark' | 'evict-budget' | 'proxy'

/**
 * One request on its way through the server. Plain state; it waits in the etcd client as the `then` of what was asked,
 * or in the server's maps (proxied requests, collections being deleted).
 */
export interface Flight extends Message {
  readonly type: 'apiserver/flight'
  /** Process to answer to; '' when the server itself asks. */
  readonly client: string
  readonly id: number
  request: ApiRequest
  /** The path asks for an older version than the stored one. */
  old: boolean
  /** The group and version that the path asks a custom object in. */
  asVersion?: string
  readonly startedAt: Micros
  user: UserInfo
  /** What the path names. `resource` is the storage name of what is served. */
  storage: string
  namespace: string
  name: string
  subresource: string
  step: Step
  stages: readonly Stage[]
  /** When it was handed to etcd. */
  etcdAt: Micros
  /** The state that the write was computed from. */
  current: KubeObject | undefined
  /** True when `current` was read from etcd itself, not from the cache. */
  fresh: boolean
  /** The object to be written, or what its writing gave. */
  object: KubeObject | undefined
  attempts: number
  /** The name was generated, not given. */
  generated: boolean
  warnings: string[]
  dryRun: boolean
  /** The write that is under way takes the object away, or is followed by one that does. */
  removing: boolean
  /** Others that are written in the same transaction (changed copies). */
  alongside: readonly Alongside[]
  /** The collection being deleted that this is a part of. */
  parent: number
  /** Revision of the write. */
  revision: number
  cause: number
}

/** Whether a person asks, with kubectl or kubeadm, not a component. */
export function isPerson({ user, request }: Flight): boolean {
  return !user.name.startsWith('system:') || request.agent === 'kubectl'
}

/** Said in the query, or by the options of a deletion in the body. */
function isDryRun({ verb, query, body }: ApiRequest): boolean {
  const said = body as { kind?: string; dryRun?: unknown; deleteOptions?: { dryRun?: unknown } } | undefined
  const options = verb === 'delete' ? said : said?.kind === 'Eviction' ? said.deleteOptions : undefined
  return query?.dryRun === 'All' || (Array.isArray(options?.dryRun) && options.dryRun.includes('All'))
}

/** A request begins its way; what is not known yet is empty. All flights are made here, in one shape. */
export function newFlight(client: string, id: number, request: ApiRequest, user: UserInfo, ctx: Ctx): Flight {
  return {
    type: 'apiserver/flight', client, id, request, old: false, startedAt: ctx.now, user, storage: '', namespace: '', name: '', subresource: '', step: 'get', stages: [], etcdAt: 0,
    current: undefined, fresh: false, object: undefined, attempts: 0, generated: false, warnings: [], dryRun: isDryRun(request), removing: false, alongside: [],
    parent: 0, revision: 0, cause: ctx.cause,
  }
}
