import type { Namespace, Secret, Service } from '../api'
import { fieldErrorText, invalid, notSupported, required } from '../apimachinery'
import { labelSelector, matches as selectorMatches } from '../apimachinery'
import { readRules, type RuleNode } from './gateway-rules'
import { gatewayGroup, type Condition, type Gateway, type GatewayClass, type HTTPRoute, type Listener, type ObjectRef, type ParentRef, type ReferenceGrant } from './gateway-types'

/** What the graph is made of: the controller's caches. */
export interface GatewayInputs {
  readonly controllerName: string
  readonly classes: Iterable<GatewayClass>
  readonly gateways: Iterable<Gateway>
  readonly routes: Iterable<HTTPRoute>
  readonly grants: Iterable<ReferenceGrant>
  namespace(name: string): Namespace | undefined
  service(namespace: string, name: string): Service | undefined
  secret(namespace: string, name: string): Secret | undefined
  /** Ports at which clients can reach the controller; undefined: every one. */
  readonly ports: ReadonlySet<number> | undefined
  /** `namespace/name` of the Service with these ports. */
  readonly published: string
}

/** A condition without its times. */
export type Verdict = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** A listener as the controller takes it. */
export interface ListenerNode {
  readonly gateway: string
  readonly spec: Listener
  /** Its protocol can take routes. */
  readonly kinds: readonly string[]
  readonly conditions: readonly Verdict[]
  readonly valid: boolean
  /** `namespace/name` of the Secret that it ends TLS with. */
  readonly certificate: string
  /** Routes that hold on to it, in the order of their age. */
  readonly attached: Attachment[]
}

/** A route at a listener, and for which of its host names. Empty: all. */
export interface Attachment {
  readonly route: RouteNode
  readonly hostnames: readonly string[]
}

/** A Gateway of the controller's. */
export interface GatewayNode {
  readonly gateway: Gateway
  readonly listeners: readonly ListenerNode[]
}

/** A route with what came of each of its parents that is the controller's. */
export interface RouteNode {
  readonly route: HTTPRoute
  readonly key: string
  readonly rules: readonly RuleNode[]
  readonly parents: readonly { readonly ref: ParentRef; readonly conditions: readonly Verdict[] }[]
}

/** Everything that a controller makes of the objects of Gateway API. */
export interface GatewayGraph {
  readonly classes: readonly GatewayClass[]
  /** Oldest first. */
  readonly gateways: readonly GatewayNode[]
  readonly routes: readonly RouteNode[]
}

type Dated = { readonly metadata: { readonly name?: string; readonly namespace?: string; readonly creationTimestamp?: string } }

const keyOf = (o: Dated): string => `${o.metadata.namespace ?? ''}/${o.metadata.name ?? ''}`

/** Older objects win; of one age, the first by name. Upstream: Gateway API, "conflict resolution" */
function byAge(a: Dated, b: Dated): number {
  const [x, y] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
  if (x !== y) return x < y ? -1 : 1
  return keyOf(a) < keyOf(b) ? -1 : 1
}

/** Reads the objects of Gateway API as this controller takes them: which listeners stand, which routes attach to them, what refers to nothing. Upstream: nginx-gateway-fabric, internal/controller/state/graph */
export function buildGraph(inputs: GatewayInputs): GatewayGraph {
  const classes = [...inputs.classes].filter((c) => c.spec.controllerName === inputs.controllerName).sort(byAge)
  const names = new Set(classes.map((c) => c.metadata.name))
  const grants = [...inputs.grants]
  const gateways = [...inputs.gateways].filter((g) => names.has(g.spec.gatewayClassName)).sort(byAge).map((gateway) => ({ gateway, listeners: readListeners(inputs, grants, gateway) }))
  const known = new Map(gateways.map((node) => [keyOf(node.gateway), node]))
  const routes: RouteNode[] = []
  for (const route of [...inputs.routes].sort(byAge)) {
    const mine = (route.spec.parentRefs ?? []).flatMap((ref) => {
      const node = (ref.group ?? gatewayGroup) === gatewayGroup && (ref.kind ?? 'Gateway') === 'Gateway' ? known.get(`${ref.namespace ?? route.metadata.namespace ?? ''}/${ref.name}`) : undefined
      return node ? [{ ref, node }] : []
    })
    if (mine.length === 0) continue
    const read = readRules(route, inputs.service, (ref) => isPermitted(grants, 'HTTPRoute', route.metadata.namespace ?? '', '', 'Service', ref))
    const parents: { ref: ParentRef; conditions: readonly Verdict[] }[] = []
    const node: RouteNode = { route, key: keyOf(route), rules: read.rules, parents }
    for (const { ref, node: parent } of mine) {
      const failed = read.unusable ?? attach(inputs, node, parent, ref)
      parents.push({ ref, conditions: [failed ?? verdict('Accepted', 'True', 'Accepted', 'The Route is accepted'), read.refs ?? verdict('ResolvedRefs', 'True', 'ResolvedRefs', 'All references are resolved'), ...(read.partly && !failed ? [read.partly] : [])] })
    }
    routes.push(node)
  }
  return { classes, gateways, routes }
}

