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
  return { until: run.io.now + time, cpuMillis: 1000 * (cpus + (args.includes('--vm-hang') ? 0 : hogs)) + 100 * io, memoryBytes: hogs * bytes + total, processes: hogs + cpus + io }
}

/** A disk takes half a gigabyte a second. */
const bytesPerMicro = 500

/** Makes a file without keeping its contents. Answers the bytes that found room; -1: it may not be written. */
function fill(run: Run, name: string, to: string, bytes: number): number {
  const path = absolute(run.env, to)
  const { files } = run.io
  if (files.writable?.(path) === false) {
    complain(run, `${name}: can't open '${to}': Read-only file system`)
    return -1
  }
  if (files.grow) return files.grow(path, Number.isFinite(bytes) ? bytes : 1e15)
  files.set(path, '')
  return bytes
}

/** dd: what it writes to a file is not kept, but it takes room on the disk, or memory in /dev/shm. */
export function disk(run: Run, args: readonly string[]): CommandResult {
  const of = (name: string): string | undefined => args.find((a) => a.startsWith(`${name}=`))?.slice(name.length + 1)
  const block = byteSize(of('bs') ?? '512')
  const blocks = of('count') === undefined ? Infinity : Number(of('count'))
  const to = of('of')
  const endless = of('if') === '/dev/zero' || of('if') === '/dev/urandom'
  const source = endless || of('if') === undefined ? Infinity : (run.io.files.sizeOf?.(absolute(run.env, of('if') as string)) ?? 0)
  const size = Math.min(block * blocks, source)
  let written = size
  if (to !== undefined && to !== '/dev/null') {
    written = fill(run, 'dd', to, size)
    if (written < 0) return 1
  } else if (!Number.isFinite(size)) return { until: Infinity, cpuMillis: 1000, memoryBytes: block }
  const full = written < size
  if (full) complain(run, `dd: error writing '${to}': No space left on device`)
  const whole = block > 0 ? Math.floor(written / block) : 0
  complain(run, `${full ? whole + 1 : whole}+0 records in\n${whole}+0 records out`)
  return { until: run.io.now + Math.max(1000, Math.round(written / bytesPerMicro)), status: full ? 1 : 0, cpuMillis: 800, memoryBytes: block }
}

/** fallocate -l SIZE FILE: room on the disk at once. */
function fallocate(run: Run, args: readonly string[]): CommandResult {
  const size = byteSize(option(args, '-l', '--length') ?? '0')
  const to = args.at(-1) as string
  if (size === 0 || args.length < 3) {
    complain(run, 'fallocate: no length argument specified')
    return 1
  }
  const got = fill(run, 'fallocate', to, size)
  if (got >= 0 && got < size) complain(run, 'fallocate: fallocate failed: No space left on device')
  return got < size ? 1 : 0
}

/** df: the machine's disk under the container's layer. */
function df(run: Run, args: readonly string[]): CommandResult {
  const space = run.io.files.space ?? { capacity: 61_202_244 * 1024, used: 12_448_632 * 1024 }
  const human = args.some((a) => /^-\w*h/.test(a))
  const show = (bytes: number): string => (human ? humanSize(bytes) : String(Math.round(bytes / 1024)))
  const percent = Math.ceil((100 * space.used) / space.capacity)
  const asked = args.filter((a) => !a.startsWith('-')).map((a) => absolute(run.env, a))
  const rows = [{ device: 'overlay', path: '/' }, ...mountsOf(run)]
  const shown = asked.length === 0 ? rows : asked.map((a) => rows.findLast((m) => m.path === '/' || a === m.path || a.startsWith(`${m.path}/`)) as { device: string; path: string })
  say(run, [`Filesystem           ${human ? '     Size' : '1K-blocks'}      Used Available Use% Mounted on`, ...shown.map(({ device, path }) => `${device.padEnd(20)} ${show(space.capacity).padStart(9)} ${show(space.used).padStart(9)} ${show(space.capacity - space.used).padStart(9)} ${`${percent}%`.padStart(4)} ${path}`)].join('\n'))
  return 0
}

/** What is mounted over a container's own layer, shortest path first, as /proc/mounts shows it. */
export function mountsOf(run: Run): { device: string; path: string; type: string; readOnly: boolean }[] {
  return (run.io.files.mounts ?? []).map(({ path, readOnly, volume }) => {
    const memory = (volume.source.kind === 'empty' && volume.source.memory) || path.startsWith('/var/run/secrets/')
    return { device: memory ? 'tmpfs' : '/dev/sda1', path, type: memory ? 'tmpfs' : 'ext4', readOnly: readOnly || volume.source.kind === 'files' }
  }).reverse()
}

function humanSize(bytes: number): string {
  let n = bytes
  for (const unit of ['', 'K', 'M', 'G', 'T']) {
    if (n < 1024 || unit === 'T') return unit === '' ? String(n) : `${n.toFixed(1)}${unit}`
    n /= 1024
  }
  return ''
}

/** du -s: what lies under a directory. */
function du(run: Run, args: readonly string[]): CommandResult {
  const paths = args.filter((a) => !a.startsWith('-'))
  const human = args.some((a) => /^-\w*h/.test(a))
  for (const p of paths.length > 0 ? paths : ['.']) {
    const path = absolute(run.env, p)
    let bytes = 4096
    for (const f of run.io.files.keys()) if (f === path || f.startsWith(path === '/' ? '/' : `${path}/`)) bytes += run.io.files.sizeOf?.(f) ?? 0
    say(run, `${human ? humanSize(bytes) : Math.ceil(bytes / 1024)}\t${p}`)
  }
  return 0
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
export const loadCommands: Readonly<Record<string, Command>> = { stress, 'stress-ng': stress, perl, fallocate, df, du }
