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
  /** Files of the machine (hostPath), or of network volumes by `id` and path. Bounds: `mostFiles` each. */
  readonly volumes: Map<string, Map<string, string>>
  /** Runtimes that have a network volume attached. */
  readonly readers: Map<string, Set<string>>
  /** True once a runtime has used it. */
  used: boolean
}

/** containerd → disk */
export type DiskMessage =
  | { readonly type: 'disk/read'; readonly from: string }
  | { readonly type: 'disk/image'; readonly image: string; readonly size: number }
  | { readonly type: 'disk/remove-image'; readonly image: string }
  | { readonly type: 'disk/container'; readonly container: DiskContainer }
  | { readonly type: 'disk/remove-pod'; readonly uid: string }
  | { readonly type: 'disk/volume-read'; readonly id: string; readonly from: string }
  /** A changed file; null: it is gone. */
  | { readonly type: 'disk/volume-write'; readonly id: string; readonly path: string; readonly text: string | null; readonly from: string }

/** disk → containerd: files of a network volume; only the changed ones when somebody else wrote. */
export interface VolumeContents extends Message {
  readonly type: 'disk/volume'
  readonly id: string
  readonly files: readonly (readonly [string, string | null])[]
}

/** disk → containerd */
export interface DiskContents extends Message {
  readonly type: 'disk/contents'
  readonly images: readonly (readonly [string, number])[]
  readonly containers: readonly DiskContainer[]
  /** Files of the machine itself. */
  readonly files: readonly (readonly [string, string])[]
}

const mostFiles = 2_000

/** A node's disk (or, under the name `storage`, the disks behind network volumes): a passive process that outlives the node's power. */
export const disk: Behaviour<DiskState, null> = {
  kind: 'disk',
  start: () => ({ images: new Map(), containers: new Map(), volumes: new Map(), readers: new Map(), used: false }),
  handle(state, message, ctx) {
    const m = message as DiskMessage
    switch (m.type) {
      case 'disk/read': {
        const contents: DiskContents = { type: 'disk/contents', images: [...state.images], containers: [...state.containers.values()], files: [...(state.volumes.get('') ?? [])] }
        state.used = true
        ctx.send(m.from, contents)
        return
      }
      case 'disk/image':
        state.images.set(m.image, m.size)
        return
      case 'disk/remove-image':
        state.images.delete(m.image)
        return
      case 'disk/container':
        state.containers.set(`${m.container.uid}/${m.container.view.name}`, m.container)
        return
      case 'disk/volume-read': {
        const readers = state.readers.get(m.id) ?? new Set()
        state.readers.set(m.id, readers.add(m.from))
        const contents: VolumeContents = { type: 'disk/volume', id: m.id, files: [...(state.volumes.get(m.id) ?? [])] }
        ctx.send(m.from, contents)
        return
      }
      case 'disk/volume-write': {
        let files = state.volumes.get(m.id)
        if (files === undefined) state.volumes.set(m.id, (files = new Map()))
        if (m.text === null) files.delete(m.path)
        else if (files.size < mostFiles || files.has(m.path)) files.set(m.path, m.text)
        const changed: VolumeContents = { type: 'disk/volume', id: m.id, files: [[m.path, m.text]] }
        for (const reader of state.readers.get(m.id) ?? []) if (reader !== m.from && ctx.isUp(reader)) ctx.send(reader, changed)
        return
      }
      case 'disk/remove-pod':
        for (const key of state.containers.keys()) if (key.startsWith(m.uid)) state.containers.delete(key)
        return
      default:
        return
    }
  },
}
