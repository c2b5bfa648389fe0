import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { facts } from './facts.testing'
import { applyMergePatch, createThreeWayMergePatch, keepOrDeleteNulls, type JsonObject } from './merge-patch'
import type { FieldSchema, StructSchema, TypeSchema } from './schema'
import { applyStrategicMergePatch, createThreeWayStrategicPatch, createTwoWayStrategicPatch } from './strategic-merge-patch'

const scalar = (kind: TypeSchema['kind']): TypeSchema => ({ kind, goName: kind })
const list = (elem: TypeSchema): TypeSchema => ({ kind: 'list', goName: `[]${elem.goName}`, elem })
const field = (name: string, type: TypeSchema, patch = '', key?: string): FieldSchema => ({
  name, goName: name, type, omit: 'empty', required: false, patchStrategy: patch === '' ? [] : patch.split(','), listMapKeys: [], atomic: false,
  ...(key === undefined ? {} : { patchMergeKey: key }),
})
const struct = (name: string, fields: FieldSchema[]): StructSchema => ({
  name, goName: `strategicpatch.${name}`, fields, byName: new Map(fields.map((f) => [f.name, { field: f, via: [] }])),
})
const itemType: TypeSchema = { kind: 'struct', goName: 'strategicpatch.MergeItem', struct: () => mergeItem }
const strings = ['name', 'value', 'other'].map((n) => field(n, scalar('string')))
const simpleMap = field('simpleMap', { kind: 'map', goName: 'map[string]string', elem: scalar('string') })
const retainItem = struct('RetainKeysMergeItem', [
  ...strings, simpleMap, field('mergingIntList', list(scalar('int')), 'merge'), field('mergingList', list(itemType), 'merge', 'name'),
  field('nonMergingList', list(itemType)),
])
const mergeItem: StructSchema = struct('MergeItem', [
  ...strings, field('mergingList', list(itemType), 'merge', 'name'), field('nonMergingList', list(itemType)),
  field('mergingIntList', list(scalar('int')), 'merge'), field('nonMergingIntList', list(scalar('int'))),
  field('mergeItemPtr', { kind: 'pointer', goName: '*', elem: itemType }, 'merge', 'name'), simpleMap,
  field('replacingItem', scalar('raw'), 'replace'), field('jsonItem', scalar('any')),
  field('retainKeysMap', { kind: 'struct', goName: 'RetainKeysMergeItem', struct: () => retainItem }, 'retainKeys'),
  field('retainKeysMergingList', list(itemType), 'merge,retainKeys', 'name'),
  ...['int32', 'int64', 'float32', 'float64'].map((n) => field(n, scalar('int'))),
])

const group = (test: string): any[] => facts<any>('merge-patch').groups.filter((g: any) => g.test === test).flatMap((g: any) => g.cases)
const read = (v: unknown): JsonObject => (v === undefined ? {} : typeof v === 'string' ? (parse(v) ?? {}) : (v as JsonObject))

describe('strategic merge patch', () => {
  it('applies the custom cases', () => {
    for (const { given } of group('TestCustomStrategicMergePatch')) {
      const c = given.StrategicMergePatchTestCaseData ?? given.StrategicMergePatchRawTestCaseData
      const got = applyStrategicMergePatch(mergeItem, read(c.Original), read(c.TwoWay))
      if (c.ExpectedError !== undefined) expect(got.error, given.Description).toContain(c.ExpectedError)
      else expect(got, given.Description).toEqual({ value: read(c.Modified) })
    }
  })

  for (const test of ['TestStrategicMergePatch', 'TestReplaceWithRawExtension']) {
    it(`creates and applies two- and three-way patches (${test})`, () => {
      for (const { given } of group(test)) {
        const c = given.StrategicMergePatchTestCaseData ?? given.StrategicMergePatchRawTestCaseData
        if (c === undefined) continue
        const [original, modified, current] = [read(c.Original), read(c.Modified), read(c.Current)]
        const frozen = JSON.stringify([original, modified, current])
        const two = createTwoWayStrategicPatch(mergeItem, original, modified)
        expect(two, `${given.Description}: two-way`).toEqual({ value: read(c.TwoWay) })
        expect(applyStrategicMergePatch(mergeItem, original, two.value!), `${given.Description}: two-way result`).toEqual({ value: read(c.TwoWayResult ?? c.Modified) })
        const three = createThreeWayStrategicPatch(mergeItem, original, modified, current)
        expect(three, `${given.Description}: three-way`).toEqual({ value: read(c.ThreeWay) })
        expect(applyStrategicMergePatch(mergeItem, current, three.value!), `${given.Description}: result`).toEqual({ value: read(c.Result) })
        expect(JSON.stringify([original, modified, current]), `${given.Description}: inputs stay`).toBe(frozen)
      }
    })
  }

  it('compares numbers', () => {
    for (const { given } of group('TestNumberConversion')) {
      if (given.Old === undefined) continue
      const patch = createTwoWayStrategicPatch(mergeItem, JSON.parse(given.Old), JSON.parse(given.New))
      expect(patch.value).toEqual(JSON.parse(given.ExpectedPatch))
      expect(applyStrategicMergePatch(mergeItem, JSON.parse(given.Old), patch.value!).value).toEqual(JSON.parse(given.ExpectedResult))
    }
  })

  it('refuses a field the struct does not have', () => {
    const got = applyStrategicMergePatch(mergeItem, { unknown: { a: 1 } }, { unknown: { a: 2 } })
    expect(got.error).toBe('unable to find api field in struct MergeItem for the json field "unknown"')
  })
})

describe('JSON merge patch', () => {
  it('splits nulls from values', () => {
    for (const { given } of group('TestKeepOrDeleteNullInObj')) {
      expect(keepOrDeleteNulls(given.OriginalObj, true), given.Description).toEqual(given.ExpectedWithNull)
      expect(keepOrDeleteNulls(given.OriginalObj, false), given.Description).toEqual(given.ExpectedWithoutNull)
    }
  })

  it('creates three-way patches', () => {
    for (const { given } of group('TestCreateThreeWayJSONMergePatch')) {
      const c = given.JSONMergePatchTestCaseData
      const patch = createThreeWayMergePatch(c.Original ?? {}, c.Modified, c.Current)
      expect(patch, given.Description).toEqual(c.ThreeWay)
      expect(applyMergePatch(c.Current, patch), given.Description).toEqual(c.Result)
    }
  })
})
