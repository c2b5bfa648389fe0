/** Letters and digits of POSIX classes, as they stand inside brackets. */
const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z', digit: '0-9', alnum: 'a-zA-Z0-9', space: '\\s', blank: ' \\t', upper: 'A-Z', lower: 'a-z', xdigit: '0-9A-Fa-f', punct: '!-\\/:-@\\[-`{-~', cntrl: '\\x00-\\x1f\\x7f', print: '\\x20-\\x7e', graph: '\\x21-\\x7e',
}

/**
 * A POSIX regular expression as JavaScript's: brackets without escapes but with classes, and in basic ones `\(`, `\|`, `\+`, `\{` the other
 * way round, and `^` and `$` anchors only at the ends. Undefined when it is none. Left out: the longest of several that match (the first is taken), equivalence classes.
 */
export function expression(text: string, extended: boolean, flags = ''): RegExp | undefined {
  let out = ''
  let i = 0
  while (i < text.length) {
    const c = text[i] as string
    const next = text[i + 1]
    if (c === '[') {
      const end = bracketEnd(text, i)
      if (end < 0) return undefined
      out += bracket(text.slice(i + 1, end))
      i = end + 1
    } else if (c === '\\' && next !== undefined) {
      out += next === '<' || next === '>' ? '\\b' : next === '`' ? '^' : !extended && '(){}|+?'.includes(next) ? next : /[a-zA-Z]/.test(next) && !'wWsSbBnt'.includes(next) ? next : /["'%@#&,:;<=>~`! -]/.test(next) ? next.replace('-', '\\-') : `\\${next}`
      i += 2
    } else {
      if (!extended && '(){}|+?'.includes(c)) out += `\\${c}`
      else if (c === '*' && (out === '' || (out === '^' || (!extended && out.endsWith('(') && !out.endsWith('\\('))))) out += '\\*'
      else if (!extended && ((c === '$' && next !== undefined && !(next === '\\' && /[)|]/.test(text[i + 2] ?? ''))) || (c === '^' && out !== '' && !/(^|[^\\])[(|]$/.test(out)))) out += `\\${c}`
      else if (c === '{' && !/^\{\d*,?\d*\}/.test(text.slice(i, i + 20))) out += '\\{'
      else out += c
      i++
    }
  }
  try {
    return new RegExp(out, flags)
  } catch {
    return undefined
  }
}

/** Where the bracket expression that begins at a place ends; -1: nowhere. */
function bracketEnd(text: string, from: number): number {
  let i = from + 1
  if (text[i] === '^') i++
  if (text[i] === ']') i++
  for (; i < text.length; i++) {
    if (text[i] === '[' && text[i + 1] === ':') {
      const end = text.indexOf(':]', i + 2)
      if (end > 0) i = end + 1
    } else if (text[i] === ']') return i
  }
  return -1
}

function bracket(inside: string): string {
  const not = inside.startsWith('^')
  const body = (not ? inside.slice(1) : inside).replace(/\[:(\w+):\]|\\([nt\\/.\]"'-])?|[[\]^]/g, (all, name: string | undefined, escaped: string | undefined) => (name !== undefined ? (CLASSES[name] ?? '') : escaped !== undefined ? `\\${escaped}` : `\\${all}`))
  return `[${not ? '^' : ''}${body}]`
}

/** A text as an expression that matches nothing but it. */
export const literalExpression = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
