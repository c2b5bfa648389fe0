import { describe, expect, test } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api'
import type { KubeObject } from '../../apimachinery'
import { facts } from '../../apimachinery/facts.testing'
import type { ApiResponse } from '../../client-go'
import type { Intent } from '../controller'
import { TestEnv } from '../testing'
import { modesDiffer } from './annotations'
import { persistentVolumeController } from './index'
import { findBestMatch } from './match'
import type { BinderState } from './view'

// oxlint-disable typescript/no-explicit-any
type Case = { case: string; given: any; expect: any }
const groups: { test: string; cases: Case[] }[] = facts<any>('volumes-binder').groups
const cases = (name: string): Case[] => groups.find((g) => g.test === name)?.cases ?? []
const kinds = { persistentvolumes: 'PersistentVolume', persistentvolumeclaims: 'PersistentVolumeClaim' } as const

/** Carries out a sync's intents on the caches, as a server would; gives back the events. */
function run(env: TestEnv<BinderState>, key: string): string[] {
  const events: string[] = []
  const todo: Intent[] = [...env.reconcile(key)]
  for (let steps = 0; todo.length > 0 && steps < 50; steps++) {
    const intent = todo.shift() as Intent
    if (intent.do === 'event') events.push(`${intent.type} ${intent.reason}`)
    else if (intent.do === 'then') todo.unshift(...(persistentVolumeController.resume?.(key, intent.step, undefined, undefined, env) ?? []))
    else if (intent.do === 'request') {
      const { verb, path, body } = intent.request
      const resource = path.includes('persistentvolumeclaims') ? 'persistentvolumeclaims' : 'persistentvolumes'
      const cache = env.cache(resource)
      if (verb === 'update') cache.set({ ...(body as KubeObject) })
      if (verb === 'delete') cache.delete(path.slice(path.lastIndexOf('/') + 1))
      const found = verb === 'get' ? cache.byKey(path.split('/').slice(-3).filter((p) => p !== resource).join('/')) : (body as KubeObject)
      const response = { code: found ? 200 : 404, body: found ?? {} } as unknown as ApiResponse
      todo.unshift(...((persistentVolumeController.onResponse?.(key, intent.tag, response, env) ?? {})?.intents ?? []))
    }
  }
  return events
}

const sorted = (list: any[]): any[] => [...list].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).map((o) => {
  const { claimRef, ...spec } = o.spec
  const { resourceVersion: _rv, ...ref } = claimRef ?? {}
  const { message: _message, lastPhaseTransitionTime: _time, ...status } = o.status ?? {}
  const { kind: _kind, apiVersion: _version, ...rest } = o
  return { ...rest, spec: claimRef ? { ...spec, claimRef: ref } : spec, status }
})

describe('TestSync', () => {
  for (const c of cases('TestSync'))
    test(c.case, () => {
      const env = new TestEnv(persistentVolumeController)
      for (const [resource, list] of [['persistentvolumes', c.given.initialVolumes], ['persistentvolumeclaims', c.given.initialClaims]] as const)
        for (const o of list ?? []) env.cache(resource).set({ kind: kinds[resource], apiVersion: 'v1', ...o })
      // Upstream's sets 4 sync the first volume, the others the first claim.
      const key = c.case.startsWith('4-') ? `volume/${c.given.initialVolumes[0].metadata.name}` : `claim/default/${c.given.initialClaims[0].metadata.name}`
      const events = run(env, key)
      expect(sorted([...env.cache('persistentvolumeclaims').list()])).toEqual(sorted(c.expect.expectedClaims ?? []))
      expect(sorted([...env.cache('persistentvolumes').list()])).toEqual(sorted(c.expect.expectedVolumes ?? []))
      // Upstream's checkEvents stops reading when it has as many as it expects.
      const wanted: string[] = c.expect.expectedEvents ?? []
      expect(events.slice(0, wanted.length)).toEqual(wanted.map((e) => e.split(' ').slice(0, 2).join(' ')))
    })
})

test('TestVolumeModeCheck', () => {
  expect(cases('TestVolumeModeCheck').length).toBeGreaterThan(0)
  for (const c of cases('TestVolumeModeCheck')) expect(modesDiffer(c.given.pvc, c.given.vol), c.case).toBe(c.expect.isExpectedMismatch)
})

const volumesOf = (given: any): PersistentVolume[] => (given.vol.store ? Object.values(given.vol.store.cacheStorage.items as Record<string, PersistentVolume>) : [given.vol])

test.each(['TestFilteringVolumeModes', 'TestStorageObjectInUseProtectionFiltering'])('%s', (name) => {
  expect(cases(name).length).toBeGreaterThan(0)
  for (const c of cases(name)) expect(findBestMatch(c.given.pvc as PersistentVolumeClaim, volumesOf(c.given), false) !== undefined, c.case).toBe(c.expect.isExpectedMatch)
})
