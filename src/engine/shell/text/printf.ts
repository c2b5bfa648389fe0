import { unescaped } from '../word-reader'
import type { TextProgram } from './program'

/** Widest field. */
const widest = 200

/** A format of printf with values put in. `again`: the format is used until the values are. */
export function formatted(format: string, values: readonly string[], again: boolean): string {
  let at = 0
  let out = ''
  do {
    const before = at
    out += format.replace(/%([-+ 0#]*)(\*|\d+)?(?:\.(\d+))?([sdiufgexXocbq%])/g, (_, flags: string, wide: string | undefined, precise: string | undefined, kind: string) => {
      if (kind === '%') return '%'
      const n = Math.min(widest, wide === '*' ? Math.abs(Number(values[at++] ?? 0)) || 0 : Number(wide ?? 0))
      const given = values[at++]
      const text = one(kind, given, precise === undefined ? undefined : Math.min(widest, Number(precise)), flags)
      return flags.includes('-') ? text.padEnd(n) : flags.includes('0') && !'scbq'.includes(kind) ? (text.startsWith('-') ? `-${text.slice(1).padStart(n - 1, '0')}` : text.padStart(n, '0')) : text.padStart(n)
    })
    if (at === before) break
  } while (again && at < values.length && out.length < 1e6)
  return out
}

function one(kind: string, given: string | undefined, precision: number | undefined, flags: string): string {
  const value = given ?? (kind === 's' || kind === 'c' || kind === 'b' || kind === 'q' ? '' : '0')
  if (kind === 's') return precision === undefined ? value : value.slice(0, precision)
  if (kind === 'b') return unescaped(value)
  if (kind === 'q') return /^[\w./:-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
  if (kind === 'c') return value.slice(0, 1)
  const n = /^['"]/.test(value) ? (value.codePointAt(1) ?? 0) : Number(/^\s*[-+]?(?:0[xX][\da-fA-F]+|\d*\.?\d*(?:[eE][-+]?\d+)?)/.exec(value)?.[0] || 0) || 0
  const whole = Math.trunc(n)
  const text = kind === 'f' ? n.toFixed(Math.min(20, precision ?? 6)) : kind === 'e' ? n.toExponential(Math.min(20, precision ?? 6)).replace(/e([-+])(\d)$/, 'e$10$2') : kind === 'g' ? String(Number(n.toPrecision(Math.max(1, Math.min(20, precision ?? 6)))))
    : kind === 'x' ? (whole >>> 0).toString(16) : kind === 'X' ? (whole >>> 0).toString(16).toUpperCase() : kind === 'o' ? (whole >>> 0).toString(8) : String(whole)
  return flags.includes('+') && n >= 0 && 'dife'.includes(kind) ? `+${text}` : text
}

/** `printf` */
export const printf: TextProgram = {
  run({ args, out, err }) {
    const [format, ...values] = args[0] === '--' ? args.slice(1) : args
    if (format === undefined) {
      err('printf: usage: printf format [arguments]\n')
      return 2
    }
    out(formatted(unescaped(format), values, true))
    return 0
  },
}

/** `echo`, with -n and -e. */
export const echo: TextProgram = {
  run({ args, out }) {
    let newline = true
    let escapes = false
    let i = 0
    for (; i < args.length && /^-[neE]+$/.test(args[i] as string); i++) {
      if (args[i]?.includes('n')) newline = false
      if (args[i]?.includes('e')) escapes = true
    }
    const text = (i === 0 ? args : args.slice(i)).join(' ')
    out((escapes ? unescaped(text.replace(/\\c[^]*/, '')) : text) + (newline ? '\n' : ''))
    return 0
  },
}
