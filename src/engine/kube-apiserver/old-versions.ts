import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from '../api'
import type { KubeObject } from '../apimachinery'
import type { ApiRequest, ParsedPath } from '../client-go'
import { eventFromCore, eventToCore, hpaFromV1, hpaToV1 } from './registry'
import { servedByName, serve, type Served } from './served'

interface GroupVersion {
  readonly group: string
  readonly version: string
}

/** Resources that are served in a second version, or group, besides the one that is stored: autoscalers of v1 (stored as v2) and the Events of events.k8s.io (stored as core ones). */
const OTHERS: readonly (GroupVersion & { readonly resource: string; readonly stored: GroupVersion })[] = [
  { group: 'autoscaling', version: 'v1', resource: 'horizontalpodautoscalers', stored: { group: 'autoscaling', version: 'v2' } },
  { group: 'events.k8s.io', version: 'v1', resource: 'events', stored: { group: '', version: 'v1' } },
]

/** The stored version of what a path asks for in another served one; undefined when it asks for what is stored. */
export function storedVersion(path: ParsedPath): GroupVersion | undefined {
  for (const o of OTHERS) if (path.group === o.group && path.version === o.version && path.resource === o.resource) return o.stored
  return undefined
}

/** The other versions, for discovery. */
export function otherVersions(): Served[] {
  return OTHERS.flatMap(({ group, version, resource }) => {
    const served = servedByName(resource)
    return served === undefined ? [] : [serve({ ...served.info, group, version }, served.strategy, served.storage)]
  })
}

const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v)

/** The request with its body in the stored version. A body that has not the shape of its kind is left for decoding to refuse. */
export function toStoredVersion(request: ApiRequest, { resource }: ParsedPath): ApiRequest {
  const { body, query } = request
  if (resource === 'events') {
    const selector = query?.fieldSelector?.replaceAll('regarding.', 'involvedObject.').replaceAll('reportingController', 'reportingComponent')
    return { ...request, ...(selector === undefined ? {} : { query: { ...query, fieldSelector: selector } }), ...(isRecord(body) ? { body: eventToCore(body) } : {}) }
  }
  if (!isRecord(body) || !isRecord(body.spec)) return request
  if (request.verb === 'patch') {
    const { targetCPUUtilizationPercentage: share, ...spec } = body.spec
    if (share === undefined) return request
    const metrics = share === null ? null : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: share } } }]
    return { ...request, body: { ...body, spec: { ...spec, metrics } } }
  }
  if (body.apiVersion !== 'autoscaling/v1' || !isRecord(body.metadata)) return request
  return { ...request, body: hpaFromV1(body as unknown as HorizontalPodAutoscalerV1) }
}

/** What is answered, in the version that was asked for. */
export function fromStoredVersion(body: KubeObject): KubeObject {
  const { items } = body as KubeObject & { readonly items?: readonly KubeObject[] }
  switch (body.kind) {
    case 'HorizontalPodAutoscaler': return hpaToV1(body as HorizontalPodAutoscaler) as KubeObject
    case 'HorizontalPodAutoscalerList': return { ...body, apiVersion: 'autoscaling/v1', items: items!.map((o) => hpaToV1(o as HorizontalPodAutoscaler)) } as KubeObject
    case 'Event': return eventFromCore(body as never) as unknown as KubeObject
    case 'EventList': return { ...body, apiVersion: 'events.k8s.io/v1', items: items!.map((o) => eventFromCore(o as never)) } as unknown as KubeObject
    default: return body
  }
}
