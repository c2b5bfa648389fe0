import type { Node } from '../../api'
import { cacheKey } from '../../client-go'
import type { Controller } from '../controller'
import { patchObject } from '../requests'

const annotation = 'node.alpha.kubernetes.io/ttl'

/** Seconds that kubelets may cache secrets and config maps, by size of the cluster; ranges overlap so that it does not flap. Upstream: ttlBoundaries */
const boundaries = [
  { min: 0, max: 100, ttl: 0 }, { min: 90, max: 500, ttl: 15 }, { min: 450, max: 1000, ttl: 30 }, { min: 900, max: 2000, ttl: 60 }, { min: 1800, max: 10000, ttl: 300 }, { min: 9000, max: Infinity, ttl: 600 },
] as const

interface State {
  /** The boundary that holds now. */
  at: number
}

/** Tells kubelets how long to cache what pods mount. Upstream: pkg/controller/ttl/ttl_controller.go */
export const ttlController: Controller<State> = {
  name: 'ttl',
  component: 'ttl-controller',
  resource: 'nodes',
  informers: [{ resource: 'nodes' }],
  workers: 5,
  start: () => ({ at: 0 }),

  onDelta(delta, env) {
    const { state } = env
    const size = env.cache('nodes').size
    if (size > (boundaries[state.at]?.max ?? 0)) state.at++
    else if (size < (boundaries[state.at]?.min ?? 0)) state.at--
    if (delta.type === 'added') env.enqueue(cacheKey(delta.object))
    else if (delta.type === 'updated' && delta.object.metadata.annotations !== delta.old?.metadata.annotations) env.enqueue(cacheKey(delta.object))
  },

  reconcile(key, env) {
    const node = env.cache<Node>('nodes').byKey(key)
    const ttl = String(boundaries[env.state.at]?.ttl ?? 0)
    if (node === undefined || node.metadata.annotations?.[annotation] === ttl) return []
    return [patchObject('nodes', node, { metadata: { annotations: { [annotation]: ttl } } }, { ignore: ['NotFound'] })]
  },
}
