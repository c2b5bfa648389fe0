import { badRequest, formatSelector, invalid, invalidObject, isObject, labelSelector, selectorFromSet, type KubeObject, type LabelSelector, type Status } from '../../apimachinery'
import { decodeStrict } from '../../api'
import type { Flight } from '../flight'
import { scaleColumns } from '../registry/autoscaling/scale'
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
  const custom = served.custom?.scale
  const text = custom ? String(at(o, custom.labelSelectorPath ?? '') ?? '')
    : formatSelector(served.storage === 'replicationcontrollers' ? selectorFromSet(spec.selector as Record<string, string>) : labelSelector(spec.selector as LabelSelector))
  const replicas = custom ? Number(at(o, custom.statusReplicasPath) ?? 0) : status?.replicas ?? 0
  const scale: Scale = {
    kind: 'Scale', apiVersion: 'autoscaling/v1',
    metadata: { name, namespace: namespace as string, uid: uid as string, resourceVersion: resourceVersion as string, creationTimestamp: creationTimestamp as string },
    spec: { replicas: custom ? Number(at(o, custom.specReplicasPath) ?? 0) : spec.replicas ?? 0 },
    status: text === '' ? { replicas } : { replicas, selector: text },
  }
  return Object.freeze(scale)
}

/** A workload's kind that prints as a Scale. */
export function asScale(served: Served): Served {
  return { ...served, strategy: { ...served.strategy, columns: scaleColumns } }
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
  const path = served.custom?.scale?.specReplicasPath
  if (path !== undefined) return { ...(placed(current, path.split('.').slice(1), replicas) as KubeObject), metadata }
  return { ...current, metadata, spec: { ...spec, replicas } } as KubeObject
}

/** The value at a path such as `.spec.replicas`. */
function at(o: unknown, path: string): unknown {
  if (path === '') return undefined
  let value = o
  for (const k of path.split('.').slice(1)) value = isObject(value) ? value[k] : undefined
  return value
}

function placed(o: unknown, path: readonly string[], value: unknown): unknown {
  const [first, ...rest] = path
  return first === undefined ? value : { ...(isObject(o) ? o : {}), [first]: placed(isObject(o) ? o[first] : undefined, rest, value) }
}
