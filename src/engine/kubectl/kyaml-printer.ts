import { sortKeys } from '../apimachinery'

/** `-o kyaml`: YAML in flow style, with quoted values and trailing commas. Upstream: sigs.k8s.io/yaml/kyaml */
export function printKyaml(object: unknown): string {
  return `---\n${node(sortKeys(object as object), 0)}\n`
}

const indented = (level: number): string => '  '.repeat(level)

function node(v: unknown, indent: number): string {
  if (typeof v === 'string') return text(v, indent + 1, false)
  if (typeof v !== 'object' || v === null) return String(v)
  if (Array.isArray(v)) {
    if (v.length === 0) return '[]'
    if (v.every((e) => typeof e === 'object' && e !== null)) return `[${v.map((e) => node(e, indent)).join(', ')}]`
    return `[\n${v.map((e) => `${indented(indent + 1)}${node(e, indent + 1)},\n`).join('')}${indented(indent)}]`
  }
  const entries = Object.entries(v).filter(([, value]) => value !== undefined)
  if (entries.length === 0) return '{}'
  return `{\n${entries.map(([k, value]) => `${indented(indent + 1)}${guessedWrong(k) ? text(k, indent + 2, true) : k}: ${node(value, indent + 1)},\n`).join('')}${indented(indent)}}`
}

/** Whether a key has to be quoted. Upstream: needsQuotes, yamlGuessesWrong */
function guessedWrong(s: string): boolean {
  return (
    !/^[\p{L}\p{N}_](?:[\p{L}\p{N}_\-./]*[\p{L}\p{N}_])?$/u.test(s)
    || /^(?:null|true|false|t|f|y|n|yes|no|on|off|inf|infinity|nan)$/i.test(s)
    || /^(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+|[\d_]*\d[\d_]*(?:\.[\d_]*)?(?:e[\d_]+)?)$/i.test(s)
    || /^\d{4}-\d\d?-\d\d?$/.test(s)
  )
}

const ESCAPES: Readonly<Record<string, string>> = { '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\0': '\\0', '\x1b': '\\e', '\x85': '\\N', '\xa0': '\\_', '\u2028': '\\L', '\u2029': '\\P' }

function escaped(c: string): string {
  if (c === '"' || c === '\\') return `\\${c}`
  if (ESCAPES[c] !== undefined) return ESCAPES[c]
  const code = c.codePointAt(0) as number
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  return c !== ' ' && /[\p{C}\p{Z}]/u.test(c) ? (code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`) : c
}

/** A string in double quotes; one of several lines is folded, a line each. Upstream: renderString */
function text(s: string, indent: number, compact: boolean): string {
  const line = (l: string): string => [...l].map(escaped).join('')
  if (!s.includes('\n')) return `"${line(s)}"`
  if (compact) return `"${s.split('\n').map(line).join('\\n')}"`
  const lines = s.split('\n')
  const last = lines.pop() as string
  const shown = (l: string): string => `${indented(indent)}${/^\s/.test(l) ? '\\' : ' '}${line(l)}`
  return `"\\\n${lines.map((l) => `${shown(l)}\\n\\\n`).join('')}${last === '' ? '' : `${shown(last)}\\\n`}${indented(indent)}"`
}
