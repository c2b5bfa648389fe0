import { decodeStrict, type Pod, type PolicyRule, type TokenRequest } from '../../api'
import { badRequest, conflict, forbiddenStatus, invalid, invalidObject, methodNotSupported, notFound, required, type FieldError, type KubeObject, type Status } from '../../apimachinery'
import type { ParsedPath } from '../../client-go'
import { formatTime, type Ctx } from '../../sim'
import { tokenDenial } from '../admission/node-restriction'
import { tokenUser } from '../authentication'
import { judge } from '../authorization'
import type { Attributes } from '../authorization/authorizer'
import { nodeOf } from '../authorization/node'
import { rulesFor } from '../authorization/rbac'
import { apiAudience, tokenFor, type Binding } from '../token'
import type { Flight } from '../flight'
import { readStages, refuse, respond, workTime } from '../respond'
import type { ServerState } from '../state'

/** A kind that is only ever created and never stored: a question. */
export interface Review {
  readonly resource: string
  readonly kind: string
  readonly group: string
  readonly namespaced: boolean
}

const review = (group: string, kind: string, namespaced = false): Review => ({ resource: `${kind.toLowerCase()}s`, kind, group: `${group}.k8s.io`, namespaced })

/** The questions that the server answers. Upstream: pkg/registry/{authentication,authorization} */
export const reviews: readonly Review[] = [
  review('authentication', 'SelfSubjectReview'), review('authentication', 'TokenReview'),
  review('authorization', 'LocalSubjectAccessReview', true), review('authorization', 'SelfSubjectAccessReview'), review('authorization', 'SelfSubjectRulesReview'), review('authorization', 'SubjectAccessReview'),
]

/** The question that a path names. */
export function findReview({ group, version, resource, namespace }: ParsedPath): Review | undefined {
  return version === 'v1' ? reviews.find((r) => r.resource === resource && r.group === group && r.namespaced === (namespace !== '')) : undefined
}

type Body = Record<string, unknown>

/** Answers a question. */
export function answerReview(state: ServerState, flight: Flight, r: Review, ctx: Ctx): void {
  flight.stages = readStages
  const delay = workTime(readStages, ctx)
  if (flight.request.verb !== 'create') return refuse(state, flight, ctx, methodNotSupported({ group: r.group, resource: r.resource }, flight.request.verb), 'registry', delay)
  const decoded = decodeStrict(r.kind, flight.request.body)
  if (decoded.error !== undefined) return refuse(state, flight, ctx, badRequest(`${r.kind} in version "v1" cannot be handled as a ${r.kind}: ${decoded.error}`), 'validation', delay)
  const spec = (decoded.object.spec ?? {}) as Body
  const made = answer(state, flight, r, spec, ctx)
  if (Array.isArray(made)) return refuse(state, flight, ctx, invalidObject({ group: r.group, kind: r.kind }, '', made), 'validation', delay)
  const metadata = r.kind === 'SelfSubjectReview' ? { creationTimestamp: ctx.wallTime() } : { creationTimestamp: null, ...(r.namespaced ? { namespace: flight.namespace } : {}) }
  const body = { kind: r.kind, apiVersion: `${r.group}/v1`, metadata, ...(r.kind === 'SelfSubjectReview' ? {} : { spec }), status: made }
  respond(state, flight, ctx, 201, Object.freeze(body) as unknown as KubeObject, undefined, delay)
}

function answer(state: ServerState, flight: Flight, r: Review, spec: Body, ctx: Ctx): object | FieldError[] {
  switch (r.kind) {
    case 'SelfSubjectReview': {
      const { name, uid, groups: own, extra } = flight.user
      return { userInfo: { username: name, ...(uid ? { uid } : {}), groups: own, ...(extra ? { extra } : {}) } }
    }
    case 'TokenReview': return tokenReview(state, ctx, spec)
    case 'SelfSubjectRulesReview': return rulesReview(state, flight, spec)
    default: return accessReview(state, flight, r, spec)
  }
}

