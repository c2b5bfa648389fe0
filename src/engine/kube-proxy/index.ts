// Door of the room `kube-proxy`: the rules of a node for services.
export { kubeProxy, lookup, type KubeProxyParams, type KubeProxyState } from './kube-proxy'
export type { EndpointRule, ServicePortRules } from './rules'
