import { deepEqual, goQuote } from '../../apimachinery'
import { podTemplateHash, type Deployment, type Pod, type ReplicaSet } from '../../api'
import { referenceTo } from '../../client-go'
import { SECOND } from '../../sim'
import { condition } from '../conditions'
import type { ControllerEnv, Intent } from '../controller'
import { createObject, deleteObject, updateObject } from '../requests'
import { annotatedNumber, desiredReplicasAnnotation, newReplicaSetAnnotations, revisionAnnotation, revisionOf, withReplicas } from './annotations'
import { isRolling, maxSurge, newReplicaSetSize, replicasOf, sizeOf, wantedOf } from './fenceposts'
import { activeOf, byRevision, bySizeNewer, bySizeOlder, findActiveOrLatest, findNewReplicaSet, findOldReplicaSets, hashLabel, isSaturated, proportion } from './replica-sets'
import { calculateStatus, hasProgressDeadline, newCondition, rolloutStatus, setCondition, stuckCheck, type DeploymentStatus } from './status'

/** Tag of the creation of the new ReplicaSet: what is written to the Deployment when it went well, and when it did not. */
export interface CreateTag {
  readonly create: ReplicaSet
  /** The Deployment as the cache had it. */
  readonly deployment: Deployment
  /** With its revision and the condition NewReplicaSetCreated. */
  readonly created: Deployment
  readonly size: number
}

/** A ReplicaSet and the others: what a rollout works on. */
export interface Sets {
  readonly newRS: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
}

/** All sets of a rollout, the new one last. */
export const allOf = (s: Sets): readonly ReplicaSet[] => (s.newRS ? [...s.old, s.newRS] : s.old)

/**
 * One sync of a Deployment. It collects intents while it goes; `deployment` and the sets are as they will be when these are done.
 * Upstream: pkg/controller/deployment/sync.go
 */
export class Sync {
  readonly intents: Intent[] = []

  constructor(
    readonly env: ControllerEnv<unknown>,
    public deployment: Deployment,
    readonly sets: readonly ReplicaSet[],
  ) {}

  get time(): string {
    return this.env.ctx.wallTime()
  }

  /** Writes the status (and the annotations) of the Deployment as it now is. */
  updateStatus(): void {
    this.intents.push(updateObject('deployments', this.deployment, 'status'))
  }

  private setStatus(status: DeploymentStatus): void {
    this.deployment = { ...this.deployment, status: status as Deployment['status'] & object }
  }

  private setCondition(type: string, status: string, reason: string, message: string): void {
    this.setStatus(setCondition(this.deployment.status ?? {}, newCondition(type, status, reason, message, this.time)))
  }

  /** Says when a rollout is paused and resumed, so that the pause does not count against its deadline. */
  checkPaused(): void {
    const d = this.deployment
    if (!hasProgressDeadline(d)) return
    const c = condition(d.status?.conditions, 'Progressing')
    if (c?.reason === 'ProgressDeadlineExceeded') return
    const noted = c?.reason === 'DeploymentPaused'
    if (d.spec.paused && !noted) this.setCondition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused')
    else if (!d.spec.paused && noted) this.setCondition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed')
    else return
    this.updateStatus()
  }

  /** The new ReplicaSet and the old ones, revisions in order. Upstream: getAllReplicaSetsAndSyncRevision, getNewReplicaSet */
  syncRevision(create: boolean): Sets {
    const found = findNewReplicaSet(this.deployment, this.sets)
    const old = findOldReplicaSets(this.sets, found)
    let revision = 0
    for (const rs of old) revision = Math.max(revision, revisionOf(rs))
    revision++
    if (found) return { newRS: this.syncNewReplicaSet(found, revision), old }
    return { newRS: create ? this.createReplicaSet(old, revision) : undefined, old }
  }

