import { isStatus, type KubeObject } from '../../apimachinery'
import type { Ctx } from '../../sim'
import type { Flight } from '../flight'
import { refuse, respond, workTime, writeStages } from '../respond'
import { parseSelection, selects } from '../selection'
import type { Served } from '../served'
import type { ServerState } from '../state'
import { remove } from './delete'
import { listBody } from './read'

/** DELETE of a collection: each of its objects is deleted, then the list of them is answered. Upstream: Store.DeleteCollection */
export function removeCollection(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  const selection = parseSelection(served, flight.request.query, '')
  if (isStatus(selection)) return refuse(state, flight, ctx, selection, 'validation')
  flight.stages = writeStages
  const items = state.cache.of(served.storage).sorted(flight.namespace === '' ? undefined : flight.namespace).filter((o) => selects(selection, served.storage, o))
  const body = listBody(served, items, String(state.cache.revision))
  if (items.length === 0) return respond(state, flight, ctx, 200, body, undefined, workTime(writeStages, ctx))
  const id = ctx.unique()
  flight.object = body
  state.collections.set(id, { flight, remaining: items.length, failure: undefined })
  for (const o of items) {
    const part: Flight = { ...flight, parent: id, object: undefined, name: o.metadata.name, namespace: o.metadata.namespace ?? '', warnings: [] }
    remove(state, part, served, ctx)
  }
}

/** One object of a collection is through. */
export function collectionPartDone(state: ServerState, flight: Flight, code: number, body: KubeObject, ctx: Ctx): void {
  const collection = state.collections.get(flight.parent)
  if (collection === undefined) return
  if (code >= 300 && code !== 404) collection.failure ??= { code, body }
  if (--collection.remaining > 0) return
  state.collections.delete(flight.parent)
  const { failure } = collection
  if (failure) return respond(state, collection.flight, ctx, failure.code, failure.body, 'registry')
  respond(state, collection.flight, ctx, 200, collection.flight.object as KubeObject)
}
