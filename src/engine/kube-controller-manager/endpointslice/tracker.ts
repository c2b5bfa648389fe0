import type { EndpointSlice } from '../../api'

/** Generation that stands for a slice known to be deleted. */
const deleted = -1

/**
 * Which generations of its slices the controller has written, so that it sees when its cache is behind. Plain state.
 * Upstream: staging/src/k8s.io/endpointslice/util/endpointslice_tracker.go
 */
export class SliceTracker {
  private readonly byService = new Map<string, Map<string, number>>()

  private of(service: string): Map<string, number> {
    let m = this.byService.get(service)
    if (m === undefined) this.byService.set(service, (m = new Map()))
    return m
  }

  written(service: string, slice: EndpointSlice): void {
    this.of(service).set(slice.metadata.uid as string, slice.metadata.generation ?? 0)
  }

  removed(service: string, uid: string): void {
    this.of(service).set(uid, deleted)
  }

  /** A deletion was seen. True when it was not expected. */
  deletionSeen(service: string, uid: string): boolean {
    const m = this.byService.get(service)
    const expected = m?.get(uid)
    if (expected === undefined) return false
    m?.delete(uid)
    return expected !== deleted
  }

  /** Whether a slice of the cache is not the one last written. Upstream: !ShouldSync inverted */
  differs(service: string, slice: EndpointSlice): boolean {
    const known = this.byService.get(service)?.get(slice.metadata.uid as string)
    return known === undefined || (slice.metadata.generation ?? 0) > known
  }

  /** The cache does not have all that was written. */
  stale(service: string, slices: readonly EndpointSlice[]): boolean {
    const m = this.byService.get(service)
    if (m === undefined) return false
    const seen = new Set<string>()
    for (const s of slices) {
      const uid = s.metadata.uid as string
      seen.add(uid)
      const known = m.get(uid)
      if (known !== undefined && (known === deleted || (s.metadata.generation ?? 0) < known)) return true
    }
    for (const [uid, generation] of m) if (generation !== deleted && !seen.has(uid)) return true
    return false
  }

  forget(service: string): void {
    this.byService.delete(service)
  }
}