function verdict(type: string, status: 'True' | 'False', reason: string, message: string): Verdict {
  return { type, status, reason, message }
}

/** Whether a reference out of a namespace is allowed by the one it leads to. Upstream: Gateway API, ReferenceGrant */
function isPermitted(grants: readonly ReferenceGrant[], kind: string, from: string, toGroup: string, toKind: string, ref: ObjectRef): boolean {
  const to = ref.namespace ?? from
  if (to === from) return true
  return grants.some((g) => g.metadata.namespace === to && g.spec.from.some((f) => f.group === gatewayGroup && f.kind === kind && f.namespace === from) && g.spec.to.some((t) => t.group === toGroup && t.kind === toKind && (t.name === undefined || t.name === ref.name)))
}

function readListeners(inputs: GatewayInputs, grants: readonly ReferenceGrant[], gateway: Gateway): readonly ListenerNode[] {
  const { listeners } = gateway.spec
  return listeners.map((spec): ListenerNode => {
    const bad: Verdict[] = []
    const refuse = (reason: string, message: string, programmed = 'Invalid', ...more: readonly Verdict[]): void => {
      bad.push(verdict('Accepted', 'False', reason, message), verdict('Programmed', 'False', programmed, message), ...more)
    }
    let certificate = ''
    const kinds = kindsOf(spec)
    if (spec.protocol !== 'HTTP' && spec.protocol !== 'HTTPS') refuse('UnsupportedProtocol', fieldErrorText(notSupported('protocol', spec.protocol, ['HTTP', 'HTTPS'])))
    else if (inputs.ports !== undefined && !inputs.ports.has(spec.port)) refuse('PortUnavailable', fieldErrorText(invalid('port', spec.port, `the Service ${inputs.published}, by which the controller is reached, has no such port`)))
    else if (listeners.some((l) => l.port === spec.port && l.protocol !== spec.protocol)) {
      const message = `Multiple listeners for the same port ${spec.port} specify incompatible protocols; ensure only one protocol per port`
      refuse('ProtocolConflict', message, 'ProtocolConflict', verdict('Conflicted', 'True', 'ProtocolConflict', message))
    } else if (spec.protocol === 'HTTPS') {
      const read = readCertificate(inputs, grants, gateway, spec)
      if (typeof read === 'string') certificate = read
      else refuse(read.reason, read.message, 'Invalid', ...(read.unresolved ? [verdict('ResolvedRefs', 'False', read.reason, read.message)] : []))
    }
    const selector = spec.allowedRoutes?.namespaces
    if (bad.length === 0 && selector?.from === 'Selector' && selector.selector === undefined) refuse('UnsupportedValue', "Listener's AllowedRoutes Selector must be set when From is set to type Selector")
    if (bad.length === 0 && kinds.wrong !== '') bad.push(verdict('ResolvedRefs', 'False', 'InvalidRouteKinds', kinds.wrong), ...(kinds.kinds.length === 0 ? [verdict('Programmed', 'False', 'Invalid', kinds.wrong)] : []))
    const valid = !bad.some((c) => c.type === 'Programmed')
    const conditions = [...bad]
    const add = (c: Verdict): void => void (conditions.some(({ type }) => type === c.type) || conditions.push(c))
    if (valid) {
      add(verdict('Accepted', 'True', 'Accepted', 'The Listener is accepted'))
      add(verdict('Programmed', 'True', 'Programmed', 'The Listener is programmed'))
      add(verdict('ResolvedRefs', 'True', 'ResolvedRefs', 'All references are resolved'))
      add(verdict('Conflicted', 'False', 'NoConflicts', 'No conflicts'))
    }
    return { gateway: keyOf(gateway), spec, kinds: kinds.kinds, conditions, valid, certificate, attached: [] }
  })
}

function kindsOf(spec: Listener): { readonly kinds: readonly string[]; readonly wrong: string } {
  if (spec.protocol !== 'HTTP' && spec.protocol !== 'HTTPS') return { kinds: [], wrong: '' }
  const asked = spec.allowedRoutes?.kinds ?? []
  if (asked.length === 0) return { kinds: ['HTTPRoute'], wrong: '' }
  const wrong = asked.find((k) => (k.group ?? gatewayGroup) !== gatewayGroup || k.kind !== 'HTTPRoute')
  return { kinds: asked.some((k) => (k.group ?? gatewayGroup) === gatewayGroup && k.kind === 'HTTPRoute') ? ['HTTPRoute'] : [], wrong: wrong ? `Unsupported route kind for protocol ${spec.protocol} "${wrong.group ?? gatewayGroup}/${wrong.kind}"` : '' }
}

