import type { LinkTimes } from '../network'
import type { EvictionConfig } from '../kubelet'

/** One machine of a cluster. */
export interface NodeConfig {
  readonly name: string
  readonly zone: string
  /** Label key of the zone; also `failure-domain.beta…` is left out, as v1.36 does. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[] | undefined
  readonly cpuMillis: number
  readonly memoryBytes: number
  readonly maxPods: number
  /** Images that are there from the beginning. */
  readonly images?: readonly string[] | undefined
}

/** How a node pulls images. */
export type PullModel = { readonly fixedMs: number } | { readonly bytesPerSecond: number; readonly latencyMs: number }

/** Everything that a cluster is built from. With the seed and the inputs it determines the run. */
export interface ClusterConfig {
  readonly seed: number
  /** Wall clock when the session begins (t = 0, after boot). Units: µs since 1970. */
  readonly start: number
  readonly nodes: readonly NodeConfig[]
  /** 1, 3 or 5. */
  readonly etcdMembers: number
  /** kube-proxy and CoreDNS, as kubeadm installs them. */
  readonly addons: boolean
  /** How kube-proxy writes its rules. Default: iptables. */
  readonly proxyMode?: 'iptables' | 'ipvs' | 'nftables' | undefined
  /** The network plugin knows NetworkPolicies; plain Flannel ignores them. */
  readonly networkPolicy?: boolean | undefined
  /** A cloud stands behind the cluster: cloud-controller-manager makes load balancers. */
  readonly cloud?: boolean | undefined
  /** The definitions of Gateway API are installed, as clouds do. */
  readonly gatewayApi?: boolean | undefined
  /** How often a kubelet looks at each pod even when nothing happened. Units: s. */
  readonly kubeletSyncSeconds: number
  readonly pull: PullModel
  /** When kubelets find that they are short of something; upstream's defaults when left out. */
  readonly eviction?: EvictionConfig | undefined
  /** Containers stop at once on SIGTERM (as in the recordings). */
  readonly immediateStop: boolean
  /** How long messages are on their way, when it is not as in a data centre. */
  readonly links?: LinkTimes | undefined
  /** Namespace of kubectl's context. */
  readonly namespace: string
  /** kubectl behaves as if each line had `-n` with it, as it did in the recordings. */
  readonly explicitNamespace?: boolean
  /** Simulated time before t = 0 in which the cluster comes up. Units: s. */
  readonly bootSeconds: number
}

const MI = 1024 * 1024

/** 2026-01-01T09:00:00Z: sessions begin on a fixed day, so that a seed alone says everything. */
const fixedStart = 1_767_258_000_000_000

const zoneLabel = 'topology.kubernetes.io/zone'

function worker(i: number, zone: string, cpuMillis: number, memoryBytes: number, images?: readonly string[]): NodeConfig {
  return { name: `node-${i}`, zone, labels: { [zoneLabel]: zone }, cpuMillis, memoryBytes, maxPods: 110, images }
}

/** The page's own cluster: one control plane, three workers, add-ons. */
export function defaultPreset(seed: number): ClusterConfig {
  const controlPlane: NodeConfig = {
    name: 'control-plane', zone: 'zone-a', cpuMillis: 2000, memoryBytes: 4096 * MI, maxPods: 110,
    labels: { [zoneLabel]: 'zone-a', 'node-role.kubernetes.io/control-plane': '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' },
    taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
  }
  const workers = ['zone-a', 'zone-b', 'zone-c'].map((zone, i) => worker(i + 1, zone, 2000, 4096 * MI))
  return {
    seed, start: fixedStart, nodes: [controlPlane, ...workers], etcdMembers: 3, addons: true, cloud: true, gatewayApi: true, kubeletSyncSeconds: 60,
    pull: { bytesPerSecond: 25_000_000, latencyMs: 600 }, immediateStop: false, namespace: 'default', bootSeconds: 120,
  }
}

/** The recordings' cluster shared one busy machine: a write took about 10 ms there. */
const busyMachine: LinkTimes = { latency: 3000, jitter: 3000, local: 2000 }

/** The cluster of the recordings: three nodes of 1 CPU, no add-ons. `images` maps an image to the nodes that have it. */
export function recordedPreset(seed: number, images: Readonly<Record<string, readonly string[]>> = {}, start = fixedStart, namespace = 'default'): ClusterConfig {
  const nodes = [1, 2, 3].map((i) => worker(i, `zone-${i}`, 1000, 3840 * MI, Object.keys(images).filter((image) => images[image]?.includes(`node-${i}`))))
  return { seed, start, nodes, etcdMembers: 1, addons: false, kubeletSyncSeconds: 10, pull: { fixedMs: 1200 }, immediateStop: true, namespace, explicitNamespace: true, links: busyMachine, bootSeconds: 60 }
}

/** `count` equal workers without add-ons, for measuring. */
export function plainPreset(seed: number, count: number): ClusterConfig {
  const nodes = Array.from({ length: count }, (_, i) => worker(i + 1, `zone-${'abc'[i % 3]}`, 8000, 16_384 * MI))
  return { ...recordedPreset(seed), nodes, kubeletSyncSeconds: 60, immediateStop: false, explicitNamespace: false, links: undefined }
}

/** Presets by name, for pages and scripts. */
export const presets: readonly { readonly id: string; readonly title: string; readonly make: (seed: number) => ClusterConfig }[] = [
  { id: 'default', title: 'Three workers', make: defaultPreset },
  { id: 'policies', title: 'Three workers, network policies', make: (seed) => ({ ...defaultPreset(seed), networkPolicy: true }) },
  { id: 'recorded', title: 'The recorded cluster', make: (seed) => recordedPreset(seed) },
  { id: 'bench-50', title: 'Fifty workers', make: (seed) => plainPreset(seed, 50) },
]
