import type { Node, Pod } from '../../api'
import { deepEqual, type Labels } from '../../apimachinery'
import { NodeInfo } from './node-info'
import { hasPodAffinity, type PodInfo } from './pod-info'

/** Pods of one namespace with equal labels. Selectors are matched against groups, not pods. */
export interface LabelGroup {
  readonly namespace: string
  readonly labels: Labels
}

interface GroupEntry {
  readonly id: number
  readonly key: string
  readonly group: LabelGroup
  pods: number
}

interface Known {
  info: PodInfo
  /** Node that it is counted on. */
  node: string
  readonly group: number
  /** Decided here, not yet seen bound. */
  assumed: boolean
}

const none: readonly NodeInfo[] = Object.freeze([])
const zoneLabels = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone']
const regionLabels = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region']

/**
 * What the scheduler believes of nodes and pods: its caches, plus the pods that it has just placed. A scheduling cycle is one event, so this is
 * also the snapshot that the cycle reads. Upstream: pkg/scheduler/backend/cache
 */
export class SchedulerCache {
  private readonly nodes = new Map<string, NodeInfo>()
  private readonly pods = new Map<string, Known>()
  private ordered: NodeInfo[] = []
  private names: readonly string[] = []
  private stale = false
  private readonly groupsByKey = new Map<string, GroupEntry>()
  private readonly groupsById: (GroupEntry | undefined)[] = []
  private readonly freeGroups: number[] = []
  private readonly imageNodes = new Map<string, number>()
  /** Pods with (anti-)affinity to others. */
  private affine = 0

  // ---- reading ----

  get nodeCount(): number {
    return this.nodes.size
  }

  /** Number of pods that are counted on nodes, and how many of them are only assumed. */
  get podCounts(): { readonly pods: number; readonly assumed: number } {
    let assumed = 0
    for (const k of this.pods.values()) if (k.assumed) assumed++
    return { pods: this.pods.size, assumed }
  }

  node(name: string): NodeInfo | undefined {
    return this.nodes.get(name)
  }

  /** All nodes, zones taking turns. Upstream: backend/cache/node_tree.go */
  list(): readonly NodeInfo[] {
    if (this.stale) {
      this.ordered = interleave(this.nodes.values())
      this.names = Object.freeze(this.ordered.map((n) => n.name))
      this.stale = false
    }
    return this.ordered
  }

  /** Names of `list()`, one shared frozen list until nodes come or go. */
  listNames(): readonly string[] {
    this.list()
    return this.names
  }

  /** Nodes with pods that have (anti-)affinity to others. Upstream: HavePodsWithAffinityList */
  listWithAffinity(): readonly NodeInfo[] {
    return this.affine === 0 ? none : this.list().filter((n) => n.podsWithAffinity.length > 0)
  }

  /** Nodes with pods that must not be near others. Upstream: HavePodsWithRequiredAntiAffinityList */
  listWithRequiredAntiAffinity(): readonly NodeInfo[] {
    return this.affine === 0 ? none : this.list().filter((n) => n.podsWithRequiredAntiAffinity.length > 0)
  }

  /** How many nodes have an image. */
  nodesWithImage(image: string): number {
    return this.imageNodes.get(image) ?? 0
  }

  group(id: number): LabelGroup {
    return (this.groupsById[id] as GroupEntry).group
  }

  /** One more than the highest group id. */
  get groupBound(): number {
    return this.groupsById.length
  }

  isAssumed(uid: string): boolean {
    return this.pods.get(uid)?.assumed === true
  }

  pod(uid: string): PodInfo | undefined {
    return this.pods.get(uid)?.info
  }

  // ---- nodes ----

  setNode(node: Node): void {
    const name = node.metadata.name
    const known = this.nodes.get(name)
    if (known === undefined) {
      const made = new NodeInfo(node)
      this.nodes.set(name, made)
      for (const k of this.pods.values()) if (k.node === name) made.addPod(k.info, k.group)
      this.countImages(made, 1)
      this.stale = true
      return
    }
    const images = known.images
    const moved = zoneOf(known.node) !== zoneOf(node)
    this.countImages(known, -1)
    known.setNode(node)
    this.countImages(known, 1)
    if (images !== known.images || moved) this.stale ||= moved
  }

  removeNode(name: string): void {
    const known = this.nodes.get(name)
    if (known === undefined) return
    this.countImages(known, -1)
    this.nodes.delete(name)
    this.stale = true
  }

  private countImages(node: NodeInfo, by: number): void {
    for (const image of node.images.keys()) {
      const n = (this.imageNodes.get(image) ?? 0) + by
      if (n === 0) this.imageNodes.delete(image)
      else this.imageNodes.set(image, n)
    }
  }

  // ---- pods ----

