import { forbiddenStatus, type Status } from '../../apimachinery'
import { alwaysAllowKnown } from './always-allow-known'
import type { Attributes, AuthorizationLookup, Authorizer } from './authorizer'

/** The authorizers in the order in which they are asked. */
export const authorizers: readonly Authorizer[] = [alwaysAllowKnown]

/** Asks the authorizers; returns the refusal, if any. Upstream: apiserver/pkg/endpoints/handlers/responsewriters/errors.go Forbidden */
export function authorize(attributes: Attributes, lookup: AuthorizationLookup): Status | undefined {
  for (const a of authorizers) {
    const decision = a.authorize(attributes, lookup)
    if (decision === 'allow') return undefined
    if (decision === 'deny') break
  }
  return refusal(attributes)
}

function refusal(a: Attributes): Status {
  const user = a.user.name === '' ? 'system:anonymous' : a.user.name
  if (!a.isResource) return forbiddenStatus({ group: '', resource: '' }, '', `User "${user}" cannot ${httpVerb(a.verb)} path "${a.path}"`)
  const what = a.subresource === '' ? a.resource : `${a.resource}/${a.subresource}`
  const where = a.namespace === '' ? ' at the cluster scope' : ` in the namespace "${a.namespace}"`
  return forbiddenStatus({ group: a.group, resource: what }, a.name, `User "${user}" cannot ${a.verb} resource "${what}" in API group "${a.group}"${where}`)
}

function httpVerb(verb: string): string {
  return verb === 'list' || verb === 'watch' ? 'get' : verb
}
