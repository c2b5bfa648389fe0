import { resourcePath, type Node, type PersistentVolume, type PersistentVolumeClaim } from '../../api'
import type { RequestInit } from '../../client-go'
import type { PodInfo } from '../backend/pod-info'
import { Action } from '../framework/events'
import type { Handle, Plugin } from '../framework/plugin'
import { skip, unresolvable, type PluginStatus } from '../framework/status'
import { claimClass, claimOf, classOf, fullyBound, podClaims, volumeAnnotations, volumeOf, volumeReachable } from './volume-claims'
import { bySize, matchingVolume, provisionable } from './volume-matching'

const name = 'VolumeBinding'
const unboundImmediate = unresolvable(name, 'pod has unbound immediate PersistentVolumeClaims')
const reasons = {
  nodeConflict: "node(s) didn't match PersistentVolume's node affinity",
  bindConflict: "node(s) didn't find available persistent volumes to bind",
  noVolume: 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
} as const

/** PreFilter's result: the pod's claims by what there is to do. */
interface Claims {
  readonly bound: readonly PersistentVolumeClaim[]
  /** To be bound when the pod's node is known. */
  readonly delayed: readonly PersistentVolumeClaim[]
  /** What Filter found for each node. */
  readonly byNode: Map<string, Plan>
}

/** What binding the pod to a node takes. */
interface Plan {
  readonly volumes: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[]
  readonly provisions: readonly PersistentVolumeClaim[]
}

