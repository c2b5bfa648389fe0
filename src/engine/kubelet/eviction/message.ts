import { newQuantity, quantityValue } from '../../apimachinery'
import type { Pod } from '../../api'
import { initContainers, isSidecar } from '../pod'
import { resourceOf, thresholdQuantity, type Observations, type Threshold } from './thresholds'

/** What of a pod is used, as the message of its eviction tells. Units: bytes. */
export interface PodUsage {
  /** In the order of the runtime's answer. */
  readonly containers: readonly { readonly name: string; readonly memory: number; readonly disk: number; readonly processes: number }[]
  readonly memory: number
  readonly disk: number
  readonly processes: number
}

/** Bytes as a quantity tells them. */
export const bytesText = (bytes: number): string => newQuantity(Math.max(0, Math.round(bytes)), 'BinarySI').text

function requestOf(requests: Readonly<Record<string, unknown>> | undefined, resource: string): { readonly text: string; readonly value: number } {
  const given = requests?.[resource]
  return given === undefined ? { text: '0', value: 0 } : { text: String(given), value: Number(quantityValue(String(given))) }
}

/** Why a pod had to go, and the annotations of the event that says so. Upstream: eviction/helpers.go evictionMessage */
export function evictionMessage(resource: string, pod: Pick<Pod, 'metadata' | 'spec'>, usage: PodUsage | undefined, thresholds: readonly Threshold[], observations: Observations): { readonly message: string; readonly annotations: Readonly<Record<string, string>> } {
  let message = `The node was low on resource: ${resource}. `
  const met = thresholds.find((t) => resourceOf(t.signal) === resource && observations.has(t.signal))
  const seen = met && observations.get(met.signal)
  const text = (n: number): string => (resource === 'pids' || resource === 'inodes' ? String(n) : bytesText(n))
  if (met && seen) message += `Threshold quantity: ${text(thresholdQuantity(met.value, seen.capacity))}, available: ${text(seen.available)}. `
  const annotations: Record<string, string> = {}
  if (usage === undefined) return { message, annotations }
  const podRequests = (pod.spec as { resources?: { requests?: Record<string, unknown> } }).resources?.requests
  if (resource === 'memory' && podRequests?.memory !== undefined) {
    const request = requestOf(podRequests, resource)
    if (usage.memory > request.value) {
      message += `Pod ${pod.metadata.name} was using ${bytesText(usage.memory)}, request is ${request.text}, has larger consumption of ${resource}. `
      annotations.offending_pod = pod.metadata.name
      annotations.offending_pod_usage = bytesText(usage.memory)
    }
  }
  const specs = [...pod.spec.containers, ...initContainers(pod as Pod).filter(isSidecar)]
  const over: string[] = []
  const amounts: string[] = []
  for (const c of usage.containers) {
    const spec = specs.find((s) => s.name === c.name)
    const used = resource === 'memory' ? c.memory : resource === 'ephemeral-storage' ? c.disk : undefined
    const request = requestOf(spec?.resources?.requests, resource)
    if (spec === undefined || used === undefined || used <= request.value) continue
    message += `Container ${c.name} was using ${bytesText(used)}, request is ${request.text}, has larger consumption of ${resource}. `
    over.push(c.name)
    amounts.push(bytesText(used))
  }
  annotations.offending_containers = over.join(',')
  annotations.offending_containers_usage = amounts.join(',')
  annotations.starved_resource = resource
  return { message, annotations }
}
