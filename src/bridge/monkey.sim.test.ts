import fc from 'fast-check'
import { expect, test } from 'vitest'
import { samples } from '../scenarios'
import { drive } from './driver.testing'
import { FrameBuilder } from './frame'
import type { Crash, Down, Frame, Input, Saved } from './protocol'
import { kubectl } from '../engine/kubectl'
import { Session } from './session'

const lines = [
  'kubectl get pods -A -w', 'kubectl delete pods --all', 'kubectl drain node-2 --ignore-daemonsets --force --delete-emptydir-data', 'kubectl uncordon node-2', 'kubectl logs -f deploy/web', 'kubectl rollout restart deploy',
  'kubectl exec -it reader -- sh', 'kubectl edit deploy web', 'kubectl scale deploy web --replicas=9', 'watch kubectl get pods', 'kubectl delete all --all', 'kubectl run -it x --image=busybox -- sh',
  'read x; echo "got $x"', 'kubectl exec -it deploy/web -- sh', 'vi a.yaml', 'kubectl apply -f a.yaml', 'while true; do kubectl get nodes; sleep 2; done', 'kubectl create deploy web --image=nginx --replicas=3', 'for i in 1 2 3; do kubectl create cm c$i; done',
  'kubectl wait --for=delete pod --all --timeout=30s', 'kubectl rollout status deploy web', 'kubectl set image deploy web nginx=nginx:nope', 'kubectl get events -w', 'sleep 200', 'kubectl debug node/node-1 -it --image=busybox',
  'kubectl taint nodes node-1 a=b:NoExecute', 'kubectl config set-context --current --namespace=kube-system', 'cd /tmp; export A=b', 'kubectl proxy &', 'ssh node-1', 'kubectl delete deploy --all --cascade=foreground',
  'kubectl port-forward svc/web 8080:80', 'kubectl explain pods', 'kubectl top pods', 'kubectl delete node node-3', 'kubectl delete ns default',
]
const nodes = ['node-1', 'node-2', 'node-3', 'control-plane'] as const
const components = ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'etcd-0', 'etcd-1', 'etcd-2', 'cloud-controller-manager'] as const
const nodeFaults = ['node-down', 'node-up', 'partition', 'heal', 'kubelet-stop', 'kubelet-start', 'node-remove', 'kube-proxy-stop', 'kube-proxy-start'] as const

