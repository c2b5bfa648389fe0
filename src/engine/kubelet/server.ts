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
  readonly what: 'log' | 'exec' | 'attach' | 'portforward' | 'stats'
  readonly namespace: string
  readonly pod: string
  readonly container?: string | undefined
  readonly options?: (LogOptions & { readonly command?: string | undefined; readonly session?: string | undefined }) | undefined
  readonly command?: readonly string[] | undefined
  /** exec: what is typed into it. */
  readonly stdin?: string | undefined
}

/** Options of a log request, as PodLogOptions; numbers may come as text from the query. */
export interface LogOptions {
  readonly previous?: boolean | string | undefined
  readonly tailLines?: number | string | undefined
  readonly limitBytes?: number | string | undefined
  readonly sinceSeconds?: number | string | undefined
  readonly timestamps?: boolean | string | undefined
}

/** What an exec came to; the body of its answer. */
export interface ExecOutput {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
  /** A command that is typed into: its session while it goes on, and what stands before the place to type; null: it does not read now. */
  readonly session?: string | undefined
  readonly prompt?: string | null | undefined
}

/** kubelet → kube-apiserver. `body`: text, a Status, or an ExecOutput. */
export interface KubeletResponse extends Message {
  readonly type: 'kubelet/response'
  readonly id: number
  readonly code: number
  readonly body: unknown
}

const yes = (v: boolean | string | undefined): boolean => v === true || v === 'true'

/** Upstream: kubelet_pods.go validateContainerLogStatus */
const waitingText: Readonly<Record<string, string>> = { ErrImagePull: "image can't be pulled", ImagePullBackOff: 'trying and failing to pull image' }

/** Answers a request, after the runtime was asked. */
export function answerRequest(state: KubeletState, request: KubeletRequest, ctx: Ctx): void {
  if (request.what === 'stats') return callRuntime(state, { op: 'stats' }, { for: 'stats', from: request.from, request: request.id }, null, ctx)
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
  if (request.what === 'log') {
    const purpose: CriPurpose = { for: 'log', from: request.from, request: request.id, options: request.options ?? {} }
    return callRuntime(state, { op: 'log', uid: worker.uid, name, previous }, purpose, null, ctx)
  }
  if (request.what === 'attach' && request.stdin !== undefined && views[0]?.state === 'running') {
    // What is typed into the container's terminal: Ctrl-C is a signal to what runs in its foreground.
    const purpose: CriPurpose = { for: 'exec', from: request.from, request: request.id, options: [] }
    return callRuntime(state, { op: 'type', uid: worker.uid, name, text: request.stdin }, purpose, { namespace: request.namespace, name: request.pod }, ctx)
  }
  if (request.what !== 'exec') return fail({ ...internalError(`${request.what} is not supported in this simulation`) })
  if (views[0]?.state !== 'running') return fail(internalError(`unable to upgrade connection: container not found ("${name}")`))
  const typed = request.options?.command
  const command = request.command ?? (typed === undefined ? [] : typed.split('\n'))
  const purpose: CriPurpose = { for: 'exec', from: request.from, request: request.id, options: command }
  const session = request.options?.session
  if (session !== undefined) return callRuntime(state, { op: 'session', uid: worker.uid, name, session, command, text: request.stdin }, purpose, { namespace: request.namespace, name: request.pod }, ctx)
  callRuntime(state, { op: 'exec', uid: worker.uid, name, command, stdin: request.stdin }, purpose, { namespace: request.namespace, name: request.pod }, ctx)
}

/** What the machine's own daemons use: kubelet, runtime, the system's services. */
const daemons = { cpuMillis: 35, memoryBytes: 320 * 1024 * 1024 }

/** One container's usage, as metrics-server hears of it. Upstream: /metrics/resource */
export interface StatsOfContainer {
  readonly namespace: string
  readonly pod: string
  readonly uid: string
  readonly container: string
  readonly cpuMillis: number
  readonly memoryBytes: number
}

/** The runtime has told what containers use. Upstream: pkg/kubelet/server/stats/summary_sys_containers.go, metrics/collectors/resource_metrics.go */
export function statsDone(state: KubeletState, purpose: CriPurpose & { for: 'stats' }, result: CriResult, ctx: Ctx): void {
  let { cpuMillis, memoryBytes } = daemons
  const containers: StatsOfContainer[] = []
  for (const s of result.stats ?? []) {
    cpuMillis += s.cpuMillis
    memoryBytes += s.memoryBytes
    const pod = state.workers.get(s.uid)?.pod
    if (pod) containers.push({ namespace: pod.metadata.namespace as string, pod: pod.metadata.name, uid: s.uid, container: s.name, cpuMillis: s.cpuMillis, memoryBytes: s.memoryBytes })
  }
  const body = Object.freeze({ cpuMillis: Math.min(cpuMillis, state.params.node.cpuMillis), memoryBytes, containers })
  const response: KubeletResponse = { type: 'kubelet/response', id: purpose.request, code: 200, body }
  ctx.send(purpose.from, response)
}

/** The runtime has answered. */
export function requestDone(purpose: CriPurpose & { for: 'log' | 'exec' }, result: CriResult, ctx: Ctx): void {
  ctx.send(purpose.from, purpose.for === 'log' ? logResponse(purpose, result, ctx) : execResponse(purpose.request, result))
}

function logResponse(purpose: CriPurpose & { for: 'log' | 'exec' }, result: CriResult, ctx: Ctx): KubeletResponse {
  if (result.error) return { type: 'kubelet/response', id: purpose.request, code: 400, body: badRequest(result.error) }
  return { type: 'kubelet/response', id: purpose.request, code: 200, body: logText(result.lines ?? [], purpose.options as LogOptions, ctx.wallMicros()) }
}

function execResponse(id: number, result: CriResult): KubeletResponse {
  if (result.error) {
    const text = `error executing command in container: ${result.error}`
    return { type: 'kubelet/response', id, code: 500, body: internalError(text) }
  }
  const typed = result.ok === undefined ? {} : { ...(result.id === undefined ? {} : { session: result.id }), prompt: result.ok ? (result.output ?? '') : null }
  const body: ExecOutput = Object.freeze({ stdout: result.stdout ?? '', stderr: result.stderr ?? '', exitCode: result.code ?? 0, ...typed })
  return { type: 'kubelet/response', id, code: 200, body }
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
  for (const l of list) text += `${stamps ? `${formatMicroTime(l.at).slice(0, -1)}000Z ` : ''}${l.text}${l.partial ? '' : '\n'}`
  const limit = options.limitBytes === undefined ? -1 : Number(options.limitBytes)
  return limit >= 0 ? text.slice(0, limit) : text
}
