import type { Pod, RuntimeClass } from '../../api'
import { deepEqual } from '../../apimachinery'
import type { AdmissionPlugin } from './plugin'

/** A pod with a RuntimeClass gets its overhead, node selector and tolerations. Upstream: plugin/pkg/admission/runtimeclass */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  resources: ['pods'],
  admit({ operation, subresource, object, write }) {
    if (operation !== 'CREATE' || subresource !== '') return undefined
    const { spec } = object as Pod
    const name = spec.runtimeClassName
    if (name == null || name === '') return undefined
    const found = write.get('runtimeclasses', '', name) as RuntimeClass | undefined
    if (found === undefined) return `pod rejected: RuntimeClass "${name}" not found`
    const fixed = found.overhead?.podFixed
    if (fixed !== undefined) {
      if (spec.overhead !== undefined && !deepEqual(spec.overhead, fixed)) return "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
      spec.overhead = { ...fixed }
    }
    const { nodeSelector = {}, tolerations = [] } = found.scheduling ?? {}
    for (const k of Object.keys(nodeSelector).sort()) {
      const own = spec.nodeSelector?.[k]
      if (own !== undefined && own !== nodeSelector[k]) return `conflict: runtimeClass.scheduling.nodeSelector[${k}] = ${nodeSelector[k]}; pod.spec.nodeSelector[${k}] = ${own}`
    }
    if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector }
    const more = tolerations.filter((t) => !spec.tolerations?.some((own) => deepEqual(own, t)))
    if (more.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...more]
    return undefined
  },
  validate({ operation, subresource, object, write }) {
    if (operation !== 'CREATE' || subresource !== '') return undefined
    const { spec } = object as Pod
    if (spec.overhead === undefined) return undefined
    const found = spec.runtimeClassName ? (write.get('runtimeclasses', '', spec.runtimeClassName) as RuntimeClass | undefined) : undefined
    if (found?.overhead?.podFixed === undefined) return 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'
    return undefined
  },
}