const input: fc.Arbitrary<Input> = fc.oneof(
  fc.constantFrom(...samples).map(({ yaml }): Input => ({ type: 'kubectl', line: 'kubectl apply -f -', stdin: yaml })),
  fc.constantFrom(...lines).map((line): Input => ({ type: 'kubectl', line })),
  fc.tuple(fc.constantFrom(...nodeFaults), fc.constantFrom(...nodes)).map(([kind, node]): Input => ({ type: 'fault', fault: { kind, node } })),
  fc.constant<Input>({ type: 'fault', fault: { kind: 'node-add' } }),
  fc.tuple(fc.constantFrom('component-down', 'component-up', 'component-crash'), fc.constantFrom(...components)).map(([kind, component]): Input => ({ type: 'fault', fault: { kind, component } })),
  fc.nat(12).map((command): Input => ({ type: 'interrupt', command })),
  fc.tuple(fc.nat(12), fc.constantFrom('ls\n', 'x: [', 'exit', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n', null)).map(([command, text]): Input => ({ type: 'edited', command, text })),
  fc.constantFrom('http://web', 'http://nobody').map((to): Input => ({ type: 'traffic', do: 'start', generator: { id: 'g', from: { kind: 'outside' }, to, pattern: { kind: 'constant', rate: 20 } } })),
  fc.constant<Input>({ type: 'traffic', do: 'send', request: { from: { kind: 'pod', namespace: 'default', name: 'reader' }, to: 'http://web' } }),
)

/** What a page may send, in any order. `restore` is a reload: it starts again from what was saved last. */
const act: fc.Arbitrary<Down | 'restore' | 'draws' | 'draws not'> = fc.oneof(
  { weight: 6, arbitrary: input.map((i): Down => ({ type: 'input', id: 1, input: i })) },
  fc.constantFrom<Down>({ type: 'step', by: 1 }, { type: 'step', by: -1 }, { type: 'milestone', by: 1 }, { type: 'milestone', by: -1 }, { type: 'play' }, { type: 'pause' }, { type: 'undo' }),
  fc.nat(150e6).map((at): Down => ({ type: 'seek', to: { at } })),
  fc.nat(150).map((step): Down => ({ type: 'seek', to: { step } })),
  fc.nat(4).map((id): Down => ({ type: 'branch', id })),
  fc.tuple(fc.constantFrom('event-paced', 'real-time'), fc.constantFrom(0.5, 1, 20)).map(([mode, factor]): Down => ({ type: 'pace', pace: { mode, factor } })),
  fc.constantFrom<Down>({ type: 'ask', id: 1, question: { about: 'object', resource: 'pods', namespace: 'default', name: 'reader' } }, { type: 'ask', id: 1, question: { about: 'why', resource: 'deployments', namespace: 'default', name: 'web' } }, { type: 'ask', id: 1, question: { about: 'complete', line: 'kubectl get po', cursor: 14 } }),
  fc.constantFrom('restore', 'draws', 'draws not'),
)

const kinds = ['nodes', 'pods', 'workloads', 'services', 'objects'] as const

/** What a page has after some frames: rows, steps, output, branches. */
function picture(frames: readonly Frame[]): unknown {
  const rows = kinds.map(() => new Map<string, unknown>())
  let [steps, output, branches]: [Map<number, unknown>, unknown[], unknown] = [new Map(), [], null]
  for (const frame of frames) {
    if (frame.kind === 'full') [steps, output] = [new Map(), []]
    for (const [i, kind] of kinds.entries()) {
      if (frame.kind === 'full') rows[i]?.clear()
      for (const key of frame[kind].gone) rows[i]?.delete(key)
      for (const row of frame[kind].put) rows[i]?.set(row.key, row)
    }
    for (const step of frame.steps) steps.set(step.n, step)
    // What is newest now has nothing after it.
    if (frame.clock.now >= frame.clock.head) for (const n of steps.keys()) if (n > frame.step) steps.delete(n)
    output.push(...frame.output)
    branches = frame.branches ?? branches
  }
  return { rows: rows.map((of) => [...of.values()].sort((a, b) => ((a as { key: string }).key < (b as { key: string }).key ? -1 : 1))), steps: [...steps.values()], output, branches, step: frames.at(-1)?.step }
}

/** What was told of a line of history up to a moment, and a digest of all that happened until then. */
function history(session: Session, at: number): unknown {
  session.seek(at)
  const { story, inputs } = session.branch
  return { at: session.now, trace: session.cluster.sim.traceHash(), state: session.cluster.sim.stateHash(), inputs, steps: story.steps.filter((s) => s.at <= at).map((s) => [s.n, s.at, s.caption]), output: story.outputs.filter((o) => o.at <= at) }
}

// More of it, or the shortest case of a failure: MONKEY_RUNS=200 MONKEY_SEED=7 MONKEY_SHRINK=1 npx vitest run src/bridge/monkey
test('whatever is done in whatever order on whatever machine, nothing asserts, no invariant breaks, and the page shows what is', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(act, fc.constantFrom(0, 40, 600)), { minLength: 10, maxLength: 25 }), fc.constantFrom(0, 0.5, 10), fc.constantFrom('default', 'default', 'policies', 'recorded'), (acts, slow, preset) => {
      const { driver, send, pass, ups, frames, page } = drive(slow)
      send({ type: 'start', seed: 1, preset })
      for (const [down, ms] of acts) {
        if (down === 'draws' || down === 'draws not') page.draws = down === 'draws'
        else send(down === 'restore' ? { type: 'start', session: ups.findLast((u): u is Saved => u.type === 'saved')?.session } : down)
        pass(ms)
        const crash = ups.find((u): u is Crash => u.type === 'crash')
        expect(crash && `${crash.message} ${(JSON.parse(crash.report) as { stack?: string }).stack}`).toBeUndefined()
      }
      page.draws = true
      pass(5000)
      send({ type: 'pause' })
      pass(2000)
      const { session } = driver as unknown as { readonly session: Session }
      const whole = new FrameBuilder().build(session, 'full', { playing: false, pace: { mode: 'event-paced', factor: 1 }, spreadMs: 0, skipped: 0 })
      expect(picture(frames())).toEqual(picture([structuredClone(whole)]))
      // A reload has the same lines of history, each the same as it was lived.
      const again = Session.restore(structuredClone(session.saved()), kubectl)
      for (const { id, seen } of session.branches) {
        session.switchTo(id, seen)
        again.switchTo(id, seen)
        expect(history(again, seen)).toEqual(history(session, seen))
        expect(history(again, seen / 2)).toEqual(history(session, seen / 2))
        expect(history(again, seen)).toEqual(history(session, seen))
      }
    }),
    { numRuns: Number(process.env['MONKEY_RUNS'] ?? 5), seed: Number(process.env['MONKEY_SEED'] ?? 1), endOnFailure: process.env['MONKEY_SHRINK'] === undefined },
  )
}, 180_000 * Math.max(1, Number(process.env['MONKEY_RUNS'] ?? 5) / 10))
