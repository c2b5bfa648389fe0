// Door of the room `kubelet`: the agent of a node.
export { kubelet } from './kubelet'
export type { EvictionConfig } from './eviction/thresholds'
export { nodeAddress } from './params'
export { readKubeletConfig, type KubeletFailure } from './kubelet-config'
export { mayPowerOff, type NodeShutdown } from './node-shutdown'
export type { KubeletState } from './state'
export { podTimers } from './timers'
