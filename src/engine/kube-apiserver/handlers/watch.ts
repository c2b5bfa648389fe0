import { badRequest, expired, isStatus, type KubeObject } from '../../apimachinery'
import type { WatchEvent, WatchMessage } from '../../client-go'
import { MINUTE, SECOND, type Ctx } from '../../sim'
import { asVersion, inVersion, servedIn } from '../custom-resources'
import type { Flight } from '../flight'
import { readStages, record, refuse, workTime } from '../respond'
import { parseSelection, selects } from '../selection'
import { toTable } from '../table'
import type { Served } from '../served'
import type { ServerState } from '../state'
import type { CacheEvent } from '../watch-cache'
import { asSeenBy, type Watch } from '../watchers'

const patience = 3 * SECOND

/** Opens a watch. Upstream: handlers/get.go, handlers/watch.go, storage/cacher/cacher.go Watch */
export function watch(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  flight.stages = readStages
  const { query } = flight.request
  const delay = workTime(readStages, ctx)
  const selection = parseSelection(served, query, flight.name)
  if (isStatus(selection)) return refuse(state, flight, ctx, selection, 'validation', delay)
  const version = query?.resourceVersion ?? ''
  const revision = version === '' ? 0 : Number(version)
  if (!Number.isSafeInteger(revision) || revision < 0) return refuse(state, flight, ctx, badRequest(`resourceVersion: Invalid value: "${version}": strconv.ParseUint: parsing "${version}": invalid syntax`), 'validation', delay)
  if (revision > state.cache.revision) {
    state.waiting.push({ revision, flight, until: ctx.now + patience })
    ctx.after(patience, { type: 'apiserver/patience' })
    return
  }
  // The server lets watches go after 30 to 60 minutes, so that load spreads.
  const life = query?.timeoutSeconds ? Number(query.timeoutSeconds) * SECOND : (1800 + ctx.rng.below(1800)) * SECOND
  const opened: Watch = {
    id: flight.id, client: flight.client, storage: served.storage, namespace: flight.namespace, selection,
    bookmarks: query?.allowWatchBookmarks === 'true', deadline: ctx.now + life, outbox: [], ...(flight.request.accept === 'table' ? { asTable: flight } : {}), ...(flight.asVersion === undefined ? {} : { apiVersion: flight.asVersion }),
  }
  const initial = beginning(state, opened, revision, query?.sendInitialEvents === 'true')
  if (typeof initial === 'number') return refuse(state, flight, ctx, expired(`too old resource version: ${revision} (${initial})`), 'registry', delay)
  state.watchers.add(opened)
  record(state, flight, ctx, 200)
  if (life < MINUTE) ctx.after(life, { type: 'apiserver/expire-watches' })
  if (initial.length > 0) {
    const message: WatchMessage = { type: 'watch', id: flight.id, events: opened.asTable || opened.apiVersion ? rowsOf(state)(opened, initial, ctx) : initial }
    ctx.send(flight.client, message)
  }
}

/** Puts events into the form that a watch wants: in a version, or each object as a table of one row. Upstream: apiserver/pkg/endpoints/handlers/response.go watchEmbeddedEncoder */
export function rowsOf(state: ServerState): (opened: Watch, events: readonly WatchEvent[], ctx: Ctx) => readonly WatchEvent[] {
  return ({ storage, asTable, apiVersion }, events, ctx) => {
    const served = inVersion(state.cache, servedIn(state.cache, storage), apiVersion)
    if (asTable === undefined) return apiVersion === undefined ? events : events.map((e) => ({ ...e, object: asVersion(e.object, apiVersion) }))
    return events.map((e) => (e.type === 'ERROR' || e.type === 'BOOKMARK' ? e : { ...e, object: toTable(served, [e.object], { resourceVersion: e.object.metadata.resourceVersion ?? '' }, asTable, ctx) }))
  }
}

/** What a watch hears at once; a number when its revision is forgotten. */
function beginning(state: ServerState, opened: Watch, revision: number, initialEvents: boolean): readonly WatchEvent[] | number {
  const resource = state.cache.of(opened.storage)
  if (revision === 0 || initialEvents) {
    const events: WatchEvent[] = []
    for (const object of resource.sorted(opened.namespace === '' ? undefined : opened.namespace)) {
      if (selects(opened.selection, opened.storage, object)) events.push({ type: 'ADDED', object })
    }
    if (initialEvents && opened.bookmarks) events.push({ type: 'BOOKMARK', object: bookmark(state, opened, true) })
    return events
  }
  const past = resource.after(revision)
  if (typeof past === 'number') return past
  const events: WatchEvent[] = []
  for (const e of past) if (inScope(opened, e)) {
    const seen = asSeenBy(opened, e, { type: e.type, object: e.object, cause: e.cause })
    if (seen) events.push(seen)
  }
  return events
}

function inScope(w: Watch, e: CacheEvent): boolean {
  return w.namespace === '' || e.object.metadata.namespace === w.namespace
}

/** An object that says nothing but a revision. */
function bookmark(state: ServerState, w: Watch, end = false): KubeObject {
  const served = servedIn(state.cache, w.storage)
  const { revision } = state.cache
  const annotations = end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  return Object.freeze({ kind: served.info.kind, apiVersion: served.apiVersion, metadata: { ...annotations, resourceVersion: String(revision) } }) as unknown as KubeObject
}

/** Once a minute: bookmarks to those who asked for them, and the end of watches that are old. */
export function sweepWatches(state: ServerState, ctx: Ctx, bookmarks: boolean): void {
  const over: Watch[] = []
  for (const w of state.watchers.values()) {
    if (w.deadline <= ctx.now) over.push(w)
    else if (bookmarks && w.bookmarks) {
      const message: WatchMessage = { type: 'watch', id: w.id, events: [{ type: 'BOOKMARK', object: bookmark(state, w) }] }
      ctx.send(w.client, message)
    }
  }
  for (const w of over) {
    state.watchers.remove(w.id)
    ctx.send(w.client, { type: 'watch-closed', id: w.id } as never)
  }
}
