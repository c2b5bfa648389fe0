import type { Service } from '../api'
import { fieldErrorText, forbidden, invalid, notFoundField, notSupported, required, tooMany } from '../apimachinery'
import type { Verdict } from './gateway-graph'
import type { BackendRef, HTTPRoute, NamedMatch, RouteMatch, RouteRule } from './gateway-types'

/** A place that a rule's requests go to. `error`: they are answered with 500 instead. */
export interface BackendNode {
  readonly ref: BackendRef
  /** `namespace/name` */
  readonly service: string
  readonly port: number
  readonly weight: number
  readonly error: string
}

/** A rule of a route as the controller takes it. `error`: its requests are answered with 500. */
export interface RuleNode {
  readonly index: number
  readonly rule: RouteRule
  readonly matches: readonly RouteMatch[]
  readonly backends: readonly BackendNode[]
  /** Places that get copies, with how many of how many requests. */
  readonly mirrors: readonly { readonly backend: BackendNode; readonly share: number; readonly of: number }[]
  readonly error: string
}

/** Filters that this controller knows. */
const filters = ['RequestRedirect', 'URLRewrite', 'RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror']

const everything: readonly RouteMatch[] = [{ path: { type: 'PathPrefix', value: '/' } }]

/** What a route's rules are worth. `unusable`: it cannot be accepted; `partly`: some rules are dropped; `refs`: the first reference that does not hold. */
export interface ReadRules {
  readonly rules: readonly RuleNode[]
  readonly unusable: Verdict | undefined
  readonly partly: Verdict | undefined
  readonly refs: Verdict | undefined
}

/** Reads a route's rules. `permitted` tells whether a reference into another namespace is granted. Upstream: nginx-gateway-fabric, graph/httproute.go, graph/backend_refs.go */
export function readRules(route: HTTPRoute, serviceOf: (namespace: string, name: string) => Service | undefined, permitted: (ref: BackendRef) => boolean): ReadRules {
  const errors: string[] = []
  let refs: Verdict | undefined
  const rules = (route.spec.rules ?? [{}]).map((rule, index): RuleNode => {
    const path = `spec.rules[${index}]`
    const matches = rule.matches && rule.matches.length > 0 ? rule.matches : everything
    const wrong = [...matches.flatMap((m, i) => matchErrors(m, `${path}.matches[${i}]`)), ...(rule.filters ?? []).flatMap(({ type }, i) => (filters.includes(type) ? [] : [fieldErrorText(notSupported(`${path}.filters[${i}].type`, type, filters))]))]
    errors.push(...wrong)
    const readRef = (ref: BackendRef, at: string): BackendNode => {
      const found = readBackend(route, ref, at, serviceOf, permitted)
      if (found !== undefined) refs ??= { type: 'ResolvedRefs', status: 'False', ...found }
      return { ref, service: `${ref.namespace ?? route.metadata.namespace ?? ''}/${ref.name}`, port: ref.port ?? 0, weight: ref.weight ?? 1, error: found?.message ?? '' }
    }
    const backends = (rule.backendRefs ?? []).map((ref, i) => readRef(ref, `${path}.backendRefs[${i}]`))
    const mirrors = (rule.filters ?? []).flatMap(({ requestMirror: m }, i) => {
      if (m === undefined) return []
      const [share, of] = m.fraction ? [m.fraction.numerator, m.fraction.denominator ?? 100] : [m.percent ?? 100, 100]
      return [{ backend: readRef(m.backendRef, `${path}.filters[${i}].requestMirror.backendRef`), share, of }]
    })
    return { index, rule, matches, backends, mirrors, error: wrong.join('; ') }
  })
  const all = errors.length > 0 && rules.every((r) => r.error !== '')
  return {
    rules, refs,
    unusable: all ? { type: 'Accepted', status: 'False', reason: 'UnsupportedValue', message: `All rules are invalid: ${errors.join('; ')}` } : undefined,
    partly: errors.length > 0 && !all ? { type: 'PartiallyInvalid', status: 'True', reason: 'UnsupportedValue', message: `Dropped Rule(s): ${errors.join('; ')}` } : undefined,
  }
}

function readBackend(route: HTTPRoute, ref: BackendRef, path: string, serviceOf: (namespace: string, name: string) => Service | undefined, permitted: (ref: BackendRef) => boolean): { readonly reason: string; readonly message: string } | undefined {
  if ((ref.group ?? '') !== '' && ref.group !== 'core') return { reason: 'InvalidKind', message: fieldErrorText(notSupported(`${path}.group`, ref.group, ['core', ''])) }
  if ((ref.kind ?? 'Service') !== 'Service') return { reason: 'InvalidKind', message: fieldErrorText(notSupported(`${path}.kind`, ref.kind, ['Service'])) }
  const namespace = ref.namespace ?? route.metadata.namespace ?? ''
  if (!permitted(ref)) return { reason: 'RefNotPermitted', message: fieldErrorText(forbidden(`${path}.namespace`, `Backend ref to Service ${namespace}/${ref.name} not permitted by any ReferenceGrant`)) }
  if (ref.port === undefined) return { reason: 'UnsupportedValue', message: fieldErrorText(required(`${path}.port`, 'port cannot be nil')) }
  if ((ref.filters ?? []).length > 0) return { reason: 'UnsupportedValue', message: fieldErrorText(tooMany(`${path}.filters`, (ref.filters ?? []).length, 0)) }
  const service = serviceOf(namespace, ref.name)
  if (service === undefined) return { reason: 'BackendNotFound', message: fieldErrorText(notFoundField(`${path}.name`, ref.name)) }
  if (!service.spec?.ports?.some((p) => p.port === ref.port)) return { reason: 'BackendNotFound', message: `no matching port for Service ${ref.name} and port ${ref.port}` }
  return undefined
}

function matchErrors(match: RouteMatch, path: string): readonly string[] {
  const check = (m: NamedMatch | undefined, at: string): readonly string[] => {
    return m?.type !== 'RegularExpression' || isRegExp(m.value) ? [] : [fieldErrorText(invalid(at, m.value, 'it is no regular expression'))]
  }
  return [
    ...check(match.path && { type: match.path.type ?? '', name: '', value: match.path.value ?? '/' }, `${path}.path.value`),
    ...(match.headers ?? []).flatMap((h, i) => check(h, `${path}.headers[${i}].value`)), ...(match.queryParams ?? []).flatMap((q, i) => check(q, `${path}.queryParams[${i}].value`)),
  ]
}

function isRegExp(text: string): boolean {
  try {
    return new RegExp(text).source !== ''
  } catch {
    return false
  }
}
