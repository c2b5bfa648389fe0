import { fail, type Fail } from './errors'
import { goQuote, parseGoDuration } from '../apimachinery'

/** Kinds of flag values, with pflag's parsing. `list` splits at commas, `array` does not. */
export type FlagType = 'string' | 'bool' | 'int' | 'int32' | 'int64' | 'duration' | 'list' | 'array'

/** One flag of a command. */
export interface FlagSpec {
  readonly name: string
  readonly short?: string | undefined
  readonly type: FlagType
  /** Value without `=`: `--dry-run` means `unchanged`. Every bool has `true`. */
  readonly noValue?: string | undefined
  readonly fallback?: string | undefined
}

/**
 * Flags written small, one word each: `name`, `name:type`, `name/x:type=default`, `name:string[=novalue]`.
 * The type is bool when it is left out.
 */
export function flagSpecs(text: string): readonly FlagSpec[] {
  return text.trim().split(/\s+/).filter(Boolean).map((word) => {
    const m = /^([\w-]+)(?:\/(\w))?(?::(\w+))?(?:\[=([^\]]*)\])?(?:=(.*))?$/.exec(word)
    if (m === null) throw new Error(`bad flag ${word}`)
    const type = (m[3] ?? 'bool') as FlagType
    return { name: m[1] as string, short: m[2], type, noValue: m[4] ?? (type === 'bool' ? 'true' : undefined), fallback: m[5] }
  })
}

/** Flags that every command takes. Upstream: cli-runtime/genericclioptions ConfigFlags */
export const globalFlags = flagSpecs(`
  as:string as-group:array as-uid:string as-user-extra:array cache-dir:string certificate-authority:string client-certificate:string client-key:string
  cluster:string context:string disable-compression insecure-skip-tls-verify kubeconfig:string kuberc:string log-flush-frequency:duration
  match-server-version namespace/n:string password:string profile:string profile-output:string request-timeout:string server/s:string
  tls-server-name:string token:string user:string username:string v/v:int vmodule:string warnings-as-errors help/h`)

const globals: ReadonlyMap<string, FlagSpec> = new Map(globalFlags.map((f) => [f.name, f]))

/** What was typed after the command's name. */
export class Flags {
  readonly args: string[] = []
  /** Words before `--`; -1 without one. */
  dash = -1
  /** Every flag as it was given, `--name=value`, in order. */
  readonly typed: string[] = []
  private readonly values = new Map<string, string[]>()

  constructor(private readonly specs: ReadonlyMap<string, FlagSpec>) {}

  set(name: string, value: string): void {
    this.typed.push(`--${name}=${value}`)
    const type = this.specs.get(name)?.type
    if (type === 'list' || type === 'array') {
      const values = this.values.get(name) ?? []
      if (values.length === 0) this.values.set(name, values)
      values.push(...(type === 'list' ? (value === '' ? [] : value.split(',')) : [value]))
    } else this.values.set(name, [value])
  }

  /** Whether the flag was typed. */
  has(name: string): boolean {
    return this.values.has(name)
  }

  string(name: string): string {
    return this.values.get(name)?.[0] ?? this.specs.get(name)?.fallback ?? ''
  }

  /** Of kubectl's own flags; '' where the command has one of the same name (`create rolebinding --user`), which hides it. */
  global(name: string): string {
    return globals.get(name) === this.specs.get(name) ? this.string(name) : ''
  }

  bool(name: string): boolean {
    const text = this.string(name)
    return text === '1' || /^t(rue)?$/i.test(text)
  }

  int(name: string): number {
    return Number(this.string(name) || 0)
  }

  list(name: string): readonly string[] {
    return this.values.get(name) ?? []
  }

  /** A duration flag. Units: µs. */
  duration(name: string): number {
    return parseGoDuration(this.string(name) || '0') ?? 0
  }
}

function valueError(spec: FlagSpec, value: string): string | undefined {
  switch (spec.type) {
    case 'bool':
      return /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value) ? undefined : `strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax`
    case 'int':
    case 'int32':
    case 'int64': {
      if (!/^[-+]?(0[xX][\da-fA-F]+|\d+)$/.test(value)) return `strconv.ParseInt: parsing ${goQuote(value)}: invalid syntax`
      const most = spec.type === 'int32' ? 2 ** 31 : 2 ** 63
      return Math.abs(Number(value)) >= most ? `strconv.ParseInt: parsing ${goQuote(value)}: value out of range` : undefined
    }
    case 'duration':
      if (parseGoDuration(value) !== undefined) return undefined
      return /^[-+]?\d+(\.\d*)?$/.test(value) ? `time: missing unit in duration ${goQuote(value)}` : `time: invalid duration ${goQuote(value)}`
    default:
      return undefined
  }
}

/** Parses the words after a command's name. Errors: pflag's, with kubectl's hint. Upstream: pflag FlagSet.parseArgs */
export function parseFlags(words: readonly string[], specs: readonly FlagSpec[], path: string): Flags {
  const byName = new Map<string, FlagSpec>()
  const byShort = new Map<string, FlagSpec>()
  for (const spec of [...globalFlags, ...specs]) {
    byName.set(spec.name, spec)
    if (spec.short !== undefined) byShort.set(spec.short, spec)
  }
  const bad = (text: string): Fail => fail(`${text}\nSee '${path} --help' for usage.`)
  const flags = new Flags(byName)
  const set = (spec: FlagSpec, value: string): void => {
    const error = valueError(spec, value)
    if (error !== undefined) throw bad(`invalid argument ${goQuote(value)} for "${spec.short ? `-${spec.short}, ` : ''}--${spec.name}" flag: ${error}`)
    flags.set(spec.name, value)
  }
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (word === '--') {
      flags.dash = flags.args.length
      flags.args.push(...words.slice(i + 1))
      break
    }
    if (word.length < 2 || !word.startsWith('-')) {
      flags.args.push(word)
      continue
    }
    if (word.startsWith('--')) {
      const at = word.indexOf('=')
      const name = at < 0 ? word.slice(2) : word.slice(2, at)
      if (name === '' || name.startsWith('-')) throw bad(`bad flag syntax: ${word}`)
      const spec = byName.get(name)
      if (spec === undefined) throw bad(`unknown flag: --${name}`)
      if (at >= 0) set(spec, word.slice(at + 1))
      else if (spec.noValue !== undefined) set(spec, spec.noValue)
      else if (i + 1 < words.length) set(spec, words[++i] as string)
      else throw bad(`flag needs an argument: --${name}`)
      continue
    }
    for (let k = 1; k < word.length; k++) {
      const c = word[k] as string
      const spec = byShort.get(c)
      if (spec === undefined) throw bad(`unknown shorthand flag: ${goRune(c)} in ${word}`)
      const rest = word.slice(k + 1)
      if (rest.startsWith('=')) set(spec, rest.slice(1))
      else if (spec.noValue !== undefined) {
        set(spec, spec.noValue)
        continue
      } else if (rest !== '') set(spec, rest)
      else if (i + 1 < words.length) set(spec, words[++i] as string)
      else throw bad(`flag needs an argument: ${goRune(c)} in ${word}`)
      break
    }
  }
  return flags
}

const goRune = (c: string): string => `'${c}'`
