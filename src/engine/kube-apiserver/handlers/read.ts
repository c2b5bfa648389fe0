import { badRequest, expired, forbidden, invalidObject, isStatus, notFound, notSupported, timeout, type FieldError, type KubeList, type KubeObject } from '../../apimachinery'
import type { RequestMessage } from '../../client-go'
import { etcdErrors, type EtcdAnswer } from '../../etcd'
import { SECOND, type Ctx, type Micros } from '../../sim'
import { inVersion, servedIn } from '../custom-resources'
import { withOwners } from '../field-manager'
import { isPerson, type Flight } from '../flight'
import { readStages, refuse, respond, workTime } from '../respond'
import { parseSelection, selects, type Selection } from '../selection'
import { storagePrefix, type Served } from '../served'
import type { ServerState } from '../state'
import { storageFailed } from '../storage'
import { toTable } from '../table'
import { asScale, scaleOf } from './scale'

/** How long a read waits for the cache to be as new as it wants. Upstream: cacher blockTimeout */
const patience = 3 * SECOND

/** GET of an object or a collection. Without a resourceVersion it is consistent: the cache must be as new as etcd is now. */
export function read(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  flight.stages = readStages
  const { query, verb } = flight.request
  const delay = workTime(readStages, ctx)
  flight.step = verb === 'get' ? 'get' : 'list'
  const version = query?.resourceVersion ?? ''
  const wrong = verb === 'list' ? matchErrors(query) : undefined
  if (wrong) return refuse(state, flight, ctx, invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [wrong]), 'validation', delay)
  if (verb === 'list' && query?.continue) return continued(state, flight, served, query.continue, ctx, delay)
  if (version === '') {
    flight.etcdAt = ctx.now
    return state.etcd.send(ctx, { op: 'revision' }, flight, delay)
  }
  if (version === '0') return answerRead(state, flight, ctx, delay)
  const revision = Number(version)
  if (!Number.isSafeInteger(revision) || revision < 0) return refuse(state, flight, ctx, badRequest(`resourceVersion: Invalid value: "${version}": strconv.ParseUint: parsing "${version}": invalid syntax`), 'validation', delay)
  if (verb === 'list' && query?.resourceVersionMatch === 'Exact' && revision < state.cache.revision) return page(state, flight, served, revision, '', ctx, delay)
  whenFresh(state, flight, revision, ctx, delay)
}

/** Upstream: apimachinery/pkg/apis/meta/internalversion/validation ValidateListOptions */
function matchErrors(query: Readonly<Record<string, string>> | undefined): FieldError | undefined {
  const match = query?.resourceVersionMatch ?? ''
  if (match === '') return undefined
  const field = 'resourceVersionMatch'
  if (!query?.resourceVersion) return forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided')
  if (query.continue) return forbidden(field, 'resourceVersionMatch is forbidden when continue is provided')
  if (match !== 'Exact' && match !== 'NotOlderThan') return notSupported(field, match, ['Exact', 'NotOlderThan', ''])
  return match === 'Exact' && query.resourceVersion === '0' ? forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"') : undefined
}

/** Etcd has told its revision, or a page of the past. */
export function readAnswered(state: ServerState, flight: Flight, answer: EtcdAnswer, ctx: Ctx): void {
  if (answer.error !== undefined) {
    if (answer.error === etcdErrors.compacted) return refuse(state, flight, ctx, expired(tooOldContinue), 'etcd')
    return storageFailed(state, flight, answer.error, ctx)
  }
  if (flight.step === 'page') return pageAnswered(state, flight, answer, ctx)
  whenFresh(state, flight, answer.revision, ctx, 0)
}

function whenFresh(state: ServerState, flight: Flight, revision: number, ctx: Ctx, delay: Micros): void {
  if (state.cache.revision >= revision) return answerRead(state, flight, ctx, delay)
  state.waiting.push({ revision, flight, until: ctx.now + patience })
  ctx.after(patience, { type: 'apiserver/patience' })
}

/** Answers the reads that waited for a revision; those that waited too long are told so. */
export function releaseWaiting(state: ServerState, ctx: Ctx): void {
  const { waiting, cache } = state
  if (waiting.length === 0) return
  state.waiting = waiting.filter((w) => w.revision > cache.revision && w.until > ctx.now)
  for (const w of waiting) {
    if (w.revision <= cache.revision) {
      if (w.flight.request.verb === 'watch') ctx.after(0, { type: 'request', id: w.flight.id, from: w.flight.client, request: w.flight.request } as RequestMessage)
      else answerRead(state, w.flight, ctx, 0)
    } else if (w.until <= ctx.now) {
      const status = timeout(`Too large resource version: ${w.revision}, current: ${cache.revision}`, 1)
      refuse(state, w.flight, ctx, { ...status, details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 } }, 'registry')
    }
  }
}

