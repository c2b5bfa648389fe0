import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../sim'
import { newBackoff } from './backoff'
import { ensureImage, pullDone } from './images'

// The whole table where it is at hand, else the committed part of it.
const at = ['../../../../shared/kubernetes/facts/kubelet.json', '../../testdata/facts/kubelet.json'].map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url)) as URL
const groups: any[] = JSON.parse(readFileSync(at, 'utf8')).groups
/** Rows with a name are whole tests. Left out: limits of pulls per second, an image store that fails, signatures, pull secrets. */
const cases: [string, any][] = (groups.find((g) => g.test === 'TestSerializedPuller')?.cases ?? []).filter((c: any) => c.given.containerImage && !c.given.qps && !c.given.inspectErr && !/Signature|Registry/.test(c.given.pullerErr?.error ?? '')).map((c: any) => [c.case, c])

describe("upstream's own cases of the image manager", () => {
  it.each(cases)('%s', (_name, { given: g, expect: e }) => {
    let events: string[] = []
    const state: any = {
      node: 'n', images: new Set(['docker.io/library/present_image:latest']), pullBackoff: { ...newBackoff(), initial: SECOND, most: 60 * SECOND }, pulls: [], calls: new Map(), nextCall: 1, workers: new Map(),
      recorder: { event: (_ctx: unknown, _about: unknown, _type: string, reason: string) => events.push(reason) },
    }
    const container = { name: 'c', image: g.containerImage, imagePullPolicy: g.policy }
    const worker: any = { uid: 'u', pod: { metadata: { name: 'p', namespace: 'n', uid: 'u' }, spec: { containers: [container] } }, reasons: new Map(), op: { steps: [{ do: 'start', name: 'c', init: false }] } }
    state.workers.set('u', worker)
    const ctx: any = { now: 0, self: 'kubelet', cause: 0, trace: () => 0, send: () => undefined }
    for (const want of e.expected) {
      events = []
      ctx.now += SECOND
      let got: any = ensureImage(state, worker, container, ctx)
      if (got === 'pulling') pullDone(state, g.pullerErr ? { error: g.pullerErr.error } : { images: [], size: 1 }, ctx, (_w, failure) => (got = failure ?? 'present'))
      expect([got === 'present' ? undefined : got.reason, events]).toEqual([want.err?.error, want.events.map((x: any) => x.reason)])
    }
  })
})
