import type { Plugin } from '../framework/plugin'
import { maxNodeScore } from '../framework/normalize'

const mb = 1024 * 1024
const minThreshold = 23 * mb
const maxContainerThreshold = 1000 * mb

/** Prefers nodes that have the images already, the more the larger and the more widely spread they are. Upstream: plugins/imagelocality */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  score(_cycle, pod, node, h) {
    const { images, containers } = pod.spec
    const nodes = h.snapshot.nodeCount
    let sum = 0
    for (let i = 0; i < images.length; i++) {
      const size = node.images.get(images[i] as string)
      if (size !== undefined) sum += Math.floor(size * (h.snapshot.nodesWithImage(images[i] as string) / nodes))
    }
    const max = maxContainerThreshold * containers
    const bounded = Math.min(Math.max(sum, minThreshold), max)
    return max <= minThreshold ? 0 : Math.floor((maxNodeScore * (bounded - minThreshold)) / (max - minThreshold))
  },
}
