import type { KubeObject } from '../apimachinery'

/** Gateway API's group. Upstream: kubernetes-sigs/gateway-api, apis/v1 */
export const gatewayGroup = 'gateway.networking.k8s.io'

/** A condition of a status. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime?: string
  readonly observedGeneration?: number
}

/** A GatewayClass names the controller of its Gateways. Upstream: apis/v1/gatewayclass_types.go */
export interface GatewayClass extends KubeObject {
  readonly spec: { readonly controllerName: string }
  readonly status?: { readonly conditions?: readonly Condition[] }
}

/** A reference to an object; defaults are filled in by the server. */
export interface ObjectRef {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name: string
}

/** A door of a Gateway. */
export interface Listener {
  readonly name: string
  readonly port: number
  readonly protocol: string
  readonly hostname?: string
  readonly tls?: { readonly mode?: string; readonly certificateRefs?: readonly ObjectRef[] }
  readonly allowedRoutes?: {
    readonly kinds?: readonly { readonly group?: string; readonly kind: string }[]
    readonly namespaces?: { readonly from?: string; readonly selector?: { readonly matchLabels?: Record<string, string>; readonly matchExpressions?: { key: string; operator: string; values?: string[] }[] } }
  }
}

/** What a Gateway's status tells of a listener. */
export interface ListenerStatus {
  readonly name: string
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[]
  readonly attachedRoutes: number
  readonly conditions: readonly Condition[]
}

/** Upstream: apis/v1/gateway_types.go */
export interface Gateway extends KubeObject {
  readonly spec: { readonly gatewayClassName: string; readonly listeners: readonly Listener[] }
  readonly status?: { readonly addresses?: readonly { readonly type?: string; readonly value: string }[]; readonly conditions?: readonly Condition[]; readonly listeners?: readonly ListenerStatus[] }
}

/** To which Gateway, and which of its listeners, a route attaches. */
export interface ParentRef extends ObjectRef {
  readonly sectionName?: string
  readonly port?: number
}

/** A text to compare, or a regular expression. */
export interface NamedMatch {
  readonly type?: string
  readonly name: string
  readonly value: string
}

/** All that it says must fit. */
export interface RouteMatch {
  readonly path?: { readonly type?: string; readonly value?: string }
  readonly headers?: readonly NamedMatch[]
  readonly queryParams?: readonly NamedMatch[]
  readonly method?: string
}

interface Header {
  readonly name: string
  readonly value: string
}

/** Changes of headers. */
export interface HeaderChanges {
  readonly set?: readonly Header[]
  readonly add?: readonly Header[]
  readonly remove?: readonly string[]
}

/** A new path. */
export interface PathChange {
  readonly type: string
  readonly replaceFullPath?: string
  readonly replacePrefixMatch?: string
}

/** What is done to a request on its way. */
export interface Filter {
  readonly type: string
  readonly requestHeaderModifier?: HeaderChanges
  readonly responseHeaderModifier?: HeaderChanges
  readonly requestRedirect?: { readonly scheme?: string; readonly hostname?: string; readonly path?: PathChange; readonly port?: number; readonly statusCode?: number }
  readonly requestMirror?: { readonly backendRef: BackendRef; readonly percent?: number; readonly fraction?: { readonly numerator: number; readonly denominator?: number } }
  readonly urlRewrite?: { readonly hostname?: string; readonly path?: PathChange }
}

/** Where requests go, and how many of them. */
export interface BackendRef extends ObjectRef {
  readonly port?: number
  readonly weight?: number
  readonly filters?: readonly Filter[]
}

/** Matches are alternatives. */
export interface RouteRule {
  readonly name?: string
  readonly matches?: readonly RouteMatch[]
  readonly filters?: readonly Filter[]
  readonly backendRefs?: readonly BackendRef[]
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string }
}

/** What one controller says of a route at one of its parents. */
export interface ParentStatus {
  readonly parentRef: ParentRef
  readonly controllerName: string
  readonly conditions: readonly Condition[]
}

/** Upstream: apis/v1/httproute_types.go */
export interface HTTPRoute extends KubeObject {
  readonly spec: { readonly hostnames?: readonly string[]; readonly parentRefs?: readonly ParentRef[]; readonly rules?: readonly RouteRule[] }
  readonly status?: { readonly parents?: readonly ParentStatus[] }
}

/** Its namespace lets others refer to what is in it. Upstream: apis/v1/referencegrant_types.go */
export interface ReferenceGrant extends KubeObject {
  readonly spec: { readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[]; readonly to: readonly { readonly group: string; readonly kind: string; readonly name?: string }[] }
}
