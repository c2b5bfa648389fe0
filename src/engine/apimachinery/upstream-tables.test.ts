import { describe, expect, it } from 'vitest'
import { facts } from './facts.testing'
import * as m from './index'

const group = (test: string): any[] => facts<any>('strings').groups.filter((g: any) => g.test === test).flatMap((g: any) => g.cases)
/** Rows that are operands of other rows have no expectation of their own. */
const told = (test: string): any[] => group(test).filter((c) => Object.keys(c.expect).length > 0)

/** Go's duration text in seconds. */
function seconds(text: string): number {
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 }
  return [...text.matchAll(/([\d.]+)(ms|h|m|s)/g)].reduce((sum, [, n, u]) => sum + Number(n) * units[u!]!, 0)
}

const selector = (text: string): m.Selector => {
  const s = m.parseSelector(text)
  if (typeof s === 'string') throw new Error(s)
  return s
}

/** The recorder wrote floating point numbers as text. */
function floats(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(floats)
  if (typeof v === 'string' && /^\d+\.\d+$/.test(v)) return Number(v)
  return typeof v === 'object' && v !== null ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, floats(x)])) : v
}

/** Left out: the lexer and parser states of Go's packages (TestLexer, TestParserLookahead, TestParser, TestSafeSort …), Mul, and scaled values, which nothing here needs. */
describe('tables of k8s.io/apimachinery and client-go', () => {
  it('selectors parse and print', () => {
    for (const test of ['TestToString', 'TestSetSelectorParser']) for (const { given, expect: want } of told(test)) {
      const s = m.parseSelector(given.In)
      if (want.Valid === false) { expect(typeof s, given.In).toBe('string'); continue }
      if (typeof s === 'string') throw new Error(`${given.In}: ${s}`)
      if (want.Out !== undefined) expect(m.formatSelector(s)).toBe(m.formatSelector(selector(want.Out)))
    }
    for (const { given, expect: want } of told('TestSetSelectorString')) expect(m.formatSelector(m.selectorFromSet(given.set))).toBe(want.out ?? '')
  })

  it('selectors match and tell exact values', () => {
    for (const { given, expect: want } of told('TestRequirementSelectorMatching')) {
      // Upstream puts nil requirements together for the empty one.
      if (given.Sel === '') continue
      expect([given, m.matches(selector(given.Sel), given.Set)]).toEqual([given, want.Match])
    }
    for (const c of told('TestRequiresExactMatch')) expect([c.case, m.requiresExactLabel(selector(c.given.sel), c.given.label)]).toEqual([c.case, c.expect.expectedFound ? c.expect.expectedValue : undefined])
  })

  it('requirements are judged', () => {
    for (const { given } of group('TestRequirementConstructor')) {
      const made = m.newRequirement(given.Key ?? '', given.Op, Object.keys(given.Vals ?? {}).sort())
      const error = (given.WantErr ?? []).map((e: { error: string }) => e.error)
      if (error.length === 0) expect([given.Key, typeof made]).toEqual([given.Key, 'object'])
      // The table tells field and value; the text goes on.
      else expect([given, String(made)]).toEqual([given, expect.stringContaining(error[0]) as string])
    }
  })

  it('durations', () => {
    for (const { given, expect: want } of [...told('TestHumanDuration'), ...told('TestHumanDurationBoundaries')]) expect([given.d, m.humanDuration(Math.floor(seconds(given.d)))]).toEqual([given.d, want.want])
    for (const { given, expect: want } of told('TestShortHumanDurationBoundaries')) expect([given.d, m.shortHumanDuration(Math.floor(seconds(given.d)))]).toEqual([given.d, want.want])
  })

  it('numbers and shares', () => {
    for (const c of told('TestGetIntFromIntOrPercent')) {
      const r = m.scaledIntOrPercent(c.given.input, c.given.total, c.given.roundUp)
      expect([c.given, r]).toEqual([c.given, c.expect.expectErr ? expect.objectContaining({ error: expect.any(String) as string }) : c.expect.expectVal])
    }
  })

  it('quantities', () => {
    for (const { given, expect: want } of told('TestQuantityCmp')) if (typeof given.x === 'string' && typeof given.y === 'string') expect([given, m.compareQuantity(m.quantity(given.x), m.quantity(given.y))]).toEqual([given, want.expect])
    for (const test of ['TestQuantityString', 'TestQuantityParseEmit']) for (const { given, expect: want } of told(test)) if (typeof given.in === 'string') expect([given.in, m.quantity(given.in).text]).toEqual([given.in, want.expect])
    for (const { given, expect: want } of told('TestNewScaledSet')) expect([given, m.quantity(`${given.value}e${given.scale}`).nano]).toEqual([given, m.quantity(want.expect).nano])
  })

  it('templates of JSON paths that cannot be read', () => {
    for (const c of told('TestFailParser')) expect([c.case, m.parseJsonPath(c.given.text).error]).toEqual([c.case, c.expect.err])
  })

  it('JSON paths', () => {
    const wrong: unknown[] = []
    for (const test of ['testJSONPath', 'testJSONPathSortOutput']) for (const c of told(test)) {
      const { template } = c.given
      const input = floats(c.given.input)
      const path = m.parseJsonPath(template, { allowMissingKeys: c.expect.expectError !== true && /missing|nonexistent|don't have/i.test(c.case) })
      // Go structs print in the order of their fields, and single precision in its own way: neither is in the file.
      if (/struct|fields$/i.test(c.case)) continue
      const got = path.value === undefined ? { error: path.error } : path.value.execute(input)
      if (c.expect.expectError) { if (got.error === undefined) wrong.push([c.case, template, got]); continue }
      const words = (t: string): string => (test === 'testJSONPathSortOutput' ? t.split(' ').sort().join(' ') : t)
      const told = got.error ?? words(got.value as string)
      if (c.expect.expect !== undefined && told !== words(c.expect.expect)) wrong.push([c.case, template, told, words(c.expect.expect)])
    }
    expect(wrong).toEqual([])
  })
})
