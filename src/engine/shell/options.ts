/** What was given to a small program: single-letter options, their values, the rest. */
export interface Options {
  has(letter: string): boolean
  /** The last value of an option. */
  value(letter: string): string | undefined
  /** All values of an option that may be given again and again. */
  values(letter: string): readonly string[]
  readonly rest: readonly string[]
  /** The first option that is not known. */
  readonly bad?: string
}

/** Reads options as getopt does. `spec` is its letters, with `:` after those with values; `long` maps long names to letters. */
export function options(args: readonly string[], spec: string, long: Readonly<Record<string, string>> = {}): Options {
  const values = new Map<string, string[]>()
  const rest: string[] = []
  let bad: string | undefined
  const give = (letter: string, value: string): void => {
    const before = values.get(letter)
    if (before === undefined) values.set(letter, [value])
    else before.push(value)
  }
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
      const letter = Object.hasOwn(long, name) ? long[name] : undefined
      if (letter === undefined) bad ??= arg
      else if (spec.includes(`${letter}:`)) give(letter, value ?? args[++i] ?? '')
      else give(letter, '')
      continue
    }
    for (let k = 1; k < arg.length; k++) {
      const c = arg[k] as string
      const at = spec.indexOf(c)
      if (at < 0 || c === ':') {
        // `head -5`
        if (/\d/.test(c) && spec.includes('n:')) {
          give('n', arg.slice(k))
          break
        }
        bad ??= `-${c}`
        break
      }
      if (spec[at + 1] === ':') {
        give(c, k + 1 < arg.length ? arg.slice(k + 1) : (args[++i] ?? ''))
        break
      }
      give(c, '')
    }
  }
  return { has: (c) => values.has(c), value: (c) => values.get(c)?.at(-1), values: (c) => values.get(c) ?? [], rest, ...(bad === undefined ? {} : { bad }) }
}
