import { expect, it } from 'vitest'
import { facts } from '../apimachinery/facts.testing'
import { kindName } from './rest-mapper'

// Upstream's case without a kind is that of a row that is not named by its kind: nothing is put before it. Upstream: printers_test.go TestFormatResourceName
for (const { case: name = '', given: { kind }, expect: { want } } of facts<any>('printers').groups.find((g: any) => g.test === 'TestFormatResourceName').cases) {
  if (kind === undefined) continue
  it(`${want} is the name of a row by its kind`, () => {
    expect(kindName({ kind: kind.Kind, group: kind.Group ?? '' }, name)).toBe(want)
  })
}
