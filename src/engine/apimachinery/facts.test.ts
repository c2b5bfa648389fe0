import { describe, expect, it } from 'vitest'
import { facts } from './facts.testing'
import * as m from './index'

describe('facts recorded from Kubernetes v1.36', () => {
  it('quantities parse, print and add as upstream', () => {
    const f = facts<any>('fn-quantity')
    for (const c of f.parse) {
      const q = m.parseQuantity(c.in)
      if (!c.ok) { expect(q, c.in).toBe(c.error); continue }
      if (typeof q === 'string') throw new Error(`${c.in}: ${q}`)
      expect([c.in, q.text, q.value, q.milliValue, q.format, m.quantitySign(q)]).toEqual([c.in, c.canonical, c.value, c.milliValue, c.format, c.sign])
    }
    for (const c of f.newMilli) expect(m.newMilliQuantity(c.Value, c.Format).text, JSON.stringify(c)).toBe(c.Out)
    for (const c of f.newQuantity) expect(m.newQuantity(c.Value, c.Format).text, JSON.stringify(c)).toBe(c.Out)
    for (const c of f.arith) {
      const [a, b] = [m.quantity(c.A), m.quantity(c.B)]
      expect([m.addQuantity(a, b).text, m.subQuantity(a, b).text, m.compareQuantity(a, b)], JSON.stringify(c)).toEqual([c.Sum, c.Diff, c.Cmp])
    }
  })

  it('label selectors parse, print and match as upstream', () => {
    const f = facts<any>('fn-label-selector')
    // The recording matched ten label sets; the file keeps those at these places.
    const places = f.labelSets.length === 10 ? f.labelSets.map((_: unknown, i: number) => i) : [5, 8]
    for (const c of f.cases) {
      const s = m.parseSelector(c.in)
      if (!c.ok) { expect(s, c.in).toBe(c.error); continue }
      if (typeof s === 'string') throw new Error(`${c.in}: ${s}`)
      expect(m.formatSelector(s), c.in).toBe(c.canonical)
      f.labelSets.forEach((set: Record<string, string>, i: number) => expect(m.matches(s, set), `${c.in} on ${JSON.stringify(set)}`).toBe(c.matches[places[i]!]))
    }
  })

  it('ages print as upstream', () => {
    for (const c of facts<any>('fn-human-duration').cases) {
      expect([c.seconds, m.humanDuration(c.seconds), m.shortHumanDuration(c.seconds)]).toEqual([c.seconds, c.human, c.short])
    }
  })

  it('percentages scale as upstream', () => {
    for (const c of facts<any>('fn-int-or-percent').cases) {
      const result = m.scaledIntOrPercent(c.isString ? c.value : Number(c.value), c.total, c.roundUp)
      expect(result, JSON.stringify(c)).toEqual('error' in c ? { error: c.error } : c.result)
    }
  })

  it('names are judged as upstream', () => {
    const f = facts<any>('fn-name-validation')
    for (const c of f.names) {
      expect({
        configMapKey: m.configMapKeyErrors(c.in), dns1035Label: m.dns1035LabelErrors(c.in), dns1123Label: m.dns1123LabelErrors(c.in),
        dns1123Subdomain: m.dns1123SubdomainErrors(c.in), envVarName: m.envVarNameErrors(c.in), in: c.in,
        'labelKey(qualifiedName)': m.qualifiedNameErrors(c.in), labelValue: m.labelValueErrors(c.in), portName: m.portNameErrors(c.in),
      }).toEqual(c)
    }
    for (const c of f.ports) expect(m.portNumberErrors(c.port)).toEqual(c.errors)
  })

  it('names are generated and encoded as upstream', () => {
    const f = facts<any>('fn-names-hashes')
    for (const c of f.safeEncode) expect(m.safeEncodeString(String(c.uint32))).toBe(c.encoded)
    for (const c of f.generateName) {
      const name = m.generateName(c.base, 'xxxxx')
      expect([name.length, name.slice(0, -5)]).toEqual([c.resultLen, c.prefixKept])
    }
  })
})
