/** Whether a text fits a shell pattern: `*`, `?`, `[a-z]`, `[!a]`; a backslash takes the meaning from what follows it. */
export function matchesGlob(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    const c = pattern[p]
    if (c === '*') {
      star = p++
      mark = t
      continue
    }
    const next = c === undefined ? -1 : matchesOne(pattern, p, text[t] as string)
    if (next >= 0) {
      p = next
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++mark
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** Where the pattern goes on when its piece at `p` fits a character; -1: it does not. */
function matchesOne(pattern: string, p: number, char: string): number {
  const c = pattern[p] as string
  if (c === '?') return p + 1
  if (c === '\\' && p + 1 < pattern.length) return pattern[p + 1] === char ? p + 2 : -1
  const close = c === '[' ? pattern.indexOf(']', p + (/[!^]/.test(pattern[p + 1] ?? '') ? 3 : 2)) : -1
  if (close < 0) return c === char ? p + 1 : -1
  const not = /[!^]/.test(pattern[p + 1] as string)
  let found = false
  for (let i = p + (not ? 2 : 1); i < close; i++) {
    if (pattern[i + 1] === '-' && i + 2 < close) {
      if (char >= (pattern[i] as string) && char <= (pattern[i + 2] as string)) found = true
      i += 2
    } else if (pattern[i] === char) found = true
  }
  return found === not ? -1 : close + 1
}

/** Whether a text is a pattern at all. */
export const isGlob = (text: string): boolean => /[*?[]/.test(text)

/** A text as a pattern that fits nothing but it. */
export const globLiteral = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&')
