import { linesOf, type TextFiles } from '../../shell'
import type { Files } from '../files'
import { parseImage } from '../image'
import { mostFiles } from '../program'
import type { Run } from './command'
import { absolute } from './path'

const systemDirectories = new Set(['/', '/bin', '/dev', '/etc', '/home', '/lib', '/opt', '/proc', '/root', '/run', '/sbin', '/sys', '/tmp', '/usr', '/var'])

/** Whether a path is a directory: one of every image's, one that was made, or one with files in it. */
export function isDirectory(files: Pick<Files, 'has' | 'keys'>, path: string): boolean {
  if (systemDirectories.has(path) || files.has(`${path}/`)) return true
  for (const f of files.keys()) if (f.startsWith(`${path}/`)) return true
  return false
}

/** Writes a file. Answers why it cannot be, or undefined. */
export function writeFile(run: Run, path: string, text: string): string | undefined {
  if (path === '/dev/null') return undefined
  if (run.io.files.size >= mostFiles && !run.io.files.has(path)) return 'No space left on device'
  if (run.io.files.writable?.(path) === false) return 'Read-only file system'
  if (!path.endsWith('/') && (systemDirectories.has(path) || path === run.env.cwd || run.io.files.has(`${path}/`))) return 'Is a directory'
  run.io.files.set(path, text)
  return undefined
}

/** Writes a file; false, with what the shell says, when it cannot. */
export function write(run: Run, path: string, text: string): boolean {
  const why = writeFile(run, path, text)
  if (why !== undefined) run.io.err(`${run.words[0] ?? ''}: ${path}: ${why}\n`)
  return why === undefined
}

/** Whether the image's programs are busybox's: their words differ from the GNU programs'. */
export function isBusybox(image: string): boolean {
  const { base } = parseImage(image)
  return base === 'busybox' || base === 'alpine' || base === 'alpine-curl' || base === 'netshoot' || image.includes('alpine')
}

/** The container's files as programs about text see them. */
export function textFiles(run: Run): TextFiles {
  const { files } = run.io
  const path = (p: string): string => absolute(run.env, p)
  return {
    read: (p) => (p === '/dev/null' ? '' : files.get(path(p))),
    isDir: (p) => isDirectory(files, path(p)),
    below: (p) => {
      const base = path(p) === '/' ? '/' : `${path(p)}/`
      const out: string[] = []
      for (const f of files.keys()) if (f.startsWith(base) && !f.endsWith('/')) out.push((p === '.' ? './' : p.endsWith('/') ? p : `${p}/`) + f.slice(base.length))
      return out.toSorted()
    },
    write: (p, text) => writeFile(run, path(p), text),
    missing: (p) => (isDirectory(files, path(p)) ? (isBusybox(run.io.spec.image) ? 'read error: Is a directory' : `${p}: Is a directory`) : isBusybox(run.io.spec.image) ? `can't open '${p}': No such file or directory` : `${p}: No such file or directory`),
  }
}

/** The last lines of a text. */
export const lastLines = (text: string, n: number): string => (n <= 0 ? '' : linesOf(text).slice(-n).map((l) => `${l}\n`).join(''))
