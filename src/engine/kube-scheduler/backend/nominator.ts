import type { PodInfo } from './pod-info'

/** Pods that preempted others and wait for the place on their nominated node. Upstream: backend/queue/nominator.go */
export class Nominator {
  private readonly byNode = new Map<string, Map<string, PodInfo>>()
  private readonly nodeOf = new Map<string, string>()

  /** Notes (or replaces) where a pod is nominated; an empty node takes it out. */
  set(p: PodInfo, node: string): void {
    this.delete(p.uid)
    if (node === '') return
    this.nodeOf.set(p.uid, node)
    let pods = this.byNode.get(node)
    if (pods === undefined) this.byNode.set(node, (pods = new Map()))
    pods.set(p.uid, p)
  }

  delete(uid: string): void {
    const node = this.nodeOf.get(uid)
    if (node === undefined) return
    this.nodeOf.delete(uid)
    const pods = this.byNode.get(node) as Map<string, PodInfo>
    pods.delete(uid)
    if (pods.size === 0) this.byNode.delete(node)
  }

  nodeNameOf(uid: string): string {
    return this.nodeOf.get(uid) ?? ''
  }

  get size(): number {
    return this.nodeOf.size
  }

  /** Pods nominated to a node, in order of nomination. */
  on(node: string): readonly PodInfo[] {
    const pods = this.byNode.get(node)
    return pods === undefined ? [] : [...pods.values()]
  }
}
