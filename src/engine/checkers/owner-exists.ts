import type { Checker } from './checker'

/** Grace for the garbage collector. Units: µs. */
const collectWithin = 60_000_000

/** Every object's owners exist, or the object is about to be collected: an orphan does not stay. */
export const ownerExists: Checker = {
  name: 'owner-exists',
  start: () => new Map<string, number>(),
  check(view, memory) {
    const since = memory as Map<string, number>
    if (!view.controlled) {
      since.clear()
      return []
    }
    const uids = new Set<string>()
    for (const kv of view.store.values()) uids.add(kv.value.metadata.uid as string)
    const wrong: string[] = []
    const orphans = new Set<string>()
    for (const { key, value } of view.store.values()) {
      const owners = value.metadata.ownerReferences
      if (!owners?.length || owners.some((o) => uids.has(o.uid)) || value.metadata.deletionTimestamp) continue
      orphans.add(key)
      const from = since.get(key)
      if (from === undefined) since.set(key, view.world.now)
      else if (view.settled && view.world.now - from > collectWithin) wrong.push(`${key} has outlived its owner ${owners[0]?.kind} ${owners[0]?.name} by ${Math.round((view.world.now - from) / 1e6)} s`)
    }
    for (const key of since.keys()) if (!orphans.has(key)) since.delete(key)
    return wrong
  },
}
