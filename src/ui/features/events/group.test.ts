import { expect, it } from 'vitest'
import { groupEvents, type ApiEvent } from './group'

const event = (reason: string, name: string, lastTimestamp: string, count = 1): ApiEvent => ({ type: 'Normal', reason, message: `${reason} ${name}`, count, lastTimestamp, involvedObject: { kind: 'Pod', namespace: 'default', name } })

it('groups by reason, counts, and shows the newest message first', () => {
  const groups = groupEvents([event('Scheduled', 'a', '2026-01-01T00:00:01Z'), event('Pulled', 'a', '2026-01-01T00:00:03Z', 4), event('Scheduled', 'b', '2026-01-01T00:00:02Z')])
  expect(groups.map(({ reason, count, message }) => [reason, count, message])).toEqual([['Pulled', 4, 'Pulled a'], ['Scheduled', 2, 'Scheduled b']])
  expect(groups[1]?.objects.size).toBe(2)
})
