import type { Files } from './files'
import type { ContainerSpec } from './program'

/** Names of users and groups that all images have. */
const names: Readonly<Record<number, string>> = { 0: 'root', 65534: 'nobody' }

/** An id by its name, as `ls` and `ps` show it. */
export function idName(id: number): string {
  return names[id] ?? String(id)
}

const withName = (id: number): string => (names[id] === undefined ? String(id) : `${id}(${names[id]})`)

/** All groups of a container's processes, in order. */
export function groupsOf({ group, groups, fsGroup }: ContainerSpec): readonly number[] {
  return [...new Set([group ?? 0, ...(groups ?? []), ...(fsGroup === undefined ? [] : [fsGroup])])].sort((a, b) => a - b)
}

/** What `id` says. */
export function identity(spec: ContainerSpec, flags: string): string {
  const user = spec.user ?? 0
  const show = flags.includes('n') ? idName : String
  if (flags.includes('u')) return show(user)
  if (flags.includes('g')) return show(spec.group ?? 0)
  if (flags.includes('G')) return groupsOf(spec).map(show).join(' ')
  return `uid=${withName(user)} gid=${withName(spec.group ?? 0)} groups=${groupsOf(spec).map(withName).join(',')}`
}

/**
 * Mode, owner and group of a path as `ls -l` shows them: what the container wrote is its user's, in a volume of the group that the pod
 * gives its volumes; the rest is root's. Upstream: pkg/volume/volume_linux.go SetVolumeOwnership
 */
export function ownership(spec: ContainerSpec, files: Files, path: string, isDirectory: boolean): readonly [mode: string, owner: string, group: string] {
  const { kind, top } = files.place?.(path) ?? { kind: 'image', top: false }
  const { user = 0, group = 0, fsGroup } = spec
  const shared = kind === 'empty' || kind === 'network'
  const groupOfVolume = shared || kind === 'files' ? fsGroup : undefined
  const written = !top && (shared || kind === 'host' || kind === 'layer')
  let mode = isDirectory ? 'rwxr-xr-x' : 'rw-r--r--'
  if (top && kind === 'empty') mode = fsGroup === undefined ? 'rwxrwxrwx' : 'rwxrwsrwx'
  else if (top && shared && fsGroup !== undefined) mode = 'rwxrwsr-x'
  else if (isDirectory && shared && fsGroup !== undefined) mode = 'rwxr-sr-x'
  return [`${isDirectory ? 'd' : '-'}${mode}`, idName(written ? user : 0), idName(groupOfVolume ?? (written ? group : 0))]
}
