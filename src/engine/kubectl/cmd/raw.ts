import { parsePath } from '../../client-go'
import { Fail, fail, problemOf } from '../errors'
import { readDocuments } from '../manifest'
import type { Invocation } from '../verb'

/** What may not be with `--raw` of a verb that writes. Upstream: Validate of create, replace and delete */
function check({ flags }: Invocation): void {
  const files = flags.list('filename')
  if (flags.bool('interactive')) throw fail('--interactive can not be used with --raw')
  if (flags.has('edit') && flags.bool('edit')) throw fail('--raw and --edit are mutually exclusive')
  if (files.length > 1) throw fail('--raw can only use a single local file or stdin')
  if (files.some((f) => /^https?:\/\//.test(f))) throw fail('--raw cannot read from a url')
  if (flags.bool('recursive')) throw fail('--raw and --recursive are mutually exclusive')
  if (flags.string('selector') !== '') throw fail('--raw and --selector (-l) are mutually exclusive')
  if (flags.string('output') !== '') throw fail('--raw and --output are mutually exclusive')
  const uri = flags.string('raw')
  if (!/^(\/|https?:\/\/)/.test(uri)) throw fail(`--raw must be a valid URL path: parse "${uri}": invalid URI for request`)
}

/** `--raw`: one request, what is answered as it came. Upstream: kubectl/pkg/rawhttp/raw.go */
export function raw(cmd: Invocation, verb: 'get' | 'create' | 'update' | 'delete'): void {
  const { flags, io, api } = cmd
  if (verb !== 'get') check(cmd)
  const [path = '', search = ''] = flags.string('raw').split('?')
  const query = queryOf(search)
  const [file] = verb === 'get' ? [] : flags.list('filename')
  const text = file === undefined ? undefined : file === '-' ? (io.stdin ?? '') : io.machine.read(file)
  if (file !== undefined && text === undefined) throw fail(`open ${file}: no such file or directory`)
  const body = text === undefined ? undefined : readDocuments(text).docs[0]
  if (verb === 'get' && ['1', 'true'].includes(query['watch'] ?? '')) return stream(cmd, path, query)
  const response = api.try({ verb: verbOf(path, verb), path, query, ...(body === undefined ? {} : { body: body as unknown as never }) })
  if (response.code === 404 && verb === 'get') throw new Fail([{ status: { ...(problemOf(response) as { status: never }).status as object, reason: 'NotFound', message: 'the server could not find the requested resource' } as never }])
  if (response.code >= 300 || response.code === 0) throw new Fail([problemOf(response)])
  const answer = response.body as unknown
  const plain = (answer as { text?: string }).text
  io.out(typeof answer === 'string' ? answer : typeof plain === 'string' ? plain : path === '/version' ? JSON.stringify(answer, null, 2) : `${JSON.stringify(answer)}\n`)
}

/** What a method means for a path: of a collection everything is meant. Upstream: apiserver/pkg/endpoints/request/requestinfo.go NewRequestInfo */
export function verbOf(path: string, verb: 'get' | 'create' | 'update' | 'patch' | 'delete'): 'get' | 'create' | 'update' | 'patch' | 'delete' | 'list' | 'deletecollection' {
  const { resource, name } = parsePath(path)
  if (resource === '' || name !== '') return verb
  return verb === 'get' ? 'list' : verb === 'delete' ? 'deletecollection' : verb
}

/** The parameters of a query. */
export function queryOf(search: string): Readonly<Record<string, string>> {
  return Object.fromEntries(search.split('&').filter(Boolean).map((p) => (p.includes('=') ? [p.slice(0, p.indexOf('=')), unescaped(p.slice(p.indexOf('=') + 1))] : [unescaped(p), ''])))
}

/** A watch, event by event as they come. */
function stream({ io }: Invocation, path: string, query: Readonly<Record<string, string>>): void {
  const { watch: _, ...rest } = query
  const events = io.watch({ verb: 'watch', path, query: rest })
  for (;;) {
    const event = events.next()
    if (event.type === 'refused' && event.response !== undefined) throw new Fail([problemOf(event.response)])
    if (!('object' in event)) return
    io.out(`${JSON.stringify({ type: event.type, object: event.object })}\n`)
  }
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
