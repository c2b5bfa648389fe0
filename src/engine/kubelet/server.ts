import type { Ctx, Message } from '../sim'
import { formatMicroTime } from '../sim'
import { badRequest, internalError, notFound, type Status } from '../apimachinery'
import type { CriResult, LogLine } from '../cri'
import { callRuntime } from './runtime'
import type { CriPurpose, KubeletState } from './state'

/** kube-apiserver → kubelet: what `kubectl logs` and `kubectl exec` ask for. Upstream: pkg/kubelet/server/server.go */
export interface KubeletRequest extends Message {
  readonly type: 'kubelet/request'
  readonly id: number
  readonly from: string
  readonly what: 'log' | 'exec'
  readonly namespace: string
  readonly pod: string
  readonly container?: string | undefined
  readonly options?: LogOptions | undefined
  readonly command?: readonly string[] | undefined
}

/** Options of a log request, as PodLogOptions; numbers may come as text from the query. */
export interface LogOptions {
  readonly previous?: boolean | string | undefined
  readonly tailLines?: number | string | undefined
  readonly limitBytes?: number | string | undefined
  readonly sinceSeconds?: number | string | undefined
  readonly timestamps?: boolean | string | undefined
}

/** kubelet → kube-apiserver. `body`: text, or a Status. */
export interface KubeletResponse extends Message {
  readonly type: 'kubelet/response'
  readonly id: number
  readonly code: number
  readonly body: unknown
  /** exec: exit code of the command. */
  readonly exitCode?: number | undefined
}

const yes = (v: boolean | string | undefined): boolean => v === true || v === 'true'

/** Upstream: kubelet_pods.go validateContainerLogStatus */
const waitingText: Readonly<Record<string, string>> = { ErrImagePull: "image can't be pulled", ImagePullBackOff: 'trying and failing to pull image' }

/** Answers a request, after the runtime was asked. */
export function answerRequest(state: KubeletState, request: KubeletRequest, ctx: Ctx): void {
  const worker = [...state.workers.values()].find((w) => w.key === `${request.namespace}/${request.pod}`)
  const fail = (body: Status) => {
    const response: KubeletResponse = { type: 'kubelet/response', id: request.id, code: body.code ?? 400, body }
    ctx.send(request.from, response)
  }
  if (worker === undefined) return fail(notFound({ group: '', resource: 'pods' }, request.pod))
  const name = request.container ?? worker.pod.spec.containers[0]?.name ?? ''
  const views = state.views.get(worker.uid)?.containers.filter((c) => c.name === name) ?? []
  const previous = yes(request.options?.previous)
  if (request.what === 'log' && (previous ? views.length < 2 : views.length === 0)) {
    if (previous) return fail(badRequest(`previous terminated container "${name}" in pod "${request.pod}" not found`))
    const why = worker.reasons.get(name)?.reason ?? (worker.pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating')
    return fail(badRequest(`container "${name}" in pod "${request.pod}" is waiting to start: ${waitingText[why] ?? why}`))
  }
  const purpose: CriPurpose = { for: request.what, from: request.from, request: request.id, options: request.options ?? {} }
  if (request.what === 'log') callRuntime(state, { op: 'log', uid: worker.uid, name, previous }, purpose, null, ctx)
  else callRuntime(state, { op: 'exec', uid: worker.uid, name, command: request.command ?? [] }, purpose, { namespace: request.namespace, name: request.pod }, ctx)
}

/** The runtime has answered. */
export function requestDone(purpose: CriPurpose & { for: 'log' | 'exec' }, result: CriResult, ctx: Ctx): void {
  const response: KubeletResponse = purpose.for === 'exec'
    ? { type: 'kubelet/response', id: purpose.request, code: result.error ? 500 : 200, body: result.error ? internalError(result.error) : (result.output ?? ''), exitCode: result.code ?? 0 }
    : { type: 'kubelet/response', id: purpose.request, code: result.error ? 400 : 200, body: result.error ? badRequest(result.error) : logText(result.lines ?? [], purpose.options as LogOptions, ctx.wallMicros()) }
  ctx.send(purpose.from, response)
}

/** Lines as `kubectl logs` shows them. */
export function logText(lines: readonly LogLine[], options: LogOptions, wall: number): string {
  let list = lines
  const since = Number(options.sinceSeconds ?? 0)
  if (since > 0) list = list.filter((l) => l.at >= wall - since * 1_000_000)
  const tail = options.tailLines === undefined ? -1 : Number(options.tailLines)
  if (tail >= 0) list = tail === 0 ? [] : list.slice(-tail)
  const stamps = yes(options.timestamps)
  let text = ''
  for (const l of list) text += `${stamps ? `${formatMicroTime(l.at).slice(0, -1)}000Z ` : ''}${l.text}\n`
  const limit = options.limitBytes === undefined ? -1 : Number(options.limitBytes)
  return limit >= 0 ? text.slice(0, limit) : text
}