function readCertificate(inputs: GatewayInputs, grants: readonly ReferenceGrant[], gateway: Gateway, { tls }: Listener): string | { readonly reason: string; readonly message: string; readonly unresolved: boolean } {
  const refuse = (reason: string, message: string, unresolved = true) => ({ reason, message, unresolved })
  if (tls === undefined) return refuse('UnsupportedValue', fieldErrorText(required('TLS', 'tls must be defined for HTTPS listener')), false)
  if ((tls.mode ?? 'Terminate') !== 'Terminate') return refuse('UnsupportedValue', fieldErrorText(notSupported('tls.mode', tls.mode ?? '', ['Terminate'])), false)
  const own = gateway.metadata.namespace ?? ''
  const [ref] = tls.certificateRefs ?? []
  if (ref === undefined) return refuse('InvalidCertificateRef', fieldErrorText(required('tls.certificateRefs', 'certificateRefs must be defined for TLS mode terminate')))
  if ((ref.kind ?? 'Secret') !== 'Secret') return refuse('InvalidCertificateRef', fieldErrorText(notSupported('tls.certificateRefs[0].kind', ref.kind ?? '', ['Secret'])))
  if ((ref.group ?? '') !== '') return refuse('InvalidCertificateRef', fieldErrorText(notSupported('tls.certificateRefs[0].group', ref.group ?? '', [''])))
  const name = { Namespace: ref.namespace ?? own, Name: ref.name }
  if (!isPermitted(grants, 'Gateway', own, '', 'Secret', ref)) return refuse('RefNotPermitted', `Certificate ref to secret ${name.Namespace}/${name.Name} not permitted by any ReferenceGrant`)
  const secret = inputs.secret(name.Namespace, name.Name)
  const why = secret === undefined ? 'secret does not exist' : secret.type !== 'kubernetes.io/tls' ? `unsupported secret type ${JSON.stringify(secret.type ?? '')}` : ''
  return why === '' ? `${name.Namespace}/${name.Name}` : refuse('InvalidCertificateRef', fieldErrorText(invalid('tls.certificateRefs[0]', name, why)))
}

/** Attaches a route to those listeners of a parent that take it; answers why none does. Upstream: nginx-gateway-fabric, graph/route_common.go tryToAttachL7RouteToListeners */
function attach(inputs: GatewayInputs, node: RouteNode, parent: GatewayNode, ref: ParentRef): Verdict | undefined {
  const refuse = (reason: string, message: string): Verdict => verdict('Accepted', 'False', reason, message)
  if (!parent.listeners.some((l) => l.valid)) return refuse('InvalidGateway', 'The Gateway is invalid')
  const named = parent.listeners.filter((l) => (ref.sectionName === undefined || l.spec.name === ref.sectionName) && (ref.port === undefined || l.spec.port === ref.port))
  if (named.length === 0) return refuse('NoMatchingParent', 'The Listener is not found for this parent ref')
  const standing = named.filter((l) => l.valid)
  if (standing.length === 0) return refuse('InvalidListener', 'The Listener is invalid for this parent ref')
  const allowing = standing.filter((l) => l.kinds.includes('HTTPRoute') && isAllowed(inputs, l.spec, parent.gateway, node.route))
  if (allowing.length === 0) return refuse('NotAllowedByListeners', 'The Route is not allowed by any listener')
  let fits = false
  for (const listener of allowing) {
    const hostnames = commonHosts(listener.spec.hostname, node.route.spec.hostnames ?? [])
    if (hostnames === undefined) continue
    fits = true
    if (!listener.attached.some((a) => a.route === node)) listener.attached.push({ route: node, hostnames })
  }
  return fits ? undefined : refuse('NoMatchingListenerHostname', 'The Listener hostname does not match the Route hostnames')
}

function isAllowed(inputs: GatewayInputs, spec: Listener, gateway: Gateway, route: HTTPRoute): boolean {
  const { from = 'Same', selector } = spec.allowedRoutes?.namespaces ?? {}
  if (from === 'All') return true
  if (from === 'Same') return gateway.metadata.namespace === route.metadata.namespace
  return selectorMatches(labelSelector(selector), inputs.namespace(route.metadata.namespace ?? '')?.metadata.labels)
}

/** The host names for which a route holds at a listener: of two that overlap the narrower. Undefined: none. Empty: all. */
function commonHosts(listener: string | undefined, route: readonly string[]): readonly string[] | undefined {
  if (listener === undefined || listener === '') return route
  if (route.length === 0) return [listener]
  const common = route.flatMap((r) => (hostFits(listener, r) ? [r] : hostFits(r, listener) ? [listener] : []))
  return common.length === 0 ? undefined : common
}

/** Whether a host name, itself perhaps a wildcard, lies within another. A wildcard stands for one label or more. */
export function hostFits(wide: string, narrow: string): boolean {
  return wide === narrow || (wide.startsWith('*.') && narrow.endsWith(wide.slice(1)) && narrow.length > wide.length - 1)
}
