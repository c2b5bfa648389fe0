import type { Ctx } from '../sim'
import { FileSystem, volumeFiles, type FileMount, type Volume } from '../workloads'
import type { DiskMessage, VolumeContents } from './disk'
import type { ContainerdState, PodSandbox } from './state'
import { manifestDirectory, type ContainerHost, type CriCallMessage, type ManifestEvent, type VolumeGiven } from './types'

/** The process that keeps the files of network volumes, on a machine of its own. */
const storage = 'storage'

/** What every machine has. */
const directories = ['/etc/kubernetes/manifests/', '/opt/', '/root/', '/tmp/', '/var/lib/kubelet/', '/var/log/']

/** The machine's own files. */
export function newHostFiles(): Volume {
  return { name: '', source: { kind: 'host', id: '', readOnly: false }, files: new Map(directories.map((d) => [d, ''])), changed: new Set() }
}

/** A network volume that has to be attached before the container can start: asks for it and answers its id. */
export function missingVolume(state: ContainerdState, host: ContainerHost, ctx: Ctx): string | undefined {
  for (const v of host.volumes) {
    if (v.source.kind !== 'network' || state.attached.has(v.source.id)) continue
    const { id } = v.source
    if (!ctx.isUp(storage)) ctx.spawn(storage, 'disk', storage, null)
    if (!state.parked.some((p) => p.id === id)) {
      const read: DiskMessage = { type: 'disk/volume-read', id, from: ctx.self }
      ctx.send(storage, read)
    }
    return id
  }
  return undefined
}

/** A network volume's files came, all or what somebody else changed. Answers the starts that waited for it. */
export function volumeCame(state: ContainerdState, message: VolumeContents): readonly CriCallMessage[] {
  let volume = state.attached.get(message.id)
  if (volume === undefined) state.attached.set(message.id, (volume = { name: message.id, source: { kind: 'network', id: message.id, readOnly: false }, files: null, changed: new Set() }))
  const files = volumeFiles(volume)
  for (const [path, text] of message.files) {
    if (text === null) files.delete(path)
    else files.set(path, text)
  }
  const waiting = state.parked.filter((p) => p.id === message.id).map((p) => p.message)
  state.parked = state.parked.filter((p) => p.id !== message.id)
  return waiting
}

/** A new container's file system with its volumes mounted. */
export function fileSystem(state: ContainerdState, pod: PodSandbox, host: ContainerHost | undefined): FileSystem {
  const fs = new FileSystem()
  fs.space = state.space
  if (host === undefined) return fs
  fs.etc = host.etc
  fs.readOnlyRoot = host.readOnlyRoot
  if (host.mounts.length === 0) return fs
  const mounts: FileMount[] = []
  for (const m of host.mounts) {
    const given = host.volumes.find((v) => v.name === m.volume)
    if (given === undefined) continue
    const { source } = given
    const readOnly = m.readOnly || source.kind === 'files' || ('readOnly' in source && source.readOnly)
    let volume: Volume
    let sub = m.sub
    if (source.kind === 'host') {
      volume = state.hostFiles
      sub = (source.id === '/' ? '' : source.id) + m.sub
    } else if (source.kind === 'network') volume = state.attached.get(source.id) as Volume
    else {
      volume = podVolume(pod, given)
      // What is mounted by subPath is bound when the container starts: later changes do not reach it.
      if (source.kind === 'files' && sub !== '') volume = { ...volume, files: new Map(volumeFiles(volume)) }
    }
    mounts.push({ path: m.path.length > 1 && m.path.endsWith('/') ? m.path.slice(0, -1) : m.path, volume, sub, readOnly })
  }
  fs.mounts = mounts.sort((a, b) => b.path.length - a.path.length || (a.path < b.path ? -1 : 1))
  return fs
}

function podVolume(pod: PodSandbox, given: VolumeGiven): Volume {
  let volume = pod.volumes.get(given.name)
  if (volume === undefined) pod.volumes.set(given.name, (volume = { name: given.name, source: given.source, files: null, changed: new Set() }))
  return volume
}

/** The kubelet wrote volumes anew: their files are replaced for all who mount them whole. */
export function updateVolumes(pod: PodSandbox, volumes: readonly VolumeGiven[]): void {
  for (const given of volumes) {
    const volume = podVolume(pod, given)
    volume.source = given.source
    if (volume.files === null) continue
    const old = volume.files
    volume.files = null
    const next = volumeFiles(volume)
    // The map stays the same one: whoever looks at it sees the new files.
    old.clear()
    for (const [path, text] of next) old.set(path, text)
    volume.files = old
  }
}

/** Sends what a container changed in volumes that outlive it to where they are kept. */
export function saveVolumes(state: ContainerdState, fs: FileSystem, ctx: Ctx): void {
  for (const m of fs.mounts) {
    const { volume } = m
    if (volume.changed.size === 0) continue
    const id = volume.source.kind === 'network' ? volume.source.id : ''
    for (const path of volume.changed) {
      const text = volumeFiles(volume).get(path) ?? null
      if (id === '') hostFileChanged(state, path, text, ctx)
      else sendWrite(storage, id, path, text, ctx)
    }
    volume.changed.clear()
  }
}

function sendWrite(to: string, id: string, path: string, text: string | null, ctx: Ctx): void {
  const write: DiskMessage = { type: 'disk/volume-write', id, path, text, from: ctx.self }
  ctx.send(to, write)
}

/** Somebody on the machine writes a file, or removes it. */
export function writeHostFile(state: ContainerdState, path: string, text: string | null, ctx: Ctx): void {
  const files = volumeFiles(state.hostFiles)
  if (text === null) files.delete(path)
  else files.set(path, text)
  hostFileChanged(state, path, text, ctx)
}

/** A file of the machine has changed: it is kept on the disk, and the kubelet is told when it is the manifest of a static pod. */
function hostFileChanged(state: ContainerdState, path: string, text: string | null, ctx: Ctx): void {
  sendWrite(`disk@${state.node}`, '', path, text, ctx)
  if (!path.startsWith(manifestDirectory) || state.kubelet === '') return
  const event: ManifestEvent = { type: 'cri/manifest', path, text }
  ctx.send(state.kubelet, event)
}
