import { describe, expect, test } from 'vitest'
import type { WorkloadRow } from '../../bridge/protocol'
import { progressOf } from './workload-progress'

const row: WorkloadRow = { key: 'u', kind: 'Deployment', namespace: 'default', name: 'w', owner: null, desired: 6, current: 6, ready: 2, updated: 6, available: 2, images: [], paused: false, failed: false, createdAt: 0 }

describe('how far a workload is', () => {
  test('a Deployment by the pods that are ready', () => {
    expect(progressOf(row)).toEqual({ have: 2, full: false, text: '2/6', words: '2 of 6 ready', glyph: 'prog' })
    expect(progressOf({ ...row, ready: 6 }).glyph).toBe('ok')
  })

  test('a Job by the pods that have succeeded, of which none is ready any more', () => {
    expect(progressOf({ ...row, kind: 'Job', current: 0, ready: 0, available: 6 })).toEqual({ have: 6, full: true, text: '6/6', words: '6 of 6 done', glyph: 'done' })
    expect(progressOf({ ...row, kind: 'Job', ready: 0, available: 1, failed: true }).glyph).toBe('err')
  })

  test('a CronJob by its Jobs that run', () => {
    expect(progressOf({ ...row, kind: 'CronJob', desired: 0, current: 1, ready: 0, available: 0 })).toMatchObject({ text: '1 active', full: true })
  })
})
