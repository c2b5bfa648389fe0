import { hasStatusCause, type KubeObject, type OwnerReference } from '../apimachinery'
import type { Pod, PodTemplateSpec } from '../api'
import { referenceTo, type ApiResponse, type ObjectReference } from '../client-go'
import type { Intent, RequestIntent } from './controller'
import { createObject, deleteObject } from './requests'

/** Tag of a request that creates or deletes a pod for an owner. */
export interface PodTag {
  readonly pod: 'create' | 'delete'
  readonly about: ObjectReference
  /** Key of the pod that is deleted. */
  readonly key: string
}

/** A pod made of a template, with a generated name. Upstream: controller.GetPodFromTemplate */
export function podFromTemplate(template: PodTemplateSpec, owner: KubeObject, ref: OwnerReference): Pod {
  const m = template.metadata
  return {
    kind: 'Pod', apiVersion: 'v1',
    metadata: {
      generateName: `${owner.metadata.name}-`, namespace: owner.metadata.namespace as string,
      ...(m?.labels && { labels: m.labels }), ...(m?.annotations && { annotations: m.annotations }), ...(m?.finalizers && { finalizers: m.finalizers }),
      ownerReferences: [ref],
    } as Pod['metadata'],
    spec: template.spec as Pod['spec'],
  }
}

/** Creates `count` pods like this one. */
export function createPods(pod: Pod, owner: KubeObject, count: number): RequestIntent[] {
  const one = createObject('pods', pod, { tag: { pod: 'create', about: referenceTo(owner), key: '' } satisfies PodTag })
  return Array.from({ length: count }, () => one)
}

/** Deletes a pod for its owner. */
export const deletePod = (pod: Pod, owner: KubeObject): RequestIntent =>
  deleteObject('pods', pod, {}, { ignore: ['NotFound'], tag: { pod: 'delete', about: referenceTo(owner), key: `${pod.metadata.namespace}/${pod.metadata.name}` } satisfies PodTag })

/** Whether a tag is of this file. */
export const isPodTag = (tag: unknown): tag is PodTag => typeof tag === 'object' && tag !== null && 'pod' in tag && 'about' in tag

/** The namespace is going away: creating in it is no use, and no failure. */
export const namespaceTerminates = (response: ApiResponse): boolean => hasStatusCause(response.body, 'NamespaceTerminating')

/** The Kubernetes Event that an answer is worth, if any. Upstream: controller.RealPodControl createPods, DeletePod */
export function podEvents(tag: PodTag, response: ApiResponse): readonly Intent[] {
  const { about } = tag
  const body = response.body as KubeObject & { message?: string; reason?: string }
  const ok = response.code >= 200 && response.code < 300
  if (tag.pod === 'create') {
    if (ok) return [{ do: 'event', about, type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${body.metadata.name}` }]
    return namespaceTerminates(response) ? [] : [{ do: 'event', about, type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${body.message}` }]
  }
  if (ok) return [{ do: 'event', about, type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${tag.key.slice(tag.key.indexOf('/') + 1)}` }]
  return body.reason === 'NotFound' ? [] : [{ do: 'event', about, type: 'Warning', reason: 'FailedDelete', message: `Error deleting: ${body.message}` }]
}
