import fc from 'fast-check'
import { expect, test } from 'vitest'
import { samples } from '../scenarios'
import { drive } from './driver.testing'
import { FrameBuilder } from './frame'
import type { Crash, Down, Frame, Input, Saved } from './protocol'
import type { Session } from './session'

const lines = [
  'kubectl get pods -A -w', 'kubectl delete pods --all', 'kubectl drain node-2 --ignore-daemonsets --force --delete-emptydir-data', 'kubectl uncordon node-2', 'kubectl logs -f deploy/web', 'kubectl rollout restart deploy',
  'kubectl exec -it reader -- sh', 'kubectl edit deploy web', 'kubectl scale deploy web --replicas=9', 'watch kubectl get pods', 'kubectl delete all --all', 'kubectl run -it x --image=busybox -- sh',
  'kubectl port-forward svc/web 8080:80', 'kubectl explain pods', 'kubectl top pods', 'kubectl delete node node-3', 'kubectl delete ns default',
]
const nodes = ['node-1', 'node-2', 'node-3', 'control-plane'] as const
const components = ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'etcd-0', 'etcd-1', 'cloud-controller-manager'] as const
const nodeFaults = ['node-down', 'node-up', 'partition', 'heal', 'kubelet-stop', 'kubelet-start', 'node-remove', 'kube-proxy-stop', 'kube-proxy-start'] as const

const input: fc.Arbitrary<Input> = fc.oneof(
  fc.constantFrom(...samples).map(({ yaml }): Input => ({ type: 'kubectl', line: 'kubectl apply -f -', stdin: yaml })),
  fc.constantFrom(...lines).map((line): Input => ({ type: 'kubectl', line })),
  fc.tuple(fc.constantFrom(...nodeFaults), fc.constantFrom(...nodes)).map(([kind, node]): Input => ({ type: 'fault', fault: { kind, node } })),
  fc.constant<Input>({ type: 'fault', fault: { kind: 'node-add' } }),
  fc.tuple(fc.constantFrom('component-down', 'component-up', 'component-crash'), fc.constantFrom(...components)).map(([kind, component]): Input => ({ type: 'fault', fault: { kind, component } })),
  fc.nat(12).map((command): Input => ({ type: 'interrupt', command })),
  fc.tuple(fc.nat(12), fc.constantFrom('ls\n', 'x: [', null)).map(([command, text]): Input => ({ type: 'edited', command, text })),
  fc.constantFrom('http://web', 'http://nobody').map((to): Input => ({ type: 'traffic', do: 'start', generator: { id: 'g', from: { kind: 'outside' }, to, pattern: { kind: 'constant', rate: 20 } } })),
  fc.constant<Input>({ type: 'traffic', do: 'send', request: { from: { kind: 'pod', namespace: 'default', name: 'reader' }, to: 'http://web' } }),
)

/** What a page may send, in any order. `restore` is a reload: it starts again from what was saved last. */
const act: fc.Arbitrary<Down | 'restore'> = fc.oneof(
  { weight: 6, arbitrary: input.map((i): Down => ({ type: 'input', id: 1, input: i })) },
  fc.constantFrom<Down>({ type: 'step', by: 1 }, { type: 'step', by: -1 }, { type: 'milestone', by: 1 }, { type: 'milestone', by: -1 }, { type: 'play' }, { type: 'pause' }, { type: 'undo' }),
  fc.nat(150e6).map((at): Down => ({ type: 'seek', to: { at } })),
  fc.nat(150).map((step): Down => ({ type: 'seek', to: { step } })),
  fc.nat(4).map((id): Down => ({ type: 'branch', id })),
  fc.tuple(fc.constantFrom('event-paced', 'real-time'), fc.constantFrom(0.5, 1, 20)).map(([mode, factor]): Down => ({ type: 'pace', pace: { mode, factor } })),
  fc.constantFrom<Down>({ type: 'ask', id: 1, question: { about: 'object', resource: 'pods', namespace: 'default', name: 'reader' } }, { type: 'ask', id: 1, question: { about: 'why', resource: 'deployments', namespace: 'default', name: 'web' } }, { type: 'ask', id: 1, question: { about: 'complete', line: 'kubectl get po', cursor: 14 } }),
  fc.constant('restore'),
)

const kinds = ['nodes', 'pods', 'workloads', 'services', 'objects'] as const

/** The rows that a page has after some frames. */
function picture(frames: readonly Frame[]): unknown {
  const rows = kinds.map(() => new Map<string, unknown>())
  for (const frame of frames)
    for (const [i, kind] of kinds.entries()) {
      if (frame.kind === 'full') rows[i]?.clear()
      for (const key of frame[kind].gone) rows[i]?.delete(key)
      for (const row of frame[kind].put) rows[i]?.set(row.key, row)
    }
  return rows.map((of) => [...of.values()].sort((a, b) => ((a as { key: string }).key < (b as { key: string }).key ? -1 : 1)))
}

// More of it, or the shortest case of a failure: MONKEY_RUNS=200 MONKEY_SEED=7 MONKEY_SHRINK=1 npx vitest run src/bridge/monkey
test('whatever is done in whatever order on whatever machine, nothing asserts, no invariant breaks, and the page shows what is', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(act, fc.constantFrom(0, 40, 600)), { minLength: 10, maxLength: 25 }), fc.constantFrom(0, 0.5, 10), (acts, slow) => {
      const { driver, send, pass, ups, frames } = drive(slow)
      send({ type: 'start', seed: 1 })
      for (const [down, ms] of acts) {
        send(down === 'restore' ? { type: 'start', session: ups.findLast((u): u is Saved => u.type === 'saved')?.session } : down)
        pass(ms)
        const crash = ups.find((u): u is Crash => u.type === 'crash')
        expect(crash && `${crash.message} ${(JSON.parse(crash.report) as { stack?: string }).stack}`).toBeUndefined()
      }
      send({ type: 'pause' })
      pass(2000)
      const { session } = driver as unknown as { readonly session: Session }
      const whole = new FrameBuilder().build(session, 'full', { playing: false, pace: { mode: 'event-paced', factor: 1 }, spreadMs: 0, skipped: 0 })
      expect(picture(frames())).toEqual(picture([structuredClone(whole)]))
    }),
    { numRuns: Number(process.env['MONKEY_RUNS'] ?? 6), seed: Number(process.env['MONKEY_SEED'] ?? 1), endOnFailure: process.env['MONKEY_SHRINK'] === undefined },
  )
})
