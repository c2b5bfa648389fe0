import { resourcePath, type PersistentVolume, type PersistentVolumeClaim, type StorageClass } from '../api'
import type { KubeObject } from '../apimachinery'
import { Client, EventRecorder, InformerFactory, cacheKey, referenceTo, type Delta, type Reply } from '../client-go'
import { MS, SECOND, type Behaviour, type Ctx, type Message } from '../sim'
import { considerGrowth, resizerStep } from './resizer'

/** What StorageClasses call it. */
export const provisionerName = 'rancher.io/local-path'

/** Making or scrubbing a directory takes a helper pod on the node; its time stands for it. Units: µs. */
const helperTime = 2500 * MS
/** Back-off of failed claims. Upstream: sig-storage-lib-external-provisioner/controller DefaultRateLimiter */
const backoff = { base: 15 * SECOND, max: 1000 * SECOND }

/** Parameters of `local-path-provisioner@<pod>`. */
export interface ProvisionerParams {
  readonly pod: string
}

/** State of `local-path-provisioner@<pod>`. */
export interface ProvisionerState {
  readonly client: Client
  readonly informers: InformerFactory
  readonly recorder: EventRecorder
  /** Claims (`claim/<uid>`, served ones too) and volumes (`volume/<name>`) in work or backing off, with their failures so far. Bounds: one for each that exists. */
  readonly working: Map<string, number>
  /** Claims whose volumes are being grown. Bounds: one for each that exists. */
  readonly resizing: Set<string>
}

interface Due extends Message {
  readonly type: 'provisioner/due'
  readonly what: 'claim' | 'volume'
  readonly key: string
  readonly id: string
}

interface Again extends Message {
  readonly type: 'provisioner/again'
  readonly key: string
  readonly id: string
}

interface Done extends Message {
  readonly type: 'provisioner/done'
  readonly what: 'claim' | 'volume'
  readonly key: string
  readonly id: string
}

/**
 * Makes the volumes of claims whose node is chosen, and takes them away with their claims.
 * Upstream: rancher/local-path-provisioner, kubernetes-sigs/sig-storage-lib-external-provisioner
 */
export const localPathProvisioner: Behaviour<ProvisionerState, ProvisionerParams> = {
  kind: 'local-path-provisioner',
  start(ctx, params) {
    const client = new Client('system:serviceaccount:kube-system:local-path-provisioner-service-account', 'local-path-provisioner')
    const identity = `${provisionerName}_${params.pod}_${ctx.rng.uint32().toString(16).padStart(8, '0')}`
    const state: ProvisionerState = { client, informers: new InformerFactory(client), recorder: new EventRecorder(client, identity), working: new Map(), resizing: new Set() }
    for (const resource of ['storageclasses', 'persistentvolumeclaims', 'persistentvolumes']) state.informers.add({ resource })
    state.informers.start(ctx)
    return state
  },
  handle(state, message, ctx) {
    switch (message.type) {
      case 'provisioner/due':
        return due(state, message as Due, ctx)
      case 'provisioner/again': {
        const { key, id } = message as Again
        const c = state.informers.cache<PersistentVolumeClaim>('persistentvolumeclaims').byKey(key)
        if (c !== undefined && wanted(state, c)) provision(state, c, id, ctx)
        else state.working.delete(id)
        return
      }
      case 'resizer/grown':
        return void resizerStep(state, message, undefined, ctx)
      default:
    }
    const synced = state.informers.synced
    const onDelta = (delta: Delta) => look(state, delta.object, delta.type, ctx)
    if (!state.informers.receive(message, ctx, onDelta))
      for (const reply of state.client.receive(message, ctx)) if (!state.recorder.reply(reply, ctx) && !state.informers.reply(reply, ctx, onDelta) && !resizerStep(state, reply.then, reply.response, ctx)) done(state, reply, ctx)
    // What came before all caches were full is looked at once they are.
    if (!synced && state.informers.synced) for (const r of ['persistentvolumeclaims', 'persistentvolumes']) for (const o of state.informers.cache(r).list()) look(state, o, 'added', ctx)
  },
}

function look(state: ProvisionerState, o: KubeObject, type: Delta['type'], ctx: Ctx): void {
  if (type === 'deleted') return void state.working.delete(o.kind === 'PersistentVolume' ? `volume/${o.metadata.name}` : `claim/${o.metadata.uid}`)
  if (!state.informers.synced) return
  if (o.kind === 'PersistentVolumeClaim') {
    const id = `claim/${o.metadata.uid}`
    const c = o as PersistentVolumeClaim
    if (c.spec.volumeName) return considerGrowth(state, c, cacheKey(o), provisionerName, ctx)
    if (!state.working.has(id) && wanted(state, c)) {
      state.working.set(id, 0)
      provision(state, c, id, ctx)
    }
  } else if (o.kind === 'PersistentVolume') {
    const id = `volume/${o.metadata.name}`
    const pv = o as PersistentVolume
    if (state.working.has(id) || pv.status?.phase !== 'Released' || pv.spec.persistentVolumeReclaimPolicy !== 'Delete') return
    if (pv.metadata.deletionTimestamp !== undefined || pv.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== provisionerName) return
    state.working.set(id, 0)
    const later: Due = { type: 'provisioner/due', what: 'volume', key: pv.metadata.name, id }
    ctx.after(helperTime, later)
  }
}

