import { Glyph, TickText, durationText } from '../../kit'
import { useAnswer, useSession } from '../../state'
import { refOf, useSubject } from './subject'

/** As much of a Kubernetes Event as is shown. */
interface ApiEvent {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly firstTimestamp?: string | null
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string }
  readonly source?: { readonly component?: string }
  readonly reportingComponent?: string
  readonly metadata?: { readonly resourceVersion?: string; readonly creationTimestamp?: string }
}

interface Line {
  readonly id: string
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly from: string
  count: number
  /** µs since 1970 */
  last: number
  /** Revision, for those of one second. */
  version: number
}

/** Events about the object, newest first, same words counted. */
export function EventsTab() {
  const ref = refOf(useSubject())
  const offset = useSession((s) => s.clock.wall - s.clock.now)
  const { value, error } = useAnswer(ref && { about: 'events', kind: ref.kind, namespace: ref.namespace, name: ref.name })
  if (error) return <p className="p-3 text-12 text-text2">{error}</p>
  if (!Array.isArray(value)) return <p className="p-3 text-12 text-text3">Asking the API server…</p>
  const lines = group(value as readonly ApiEvent[])
  if (lines.length === 0) return <p className="p-3 text-12 text-text2">No events. Kubernetes keeps them for an hour.</p>
  return (
    <ul className="px-3 pb-3">
      {lines.map((line) => (
        <li key={line.id} className="grid grid-cols-[14px_minmax(0,1fr)_auto] gap-x-2 border-b border-line1 py-2 text-12 last:border-0">
          <span className="mt-0.5"><Glyph name={line.type === 'Warning' ? 'warn' : 'ok'} tone={line.type === 'Warning' ? 'warn' : 'unk'} /></span>
          <span className="min-w-0">
            <span className="font-semibold">{line.reason}</span>{line.count > 1 && <span className="mono text-text2"> ×{line.count}</span>}
            <span className="block break-words text-text2">{line.message}</span>
            <span className="block text-11 text-text3">{line.from}</span>
          </span>
          <TickText className="text-11 whitespace-nowrap text-text3" text={(now) => `${durationText(now + offset - line.last)} ago`} />
        </li>
      ))}
    </ul>
  )
}

function group(events: readonly ApiEvent[]): readonly Line[] {
  const lines = new Map<string, Line>()
  for (const e of events) {
    const id = `${e.type} ${e.reason} ${e.message}`
    const last = Date.parse(e.series?.lastObservedTime ?? e.lastTimestamp ?? e.eventTime ?? e.metadata?.creationTimestamp ?? '') * 1000 || 0
    const version = Number(e.metadata?.resourceVersion ?? 0)
    const count = e.series?.count ?? e.count ?? 1
    const line = lines.get(id)
    if (line) {
      line.count += count
      line.last = Math.max(line.last, last)
      line.version = Math.max(line.version, version)
    } else lines.set(id, { id, type: e.type ?? 'Normal', reason: e.reason ?? '', message: e.message ?? '', from: e.reportingComponent || e.source?.component || '', count, last, version })
  }
  return [...lines.values()].sort((a, b) => b.last - a.last || b.version - a.version || (a.id < b.id ? -1 : 1))
}
