// Door of the room `cri`: the container runtime of a node, its disk, and the calls it answers.
export { containerd } from './containerd'
export { disk, type DiskState } from './disk'
export type { ContainerdState } from './state'
export { isEmulated, type ContainerSpec, type ContainerView, type ContainerdParams, type CriCall, type CriCallMessage, type CriEventMessage, type CriReplyMessage, type CriResult, type LogLine, type PodView, type ProbeAction, type PullModel } from './types'
export { nodeUsage, podUsage } from './usage'
// What the kubelet needs of the rooms below: it imports only this door.
export { canonicalImage, imageDigest, imageSize } from '../workloads'
export { derivedPodCIDR, nodeNumber } from '../cni'
