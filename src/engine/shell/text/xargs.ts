import { linesOf } from './program'

/** What `xargs` runs: command lines made of its own arguments and what comes in. */
export function xargsOf(args: readonly string[], stdin: string): readonly (readonly string[])[] {
  let n = Infinity
  let replace: string | undefined
  let quiet = false
  let by: string | undefined
  let i = 0
  for (; i < args.length && (args[i] as string).startsWith('-'); i++) {
    const a = args[i] as string
    if (a === '--') {
      i++
      break
    }
    const value = (): string => (a.length > 2 ? a.slice(2) : (args[++i] ?? ''))
    if (a.startsWith('-n') || a.startsWith('-L')) n = Number(value()) || 1
    else if (a.startsWith('-I')) replace = value()
    else if (a.startsWith('-P')) value()
    else if (a.startsWith('-d')) by = value().replace('\\n', '\n')
    else if (a === '-0') by = '\0'
    else if (a === '-r' || a === '--no-run-if-empty') quiet = true
  }
  const command = i >= args.length ? ['echo'] : args.slice(i)
  const items = by !== undefined ? stdin.replace(/\n$/, '').split(by).filter((s) => s !== '') : replace !== undefined ? linesOf(stdin).map((l) => l.trim()).filter((l) => l !== '') : stdin.split(/\s+/).filter(Boolean)
  if (items.length === 0 && (quiet || replace !== undefined)) return []
  const size = replace === undefined ? n : 1
  const out: string[][] = []
  for (let at = 0; at < Math.max(1, items.length); at += size) {
    const some = items.slice(at, at + size)
    out.push(replace === undefined ? [...command, ...some] : command.map((w) => w.replaceAll(replace, some[0] ?? '')))
    if (size === Infinity) break
  }
  return out
}
