// Door of the room `kube-proxy`: the rules of a node for services, the agent that writes them and the kernel that keeps them.
export { kubeProxy } from './kube-proxy'
export { judge, kernel, type KernelState, type ProxyMode, type Verdict } from './kernel'
export { renderRules } from './render'
export type { EndpointRule, ServicePortRules } from './rules'
