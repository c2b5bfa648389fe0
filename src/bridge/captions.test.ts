import { expect, test } from 'vitest'
import { captionOfReads } from './captions'

test('a command that lists several kinds says them all, one that looks up and then lists says what it looked up', () => {
  expect(captionOfReads(['You list horizontalpodautoscalers', 'You list persistentvolumeclaims', 'You list services'])).toBe('You list horizontalpodautoscalers, persistentvolumeclaims and services')
  expect(captionOfReads(['You look up pod web', 'You list events'])).toBe('You look up pod web')
})
