/** What a volume holds at first. Plain immutable data, made by the kubelet. */
export type VolumeSource =
  /** `limit` in bytes: what a volume in memory holds at most. */
  | { readonly kind: 'empty'; readonly memory: boolean; readonly limit?: number | undefined }
  /** Written by the kubelet, read-only for containers. */
  | { readonly kind: 'files'; readonly files: Readonly<Record<string, string>> }
  /** Kept outside the pod: on the node (`host`) or on the network (`network`), under an id. */
  | { readonly kind: 'host' | 'network'; readonly id: string; readonly readOnly: boolean }

/** Files of a volume, as all containers that mount it see them. Paths begin with a slash. */
export interface Volume {
  readonly name: string
  source: VolumeSource
  /** Null until somebody looks: most pods never read theirs. */
  files: Map<string, string> | null
  /** Paths changed since they were last saved; for volumes kept outside the pod. */
  readonly changed: Set<string>
  /** Sizes of files whose contents are not kept, by path. Units: bytes. */
  big?: Map<string, number>
}

/** The disk of a machine, as far as big files fill it. One object for all file systems of the machine. Units: bytes. */
export interface DiskSpace {
  readonly capacity: number
  used: number
}

/** A volume (or a part of it) at a place of a container's file system. */
export interface FileMount {
  readonly path: string
  readonly volume: Volume
  /** subPath with a leading slash, or empty. */
  readonly sub: string
  readonly readOnly: boolean
}

/** What the kubelet writes into /etc of each container. */
export interface EtcFiles {
  readonly hostname: string
  readonly hosts: string
  readonly resolv: string
}

/** What programs need of a file system: path → content; directories are paths that end with a slash. A Map will do. */
export interface Files {
  readonly size: number
  get(path: string): string | undefined
  has(path: string): boolean
  set(path: string, text: string): unknown
  delete(path: string): boolean
  keys(): Iterable<string>
  /** False for a read-only place. */
  writable?(path: string): boolean
  /** Whose a path is: of the image, of the container's own layer, or of a volume; `top`: the volume itself. */
  place?(path: string): { readonly kind: 'image' | 'layer' | VolumeSource['kind']; readonly top: boolean }
  /** The size of a file, contents kept or not. Units: bytes. */
  sizeOf?(path: string): number
  /** Makes a file of this size without keeping its contents; answers how much found room. Units: bytes. */
  grow?(path: string, bytes: number): number
  readonly space?: DiskSpace | null
  readonly mounts?: readonly FileMount[]
}

/** The files of a volume, made from its source at the first look. */
export function volumeFiles(volume: Volume): Map<string, string> {
  if (volume.files !== null) return volume.files
  const files = (volume.files = new Map<string, string>())
  if (volume.source.kind === 'files') {
    for (const path of Object.keys(volume.source.files)) files.set(`/${path}`, volume.source.files[path] as string)
  }
  return files
}

function isMemory(volume: Volume): boolean {
  return volume.source.kind === 'empty' && volume.source.memory
}

/** What files take on a disk: their contents, or the sizes of those whose contents are not kept. Units: bytes. */
export function filesBytes(files: ReadonlyMap<string, string> | null, big: ReadonlyMap<string, number> | undefined): number {
  let sum = 0
  if (files) for (const text of files.values()) sum += text.length
  if (big) for (const bytes of big.values()) sum += bytes
  return sum
}

