import { deepEqual, matches, selectorFromSet, type Selector } from '../../apimachinery'
import type { ContainerPort, Pod, Service, ServicePort } from '../../api'
import { cacheKey, type Delta } from '../../client-go'
import type { ControllerEnv } from '../controller'
import { isPodReady, isPodTerminal, podCondition } from '../pods'

// Both endpoint controllers share this: which services a pod belongs to, and what it adds to them.
// Upstream: staging/src/k8s.io/endpointslice/util, trigger_time_tracker.go; pkg/api/v1/pod FindPort

const selectors = new WeakMap<Service, Selector>()

/** Selector of a service; the services that have none are not asked for. */
export function serviceSelector(s: Service): Selector {
  let made = selectors.get(s)
  if (made === undefined) selectors.set(s, (made = selectorFromSet(s.spec?.selector)))
  return made
}

/** Whether a service's endpoints are made by a controller. */
export const hasEndpoints = (s: Service): boolean => s.spec?.selector !== undefined && s.spec.type !== 'ExternalName'

/** Keys of the services that select these labels. Upstream: GetPodServiceMemberships */
function servicesOf(pod: Pod, services: readonly Service[], into: Set<string>): void {
  for (let i = 0; i < services.length; i++) {
    const s = services[i] as Service
    if (hasEndpoints(s) && matches(serviceSelector(s), pod.metadata.labels)) into.add(cacheKey(s))
  }
}

/** Enqueues the services whose endpoints a change of a pod may touch. Upstream: GetServicesToUpdateOnPodChange */
export function enqueueServicesOfPod(delta: Delta, env: ControllerEnv<unknown>): void {
  const pod = delta.object as Pod
  const old = delta.old as Pod | undefined
  const labelsChanged = old !== undefined && delta.type === 'updated' && old.metadata.labels !== pod.metadata.labels && !deepEqual(old.metadata.labels, pod.metadata.labels)
  if (delta.type === 'updated' && old && !labelsChanged && !endpointChanged(old, pod)) return
  const services = env.cache<Service>('services').by('namespace', pod.metadata.namespace as string)
  if (services.length === 0) return
  const keys = new Set<string>()
  servicesOf(pod, services, keys)
  if (labelsChanged) servicesOf(old, services, keys)
  for (const k of keys) env.enqueue(k)
}

/** Upstream: podEndpointsChanged */
function endpointChanged(a: Pod, b: Pod): boolean {
  return a.metadata.deletionTimestamp !== b.metadata.deletionTimestamp || isPodReady(a) !== isPodReady(b) || isPodTerminal(a) !== isPodTerminal(b)
    || a.status?.podIP !== b.status?.podIP || (a.status?.podIPs !== b.status?.podIPs && !deepEqual(a.status?.podIPs, b.status?.podIPs))
    || a.spec.nodeName !== b.spec.nodeName || a.spec.hostname !== b.spec.hostname || a.spec.subdomain !== b.spec.subdomain
}

/** Upstream: ShouldPodBeInEndpoints */
export function shouldBeInEndpoints(pod: Pod, includeTerminating: boolean): boolean {
  if (isPodTerminal(pod) || (!pod.status?.podIP && !pod.status?.podIPs?.length)) return false
  return includeTerminating || pod.metadata.deletionTimestamp === undefined
}

/** Upstream: ShouldSetHostname */
export const shouldSetHostname = (pod: Pod, s: Service): boolean => !!pod.spec.hostname && pod.spec.subdomain === s.metadata.name && s.metadata.namespace === pod.metadata.namespace

/** The container port that a service port leads to; undefined when the pod has none of that name. Upstream: podutil.FindPort */
export function findPort(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port
  if (typeof target === 'number') return target
  const wanted = (p: ContainerPort): boolean => p.name === target && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP')
  for (const c of pod.spec.containers) {
    const found = c.ports?.find(wanted)
    if (found) return found.containerPort
  }
  for (const c of pod.spec.initContainers ?? []) {
    const found = c.restartPolicy === 'Always' ? c.ports?.find(wanted) : undefined
    if (found) return found.containerPort
  }
  return undefined
}

/** A service with an address of its own; others are headless. Upstream: helper.IsServiceIPSet */
export const hasClusterIP = (s: Service): boolean => !!s.spec?.clusterIP && s.spec.clusterIP !== 'None'

/** When the last changes of a service and of its pods happened, as far as they were seen. Plain state. Upstream: TriggerTimeTracker */
export class TriggerTimes {
  private readonly byService = new Map<string, { service: string; pods: Map<string, string> }>()

  /** The earliest change since the last call; undefined when nothing changed that has a time. */
  compute(key: string, s: Service, pods: readonly Pod[]): string | undefined {
    const known = this.byService.get(key)
    const next = new Map<string, string>()
    let min: string | undefined
    for (const p of pods) {
      const at = podCondition(p, 'Ready')?.lastTransitionTime
      if (at === undefined) continue
      next.set(p.metadata.name, at)
      if (at > (known?.pods.get(p.metadata.name) ?? '') && (min === undefined || at < min)) min = at
    }
    const created = s.metadata.creationTimestamp ?? ''
    if (created > (known?.service ?? '') && (min === undefined || created < min)) min = created
    this.byService.set(key, { service: created, pods: next })
    return min === '' ? undefined : min
  }

  forget(key: string): void {
    this.byService.delete(key)
  }
}

/** Annotation with the trigger time, or without. */
export const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'
