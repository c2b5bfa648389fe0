import { quantity } from '../apimachinery'
import type { Container, PodSpec, ResourceRequirements } from './types.generated'

/** The three classes by which a node decides whom to stop first. */
export type QOSClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

const COMPUTE = ['cpu', 'memory'] as const

/**
 * Guaranteed: every container has requests equal to limits for cpu and memory. BestEffort: none has any. Else Burstable.
 * Resources of the pod as a whole, when set, decide alone. Upstream: pkg/apis/core/v1/helper/qos ComputePodQOS.
 */
export function podQOS(spec: Pick<PodSpec, 'containers' | 'initContainers' | 'resources'>): QOSClass {
  const whole = spec.resources
  if (whole !== undefined && (hasCompute(whole.requests) || hasCompute(whole.limits))) return classOf([whole])
  const all: (ResourceRequirements | undefined)[] = []
  for (const c of spec.containers) all.push((c as Container).resources)
  if (spec.initContainers !== undefined) for (const c of spec.initContainers) all.push(c.resources)
  return classOf(all)
}

function hasCompute(list: Readonly<Record<string, string>> | undefined): boolean {
  return list !== undefined && (list.cpu !== undefined || list.memory !== undefined)
}

function classOf(all: readonly (ResourceRequirements | undefined)[]): QOSClass {
  const requests: Record<string, bigint> = {}
  const limits: Record<string, bigint> = {}
  let isGuaranteed = true
  for (const resources of all) {
    for (const name of COMPUTE) {
      const request = quantity(resources?.requests?.[name]).nano
      if (request > 0n) requests[name] = (requests[name] ?? 0n) + request
      const limit = quantity(resources?.limits?.[name]).nano
      if (limit > 0n) limits[name] = (limits[name] ?? 0n) + limit
      else isGuaranteed = false
    }
  }
  if (Object.keys(requests).length === 0 && Object.keys(limits).length === 0) return 'BestEffort'
  if (isGuaranteed && COMPUTE.every((name) => requests[name] === undefined || requests[name] === limits[name]) && Object.keys(requests).length === Object.keys(limits).length) return 'Guaranteed'
  return 'Burstable'
}
