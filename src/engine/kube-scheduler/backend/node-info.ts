import { assert } from '../../sim'
import type { Node } from '../../api'
import { normalizedImageName, hasPodAffinity, type HostPort, type PodInfo } from './pod-info'
import { Resource } from './resource'

/** How many pods of one label group a node has. `id` is one of the cache's label groups; -1 stands for none of them. */
export interface GroupCount {
  readonly id: number
  pods: number
}

/** A node with the sums of what its pods take, kept up to date pod by pod. Upstream: framework.NodeInfo */
export class NodeInfo {
  node: Node
  readonly pods: PodInfo[] = []
  readonly podsWithAffinity: PodInfo[] = []
  readonly podsWithRequiredAntiAffinity: PodInfo[] = []
  readonly requested = new Resource()
  /** As `requested`, but containers without requests count with a default. */
  readonly nonZeroRequested = new Resource()
  allocatable = new Resource()
  readonly usedPorts: HostPort[] = []
  /** Bytes by image name. */
  images = new Map<string, number>()
  /** Pods that are not being deleted, by label group: spread constraints count groups, not pods. */
  readonly groups: GroupCount[] = []
  /** Pods by claim (`namespace/name`). */
  readonly claims = new Map<string, number>()

  constructor(node: Node) {
    this.node = node
    this.setNode(node)
  }

  get name(): string {
    return this.node.metadata.name
  }

  setNode(node: Node): void {
    const old = this.node
    this.node = node
    if (old === node || old.status?.allocatable !== node.status?.allocatable) this.allocatable = Resource.of(node.status?.allocatable)
    if (old === node || old.status?.images !== node.status?.images) {
      this.images = new Map()
      for (const image of node.status?.images ?? []) for (const name of image.names ?? []) this.images.set(normalizedImageName(name), image.sizeBytes ?? 0)
    }
  }

  addPod(p: PodInfo, group: number): void {
    this.pods.push(p)
    if (hasPodAffinity(p)) this.podsWithAffinity.push(p)
    if (p.requiredAntiAffinity.length > 0) this.podsWithRequiredAntiAffinity.push(p)
    this.account(p, group, 1)
    for (const port of p.spec.hostPorts) this.usedPorts.push(port)
  }

  removePod(p: PodInfo, group: number): void {
    assert(take(this.pods, p.uid), () => `no pod ${p.namespace}/${p.name} on ${this.name}`)
    if (hasPodAffinity(p)) take(this.podsWithAffinity, p.uid)
    if (p.requiredAntiAffinity.length > 0) take(this.podsWithRequiredAntiAffinity, p.uid)
    this.account(p, group, -1)
    for (const port of p.spec.hostPorts) {
      const i = this.usedPorts.findIndex((u) => u.port === port.port && u.ip === port.ip && u.protocol === port.protocol)
      if (i >= 0) this.usedPorts.splice(i, 1)
    }
  }

  private account(p: PodInfo, group: number, sign: number): void {
    this.requested.add(p.spec.requests, sign)
    this.nonZeroRequested.milliCPU += sign * p.spec.nonZeroRequests.milliCPU
    this.nonZeroRequested.memory += sign * p.spec.nonZeroRequests.memory
    if (!p.deleting) countGroup(this.groups, group, sign)
    for (const c of p.spec.claims) count(this.claims, `${p.namespace}/${c}`, sign)
  }

  /** Puts a newer version of a pod in the place of the older one; what is accounted must not differ. */
  replacePod(p: PodInfo): void {
    put(this.pods, p)
    if (hasPodAffinity(p)) put(this.podsWithAffinity, p)
    if (p.requiredAntiAffinity.length > 0) put(this.podsWithRequiredAntiAffinity, p)
  }

  /** A copy for trying changes on. Upstream: NodeInfo.Snapshot */
  clone(): NodeInfo {
    const n = new NodeInfo(this.node)
    n.pods.push(...this.pods)
    n.podsWithAffinity.push(...this.podsWithAffinity)
    n.podsWithRequiredAntiAffinity.push(...this.podsWithRequiredAntiAffinity)
    n.requested.add(this.requested, 1)
    n.nonZeroRequested.add(this.nonZeroRequested, 1)
    n.allocatable = this.allocatable
    n.usedPorts.push(...this.usedPorts)
    n.images = this.images
    for (const g of this.groups) n.groups.push({ ...g })
    for (const [k, v] of this.claims) n.claims.set(k, v)
    return n
  }
}

function countGroup(groups: GroupCount[], id: number, by: number): void {
  const at = groups.findIndex((g) => g.id === id)
  const known = groups[at]
  if (known === undefined) groups.push({ id, pods: by })
  else if ((known.pods += by) === 0) groups.splice(at, 1)
}

function count<K>(map: Map<K, number>, key: K, by: number): void {
  const n = (map.get(key) ?? 0) + by
  if (n === 0) map.delete(key)
  else map.set(key, n)
}

function take(list: PodInfo[], uid: string): boolean {
  for (let i = list.length - 1; i >= 0; i--)
    if ((list[i] as PodInfo).uid === uid) {
      // Order in the list means nothing upstream either: the last one takes the free place.
      const last = list.pop() as PodInfo
      if (i < list.length) list[i] = last
      return true
    }
  return false
}

function put(list: PodInfo[], p: PodInfo): void {
  for (let i = 0; i < list.length; i++)
    if ((list[i] as PodInfo).uid === p.uid) {
      list[i] = p
      return
    }
}
