import type { Binding, Pod } from '../../api'
import type { AdmissionPlugin } from './plugin'

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'] as const

/** A pod gets its node's zone and region as labels when it is bound. Upstream: plugin/pkg/admission/podtopologylabels */
export const podTopologyLabels: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  resources: ['pods'],
  admit({ operation, subresource, object, write }) {
    if (operation !== 'CREATE' || (subresource !== 'binding' && subresource !== '')) return undefined
    const nodeName = subresource === 'binding' ? (object as Binding).target.name : (object as Pod).spec.nodeName
    const labels = nodeName ? write.get('nodes', '', nodeName)?.metadata.labels : undefined
    if (labels === undefined || object === undefined) return undefined
    const { metadata } = object
    for (const key of copied) {
      const value = labels[key]
      if (value !== undefined) metadata.labels = { ...metadata.labels, [key]: value }
    }
    return undefined
  },
}
