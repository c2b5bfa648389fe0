import { podQOS, type Container, type Pod, type ResourceRequirements } from '../../../api'
import { deepEqual, forbidden, invalid, type FieldError } from '../../../apimachinery'
import { validateSpec } from './pod-validation'

const resizable = ['cpu', 'memory'] as const

/** What a write of the subresource `resize` may bring: other resources and resize policies of the containers that there are. All else is as it was. Upstream: pkg/registry/core/pod/strategy.go dropNonResizeUpdates */
export function keepButResources(next: Pod, old: Pod): void {
  const { resourceVersion } = next.metadata
  next.metadata = { ...old.metadata, ...(resourceVersion ? { resourceVersion } : {}) }
  const { containers, initContainers } = next.spec
  next.spec = { ...old.spec, containers: merged(containers, old.spec.containers) }
  if (initContainers !== undefined && old.spec.initContainers !== undefined) next.spec.initContainers = merged(initContainers, old.spec.initContainers)
  if (old.status !== undefined) next.status = old.status
}

function merged(next: Container[], old: Container[]): Container[] {
  // Renamed or reordered ones stay so: they are refused.
  if (next.length !== old.length || next.some((c, i) => c.name !== old[i]?.name)) return next
  return old.map((was, i) => {
    const { resources, resizePolicy } = next[i] as Container
    if (deepEqual(resources, was.resources) && deepEqual(resizePolicy, was.resizePolicy)) return was
    const { resources: _r, resizePolicy: _p, ...rest } = was
    void _r
    void _p
    return { ...rest, ...(resources === undefined ? {} : { resources }), ...(resizePolicy === undefined ? {} : { resizePolicy }) } as Container
  })
}

/** Judges a resize. Upstream: pkg/apis/core/validation/validation.go ValidatePodResize */
export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  const errors = validateSpec(pod.spec)
  if (old.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return [forbidden('', 'static pods cannot be resized')]
  if (old.spec.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')]
  if (podQOS(old.spec) !== podQOS(pod.spec)) errors.push(invalid('spec', pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'))
  if (old.status?.containerStatuses?.find((c) => c.state?.running !== undefined)?.resources === null) errors.push(forbidden('spec', 'Pod running on node without support for resize'))
  const order = [...orderErrors('containers', pod.spec.containers, old.spec.containers), ...orderErrors('initContainers', pod.spec.initContainers ?? [], old.spec.initContainers ?? [])]
  if (order.length > 0) return [...errors, ...order]
  for (const field of ['initContainers', 'containers'] as const)
    for (const [i, was] of (old.spec[field] ?? []).entries()) {
      const is = (pod.spec[field] as Container[])[i] as Container
      for (const kind of ['requests', 'limits'] as const) if (removed(is.resources, was.resources, kind)) errors.push(forbidden(`spec.${field}[${i}].resources.${kind}`, `resource ${kind} cannot be removed`))
      if (field === 'initContainers' && was.restartPolicy !== 'Always' && !deepEqual(is.resources ?? {}, was.resources ?? {})) errors.push(forbidden(`spec.initContainers[${i}].resources`, 'resources for non-sidecar init containers are immutable'))
    }
  const put = (list: readonly Container[] | undefined, last: readonly Container[] | undefined): unknown => list?.map((c, i) => {
    const { resources, ...rest } = c
    const { resources: before, ...others } = last?.[i] ?? ({} as Container)
    return [rest, others, withoutResizable(resources), withoutResizable(before)]
  })
  const same = (list: unknown): boolean => (list as unknown[][] | undefined)?.every(([a, b, c, d]) => deepEqual(a, b) && deepEqual(c, d)) ?? true
  const { containers: _c, initContainers: _i, ...rest } = pod.spec
  const { containers: _oc, initContainers: _oi, ...others } = old.spec
  if (!same(put(_c, _oc)) || !same(put(_i, _oi)) || !deepEqual(rest, others)) errors.push(forbidden('spec', 'only cpu and memory resources are mutable'))
  return errors
}

function orderErrors(field: 'containers' | 'initContainers', next: readonly Container[], old: readonly Container[]): FieldError[] {
  if (next.length !== old.length) return [forbidden(`spec.${field}`, `${field} may not be added or removed on resize`)]
  return old.flatMap((c, i) => (next[i]?.name === c.name ? [] : [forbidden(`spec.${field}[${i}].name`, `${field} may not be renamed or reordered on resize`)]))
}

function removed(next: ResourceRequirements | undefined, old: ResourceRequirements | undefined, kind: 'requests' | 'limits'): boolean {
  return Object.keys(old?.[kind] ?? {}).some((name) => next?.[kind]?.[name] === undefined)
}

/** Resources without those that may change. */
function withoutResizable(resources: ResourceRequirements | undefined): unknown {
  const rest = (list: Readonly<Record<string, string>> | undefined) => Object.fromEntries(Object.entries(list ?? {}).filter(([name]) => !(resizable as readonly string[]).includes(name)))
  return { requests: rest(resources?.requests), limits: rest(resources?.limits), claims: resources?.claims ?? [] }
}
