import type { ContainerImage } from '../api'
import { imageSize, isEmulated } from '../cri'
import type { KubeletState } from './state'

/** Whether the node's status lists images: the emulated runtime does not know sizes, and the recordings list none. */
export function hasImageSizes(state: KubeletState): boolean {
  return !isEmulated(state.params)
}

/** Images on the node, largest first. Bounds: 50, as upstream's nodeStatusMaxImages. */
export function imageList(state: KubeletState): ContainerImage[] {
  const all = [...state.images].map((name): ContainerImage => ({ names: [name], sizeBytes: imageSize(name) }))
  all.sort((a, b) => (b.sizeBytes ?? 0) - (a.sizeBytes ?? 0) || ((a.names?.[0] ?? '') < (b.names?.[0] ?? '') ? -1 : 1))
  return all.slice(0, 50)
}
