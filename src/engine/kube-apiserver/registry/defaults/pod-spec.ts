import {
  containerTotals, isPodLevelSet, isPodLevelResource, type Container, type EnvVar, type LifecycleHandler, type PodSpec, type Probe, type Volume,
} from '../../../api'
import { newMilliQuantity, quantity } from '../../../apimachinery'
import { defaultPullPolicy } from './image'
import { defaultVolume } from './volumes'

/** Defaults of a pod spec, in a pod as well as in a template. In place. Upstream: pkg/apis/core/v1 SetDefaults_PodSpec and what it visits. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.restartPolicy ||= 'Always'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= 30
  spec.schedulerName ||= 'default-scheduler'
  if (spec.serviceAccount === undefined && spec.serviceAccountName !== undefined) spec.serviceAccount = spec.serviceAccountName
  if (spec.serviceAccountName === undefined && spec.serviceAccount !== undefined) spec.serviceAccountName = spec.serviceAccount
  for (const container of spec.containers ?? []) defaultContainer(container)
  if (spec.initContainers != null) for (const container of spec.initContainers) defaultContainer(container)
  if (spec.ephemeralContainers != null) for (const container of spec.ephemeralContainers) defaultContainer(container)
  if (spec.volumes != null) for (const volume of spec.volumes) defaultVolume(volume as Volume)
  if (spec.overhead != null) roundResources(spec.overhead)
}

/** What only a real pod gets: requests from limits, host ports of the host's network, service links. Upstream: SetDefaults_Pod. */
export function defaultPod(spec: PodSpec): void {
  for (const container of spec.containers) requestsFromLimits(container)
  if (spec.initContainers != null) for (const container of spec.initContainers) requestsFromLimits(container)
  if (spec.resources != null) defaultPodLevel(spec)
  spec.enableServiceLinks ??= true
  if (spec.hostNetwork === true) {
    for (const list of [spec.containers, spec.initContainers ?? []]) {
      for (const container of list) for (const port of container.ports ?? []) if (!port.hostPort) port.hostPort = port.containerPort
    }
  }
}

/** A pod that names some of its own resources gets the rest from its containers, then from its limits. Upstream: defaultPodRequests. */
function defaultPodLevel(spec: PodSpec): void {
  const own = spec.resources!
  if (!isPodLevelSet(own)) return
  const containers = { spec }
  const limits = { ...own.limits }
  const huge = containerTotals(containers, 'limits')
  for (const name in huge) if (name.startsWith('hugepages-')) limits[name] ??= huge[name]!
  if (Object.keys(limits).length > 0) own.limits = limits
  const requests = { ...own.requests }
  // Large pages cannot be promised twice: what the pod may use is what it asks for.
  for (const name in limits) if (name.startsWith('hugepages-')) requests[name] ??= limits[name]!
  const sum = containerTotals(containers, 'requests')
  for (const name in sum) if (isPodLevelResource(name)) requests[name] ??= sum[name]!
  for (const name in limits) if (isPodLevelResource(name)) requests[name] ??= limits[name]!
  if (Object.keys(requests).length > 0) own.requests = requests
}

function requestsFromLimits(container: Container): void {
  const limits = container.resources?.limits
  if (limits === undefined || limits === null) return
  const requests = (container.resources!.requests ??= {})
  for (const name in limits) requests[name] ??= limits[name]!
}

function defaultContainer(c: Container): void {
  c.imagePullPolicy ||= defaultPullPolicy(c.image ?? '')
  c.terminationMessagePath ||= '/dev/termination-log'
  c.terminationMessagePolicy ||= 'File'
  c.resources ??= {}
  if (c.resources.limits != null) roundResources(c.resources.limits)
  if (c.resources.requests != null) roundResources(c.resources.requests)
  if (c.ports != null) for (const port of c.ports) port.protocol ||= 'TCP'
  if (c.env != null) for (const env of c.env) defaultEnv(env)
  if (c.livenessProbe != null) defaultProbe(c.livenessProbe)
  if (c.readinessProbe != null) defaultProbe(c.readinessProbe)
  if (c.startupProbe != null) defaultProbe(c.startupProbe)
  if (c.lifecycle?.postStart != null) defaultHandler(c.lifecycle.postStart)
  if (c.lifecycle?.preStop != null) defaultHandler(c.lifecycle.preStop)
}

function defaultEnv(env: EnvVar): void {
  const from = env.valueFrom
  if (from?.fieldRef != null) from.fieldRef.apiVersion ||= 'v1'
  if (from?.resourceFieldRef != null) from.resourceFieldRef.divisor ??= '0'
  if (from?.fileKeyRef != null) from.fileKeyRef.optional ??= false
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  if (probe.grpc != null) probe.grpc.service ??= ''
  defaultHandler(probe)
}

function defaultHandler(handler: Pick<LifecycleHandler, 'httpGet'>): void {
  if (handler.httpGet == null) return
  handler.httpGet.path ||= '/'
  handler.httpGet.scheme ||= 'HTTP'
}

/** Quantities finer than a thousandth are rounded up. In place. Upstream: SetDefaults_ResourceList. */
export function roundResources(list: Record<string, string>): void {
  for (const name in list) {
    const text = list[name]!
    const last = text.charCodeAt(text.length - 1)
    // Only n and u, or a long fraction (which canonical text writes with n or u too), can be that fine.
    if (last !== 110 && last !== 117) continue
    const q = quantity(text)
    if (q.nano % 1_000_000n !== 0n) list[name] = newMilliQuantity(q.milliValue, q.format).text
  }
}
