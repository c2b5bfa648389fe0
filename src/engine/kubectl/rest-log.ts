import { goJson, sortKeys } from '../apimachinery'
import type { ApiResponse, RequestInit } from '../client-go'

const METHODS: Readonly<Record<string, string>> = { get: 'GET', list: 'GET', watch: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETE' }
const REASONS: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 409: 'Conflict', 410: 'Gone', 415: 'Unsupported Media Type', 422: 'Unprocessable Entity', 429: 'Too Many Requests', 500: 'Internal Server Error', 503: 'Service Unavailable', 504: 'Gateway Timeout' }

/** The head of a klog line. Units: µs since 1970. */
export function klogHead(us: number, where: string): string {
  const day = Math.floor(us / 86_400e6)
  const z = day + 719_468
  const doe = z - Math.floor(z / 146_097) * 146_097
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  const s = Math.floor(us / 1e6) % 86_400
  return `I${two(mp < 10 ? mp + 3 : mp - 9)}${two(doy - Math.floor((153 * mp + 2) / 5) + 1)} ${two(s / 3600)}:${two((s % 3600) / 60)}:${two(s % 60)}.${String(Math.floor(us) % 1_000_000).padStart(6, '0')}    4242 ${where}] `
}

const urlOf = ({ path, query = {}, verb }: RequestInit): string => {
  const all = verb === 'watch' ? { ...query, watch: 'true' } : query
  const pairs = Object.entries(all).filter(([, v]) => v !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${k}=${encodeURIComponent(String(v))}`)
  return `https://10.0.0.10:6443${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`
}

/** What `-v=7` and more say of a request. Upstream: client-go/transport/round_trippers.go */
export function requestLog(request: RequestInit, verbosity: number, us: number): string {
  if (verbosity < 7) return ''
  const verb = METHODS[request.verb] ?? 'GET'
  const url = urlOf(request)
  let out = ''
  if (verbosity >= 8 && request.body !== undefined) out += `${klogHead(us, 'helper.go:113')}"Request Body" body=${bodyText(request.body, verbosity)}\n`
  if (verbosity >= 9) out += `${klogHead(us, 'round_trippers.go:473')}"Request" curlCommand=<\n\tcurl -v -X${verb}  -H "Accept: application/json" -H "User-Agent: kubectl/v1.36.2 (linux/amd64) kubernetes/8e16b12" '${url}'\n >\n`
  else out += `${klogHead(us, 'round_trippers.go:527')}"Request" verb="${verb}" url="${url}" headers=<\n\tAccept: application/json\n${request.body === undefined ? '' : `\tContent-Type: ${request.patchType ?? 'application/json'}\n`}\tUser-Agent: kubectl/v1.36.2 (linux/amd64) kubernetes/8e16b12\n >\n`
  return out
}

/** What `-v=6` and more say of a response. */
export function responseLog(request: RequestInit, response: ApiResponse, verbosity: number, us: number, took: number): string {
  const status = response.code === 0 ? '' : `${response.code} ${REASONS[response.code] ?? ''}`.trim()
  let out = `${klogHead(us, 'round_trippers.go:632')}"Response" verb="${METHODS[request.verb] ?? 'GET'}" url="${urlOf(request)}" status="${status}" ${verbosity >= 7 ? 'headers=<\n\tContent-Type: application/json\n > ' : ''}milliseconds=${Math.round(took / 1000)}\n`
  if (verbosity >= 8) out += `${klogHead(us, 'helper.go:113')}"Response Body" body=${bodyText(response.body, verbosity)}\n`
  return out
}

function bodyText(body: unknown, verbosity: number): string {
  const text = typeof body === 'string' ? body : goJson(sortKeys(body as Record<string, unknown>))
  const most = verbosity >= 10 ? Infinity : verbosity >= 9 ? 10_240 : 1024
  return text.length > most ? `${JSON.stringify(text.slice(0, most))} [truncated ${text.length - most} chars]` : JSON.stringify(text)
}
