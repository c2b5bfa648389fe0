import { humanDuration, parseTime } from '../apimachinery'
import { at, textAt, type Thing } from './api'

/** When an event was last seen. */
export const lastSeen = (e: Thing): string => textAt(e, 'series', 'lastObservedTime') || textAt(e, 'lastTimestamp') || textAt(e, 'eventTime') || textAt(e, 'firstTimestamp')

/** Age between a time and now. */
export function ageOf(time: string, now: number): string {
  if (time === '') return '<unknown>'
  return humanDuration(Math.floor((now - (parseTime(time) ?? now)) / 1_000_000))
}

/** `3s`, or `3s (x4 over 10m)`; a single event's age counts from its first time when `first` is set. Upstream: kubectl/pkg/cmd/events/event_printer.go, describe.go DescribeEvents */
export function interval(e: Thing, now: number, first = false): string {
  const count = at<number>(e, 'series', 'count') ?? at<number>(e, 'count') ?? 1
  const start = textAt(e, 'eventTime') || textAt(e, 'firstTimestamp')
  if (count > 1) return `${ageOf(lastSeen(e), now)} (x${count} over ${ageOf(start, now)})`
  return ageOf(first ? start : lastSeen(e), now)
}
