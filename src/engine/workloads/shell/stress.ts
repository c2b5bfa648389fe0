import { SECOND } from '../../sim'
import { complain, say, type Command, type CommandResult, type Run } from './command'
import { sleepTime } from './sleep-time'
import { absolute } from './path'
import { bpi } from './pi'

const units: Readonly<Record<string, number>> = { '': 1, B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 }

/** `150M`, `1G`, `250Mi`, `1048576`, `5e8` in bytes; 0 when it is none. */
export function byteSize(text: string): number {
  const m = /^(\d+(?:\.\d+)?(?:[eE]\d+)?)([KMGTB]?)i?[bB]?$/i.exec(text)
  return m === null ? 0 : Math.round(Number(m[1]) * (units[(m[2] ?? '').toUpperCase()] ?? 1))
}

function option(args: readonly string[], ...names: string[]): string | undefined {
  for (const n of names) {
    const at = args.indexOf(n)
    if (at >= 0) return args[at + 1]
    const joined = args.find((a) => a.startsWith(`${n}=`))
    if (joined !== undefined) return joined.slice(n.length + 1)
  }
  return undefined
}

/** stress and stress-ng, and the Go program of the same image name (`-mem-total`, `-cpus`). */
function stress(run: Run, args: readonly string[]): CommandResult {
  const number = (text: string | undefined): number => Number(text ?? 0) || 0
  const hogs = number(option(args, '--vm', '-m'))
  const bytes = byteSize(option(args, '--vm-bytes') ?? '256M')
  const total = byteSize(option(args, '-mem-total', '--mem-total') ?? '0')
  const cpus = number(option(args, '--cpu', '-c', '-cpus', '--cpus'))
  const io = number(option(args, '--io', '-i'))
  const seconds = option(args, '--timeout', '-t')
  const time = seconds === undefined ? Infinity : (sleepTime(seconds) ?? Infinity)
  if (hogs + cpus + io + total === 0) {
    say(run, '`stress\' imposes certain types of compute stress on your system\n\nUsage: stress [OPTION [ARG]] ...')
    return 0
  }
  say(run, `stress: info: [1] dispatching hogs: ${cpus} cpu, ${io} io, ${hogs} vm, 0 hdd`)
  return { until: run.io.now + time, cpuMillis: 1000 * (cpus + (args.includes('--vm-hang') ? 0 : hogs)) + 100 * io, memoryBytes: hogs * bytes + total }
}

/** dd: what it writes to a file is not kept, but what it holds in memory counts (/dev/shm, and its own block). */
export function disk(run: Run, args: readonly string[]): CommandResult {
  const of = (name: string): string | undefined => args.find((a) => a.startsWith(`${name}=`))?.slice(name.length + 1)
  const block = byteSize(of('bs') ?? '512')
  const blocks = of('count') === undefined ? Infinity : Number(of('count'))
  const to = of('of')
  const endless = of('if') === '/dev/zero' || of('if') === '/dev/urandom'
  const size = block * blocks
  if (to !== undefined && to !== '/dev/null') {
    const path = absolute(run.state, to)
    if (run.io.files.writable?.(path) !== false) run.io.files.set(path, '\0'.repeat(Math.min(Number.isFinite(size) ? size : 1024, 1024)))
    else {
      complain(run, `dd: can't open '${to}': Read-only file system`)
      return 1
    }
    if (path.startsWith('/dev/shm/') && 'memoryBytes' in run.io.files) (run.io.files as { memoryBytes: number }).memoryBytes += Number.isFinite(size) ? size : 1e15
  }
  // A device that never ends is read at about 2 GB/s, a whole processor long.
  if (endless && !Number.isFinite(size)) return { until: Infinity, cpuMillis: 1000, memoryBytes: block }
  complain(run, `${blocks}+0 records in\n${blocks}+0 records out`)
  return { until: run.io.now + Math.max(1000, Math.round((Number.isFinite(size) ? size : 0) / 500)), cpuMillis: 800, memoryBytes: block }
}

/** perl: the documentation's Job (`print bpi(2000)`), and prints of literals. */
function perl(run: Run, args: readonly string[]): CommandResult {
  const script = args.at(-1) ?? ''
  const pi = /bpi\((\d+)\)/.exec(script)
  if (pi) {
    const digits = Math.min(10_000, Number(pi[1]))
    say(run, bpi(digits))
    // About as long as the real one takes: 2,000 digits in some five seconds.
    return { until: run.io.now + Math.round((digits / 2000) ** 2 * 5 * SECOND) + SECOND / 10, cpuMillis: 1000, memoryBytes: 20 * 1024 * 1024 }
  }
  const text = /^print\s+(["'])(.*)\1;?$/.exec(script.trim())
  if (text) run.io.out((text[2] as string).replaceAll('\\n', '\n'))
  return 0
}

/** Commands that use up processors and memory. */
export const loadCommands: Readonly<Record<string, Command>> = { stress, 'stress-ng': stress, perl }
