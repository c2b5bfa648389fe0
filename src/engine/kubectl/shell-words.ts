/** Longest line that is read. Longer ones are refused with the words of execve. Units: characters. */
const longestLine = 131_072

/** Words of a line, or the shell's complaint about it. */
export type Words = { readonly words: readonly string[]; readonly error?: undefined } | { readonly error: string }

/**
 * Splits a line as a POSIX shell does: quotes, backslashes, comments. Nothing is expanded; what would start another
 * command, a substitution or a redirection is refused, since there is no shell behind this prompt.
 */
export function shellWords(line: string): Words {
  if (line.length > longestLine) return { error: 'sh: Argument list too long' }
  const words: string[] = []
  let word = ''
  let inWord = false
  for (let i = 0; i < line.length; i++) {
    const c = line[i] as string
    if (c === "'") {
      const end = line.indexOf("'", i + 1)
      if (end < 0) return { error: 'sh: syntax error: unterminated quoted string' }
      word += line.slice(i + 1, end)
      inWord = true
      i = end
    } else if (c === '"') {
      inWord = true
      let closed = false
      for (i++; i < line.length; i++) {
        const d = line[i] as string
        if (d === '"') {
          closed = true
          break
        }
        if (d === '`' || (d === '$' && line[i + 1] === '(')) return { error: 'sh: command substitution is not supported here' }
        if (d === '\\' && '"\\$`\n'.includes(line[i + 1] ?? ' ')) {
          i++
          if (line[i] !== '\n') word += line[i]
        } else word += d
      }
      if (!closed) return { error: 'sh: syntax error: unterminated quoted string' }
    } else if (c === '\\') {
      i++
      if (line[i] === undefined || line[i] === '\n') continue
      word += line[i]
      inWord = true
    } else if (c === ' ' || c === '\t' || c === '\n' || c === '\r') {
      if (inWord) words.push(word)
      word = ''
      inWord = false
    } else if (c === '#' && !inWord) {
      while (i < line.length && line[i] !== '\n') i++
    } else if (c === '`' || (c === '$' && line[i + 1] === '(')) {
      return { error: 'sh: command substitution is not supported here' }
    } else if (c === '|' || c === ';' || c === '&' || c === '<' || c === '>') {
      return { error: `sh: ${c === '|' ? 'pipes are' : c === ';' || c === '&' ? 'several commands in one line are' : 'redirections are'} not supported here` }
    } else {
      word += c
      inWord = true
    }
  }
  if (inWord) words.push(word)
  return { words }
}
