import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatMicroTime, formatTime, parseTime } from './time'

test('formats and parses as the platform does, for four centuries', () => {
  fc.assert(
    fc.property(fc.integer({ min: -2_000_000_000, max: 12_000_000_000 }), (seconds) => {
      const expected = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
      expect(formatTime(seconds * 1_000_000)).toBe(expected)
      expect(parseTime(expected)).toBe(seconds * 1_000_000)
    }),
  )
})

test('keeps microseconds and offsets', () => {
  expect(formatMicroTime(1_767_258_000_000_042)).toBe('2026-01-01T09:00:00.000042Z')
  expect(parseTime('2026-01-01T10:00:00.000042+01:00')).toBe(1_767_258_000_000_042)
  expect(parseTime('yesterday')).toBeUndefined()
})
