import { options } from '../options'
import { expression } from './expression'
import { badOption, inputs, linesOf, type TextProgram } from './program'

/** Where a command of sed holds: a line's number, the last line (`$`), lines that match; `+2`: so many lines after the first address. */
type Address = number | '$' | RegExp | { readonly plus: number }

interface SedCommand {
  readonly from?: Address | undefined
  readonly to?: Address | undefined
  readonly not: boolean
  readonly act: 's' | 'd' | 'p' | 'q' | '=' | 'a' | 'i' | 'c' | 'y' | 'n'
  readonly rx?: RegExp | undefined
  /** What `s` puts there, in the words of String.replace; the text of a, i and c; the characters of y. */
  readonly by: string
  readonly print: boolean
  /** `s///2`: only this match. */
  readonly nth: number
}

const ADDRESS = String.raw`(\d+|\$|\/(?:[^/\\\n]|\\.)*\/I?)`
const HEAD = new RegExp(`^(?:${ADDRESS}(?:\\s*,\\s*(\\d+|\\$|\\+\\d+|\\/(?:[^/\\\\\\n]|\\\\.)*\\/I?))?)?\\s*(!)?\\s*([sdpqaicyn={}])?`)

/** Reads a script; a text is what sed says of it. */
function parse(script: string, extended: boolean): SedCommand[] | string {
  const out: SedCommand[] = []
  let rest = script
  const bad = (why: string): string => `-e expression #1, char ${script.length - rest.length + 1}: ${why}`
  while ((rest = rest.replace(/^[\s;]+/, '')) !== '') {
    if (rest.startsWith('#')) {
      rest = rest.replace(/^[^\n]*/, '')
      continue
    }
    const head = HEAD.exec(rest)
    const act = head?.[4]
    if (head === null || act === undefined) return bad(head !== null && head[0] === rest ? 'missing command' : `unknown command: \`${rest[head?.[0].length ?? 0] ?? ''}'`)
    const from = addressOf(head[1], extended)
    const to = addressOf(head[2], extended)
    if (from === null || to === null) return bad('Invalid preceding regular expression')
    rest = rest.slice(head[0].length)
    const common = { from, to, not: head[3] !== undefined, print: false, nth: 0, by: '' }
    if (act === '{' || act === '}') return bad(`unknown command: \`${act}'`)
    if (act === 's' || act === 'y') {
      const d = rest[0] ?? ''
      const parts = d === '' || d === '\n' || d === '\\' ? undefined : pieces(rest.slice(1), d)
      if (parts === undefined) return bad(`unterminated \`${act}' command`)
      const [what, by, used] = parts
      rest = rest.slice(1 + used)
      const flags = act === 's' ? (/^[gIip0-9]*/.exec(rest)?.[0] ?? '') : ''
      rest = rest.slice(flags.length)
      if (act === 'y') {
        out.push({ ...common, act, by: `${what}\0${by}` })
        continue
      }
      const rx = expression(what, extended, `g${/i/i.test(flags) ? 'i' : ''}`)
      if (rx === undefined) return bad('Invalid preceding regular expression')
      const nth = Number(/\d+/.exec(flags)?.[0] ?? (flags.includes('g') ? 0 : 1))
      out.push({ ...common, act, rx, by, print: flags.includes('p'), nth })
    } else if (act === 'a' || act === 'i' || act === 'c') {
      const text = /^\\?\n?[ \t]*((?:[^\n\\]|\\[^])*)/.exec(rest)
      rest = rest.slice(text?.[0].length ?? 0)
      out.push({ ...common, act, by: (text?.[1] ?? '').replace(/\\(.|\n)/g, '$1') })
    } else out.push({ ...common, act: act as 'd' })
    if (rest !== '' && !/^[\s;}#]/.test(rest)) return bad(`unknown option to \`${act}'`)
  }
  return out
}

/** Undefined: there is none; null: it is not one. */
function addressOf(text: string | undefined, extended: boolean): Address | undefined | null {
  if (text === undefined || text === '$') return text
  if (text.startsWith('/')) return expression(text.replace(/^\/|\/I?$/g, '').replaceAll('\\/', '/'), extended, text.endsWith('I') ? 'i' : '') ?? null
  return text.startsWith('+') ? { plus: Number(text.slice(1)) } : Number(text)
}

/** The two texts between three delimiters, and how long all that was. */
function pieces(text: string, d: string): readonly [string, string, number] | undefined {
  const found: string[] = []
  let current = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (c === '\\' && i + 1 < text.length) {
      current += text[i + 1] === d ? d : c + (text[i + 1] as string)
      i++
    } else if (c === d) {
      found.push(current)
      if (found.length === 2) return [found[0] as string, found[1] as string, i + 1]
      current = ''
    } else current += c
  }
  return undefined
}

