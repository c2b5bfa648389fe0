// Door of the room `cri`: the container runtime of a node, its disk, and the calls it answers.
export { containerd } from './containerd'
export { disk, type DiskState } from './disk'
export type { ContainerdState, PodSandbox, RunningContainer } from './state'
export { isEmulated, kubeletConfigPath, type ContainerHost, type ContainerSpec, type ContainerStats, type ContainerView, type ContainerdParams, type CriCall, type CriCallMessage, type CriEventMessage, type CriReplyMessage, type CriResult, type EtcFiles, type HostComponent, type HostFileMessage, type LogLine, type MachineStats, type ManifestEvent, type PodView, type ProbeAction, type ProcessEnded, type VolumeGiven, type VolumeSource } from './types'
export { nodeUsage } from './usage'
export { httpAnswer, listener, listenerOnHost, sandboxAt, sandboxOf, serving, waitOf, whyNotListening, type LoadMessage, type ServedMessage, type WorkMessage } from './serve'
// What the kubelet needs of the rooms below: it imports only this door.
export { canonicalImage, imageReference, imageSize, runsAsRoot } from '../workloads'
export { derivedPodCIDR, nodeNumber } from '../cni'
export type { ExchangeQuestion } from './request'
export type { MachineAnswer, MachineQuestion } from './machine'
export type { ComponentQuestion, LaunchVerdict } from './components'
export { hostPathKind, type HostPathKind } from './host-paths'
