import { decodeStrict, type Binding, type Pod, type PodCondition } from '../../api'
import { badRequest, conflict, invalid, invalidObject, isStatus, notSupported, required, type KubeObject, type Status } from '../../apimachinery'
import { admit } from '../admission'
import type { Flight } from '../flight'
import type { WriteContext } from '../registry/strategy'
import type { Served } from '../served'

/**
 * The pod that a Binding makes of a pod: it gets a node, the binding's annotations and new labels, and the condition PodScheduled.
 * Upstream: pkg/registry/core/pod/storage/storage.go BindingREST
 */
export function bind(flight: Flight, served: Served, current: KubeObject, write: WriteContext): KubeObject | Status {
  const decoded = decodeStrict('Binding', flight.request.body)
  if (decoded.error !== undefined) return badRequest(`Binding in version "v1" cannot be handled as a Binding: ${decoded.error}`)
  const binding = decoded.object as unknown as Binding
  const kind = binding.target?.kind ?? ''
  const errors = []
  if (kind !== '' && kind !== 'Node') errors.push(notSupported('target.kind', kind, ['Node', '<empty>']))
  if (!binding.target?.name) errors.push(required('target.name'))
  if (errors.length > 0) return invalidObject({ group: '', kind: 'Binding' }, flight.name, errors)
  if (binding.metadata.name && binding.metadata.name !== flight.name) {
    return invalidObject({ group: '', kind: 'Binding' }, flight.name, [invalid('metadata.name', binding.metadata.name, `does not match the name on the URL (${flight.name})`)])
  }
  const object = binding as unknown as KubeObject
  const denied = admit({
    served, operation: 'CREATE', subresource: 'binding', namespace: flight.namespace, name: flight.name, object, old: undefined, user: flight.user,
    write, alongside: [],
  })
  if (isStatus(denied)) return denied
  const pod = current as Pod
  const node = binding.target.name as string
  const { uid } = binding.metadata
  if (uid && uid !== pod.metadata.uid) return conflictOn('pods/binding', flight.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`)
  if (pod.metadata.deletionTimestamp !== undefined) return conflictOn('pods/binding', flight.name, `pod ${flight.name} is being deleted, cannot be assigned to a host`)
  if (pod.spec.nodeName) return conflictOn('pods/binding', flight.name, `pod ${flight.name} is already assigned to node "${pod.spec.nodeName}"`)
  if (pod.spec.schedulingGates?.length) return conflictOn('pods/binding', flight.name, `pod ${flight.name} has non-empty .spec.schedulingGates`)
  const metadata = { ...pod.metadata }
  if (binding.metadata.annotations) metadata.annotations = { ...metadata.annotations, ...binding.metadata.annotations }
  if (binding.metadata.labels) metadata.labels = { ...binding.metadata.labels, ...metadata.labels }
  // The promise of a node is kept or void. Upstream: gate ClearingNominatedNodeNameAfterBinding, on in v1.36
  const { nominatedNodeName: _promised, ...status } = pod.status ?? {}
  return { ...pod, metadata, spec: { ...pod.spec, nodeName: node }, status: { ...status, conditions: scheduled(pod, write.time) } } as KubeObject
}

/** The conditions of a pod with PodScheduled set to True. */
function scheduled(pod: Pod, time: string): PodCondition[] {
  const conditions = pod.status?.conditions ?? []
  const old = conditions.find((c) => c.type === 'PodScheduled')
  const generation = pod.metadata.generation
  const since = old?.status === 'True' ? old.lastTransitionTime : time
  const made = (generation === undefined
    ? { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: since }
    : { type: 'PodScheduled', observedGeneration: generation, status: 'True', lastProbeTime: null, lastTransitionTime: since }) as unknown as PodCondition
  return old === undefined ? [...conditions, made] : conditions.map((c) => (c === old ? made : c))
}

function conflictOn(resource: string, name: string, why: string): Status {
  return conflict({ group: '', resource }, name, why)
}
