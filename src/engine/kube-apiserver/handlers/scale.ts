import { badRequest, formatSelector, invalid, invalidObject, labelSelector, selectorFromSet, type KubeObject, type LabelSelector, type Status } from '../../apimachinery'
import { decodeStrict } from '../../api'
import type { Flight } from '../flight'
import type { Served } from '../served'

interface Scalable extends KubeObject {
  spec: { replicas?: number; selector?: LabelSelector | Record<string, string> }
  status?: { replicas?: number }
}

interface Scale extends KubeObject {
  spec: { replicas?: number }
  status: { replicas: number; selector?: string }
}

/** True when the request is about the scale of a workload. */
export function isScale(flight: Flight): boolean {
  return flight.subresource === 'scale'
}

/** The scale of a workload. Upstream: pkg/registry/apps/deployment/storage ScaleREST, scaleFromDeployment */
export function scaleOf(served: Served, o: KubeObject): KubeObject {
  const { spec, status, metadata } = o as Scalable
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  const selector = served.storage === 'replicationcontrollers' ? selectorFromSet(spec.selector as Record<string, string>) : labelSelector(spec.selector as LabelSelector)
  const text = formatSelector(selector)
  const scale: Scale = {
    kind: 'Scale', apiVersion: 'autoscaling/v1',
    metadata: { name, namespace: namespace as string, uid: uid as string, resourceVersion: resourceVersion as string, creationTimestamp: creationTimestamp as string },
    spec: { replicas: spec.replicas ?? 0 },
    status: text === '' ? { replicas: status?.replicas ?? 0 } : { replicas: status?.replicas ?? 0, selector: text },
  }
  return Object.freeze(scale)
}

/** The workload with the replicas of a Scale that was sent. */
export function withScale(flight: Flight, served: Served, body: unknown, current: KubeObject): KubeObject | Status {
  const decoded = decodeStrict('Scale', body)
  if (decoded.error !== undefined) return badRequest(`Scale in version "v1" cannot be handled as a Scale: ${decoded.error}`)
  const scale = decoded.object as unknown as Scale
  const { name, resourceVersion, uid } = scale.metadata ?? {}
  if (name && name !== flight.name) return badRequest(`the name of the object (${name}) does not match the name on the URL (${flight.name})`)
  const replicas = scale.spec?.replicas ?? 0
  if (replicas < 0) return invalidObject({ group: 'autoscaling', kind: 'Scale' }, flight.name, [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')])
  const { spec } = current as Scalable
  const metadata = { ...current.metadata, resourceVersion: (resourceVersion || current.metadata.resourceVersion) as string, uid: (uid || current.metadata.uid) as string }
  void served
  return { ...current, metadata, spec: { ...spec, replicas } } as KubeObject
}
