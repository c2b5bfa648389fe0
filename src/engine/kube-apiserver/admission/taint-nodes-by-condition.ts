import type { Node } from '../../api'
import type { AdmissionPlugin } from './plugin'

const key = 'node.kubernetes.io/not-ready'

/** A new node takes no pods until the node lifecycle controller has seen it ready. Upstream: plugin/pkg/admission/nodetaint */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  resources: ['nodes'],
  admit({ operation, subresource, object }) {
    if (operation !== 'CREATE' || subresource !== '') return undefined
    const node = object as Node
    const taints = node.spec?.taints ?? []
    if (!taints.some((t) => t.key === key && t.effect === 'NoSchedule')) node.spec = { ...node.spec, taints: [...taints, { key, effect: 'NoSchedule' }] }
    return undefined
  },
}