  /** Counts a pod on the node that was chosen for it, before it is bound. */
  assume(p: PodInfo, node: string): PodInfo {
    const assumed: PodInfo = Object.freeze({ ...p, nodeName: node })
    this.put(assumed, true)
    return assumed
  }

  /** Takes an assumed pod back. */
  forget(uid: string): void {
    if (this.isAssumed(uid)) this.drop(uid)
  }

  /** A pod was seen bound (or changed). Returns what was known of it. */
  setPod(p: PodInfo): PodInfo | undefined {
    const known = this.pods.get(p.uid)
    if (known === undefined) {
      this.put(p, false)
      return undefined
    }
    const old = known.info
    if (known.node === p.nodeName && sameFootprint(old, p)) {
      known.info = p
      known.assumed = false
      this.nodes.get(known.node)?.replacePod(p)
    } else {
      this.drop(p.uid)
      this.put(p, false)
    }
    return old
  }

  removePod(uid: string): PodInfo | undefined {
    const known = this.pods.get(uid)
    if (known) this.drop(uid)
    return known?.info
  }

  private put(p: PodInfo, assumed: boolean): void {
    const group = this.join(p)
    this.pods.set(p.uid, { info: p, node: p.nodeName, group, assumed })
    if (hasPodAffinity(p)) this.affine++
    this.nodes.get(p.nodeName)?.addPod(p, group)
  }

  private drop(uid: string): void {
    const known = this.pods.get(uid) as Known
    this.pods.delete(uid)
    if (hasPodAffinity(known.info)) this.affine--
    this.nodes.get(known.node)?.removePod(known.info, known.group)
    this.leave(known.group)
  }

  /** Id of a pod's label group; -1 when no pod of the cache has these labels. */
  groupOf(p: PodInfo): number {
    return this.pods.get(p.uid)?.group ?? this.groupsByKey.get(groupKey(p))?.id ?? -1
  }

  private join(p: PodInfo): number {
    const key = groupKey(p)
    let entry = this.groupsByKey.get(key)
    if (entry === undefined) {
      const id = this.freeGroups.pop() ?? this.groupsById.length
      entry = { id, key, group: Object.freeze({ namespace: p.namespace, labels: p.labels }), pods: 0 }
      this.groupsByKey.set(key, entry)
      this.groupsById[id] = entry
    }
    entry.pods++
    return entry.id
  }

  private leave(id: number): void {
    const entry = this.groupsById[id] as GroupEntry
    if (--entry.pods > 0) return
    this.groupsByKey.delete(entry.key)
    this.groupsById[id] = undefined
    this.freeGroups.push(id)
  }
}

function groupKey(p: PodInfo): string {
  let key = p.namespace
  if (p.labels === undefined) return key
  const names = Object.keys(p.labels)
  for (const name of isSorted(names) ? names : names.sort()) key += `\n${name}=${p.labels[name]}`
  return key
}

function isSorted(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i++) if ((names[i - 1] as string) > (names[i] as string)) return false
  return true
}

function sameFootprint(a: PodInfo, b: PodInfo): boolean {
  if (a.deleting !== b.deleting || (a.labels !== b.labels && !deepEqual(a.labels, b.labels))) return false
  // A resize under way counts differently from one status to the next.
  if (a.spec !== b.spec && (a.spec.requests.milliCPU !== b.spec.requests.milliCPU || a.spec.requests.memory !== b.spec.requests.memory)) return false
  // An assumed pod differs from its bound self in the node's name only.
  return a.pod.spec === b.pod.spec || (sameBut(a.pod.spec, b.pod.spec) && sameBut(b.pod.spec, a.pod.spec))
}

function sameBut(a: Pod['spec'], b: Pod['spec']): boolean {
  for (const k in a) if (k !== 'nodeName' && a[k as 'containers'] !== b[k as 'containers'] && !deepEqual(a[k as 'containers'], b[k as 'containers'])) return false
  return true
}

function zoneOf(node: Node): string {
  const labels = node.metadata.labels
  if (labels === undefined) return ''
  const region = labels[regionLabels[0]!] ?? labels[regionLabels[1]!] ?? ''
  const zone = labels[zoneLabels[0]!] ?? labels[zoneLabels[1]!] ?? ''
  return region === '' && zone === '' ? '' : `${region}:\0:${zone}`
}

function interleave(nodes: Iterable<NodeInfo>): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>()
  for (const n of nodes) {
    const zone = zoneOf(n.node)
    const list = zones.get(zone)
    if (list === undefined) zones.set(zone, [n])
    else list.push(n)
  }
  if (zones.size === 1) return [...zones.values()][0]!
  const out: NodeInfo[] = []
  for (let i = 0, found = true; found; i++) {
    found = false
    for (const list of zones.values()) {
      const n = list[i]
      if (n === undefined) continue
      out.push(n)
      found = true
    }
  }
  return out
}
