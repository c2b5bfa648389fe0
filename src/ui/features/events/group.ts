/** As much of a Kubernetes Event as is shown. */
export interface ApiEvent {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string }
  readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
  readonly metadata?: { readonly creationTimestamp?: string; readonly resourceVersion?: string }
}

/** Events of one reason about one kind of object. */
export interface EventGroup {
  readonly id: string
  readonly type: string
  readonly reason: string
  readonly kind: string
  count: number
  /** The newest of them. */
  message: string
  namespace: string
  name: string
  /** µs since 1970 */
  last: number
  /** Revision, for those of one second. */
  version: number
  /** Different objects. */
  readonly objects: Set<string>
}

/** Groups by reason and kind of object, newest first; counts what each Event counts. */
export function groupEvents(events: readonly ApiEvent[]): readonly EventGroup[] {
  const groups = new Map<string, EventGroup>()
  for (const e of events) {
    const { kind = '', namespace = '', name = '' } = e.involvedObject ?? {}
    const id = `${e.type} ${e.reason} ${kind}`
    const last = (Date.parse(e.series?.lastObservedTime ?? e.lastTimestamp ?? e.eventTime ?? e.metadata?.creationTimestamp ?? '') || 0) * 1000
    const version = Number(e.metadata?.resourceVersion ?? 0)
    let group = groups.get(id)
    if (!group) groups.set(id, (group = { id, type: e.type ?? 'Normal', reason: e.reason ?? '', kind, count: 0, message: '', namespace, name, last: -1, version: -1, objects: new Set() }))
    group.count += e.series?.count ?? e.count ?? 1
    group.objects.add(`${namespace}/${name}`)
    if (last > group.last || (last === group.last && version >= group.version)) {
      group.last = last
      group.version = version
      group.message = e.message ?? ''
      group.namespace = namespace
      group.name = name
    }
  }
  return [...groups.values()].sort((a, b) => b.last - a.last || b.version - a.version || (a.id < b.id ? -1 : 1))
}
