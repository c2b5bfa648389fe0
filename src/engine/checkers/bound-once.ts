import type { Pod } from '../api'
import type { Checker } from './checker'

/** A pod is bound to one node for its whole life. */
export const boundOnce: Checker = {
  name: 'bound-once',
  start: () => new Map<string, string>(),
  check(view, memory) {
    const known = memory as Map<string, string>
    const wrong: string[] = []
    const alive = new Set<string>()
    for (const pod of view.objects<Pod>('pods')) {
      const uid = pod.metadata.uid as string
      alive.add(uid)
      const node = pod.spec?.nodeName
      const before = known.get(uid)
      if (before !== undefined && before !== node) wrong.push(`${pod.metadata.namespace}/${pod.metadata.name} was bound to ${before} and is now on ${node ?? 'no node'}`)
      if (node) known.set(uid, node)
    }
    for (const uid of known.keys()) if (!alive.has(uid)) known.delete(uid)
    return wrong
  },
}
