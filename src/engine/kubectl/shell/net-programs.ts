import type { KubeObject } from '../../apimachinery'
import type { PatchType, RequestInit } from '../../client-go'
import { options, type Options } from '../../shell'
import { webPage } from '../docs'
import { queryOf, verbOf } from '../cmd/raw'
import { parsed } from '../cmd/patch'
import type { Call, Program } from './run'
import { scp, ssh } from './ssh'

/** What the room of clients tells of a request; only what is looked at here. */
interface Journey {
  readonly outcome: string
  readonly status: number
  readonly latency: number
  readonly endpoint: string
  readonly pod: string
  readonly hops: readonly { readonly kind: string; readonly text: string; readonly ok: boolean }[]
}

interface LocalPort {
  readonly namespace: string
  readonly pod: string
  readonly node: string
  readonly ip: string
  readonly remote: number
}

const PHRASES: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 204: 'No Content', 301: 'Moved Permanently', 302: 'Found', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout' }

/** What a request carries besides its address. */
interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly data?: string | undefined
}

const VERBS = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const

/** A request through `kubectl proxy`, as the API server understands it. */
function apiRequest(url: string, { method = 'GET', headers = {}, data }: Sent): RequestInit {
  const [given = '', search = ''] = url.split('?')
  // The roots of discovery are known with and without a slash behind.
  const path = given.replace(/^(\/apis?)\/$/, '$1')
  const type = Object.entries(headers).find(([k]) => k.toLowerCase() === 'content-type')?.[1]
  const read = data === undefined || data === '' ? undefined : parsed(data)
  const body = typeof read === 'object' ? (read.value as KubeObject) : undefined
  const verb = Object.hasOwn(VERBS, method) ? VERBS[method as keyof typeof VERBS] : 'get'
  return { verb: verbOf(path, verb), path, query: queryOf(search), ...(body === undefined ? {} : { body }), ...(verb === 'patch' ? { patchType: type as PatchType } : {}) }
}

/** An answer as the API server writes it for people: what it is comes first. Upstream: apimachinery/pkg/runtime/serializer/json (pretty) */
function jsonText(body: unknown): string {
  if (typeof body !== 'object' || body === null) return String(body ?? '')
  const { kind, apiVersion, metadata, status, message, reason, details, code, ...rest } = body as Readonly<Record<string, unknown>>
  return `${JSON.stringify({ kind, apiVersion, metadata, ...rest, status, message, reason, details, code }, null, 2)}\n`
}

/** Sends one request through process `traffic`; a local port of port-forward leads to its pod. */
function send(call: Call, url: string, timeoutMs: number, { data, ...more }: Sent = {}): { journey?: Journey; body?: string; refused?: string; error?: string } {
  const { io } = call
  const m = /^(?:(https?):\/\/)?(\[[^\]]*\]|[^:/]+)(?::(\d+))?(.*)$/.exec(url)
  if (m === null) return { error: 'URL rejected: Malformed input to a URL function' }
  const [, scheme = 'http', host = '', port, path = ''] = m
  let request: Record<string, unknown> = { from: { kind: 'outside' }, to: `${scheme}://${host}${port === undefined ? '' : `:${port}`}${path || '/'}`, timeoutMs, ...more }
  if (/^(localhost|127\.0\.0\.1|\[::1\])$/.test(host)) {
    const local = Number(port ?? (scheme === 'https' ? 443 : 80))
    const forward = io.ask('shell', { type: 'shell/forwarded', local })?.['forward'] as LocalPort | null | undefined
    if (!forward) return { refused: `Failed to connect to ${host} port ${local} after 0 ms: Could not connect to server` }
    if (forward.pod === '') {
      const got = io.request(apiRequest(path || '/', { data, ...more }))
      return { journey: { outcome: 'ok', status: got.code, latency: 1000, endpoint: `127.0.0.1:${local}`, pod: '', hops: [] }, body: jsonText(got.body) }
    }
    // The kubelet dials the pod from its node.
    request = { from: { kind: 'node', name: forward.node }, to: `${scheme}://${forward.ip}:${forward.remote}${path || '/'}`, timeoutMs, ...more }
  }
  const answer = io.ask('traffic', { type: 'traffic/ask', request })
  if (answer === null) return { error: 'this machine has no way into the cluster\'s network' }
  return answer['error'] === undefined ? { journey: answer['journey'] as Journey, body: String(answer['body'] ?? '') } : { error: String(answer['error']) }
}

/** Exit code and words of curl for what became of a request. */
function failure(outcome: string, host: string, port: string, ms: number): readonly [number, string] | undefined {
  if (outcome === 'ok' || outcome === 'server-error') return undefined
  if (outcome.startsWith('dns')) return [6, `Could not resolve host: ${host}`]
  if (outcome === 'timeout' || outcome === 'slow' || outcome === 'policy' || outcome === 'dropped') return [28, `Connection timed out after ${ms} milliseconds`]
  if (outcome === 'reset') return [56, 'Recv failure: Connection reset by peer']
  return [7, `Failed to connect to ${host} port ${port} after ${ms} ms: Could not connect to server`]
}

