import type { Ctx } from '../sim'
import type { Volume } from '../api'
import { isEmulated, type ComponentQuestion, type HostFileMessage, type HostPathKind } from '../cri'
import type { KubeletState } from './state'

/** What each type wants to find, and how its error names it. */
const wanted: Readonly<Record<string, readonly [kind: HostPathKind, says: string]>> = {
  Directory: ['directory', 'a directory'], DirectoryOrCreate: ['directory', 'a directory'], File: ['file', 'a file'], FileOrCreate: ['file', 'a file'],
  Socket: ['socket', 'a socket file'], CharDevice: ['character device', 'a character device'], BlockDevice: ['block device', 'a block device'],
}

/** Looks whether a hostPath volume is what its type says, and makes it where the type lets it. Answers what is wrong, or ''. Upstream: pkg/volume/hostpath/host_path.go checkTypeInternal */
export function hostPathProblem(state: KubeletState, { path, type }: NonNullable<Volume['hostPath']>, ctx: Ctx): string {
  const rule = type ? wanted[type] : undefined
  if (rule === undefined || isEmulated(state.params)) return ''
  const runtime = `containerd@${state.node}`
  const question: ComponentQuestion = { type: 'cri/component', process: runtime, ask: { hostPath: path } }
  const found = ctx.exchange?.(question) as HostPathKind | undefined
  // Nobody to ask: the machine's files are not known.
  if (found === undefined || found === rule[0]) return ''
  if (found === 'nothing' && type?.endsWith('OrCreate')) {
    const write: HostFileMessage = { type: 'cri/host-file', path: type === 'FileOrCreate' ? path : `${path.replace(/\/+$/, '')}/`, text: '' }
    ctx.send(runtime, write)
    return ''
  }
  return `hostPath type check failed: ${path} is not ${rule[1]}`
}
