// Door of the room `ingress-controller`: requests by host and path.
export { ingressController, routeRequest } from './ingress-controller'
export type { Backend, RequestLine, Route } from './routes'
export type { IngressState } from './state'
export { gatewayGroup, type Gateway, type HTTPRoute } from './gateway-types'
