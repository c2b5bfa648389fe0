import type { ApiResponse, RequestInit, WatchEvent } from '../client-go'
import type { KubeList, KubeObject } from '../apimachinery'
import { Fail, problemOf } from './errors'
import type { Io, WatchEnd } from './io'
import { requestLog, responseLog } from './rest-log'

/** A Kubernetes object whose fields are looked at without types, as kubectl's unstructured ones. */
export interface Thing extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
  readonly [field: string]: unknown
}

/** Requests of one command: prints warnings once each, turns failures into errors. */
export class Api {
  private readonly warned = new Set<string>()

  constructor(
    readonly io: Io,
    /** Server warnings make the command fail. */
    private readonly warningsAsErrors = false,
    /** What lists say of managed fields is looked at. */
    private readonly withOwners = false,
  ) {}

  /** Sends and gives whatever came back. */
  try(request: RequestInit): ApiResponse {
    return this.tryAll([request])[0] as ApiResponse
  }

  tryAll(requests: readonly RequestInit[]): readonly ApiResponse[] {
    const { io } = this
    const loud = io.verbosity
    const before = loud >= 6 ? io.now() : 0
    if (loud >= 7) for (const r of requests) io.err(requestLog(r, loud, before))
    const responses = io.requests(this.withOwners ? requests.map((r) => (r.verb === 'list' && r.accept === undefined ? { ...r, accept: 'owners' as const } : r)) : requests)
    if (loud >= 6) {
      const after = io.now()
      for (const [i, r] of requests.entries()) io.err(responseLog(r, responses[i] as ApiResponse, loud, after, after - before))
    }
    for (const r of responses) this.warn(r)
    return responses
  }

  private warn(response: ApiResponse): void {
    for (const text of response.warnings ?? []) {
      if (this.warned.has(text)) continue
      this.warned.add(text)
      this.io.err(`Warning: ${text}\n`)
    }
  }

  /** Fails when the server warned and the user asked for that to be an error. */
  checkWarnings(): void {
    if (this.warningsAsErrors && this.warned.size > 0) throw new Fail([{ text: `${this.warned.size} warning${this.warned.size > 1 ? 's' : ''} received` }])
  }

  /** Sends and gives the object. Errors: the server's Status. */
  must(request: RequestInit): Thing {
    const response = this.try(request)
    if (response.code === 0 || response.code >= 400) throw new Fail([problemOf(response)])
    return response.body as Thing
  }

  get(path: string): Thing {
    return this.must({ verb: 'get', path })
  }

  /** All items of a collection, page by page. */
  list(path: string, query?: Record<string, string>): KubeList<Thing> {
    return this.must({ verb: 'list', path, query }) as unknown as KubeList<Thing>
  }

  /** The items of a collection, or none when they cannot be read. */
  listOrNone(path: string, query?: Record<string, string>): readonly Thing[] {
    const response = this.try({ verb: 'list', path, query })
    return response.code === 200 ? (response.body as unknown as KubeList<Thing>).items : []
  }

  /**
   * Watches one object by its current state and its changes, until `done` answers something; undefined when `timeout` µs passed first.
   * A watch that breaks starts again from a list.
   */
  until<T>(path: string, name: string, timeout: number, done: (object: Thing | undefined, event: WatchEvent['type']) => T | undefined): T | undefined {
    const deadline = timeout > 0 ? this.io.now() + timeout : undefined
    const query = { fieldSelector: `metadata.name=${name}` }
    for (;;) {
      const list = this.list(path, query)
      const first = done(list.items[0], 'ADDED')
      if (first !== undefined) return first
      const watch = this.io.watch({ verb: 'watch', path, query: { ...query, resourceVersion: list.metadata.resourceVersion ?? '' } })
      for (;;) {
        const left = deadline === undefined ? undefined : deadline - this.io.now()
        if (left !== undefined && left <= 0) return undefined
        const event: WatchEvent | WatchEnd = watch.next(left)
        if (event.type === 'timeout') return undefined
        if (event.type === 'refused' && event.response !== undefined && event.response.code !== 410) throw new Fail([problemOf(event.response)])
        if (!('object' in event) || event.type === 'ERROR') break
        if (event.type === 'BOOKMARK') continue
        const answer = done(event.type === 'DELETED' ? undefined : (event.object as Thing), event.type)
        if (answer !== undefined) return answer
      }
    }
  }
}

/** The annotation in which kubectl keeps what was applied last. */
export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** The text at a path of fields, or ''. */
export function textAt(object: unknown, ...path: readonly string[]): string {
  const v = at(object, ...path)
  return v === undefined || v === null ? '' : String(v)
}

/** What is at a path of fields, or undefined. */
export function at<T = unknown>(object: unknown, ...path: readonly (string | number)[]): T | undefined {
  let v: unknown = object
  for (const key of path) {
    if (typeof v !== 'object' || v === null) return undefined
    v = (v as Record<string | number, unknown>)[key]
  }
  return v as T | undefined
}

/** A list at a path of fields; empty when there is none. */
export function listAt<T = Thing>(object: unknown, ...path: readonly string[]): readonly T[] {
  const v = at(object, ...path)
  return Array.isArray(v) ? (v as T[]) : []
}

/** A map at a path of fields; empty when there is none. */
export function mapAt<T = string>(object: unknown, ...path: readonly string[]): Readonly<Record<string, T>> {
  const v = at(object, ...path)
  return typeof v === 'object' && v !== null ? (v as Record<string, T>) : {}
}

/** A copy of `object` with one field, however deep, set; undefined removes it. */
export function withField<T>(object: T, path: readonly string[], value: unknown): T {
  const [key, ...rest] = path
  if (key === undefined) return value as T
  const copy: Record<string, unknown> = { ...(object as Record<string, unknown>) }
  const next = rest.length === 0 ? value : withField(copy[key] ?? {}, rest, value)
  if (next === undefined) delete copy[key]
  else copy[key] = next
  return copy as T
}
