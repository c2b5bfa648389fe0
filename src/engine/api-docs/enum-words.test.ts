import { expect, it } from 'vitest'
import { ENUMS, ENUM_WORDS } from '.'

it('tells words of known enumerations only, and of all their values', () => {
  const known = new Map(ENUMS.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).split(',').sort()]))
  for (const [type, words] of Object.entries(ENUM_WORDS)) expect(Object.keys(words).sort(), type).toEqual(known.get(type))
})
