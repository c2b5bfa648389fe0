import type { Container, Pod } from '../../api'
import type { AdmissionPlugin } from './plugin'

/** Every container's image is looked for in its registry at each start, so that nobody runs a private image that others have pulled. Off unless enabled. Upstream: plugin/pkg/admission/alwayspullimages */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  resources: ['pods'],
  admit({ subresource, object, operation }) {
    if (operation === 'DELETE' || (subresource !== '' && subresource !== 'ephemeralcontainers')) return undefined
    const { spec } = object as Pod
    const all: Container[] = [...(spec.initContainers ?? []), ...spec.containers, ...((spec.ephemeralContainers ?? []) as Container[])]
    for (const c of all) c.imagePullPolicy = 'Always'
    return undefined
  },
}
