import { deepEqual, labelSelector, matches, scaledOr } from '../../apimachinery'
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet, StatefulSetStatus } from '../../api'
import { cacheKey, referenceTo, type ApiResponse, type Delta } from '../../client-go'
import { SECOND, type Micros } from '../../sim'
import { claim, resolveController } from '../claim'
import type { Controller, ControllerEnv, Intent, RequestIntent } from '../controller'
import { namespaceTerminates } from '../pod-control'
import { isPodAvailable, isPodReady } from '../pods'
import { createObject, deleteObject, getObject, updateObject } from '../requests'
import { isStale, ownersFit, withOwners } from './claims'
import { claimsOf, identityMatches, newPod, ordinalOf, revisionLabel, startOrdinal, withIdentity } from './identity'
import { revisions, templateOf, truncateHistory, type Revisions } from './revisions'

type Env = ControllerEnv<null>

type Tag =
  | { readonly verb: 'Create' | 'Delete' | 'Update'; readonly pod: string; readonly set: StatefulSet }
  | { readonly claim: string; readonly pod: string; readonly set: StatefulSet }
  | { readonly status: StatefulSetStatus; readonly read: boolean }

/** Pods with names and volumes of their own, in order. Upstream: pkg/controller/statefulset/stateful_set.go, stateful_set_control.go */
export const statefulSetController: Controller<null> = {
  name: 'statefulset',
  component: 'statefulset-controller',
  resource: 'statefulsets',
  owns: { kind: 'StatefulSet', resources: ['pods'] },
  informers: [
    { resource: 'statefulsets', indexes: ['namespace'] },
    { resource: 'pods', indexes: ['controller', 'orphan'] },
    { resource: 'controllerrevisions', indexes: ['controller', 'orphan'] },
    { resource: 'persistentvolumeclaims' },
  ],
  workers: 5,
  start: () => null,

  onDelta(delta, env) {
    if (delta.resource === 'statefulsets') env.enqueue(cacheKey(delta.object))
    else if (delta.resource === 'pods') podChanged(delta, env)
  },

  reconcile(key, env) {
    const set = env.cache<StatefulSet>('statefulsets').byKey(key)
    if (set === undefined) return []
    const owned = claim<Pod>({ owner: set, resource: 'statefulsets', apiVersion: 'apps/v1', kind: 'StatefulSet', selector: labelSelector(set.spec.selector) }, env.cache('pods'), 'pods', (p) => ordinalOf(set, p) >= 0)
    if (owned.intents.length > 0) return owned.intents
    const history = claim<ControllerRevision>({ owner: set, resource: 'statefulsets', apiVersion: 'apps/v1', kind: 'StatefulSet', selector: labelSelector(set.spec.selector) }, env.cache('controllerrevisions'), 'controllerrevisions')
    if (history.intents.length > 0) return [...history.intents, { do: 'requeue-rate-limited' }]
    const r = revisions(set, env.cache('controllerrevisions'))
    const sync = new Sync(set, owned.mine, r, env)
    sync.run()
    const live = new Set(owned.mine.map((p) => p.metadata.labels?.[revisionLabel]))
    return [...r.intents, ...sync.intents, { do: 'then', step: 'status', data: { set, before: sync.before, after: sync.after } }, ...truncateHistory(set, r, live)]
  },

  resume(_key, _step, data, error) {
    const { set, before, after } = data as { set: StatefulSet; before: StatefulSetStatus; after: StatefulSetStatus }
    const status = completeRollingUpdate(set, error === undefined ? after : before)
    const out: Intent[] = []
    if (inconsistent(set, status)) out.push(updateObject('statefulsets', { ...set, status } as StatefulSet, 'status', { tag: { status, read: false } satisfies Tag }))
    const minReady = set.spec.minReadySeconds ?? 0
    if (minReady > 0 && (status.availableReplicas ?? 0) !== (set.spec.replicas ?? 1)) out.push({ do: 'requeue', after: minReady * SECOND })
    return out
  },

  onResponse(key, tag, response) {
    const t = tag as Tag | undefined
    if (t === undefined) return undefined
    const ok = response.code >= 200 && response.code < 300
    if ('status' in t) {
      if (t.read) return ok ? { intents: [updateObject('statefulsets', { ...response.body, status: t.status } as StatefulSet, 'status')] } : undefined
      const slash = key.indexOf('/')
      return ok ? undefined : { handled: true, intents: [getObject('statefulsets', key.slice(0, slash), key.slice(slash + 1), { tag: { ...t, read: true } })] }
    }
    return { intents: eventOf(t, response, ok) }
  },
}