/** The users of an image: busybox's own. */
const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
sync:x:4:100:sync:/bin:/bin/sync
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
`

/** A container's file system: its own layer, with volumes mounted over it. Plain data with methods; copies keep shared volumes shared. */
export class FileSystem implements Files {
  readonly root = new Map<string, string>()
  /** Longest path first. */
  mounts: readonly FileMount[] = []
  readOnlyRoot = false
  etc: EtcFiles | null = null
  /** Sizes of files of the container's own layer whose contents are not kept. Units: bytes. */
  readonly big = new Map<string, number>()
  /** The machine's disk; null: without bounds. */
  space: DiskSpace | null = null

  get size(): number {
    let n = this.root.size
    for (const m of this.mounts) n += m.volume.files?.size ?? 0
    return n
  }

  mountOf(path: string): FileMount | undefined {
    for (const m of this.mounts) if (path === m.path || (path.startsWith(m.path) && path.charCodeAt(m.path.length) === 47)) return m
    return undefined
  }

  get(path: string): string | undefined {
    const m = this.mounts.length > 0 ? this.mountOf(path) : undefined
    if (m) return volumeFiles(m.volume).get(m.sub + path.slice(m.path.length))
    return this.root.get(path) ?? this.generated(path)
  }

  private generated(path: string): string | undefined {
    if (this.etc === null || !path.startsWith('/etc/')) return undefined
    return path === '/etc/passwd' ? passwd : path === '/etc/hosts' ? this.etc.hosts : path === '/etc/hostname' ? `${this.etc.hostname}\n` : path === '/etc/resolv.conf' ? this.etc.resolv : undefined
  }

  has(path: string): boolean {
    return this.get(path) !== undefined
  }

  place(path: string): { readonly kind: 'image' | 'layer' | VolumeSource['kind']; readonly top: boolean } {
    const m = this.mountOf(path)
    if (m) return { kind: m.volume.source.kind, top: path === m.path }
    return { kind: this.root.has(path) || this.root.has(`${path}/`) ? 'layer' : 'image', top: false }
  }

  /** False when the place is read-only; nothing is written then. */
  writable(path: string): boolean {
    const m = this.mountOf(path)
    return m ? !m.readOnly : !this.readOnlyRoot || path.startsWith('/dev/')
  }

  set(path: string, text: string): this {
    const m = this.mountOf(path)
    if (!this.writable(path)) return this
    this.shrink(path, m)
    if (m === undefined) this.root.set(path, text)
    else {
      const key = m.sub + path.slice(m.path.length)
      volumeFiles(m.volume).set(key, text)
      if (m.volume.source.kind === 'host' || m.volume.source.kind === 'network') m.volume.changed.add(key)
    }
    return this
  }

  delete(path: string): boolean {
    const m = this.mountOf(path)
    if (!this.writable(path)) return false
    this.shrink(path, m)
    if (m === undefined) return this.root.delete(path)
    const key = m.sub + path.slice(m.path.length)
    const done = volumeFiles(m.volume).delete(key)
    if (done && (m.volume.source.kind === 'host' || m.volume.source.kind === 'network')) m.volume.changed.add(key)
    return done
  }

  /** Bytes in memory file systems: /dev/shm and volumes of medium Memory. */
  get memoryBytes(): number {
    let sum = 0
    for (const [path, bytes] of this.big) if (path.startsWith('/dev/shm/')) sum += bytes
    for (const { volume } of this.mounts) if (isMemory(volume)) sum += filesBytes(volume.files, volume.big)
    return sum
  }

  /** Bytes of the container's own layer. */
  get layerBytes(): number {
    let sum = filesBytes(this.root, this.big)
    for (const [path, bytes] of this.big) if (path.startsWith('/dev/shm/')) sum -= bytes
    return sum
  }

  sizeOf(path: string): number {
    const m = this.mountOf(path)
    const big = m ? m.volume.big?.get(m.sub + path.slice(m.path.length)) : this.big.get(path)
    return big ?? this.get(path)?.length ?? 0
  }

  grow(path: string, bytes: number): number {
    const m = this.mountOf(path)
    this.set(path, '')
    if (bytes <= 0) return 0
    const onDisk = m ? m.volume.source.kind !== 'network' && !isMemory(m.volume) : !path.startsWith('/dev/shm/')
    const limit = m?.volume.source.kind === 'empty' && isMemory(m.volume) ? (m.volume.source.limit ?? Infinity) - filesBytes(m.volume.files, m.volume.big) : Infinity
    const room = Math.max(0, Math.min(limit, onDisk && this.space ? this.space.capacity - this.space.used : Infinity))
    const got = Math.min(bytes, room)
    if (m) (m.volume.big ??= new Map()).set(m.sub + path.slice(m.path.length), got)
    else this.big.set(path, got)
    if (onDisk && this.space) this.space.used += got
    return got
  }

  /** A file is written anew or removed: its room is free again. */
  private shrink(path: string, m: FileMount | undefined): void {
    const key = m ? m.sub + path.slice(m.path.length) : path
    const sizes = m ? m.volume.big : this.big
    const bytes = sizes?.get(key)
    if (bytes === undefined) return
    sizes?.delete(key)
    const onDisk = m ? m.volume.source.kind !== 'network' && !isMemory(m.volume) : !path.startsWith('/dev/shm/')
    if (onDisk && this.space) this.space.used -= bytes
  }

  keys(): string[] {
    const out: string[] = []
    for (const path of this.root.keys()) if (this.mounts.length === 0 || this.mountOf(path) === undefined) out.push(path)
    if (this.etc) out.push('/etc/passwd', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf')
    for (const m of this.mounts) {
      let own = false
      for (const key of volumeFiles(m.volume).keys()) if (m.sub === '' || key === m.sub || key.startsWith(`${m.sub}/`)) {
        out.push(m.path + key.slice(m.sub.length))
        own ||= key === m.sub
      }
      if (!own) out.push(`${m.path}/`)
    }
    return out
  }
}
