import type { PersistentVolume, Pod, PolicyRule, Role, VolumeAttachment } from '../../api'
import type { Attributes, AuthorizationLookup, Authorizer } from './authorizer'
import { bootstrapPolicy } from './bootstrap-policy'
import { ruleAllows } from './rbac'

// A memo of a constant.
let rules: readonly PolicyRule[] | undefined

function nodeRules(): readonly PolicyRule[] {
  const role = bootstrapPolicy().find(([resource, o]) => resource === 'clusterroles' && o.metadata.name === 'system:node')
  return (role?.[1] as Role | undefined)?.rules ?? []
}

/** The node that a user is; undefined for all others. Upstream: pkg/auth/nodeidentifier */
export function nodeOf(user: { readonly name: string; readonly groups: readonly string[] }): string | undefined {
  return user.name.startsWith('system:node:') && user.groups.includes('system:nodes') ? user.name.slice('system:node:'.length) : undefined
}

/** What kubelets need: their own node, the pods bound to it, and what those pods name. Upstream: plugin/pkg/auth/authorizer/node/node_authorizer.go */
export const node: Authorizer = {
  name: 'Node',
  authorize(a, lookup) {
    const name = nodeOf(a.user)
    return name !== undefined && denial(a, name, lookup) === undefined ? 'allow' : 'no-opinion'
  },
  reason(a, lookup) {
    const name = nodeOf(a.user)
    return name === undefined ? '' : denial(a, name, lookup) ?? ''
  },
}

/** Why not; undefined when it may. */
function denial(a: Attributes, node: string, lookup: AuthorizationLookup): string | undefined {
  const related = (): string | undefined => {
    if (a.name === '') return 'No Object name found'
    return isRelated(node, a, lookup) ? undefined : `no relationship found between node '${node}' and this object`
  }
  const get = (): string | undefined => (a.verb !== 'get' ? 'can only get individual resources of this type' : a.subresource !== '' ? 'cannot get subresource' : related())
  if (a.isResource) switch (a.group === '' ? a.resource : `${a.resource}.${a.group}`) {
    case 'secrets': case 'configmaps':
      if (a.verb !== 'get' && a.verb !== 'list' && a.verb !== 'watch') return 'can only read resources of this type'
      if (a.subresource !== '') return 'cannot read subresource'
      return a.namespace === '' ? 'can only read namespaced object of this type' : related()
    case 'persistentvolumeclaims':
      if (a.subresource !== 'status') return get()
      return a.verb === 'update' || a.verb === 'patch' ? related() : 'can only get/update/patch this type'
    case 'persistentvolumes': case 'volumeattachments.storage.k8s.io': return get()
    case 'serviceaccounts':
      if (a.verb !== 'create' || a.name === '') return 'can only create tokens for individual service accounts'
      return a.subresource === 'token' ? related() : 'can only create token subresource of serviceaccount'
    case 'leases.coordination.k8s.io': return lease(a, node)
    case 'csinodes.storage.k8s.io':
      if (!OWN.has(a.verb)) return 'can only get, create, update, patch, or delete a CSINode'
      if (a.subresource !== '') return 'cannot authorize CSINode subresources'
      return a.verb === 'create' || a.name === node ? undefined : 'can only access CSINode with the same name as the requesting node'
    case 'nodes': return ownNode(a, node)
    case 'pods': return ownPods(a, node, related)
    default:
  }
  rules ??= nodeRules()
  return rules.some((r) => ruleAllows(a, r)) ? undefined : ''
}

const OWN = new Set(['get', 'create', 'update', 'patch', 'delete'])

function lease(a: Attributes, node: string): string | undefined {
  if (!OWN.has(a.verb)) return 'can only get, create, update, patch, or delete a node lease'
  if (a.namespace !== 'kube-node-lease') return 'can only access leases in the "kube-node-lease" system namespace'
  return a.verb === 'create' || a.name === node ? undefined : 'can only access node lease with the same name as the requesting node'
}

function ownNode({ verb, subresource, name }: Attributes, node: string): string | undefined {
  const writes = verb === 'update' || verb === 'patch'
  if (subresource === 'status') return writes ? undefined : ''
  if (subresource !== '') return ''
  if (writes || verb === 'create') return undefined
  if (verb !== 'get' && verb !== 'list' && verb !== 'watch') return ''
  if (name === node) return undefined
  return name === '' ? `node '${node}' cannot read all nodes, only its own Node object` : `node '${node}' cannot read '${name}', only its own Node object`
}