function eventOf(t: Exclude<Tag, { status: StatefulSetStatus }>, response: ApiResponse, ok: boolean): Intent[] {
  const body = response.body as { message?: string; reason?: string }
  if (!ok && (body.reason === 'AlreadyExists' || namespaceTerminates(response))) return []
  const about = referenceTo(t.set)
  const set = t.set.metadata.name
  if ('claim' in t) {
    const what = `Claim ${t.claim} Pod ${t.pod} in StatefulSet ${set}`
    return [ok ? { do: 'event', about, type: 'Normal', reason: 'SuccessfulCreate', message: `Create ${what} success` } : { do: 'event', about, type: 'Warning', reason: 'FailedCreate', message: `create ${what} failed error: ${body.message}` }]
  }
  if (ok) return [{ do: 'event', about, type: 'Normal', reason: `Successful${t.verb}`, message: `${t.verb} Pod ${t.pod} in StatefulSet ${set} successful` }]
  return [{ do: 'event', about, type: 'Warning', reason: `Failed${t.verb}`, message: `${t.verb.toLowerCase()} Pod ${t.pod} in StatefulSet ${set} failed error: ${body.message}` }]
}

const isCreated = (p: Pod): boolean => (p.status?.phase ?? '') !== ''
const isTerminating = (p: Pod): boolean => p.metadata.deletionTimestamp !== undefined
const isRunningAndReady = (p: Pod): boolean => p.status?.phase === 'Running' && isPodReady(p)
const revisionOfPod = (p: Pod): string => p.metadata.labels?.[revisionLabel] ?? ''

/** One sync of a set. Upstream: defaultStatefulSetControl.updateStatefulSet */
class Sync {
  readonly intents: Intent[] = []
  /** Status as found, and as it is when all intents went well. */
  before: StatefulSetStatus
  after: StatefulSetStatus
  private readonly replicas: Pod[] = []
  private readonly condemned: Pod[]
  private readonly now: Micros