  private syncNewReplicaSet(rs: ReplicaSet, revision: number): ReplicaSet {
    const d = this.deployment
    const annotations = newReplicaSetAnnotations(d, rs.metadata.annotations, revision, true)
    const minReady = d.spec.minReadySeconds ?? 0
    if (annotations !== rs.metadata.annotations || (rs.spec.minReadySeconds ?? 0) !== minReady) {
      const next: ReplicaSet = { ...rs, metadata: { ...rs.metadata, annotations: annotations as Record<string, string> }, spec: { ...rs.spec, minReadySeconds: minReady } }
      this.intents.push(updateObject('replicasets', next))
      return next
    }
    let changed = this.setRevision(rs.metadata.annotations?.[revisionAnnotation] ?? '')
    if (hasProgressDeadline(d) && condition(d.status?.conditions, 'Progressing') === undefined) {
      this.setCondition('Progressing', 'True', 'FoundNewReplicaSet', `Found new replica set ${goQuote(rs.metadata.name)}`)
      changed = true
    }
    if (changed) this.updateStatus()
    return rs
  }

  private setRevision(revision: string): boolean {
    const { metadata } = this.deployment
    if (metadata.annotations?.[revisionAnnotation] === revision) return false
    this.deployment = { ...this.deployment, metadata: { ...metadata, annotations: { ...metadata.annotations, [revisionAnnotation]: revision } } }
    return true
  }

