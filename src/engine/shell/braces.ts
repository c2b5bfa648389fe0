import type { Word } from './syntax'

/** Most words that braces make of one. */
const mostBraces = 1000

/** `a{b,c}` and `{1..3}`: the words that they stand for. */
export function braces(word: Word): readonly Word[] {
  for (const [i, part] of word.entries()) {
    if (part.is !== 'text' || part.quoted || !part.text.includes('{')) continue
    const found = firstBraces(part.text)
    if (found === undefined) continue
    const { from, to, choices } = found
    const made = choices.map((choice): Word => [...word.slice(0, i), { is: 'text', text: part.text.slice(0, from) + choice + part.text.slice(to), quoted: false }, ...word.slice(i + 1)])
    return made.flatMap((w) => braces(w)).slice(0, mostBraces)
  }
  return [word]
}
function firstBraces(text: string): { from: number; to: number; choices: readonly string[] } | undefined {
  for (let from = text.indexOf('{'); from >= 0; from = text.indexOf('{', from + 1)) {
    let depth = 0
    let last = from + 1
    const parts: string[] = []
    for (let i = from; i < text.length; i++) {
      const c = text[i]
      if (c === '{') depth++
      else if (c === ',' && depth === 1) {
        parts.push(text.slice(last, i))
        last = i + 1
      } else if (c === '}' && --depth === 0) {
        const inner = text.slice(from + 1, i)
        if (parts.length > 0) return { from, to: i + 1, choices: [...parts, text.slice(last, i)] }
        const range = rangeOf(inner)
        if (range !== undefined) return { from, to: i + 1, choices: range }
        break
      }
    }
  }
  return undefined
}

/** `1..5`, `a..e`, `10..1..3` */
function rangeOf(inner: string): readonly string[] | undefined {
  const numbers = /^(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?$/.exec(inner)
  const letters = /^([a-zA-Z])\.\.([a-zA-Z])$/.exec(inner)
  if (numbers === null && letters === null) return undefined
  const end = (text: string | undefined): number => (numbers === null ? (text ?? 'a').charCodeAt(0) : Number(text))
  const [, first, last] = numbers ?? letters ?? []
  const [a, b] = [end(first), end(last)]
  const step = Math.max(1, Math.abs(Number(numbers?.[3] ?? 1)) || 1)
  const width = numbers !== null && /^-?0\d/.test(numbers[1] as string) ? (numbers[1] as string).length : 0
  const out: string[] = []
  for (let i = 0; i <= Math.abs(b - a) && out.length < mostBraces; i += step) {
    const n = a <= b ? a + i : a - i
    out.push(numbers === null ? String.fromCharCode(n) : String(n).padStart(width, '0'))
  }
  return out
}

