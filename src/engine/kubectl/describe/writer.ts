import { formatLabelSelector, formatSelector, humanDuration, labelSelector, parseTime, type LabelSelector } from '../../apimachinery'
import { listAt, mapAt, textAt, type Thing } from '../api'
import { interval } from '../event-text'

/** Gathers the lines of a description; tabs are lined up in the end. Upstream: kubectl/pkg/describe PrefixWriter */
export class Writer {
  text = ''

  constructor(
    /** Wall clock. Units: µs. */
    readonly now: number,
  ) {}

  /** One line, `level` times two spaces in. */
  line(level: number, text: string): void {
    this.text += `${'  '.repeat(level)}${text}\n`
  }

  /** `Name:\tvalue` */
  field(name: string, value: unknown, level = 0): void {
    this.line(level, `${name}:\t${value === undefined || value === null ? '' : String(value)}`)
  }

  labels(title: string, labels: Readonly<Record<string, string>>): void {
    this.list(title, Object.keys(labels).sort().map((k) => `${k}=${labels[k]}`))
  }

  /** A title and values below each other; `<none>` without. */
  list(title: string, values: readonly string[]): void {
    if (values.length === 0) this.text += `${title}:\t<none>\n`
    else for (const [i, v] of values.entries()) this.text += `${i === 0 ? `${title}:` : ''}\t${v}\n`
  }

  annotations(title: string, annotations: Readonly<Record<string, string>>): void {
    const lines: string[] = []
    for (const key of Object.keys(annotations).filter((k) => k !== 'kubectl.kubernetes.io/last-applied-configuration').sort()) {
      const value = (annotations[key] as string).replace(/\n$/, '')
      if (value.length + key.length + 2 > 140 || value.includes('\n')) {
        lines.push(`${key}:`)
        for (const s of value.split('\n')) lines.push(`  ${s.length > 138 ? `${s.slice(0, 138)}...` : s}`)
      } else lines.push(`${key}: ${value}`)
    }
    this.list(title, lines)
  }

  /** Name, and namespace unless cluster-scoped, labels, annotations. */
  meta(object: Thing, namespaced = true): void {
    this.field('Name', object.metadata.name)
    if (namespaced) this.field('Namespace', object.metadata.namespace)
    this.labels('Labels', mapAt(object, 'metadata', 'labels'))
    this.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  }

  events(events: readonly Thing[] | undefined): void {
    if (events === undefined) return
    if (events.length === 0) return this.line(0, 'Events:\t<none>')
    this.text += 'Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------\n'
    for (const e of events.toSorted((a, b) => (textAt(a, 'lastTimestamp') < textAt(b, 'lastTimestamp') ? -1 : textAt(a, 'lastTimestamp') > textAt(b, 'lastTimestamp') ? 1 : 0))) {
      const path = textAt(e, 'involvedObject', 'fieldPath')
      this.line(1, [textAt(e, 'type'), textAt(e, 'reason'), interval(e, this.now, true), textAt(e, 'source', 'component') || textAt(e, 'reportingComponent'), `${path === '' ? '' : `${path}: `}${textAt(e, 'message').trim()}`].join('\t'))
    }
  }

  /** Conditions of a workload. */
  conditions(object: Thing): void {
    const list = listAt(object, 'status', 'conditions')
    if (list.length === 0) return
    this.text += 'Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n'
    for (const c of list) this.line(1, `${textAt(c, 'type')} \t${textAt(c, 'status')}\t${textAt(c, 'reason')}`)
  }

  age(time: string): string {
    return time === '' ? '<unknown>' : humanDuration(Math.floor((this.now - (parseTime(time) ?? this.now)) / 1e6))
  }
}

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Fri, 20 Nov 2026 07:44:07 +0000`. Upstream: time.RFC1123Z */
export function rfc1123z(time: string): string {
  const us = parseTime(time)
  if (us === undefined) return 'Mon, 01 Jan 0001 00:00:00 +0000'
  const day = DAYS[(((Math.floor(us / 86_400e6) % 7) + 7) % 7)]
  return `${day}, ${time.slice(8, 10)} ${MONTHS[Number(time.slice(5, 7)) - 1]} ${time.slice(0, 4)} ${time.slice(11, 19)} +0000`
}

/** A label selector as text: `a=b,c in (d,e)`; `<none>` for an empty one. */
export function selectorText(selector: unknown): string {
  if (selector === undefined || selector === null) return '<none>'
  return formatLabelSelector(selector as LabelSelector) || '<none>'
}

/** The selector to list with. */
export const selectorQuery = (selector: unknown): string => (selector === undefined ? '' : formatSelector(labelSelector(selector as LabelSelector)))

/** `a=b,c=d` of a map, or `<none>`. */
export function mapText(map: Readonly<Record<string, unknown>>): string {
  return Object.keys(map).sort().map((k) => `${k}=${String(map[k])}`).join(',') || '<none>'
}

/** `True`/`False`. */
export const bool = (v: unknown): string => (v === true ? 'True' : 'False')

/** A value or `<unset>`. */
export const orUnset = (v: unknown): string => (v === undefined || v === null ? '<unset>' : String(v))

