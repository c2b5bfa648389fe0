import type { Event } from '../../../api'
import { invalid, type FieldError } from '../../../apimachinery'
import { column, define, nameColumn, wide } from '../define'
import type { PrintContext } from '../strategy'

/** A zero time, which Go prints as null or year one. */
const isZero = (t: string | undefined | null): boolean => t === undefined || t === null || t === '' || t === '0001-01-01T00:00:00Z'

function firstSeen(e: Event, print: PrintContext): string {
  return print.age(isZero(e.firstTimestamp) ? e.eventTime : e.firstTimestamp)
}

function lastSeen(e: Event, print: PrintContext): string {
  const last = isZero(e.lastTimestamp) ? firstSeen(e, print) : print.age(e.lastTimestamp)
  return last
}

function source(e: Event): string {
  const component = e.source?.component || e.reportingComponent || ''
  const host = e.source?.host || e.reportingInstance || ''
  return host === '' ? component : `${component}, ${host}`
}

function target(e: Event): string {
  const { kind = '', name = '' } = e.involvedObject
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`
}

function validate(e: Event): FieldError[] {
  const involved = e.involvedObject.namespace ?? ''
  const own = e.metadata.namespace ?? ''
  if (involved === own || (involved === '' && own === 'default')) return []
  return [invalid('involvedObject.namespace', involved, 'does not match event.namespace')]
}

/** Event. Names are not checked as strictly as others. Upstream: pkg/registry/core/event, printEvent. */
export const event = define<Event>({
  resource: 'events',
  shortNames: ['ev'],
  validate,
  fields: {
    'involvedObject.kind': (e) => e.involvedObject.kind ?? '',
    'involvedObject.namespace': (e) => e.involvedObject.namespace ?? '',
    'involvedObject.name': (e) => e.involvedObject.name ?? '',
    'involvedObject.uid': (e) => e.involvedObject.uid ?? '',
    'involvedObject.apiVersion': (e) => e.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': (e) => e.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': (e) => e.involvedObject.fieldPath ?? '',
    reason: (e) => e.reason ?? '',
    reportingComponent: (e) => e.reportingComponent ?? '',
    source: (e) => e.source?.component || e.reportingComponent || '',
    type: (e) => e.type ?? '',
  },
  columns: [
    column('Last Seen', (e, print) => (e.series?.lastObservedTime ? print.age(e.series.lastObservedTime) : lastSeen(e, print))),
    column('Type', (e) => e.type ?? ''),
    column('Reason', (e) => e.reason ?? ''),
    column('Object', target),
    wide('Subobject', (e) => e.involvedObject.fieldPath ?? ''),
    wide('Source', source),
    column('Message', (e) => (e.message ?? '').trim()),
    wide('First Seen', firstSeen),
    wide('Count', (e) => e.series?.count ?? (e.count || 1)),
    { ...nameColumn, priority: 1 },
  ],
})

