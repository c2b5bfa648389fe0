import { SECOND, type Micros } from '../sim'
import type { EvictionConfig } from './eviction/thresholds'
import { derivedPodCIDR, isEmulated, nodeNumber, type ContainerdParams } from '../cri'

/** What a kubelet is told of its machine. */
export interface KubeletNode {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[] | undefined
  readonly cpuMillis: number
  readonly memoryBytes: number
  readonly maxPods: number
  readonly images?: readonly string[] | undefined
  /** Address of the machine; made from the node's name when left out. */
  readonly address?: string | undefined
  /** Range of the node's pods; made from the node's name when left out. The kubelet registers it as spec.podCIDR, since no node-ipam controller is there to do so. */
  readonly podCIDR?: string | undefined
}

/** Parameters of `kubelet@<node>`; the runtime's are the same object. */
export interface KubeletParams extends ContainerdParams {
  readonly node: KubeletNode
  /** How often each pod is looked at though nothing happened. Units: s; 60 upstream, 10 in the recordings. */
  readonly syncSeconds: number
  /** When the node counts as short of something; the defaults of upstream when left out. */
  readonly eviction?: EvictionConfig | undefined
}

/** The kubelet's own intervals. Units: µs. Upstream: pkg/kubelet/apis/config/v1beta1/defaults.go, pkg/kubelet/kubelet.go */
export const intervals = {
  lease: 10 * SECOND,
  nodeStatus: 10 * SECOND,
  nodeStatusReport: 300 * SECOND,
  plegRelist: SECOND,
  backOffPeriod: 10 * SECOND,
  /** Pods whose volumes are not there yet are looked at again this often. */
  volumePoll: 300_000,
  minimumGrace: 2 * SECOND,
} satisfies Record<string, Micros>

/** The node's address. */
export function nodeAddress(params: KubeletParams): string {
  if (params.node.address) return params.node.address
  if (isEmulated(params)) return '192.0.2.2'
  const n = nodeNumber(params.node.name) + 10
  return `10.0.${Math.floor(n / 256)}.${n % 256}`
}

/** The node's pod range. */
export function nodePodCIDR(params: KubeletParams): string {
  return params.node.podCIDR ?? derivedPodCIDR(params.node.name)
}
