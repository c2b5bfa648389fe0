import { inputOf } from './frames'
import { complain, wholeInput, type CommandResult, type Run } from './command'
import { absolute } from './path'

/** Where the server of this container keeps what it is told: the file that Redis itself saves to. */
const dump = '/data/dump.rdb'
const mostKeys = 1000

/** What the server's file and command line set. Upstream: redis.conf */
const defaults: Readonly<Record<string, string>> = { maxmemory: '0', 'maxmemory-policy': 'noeviction', appendonly: 'no', save: '3600 1 300 100 60 10000', port: '6379', requirepass: '', databases: '16', dir: '/data', timeout: '0' }

/** `redis-cli`: one command, or what is typed at its prompt. Of a server elsewhere it only knows whether it answers. */
export function redis(run: Run, args: readonly string[]): CommandResult {
  const at = args.findIndex((a, i) => !a.startsWith('-') && !/^-[hpanu]$/.test(args[i - 1] ?? ''))
  const value = (name: string): string | undefined => (args.slice(0, at < 0 ? undefined : at).includes(name) ? args[args.indexOf(name) + 1] : undefined)
  const host = value('-h') ?? '127.0.0.1'
  const port = Number(value('-p') ?? 6379)
  const words = at < 0 ? [] : args.slice(at)
  if (run.frame.count === 0) {
    const a = run.io.request({ kind: 'connect', host, port, path: '', method: '', agent: 'redis-cli' })
    if (!a.ok) {
      complain(run, `Could not connect to Redis at ${host}:${port}: ${a.why === 'unresolved' ? 'Name or service not known' : 'Connection refused'}`)
      return 1
    }
  }
  const local = host === '127.0.0.1' || host === 'localhost'
  const answer = (line: readonly string[]): string => (local ? command(run, line) : remote(line))
  if (words.length > 0) {
    run.io.out(`${answer(words)}\n`)
    return 0
  }
  const pipe = inputOf(run.thread)
  if (pipe.writers === 0 && run.frame.count === 0) {
    for (const line of (wholeInput(run) ?? '').split('\n')) if (line.trim() !== '') run.io.out(`${answer(wordsOf(line))}\n`)
    return 0
  }
  const prompt = `${host}:${port}> `
  if (run.frame.count++ === 0) run.io.out(prompt)
  for (;;) {
    const cut = pipe.text.indexOf('\n')
    if (cut < 0) return pipe.writers > 0 ? 'input' : 0
    const line = wordsOf(pipe.text.slice(0, cut))
    pipe.text = pipe.text.slice(cut + 1)
    if (/^(exit|quit)$/i.test(line[0] ?? '')) return 0
    run.io.out(`${line.length === 0 ? '' : `${answer(line)}\n`}${prompt}`)
  }
}

const wordsOf = (line: string): string[] => [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? '')

function remote(words: readonly string[]): string {
  return words[0]?.toUpperCase() === 'PING' ? 'PONG' : '(error) ERR what other pods keep is not known here: exec into the pod of the server'
}

const text = (value: string | undefined): string => (value === undefined ? '(nil)' : `"${value}"`)
const list = (values: readonly string[]): string => (values.length === 0 ? '(empty array)' : values.map((v, i) => `${i + 1}) "${v}"`).join('\n'))

/** One command on the server of this container. */
function command(run: Run, words: readonly string[]): string {
  const [name = '', ...args] = words
  const keys = new Map<string, string>(Object.entries(saved(run)))
  const save = (): void => void (keys.size <= mostKeys && run.io.files.writable?.(dump) !== false && run.io.files.set(dump, JSON.stringify(Object.fromEntries(keys))))
  const [key = '', value] = args
  const wrong = `(error) ERR wrong number of arguments for '${name.toLowerCase()}' command`
  switch (name.toUpperCase()) {
    case 'PING': return args.length > 0 ? text(key) : 'PONG'
    case 'ECHO': return text(key)
    case 'SET':
      if (value === undefined) return wrong
      keys.set(key, value)
      save()
      return 'OK'
    case 'GET': return args.length === 1 ? text(keys.get(key)) : wrong
    case 'INCR':
    case 'DECR':
    case 'INCRBY': {
      const before = keys.get(key) ?? '0'
      if (!/^-?\d+$/.test(before)) return '(error) ERR value is not an integer or out of range'
      const by = name.toUpperCase() === 'DECR' ? -1 : name.toUpperCase() === 'INCRBY' ? Number(value) || 0 : 1
      keys.set(key, String(Number(before) + by))
      save()
      return `(integer) ${keys.get(key)}`
    }
    case 'DEL': {
      const n = args.filter((k) => keys.delete(k)).length
      save()
      return `(integer) ${n}`
    }
    case 'EXISTS': return `(integer) ${args.filter((k) => keys.has(k)).length}`
    case 'KEYS': return list([...keys.keys()].filter((k) => key === '*' || k.startsWith(key.replace(/\*$/, ''))))
    case 'DBSIZE': return `(integer) ${keys.size}`
    case 'FLUSHALL':
    case 'FLUSHDB':
      keys.clear()
      save()
      return 'OK'
    case 'SAVE':
    case 'BGSAVE': return name.toUpperCase() === 'SAVE' ? 'OK' : 'Background saving started'
    case 'CONFIG': {
      if (key.toUpperCase() !== 'GET') return "(error) ERR only CONFIG GET is known here"
      const settings = configuration(run)
      const wanted = value ?? '*'
      const names = Object.keys(settings).filter((n) => wanted === '*' || (wanted.endsWith('*') ? n.startsWith(wanted.slice(0, -1)) : n === wanted))
      return list(names.flatMap((n) => [n, settings[n] ?? '']))
    }
    case 'INFO': return '# Server\r\nredis_version:8.0.0\r\n# Replication\r\nrole:master\r\nconnected_slaves:0'
    case 'AUTH':
    case 'SELECT': return 'OK'
    default: return `(error) ERR unknown command '${name}', with args beginning with: ${args.map((a) => `'${a}' `).join('')}`
  }
}

function saved(run: Run): Readonly<Record<string, string>> {
  try {
    return JSON.parse(run.io.files.get(dump) ?? '{}') as Record<string, string>
  } catch {
    return {}
  }
}

/** The settings that the server was started with: of its file, then of its command line. */
function configuration(run: Run): Readonly<Record<string, string>> {
  const { spec, files } = run.io
  const line = [...spec.command, ...spec.args]
  const out: Record<string, string> = { ...defaults }
  const set = (name: string, value: string): void => {
    if (name !== '') out[name] = name === 'maxmemory' ? bytes(value) : value
  }
  const file = line.find((a) => a.endsWith('.conf'))
  for (const l of (file === undefined ? '' : (files.get(absolute(run.env, file)) ?? '')).split('\n')) {
    const m = /^\s*([a-z-]+)\s+(.*?)\s*$/.exec(l)
    if (m) set(m[1] as string, (m[2] as string).replace(/^"(.*)"$/, '$1'))
  }
  line.forEach((a, i) => a.startsWith('--') && set(a.slice(2), line[i + 1] ?? ''))
  return out
}

function bytes(value: string): string {
  const m = /^(\d+)(kb?|mb?|gb?)?$/i.exec(value)
  if (m === null) return value
  const unit = (m[2] ?? '').toLowerCase()
  const factor = unit === '' ? 1 : (unit.endsWith('b') ? 1024 : 1000) ** ('kmg'.indexOf(unit[0] as string) + 1)
  return String(Number(m[1]) * factor)
}
