import type { KubeObject } from '../apimachinery'
import type { World } from '../sim'
import type { EtcdParams } from './disk'
import type { MemberState } from './member-state'
import type { Store } from './store'

/** A member as the page shows it. */
export interface MemberView {
  readonly id: string
  readonly role: 'leader' | 'follower' | 'candidate' | 'down'
  readonly revision: number
}

/** All members of the etcd cluster, by id. */
export function etcdMembers(world: World): readonly MemberView[] {
  const views: MemberView[] = []
  for (const p of world.processes.values()) {
    if (p.kind !== 'etcd') continue
    const role = p.up ? (p.state as MemberState).role : 'down'
    views.push({ id: p.id, role, revision: (p.params as EtcdParams).disk?.store.revision ?? 0 })
  }
  return views.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Most members of a cluster. */
const mostMembers = 5

/**
 * The store that tells the truth: the one that has applied most, the leader's among equals. What was applied anywhere was committed, so this
 * holds while there is no leader, and while a new one has yet to apply what its log holds. A leader that applies its own term's entries one by
 * one is what clients see, though a follower has applied them all at once. Read only.
 */
export function currentStore(world: World): Store | undefined {
  let best: Store | undefined
  for (let i = 0; i < mostMembers; i++) {
    const p = world.processes.get(`etcd-${i}`)
    // A member that runs in a static pod is not there before its container is.
    if (p === undefined) continue
    const { disk } = p.params as EtcdParams
    const store = disk?.store
    if (store === undefined) continue
    const leads = p.up && (p.state as MemberState).role === 'leader'
    if (leads && (p.state as MemberState).applying && disk?.appliedTerm === disk?.term) return store
    if (best === undefined || store.revision > best.revision || (leads && store.revision === best.revision)) best = store
  }
  return best
}

/** True when writes can be committed now. */
export function etcdHasQuorum(world: World): boolean {
  for (const p of world.processes.values()) if (p.kind === 'etcd' && p.up && (p.state as MemberState).role === 'leader') return true
  return false
}

/** Every stored object of a resource, or of all; in the order of their creation. Keys are `/registry/<resource>/<namespace>/<name>`. */
export function* storedObjects(store: Store, resource?: string): IterableIterator<KubeObject> {
  const prefix = resource === undefined ? '' : `/registry/${resource}/`
  for (const kv of store.values()) if (kv.key.startsWith(prefix)) yield kv.value
}
