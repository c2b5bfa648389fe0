import { MS, formatMicroTime, klogHead, formatTime, type Micros } from '../sim'
import type { HttpAnswer, HttpRequest, Outcome, Program, ProgramIO } from './program'

/** What is known of a server image. */
export interface ServerFacts {
  readonly name: string
  /** Ports it listens on by itself. */
  readonly ports: readonly number[]
  /** Environment variable that names another port, e.g. `PORT`. */
  readonly portFrom?: string | undefined
  /** How long it takes from start to listening. */
  readonly startupMs: number
  /** How long it takes to end after SIGTERM; Infinity: it ignores it. */
  readonly stopMs: number
  readonly stopCode: number
  readonly idleCpuMillis: number
  readonly memoryMi: number
  /** Log lines it prints when it listens. */
  readonly log: readonly string[]
  /** Paths it answers with 200; others with 404. Undefined: every path. */
  readonly paths?: readonly string[] | undefined
  /** False: a GET gets no proper answer. */
  readonly http?: boolean | undefined
  /** What it says to a GET: `$HOSTNAME`, `$VERSION` (the image's tag), `$PATH`, `$TEXT` (its argument), `$CLIENT`, `$METHOD`, `$AGENT`, the time in several forms are filled in (`blanks`). */
  readonly body?: string | undefined
  /** Its first process as `ps` shows it, where no command is given. */
  readonly title?: string | undefined
  /** So long after its start it begins to answer 500. */
  readonly failsAfterMs?: number | undefined
  /** Directory of files that it serves. */
  readonly root?: string | undefined
  /** It writes an access log in the common format. */
  readonly accessLog?: boolean | undefined
  /** Environment variable without which it refuses to start, with what it prints. */
  readonly requires?: { readonly anyOf: readonly string[]; readonly says: string } | undefined
  /** Directory that it must be able to write to, with what it prints when it cannot. */
  readonly writes?: { readonly path: string; readonly says: string } | undefined
}

