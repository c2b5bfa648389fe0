import type { Cut, Script, Word } from './syntax'

/** What expansion asks of the shell. */
export interface Expander {
  variable(name: string): string
  capture(script: Script): string
  glob(word: string): readonly string[]
}

/** Words after expansion: variables, substitutions, splitting at blanks, patterns. */
export function expandAll(words: readonly Word[], shell: Expander): string[] {
  return words.flatMap((w) => expand(w, shell))
}

/** One word after expansion; unquoted values may make several or none. */
export function expand(word: Word, shell: Expander): string[] {
  const out: string[] = []
  let current: string | undefined
  let wild = false
  const end = (): void => {
    if (current === undefined) return
    const found = wild && /[*?[]/.test(current) ? shell.glob(current) : []
    if (found.length > 0) out.push(...found)
    else out.push(current)
    current = undefined
    wild = false
  }
  for (const [i, part] of word.entries()) {
    if ('text' in part) {
      const text = i === 0 && !part.quoted && /^~(?=$|\/)/.test(part.text) ? shell.variable('HOME') + part.text.slice(1) : part.text
      current = (current ?? '') + text
      if (!part.quoted && /[*?[]/.test(text)) wild = true
      continue
    }
    const value = 'script' in part ? shell.capture(part.script) : part.cut ? cutOf(shell.variable(part.name), part.cut) : shell.variable(part.name) || (part.fallback ?? '')
    if (part.quoted) {
      current = (current ?? '') + value
      continue
    }
    const pieces = value.split(/[ \t\n]+/)
    for (const [k, piece] of pieces.entries()) {
      if (k > 0) end()
      if (piece !== '') {
        current = (current ?? '') + piece
        if (/[*?[]/.test(piece)) wild = true
      }
    }
  }
  end()
  return out
}

/** A value without what a pattern takes from its beginning or end, or a part of it. */
function cutOf(value: string, cut: Cut): string {
  if (cut.op === ':') return value.slice(cut.from, cut.length === undefined ? undefined : cut.from + cut.length)
  const fits = pattern(cut.glob)
  const sizes = Array.from({ length: value.length + 1 }, (_, i) => i)
  if (cut.op.length === 2) sizes.reverse()
  const n = sizes.find((size) => fits.test(cut.op.startsWith('#') ? value.slice(0, size) : value.slice(value.length - size)))
  return n === undefined ? value : cut.op.startsWith('#') ? value.slice(n) : value.slice(0, value.length - n)
}

/** A file pattern as a regular expression. */
export function pattern(glob: string): RegExp {
  let text = ''
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i] as string
    const close = c === '[' ? glob.indexOf(']', i + 2) : -1
    if (c === '*') text += '[^]*'
    else if (c === '?') text += '[^]'
    else if (close > 0) {
      text += `[${glob.slice(i + 1, close).replace(/^!/, '^').replace(/[\\\]]/g, '\\$&')}]`
      i = close
    } else text += c.replace(/[.+^${}()|\\[\]*?]/g, '\\$&')
  }
  try {
    return new RegExp(`^${text}$`)
  } catch {
    return /$^/
  }
}
