/** What was given to a small program: single-letter options, their values, the rest. */
export interface Options {
  has(letter: string): boolean
  value(letter: string): string | undefined
  readonly rest: readonly string[]
  /** The first option that is not known. */
  readonly bad?: string
}

/** Reads options as getopt does. `spec` is its letters, with `:` after those with values; `long` maps long names to letters. */
export function options(args: readonly string[], spec: string, long: Readonly<Record<string, string>> = {}): Options {
  const values = new Map<string, string>()
  const rest: string[] = []
  let bad: string | undefined
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '--') {
      rest.push(...args.slice(i + 1))
      break
    }
    if (!arg.startsWith('-') || arg === '-') {
      rest.push(arg)
      continue
    }
    if (arg.startsWith('--')) {
      const [name = '', value] = arg.slice(2).split(/=(.*)/s)
      const letter = long[name]
      if (letter === undefined) bad ??= arg
      else if (spec.includes(`${letter}:`)) values.set(letter, value ?? args[++i] ?? '')
      else values.set(letter, '')
      continue
    }
    for (let k = 1; k < arg.length; k++) {
      const c = arg[k] as string
      const at = spec.indexOf(c)
      if (at < 0 || c === ':') {
        // `head -5`
        if (/\d/.test(c) && spec.includes('n:')) {
          values.set('n', arg.slice(k))
          break
        }
        bad ??= `-${c}`
        break
      }
      if (spec[at + 1] === ':') {
        values.set(c, k + 1 < arg.length ? arg.slice(k + 1) : (args[++i] ?? ''))
        break
      }
      values.set(c, '')
    }
  }
  return { has: (c) => values.has(c), value: (c) => values.get(c), rest, ...(bad === undefined ? {} : { bad }) }
}
