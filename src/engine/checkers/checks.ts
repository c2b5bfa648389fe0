import { AssertionError, SECOND, type World } from '../sim'
import { currentStore, storedObjects } from '../etcd'
import type { KubeObject } from '../apimachinery'
import type { ManagerState } from '../kube-controller-manager'
import type { CheckView } from './checker'
import { checkers } from './registry'

/** After this long without a write that matters, caches and agents have heard of everything. */
const settledAfter = 5 * SECOND

/** Runs the checkers over a world: `see` it after each event or slice. Its memory is its own, so start a new one after a rewind. */
export class Checks {
  private readonly memory = checkers.map((c) => c.start())
  private revision = 0
  private changedAt = 0
  /** Since when kube-controller-manager leads; Infinity while it does not. */
  private leadsSince = Number.POSITIVE_INFINITY

  /** Errors: AssertionError that names the checker and what it found. */
  see(world: World): void {
    const store = currentStore(world)
    if (store === undefined) return
    if (store.revision !== this.revision) {
      // Leases and Kubernetes Events are written all the time.
      const changes = store.since(this.revision + 1)
      if (changes === undefined || changes.some((e) => !e.kv.key.startsWith('/registry/leases/') && !e.kv.key.startsWith('/registry/events/'))) this.changedAt = world.now
      else if (world.now - this.changedAt < settledAfter) {
        this.revision = store.revision
        return
      }
      this.revision = store.revision
    }
    const manager = world.processes.get('kube-controller-manager')
    const leads = manager?.up && (manager.state as ManagerState).elector.leading
    this.leadsSince = leads ? Math.min(this.leadsSince, world.now) : Number.POSITIVE_INFINITY
    const cached = new Map<string, readonly KubeObject[]>()
    const view: CheckView = {
      world, store, settled: world.now - this.changedAt > settledAfter, controlled: world.now - this.leadsSince > 2 * settledAfter,
      objects: <T extends KubeObject>(resource: string) => {
        let list = cached.get(resource)
        if (list === undefined) cached.set(resource, (list = [...storedObjects(store, resource)]))
        return list as readonly T[]
      },
    }
    for (const [i, checker] of checkers.entries()) {
      const wrong = checker.check(view, this.memory[i])
      if (wrong.length > 0) throw new AssertionError(`checker ${checker.name} at ${(world.now / 1e6).toFixed(3)} s: ${wrong.slice(0, 5).join('; ')}`)
    }
  }
}
