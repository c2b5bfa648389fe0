// Door of the room `ingress-controller`: requests by host and path.
export { ingressController, routeRequest, type IngressParams, type IngressState, type Route } from './ingress-controller'
