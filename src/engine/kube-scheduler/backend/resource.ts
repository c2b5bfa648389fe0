import { quantityMilliValue, quantityValue } from '../../apimachinery'
import type { Container, PodSpec } from '../../api'

/** Amounts of resources. Units: millicores, bytes, counts. Upstream: framework.Resource */
export class Resource {
  milliCPU = 0
  memory = 0
  ephemeralStorage = 0
  allowedPodNumber = 0
  /** Extended resources and huge pages. */
  scalar: Map<string, number> | undefined

  static of(list: Readonly<Record<string, string>> | undefined): Resource {
    const r = new Resource()
    for (const name in list) r.set(name, name === 'cpu' ? quantityMilliValue(list[name]) : quantityValue(list[name]))
    return r
  }

  set(name: string, amount: number): void {
    if (name === 'cpu') this.milliCPU = amount
    else if (name === 'memory') this.memory = amount
    else if (name === 'ephemeral-storage') this.ephemeralStorage = amount
    else if (name === 'pods') this.allowedPodNumber = amount
    else (this.scalar ??= new Map()).set(name, amount)
  }

  get(name: string): number {
    if (name === 'cpu') return this.milliCPU
    if (name === 'memory') return this.memory
    if (name === 'ephemeral-storage') return this.ephemeralStorage
    return this.scalar?.get(name) ?? 0
  }

  /** Adds `other`, `sign` times (1 or -1). */
  add(other: Resource, sign: number): void {
    this.milliCPU += sign * other.milliCPU
    this.memory += sign * other.memory
    this.ephemeralStorage += sign * other.ephemeralStorage
    if (other.scalar) for (const [name, amount] of other.scalar) (this.scalar ??= new Map()).set(name, (this.scalar.get(name) ?? 0) + sign * amount)
  }

  max(other: Resource): void {
    this.milliCPU = Math.max(this.milliCPU, other.milliCPU)
    this.memory = Math.max(this.memory, other.memory)
    this.ephemeralStorage = Math.max(this.ephemeralStorage, other.ephemeralStorage)
    if (other.scalar) for (const [name, amount] of other.scalar) (this.scalar ??= new Map()).set(name, Math.max(this.scalar.get(name) ?? 0, amount))
  }

  clone(): Resource {
    const r = new Resource()
    r.milliCPU = this.milliCPU
    r.memory = this.memory
    r.ephemeralStorage = this.ephemeralStorage
    r.allowedPodNumber = this.allowedPodNumber
    if (this.scalar) r.scalar = new Map(this.scalar)
    return r
  }
}

/** Counted for a container that requests nothing, when nodes are scored. Units: millicores, bytes. Upstream: pkg/scheduler/util/pod_resources.go */
const missing = { cpu: 100, memory: 200 * 1024 * 1024 }

function ofContainer(c: Container, nonZero: boolean): Resource {
  const requests = c.resources?.requests
  const r = Resource.of(requests)
  if (nonZero) {
    if (requests?.cpu === undefined) r.milliCPU = missing.cpu
    if (requests?.memory === undefined) r.memory = missing.memory
  }
  return r
}

/**
 * What a pod requests: its containers and sidecars together, or its greediest init step, plus overhead; requests of the pod itself win.
 * With `nonZero`, containers without a request count with upstream's defaults. Upstream: component-helpers/resource PodRequests
 */
export function podRequests(spec: PodSpec, nonZero: boolean): Resource {
  const total = new Resource()
  const podLevel = spec.resources?.requests
  const useDefaults = nonZero && podLevel === undefined
  for (const c of spec.containers ?? []) total.add(ofContainer(c, useDefaults), 1)
  if (spec.initContainers) {
    const sidecars = new Resource()
    const init = new Resource()
    for (const c of spec.initContainers) {
      const r = ofContainer(c, useDefaults)
      if (c.restartPolicy === 'Always') {
        total.add(r, 1)
        sidecars.add(r, 1)
        init.max(sidecars)
      } else {
        r.add(sidecars, 1)
        init.max(r)
      }
    }
    total.max(init)
  }
  for (const name in podLevel) if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) total.set(name, name === 'cpu' ? quantityMilliValue(podLevel[name]) : quantityValue(podLevel[name]))
  if (nonZero && podLevel !== undefined) {
    if (total.milliCPU === 0) total.milliCPU = missing.cpu
    if (total.memory === 0) total.memory = missing.memory
  }
  if (spec.overhead) total.add(Resource.of(spec.overhead), 1)
  return total
}
