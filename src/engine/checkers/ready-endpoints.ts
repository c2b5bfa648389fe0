import type { EndpointSlice, Pod, Service } from '../api'
import type { Checker } from './checker'

/** Once all caches have heard of everything, endpoints marked ready are those of ready pods. */
export const readyEndpoints: Checker = {
  name: 'ready-endpoints',
  start: () => null,
  check(view) {
    if (!view.settled || !view.controlled) return []
    const pods = new Map(view.objects<Pod>('pods').map((p) => [p.metadata.uid as string, p]))
    const services = new Map(view.objects<Service>('services').map((s) => [`${s.metadata.namespace}/${s.metadata.name}`, s]))
    const wrong: string[] = []
    for (const slice of view.objects<EndpointSlice>('endpointslices')) {
      const service = services.get(`${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`)
      if (service === undefined || service.spec?.publishNotReadyAddresses) continue
      for (const e of slice.endpoints ?? []) {
        if (e.conditions?.ready === false || !e.targetRef?.uid) continue
        const pod = pods.get(e.targetRef.uid)
        if (pod === undefined) wrong.push(`${slice.metadata.name} lists ${e.targetRef.name}, which is gone`)
        else if (!pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) wrong.push(`${slice.metadata.name} lists ${e.targetRef.name} as ready, which is not`)
      }
    }
    return wrong
  },
}