function claimError(pod: PodInfo, h: Handle): PluginStatus | undefined {
  for (const c of podClaims(pod)) {
    const claim = claimOf(h, pod, c.name)
    if (claim === undefined) return unresolvable(name, c.ephemeral ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${c.name}"` : `persistentvolumeclaim "${c.name}" not found`)
    if (claim.status?.phase === 'Lost') return unresolvable(name, `persistentvolumeclaim "${c.name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`)
    if (claim.metadata.deletionTimestamp !== undefined) return unresolvable(name, `persistentvolumeclaim "${c.name}" is being deleted`)
    if (c.ephemeral && !claim.metadata.ownerReferences?.some((r) => r.controller && r.uid === pod.uid)) return unresolvable(name, `PVC ${pod.namespace}/${c.name} was not created for pod ${pod.namespace}/${pod.name} (pod is not owner)`)
  }
  return undefined
}

/** Plans the binding of the delayed claims on a node; undefined when some cannot be had there. */
function plan(pod: PodInfo, claims: Claims, node: Node, h: Handle): Plan | undefined {
  const volumes: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = []
  const provisions: PersistentVolumeClaim[] = []
  const taken = new Map(h.assumedVolumes)
  for (const claim of [...claims.delayed].sort(bySize)) {
    const selected = claim.metadata.annotations?.[volumeAnnotations.selectedNode]
    if (selected !== undefined) {
      if (selected !== node.metadata.name) return undefined
      provisions.push(claim)
      continue
    }
    const volume = matchingVolume(claim, h.objects<PersistentVolume>('persistentvolumes').list(), node, taken)
    if (volume !== undefined) {
      volumes.push({ claim, volume })
      taken.set(volume.metadata.name, `${pod.namespace}/${claim.metadata.name}`)
    } else if (provisionable(classOf(h, claimClass(claim)), node)) provisions.push(claim)
    else return undefined
  }
  return { volumes, provisions }
}

/** Binds claims that wait for their first consumer to volumes its node can reach. Upstream: plugins/volumebinding */
export const volumeBinding: Plugin = {
  name,
  events: [
    { resource: 'StorageClass', action: Action.Add | Action.Update },
    { resource: 'PersistentVolumeClaim', action: Action.Add | Action.Update, hint: (pod, _event, _old, now) => (now as PersistentVolumeClaim).metadata.namespace === pod.namespace && podClaims(pod).some((c) => c.name === (now as PersistentVolumeClaim).metadata.name) },
    { resource: 'PersistentVolume', action: Action.Add | Action.Update },
    { resource: 'Node', action: Action.Add | Action.UpdateNodeLabel },
    { resource: 'CSINode', action: Action.Add | Action.Update },
  ],

  preFilter(cycle, pod, h) {
    const list = podClaims(pod)
    if (list.length === 0) return skip
    const error = claimError(pod, h)
    if (error !== undefined) return error
    const bound: PersistentVolumeClaim[] = []
    const delayed: PersistentVolumeClaim[] = []
    for (const c of list) {
      const claim = claimOf(h, pod, c.name) as PersistentVolumeClaim
      const waits = !claim.spec.volumeName && classOf(h, claimClass(claim))?.volumeBindingMode === 'WaitForFirstConsumer'
      if (fullyBound(claim)) bound.push(claim)
      else if (waits) delayed.push(claim)
      else return unboundImmediate
    }
    cycle.write(name, { bound, delayed, byNode: new Map() } satisfies Claims)
    return undefined
  },

  filter(cycle, pod, node, h) {
    const claims = cycle.read<Claims>(name) as Claims
    let conflict = false
    let lost = false
    for (const c of claims.bound) {
      const pv = volumeOf(h, c.spec.volumeName as string)
      if (pv === undefined) lost = true
      else if (!volumeReachable(pv, node.node)) conflict = true
      if (lost || conflict) break
    }
    const found = claims.delayed.length === 0 ? undefined : plan(pod, claims, node.node, h)
    const unplanned = claims.delayed.length > 0 && found === undefined
    if (conflict || unplanned || lost) return unresolvable(name, ...(conflict ? [reasons.nodeConflict] : []), ...(unplanned ? [reasons.bindConflict] : []), ...(lost ? [reasons.noVolume] : []))
    if (found !== undefined) claims.byNode.set(node.name, found)
    return undefined
  },

  reserve(cycle, pod, node, h) {
    for (const v of cycle.read<Claims>(name)?.byNode.get(node)?.volumes ?? []) h.assumedVolumes.set(v.volume.metadata.name, `${pod.namespace}/${v.claim.metadata.name}`)
    return undefined
  },

  unreserve(cycle, _pod, node, h) {
    for (const v of cycle.read<Claims>(name)?.byNode.get(node)?.volumes ?? []) h.assumedVolumes.delete(v.volume.metadata.name)
  },

  preBind(cycle, _pod, node) {
    const p = cycle.read<Claims>(name)?.byNode.get(node)
    if (p === undefined) return []
    const requests: RequestInit[] = p.volumes.map(({ claim, volume }): RequestInit => ({
      verb: 'update', path: resourcePath('persistentvolumes', undefined, volume.metadata.name),
      body: {
        ...volume,
        metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, [volumeAnnotations.boundByController]: 'yes' } },
        spec: { ...volume.spec, claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace: claim.metadata.namespace, name: claim.metadata.name, uid: claim.metadata.uid, resourceVersion: claim.metadata.resourceVersion } },
      },
    }))
    for (const claim of p.provisions) {
      if (claim.metadata.annotations?.[volumeAnnotations.selectedNode] === node) continue
      requests.push({
        verb: 'update', path: resourcePath('persistentvolumeclaims', claim.metadata.namespace, claim.metadata.name),
        body: { ...claim, metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, [volumeAnnotations.selectedNode]: node } } },
      })
    }
    return requests
  },

  preBound(cycle, pod, node, h) {
    const p = cycle.read<Claims>(name)?.byNode.get(node)
    if (p === undefined) return undefined
    for (const c of [...p.volumes.map((v) => v.claim), ...p.provisions]) {
      const now = claimOf(h, pod, c.metadata.name)
      if (now === undefined) return unresolvable(name, `binding volumes: failed to check provisioning pvc: persistentvolumeclaim "${c.metadata.name}" not found`)
      if (!fullyBound(now)) return 'wait'
    }
    return undefined
  },

  postBind(cycle, _pod, node, h) {
    for (const v of cycle.read<Claims>(name)?.byNode.get(node)?.volumes ?? []) h.assumedVolumes.delete(v.volume.metadata.name)
  },
}
