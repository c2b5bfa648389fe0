import type { Container, PodSpec } from '../../api'
import type { KubeObject } from '../../apimachinery'
import type { Served } from '../served'
import { entriesOf, entryOf, isManaged, ownersOf, type Owner } from './owners'
import { join, type Path } from './paths'
import { fieldOfKind, zeroFields } from './kinds'
import { changedPaths, fieldsOf, type Field } from './typed'

const STATUS = 'f:status'
const ANNOTATIONS: Path = join('f:metadata', 'f:annotations')
const REVISION = 'deployment.kubernetes.io/revision'
/** Of a Node, what the kubelet did not write itself. */
const BY_CONTROLLERS = [...['f:podCIDR', 'f:podCIDRs', 'f:taints'].map((f) => join('f:spec', f)), join(ANNOTATIONS, 'f:node.alpha.kubernetes.io/ttl')]

const CONTROLLERS = 'kube-controller-manager'
/** Whose status is not written by kube-controller-manager. */
const STATUS_WRITERS: Readonly<Record<string, string>> = { Pod: 'kubelet', Node: 'kubelet', Service: 'cloud-controller-manager', Ingress: 'nginx-ingress-controller', CustomResourceDefinition: 'kube-apiserver', APIService: 'kube-apiserver' }
/** Who makes objects of a kind when no person does; kube-controller-manager makes the rest. */
const CREATORS: Readonly<Record<string, string>> = {
  Node: 'kubelet', CSINode: 'kubelet', APIService: 'kube-apiserver', ClusterRole: 'kube-apiserver', ClusterRoleBinding: 'kube-apiserver', Role: 'kube-apiserver', RoleBinding: 'kube-apiserver', PriorityClass: 'kube-apiserver',
  FlowSchema: 'kube-apiserver', PriorityLevelConfiguration: 'kube-apiserver', ServiceCIDR: 'kube-apiserver', Namespace: 'kube-apiserver', Service: 'kube-apiserver',
}

interface Told extends KubeObject {
  readonly spec?: { readonly holderIdentity?: string }
  readonly source?: { readonly component?: string }
  readonly status?: unknown
}

function creatorOf(o: Told): string {
  if (o.kind === 'Lease') return o.metadata.namespace === 'kube-node-lease' ? 'kubelet' : o.metadata.name.startsWith('kube-') ? o.metadata.name : CONTROLLERS
  if (o.kind === 'Event') return o.source?.component === 'kubelet' ? 'kubelet' : o.source?.component === 'default-scheduler' ? 'kube-scheduler' : CONTROLLERS
  if (o.kind === 'Pod' && o.metadata.ownerReferences?.[0]?.kind === 'Node') return 'kubelet'
  return CREATORS[o.kind ?? ''] ?? CONTROLLERS
}

/** Without its status: that belongs to whom a kind's status belongs to. */
export function bare(served: Served, o: KubeObject): KubeObject {
  if (!served.strategy.hasStatus) return o
  const { status: _, ...rest } = o as Told
  return rest
}

const revisionPath: Path = join(ANNOTATIONS, `f:${REVISION}`)

/** A pod as its creator sent it: without what admission, the binding and the registry added. */
function asSent(o: Told): Told {
  if (o.kind !== 'Pod' || o.spec === undefined) return o
  const { nodeName: _n, preemptionPolicy: _q, priority: _p, serviceAccount: _s, serviceAccountName, volumes, tolerations, ...spec } = o.spec as PodSpec
  const isToken = ({ name }: { readonly name: string }): boolean => name.startsWith('kube-api-access-')
  const mounts = (c: Container): Container => {
    const { volumeMounts, ...rest } = c
    const own = volumeMounts?.filter((m) => !isToken(m)) ?? []
    return own.length === 0 ? rest : { ...rest, volumeMounts: own }
  }
  const sent: PodSpec = { ...spec, containers: spec.containers.map(mounts) }
  if (spec.initContainers !== undefined) sent.initContainers = spec.initContainers.map(mounts)
  const own = volumes?.filter((v) => !isToken(v)) ?? []
  if (own.length > 0) sent.volumes = own
  if (serviceAccountName !== undefined && serviceAccountName !== 'default') sent.serviceAccountName = serviceAccountName
  if (tolerations?.some((t) => t.tolerationSeconds !== 300)) sent.tolerations = tolerations
  const labels = Object.fromEntries(Object.entries(o.metadata.labels ?? {}).filter(([key]) => !key.startsWith('topology.kubernetes.io/')))
  const { labels: _l, ...metadata } = o.metadata
  return { ...o, metadata: Object.keys(labels).length === 0 ? metadata : { ...metadata, labels }, spec: sent as Told['spec'] }
}

