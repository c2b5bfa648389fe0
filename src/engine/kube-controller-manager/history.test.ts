import { describe, expect, test } from 'vitest'
import type { ControllerRevision } from '../api'
import { parseSelector, type Selector } from '../apimachinery'
import { facts } from '../apimachinery/facts.testing'
import { Cache } from '../client-go'
import { Graph, type GraphNode } from './garbagecollector/graph'
import { equalData, revisionsOf, sortRevisions } from './history'

type Case = { case: string; given: any; expect: any }
const group = (name: string): Case[] => facts<any>('daemonset-gc-history').groups.find((g: any) => g.test === name).cases
const names = (list: readonly ControllerRevision[]): string[] => list.map((r) => r.metadata.name)

describe('histories', () => {
  test('are listed, sorted and compared as upstream', () => {
    for (const c of [...group('TestRealHistory_ListControllerRevisions'), ...group('TestFakeHistory_ListControllerRevisions')]) {
      const cache = new Cache<ControllerRevision>(['controller', 'orphan'])
      for (const r of c.given.revisions ?? []) cache.set(r)
      const owner = { metadata: c.given.parent }
      const found = revisionsOf(cache, owner, (parseSelector(c.given.selector) as Selector))
      expect(names(found).sort(), c.case).toEqual(Object.keys(c.expect.want).sort())
    }
    for (const c of group('TestSortControllerRevisions')) {
      // The dump holds one of two revisions that are one object: only the order can be judged.
      const sorted = sortRevisions(c.given.revisions ?? [])
      expect(names(sorted), c.case).toEqual((c.expect.want ?? []).slice(0, sorted.length))
      expect(sorted.map((r) => r.revision), c.case).toEqual(sorted.map((r) => r.revision).toSorted((a, b) => a - b))
    }
    for (const c of group('TestFindEqualRevisions')) {
      const found = (c.given.revisions ?? []).filter((r: ControllerRevision) => equalData(r.data, c.given.revision.data))
      expect(names(found).sort(), c.case).toEqual(Object.keys(c.expect.want ?? {}).sort())
    }
  })
})

describe('the graph of owners', () => {
  test('is what upstream\'s is after the same events', () => {
    for (const c of group('TestProcessEvent')) {
      const graph = new Graph()
      const nothing = (): void => undefined
      const left = new Map<string, any>()
      for (const e of c.given.events) {
        const o = { ...e.obj, metadata: { name: e.obj.metadata.uid, ...e.obj.metadata } }
        if (e.eventType === 'delete') {
          graph.delete(o.metadata.uid, nothing)
          left.delete(o.metadata.uid)
        } else {
          graph.upsert('pods', o, () => 'pods', nothing, nothing)
          left.set(o.metadata.uid, o)
        }
      }
      for (const [uid, o] of left) {
        const node = graph.get(uid) as GraphNode
        expect(node.owners.map((r) => r.uid), c.case).toEqual((o.metadata.ownerReferences ?? []).map((r: any) => r.uid))
        // Its dependents are those that name it.
        const dependents = [...left.values()].filter((x) => x.metadata.ownerReferences?.some((r: any) => r.uid === uid)).map((x) => x.metadata.uid)
        expect([...node.dependents].sort(), `${c.case} ${uid}`).toEqual(dependents.sort())
      }
    }
  })
})
