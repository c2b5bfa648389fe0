import type { Behaviour, Message } from '../sim'
import type { ContainerView } from './types'

/** What of a container lies on the disk. */
export interface DiskContainer {
  readonly uid: string
  readonly namespace: string
  readonly podName: string
  readonly view: ContainerView
  readonly hostNetwork: boolean
}

/** State of `disk@<node>`: what survives a power-off. It only remembers. */
export interface DiskState {
  readonly images: Map<string, number>
  /** By pod uid and container name: the newest container. Bounds: pods of the node. */
  readonly containers: Map<string, DiskContainer>
  /** True once a runtime has used it. */
  used: boolean
}

/** containerd → disk */
export type DiskMessage =
  | { readonly type: 'disk/read'; readonly from: string }
  | { readonly type: 'disk/image'; readonly image: string; readonly size: number }
  | { readonly type: 'disk/container'; readonly container: DiskContainer }
  | { readonly type: 'disk/remove-pod'; readonly uid: string }

/** disk → containerd */
export interface DiskContents extends Message {
  readonly type: 'disk/contents'
  readonly images: readonly (readonly [string, number])[]
  readonly containers: readonly DiskContainer[]
}

/** A node's disk: a passive process that outlives the node's power. */
export const disk: Behaviour<DiskState, null> = {
  kind: 'disk',
  start: () => ({ images: new Map(), containers: new Map(), used: false }),
  handle(state, message, ctx) {
    const m = message as DiskMessage
    switch (m.type) {
      case 'disk/read': {
        const contents: DiskContents = { type: 'disk/contents', images: [...state.images], containers: [...state.containers.values()] }
        state.used = true
        ctx.send(m.from, contents)
        return
      }
      case 'disk/image':
        state.images.set(m.image, m.size)
        return
      case 'disk/container':
        state.containers.set(`${m.container.uid}/${m.container.view.name}`, m.container)
        return
      case 'disk/remove-pod':
        for (const key of state.containers.keys()) if (key.startsWith(m.uid)) state.containers.delete(key)
        return
      default:
        return
    }
  },
}
