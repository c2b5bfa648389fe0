import { goQuote, parseGoDuration } from '../../apimachinery'
import type { FlagKind } from './flags'

/** A component's command line, read: values by the flags' names, in the order in which they were given. */
export interface CommandLine {
  readonly values: ReadonlyMap<string, string>
}

/** What pflag (and, for etcd, Go's own flag package) makes of the words after a program's name. Errors: its words. */
export function readCommandLine(words: readonly string[], flags: ReadonlyMap<string, FlagKind>, program: string): CommandLine | { readonly error: string } {
  const values = new Map<string, string>()
  const plain = program === 'etcd'
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (!word.startsWith('-') || word === '-') {
      // Go's flag package leaves the rest to the program, and etcd says so.
      if (plain) return { error: `'${word}' is not a valid flag` }
      if (word === '') continue
      return { error: `${goQuote(program)} does not take any arguments, got [${words.filter((w) => !w.startsWith('-')).map(goQuote).join(' ')}]` }
    }
    const dashes = word.startsWith('--') ? 2 : 1
    if (dashes === 1 && !plain) {
      const short = word.slice(1, 2)
      if (short === 'v') values.set('v', word.slice(word[2] === '=' ? 3 : 2))
      else return { error: `unknown shorthand flag: '${short}' in ${word}` }
      continue
    }
    const equals = word.indexOf('=')
    const given = word.slice(dashes, equals < 0 ? undefined : equals)
    if (given === '' || given.startsWith('-') || given.startsWith('=')) return { error: `bad flag syntax: ${word}` }
    const name = plain ? given : given.replaceAll('_', '-')
    const kind = flags.get(name)
    if (kind === undefined) return { error: plain ? `flag provided but not defined: -${given}` : `unknown flag: --${given}` }
    let value = equals < 0 ? undefined : word.slice(equals + 1)
    if (value === undefined) {
      if (kind === 'bool') value = 'true'
      else if (i + 1 < words.length) value = words[++i] as string
      else return { error: plain ? `flag needs an argument: -${name}` : `flag needs an argument: --${name}` }
    }
    const wrong = wrongValue(kind, value, name)
    if (wrong !== undefined) return { error: plain ? `invalid ${kind === 'bool' ? 'boolean ' : ''}value ${goQuote(value)} for ${kind === 'bool' ? '' : 'flag '}-${name}: parse error` : `invalid argument ${goQuote(value)} for ${goQuote(name === 'v' ? '-v, --v' : `--${name}`)} flag: ${wrong}` }
    values.set(name, value)
  }
  return { values }
}

function wrongValue(kind: FlagKind, value: string, name: string): string | undefined {
  switch (kind) {
    case 'bool':
      return /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value) ? undefined : `strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax`
    case 'int':
      return /^[-+]?\d+$/.test(value) ? undefined : `strconv.ParseInt: parsing ${goQuote(value)}: invalid syntax`
    case 'float':
      return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value) ? undefined : `strconv.ParseFloat: parsing ${goQuote(value)}: invalid syntax`
    case 'duration':
      if (parseGoDuration(value) !== undefined) return undefined
      return /^[-+]?\d+(\.\d*)?$/.test(value) ? `time: missing unit in duration ${goQuote(value)}` : `time: invalid duration ${goQuote(value)}`
    default:
      return name === 'bind-address' && !/^[\d.]+$|:/.test(value) ? `failed to parse IP: ${goQuote(value)}` : undefined
  }
}

/** What is in force: the flag as given, or its default. */
export function isOn(line: CommandLine, name: string, otherwise: boolean): boolean {
  const value = line.values.get(name)
  return value === undefined ? otherwise : /^(1|t|true)$/i.test(value)
}

/** A list flag's elements. */
export function listOf(line: CommandLine, name: string): readonly string[] {
  const value = line.values.get(name)
  return value === undefined || value === '' ? [] : value.split(',')
}
