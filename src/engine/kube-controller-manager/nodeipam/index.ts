import type { Node } from '../../api'
import { cacheKey } from '../../client-go'
import type { Controller } from '../controller'
import { patchObject } from '../requests'

/** Pod addresses of the cluster: /24 for each of 256 nodes. Upstream: --cluster-cidr=10.244.0.0/16 --node-cidr-mask-size=24 */
const prefix = '10.244'
const blocks = 256

interface State {
  /** Blocks in use, by node. */
  readonly byNode: Map<string, number>
  readonly used: Set<number>
  /** The block given out last: they are handed out in turn. */
  last: number
}

/** Gives each node a block of pod addresses. The first block stays for the control plane, as with kubeadm. Upstream: pkg/controller/nodeipam/ipam/range_allocator.go */
export const nodeIpamController: Controller<State> = {
  name: 'nodeipam',
  component: 'cidrAllocator',
  account: 'node-controller',
  resource: 'nodes',
  informers: [{ resource: 'nodes' }],
  workers: 30,
  start: () => ({ byNode: new Map(), used: new Set(), last: 0 }),

  onDelta(delta, env) {
    const node = delta.object as Node
    const { state } = env
    if (delta.type === 'deleted') {
      const block = state.byNode.get(node.metadata.name)
      if (block !== undefined) state.used.delete(block)
      state.byNode.delete(node.metadata.name)
      return
    }
    if (!node.spec?.podCIDR) env.enqueue(cacheKey(node))
    else if (!state.byNode.has(node.metadata.name)) occupy(state, node.metadata.name, blockOf(node.spec.podCIDR))
  },

  reconcile(key, env) {
    const node = env.cache<Node>('nodes').byKey(key)
    const { state } = env
    if (node === undefined || node.spec?.podCIDR) return []
    let block = state.byNode.get(key)
    if (block === undefined) {
      for (let i = 1; i <= blocks && block === undefined; i++) {
        const n = (state.last + i) % blocks
        if (!state.used.has(n) && (n !== 0 || i === blocks)) block = n
      }
      if (block === undefined) return [{ do: 'event', about: { apiVersion: 'v1', kind: 'Node', name: key, uid: key }, type: 'Normal', reason: 'CIDRNotAvailable', message: `Node ${key} status is now: CIDRNotAvailable` }, { do: 'fail', message: 'failed to allocate cidr: CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range' }]
      occupy(state, key, block)
    }
    const podCIDR = `${prefix}.${block}.0/24`
    return [patchObject('nodes', node, { spec: { podCIDR, podCIDRs: [podCIDR] } }, { ignore: ['NotFound'] })]
  },
}

function occupy(state: State, node: string, block: number | undefined): void {
  if (block === undefined) return
  state.byNode.set(node, block)
  state.used.add(block)
  state.last = block
}

/** Number of the block in a podCIDR; undefined when it is of another range. */
function blockOf(cidr: string): number | undefined {
  const parts = cidr.split('.')
  const n = Number(parts[2])
  return `${parts[0]}.${parts[1]}` === prefix && Number.isInteger(n) && n >= 0 && n < blocks ? n : undefined
}
