import type { Micros } from '../sim'

/** What a kubelet tells of one container. Shape of the body of its answer to `stats`. */
export interface ContainerSample {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** Tells a container from the one that had its name before. */
  readonly uid: string
  readonly cpuMillis: number
  readonly memoryBytes: number
}

/** A kubelet's answer. Upstream: /metrics/resource of pkg/kubelet/metrics/collectors/resource_metrics.go */
export interface NodeSample {
  readonly at: Micros
  readonly cpuMillis: number
  readonly memoryBytes: number
  readonly containers: readonly ContainerSample[]
}

/** The last two samples of a node: two points make a rate. */
export interface NodePoints {
  last: NodeSample
  before: NodeSample | undefined
}

/** Usage over the window between two samples. */
export interface Usage {
  readonly cpuMillis: number
  readonly memoryBytes: number
}

/** One pod's containers in the order in which the kubelet tells them. */
export interface PodUsage {
  readonly at: Micros
  readonly window: Micros
  readonly containers: readonly (Usage & { readonly name: string })[]
}

const mean = (a: number, b: number): number => (a + b) / 2

/** What a node used between its last two samples; undefined before there are two. Upstream: metrics-server pkg/storage/node.go */
export function nodeUsage(points: NodePoints | undefined): (Usage & { readonly at: Micros; readonly window: Micros }) | undefined {
  if (points?.before === undefined) return undefined
  const { last, before } = points
  return { at: last.at, window: last.at - before.at, cpuMillis: mean(last.cpuMillis, before.cpuMillis), memoryBytes: last.memoryBytes }
}

/** Pods of a node by `namespace/name`; one of which a container has a single sample is left out. Upstream: metrics-server pkg/storage/pod.go */
export function podUsages(points: NodePoints): ReadonlyMap<string, PodUsage> {
  const out = new Map<string, PodUsage>()
  const { last, before } = points
  if (before === undefined) return out
  const known = new Map(before.containers.map((c) => [`${c.uid}/${c.container}`, c]))
  const pods = new Map<string, { name: string; cpuMillis: number; memoryBytes: number }[] | null>()
  for (const c of last.containers) {
    const key = `${c.namespace}/${c.pod}`
    const old = known.get(`${c.uid}/${c.container}`)
    const list = pods.get(key)
    if (list === null) continue
    if (old === undefined) {
      pods.set(key, null)
      continue
    }
    const usage = { name: c.container, cpuMillis: mean(c.cpuMillis, old.cpuMillis), memoryBytes: c.memoryBytes }
    if (list === undefined) pods.set(key, [usage])
    else list.push(usage)
  }
  for (const [key, containers] of pods) if (containers !== null) out.set(key, { at: last.at, window: last.at - before.at, containers })
  return out
}
