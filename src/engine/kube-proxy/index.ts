// Door of the room `kube-proxy`: the rules of a node for services, the agent that writes them and the kernel that keeps them.
export { kubeProxy, type HealthAnswer, type HealthCheck, type KubeProxyParams, type KubeProxyState } from './kube-proxy'
export { judge, kernel, type KernelParams, type KernelState, type ProxyMode, type Verdict } from './kernel'
export { renderRules } from './render'
export type { EndpointRule, ServicePortRules } from './rules'
