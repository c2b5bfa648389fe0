import { filesBytes, programNamed, type DiskSpace } from '../workloads'
import type { Micros } from '../sim'
import type { ContainerdState, PodSandbox, RunningContainer } from './state'
import { isEmulated, type ContainerdParams, type MachineStats } from './types'

const KI = 1024
const GI = 1024 ** 3

/** The disk of a machine when nothing else is said. Units: bytes. */
export const diskBytes = 61_202_244 * KI

/** What the system itself takes of it. Units: bytes. */
const systemBytes = 6 * GI

/** An image takes more room unpacked than on the wire. */
const unpacked = 2.6

/** Processes of the system, and what the kernel allows: a thread for each 128 KiB of memory. */
const systemProcesses = 180
const memoryOfThread = 128 * KI

/** The disk of a new machine. */
export function newSpace(params: ContainerdParams): DiskSpace {
  return { capacity: params.node.diskBytes ?? diskBytes, used: systemBytes }
}

/** An image has come onto the disk. */
export function addImage(state: ContainerdState, image: string, size: number): void {
  if (!state.images.has(image) && !isEmulated(state.params)) state.space.used += Math.round(size * unpacked)
  state.images.set(image, size)
}

/** Removes what is not to be kept. Answers what was removed. Upstream: pkg/kubelet/images/image_gc_manager.go DeleteUnusedImages */
export function removeImages(state: ContainerdState, keep: readonly string[]): readonly string[] {
  const kept = new Set(keep)
  const gone: string[] = []
  for (const [image, size] of state.images) {
    if (kept.has(image)) continue
    state.space.used -= Math.round(size * unpacked)
    state.images.delete(image)
    gone.push(image)
  }
  return gone
}

/** The room of a dead container's layer is free again. */
export function freeLayer(c: RunningContainer): void {
  const { space, big } = c.files
  if (space) for (const [path, bytes] of big) if (!path.startsWith('/dev/shm/')) space.used -= bytes
  big.clear()
}

/** The room of a pod's volumes is free again, and that of its containers' layers. */
export function freePod(state: ContainerdState, pod: PodSandbox, layers = true): void {
  if (layers) for (const c of pod.containers) freeLayer(c)
  for (const v of pod.volumes.values()) {
    if (v.source.kind !== 'empty') continue
    if (v.big && !v.source.memory) for (const bytes of v.big.values()) state.space.used -= bytes
    v.big?.clear()
    v.files?.clear()
  }
}

const noVolumes: ReadonlyMap<string, number> = new Map()

/** What lies on the disk, and who put it there. Upstream: pkg/kubelet/server/stats/summary.go */
export function machineStats(state: ContainerdState, now: Micros): MachineStats {
  const pods = new Map<string, { volumes: ReadonlyMap<string, number>; containers: Map<string, { layer: number; logs: number; processes: number }> }>()
  let running = systemProcesses
  let small = 0
  for (const pod of state.pods.values()) {
    let volumes: Map<string, number> | undefined
    for (const v of pod.volumes.values()) if (v.source.kind === 'empty' && (v.files !== null || v.big)) {
      const bytes = filesBytes(v.files, v.big)
      ;(volumes ??= new Map()).set(v.name, bytes)
      if (!v.source.memory) small += bytes - filesBytes(null, v.big)
    }
    const containers = new Map<string, { layer: number; logs: number; processes: number }>()
    for (const c of pod.containers) {
      if (c.view.state !== 'running') continue
      const layer = c.files.layerBytes
      const processes = 1 + (programNamed(c.program).usage(c.programState, now).processes ?? 0)
      running += processes
      small += c.logBytes
      containers.set(c.view.name, { layer, logs: c.logBytes, processes })
    }
    pods.set(pod.uid, { volumes: volumes ?? noVolumes, containers })
  }
  const { capacity, used } = state.space
  return Object.freeze({ fs: Object.freeze({ capacity, available: Math.max(0, capacity - used - small) }), processes: Object.freeze({ most: Math.floor((state.params.node.memoryBytes ?? 4 * GI) / memoryOfThread), running }), pods })
}