/** Method, headers and data of a curl line: `-H 'Host: a' -X POST -d '{}'`; `-d` makes it a POST, `-I` a HEAD. */
function requestOf(call: Call, o: Options): Sent {
  const headers = Object.fromEntries(o.values('H').filter((h) => h.indexOf(':') > 0).map((h) => [h.slice(0, h.indexOf(':')).trim(), h.slice(h.indexOf(':') + 1).trim()]))
  const given = o.value('d')
  const data = given?.startsWith('@') ? (given === '@-' ? call.stdin : call.io.machine.read(given.slice(1))) : given
  const method = o.value('X') ?? (o.has('I') ? 'HEAD' : o.has('d') ? 'POST' : 'GET')
  return { ...(method === 'GET' ? {} : { method }), ...(Object.keys(headers).length > 0 ? { headers } : {}), data }
}

const curl: Program = {
  run(call) {
    const { name, io } = call
    const wget = name === 'wget'
    const o = options(call.args, wget ? 'qpST:O:ct:' : 'svkLiIfSo:X:H:d:m:w:u:A:OE:', { silent: 's', verbose: 'v', insecure: 'k', location: 'L', head: 'I', include: 'i', fail: 'f', 'max-time': 'm', 'connect-timeout': 'm', output: 'o', request: 'X', header: 'H', data: 'd', 'data-raw': 'd', 'data-binary': 'd', 'write-out': 'w', 'show-error': 'S', timeout: 'T', quiet: 'q', spider: 'p', 'remote-name': 'O', cacert: 'E', cert: 'E', key: 'E', 'output-document': 'O' })
    const url = o.rest[0]
    if (url === undefined) {
      io.err(wget ? 'wget: missing URL\n' : "curl: (2) no URL specified\ncurl: try 'curl --help' for more information\n")
      return 2
    }
    const file = url.slice(url.lastIndexOf('/') + 1)
    const to = o.value(wget ? 'O' : 'o') ?? (wget || o.has('O') ? file || 'index.html' : undefined)
    const page = /^https?:\/\//.test(url) ? webPage(io.machine, url) : undefined
    if (page === null) {
      io.err(wget ? 'wget: server returned error: HTTP/1.1 404 Not Found\n' : o.has('f') ? 'curl: (22) The requested URL returned error: 404\n' : '')
      return wget ? 1 : o.has('f') ? 22 : 0
    }
    if (page !== undefined) {
      if (to === undefined || to === '-') io.out(page)
      else io.machine.write(to, page)
      return 0
    }
    const seconds = Number(o.value(wget ? 'T' : 'm') ?? 10)
    const { journey, body = '', refused, error } = send(call, url, Math.min(600, seconds > 0 ? seconds : 10) * 1000, wget ? {} : requestOf(call, o))
    const host = /^(?:https?:\/\/)?([^:/]+)/.exec(url)?.[1] ?? url
    const port = /^(?:https?:\/\/)?[^:/]+:(\d+)/.exec(url)?.[1] ?? (url.startsWith('https') ? '443' : '80')
    const quiet = o.has('s') && !o.has('S')
    const bad = refused !== undefined ? ([7, refused] as const) : error !== undefined ? ([3, error] as const) : failure((journey as Journey).outcome, host, port, Math.round((journey as Journey).latency / 1000))
    if (bad !== undefined || journey === undefined) {
      const [code, text] = bad ?? [7, '']
      if (wget) io.err(code === 6 ? `wget: bad address '${host}'\n` : code === 28 ? 'wget: download timed out\n' : `wget: can't connect to remote host: ${code === 7 ? 'Connection refused' : text}\n`)
      else if (!quiet) io.err(`curl: (${code}) ${text}\n`)
      const why = journey?.hops.findLast((h) => !h.ok)?.text
      if (why !== undefined && o.has('v')) io.err(`* ${why}\n`)
      return wget ? 1 : code
    }
    if (o.has('v')) io.err(`*   Trying ${journey.endpoint}...\n* Connected to ${host} port ${port}\n${journey.hops.map((h) => `* ${h.text}\n`).join('')}`)
    const head = `HTTP/1.1 ${journey.status} ${PHRASES[journey.status] ?? ''}\n`
    if (o.has('f') && journey.status >= 400) {
      if (!quiet) io.err(`curl: (22) The requested URL returned error: ${journey.status}\n`)
      return 22
    }
    if (wget && journey.status >= 400) {
      io.err(`wget: server returned error: HTTP/1.1 ${journey.status} ${PHRASES[journey.status] ?? ''}\n`)
      return 1
    }
    const text = (o.has('I') || (!wget && o.has('i')) ? `${head}\n` : '') + (o.has('I') || o.has('p') ? '' : body)
    if (to !== undefined && to !== '-' && !o.has('p')) io.machine.write(to, text)
    else io.out(text)
    if (o.has('w')) io.out((o.value('w') as string).replace(/%\{http_code\}|%\{response_code\}/g, String(journey.status)).replace(/%\{time_total\}/g, (journey.latency / 1e6).toFixed(6)).replace(/\\n/g, '\n'))
    return 0
  },
}

/** Tools that a machine outside the cluster could not use: its names and addresses are inside. */
const inside: Program = {
  run({ name, args, io }) {
    const what = args.filter((a) => !a.startsWith('-')).join(' ')
    io.err(`${name}: names and addresses of the cluster are known only inside it; ask from a pod:\n  kubectl run tmp --rm -it --restart=Never --image=busybox:1.36 -- ${name === 'dig' || name === 'host' ? 'nslookup' : name} ${what}\n`)
    return 1
  },
}

/** Programs that use the network. */
export const netPrograms: Readonly<Record<string, Program>> = { ssh, scp, curl, wget: curl, nslookup: inside, dig: inside, host: inside, ping: inside, nc: inside, telnet: inside }