  constructor(
    private readonly set: StatefulSet,
    pods: readonly Pod[],
    private readonly r: Revisions,
    private readonly env: Env,
  ) {
    const start = startOrdinal(set)
    const count = set.spec.replicas ?? 1
    const byOrdinal = new Map(pods.map((p) => [ordinalOf(set, p), p]))
    for (let o = start; o < start + count; o++) this.replicas.push(byOrdinal.get(o) ?? this.versioned(o))
    this.condemned = pods.filter((p) => ordinalOf(set, p) < start || ordinalOf(set, p) >= start + count).sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a))
    this.now = env.ctx.wallMicros()
    this.before = this.after = this.status()
  }

  private versioned(ordinal: number): Pod {
    const { set, r } = this
    const strategy = set.spec.updateStrategy
    const rolling = strategy?.rollingUpdate
    const old = strategy?.type === 'RollingUpdate' && (rolling === undefined ? ordinal < startOrdinal(set) + (set.status?.currentReplicas ?? 0) : ordinal < startOrdinal(set) + (rolling.partition ?? 0))
    const revision = old ? r.current : r.update
    return newPod(set, revision === r.update ? set.spec.template : templateOf(revision), revision.metadata.name, ordinal)
  }

  private available(p: Pod): boolean {
    return isRunningAndReady(p) && isPodAvailable(p, this.set.spec.minReadySeconds ?? 0, this.now)
  }

  private status(): StatefulSetStatus {
    let replicas = 0, ready = 0, available = 0, current = 0, updated = 0
    for (const p of [...this.replicas, ...this.condemned]) {
      if (!isCreated(p)) continue
      replicas++
      if (isRunningAndReady(p)) ready++
      if (this.available(p)) available++
      if (isTerminating(p)) continue
      if (revisionOfPod(p) === this.r.current.metadata.name) current++
      if (revisionOfPod(p) === this.r.update.metadata.name) updated++
    }
    return {
      ...(this.set.status?.conditions && { conditions: this.set.status.conditions }),
      observedGeneration: this.set.metadata.generation ?? 0, replicas, readyReplicas: ready, availableReplicas: available, currentReplicas: current, updatedReplicas: updated,
      currentRevision: this.r.current.metadata.name, updateRevision: this.r.update.metadata.name, collisionCount: this.set.status?.collisionCount ?? 0,
    }
  }

  run(): void {
    const { set } = this
    if (isTerminating(set as unknown as Pod)) return
    const ordered = set.spec.podManagementPolicy !== 'Parallel'
    if (ordered ? this.replicas.some((p) => this.process(p, true)) : this.burst()) return
    if (this.condemn(ordered)) return
    if (set.spec.updateStrategy?.type === 'OnDelete') return
    this.update()
  }

  /** Looks after one replica. True: nothing more may be done in this sync. Upstream: processReplica */
  private process(p: Pod, ordered: boolean): boolean {
    const phase = p.status?.phase
    if (phase === 'Failed' || phase === 'Succeeded') {
      if (!isTerminating(p)) {
        const [type, reason, word] = phase === 'Failed' ? (['Warning', 'RecreatingFailedPod', 'failed'] as const) : (['Normal', 'RecreatingTerminatedPod', 'terminated'] as const)
        this.intents.push({ do: 'event', about: referenceTo(this.set), type, reason, message: `StatefulSet ${cacheKey(this.set)} is recreating ${word} Pod ${p.metadata.name}` })
        this.intents.push(this.deletion(p))
      }
      return true
    }
    if (!isCreated(p)) {
      if (this.knownClaims(p).some((c) => isStale(c, this.set, p))) return true
      this.intents.push(...this.claims(p), this.creation(p), ...this.ownership(p))
      return ordered
    }
    if (phase === 'Pending') this.intents.push(...this.claims(p))
    if (ordered && (isTerminating(p) || !this.available(p))) return true
    const ordinal = ordinalOf(this.set, p)
    this.intents.push(...this.ownership(p))
    if (!identityMatches(p, ordinal)) this.intents.push(updateObject('pods', withIdentity(p, ordinal), undefined, { tag: { verb: 'Update', pod: p.metadata.name, set: this.set } satisfies Tag }))
    return false
  }

  /** All replicas side by side. */
  private burst(): boolean {
    const create: RequestIntent[] = []
    let stop = false
    for (const p of this.replicas) {
      if (isCreated(p) || p.status?.phase !== undefined) {
        if (this.process(p, false)) stop = true
      } else if (this.knownClaims(p).some((c) => isStale(c, this.set, p))) stop = true
      else {
        this.intents.push(...this.claims(p), ...this.ownership(p))
        create.push(this.creation(p))
      }
    }
    if (create.length > 0) this.intents.push({ do: 'slow-start', requests: create })
    return stop
  }

  private claims(p: Pod): RequestIntent[] {
    const out: RequestIntent[] = []
    const cache = this.env.cache<PersistentVolumeClaim>('persistentvolumeclaims')
    for (const { claim: c } of claimsOf(this.set, ordinalOf(this.set, p)))
      if (cache.byKey(cacheKey(c)) === undefined) out.push(createObject('persistentvolumeclaims', c, { ignore: ['AlreadyExists'], tag: { claim: c.metadata.name, pod: p.metadata.name, set: this.set } satisfies Tag }))
    return out
  }

  private knownClaims(p: Pod): PersistentVolumeClaim[] {
    const cache = this.env.cache<PersistentVolumeClaim>('persistentvolumeclaims')
    return claimsOf(this.set, ordinalOf(this.set, p)).flatMap(({ claim: c }) => cache.byKey(cacheKey(c)) ?? [])
  }

  /** Owners of a pod's claims, as the retention policy wants them. Upstream: UpdatePodClaimForRetentionPolicy */
  private ownership(p: Pod): RequestIntent[] {
    return this.knownClaims(p).filter((c) => !ownersFit(c, this.set, p)).map((c) => updateObject('persistentvolumeclaims', withOwners(c, this.set, p)))
  }

  private creation(p: Pod): RequestIntent {
    return createObject('pods', p, { tag: { verb: 'Create', pod: p.metadata.name, set: this.set } satisfies Tag })
  }

  private deletion(p: Pod): RequestIntent {
    return deleteObject('pods', p, {}, { ignore: ['NotFound'], tag: { verb: 'Delete', pod: p.metadata.name, set: this.set } satisfies Tag })
  }

  /** Takes pods beyond the count away, the last first. True: wait. Upstream: processCondemned */
  private condemn(ordered: boolean): boolean {
    for (const p of this.condemned) this.intents.push(...this.ownership(p))
    const unhealthy = [...this.replicas, ...[...this.condemned].reverse()].find((p) => !isRunningAndReady(p) || isTerminating(p))
    for (const p of this.condemned) {
      if (isTerminating(p)) {
        if (ordered) return true
        continue
      }
      if (ordered && !isRunningAndReady(p) && p !== unhealthy) return true
      if (ordered && !this.available(p) && p !== unhealthy) return true
      this.intents.push(this.deletion(p))
      if (ordered) return true
    }
    return false
  }

  /** Deletes pods of old revisions, from the last down to the partition. */
  private update(): void {
    const { set, r, replicas } = this
    const rolling = set.spec.updateStrategy?.rollingUpdate
    // Counted from the first pod, whatever number it bears.
    const min = rolling?.partition ?? 0
    const most = Math.max(1, scaledOr(rolling?.maxUnavailable, replicas.length, false, 1))
    const isOld = (p: Pod): boolean => revisionOfPod(p) !== r.update.metadata.name
    let missing = 0
    for (let i = replicas.length - 1; i >= min; i--) {
      const p = replicas[i] as Pod
      if (isOld(p) && !isTerminating(p)) {
        this.intents.push(this.deletion(p))
        this.after = { ...this.after, currentReplicas: (this.after.currentReplicas ?? 0) - 1 }
        missing++
      } else if (!this.available(p) || isTerminating(p)) missing++
      if (missing >= most) return
    }
  }
}

