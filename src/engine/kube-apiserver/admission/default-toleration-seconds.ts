import type { Pod, Toleration } from '../../api'
import type { AdmissionPlugin } from './plugin'

const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const

/** Pods stay 300 s on a node that is not ready or unreachable, unless they say otherwise. Upstream: plugin/pkg/admission/defaulttolerationseconds */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  resources: ['pods'],
  admit({ subresource, object, operation, write }) {
    if (subresource !== '' || operation === 'DELETE') return undefined
    const { spec } = object as Pod
    for (const key of keys) {
      const tolerated = spec.tolerations?.some((t) => (t.key === key || !t.key) && (t.effect === 'NoExecute' || !t.effect))
      if (tolerated) continue
      const t: Toleration = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: (key === keys[0] ? write.settings?.notReadySeconds : write.settings?.unreachableSeconds) ?? 300 }
      spec.tolerations = [...(spec.tolerations ?? []), t]
    }
    return undefined
  },
}
