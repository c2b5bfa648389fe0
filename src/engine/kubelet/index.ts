// Door of the room `kubelet`: the agent of a node.
export { kubelet, type ProbeOverride } from './kubelet'
export type { NodeShutdown } from './node-shutdown'
export type { EvictionConfig } from './eviction/thresholds'
export { nodeAddress, type KubeletNode, type KubeletParams } from './params'
export type { ExecOutput, KubeletRequest, KubeletResponse, LogOptions } from './server'
export type { KubeletState, PodWorker } from './state'
export { podTimers, type PodTimer } from './timers'
