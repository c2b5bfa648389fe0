import type { Behaviour, Ctx, Message } from '../sim'
import { parsePath, type ApiRequest, type RequestMessage } from '../client-go'
import type { KubeObject } from '../apimachinery'

/** What happened to an object, for tests. */
export interface Change {
  readonly at: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly resource: string
  readonly object: any
}

interface FakeState {
  revision: number
  readonly objects: Map<string, any>
  readonly watches: { id: number; from: string; resource: string; field: string }[]
  readonly changes: Change[]
}

/** Test messages: writes from outside. */
export interface Put extends Message {
  readonly type: 'fake/put'
  readonly resource: string
  readonly object: unknown
}

/** Just enough of kube-apiserver to run a kubelet against: stores, lists, watches, merges. */
export const fakeApiserver: Behaviour<FakeState, null> = {
  kind: 'kube-apiserver',
  start: () => ({ revision: 1, objects: new Map(), watches: [], changes: [] }),
  handle(state, message, ctx) {
    if (message.type === 'fake/put') {
      const { resource, object } = message as Put
      return void store(state, resource, object as KubeObject, ctx)
    }
    if (message.type !== 'request') return
    const { id, from, request } = message as RequestMessage
    if (request.verb === 'watch') {
      const { resource } = parsePath(request.path)
      state.watches.push({ id, from, resource, field: request.query?.fieldSelector ?? '' })
      const since = Number(request.query?.resourceVersion ?? 0)
      const events = state.changes.filter((c) => c.resource === resource && Number(c.object.metadata.resourceVersion) > since && selects(request.query?.fieldSelector ?? '', c.object)).map((c) => ({ type: c.type, object: c.object }))
      if (events.length > 0) ctx.send(from, { type: 'watch', id, events } as Message)
      return
    }
    const [code, body] = answer(state, request, ctx)
    ctx.send(from, { type: 'response', id, response: { code, body } } as Message, 1000)
  },
}

function selects(field: string, o: any): boolean {
  if (field.startsWith('spec.nodeName=')) return o.spec?.nodeName === field.slice(14)
  if (field.startsWith('metadata.name=')) return o.metadata.name === field.slice(14)
  return true
}

function key(resource: string, namespace: string | undefined, name: string): string {
  return `${resource}/${namespace ?? ''}/${name}`
}

function freeze<T>(o: T): T {
  if (typeof o === 'object' && o !== null) {
    for (const v of Object.values(o)) freeze(v)
    Object.freeze(o)
  }
  return o
}

function store(state: FakeState, resource: string, object: any, ctx: Ctx): any {
  const k = key(resource, object.metadata.namespace, object.metadata.name)
  const old = state.objects.get(k)
  const next = freeze({ ...object, metadata: { uid: `uid-${object.metadata.name}`, generation: 1, creationTimestamp: ctx.wallTime(), ...object.metadata, resourceVersion: String(++state.revision) } })
  state.objects.set(k, next)
  emit(state, old ? 'MODIFIED' : 'ADDED', resource, next, ctx)
  return next
}

function emit(state: FakeState, type: Change['type'], resource: string, object: any, ctx: Ctx): void {
  state.changes.push({ at: ctx.now, type, resource, object })
  for (const w of state.watches) if (w.resource === resource && selects(w.field, object)) ctx.send(w.from, { type: 'watch', id: w.id, events: [{ type, object }] } as Message)
}

function merge(a: any, b: any): any {
  const out = { ...a }
  for (const [k, v] of Object.entries(b)) {
    if (k.startsWith('$')) continue
    if (v === null) delete out[k]
    else if (k === 'conditions') {
      const rest = (out[k] ?? []).filter((c: any) => !(v as any[]).some((n) => n.type === c.type))
      out[k] = [...rest, ...(v as any[]).map((n) => Object.fromEntries(Object.entries({ ...(out[k] ?? []).find((c: any) => c.type === n.type), ...n }).filter(([f, x]) => x !== null || f === 'lastProbeTime')))]
      const place = (c: any) => (b['$setElementOrder/conditions'] ?? []).findIndex((o: any) => o.type === c.type)
      out[k].sort((x: any, y: any) => place(x) - place(y))
    } else if (Array.isArray(v)) out[k] = v.filter((x) => !x?.$patch)
    else if (typeof v === 'object' && typeof out[k] === 'object') out[k] = merge(out[k], v)
    else out[k] = v
  }
  return out
}

function answer(state: FakeState, request: ApiRequest, ctx: Ctx): [number, any] {
  const { resource, namespace, name } = parsePath(request.path)
  const status = (code: number, reason: string): [number, any] => [code, { kind: 'Status', metadata: {}, code, reason }]
  const body = request.body as any
  const k = key(resource, namespace || undefined, name || body?.metadata?.name)
  const old = state.objects.get(k)
  switch (request.verb) {
    case 'list': return [200, { kind: 'List', metadata: { resourceVersion: String(state.revision) }, items: [...state.objects].filter(([x, o]) => x.startsWith(`${resource}/`) && selects(request.query?.fieldSelector ?? '', o)).map(([, o]) => o) }]
    case 'get': return old ? [200, old] : status(404, 'NotFound')
    case 'create': return old ? status(409, 'AlreadyExists') : [201, store(state, resource, body, ctx)]
    case 'update': return old ? [200, store(state, resource, body, ctx)] : status(404, 'NotFound')
    case 'patch': return old ? [200, store(state, resource, merge(old, body), ctx)] : status(404, 'NotFound')
    case 'delete':
      if (!old) return status(404, 'NotFound')
      if (resource === 'pods' && body?.gracePeriodSeconds !== 0) return [200, store(state, resource, { ...old, metadata: { ...old.metadata, deletionTimestamp: ctx.wallTime(), deletionGracePeriodSeconds: 30 } }, ctx)]
      state.objects.delete(k)
      emit(state, 'DELETED', resource, freeze({ ...old, metadata: { ...old.metadata, resourceVersion: String(++state.revision) } }), ctx)
      return [200, old]
    default: return status(405, 'MethodNotAllowed')
  }
}

/** The changes that a fake API server has seen. */
export function changesOf(state: unknown): readonly Change[] {
  return (state as FakeState).changes
}