function ownPods(a: Attributes, node: string, related: () => string | undefined): string | undefined {
  switch (a.subresource) {
    case '':
      if (a.verb === 'create' || a.verb === 'delete') return undefined
      if (a.verb === 'get') return related()
      if (a.verb !== 'list' && a.verb !== 'watch') return ''
      if (a.fieldSelector?.split(',').some((f) => f === `spec.nodeName=${node}` || f === `spec.nodeName==${node}`)) return undefined
      return a.name === '' ? 'can only list/watch pods with spec.nodeName field selector' : related()
    case 'status': return a.verb === 'update' || a.verb === 'patch' ? undefined : ''
    case 'eviction': return a.verb === 'create' ? undefined : ''
    default: return ''
  }
}

/** Whether a pod on the node leads to the object. Upstream keeps a graph; the pods of a namespace are few enough to be asked. */
function isRelated(node: string, { resource, namespace, name }: Attributes, lookup: AuthorizationLookup): boolean {
  if (resource === 'pods') return (lookup.get('pods', namespace, name) as Pod | undefined)?.spec.nodeName === node
  if (resource === 'volumeattachments') return (lookup.get('volumeattachments', '', name) as VolumeAttachment | undefined)?.spec.nodeName === node
  if (resource === 'persistentvolumes') {
    const claim = (lookup.get('persistentvolumes', '', name) as PersistentVolume | undefined)?.spec?.claimRef
    return claim?.name !== undefined && named(node, claim.namespace ?? '', `persistentvolumeclaims/${claim.name}`, lookup)
  }
  return named(node, namespace, `${resource}/${name}`, lookup)
}

function named(node: string, namespace: string, what: string, lookup: AuthorizationLookup): boolean {
  for (const o of lookup.list('pods', namespace)) {
    const pod = o as Pod
    // A pod that has run to its end needs nothing any more.
    if (pod.spec.nodeName === node && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed' && namesOf(pod).has(what)) return true
  }
  return false
}

// What follows from a pod, an immutable value: a memo, not state.
const memo = new WeakMap<Pod['spec'], ReadonlySet<string>>()

/** What a pod names: `secrets/x`, `configmaps/y` … Upstream: pkg/api/v1/pod VisitPodSecretNames, VisitPodConfigmapNames */
function namesOf({ spec, metadata }: Pod): ReadonlySet<string> {
  let found = memo.get(spec)
  if (found !== undefined) return found
  const names = new Set<string>()
  const add = (resource: string, name: string | undefined): void => void (name && names.add(`${resource}/${name}`))
  add('serviceaccounts', spec.serviceAccountName)
  for (const s of spec.imagePullSecrets ?? []) add('secrets', s.name)
  for (const c of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    for (const e of c.env ?? []) {
      add('secrets', e.valueFrom?.secretKeyRef?.name)
      add('configmaps', e.valueFrom?.configMapKeyRef?.name)
    }
    for (const e of c.envFrom ?? []) {
      add('secrets', e.secretRef?.name)
      add('configmaps', e.configMapRef?.name)
    }
  }
  for (const v of spec.volumes ?? []) {
    add('secrets', v.secret?.secretName)
    add('configmaps', v.configMap?.name)
    add('persistentvolumeclaims', v.persistentVolumeClaim?.claimName)
    if (v.ephemeral) add('persistentvolumeclaims', `${metadata.name}-${v.name}`)
    for (const s of v.projected?.sources ?? []) {
      add('secrets', s.secret?.name)
      add('configmaps', s.configMap?.name)
    }
    for (const s of [v.cephfs, v.csi, v.flexVolume, v.iscsi, v.rbd, v.scaleIO, v.storageos]) add('secrets', (s as { secretRef?: { name?: string }; nodePublishSecretRef?: { name?: string } } | undefined)?.secretRef?.name)
    add('secrets', v.csi?.nodePublishSecretRef?.name)
    add('secrets', v.azureFile?.secretName)
  }
  memo.set(spec, (found = names))
  return found
}
