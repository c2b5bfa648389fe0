import { expect, it } from 'vitest'
import { translateTimestamp } from './duration'
import { facts } from './facts.testing'
import { formatMicroTime } from './time'

const NOW = 1_800_000_000_000_000
const [SECOND, MINUTE, DAY] = [1_000_000, 60_000_000, 86_400_000_000]
/** How long ago the cases' timestamps were; the recorded tables only have what they gave. Upstream: printers_test.go TestTranslateTimestampSince, TestTranslateTimestampUntil */
const AGO: Readonly<Record<string, number | undefined>> = {
  'a while from now': -2.1 * SECOND, 'almost now': -1.9 * SECOND, 'now': 0, 'unknown': undefined, '30 seconds ago': 30 * SECOND, 'an hour ago': 100 * MINUTE, '2 days ago': 2 * DAY,
  'months ago': 90 * DAY, '10 years ago': 10 * 365 * DAY,
}

const timestamp = (micros: number | undefined): string | undefined => (micros === undefined ? undefined : formatMicroTime(micros))
const tests = new Map<string, any[]>(facts<any>('printers').groups.map((g: any) => [g.test, g.cases]))

for (const { case: name, expect: { exp } } of tests.get('TestTranslateTimestampSince')!) {
  it(`the age of ${name} is ${exp}`, () => {
    expect(name in AGO).toBe(true)
    const ago = AGO[name]
    expect(translateTimestamp(ago === undefined ? undefined : timestamp(NOW - ago), NOW)).toBe(exp)
  })
}

/** How far away they will be. */
const AHEAD: Readonly<Record<string, number | undefined>> = {
  'a while ago': -2.1 * SECOND, 'almost now': -1.9 * SECOND, 'now': 0, 'unknown': undefined, 'in 30 seconds': 30 * SECOND, 'in an hour': 100 * MINUTE, 'in 2 days': 2 * DAY,
  'in months': 90 * DAY, 'in 10 years': 10 * 365 * DAY,
}

// Nothing here prints a time to come: it is the age of now at that time.
for (const { case: name, expect: { exp } } of tests.get('TestTranslateTimestampUntil')!) {
  it(`the time to ${name} is ${exp}`, () => {
    expect(name in AHEAD).toBe(true)
    const ahead = AHEAD[name]
    expect(translateTimestamp(ahead === undefined ? undefined : timestamp(NOW), NOW + (ahead ?? 0))).toBe(exp)
  })
}
