import { complain, say, type CommandResult, type Run } from './command'
import { absolute } from './path'

type Input = (run: Run, name: string, paths: readonly string[]) => string | null

const lines = (text: string): string[] => (text === '' ? [] : (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n'))

/** Basic regular expressions as JavaScript's: groups are written with backslashes there. */
function expression(pattern: string, flags: string, extended: boolean): RegExp | null {
  const text = extended ? pattern : pattern.replace(/\\?[(){}+?|]/g, (m) => (m.startsWith('\\') ? m.slice(1) : `\\${m}`))
  try {
    return new RegExp(text, flags)
  } catch {
    return null
  }
}

/** sed: s///, /…/d, /…/p and Np with -n, -i, -e, -E; anything else is refused. */
export function sed(run: Run, args: readonly string[], inputOf: Input): CommandResult {
  const flags = args.filter((a) => /^-[a-zA-Z]+$/.test(a)).join('')
  const rest = args.filter((a) => !/^-[a-zA-Z]+$/.test(a))
  const script = rest[0] ?? ''
  const files = rest.slice(1)
  const text = inputOf(run, 'sed', files)
  if (text === null) return 1
  let out = ''
  const d = script[1] ?? '/'
  const parts = script.startsWith('s') ? script.slice(2).split(d) : []
  const substitute = parts.length >= 2 ? expression(parts[0] as string, (parts[2] ?? '').replace(/[^gi]/g, ''), flags.includes('E') || flags.includes('r')) : null
  const line = /^(?:\/(.*)\/|(\d+)(?:,(\d+))?)([dp])$/.exec(script)
  if (substitute === null && line === null) {
    complain(run, `sed: unmatched '${script[0] ?? ''}'`)
    return 1
  }
  for (const [i, l] of lines(text).entries()) {
    if (substitute) out += `${l.replace(substitute, (parts[1] as string).replace(/\\(\d)/g, '$$$1').replace(/(^|[^\\])&/g, '$1$$&'))}\n`
    else if (line) {
      const hit = line[1] === undefined ? i + 1 >= Number(line[2]) && i + 1 <= Number(line[3] ?? line[2]) : (expression(line[1], '', false)?.test(l) ?? false)
      if (line[4] === 'd' ? !hit : hit || !flags.includes('n')) out += `${l}\n`
    }
  }
  if (flags.includes('i') && files[0] !== undefined) run.io.files.set(absolute(run.state, files[0]), out)
  else run.io.out(out)
  return 0
}

/** awk: `[/pattern/] {print $N, "text", …}` with -F; anything else is refused. */
export function awk(run: Run, args: readonly string[], inputOf: Input): CommandResult {
  const at = args.findIndex((a) => a.startsWith('-F'))
  const separator = at < 0 ? undefined : (args[at] as string).length > 2 ? (args[at] as string).slice(2) : args[at + 1]
  const rest = args.filter((a, i) => !a.startsWith('-F') && !(at >= 0 && args[at] === '-F' && i === at + 1))
  const m = /^\s*(?:\/(.*)\/|NR==(\d+))?\s*\{\s*print\s*([^}]*?);?\s*\}\s*$/.exec(rest[0] ?? '')
  if (m === null) {
    complain(run, `awk: syntax error in '${rest[0] ?? ''}'`)
    return 1
  }
  const text = inputOf(run, 'awk', rest.slice(1))
  if (text === null) return 1
  for (const [i, l] of lines(text).entries()) {
    if ((m[1] !== undefined && !(expression(m[1], '', true)?.test(l) ?? false)) || (m[2] !== undefined && Number(m[2]) !== i + 1)) continue
    const fields = separator === undefined ? l.trim().split(/\s+/) : l.split(separator)
    const value = (e: string): string => (e === '$0' || e === '' ? l : e === '$NF' ? (fields.at(-1) ?? '') : e === 'NR' ? String(i + 1) : /^\$\d+$/.test(e) ? (fields[Number(e.slice(1)) - 1] ?? '') : e.replace(/^"|"$/g, ''))
    say(run, (m[3] as string).split(',').map((group) => (group.trim().match(/"[^"]*"|\$?\w+/g) ?? ['']).map(value).join('')).join(' '))
  }
  return 0
}
