import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from '../api'
import type { KubeObject } from '../apimachinery'
import type { ApiRequest, ParsedPath } from '../client-go'
import { hpaFromV1, hpaToV1 } from './registry'

/** The stored version of what a path asks for in an older served one; undefined when it asks for what is stored. Upstream: autoscaling/v1 beside v2. */
export function storedVersion(path: ParsedPath): string | undefined {
  return path.group === 'autoscaling' && path.version === 'v1' && path.resource === 'horizontalpodautoscalers' ? 'v2' : undefined
}

const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v)

/** The request with its body in the stored version. A body that has not the shape of an autoscaler is left for decoding to refuse. */
export function toStoredVersion(request: ApiRequest): ApiRequest {
  const { body } = request
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
  if (body.kind === 'HorizontalPodAutoscaler') return hpaToV1(body as HorizontalPodAutoscaler) as KubeObject
  if (body.kind === 'HorizontalPodAutoscalerList') {
    const list = body as KubeObject & { readonly items: readonly HorizontalPodAutoscaler[] }
    return { ...list, apiVersion: 'autoscaling/v1', items: list.items.map((o) => hpaToV1(o)) } as KubeObject
  }
  return body
}