/** Owners of what no person wrote to yet, by what its kind's components do. */
export function presumedOwners(served: Served, root: Field | undefined, o: KubeObject): Owner[] {
  const all = [...changedPaths(zeroFields(served), fieldsOf(root, bare(served, asSent(o))))].filter((p) => o.kind !== 'Deployment' || p !== revisionPath)
  const entry = (name: string): Owner['entry'] => entryOf({ name, operation: 'Update', subresource: '', apiVersion: served.apiVersion, time: o.metadata.creationTimestamp ?? '' })
  const owners: Owner[] = [{ entry: entry(creatorOf(o)), set: new Set(all) }]
  if (o.kind !== 'Node') return owners
  const theirs = all.filter((p) => BY_CONTROLLERS.some((q) => p === q || p.startsWith(join(q, ''))))
  for (const p of theirs) owners[0]!.set.delete(p)
  return [...owners, { entry: entry(CONTROLLERS), set: new Set(theirs) }]
}

/** What the registry and the binding say in a pod's status. */
const BORN: Path[] = [join(STATUS, 'f:qosClass'), join(STATUS, 'f:conditions')]
const SCHEDULED: Path = join(join(STATUS, 'f:conditions'), 'k:{"type":"PodScheduled"}')
const isOfPodItself = (o: KubeObject, p: Path): boolean => o.kind === 'Pod' && (BORN.includes(p) || p === SCHEDULED || p.startsWith(join(SCHEDULED, '')))

/** The owner of a status, whose writes are not recorded one by one, of all that is not recorded as somebody else's. */
export function statusOwner(served: Served, root: Field | undefined, o: KubeObject, owners: readonly Owner[]): Owner | undefined {
  if (!served.strategy.hasStatus) return undefined
  const set = new Set<Path>()
  const inside = join(STATUS, '')
  const status = fieldsOf(root, { status: (o as Told).status })
  for (const paths of [status.values.keys(), status.containers]) for (const p of paths) if (p.startsWith(inside) && !isOfPodItself(o, p) && !owners.some((w) => w.set.has(p))) set.add(p)
  const annotations = o.metadata.annotations ?? {}
  if (o.kind === 'Deployment' && annotations[REVISION] !== undefined && !owners.some((w) => w.set.has(revisionPath))) {
    // Who brings the first annotation owns that there are any.
    if (Object.keys(annotations).length === 1) set.add(ANNOTATIONS)
    set.add(revisionPath)
  }
  if (set.size === 0) return undefined
  const name = STATUS_WRITERS[o.kind ?? ''] ?? CONTROLLERS
  return { entry: entryOf({ name, operation: 'Update', subresource: 'status', apiVersion: served.apiVersion, time: newest((o as Told).status) || (o.metadata.creationTimestamp ?? '') }), set }
}

/** The newest time that a status tells. */
function newest(value: unknown): string {
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? value : ''
  let found = ''
  if (typeof value === 'object' && value !== null) for (const v of Object.values(value)) { const t = newest(v); if (t > found) found = t }
  return found
}

/** All owners that are known or presumed. */
export function allOwners(served: Served, o: KubeObject): Owner[] {
  const root = fieldOfKind(served)
  const owners = isManaged(o) ? ownersOf(o) : presumedOwners(served, root, o)
  const status = statusOwner(served, root, o, owners)
  return status === undefined ? owners : [...owners, status]
}

// What follows from an immutable object: a memo, not state.
const told = new WeakMap<KubeObject, KubeObject>()

/** An object as people are shown it: with everybody's fields. */
export function withOwners(served: Served, o: KubeObject): KubeObject {
  if (o.metadata?.uid === undefined) return o
  let found = told.get(o)
  if (found === undefined) {
    const managedFields = entriesOf(allOwners(served, o))
    const { managedFields: _, ...metadata } = o.metadata
    told.set(o, (found = Object.freeze({ ...o, metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields } })))
  }
  return found
}
