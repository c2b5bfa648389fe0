import { MS } from '../sim'
import type { Io } from './io'

/** What came of one turn: what was printed, whether it goes on (`session`), and after which prompt it reads (null: it is busy). */
export interface Turn {
  readonly out: string
  readonly err: string
  readonly session: string | undefined
  readonly prompt: string | null
  readonly code: number
}

/** Ctrl-C and the end of input, as they are typed. */
export const interruptKey = '\u0003'
export const endKey = '\u0004'

/** How often a command that is busy is asked for what it has printed. Units: µs. */
export const poll = 300 * MS

const EDITORS = /^\s*(?:sudo\s+)?(?:vi|vim|nano)\s+(?:-\S+\s+|\+\d+\s+)*([^\s;|&]+)\s*$/
const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`

/**
 * Talks with a command that runs elsewhere, over a terminal: prints what it says, asks for lines while it reads, passes Ctrl-C on. `turn`
 * begins it (session '') or goes on with it. An editor that is typed at its prompt is this page's: the file is fetched and written back.
 * `keep` is called where the answers so far may be forgotten. Answers the exit code.
 */
export function converse(io: Io, turn: (session: string, text: string | undefined) => Turn, keep: (session: string) => void, begun = ''): number {
  let session = begun
  let text: string | undefined
  for (;;) {
    const said = turn(session, text)
    io.out(said.out)
    io.err(said.err)
    if (said.session === undefined) return said.code
    session = said.session
    keep(session)
    if (said.prompt === null) {
      text = io.sleep(poll, true) === 'interrupted' ? interruptKey : undefined
      continue
    }
    const line = io.prompt(said.prompt, true)
    const path = editorPath(line, said.prompt)
    if (path !== undefined) {
      text = edited(io, (typed) => turn(session, typed).out, path)
      continue
    }
    text = line === null ? endKey : line === interruptKey ? line : `${line}\n`
  }
}

/** The file that a typed line opens in an editor. Where there is busybox or a whole system there is one: the prompt tells. */
export function editorPath(line: string | null, prompt: string): string | undefined {
  return line !== null && / [#$] $|^\S+[#$] $/.test(prompt) ? EDITORS.exec(line)?.[1] : undefined
}

/** Lets the person edit a file that lies elsewhere; `type` types a line there and answers what it prints. Answers what is typed to write the file. */
export function edited(io: Io, type: (text: string) => string, path: string): string {
  const name = quoted(path)
  const before = type(`cat ${name} 2>/dev/null\n`)
  const after = io.edit(path, before)
  return after === null || after === before ? '\n' : `cat > ${name} <<'END-OF-FILE'\n${after.endsWith('\n') || after === '' ? after : `${after}\n`}END-OF-FILE\n`
}
