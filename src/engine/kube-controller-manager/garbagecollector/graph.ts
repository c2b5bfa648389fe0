import type { KubeObject, OwnerReference } from '../../apimachinery'

/** Finalizers by which a delete asks for its manner. */
export const orphanFinalizer = 'orphan'
/** See orphanFinalizer. */
export const foregroundFinalizer = 'foregroundDeletion'

/** An object as the collector knows it. Plain data. */
export interface GraphNode {
  readonly uid: string
  /** Plural name; of a virtual node, as its reference says it. */
  readonly resource: string
  readonly namespace: string
  readonly name: string
  owners: readonly OwnerReference[]
  /** Uids of the objects that name this one as an owner. */
  readonly dependents: Set<string>
  beingDeleted: boolean
  deletingDependents: boolean
  /** Its deletion began with the finalizer that orphans. */
  orphaning: boolean
  /** Only a reference to it was seen. */
  virtual: boolean
}

const noOwners: readonly OwnerReference[] = []

/**
 * Who owns whom, by uid, as the caches have told it. Plain state; changes answer what is to be looked at.
 * Upstream: pkg/controller/garbagecollector/graph_builder.go
 */
export class Graph {
  private readonly nodes = new Map<string, GraphNode>()
  /** Owners that a live read did not find. Bounds: 500. Upstream: absentOwnerCache */
  private readonly absent = new Set<string>()

  get(uid: string): GraphNode | undefined {
    return this.nodes.get(uid)
  }

  isAbsent(uid: string): boolean {
    return this.absent.has(uid)
  }

  setAbsent(uid: string): void {
    if (this.absent.size >= 500) this.absent.delete(this.absent.values().next().value as string)
    this.absent.add(uid)
  }

  /** An object is there, or changed. `remove` and `orphan` are told the uids to look at. Upstream: processGraphChanges, processTransitions */
  upsert(resource: string, o: KubeObject, resourceOf: (ref: OwnerReference) => string, remove: (uid: string) => void, orphan: (uid: string) => void): void {
    const { metadata } = o
    const uid = metadata.uid as string
    const owners = metadata.ownerReferences ?? noOwners
    let node = this.nodes.get(uid)
    if (node === undefined || node.virtual) {
      const dependents = node?.dependents ?? new Set<string>()
      node = { uid, resource, namespace: metadata.namespace ?? '', name: metadata.name, owners: noOwners, dependents, beingDeleted: false, deletingDependents: false, orphaning: false, virtual: false }
      this.nodes.set(uid, node)
    }
    this.setOwners(node, owners, resourceOf, remove)
    if (metadata.deletionTimestamp === undefined) return
    node.beingDeleted = true
    const finalizers = metadata.finalizers ?? []
    if (finalizers.includes(orphanFinalizer)) {
      if (!node.orphaning) orphan(uid)
      node.orphaning = true
      return
    }
    if (finalizers.includes(foregroundFinalizer) && !node.deletingDependents) {
      node.deletingDependents = true
      for (const d of node.dependents) remove(d)
      remove(uid)
    }
  }

  private setOwners(node: GraphNode, owners: readonly OwnerReference[], resourceOf: (ref: OwnerReference) => string, remove: (uid: string) => void): void {
    const old = node.owners
    node.owners = owners
    for (const ref of old) {
      const now = owners.find((r) => r.uid === ref.uid)
      const owner = this.nodes.get(ref.uid)
      if (now === undefined) owner?.dependents.delete(node.uid)
      // An owner that waited for this one may go on.
      if (owner && ref.blockOwnerDeletion && !now?.blockOwnerDeletion && owner.deletingDependents) remove(owner.uid)
    }
    // By what they say: whether two arrays are one and the same differs after a checkpoint. Upstream: referencesDiffs
    for (const ref of owners) {
      if (old.some((r) => r.uid === ref.uid)) continue
      let owner = this.nodes.get(ref.uid)
      if (owner === undefined) {
        // Not seen yet, or gone: a live read will tell.
        owner = { uid: ref.uid, resource: resourceOf(ref), namespace: node.namespace, name: ref.name, owners: noOwners, dependents: new Set(), beingDeleted: false, deletingDependents: false, orphaning: false, virtual: true }
        this.nodes.set(ref.uid, owner)
        remove(ref.uid)
      }
      const isNew = !owner.dependents.has(node.uid)
      owner.dependents.add(node.uid)
      if (isNew && (owner.deletingDependents || this.absent.has(owner.uid))) remove(node.uid)
    }
  }

  /** An object is gone (or was never there). */
  delete(uid: string, remove: (uid: string) => void): void {
    const node = this.nodes.get(uid)
    if (node === undefined) return
    this.nodes.delete(uid)
    for (const ref of node.owners) {
      const owner = this.nodes.get(ref.uid)
      if (owner === undefined) continue
      owner.dependents.delete(uid)
      if (owner.deletingDependents) remove(owner.uid)
      if (owner.virtual && owner.dependents.size === 0) this.nodes.delete(owner.uid)
    }
    if (node.dependents.size === 0) return
    this.setAbsent(uid)
    for (const d of node.dependents) remove(d)
  }

  /** Dependents that hold up the deletion of their owner. Upstream: node.blockingDependents */
  blocking(node: GraphNode): GraphNode[] {
    const out: GraphNode[] = []
    for (const uid of node.dependents) {
      const d = this.nodes.get(uid)
      if (d?.owners.some((r) => r.uid === node.uid && r.blockOwnerDeletion === true)) out.push(d)
    }
    return out
  }
}
