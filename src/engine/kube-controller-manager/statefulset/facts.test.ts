import { describe, expect, test } from 'vitest'
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from '../../api'
import { scaledOr } from '../../apimachinery'
import { facts } from '../../apimachinery/facts.testing'
import { TestEnv } from '../testing'
import { statefulSetController } from '.'
import { ownersFit, withOwners } from './claims'
import { revisions } from './revisions'

type Case = { case: string; given: any; expect: any }
const group = (name: string): Case[] => facts<any>('statefulset').groups.find((g: any) => g.test === name).cases

const set = (spec: object): StatefulSet => ({ metadata: { name: 'stateful-set', namespace: 'default', uid: 'ss-456' }, spec }) as unknown as StatefulSet
const pod = (name: string, uid: string): Pod => ({ metadata: { name, namespace: 'default', uid } }) as unknown as Pod
const claim = (ownerReferences: object[]): PersistentVolumeClaim => ({ metadata: { name: 'c', namespace: 'default', ownerReferences } }) as unknown as PersistentVolumeClaim

describe('a StatefulSet', () => {
  test('wants the owners of claims that upstream wants', () => {
    for (const c of group('TestIsClaimOwnerUpToDate')) {
      const g = c.given
      const s = set({ replicas: g.replicas || 1, persistentVolumeClaimRetentionPolicy: { whenScaled: g.scaleDownPolicy, whenDeleted: g.setDeletePolicy } })
      const p = pod(`stateful-set-${g.ordinal}`, 'pod-1')
      // Upstream tries all four; only one fits.
      for (const [bySet, byPod] of [[false, false], [false, true], [true, false], [true, true]] as const) {
        const refs = [...(bySet ? [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'stateful-set', uid: 'ss-456', controller: true }] : []), ...(byPod ? [{ apiVersion: 'v1', kind: 'Pod', name: p.metadata.name, uid: 'pod-1', controller: true }] : [])]
        expect(ownersFit(claim(refs), s, p), `${c.case} ${bySet} ${byPod}`).toBe(bySet === g.needsSetRef && byPod === g.needsPodRef)
        expect(ownersFit(withOwners(claim(refs), s, p), s, p), c.case).toBe(true)
      }
    }
    for (const c of group('TestClaimOwnerUpToDateEdgeCases')) {
      // Its pod has no ordinal of the set, so it counts as scaled away.
      expect(ownersFit(claim(c.given.ownerRefs), set({ replicas: 1, persistentVolumeClaimRetentionPolicy: c.given.policy }), pod('pod-1', 'pod-123')), c.case).toBe(c.expect.shouldMatch)
    }
    for (const c of group('TestGetStatefulSetMaxUnavailable')) expect(Math.max(1, scaledOr(c.given.maxUnavailable, c.given.replicaCount, false, 1)), JSON.stringify(c.given)).toBe(c.expect.expectedMaxUnavailable)
  })

  test('keeps the history that upstream keeps', () => {
    for (const c of group('TestStatefulSetControl_getSetRevisions')) {
      const env = new TestEnv(statefulSetController)
      const existing: ControllerRevision[] = (c.given.existing ?? []).map((r: ControllerRevision) => ({ ...r, metadata: { ...r.metadata, namespace: 'default' } }))
      env.add('controllerrevisions', ...existing)
      const s: StatefulSet = { ...c.given.set, status: { ...c.given.set.status, currentRevision: c.given.set.status.currentRevision } }
      const r = revisions(s, env.cache('controllerrevisions'))
      const made = r.intents.filter((i) => i.do === 'request' && i.request.verb === 'create').length
      expect(existing.length + made, c.case).toBe(c.expect.expectedCount)
      for (const [have, want] of [[r.current, c.expect.expectedCurrent], [r.update, c.expect.expectedUpdate]] as const) {
        expect([have.metadata.name, have.revision, have.metadata.labels, have.data], c.case).toEqual([want.metadata.name, want.revision, want.metadata.labels, want.data])
      }
    }
  })
})