const classOf = (state: ProvisionerState, c: PersistentVolumeClaim): StorageClass | undefined => state.informers.cache<StorageClass>('storageclasses').get('', c.spec.storageClassName ?? '')

/** Upstream: controller.go shouldProvision */
function wanted(state: ProvisionerState, c: PersistentVolumeClaim): boolean {
  const { annotations } = c.metadata
  const sc = classOf(state, c)
  if (c.spec.volumeName || c.metadata.deletionTimestamp !== undefined || annotations?.['volume.kubernetes.io/storage-provisioner'] !== provisionerName || sc?.provisioner !== provisionerName) return false
  return sc.volumeBindingMode !== 'WaitForFirstConsumer' || annotations['volume.kubernetes.io/selected-node'] !== undefined
}

/** Why a claim cannot be served; undefined when it can. Upstream: local-path-provisioner provisioner.go Provision */
function refusal(c: PersistentVolumeClaim): string | undefined {
  if (c.spec.selector !== undefined) return 'claim.Spec.Selector is not supported'
  if (!c.spec.accessModes?.every((m) => m === 'ReadWriteOnce' || m === 'ReadWriteOncePod')) return 'NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes'
  if (c.spec.volumeMode === 'Block') return `${provisionerName} does not support block volume provisioning`
  return c.metadata.annotations?.['volume.kubernetes.io/selected-node'] === undefined ? 'configuration error, no node was specified' : undefined
}

function provision(state: ProvisionerState, c: PersistentVolumeClaim, id: string, ctx: Ctx): void {
  state.recorder.event(ctx, referenceTo(c as KubeObject), 'Normal', 'Provisioning', `External provisioner is provisioning volume for claim "${cacheKey(c as KubeObject)}"`)
  const why = refusal(c)
  if (why !== undefined) return fail(state, c, id, why, ctx)
  const later: Due = { type: 'provisioner/due', what: 'claim', key: cacheKey(c as KubeObject), id }
  ctx.after(helperTime, later)
}

function fail(state: ProvisionerState, c: PersistentVolumeClaim, id: string, why: string, ctx: Ctx): void {
  state.recorder.event(ctx, referenceTo(c as KubeObject), 'Warning', 'ProvisioningFailed', `failed to provision volume with StorageClass "${c.spec.storageClassName ?? ''}": ${why}`)
  const failures = state.working.get(id) ?? 0
  state.working.set(id, failures + 1)
  const again: Again = { type: 'provisioner/again', key: cacheKey(c as KubeObject), id }
  ctx.after(Math.min(backoff.base * 2 ** Math.min(failures, 10), backoff.max), again)
}

/** The helper is through: the API object is created, or deleted. */
function due(state: ProvisionerState, { what, key, id }: Due, ctx: Ctx): void {
  const then: Done = { type: 'provisioner/done', what, key, id }
  if (what === 'volume') {
    state.client.send(ctx, { verb: 'delete', path: resourcePath('persistentvolumes', undefined, key) }, then)
    return
  }
  const c = state.informers.cache<PersistentVolumeClaim>('persistentvolumeclaims').byKey(key)
  if (c === undefined || !wanted(state, c)) {
    state.working.delete(id)
    return
  }
  state.client.send(ctx, { verb: 'create', path: resourcePath('persistentvolumes'), body: volumeFor(c, classOf(state, c) as StorageClass) }, then)
}

function volumeFor(c: PersistentVolumeClaim, sc: StorageClass): object {
  const { namespace, name, uid, resourceVersion, annotations } = c.metadata
  const node = annotations?.['volume.kubernetes.io/selected-node'] ?? ''
  const volume = `pvc-${uid}`
  return {
    apiVersion: 'v1', kind: 'PersistentVolume',
    metadata: { name: volume, annotations: { 'local.path.provisioner/selected-node': node, 'pv.kubernetes.io/provisioned-by': provisionerName } },
    spec: {
      accessModes: c.spec.accessModes, capacity: { storage: c.spec.resources?.requests?.storage },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
      hostPath: { path: `/opt/local-path-provisioner/${volume}_${namespace}_${name}`, type: 'DirectoryOrCreate' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } },
      persistentVolumeReclaimPolicy: sc.reclaimPolicy ?? 'Delete', storageClassName: sc.metadata.name, volumeMode: c.spec.volumeMode ?? 'Filesystem',
    },
  }
}

function done(state: ProvisionerState, { then, response }: Reply, ctx: Ctx): void {
  if (then.type !== 'provisioner/done') return
  const { what, key, id } = then as Done
  const { code } = response
  if (what === 'volume') {
    // A volume that could not be deleted is tried again: its watch event, or a restart, brings it back.
    state.working.delete(id)
    if (code === 0 || code >= 500) {
      state.working.set(id, 1)
      const later: Due = { type: 'provisioner/due', what, key, id }
      ctx.after(backoff.base, later)
    }
    return
  }
  const c = state.informers.cache<PersistentVolumeClaim>('persistentvolumeclaims').byKey(key)
  if (c === undefined) state.working.delete(id)
  else if (code === 201 || code === 409) {
    // It stays in work until it is gone: no claim gets two volumes, however late the news of its binding come.
    state.recorder.event(ctx, referenceTo(c as KubeObject), 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume pvc-${c.metadata.uid}`)
  } else fail(state, c, id, (response.body as { message?: string }).message ?? 'unknown error', ctx)
}
