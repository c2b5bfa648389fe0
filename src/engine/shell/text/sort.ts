import { options } from '../options'
import { badOption, inputs, joined, linesOf, type TextProgram } from './program'

/** One `-k`: from a field (and its character) to a field, with its own ways to compare. */
interface Key {
  readonly from: number
  readonly char: number
  readonly to: number
  readonly ways: string
}

function keyOf(text: string): Key {
  const m = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?$/.exec(text)
  return { from: Number(m?.[1] ?? 1), char: Number(m?.[2] ?? 1), to: m?.[4] === undefined ? Infinity : Number(m[4]), ways: (m?.[3] ?? '') + (m?.[5] ?? '') }
}

/** The number that a text begins with; with `human` `2K`, `1.5G`, `10Mi` count as what they mean. */
const numberOf = (s: string, human: boolean): number => {
  const m = /^\s*(-?\d*\.?\d+)\s*([kKMGTPE]?)/.exec(s)
  return m === null ? 0 : Number(m[1]) * (human && m[2] ? 1024 ** ('KMGTPE'.indexOf((m[2] as string).toUpperCase()) + 1) : 1)
}

/** Versions: numbers in a text compare as numbers. */
function byVersion(a: string, b: string): number {
  const x = a.match(/\d+|\D+/g) ?? []
  const y = b.match(/\d+|\D+/g) ?? []
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [p = '', q = ''] = [x[i], y[i]]
    const d = /^\d/.test(p) && /^\d/.test(q) ? Number(p) - Number(q) : p < q ? -1 : p > q ? 1 : 0
    if (d !== 0) return d
  }
  return 0
}

/** `sort`: by the whole line or by keys, as texts, numbers, sizes or versions. */
export const sort: TextProgram = {
  run(call) {
    const o = options(call.args, 'nrk:uhVt:bfsgco:M', { numeric: 'n', 'numeric-sort': 'n', reverse: 'r', key: 'k', unique: 'u', 'human-numeric-sort': 'h', 'version-sort': 'V', 'field-separator': 't', 'ignore-case': 'f', stable: 's', output: 'o' })
    if (o.bad !== undefined) return badOption(call, o.bad)
    const { texts, code } = inputs(call, o.rest)
    const general = ['n', 'r', 'h', 'V', 'f', 'b', 'g'].filter((c) => o.has(c)).join('')
    const given = o.values('k').map(keyOf)
    const keys: readonly Key[] = given.length === 0 ? [{ from: 0, char: 1, to: Infinity, ways: general }] : given.map((k) => (k.ways === '' ? { ...k, ways: general } : k))
    const by = o.value('t')
    const part = (line: string, k: Key): string => {
      if (k.from === 0) return line
      const fields = by === undefined ? (line.match(/\s*\S+/g) ?? []) : line.split(by)
      const text = fields.slice(k.from - 1, Math.max(k.from, k.to)).join(by ?? '')
      return (by === undefined || k.ways.includes('b') ? text.trimStart() : text).slice(k.char - 1)
    }
    const compare = (a: string, b: string, ways: string): number => {
      if (/[nhg]/.test(ways)) return numberOf(a, ways.includes('h')) - numberOf(b, ways.includes('h'))
      if (ways.includes('V')) return byVersion(a, b)
      const [x, y] = ways.includes('f') ? [a.toUpperCase(), b.toUpperCase()] : [a, b]
      return x < y ? -1 : x > y ? 1 : 0
    }
    const rows = linesOf(texts.map((t) => t.text).join('')).map((line, i) => ({ line, i, parts: keys.map((k) => part(line, k)) }))
    const byKeys = (a: (typeof rows)[number], b: (typeof rows)[number]): number => {
      for (const [i, k] of keys.entries()) {
        const d = compare(a.parts[i] as string, b.parts[i] as string, k.ways)
        if (d !== 0) return k.ways.includes('r') ? -d : d
      }
      return 0
    }
    const whole = o.has('r') ? -1 : 1
    rows.sort((a, b) => byKeys(a, b) || (o.has('s') || o.has('u') ? 0 : a.line < b.line ? -whole : a.line > b.line ? whole : 0) || a.i - b.i)
    const out = joined((o.has('u') ? rows.filter((r, i) => i === 0 || byKeys(rows[i - 1] as (typeof rows)[number], r) !== 0) : rows).map((r) => r.line))
    const to = o.value('o')
    if (to === undefined) call.out(out)
    else call.files.write(to, out)
    return code === 0 ? 0 : 2
  },
}
