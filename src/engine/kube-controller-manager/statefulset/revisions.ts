import { controllerRevisionHash, labelSelector } from '../../apimachinery'
import type { ControllerRevision, PodTemplateSpec, StatefulSet } from '../../api'
import type { Cache } from '../../client-go'
import type { Intent } from '../controller'
import { equalData, rawData, revisionData, revisionsOf, sortRevisions } from '../history'
import { createObject, deleteObject, updateObject } from '../requests'

/** Revisions of a set: what its pods are at, and what they should come to. */
export interface Revisions {
  readonly all: readonly ControllerRevision[]
  readonly current: ControllerRevision
  readonly update: ControllerRevision
  /** What keeps the history right. */
  readonly intents: readonly Intent[]
}

/** Upstream: pkg/controller/statefulset/stateful_set_control.go getStatefulSetRevisions */
export function revisions(set: StatefulSet, cache: Cache<ControllerRevision>): Revisions {
  const all = sortRevisions(revisionsOf(cache, set, labelSelector(set.spec.selector)))
  const data = revisionData(set.spec.template)
  const last = all.at(-1)
  const next = (last?.revision ?? 0) + 1
  const equal = all.filter((r) => equalData(r.data, data)).at(-1)
  const intents: Intent[] = []
  let update: ControllerRevision
  if (equal && equal === last) update = equal
  else if (equal) {
    update = { ...equal, revision: next }
    intents.push(updateObject('controllerrevisions', update))
  } else {
    update = newRevision(set, data, next)
    intents.push(createObject('controllerrevisions', update, { ignore: ['AlreadyExists'] }))
  }
  return { all, update, current: all.find((r) => r.metadata.name === set.status?.currentRevision) ?? update, intents }
}

function newRevision(set: StatefulSet, data: ReturnType<typeof revisionData>, revision: number): ControllerRevision {
  const hash = controllerRevisionHash(rawData(data), set.status?.collisionCount ?? 0)
  const { name, namespace, uid, annotations } = set.metadata
  return {
    apiVersion: 'apps/v1', kind: 'ControllerRevision',
    metadata: {
      name: `${name.slice(0, 223)}-${hash}`, namespace: namespace as string, labels: { ...set.spec.template.metadata?.labels, 'controller.kubernetes.io/hash': hash }, ...(annotations && { annotations }),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid: uid as string, controller: true, blockOwnerDeletion: true }],
    },
    data, revision,
  }
}

/** The pod template that a revision keeps. Upstream: ApplyRevision */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { $patch: _patch, ...template } = (revision.data as ReturnType<typeof revisionData>).spec.template
  return template
}

/** Deletes the oldest revisions that nobody is at. Upstream: truncateHistory */
export function truncateHistory(set: StatefulSet, r: Revisions, live: ReadonlySet<string | undefined>): Intent[] {
  const unused = r.all.filter((x) => x.metadata.name !== r.current.metadata.name && x.metadata.name !== r.update.metadata.name && !live.has(x.metadata.name))
  const excess = unused.length - (set.spec.revisionHistoryLimit ?? 10)
  return excess <= 0 ? [] : unused.slice(0, excess).map((x) => deleteObject('controllerrevisions', x, {}, { ignore: ['NotFound'] }))
}
