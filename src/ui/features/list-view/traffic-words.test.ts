import { expect, test } from 'vitest'
import { outcomes } from '../../state'
import { trafficText } from './traffic-words'

const ended = (counts: Partial<Record<(typeof outcomes)[number], number>>) => outcomes.map((o) => counts[o] ?? 0)

test('the list says what the map shows: how many, and how many failed for which reason', () => {
  expect(trafficText(undefined)).toBe('')
  expect(trafficText({ sent: 6.66, ended: ended({ ok: 7 }) })).toBe('6.7/s, all answered')
  expect(trafficText({ sent: 30, ended: ended({ ok: 20, timeout: 8, refused: 2 }) })).toBe('30/s, 33% failed: Timeout')
  expect(trafficText({ sent: 1200, ended: ended({}) })).toBe('1,200/s')
  expect(trafficText({ sent: 1000, ended: ended({ ok: 999, reset: 1 }) })).toBe('1,000/s, 1% failed: Reset')
})