/** Upstream: completeRollingUpdate */
function completeRollingUpdate(set: StatefulSet, s: StatefulSetStatus): StatefulSetStatus {
  const all = set.spec.replicas ?? 1
  if (set.spec.updateStrategy?.type !== 'RollingUpdate' || s.updatedReplicas !== all || s.readyReplicas !== all || s.replicas !== all) return s
  return { ...s, currentReplicas: s.updatedReplicas, currentRevision: s.updateRevision as string }
}

/** Upstream: inconsistentStatus */
function inconsistent(set: StatefulSet, s: StatefulSetStatus): boolean {
  const o = set.status
  const n = (x: number | undefined): number => x ?? 0
  return o === undefined || n(s.observedGeneration) > n(o.observedGeneration) || s.replicas !== n(o.replicas) || n(s.currentReplicas) !== n(o.currentReplicas) || n(s.readyReplicas) !== n(o.readyReplicas)
    || n(s.updatedReplicas) !== n(o.updatedReplicas) || n(s.availableReplicas) !== n(o.availableReplicas) || s.currentRevision !== o.currentRevision || s.updateRevision !== o.updateRevision
}

function podChanged(delta: Delta, env: Env): void {
  const sets = env.cache<StatefulSet>('statefulsets')
  const pod = delta.object as Pod
  const old = delta.old as Pod | undefined
  const set = resolveController(sets, pod, 'StatefulSet')
  const before = delta.type === 'updated' && old ? resolveController(sets, old, 'StatefulSet') : undefined
  if (before && before !== set) env.enqueue(cacheKey(before))
  if (set) {
    env.enqueue(cacheKey(set))
    const minReady = set.spec.minReadySeconds ?? 0
    if (minReady > 0 && old && !isPodReady(old) && isPodReady(pod)) env.enqueueAfter(cacheKey(set), (minReady + 1) * SECOND)
    return
  }
  if (delta.type === 'deleted' || pod.metadata.ownerReferences?.some((x) => x.controller)) return
  if (old && deepEqual(old.metadata.labels, pod.metadata.labels) && deepEqual(old.metadata.ownerReferences, pod.metadata.ownerReferences)) return
  for (const s of sets.by('namespace', pod.metadata.namespace as string)) if (matches(labelSelector(s.spec.selector), pod.metadata.labels)) env.enqueue(cacheKey(s))
}
