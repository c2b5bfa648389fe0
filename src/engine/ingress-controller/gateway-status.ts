import type { KubeObject } from '../apimachinery'
import { deepEqual } from '../apimachinery'
import type { GatewayGraph, GatewayNode, ListenerNode, RouteNode, Verdict } from './gateway-graph'
import { gatewayGroup, type Condition, type Gateway, type GatewayClass, type HTTPRoute, type ListenerStatus, type ParentStatus } from './gateway-types'

/** A status that is not as it should be. */
export interface StatusWrite {
  readonly resource: 'gatewayclasses' | 'gateways' | 'httproutes'
  readonly object: KubeObject
}

/** The objects whose status is not what the graph says, with the new one. `addresses`: where clients reach the controller. Upstream: nginx-gateway-fabric, internal/controller/status */
export function statusWrites(graph: GatewayGraph, routes: Iterable<HTTPRoute>, controllerName: string, addresses: readonly string[], now: string): readonly StatusWrite[] {
  const out: StatusWrite[] = []
  const put = <T extends KubeObject & { readonly status?: unknown }>(resource: StatusWrite['resource'], object: T, status: unknown): void => {
    if (!deepEqual(object.status ?? {}, status)) out.push({ resource, object: { ...object, status } as KubeObject })
  }
  for (const c of graph.classes) put<GatewayClass>('gatewayclasses', c, { ...c.status, conditions: dated(classVerdicts, c.status?.conditions, c, now) })
  for (const node of graph.gateways) put<Gateway>('gateways', node.gateway, gatewayStatus(node, addresses, now))
  const known = new Map(graph.routes.map((r) => [r.key, r]))
  for (const route of routes) {
    const parents = parentStatuses(route, known.get(`${route.metadata.namespace ?? ''}/${route.metadata.name ?? ''}`), controllerName, now)
    if (parents.length > 0 || (route.status?.parents?.length ?? 0) > 0) put<HTTPRoute>('httproutes', route, { ...route.status, parents })
  }
  return out
}

const classVerdicts: readonly Verdict[] = [
  { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'The GatewayClass is accepted' }, { type: 'SupportedVersion', status: 'True', reason: 'SupportedVersion', message: 'The Gateway API CRD versions are supported' },
]

/** Verdicts as conditions: the time of transition stays when the status does. Conditions of other types are another's. */
function dated(verdicts: readonly Verdict[], before: readonly Condition[] | undefined, object: KubeObject, now: string): readonly Condition[] {
  const made = verdicts.map((v): Condition => {
    const was = before?.find((c) => c.type === v.type)
    return { lastTransitionTime: was?.status === v.status && was.lastTransitionTime !== undefined ? was.lastTransitionTime : now, message: v.message, observedGeneration: object.metadata.generation ?? 1, reason: v.reason, status: v.status, type: v.type }
  })
  return made
}

function gatewayStatus({ gateway, listeners }: GatewayNode, addresses: readonly string[], now: string): Gateway['status'] {
  const standing = listeners.filter((l) => l.valid).length
  const none = standing === 0
  const accepted: Verdict = none
    ? { type: 'Accepted', status: 'False', reason: 'ListenersNotValid', message: 'The Gateway has no valid listeners' }
    : { type: 'Accepted', status: 'True', reason: standing < listeners.length ? 'ListenersNotValid' : 'Accepted', message: standing < listeners.length ? 'The Gateway has at least one valid listener' : 'The Gateway is accepted' }
  const programmed: Verdict = none
    ? { type: 'Programmed', status: 'False', reason: 'Invalid', message: 'The Gateway has no valid listeners' }
    : addresses.length === 0
      ? { type: 'Programmed', status: 'False', reason: 'AddressNotAssigned', message: 'No address has been assigned to the Gateway yet' }
      : { type: 'Programmed', status: 'True', reason: 'Programmed', message: 'The Gateway is programmed' }
  return {
    ...(addresses.length > 0 ? { addresses: addresses.map((value) => ({ type: 'IPAddress', value })) } : {}),
    conditions: dated([accepted, programmed], gateway.status?.conditions, gateway, now),
    listeners: listeners.map((l) => listenerStatus(l, gateway, now)),
  }
}

function listenerStatus(l: ListenerNode, gateway: Gateway, now: string): ListenerStatus {
  const before = gateway.status?.listeners?.find((s) => s.name === l.spec.name)
  return { attachedRoutes: l.attached.length, conditions: dated(l.conditions, before?.conditions, gateway, now), name: l.spec.name, supportedKinds: l.kinds.map((kind) => ({ group: gatewayGroup, kind })) }
}

/** What others say of a route stays; what this controller says is made anew. */
function parentStatuses(route: HTTPRoute, node: RouteNode | undefined, controllerName: string, now: string): readonly ParentStatus[] {
  const before = route.status?.parents ?? []
  const others = before.filter((p) => p.controllerName !== controllerName)
  const mine = (node?.parents ?? []).map(({ ref, conditions }): ParentStatus => {
    const was = before.find((p) => p.controllerName === controllerName && deepEqual(p.parentRef, ref))
    return { conditions: dated(conditions, was?.conditions, route, now), controllerName, parentRef: ref }
  })
  return [...others, ...mine]
}