/** What a match becomes: `&`, `\1`, `\n`, `\U` and kin are understood. */
function replacement(by: string, match: readonly string[]): string {
  let out = ''
  let shift = ''
  for (let i = 0; i < by.length; i++) {
    const c = by[i] as string
    let piece = c
    if (c === '&') piece = match[0] ?? ''
    else if (c === '\\') {
      const next = by[++i] ?? ''
      if ('ULE'.includes(next) && next !== '') {
        shift = next === 'E' ? '' : next
        continue
      }
      piece = /\d/.test(next) ? (match[Number(next)] ?? '') : next === 'n' ? '\n' : next === 't' ? '\t' : next
    }
    out += shift === 'U' ? piece.toUpperCase() : shift === 'L' ? piece.toLowerCase() : piece
  }
  return out
}

/** What sed remembers while it goes through a text: which ranges are open. */
class Stream {
  private readonly open = new Map<SedCommand, number>()

  constructor(private readonly count: number) {}

  private at(address: Address, line: string, n: number): boolean {
    return address === '$' ? n === this.count : typeof address === 'number' ? n === address : address instanceof RegExp ? address.test(line) : false
  }

  holds(c: SedCommand, line: string, n: number): boolean {
    return this.inside(c, line, n) !== c.not
  }

  private inside(c: SedCommand, line: string, n: number): boolean {
    if (c.from === undefined) return true
    if (c.to === undefined) return this.at(c.from, line, n)
    const began = this.open.get(c)
    if (began === undefined) {
      if (!this.at(c.from, line, n)) return false
      // A second address at or before the first line: only that line.
      if (!(typeof c.to === 'number' && c.to <= n) && !(typeof c.to === 'object' && 'plus' in c.to && c.to.plus === 0)) this.open.set(c, n)
      return true
    }
    const last = typeof c.to === 'object' && 'plus' in c.to ? n >= began + c.to.plus : typeof c.to === 'number' ? n >= c.to : this.at(c.to, line, n)
    if (last) this.open.delete(c)
    return true
  }
}

function edited(commands: readonly SedCommand[], text: string, silent: boolean): string {
  const lines = linesOf(text)
  const stream = new Stream(lines.length)
  let out = ''
  for (let k = 0; k < lines.length; k++) {
    let line = lines[k] as string
    let gone = false
    let after = ''
    let quit = false
    for (const c of commands) {
      if (!stream.holds(c, line, k + 1)) continue
      if (c.act === 'd') gone = true
      else if (c.act === 'p') out += `${line}\n`
      else if (c.act === '=') out += `${k + 1}\n`
      else if (c.act === 'i') out += `${c.by}\n`
      else if (c.act === 'a') after += `${c.by}\n`
      else if (c.act === 'q') quit = true
      else if (c.act === 'c') {
        gone = true
        out += `${c.by}\n`
      } else if (c.act === 'n') {
        if (!silent) out += `${line}\n`
        if (k + 1 >= lines.length) {
          gone = true
          quit = true
        } else line = lines[++k] as string
      } else if (c.act === 'y') {
        const [from = '', to = ''] = c.by.split('\0')
        line = [...line].map((x) => (from.includes(x) ? (to[from.indexOf(x)] ?? x) : x)).join('')
      } else if (c.rx !== undefined) {
        let n = 0
        let did = false
        line = line.replace(c.rx, (...match: unknown[]) => {
          n++
          if (c.nth > 0 && n !== c.nth) return match[0] as string
          did = true
          return replacement(c.by, match.filter((m): m is string => typeof m === 'string' || m === undefined))
        })
        if (did && c.print) out += `${line}\n`
      }
      if (gone || quit) break
    }
    if (!gone && !silent) out += `${line}\n`
    out += after
    if (quit) break
  }
  return out
}

/** `sed`: s, d, p, q, n, =, a, i, c and y, with addresses and ranges. Left out: branches, the hold space, blocks, files to write. */
export const sed: TextProgram = {
  streams: (args) => {
    const script = args.find((a) => !a.startsWith('-')) ?? ''
    return script.includes('$') ? undefined : /^s(.).*\1.*\1[gI]*$/.test(script) ? 'chunk' : 'prefix'
  },
  run(call) {
    const o = options(call.args, 'nErie:su', { 'in-place': 'i', expression: 'e', quiet: 'n', silent: 'n', 'regexp-extended': 'E' })
    if (o.bad !== undefined) return badOption(call, o.bad)
    const script = o.has('e') ? o.values('e').join('\n') : o.rest[0]
    if (script === undefined) {
      call.err(`Usage: ${call.name} [OPTION]... {script-only-if-no-other-script} [input-file]...\n`)
      return 1
    }
    const commands = parse(script, o.has('E') || o.has('r'))
    if (typeof commands === 'string') {
      call.err(`${call.name}: ${commands}\n`)
      return 1
    }
    const { texts, code } = inputs(call, o.has('e') ? o.rest : o.rest.slice(1))
    if (!o.has('i')) {
      call.out(edited(commands, texts.map((t) => t.text).join(''), o.has('n')))
      return code
    }
    for (const { path, text } of texts) {
      const why = path === '-' ? undefined : call.files.write(path, edited(commands, text, o.has('n')))
      if (why !== undefined) call.err(`${call.name}: couldn't open file ${path}: ${why}\n`)
    }
    return code
  },
}
