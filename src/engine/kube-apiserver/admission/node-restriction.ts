import type { Lease, Node, Pod, TokenRequest } from '../../api'
import { deepEqual } from '../../apimachinery'
import { nodeOf } from '../authorization/node'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin'

const mirror = 'kubernetes.io/config.mirror'
/** Upstream: k8s.io/kubelet/pkg/apis/well_known_labels.go */
const kubeletLabels = new Set([
  'kubernetes.io/hostname', 'topology.kubernetes.io/zone', 'topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type', 'beta.kubernetes.io/instance-type', 'kubernetes.io/os', 'kubernetes.io/arch', 'beta.kubernetes.io/os', 'beta.kubernetes.io/arch', 'node.kubernetes.io/windows-build',
])

/** What kubeadm puts on its control plane right after it has joined; here the kubelet registers with them. Upstream: cmd/kubeadm/app/phases/markcontrolplane */
const kubeadmLabels = new Set(['node-role.kubernetes.io/control-plane', 'node.kubernetes.io/exclude-from-external-load-balancers'])

/** A node changes nothing but itself and its pods. Upstream: plugin/pkg/admission/noderestriction */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  resources: ['pods', 'nodes', 'leases', 'csinodes'],
  admit(a) {
    const node = nodeOf(a.user)
    if (node === undefined) return undefined
    switch (a.served.storage) {
      case 'pods': return a.subresource === '' ? podDenial(node, a) : a.subresource === 'status' ? statusDenial(node, a) : undefined
      case 'nodes': return nodeDenial(node, a)
      case 'leases':
        if (a.namespace !== 'kube-node-lease') return 'can only access leases in the "kube-node-lease" system namespace'
        return ((a.object as Lease | undefined)?.metadata.name ?? a.name) === node ? undefined : 'can only access node lease with the same name as the requesting node'
      case 'csinodes': return (a.object?.metadata.name ?? a.name) === node ? undefined : 'can only access CSINode with the same name as the requesting node'
      default: return undefined
    }
  },
}

function podDenial(node: string, a: AdmissionAttributes): string | undefined {
  if (a.operation === 'DELETE') {
    const old = a.old as Pod | undefined
    return old === undefined || old.spec.nodeName === node ? undefined : `node "${node}" can only delete pods with spec.nodeName set to itself`
  }
  if (a.operation !== 'CREATE') return `unexpected operation "${a.operation}", node "${node}" can only create and delete mirror pods`
  const { metadata, spec } = a.object as Pod
  if (metadata.annotations?.[mirror] === undefined) return `pod does not have "${mirror}" annotation, node "${node}" can only create mirror pods`
  if (spec.nodeName !== node) return `node "${node}" can only create pods with spec.nodeName set to itself`
  const owners = metadata.ownerReferences ?? []
  const [owner] = owners
  if (owners.length > 1) return `node "${node}" can only create pods with a single owner reference set to itself`
  if (owner === undefined || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) return `node "${node}" can only create pods with an owner reference set to itself`
  if (!owner.controller) return `node "${node}" can only create pods with a controller owner reference set to itself`
  if (owner.blockOwnerDeletion) return `node "${node}" must not set blockOwnerDeletion on an owner reference`
  const own = a.write.get('nodes', '', node)
  if (own !== undefined && own.metadata.uid !== owner.uid) return `node ${node} UID mismatch: expected ${owner.uid} got ${own.metadata.uid}`
  if (spec.serviceAccountName) return `node "${node}" can not create pods that reference a service account`
  if (spec.volumes?.some((v) => v.persistentVolumeClaim != null)) return `node "${node}" can not create pods that reference persistentvolumeclaims`
  return undefined
}

function statusDenial(node: string, a: AdmissionAttributes): string | undefined {
  const old = a.old as Pod
  const now = a.object as Pod
  if (old.spec.nodeName !== node) return `node "${node}" can only update pod status for pods with spec.nodeName set to itself`
  return deepEqual(old.metadata.labels ?? {}, now.metadata.labels ?? {}) ? undefined : `node "${node}" cannot update labels through pod status`
}

function nodeDenial(node: string, a: AdmissionAttributes): string | undefined {
  const name = a.object?.metadata.name ?? a.name
  if (name !== node) return `node "${node}" is not allowed to modify node "${name}"`
  if (a.operation === 'DELETE') return undefined
  const [now, old] = [a.object as Node, a.old as Node | undefined]
  const labels = forbiddenLabels(now.metadata.labels ?? {}, old?.metadata.labels ?? {}).filter((l) => old !== undefined || !kubeadmLabels.has(l))
  if (old === undefined) return labels.length === 0 ? undefined : `node "${node}" is not allowed to set the following labels: ${labels.join(', ')}`
  if (!deepEqual(now.spec?.taints ?? [], old.spec?.taints ?? [])) return `node "${node}" is not allowed to modify taints`
  return labels.length === 0 ? undefined : `is not allowed to modify labels: ${labels.join(', ')}`
}

/** Upstream: getForbiddenLabels, IsKubeletLabel */
function forbiddenLabels(now: Readonly<Record<string, string>>, old: Readonly<Record<string, string>>): string[] {
  if (now === old) return []
  const changed = [...Object.keys(now).filter((k) => now[k] !== old[k]), ...Object.keys(old).filter((k) => now[k] === undefined)]
  return changed.filter((label) => {
    const slash = label.indexOf('/')
    const space = slash < 0 ? '' : label.slice(0, slash)
    if (space === 'node-restriction.kubernetes.io' || space.endsWith('.node-restriction.kubernetes.io')) return true
    if (!/(^|\.)(kubernetes|k8s)\.io$/.test(space)) return false
    return !kubeletLabels.has(label) && !/(^|\.)(kubelet|node)\.kubernetes\.io$/.test(space)
  }).sort()
}

/** A node gets tokens for its pods' accounts alone. Upstream: admitServiceAccount */
export function tokenDenial(node: string, ref: TokenRequest['spec']['boundObjectRef'], pod: Pod | undefined): string | undefined {
  if (ref == null || ref.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) return 'node requested token not bound to a pod'
  if (!ref.uid) return 'node requested token with a pod binding without a uid'
  if (pod !== undefined && pod.metadata.uid !== ref.uid) return `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`
  return pod !== undefined && pod.spec.nodeName !== node ? 'node requested token bound to a pod scheduled on a different node' : undefined
}