interface ServerState {
  startedAt: Micros
  /** The image's files lie in the container's layer. */
  unpacked: boolean
  phase: 'starting' | 'serving' | 'stopping'
  readyAt: Micros
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A line as nginx and httpd log requests. */
function accessLine(io: ProgramIO, r: HttpRequest, a: HttpAnswer): string {
  const t = formatTime(io.wall)
  return `${r.from} - - [${t.slice(8, 10)}/${months[Number(t.slice(5, 7)) - 1] ?? ''}/${t.slice(0, 4)}:${t.slice(11, 19)} +0000] "${r.method} ${r.path} HTTP/1.1" ${a.status} ${a.body.length} "-" "${r.agent}" "-"\n`
}

const notFound = (name: string): string => `<html>\n<head><title>404 Not Found</title></head>\n<body>\n<center><h1>404 Not Found</h1></center>\n<hr><center>${name}</center>\n</body>\n</html>\n`

/** What stands for what in the words of a server. */
const blanks: Readonly<Record<string, (io: ProgramIO, r: Partial<HttpRequest>) => string>> = {
  HOSTNAME: (io) => io.spec.hostname,
  VERSION: ({ spec: { image } }) => (image.slice(Math.max(image.lastIndexOf('/'), 0)).split(':')[1] ?? 'latest').replace(/^v/, ''),
  PATH: (_, { path = '' }) => path,
  CLIENT: (_, { from = '' }) => from,
  METHOD: (_, { method = '' }) => method,
  AGENT: (_, { agent = '' }) => agent,
  TEXT: ({ spec: { args, command } }) => {
    const at = args.findIndex((a) => a === '-text' || a === '--text')
    const given = [...command, ...args].find((a) => /^--?text=/.test(a))
    return (given !== undefined ? given.slice(given.indexOf('=') + 1) : at >= 0 ? (args[at + 1] ?? '') : '').replace(/^"|"$/g, '')
  },
  KLOG: (io) => klogHead(io.wall, 1),
  TIME: (io) => formatMicroTime(io.wall),
  NOW: (io) => `${formatMicroTime(io.wall).slice(0, -1).replace('T', ' ')} +0000 UTC`,
  ISO: (io) => `${formatMicroTime(io.wall).slice(0, 23)}Z`,
  DATE: (io) => formatTime(io.wall).slice(0, 19).replaceAll('-', '/').replace('T', ' '),
}

const filled = (text: string, io: ProgramIO, r: Partial<HttpRequest>): string => (text.includes('$') ? text.replace(/\$([A-Z]+)/g, (whole, name: string) => blanks[name]?.(io, r) ?? whole) : text)

/** Whether nothing was written to a directory, or mounted over it. */
const isOfImage = (root: string, io: ProgramIO): boolean => (io.files.place?.(`${root}/index.html`).kind ?? 'image') === 'image'

function answer(facts: ServerFacts, { startedAt, unpacked }: ServerState, io: ProgramIO, r: HttpRequest): HttpAnswer {
  const query = r.path.indexOf('?')
  const path = (query < 0 ? r.path : r.path.slice(0, query)) || '/'
  const age = (io.now - startedAt) / MS
  if (facts.failsAfterMs !== undefined && age > facts.failsAfterMs) return { status: 500, body: `error: ${age / 1000}` }
  if (facts.root !== undefined) {
    const file = io.files.get(facts.root + (path.endsWith('/') ? `${path}index.html` : path))
    if (file !== undefined) return { status: 200, body: file }
    if (unpacked || !isOfImage(facts.root, io)) return path === '/' ? { status: 403, body: notFound(facts.name).replaceAll('404 Not Found', '403 Forbidden') } : { status: 404, body: notFound(facts.name) }
  }
  if (facts.paths !== undefined && !facts.paths.includes(path)) return { status: 404, body: notFound(facts.name) }
  return { status: 200, body: facts.body === undefined ? `${facts.name} on ${io.spec.hostname}\n` : filled(facts.body, io, { ...r, path }) }
}

/** A program that listens until it is told to stop. */
export function serverProgram(facts: ServerFacts): Program<ServerState> {
  return {
    name: facts.name,
    title: facts.title,
    start: () => ({ startedAt: -1, unpacked: false, phase: 'starting', readyAt: -1 }),
    run(state, io): Outcome {
      if (state.phase === 'stopping') return { exit: facts.stopCode }
      if (state.phase === 'serving') return { wait: null }
      if (state.readyAt < 0) {
        const need = facts.requires
        if (need && !need.anyOf.some((k) => k in io.spec.env)) {
          io.err(`${need.says}\n`)
          return { exit: 1 }
        }
        if (facts.writes && io.files.writable?.(facts.writes.path) === false) {
          io.err(`${filled(facts.writes.says, io, {})}\n`)
          return { exit: 1 }
        }
        state.startedAt = io.now
        state.readyAt = io.now + facts.startupMs * MS
      }
      if (io.now < state.readyAt) return { wait: state.readyAt }
      state.phase = 'serving'
      if (facts.log.length > 0) io.out(`${filled(facts.log.join('\n'), io, {})}\n`)
      return { wait: null }
    },
    unpack(state, io) {
      const { root, body } = facts
      if (state.unpacked || root === undefined || body === undefined || !isOfImage(root, io) || io.files.writable?.(root) === false) return
      state.unpacked = true
      for (const path of facts.paths ?? []) if (path !== '/' && !io.files.has(root + path)) io.files.set(root + path, body)
    },
    terminate(state, io): Outcome {
      if (facts.stopMs === Infinity) return { wait: null }
      if (facts.stopMs === 0) return { exit: facts.stopCode }
      state.phase = 'stopping'
      return { wait: io.now + facts.stopMs * MS }
    },
    listens: (state, io, port) => state.phase !== 'starting' && (portsOf(facts, io).includes(port) || (facts.ports.length === 0 && io.spec.ports.includes(port))),
    http(state, io, request) {
      if (facts.http === false) return { status: 0, body: '' }
      const a = answer(facts, state, io, request)
      if (facts.accessLog) io.out(accessLine(io, request, a))
      return a
    },
    usage: (state) => ({ cpuMillis: state.phase === 'starting' ? facts.idleCpuMillis * 10 + 20 : facts.idleCpuMillis, memoryBytes: facts.memoryMi * 1024 * 1024 }),
  }
}

function portsOf(facts: ServerFacts, io: ProgramIO): readonly number[] {
  const named = facts.portFrom === undefined ? undefined : io.spec.env[facts.portFrom]
  if (named !== undefined && Number(named) > 0) return [Number(named)]
  if (facts.portFrom === undefined) return facts.ports
  // `-listen=:8080`, `--port 8080`: servers of examples take their port from an argument.
  for (const [i, a] of io.spec.args.entries()) {
    const m = /^--?(?:listen|port|p)(?:=:?|=.*:)(\d+)$/.exec(a) ?? (/^--?(?:listen|port|p)$/.test(a) ? /^:?(\d+)$/.exec(io.spec.args[i + 1] ?? '') : null)
    if (m) return [Number(m[1])]
  }
  return facts.ports
}
