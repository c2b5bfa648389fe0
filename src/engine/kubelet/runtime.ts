import type { Ctx } from '../sim'
import type { CriCall, CriCallMessage, PodView } from '../cri'
import type { CriPurpose, KubeletState } from './state'

const names: Readonly<Record<CriCall['op'], string>> = {
  list: 'ListPodSandbox', 'run-sandbox': 'RunPodSandbox', 'stop-sandbox': 'StopPodSandbox', 'remove-pod': 'RemovePodSandbox', pull: 'PullImage',
  start: 'StartContainer', stop: 'StopContainer', probe: 'Probe', session: 'Exec', exec: 'ExecSync', log: 'ReadLogs',
  volumes: 'WriteVolumes', resize: 'UpdateContainerResources', stats: 'ListContainerStats', 'remove-images': 'RemoveImage', release: 'RemoveContainer', 'remove-containers': 'RemoveContainer', type: 'Attach',
}

/** Calls the node's runtime; the answer comes with its purpose. Calls that change something are traced for the map. */
export function callRuntime(state: KubeletState, call: CriCall, purpose: CriPurpose, pod: { readonly namespace: string; readonly name: string } | null, ctx: Ctx): void {
  const id = state.nextCall++
  state.calls.set(id, purpose)
  const message: CriCallMessage = { type: 'cri/call', id, from: ctx.self, call }
  const cause = ctx.cause
  if (call.op !== 'list' && call.op !== 'log' && call.op !== 'probe' && call.op !== 'stats')
    ctx.trace({ kind: 'local', what: names[call.op], object: pod ? { resource: 'pods', namespace: pod.namespace, name: pod.name } : undefined, detail: Object.freeze({ to: `containerd@${state.node}`, ...('image' in call ? { image: call.image } : {}), ...('name' in call && call.op === 'start' ? { container: call.name } : {}) }) })
  ctx.send(`containerd@${state.node}`, message)
  ctx.cause = cause
}

/** Takes in what the runtime told of a pod, unless something newer is known. */
export function takeView(state: KubeletState, view: PodView | null): void {
  if (view === null) return
  const known = state.views.get(view.uid)
  if (known === undefined || known.version < view.version) state.views.set(view.uid, view)
}
