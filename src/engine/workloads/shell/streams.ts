import { expandOne, type Redirect, type Scope } from '../../shell'
import { mostFiles, type ProgramIO } from '../program'
import { closedPipe } from './frames'
import { absolute } from './path'
import type { Pipe, Thread } from './state'

/** Where a command's streams go: paths, null for where they went before. */
export interface Opened {
  readonly out: string | null
  readonly err: string | null
  readonly input: Pipe | null
}

const streams = new Set(['/dev/stdout', '/dev/stderr', '/proc/1/fd/1', '/proc/1/fd/2', '/proc/self/fd/1', '/proc/self/fd/2', '/dev/tty'])

/** Opens the files of redirections, left to right. Null: one cannot be opened, and it was said so. */
export function open(thread: Thread, redirects: readonly Redirect[], io: ProgramIO, scope: Scope): Opened | null {
  let out: string | null = null
  let err: string | null = null
  let input: Pipe | null = null
  const name = thread.env.args[0] ?? 'sh'
  for (const r of redirects) {
    const text = expandOne(r.to, scope)
    if (r.op === '>&') {
      if (text === '-') {
        if (r.fd === 2) err = '/dev/null'
        else out = '/dev/null'
      } else if (r.fd === 2 && text === '1') err = out ?? '/dev/stdout'
      else if (r.fd === 1 && text === '2') out = err ?? '/dev/stderr'
      continue
    }
    if (r.op === '<<') {
      input = closedPipe(text)
      continue
    }
    const path = absolute(thread.env, text)
    if (r.op === '<') {
      const content = path === '/dev/null' ? '' : io.files.get(path)
      if (content === undefined) {
        io.err(`${name}: can't open ${text}: no such file\n`)
        return null
      }
      input = closedPipe(content)
      continue
    }
    if (path !== '/dev/null' && !streams.has(path)) {
      const before = io.files.get(path)
      if (before === undefined && io.files.size >= mostFiles) return null
      if (io.files.writable?.(path) !== false) io.files.set(path, r.op === '>' ? '' : (before ?? ''))
      else {
        io.err(`${name}: can't create ${text}: Read-only file system\n`)
        return null
      }
    }
    if (r.fd === 1) out = path
    else if (r.fd === 2) err = path
  }
  return { out, err, input }
}

/** Bound of one file's content, in characters. */
const mostContent = 262_144

/** Writes to a path, or to the stream that it names. */
export function writer(path: string, io: ProgramIO): (text: string) => void {
  if (path === '/dev/null') return () => undefined
  if (path === '/dev/stdout' || path === '/dev/tty' || path.endsWith('/fd/1')) return io.out
  if (path === '/dev/stderr' || path.endsWith('/fd/2')) return io.err
  return (text) => {
    const before = io.files.get(path) ?? ''
    if (before.length < mostContent) io.files.set(path, before + text)
  }
}

/** The streams that hold for a thread: its pipe's, then those of the redirected commands it is in. */
export function streamsOf(thread: Thread, whole: ProgramIO): ProgramIO {
  const pipe = thread.out
  let out: string | null = null
  let err: string | null = null
  for (const f of thread.frames) {
    out = f.out ?? out
    err = f.err ?? err
  }
  if (pipe === null && out === null && err === null) return whole
  const io: ProgramIO = pipe === null ? whole : { ...whole, out: (text) => void (pipe.reading && (pipe.text += text)) }
  return out === null && err === null ? io : { ...io, out: out === null ? io.out : writer(out, io), err: err === null ? io.err : writer(err, io) }
}
