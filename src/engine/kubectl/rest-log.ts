import { goJson, sortKeys } from '../apimachinery'
import type { ApiResponse, RequestInit } from '../client-go'
import { klogHead } from '../sim'

const METHODS: Readonly<Record<string, string>> = { get: 'GET', list: 'GET', watch: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETE' }
const REASONS: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 409: 'Conflict', 410: 'Gone', 415: 'Unsupported Media Type', 422: 'Unprocessable Entity', 429: 'Too Many Requests', 500: 'Internal Server Error', 503: 'Service Unavailable', 504: 'Gateway Timeout' }

/** The head of a line that kubectl logs, with the place in its source. Units: µs since 1970. */
export const logHead = (us: number, where: string, level = 'I'): string => `${klogHead(Math.floor(us), 4242, level)} ${where}] `

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
  if (verbosity >= 8 && request.body !== undefined) out += `${logHead(us, 'helper.go:113')}"Request Body" body=${bodyText(request.body, verbosity)}\n`
  if (verbosity >= 9) out += `${logHead(us, 'round_trippers.go:473')}"Request" curlCommand=<\n\tcurl -v -X${verb}  -H "Accept: application/json" -H "User-Agent: kubectl/v1.36.2 (linux/amd64) kubernetes/8e16b12" '${url}'\n >\n`
  else out += `${logHead(us, 'round_trippers.go:527')}"Request" verb="${verb}" url="${url}" headers=<\n\tAccept: application/json\n${request.body === undefined ? '' : `\tContent-Type: ${request.patchType ?? 'application/json'}\n`}\tUser-Agent: kubectl/v1.36.2 (linux/amd64) kubernetes/8e16b12\n >\n`
  return out
}

/** What `-v=6` and more say of a response. */
export function responseLog(request: RequestInit, response: ApiResponse, verbosity: number, us: number, took: number): string {
  const status = response.code === 0 ? '' : `${response.code} ${REASONS[response.code] ?? ''}`.trim()
  let out = `${logHead(us, 'round_trippers.go:632')}"Response" verb="${METHODS[request.verb] ?? 'GET'}" url="${urlOf(request)}" status="${status}" ${verbosity >= 7 ? 'headers=<\n\tContent-Type: application/json\n > ' : ''}milliseconds=${Math.round(took / 1000)}\n`
  if (verbosity >= 8) out += `${logHead(us, 'helper.go:113')}"Response Body" body=${bodyText(response.body, verbosity)}\n`
  return out
}

function bodyText(body: unknown, verbosity: number): string {
  const text = typeof body === 'string' ? body : goJson(sortKeys(body as Record<string, unknown>))
  const most = verbosity >= 10 ? Infinity : verbosity >= 9 ? 10_240 : 1024
  return text.length > most ? `${JSON.stringify(text.slice(0, most))} [truncated ${text.length - most} chars]` : JSON.stringify(text)
}
