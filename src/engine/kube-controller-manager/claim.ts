import { controllerOf, matches, type KubeObject, type Selector } from '../apimachinery'
import type { Cache } from '../client-go'
import type { Intent } from './controller'
import { getObject, patchObject } from './requests'

/** What an owner has, and the requests that take in or let go what it must. */
export interface Claim<T> {
  readonly mine: T[]
  readonly intents: readonly Intent[]
}

/** Who claims. */
export interface Claimant {
  readonly owner: KubeObject
  readonly resource: string
  readonly apiVersion: string
  readonly kind: string
  readonly selector: Selector
}

/**
 * Which objects of a cache (with the indexes `controller` and `orphan`) an owner has: those that name it as their controller and match.
 * Matching orphans are to be adopted, once a fresh read shows that the owner lives; its own that match no more are to be released.
 * When there are such requests, do them and look again: their watch events wake the key.
 * Upstream: controller.PodControllerRefManager, ReplicaSetControllerRefManager ClaimObject
 */
export function claim<T extends KubeObject>(by: Claimant, cache: Cache<T>, resource: string, wanted?: (o: T) => boolean): Claim<T> {
  const { owner, selector } = by
  const { namespace, uid, deletionTimestamp } = owner.metadata
  const mine: T[] = []
  const intents: Intent[] = []
  for (const o of cache.by('controller', uid as string)) {
    if (wanted && !wanted(o)) continue
    if (matches(selector, o.metadata.labels)) mine.push(o)
    else if (deletionTimestamp === undefined) intents.push(patchObject(resource, o, { metadata: { uid: o.metadata.uid, ownerReferences: [{ $patch: 'delete', uid }] } }, { ignore: ['NotFound', 'Invalid'] }))
  }
  if (deletionTimestamp !== undefined) return { mine, intents }
  let checked = false
  for (const o of cache.by('orphan', namespace as string)) {
    if (o.metadata.deletionTimestamp !== undefined || !matches(selector, o.metadata.labels) || (wanted && !wanted(o))) continue
    if (!checked) intents.unshift(getObject(by.resource, namespace, owner.metadata.name, { mustBe: { kind: by.kind, uid: uid as string } }))
    checked = true
    const reference = { apiVersion: by.apiVersion, kind: by.kind, name: owner.metadata.name, uid, controller: true, blockOwnerDeletion: true }
    intents.push(patchObject(resource, o, { metadata: { uid: o.metadata.uid, ownerReferences: [reference] } }, { ignore: ['NotFound'] }))
  }
  return { mine, intents }
}

/** The object of a kind that a controller reference names, if the cache knows it by that uid. */
export function resolveController<T extends KubeObject>(cache: Cache<T>, o: KubeObject, kind: string): T | undefined {
  const ref = controllerOf(o)
  if (ref === undefined || ref.kind !== kind) return undefined
  const owner = cache.get(o.metadata.namespace ?? '', ref.name)
  return owner?.metadata.uid === ref.uid ? owner : undefined
}