  private createReplicaSet(old: readonly ReplicaSet[], revision: number): ReplicaSet {
    const d = this.deployment
    const hash = podTemplateHash(d.spec.template, d.status?.collisionCount)
    const labels = { ...d.spec.template.metadata?.labels, [hashLabel]: hash }
    const size = newReplicaSetSize(d, old, 0)
    const rs: ReplicaSet = {
      apiVersion: 'apps/v1', kind: 'ReplicaSet',
      metadata: {
        name: replicaSetName(d.metadata.name, hash), namespace: d.metadata.namespace as string, labels,
        annotations: newReplicaSetAnnotations(d, undefined, revision, false) as Record<string, string>,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: d.metadata.name, uid: d.metadata.uid as string, controller: true, blockOwnerDeletion: true }],
      },
      spec: {
        replicas: size, ...(d.spec.minReadySeconds && { minReadySeconds: d.spec.minReadySeconds }),
        selector: { ...d.spec.selector, matchLabels: { ...d.spec.selector.matchLabels, [hashLabel]: hash } },
        template: { ...d.spec.template, metadata: { ...d.spec.template.metadata, labels } },
      },
    }
    this.setRevision(String(revision))
    if (hasProgressDeadline(d)) this.setCondition('Progressing', 'True', 'NewReplicaSetCreated', `Created new replica set ${goQuote(rs.metadata.name)}`)
    this.intents.push(createObject('replicasets', rs, { tag: { create: rs, deployment: d, created: this.deployment, size } satisfies CreateTag }))
    return rs
  }

  /** Scales a ReplicaSet and tells. Returns it as it will be, and whether its size changes. Upstream: scaleReplicaSet, scaleReplicaSetAndRecordEvent */
  scale(rs: ReplicaSet, size: number): { rs: ReplicaSet; scaled: boolean } {
    const annotations = withReplicas(rs.metadata.annotations, this.deployment)
    const from = sizeOf(rs)
    if (from === size && annotations === rs.metadata.annotations) return { rs, scaled: false }
    const next: ReplicaSet = { ...rs, metadata: { ...rs.metadata, annotations }, spec: { ...rs.spec, replicas: size } }
    this.intents.push(updateObject('replicasets', next, undefined, { follows: true }))
    if (from !== size) this.tell(`Scaled ${from < size ? 'up' : 'down'} replica set ${rs.metadata.name} from ${from} to ${size}`)
    return { rs: next, scaled: from !== size }
  }

  private tell(message: string): void {
    this.intents.push({ do: 'event', about: referenceTo(this.deployment), type: 'Normal', reason: 'ScalingReplicaSet', message })
  }

  /** As `scale`, unless the size is right already. */
  private resize(rs: ReplicaSet, size: number): boolean {
    return sizeOf(rs) === size ? false : this.scale(rs, size).scaled
  }

  /** Whether a ReplicaSet was last scaled for another number of replicas. Upstream: isScalingEvent */
  isScalingEvent(): boolean {
    for (const rs of activeOf(allOf(this.syncRevision(false)))) {
      const desired = annotatedNumber(rs, desiredReplicasAnnotation)
      if (desired !== undefined && desired !== replicasOf(this.deployment)) return true
    }
    return false
  }

  /** Scales without rolling out: paused, or the number of replicas changed. Upstream: sync */
  syncScale(): void {
    const sets = this.syncRevision(false)
    this.scaleAll(sets)
    if (this.deployment.spec.paused) this.cleanUp(sets.old)
    this.syncStatus(sets)
  }

  /** Upstream: syncStatusOnly */
  syncStatusOnly(): void {
    this.syncStatus(this.syncRevision(false))
  }

  /** Shares a new number of replicas among the ReplicaSets. Upstream: scale */
  scaleAll({ newRS, old }: Sets): void {
    const d = this.deployment
    const only = findActiveOrLatest(newRS, old)
    if (only) {
      this.resize(only, replicasOf(d))
      return
    }
    if (isSaturated(d, newRS)) {
      for (const rs of activeOf(old)) this.resize(rs, 0)
      return
    }
    if (!isRolling(d)) return
    const all = activeOf(newRS ? [...old, newRS] : old)
    const toAdd = (replicasOf(d) > 0 ? replicasOf(d) + maxSurge(d) : 0) - wantedOf(all)
    all.sort(toAdd > 0 ? bySizeNewer : bySizeOlder)
    let added = 0
    const sizes = all.map((rs) => {
      const share = proportion(rs, d, toAdd, added)
      added += share
      return sizeOf(rs) + share
    })
    if (sizes.length > 0) sizes[0] = Math.max(0, (sizes[0] as number) + toAdd - added)
    // Sets whose size stays still get their annotations.
    for (const [i, rs] of all.entries()) this.scale(rs, sizes[i] as number)
  }

  /** Deletes the oldest empty ReplicaSets beyond the history limit. Upstream: cleanupDeployment */
  cleanUp(old: readonly ReplicaSet[]): void {
    const limit = this.deployment.spec.revisionHistoryLimit
    if (limit == null || limit === 2147483647) return
    const alive = old.filter((rs) => rs.metadata.deletionTimestamp === undefined)
    const excess = alive.length - limit
    if (excess <= 0) return
    for (const rs of alive.sort(byRevision).slice(0, excess)) {
      if ((rs.status?.replicas ?? 0) !== 0 || sizeOf(rs) !== 0 || (rs.metadata.generation ?? 0) > (rs.status?.observedGeneration ?? 0)) continue
      this.intents.push(deleteObject('replicasets', rs, {}, { ignore: ['NotFound'] }))
    }
  }

  /** Upstream: syncDeploymentStatus */
  private syncStatus(sets: Sets): void {
    this.writeStatus(calculateStatus(allOf(sets), sets.newRS, this.deployment, this.time))
  }

  /** Upstream: syncRolloutStatus */
  syncRolloutStatus(sets: Sets): void {
    const now = this.env.ctx.wallMicros()
    const status = rolloutStatus(allOf(sets), sets.newRS, this.deployment, this.time, now)
    if (this.writeStatus(status)) return
    const after = stuckCheck(this.deployment, status, now)
    if (after === 0) this.intents.push({ do: 'requeue-rate-limited' })
    else if (after !== undefined) this.intents.push({ do: 'requeue', after: after + SECOND })
  }

  private writeStatus(status: DeploymentStatus): boolean {
    if (deepEqual(comparable(this.deployment.status ?? {}), comparable(status))) return false
    this.setStatus(status)
    this.updateStatus()
    return true
  }

  /** Pods of these ReplicaSets. */
  podsOf(rs: ReplicaSet): readonly Pod[] {
    return this.env.cache<Pod>('pods').by('controller', rs.metadata.uid as string)
  }
}

/** The API leaves zeros out. */
function comparable(s: DeploymentStatus): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [k, v] of Object.entries(s)) if (v !== 0 && !(Array.isArray(v) && v.length === 0) || k === 'terminatingReplicas') out[k] = v
  return out
}

/** Name of a ReplicaSet: the Deployment's, cut so that the hash fits (unless the hash alone is too long). Upstream: generateReplicaSetName */
export function replicaSetName(deployment: string, hash: string): string {
  const room = 253 - 1 - hash.length
  return `${room > 0 ? deployment.slice(0, room) : deployment}-${hash}`
}
