import { options } from '../../shell'
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

/** Sends one request through process `traffic`; a local port of port-forward leads to its pod. */
function send(call: Call, url: string, timeoutMs: number, more: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {}): { journey?: Journey; refused?: string; error?: string } {
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
      const got = io.request({ verb: 'get', path: (path || '/').replace(/\?.*$/, '') })
      return { journey: { outcome: 'ok', status: got.code, latency: 1000, endpoint: `127.0.0.1:${local}`, pod: JSON.stringify(got.body, null, 2), hops: [] } }
    }
    // The kubelet dials the pod from its node.
    request = { from: { kind: 'node', name: forward.node }, to: `${scheme}://${forward.ip}:${forward.remote}${path || '/'}`, timeoutMs, ...more }
  }
  const answer = io.ask('traffic', { type: 'traffic/ask', request })
  if (answer === null) return { error: 'this machine has no way into the cluster\'s network' }
  return answer['error'] === undefined ? { journey: answer['journey'] as Journey } : { error: String(answer['error']) }
}

/** Exit code and words of curl for what became of a request. */
function failure(outcome: string, host: string, port: string, ms: number): readonly [number, string] | undefined {
  if (outcome === 'ok' || outcome === 'server-error') return undefined
  if (outcome.startsWith('dns')) return [6, `Could not resolve host: ${host}`]
  if (outcome === 'timeout' || outcome === 'slow' || outcome === 'policy' || outcome === 'dropped') return [28, `Connection timed out after ${ms} milliseconds`]
  if (outcome === 'reset') return [56, 'Recv failure: Connection reset by peer']
  return [7, `Failed to connect to ${host} port ${port} after ${ms} ms: Could not connect to server`]
}

/** Method and headers of a curl line: `-H 'version: v2' -X POST`; `-d` makes it a POST, `-I` a HEAD. */
function requestOf(args: readonly string[], method: string | undefined, data: boolean, head: boolean): { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } {
  const headers: Record<string, string> = {}
  args.forEach((a, i) => {
    const text = a === '-H' || a === '--header' ? args[i + 1] : /^(?:-H|--header=)(.+)$/.exec(a)?.[1]
    const at = text?.indexOf(':') ?? -1
    if (text !== undefined && at > 0) headers[text.slice(0, at).trim()] = text.slice(at + 1).trim()
  })
  const verb = method ?? (head ? 'HEAD' : data ? 'POST' : 'GET')
  return { ...(verb === 'GET' ? {} : { method: verb }), ...(Object.keys(headers).length > 0 ? { headers } : {}) }
}

const curl: Program = {
  run(call) {
    const { name, io } = call
    const o = options(call.args, 'svkLiIfSo:X:H:d:m:w:u:A:T:O:q', { silent: 's', verbose: 'v', insecure: 'k', location: 'L', head: 'I', include: 'i', fail: 'f', 'max-time': 'm', 'connect-timeout': 'm', output: 'o', request: 'X', header: 'H', data: 'd', 'write-out': 'w', 'show-error': 'S', timeout: 'T', spider: 'q' })
    const wget = name === 'wget'
    const url = o.rest[0]
    if (url === undefined) {
      io.err(wget ? 'wget: missing URL\n' : "curl: (2) no URL specified\ncurl: try 'curl --help' for more information\n")
      return 2
    }
    const seconds = Number(o.value(wget ? 'T' : 'm') ?? 10)
    const { journey, refused, error } = send(call, url, Math.min(600, seconds > 0 ? seconds : 10) * 1000, wget ? {} : requestOf(call.args, o.value('X'), o.has('d'), o.has('I')))
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
    const body = journey.hops.length === 0 ? `${journey.pod}\n` : `${journey.status} ${PHRASES[journey.status] ?? ''} from pod ${journey.pod || '?'} at ${journey.endpoint}\n`
    if (o.has('f') && journey.status >= 400) {
      if (!quiet) io.err(`curl: (22) The requested URL returned error: ${journey.status}\n`)
      return 22
    }
    if (wget && journey.status >= 400) {
      io.err(`wget: server returned error: HTTP/1.1 ${journey.status} ${PHRASES[journey.status] ?? ''}\n`)
      return 1
    }
    const text = (o.has('I') || (!wget && o.has('i')) ? `${head}\n` : '') + (o.has('I') || (wget && o.has('q') && !o.has('O')) ? '' : body)
    const file = o.value(wget ? 'O' : 'o')
    if (file !== undefined && file !== '-') io.machine.write(file, text)
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
