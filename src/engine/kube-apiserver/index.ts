// Door of the room `kube-apiserver`.
export { admissionPlugins } from './admission'
export { authorizers } from './authorization'
export type { KubeletRequest, KubeletResponse } from './handlers/proxy'
export { strategies } from './registry'
export { kubeApiserver } from './server'
export type { ServerState } from './state'
export { podStatus } from './registry/core/pod-status'
export { nodeRoles, nodeStatus } from './registry/core/node'
