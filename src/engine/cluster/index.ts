export { Cluster, type ClusterCheckpoint, type Input, type Output } from './cluster'
export { defaultPreset, plainPreset, presets, recordedPreset, type ClusterConfig, type NodeConfig, type PullModel } from './config'
export type { Fault } from './faults'
export type { ClusterState, ComponentState, NodeState } from './state'