function answerRead(state: ServerState, flight: Flight, ctx: Ctx, delay: Micros): void {
  const served = servedIn(state.cache, flight.storage)
  if (flight.step === 'get') {
    const object = state.cache.get(served.storage, flight.namespace, flight.name)
    // Upstream's ScaleREST names itself.
    const gr = flight.subresource === 'scale' && served.custom === undefined ? { ...served.gr, resource: `${served.gr.resource}/scale` } : served.gr
    if (object === undefined) return refuse(state, flight, ctx, notFound(gr, flight.name), 'registry', delay)
    const isScale = flight.subresource === 'scale'
    const body = isScale ? scaleOf(served, object) : flight.request.accept !== 'table' && isPerson(flight) ? withOwners(served, object) : object
    return respond(state, flight, ctx, 200, flight.request.accept === 'table' ? toTable(isScale ? asScale(served) : inVersion(state.cache, served, flight.asVersion), [body], {}, flight, ctx) : body, undefined, delay)
  }
  const selection = parseSelection(served, flight.request.query, '')
  if (isStatus(selection)) return refuse(state, flight, ctx, selection, 'validation', delay)
  const all = state.cache.of(served.storage).sorted(flight.namespace === '' ? undefined : flight.namespace)
  const items = isEverything(selection) ? all : all.filter((o) => selects(selection, served.storage, o))
  finishList(state, flight, served, items, selection, state.cache.revision, ctx, delay)
}

function isEverything(s: Selection): boolean {
  return s.labels === undefined && s.fields === undefined
}

/** Cuts a list to its limit and answers it. */
function finishList(state: ServerState, flight: Flight, served: Served, found: readonly KubeObject[], selection: Selection, revision: number, ctx: Ctx, delay: Micros): void {
  const limit = Number(flight.request.query?.limit ?? 0)
  let items = found
  const metadata: KubeList['metadata'] = { resourceVersion: String(revision) }
  if (limit > 0 && items.length > limit) {
    items = items.slice(0, limit)
    const last = items[limit - 1] as KubeObject
    metadata.continue = continueToken(revision, served.info.namespaced ? `${last.metadata.namespace}/${last.metadata.name}` : last.metadata.name)
    // Upstream cannot tell how many remain when a selector is in play.
    if (isEverything(selection)) metadata.remainingItemCount = found.length - limit
  }
  const body = flight.request.accept === 'table' ? toTable(inVersion(state.cache, served, flight.asVersion), items, metadata, flight, ctx) : listBody(served, flight.request.accept === 'owners' ? items.map((o) => withOwners(served, o)) : items, metadata.resourceVersion as string, metadata)
  respond(state, flight, ctx, 200, body, undefined, delay)
}

/** A list as the server answers it. */
export function listBody(served: Served, items: readonly KubeObject[], resourceVersion: string, metadata: KubeList['metadata'] = { resourceVersion }): KubeObject {
  return Object.freeze({ kind: `${served.info.kind}List`, apiVersion: served.apiVersion, metadata, items }) as unknown as KubeObject
}

// ---- pages ----

const tooOldContinue = 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/** Tokens are opaque to clients; upstream's are base64 of the same two facts. */
function continueToken(revision: number, start: string): string {
  return `meta.k8s.io/v1:${revision}:${start}`
}

function continued(state: ServerState, flight: Flight, served: Served, token: string, ctx: Ctx, delay: Micros): void {
  const m = /^meta\.k8s\.io\/v1:(\d+):(.+)$/.exec(token)
  if (m === null) return refuse(state, flight, ctx, badRequest('continue key is not valid: illegal base64 data at input byte 0'), 'validation', delay)
  page(state, flight, served, Number(m[1]), m[2] as string, ctx, delay)
}

function page(state: ServerState, flight: Flight, served: Served, revision: number, after: string, ctx: Ctx, delay: Micros): void {
  const prefix = storagePrefix(served)
  flight.step = 'page'
  flight.revision = revision
  flight.etcdAt = ctx.now
  const within = flight.namespace === '' ? prefix : `${prefix}${flight.namespace}/`
  state.etcd.send(ctx, { op: 'range', key: within, prefix: true, revision, after: after === '' ? '' : prefix + after }, flight, delay)
}

function pageAnswered(state: ServerState, flight: Flight, answer: EtcdAnswer, ctx: Ctx): void {
  const served = servedIn(state.cache, flight.storage)
  const selection = parseSelection(served, flight.request.query, '')
  if (isStatus(selection)) return refuse(state, flight, ctx, selection, 'validation')
  const items = answer.kvs.map((kv) => kv.value).filter((o) => selects(selection, served.storage, o))
  const { revision } = flight
  flight.revision = 0
  finishList(state, flight, served, items, selection, revision, ctx, 0)
}