function tokenReview(state: ServerState, ctx: Ctx, { token }: Body): object {
  const user = tokenUser(String(token ?? ''), state.cache, ctx.wallMicros())
  if (typeof user === 'string') return { user: {}, error: `[invalid bearer token, ${user === 'invalid bearer token' ? 'token lookup failed' : user}]` }
  const { name: username, uid, groups, extra } = user
  return { authenticated: true, user: { username, uid, groups, extra }, audiences: [apiAudience] }
}

function accessReview(state: ServerState, flight: Flight, r: Review, spec: Body): object | FieldError[] {
  const resource = spec.resourceAttributes as Partial<Record<'namespace' | 'verb' | 'group' | 'resource' | 'subresource' | 'name', string>> | undefined
  const path = spec.nonResourceAttributes as { path?: string; verb?: string } | undefined
  const errors: FieldError[] = []
  if (resource !== undefined && path !== undefined) errors.push(invalid('spec.nonResourceAttributes', path, 'cannot be specified in combination with resourceAttributes'))
  if (resource === undefined && path === undefined) errors.push(invalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'))
  const isSelf = r.kind === 'SelfSubjectAccessReview'
  const groups = (spec.groups ?? []) as string[]
  if (!isSelf && !spec.user && groups.length === 0) errors.push(invalid('spec.user', '', 'at least one of user or group must be specified'))
  if (r.namespaced && resource !== undefined && resource.namespace !== flight.namespace) errors.push(invalid('spec.resourceAttributes.namespace', resource.namespace ?? '', `must match metadata.namespace`))
  if (errors.length > 0) return errors
  const user = isSelf ? flight.user : { name: String(spec.user ?? ''), groups, impersonated: true }
  const attributes: Attributes = {
    user, verb: resource?.verb ?? path?.verb ?? '', isResource: resource !== undefined, group: resource?.group ?? '', resource: resource?.resource ?? '', subresource: resource?.subresource ?? '',
    namespace: resource?.namespace ?? '', name: resource?.name ?? '', path: path?.path ?? '',
  }
  const { allowed, reason } = judge(attributes, state.cache, state.settings.authorizationModes)
  return reason === '' ? { allowed } : { allowed, reason }
}

function rulesReview(state: ServerState, flight: Flight, { namespace }: Body): object | FieldError[] {
  if (!namespace) return [required('spec.namespace', 'namespace is required')]
  const rules = rulesFor(flight.user, String(namespace), state.cache)
  const pick = (rule: PolicyRule, keys: readonly (keyof PolicyRule)[]): object => Object.fromEntries(keys.flatMap((k) => (rule[k]?.length ? [[k, rule[k]]] : [])))
  return {
    resourceRules: rules.filter((rule) => rule.resources?.length).map((rule) => pick(rule, ['verbs', 'apiGroups', 'resources', 'resourceNames'])),
    nonResourceRules: rules.filter((rule) => rule.nonResourceURLs?.length).map((rule) => pick(rule, ['verbs', 'nonResourceURLs'])),
    incomplete: false,
  }
}

/** POST of a service account's token. Upstream: pkg/registry/core/serviceaccount/storage/token.go */
export function requestToken(state: ServerState, flight: Flight, ctx: Ctx): void {
  flight.stages = readStages
  const delay = workTime(readStages, ctx)
  const account = state.cache.get('serviceaccounts', flight.namespace, flight.name)
  const status = account === undefined ? tokenMissing(flight) : undefined
  if (status) return refuse(state, flight, ctx, status, 'registry', delay)
  const decoded = decodeStrict('TokenRequest', flight.request.body)
  if (decoded.error !== undefined) return refuse(state, flight, ctx, badRequest(`TokenRequest in version "v1" cannot be handled as a TokenRequest: ${decoded.error}`), 'validation', delay)
  const spec = decoded.object.spec as { audiences: string[] | null; expirationSeconds: number | null; boundObjectRef: TokenRequest['spec']['boundObjectRef'] | null }
  const node = nodeOf(flight.user)
  const bound = spec.boundObjectRef
  const pod = bound?.kind === 'Pod' ? (state.cache.get('pods', flight.namespace, bound.name ?? '') as Pod | undefined) : undefined
  const refused = node === undefined ? undefined : tokenDenial(node, bound ?? undefined, pod)
  if (refused !== undefined) return refuse(state, flight, ctx, forbiddenStatus({ group: '', resource: 'serviceaccounts' }, flight.name, refused), 'admission', delay)
  const wrong = boundWrong(state, flight, account as KubeObject, bound ?? undefined)
  if (wrong) return refuse(state, flight, ctx, wrong, 'validation', delay)
  const seconds = spec.expirationSeconds ?? 3600
  const errors: FieldError[] = []
  if (seconds < 600) errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds > 2 ** 32) errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds'))
  if (errors.length > 0) return refuse(state, flight, ctx, invalidObject({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', errors), 'validation', delay)
  const audiences = spec.audiences?.length ? spec.audiences : [apiAudience]
  const token = tokenFor(account as KubeObject, audiences, seconds, ctx.wallMicros(), ctx.rng.uint32(), bindingOf(state, bound ?? undefined, pod))
  const body = {
    kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata: { name: flight.name, namespace: flight.namespace, creationTimestamp: ctx.wallTime() },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: spec.boundObjectRef ?? null }, status: { token, expirationTimestamp: formatTime(ctx.wallMicros() + seconds * 1_000_000) },
  }
  respond(state, flight, ctx, 201, Object.freeze(body) as unknown as KubeObject, undefined, delay)
}

/** Upstream: TokenREST.Create; a pod's node too (ServiceAccountTokenPodNodeInfo) */
function bindingOf(state: ServerState, ref: TokenRequest['spec']['boundObjectRef'], pod: Pod | undefined): Binding {
  if (ref == null || !ref.name) return {}
  const named = { name: ref.name, uid: ref.uid }
  if (ref.kind === 'Secret') return { secret: named }
  if (ref.kind === 'Node') return { node: named }
  const node = pod?.spec.nodeName
  return { ...(node ? { node: { name: node, uid: state.cache.get('nodes', '', node)?.metadata.uid } } : {}), pod: { name: ref.name, uid: pod?.metadata.uid } }
}

/** What a token is bound to must be there: a pod of the account, a secret, a node. Upstream: TokenREST.Create */
function boundWrong(state: ServerState, flight: Flight, account: KubeObject, ref: TokenRequest['spec']['boundObjectRef']): Status | undefined {
  if (ref == null) return undefined
  const resource = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }[ref.kind ?? '']
  if (resource === undefined || ref.apiVersion !== 'v1') return badRequest(`cannot bind token for object of type ${(ref.apiVersion ?? '').replace('/', ', ')}/${ref.kind ?? ''}`)
  const object = state.cache.get(resource, resource === 'nodes' ? '' : flight.namespace, ref.name ?? '')
  const gr = { group: '', resource }
  if (object === undefined) return notFound(gr, ref.name ?? '')
  if (resource === 'pods' && (object as Pod).spec.serviceAccountName !== account.metadata.name) return badRequest(`cannot bind token for serviceaccount "${account.metadata.name}" to pod running with different serviceaccount name.`)
  if (ref.uid && ref.uid !== object.metadata.uid) return conflict(gr, ref.name ?? '', `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`)
  return undefined
}

function tokenMissing(flight: Flight): Status {
  return {
    apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code: 404, reason: 'NotFound', message: `serviceaccounts "${flight.name}" not found`, details: { name: flight.name, kind: 'serviceaccounts' },
  }
}
