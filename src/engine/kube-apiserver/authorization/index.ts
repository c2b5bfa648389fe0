import { forbiddenStatus, type Status } from '../../apimachinery'
import type { Attributes, AuthorizationLookup, Authorizer } from './authorizer'
import { node } from './node'
import { rbac } from './rbac'
import { systemMasters } from './system-masters'

/** The authorizers in the order in which they are asked (`--authorization-mode=Node,RBAC`). */
export const authorizers: readonly Authorizer[] = [systemMasters, node, rbac]

/** A decision with its reason. Upstream: authorizer.Decision */
export interface Verdict {
  readonly allowed: boolean
  readonly reason: string
}

/** What a review answers. */
export function judge(attributes: Attributes, lookup: AuthorizationLookup, modes?: readonly string[]): Verdict {
  const by = asked(attributes, lookup, modes)
  if (by !== undefined) return { allowed: true, reason: by.reason?.(attributes, lookup) ?? '' }
  return { allowed: false, reason: inForce(modes).map((a) => a.reason?.(attributes, lookup) ?? '').filter((r) => r !== '').join('\n') }
}

/** Asks the authorizers; returns the refusal, if any. Upstream: apiserver/pkg/endpoints/handlers/responsewriters/errors.go Forbidden */
export function authorize(attributes: Attributes, lookup: AuthorizationLookup, modes?: readonly string[]): Status | undefined {
  return asked(attributes, lookup, modes) === undefined ? refusal(attributes, judge(attributes, lookup, modes).reason) : undefined
}

/** Everybody may do everything; nobody anything. Upstream: authorizerfactory.NewAlwaysAllowAuthorizer, NewAlwaysDenyAuthorizer */
const byMode: Readonly<Record<string, Authorizer>> = { Node: node, RBAC: rbac, AlwaysAllow: { name: 'AlwaysAllow', authorize: () => 'allow' }, AlwaysDeny: { name: 'AlwaysDeny', authorize: () => 'no-opinion', reason: () => 'Everything is forbidden.' } }

/** Authorizers by the list that a flag made: one list a server. */
const lists = new WeakMap<readonly string[], readonly Authorizer[]>()

/** The authorizers of a server with these modes. Upstream: pkg/kubeapiserver/authorizer */
function inForce(modes: readonly string[] | undefined): readonly Authorizer[] {
  if (modes === undefined) return authorizers
  let list = lists.get(modes)
  if (list === undefined) lists.set(modes, (list = [systemMasters, ...modes.flatMap((m) => byMode[m] ?? [])]))
  return list
}

function asked(attributes: Attributes, lookup: AuthorizationLookup, modes: readonly string[] | undefined): Authorizer | undefined {
  const list = inForce(modes)
  for (let i = 0; i < list.length; i++) {
    const a = list[i] as Authorizer
    const decision = a.authorize(attributes, lookup)
    if (decision === 'allow') return a
    if (decision === 'deny') return undefined
  }
  return undefined
}

function refusal(a: Attributes, reason: string): Status {
  const user = a.user.name === '' ? 'system:anonymous' : a.user.name
  const why = reason === '' ? '' : `: ${reason}`
  if (!a.isResource) return forbiddenStatus({ group: '', resource: '' }, '', `User "${user}" cannot ${httpVerb(a.verb)} path "${a.path}"${why}`)
  const what = a.subresource === '' ? a.resource : `${a.resource}/${a.subresource}`
  const where = a.namespace === '' ? ' at the cluster scope' : ` in the namespace "${a.namespace}"`
  return forbiddenStatus({ group: a.group, resource: a.resource }, a.name, `User "${user}" cannot ${a.verb} resource "${what}" in API group "${a.group}"${where}${why}`)
}

function httpVerb(verb: string): string {
  return verb === 'list' || verb === 'watch' ? 'get' : verb
}
