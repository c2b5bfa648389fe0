import { SECOND, type Ctx, type Message, type Micros } from '../sim'
import type { Container, Pod, PodStatus, Probe } from '../api'
import { isEmulated, type CriResult, type ProbeAction } from '../cri'
import { containerReference, initContainers, isSidecar } from './pod'
import { callRuntime } from './runtime'
import { nextRelist } from './worker-queue'
import type { KubeletState, PodWorker, ProbeType, ProbeWorker } from './state'
import { setPodStatus } from './status-manager'

/** Timer: a probe is due. */
export interface ProbeDue extends Message {
  readonly type: 'kubelet/probe'
  readonly key: string
  readonly containerId: string
}

const types: readonly ProbeType[] = ['startup', 'liveness', 'readiness']

function specOf(container: Container, type: ProbeType): Probe | undefined {
  return type === 'liveness' ? container.livenessProbe : type === 'readiness' ? container.readinessProbe : container.startupProbe
}

/** Key of a probe. */
export function probeKey(uid: string, container: string, type: ProbeType): string {
  return `${uid}/${container}/${type}`
}

/** The result that holds for a container's probe; null when there is none yet. */
export function probeResult(state: KubeletState, pod: Pod, container: string, type: ProbeType): boolean | null {
  const w = state.probes.get(probeKey(pod.metadata.uid ?? '', container, type))
  return w === undefined ? null : w.result
}

/** Starts the probes of containers that run now and have none. Upstream: prober_manager.go AddPod, worker.go run */
export function startProbes(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const view = state.views.get(worker.uid)
  if (view === undefined) return
  const all = initContainers(worker.pod).length > 0 ? [...initContainers(worker.pod).filter(isSidecar), ...worker.pod.spec.containers] : worker.pod.spec.containers
  for (const c of all) {
    if (c.livenessProbe === undefined && c.readinessProbe === undefined && c.startupProbe === undefined) continue
    const now = view.containers.find((v) => v.name === c.name)
    if (now === undefined || now.state !== 'running') {
      for (const type of types) {
        const p = state.probes.get(probeKey(worker.uid, c.name, type))
        if (p && type !== 'liveness') p.result = type === 'readiness' ? false : p.result
      }
      continue
    }
    for (const type of types) {
      const spec = specOf(c, type)
      if (spec === undefined) continue
      const key = probeKey(worker.uid, c.name, type)
      let p = state.probes.get(key)
      if (p === undefined) state.probes.set(key, (p = { uid: worker.uid, container: c.name, probe: type, containerId: '', result: null, streak: 0, lastOk: null, onHold: false, nextAt: 0, timer: 0, waiting: false }))
      if (p.containerId === now.id) continue
      p.containerId = now.id
      p.result = type === 'liveness' ? true : type === 'readiness' ? false : null
      p.streak = 0
      p.lastOk = null
      p.onHold = false
      // A status of a running container triggers readiness and startup probes at once; liveness waits for its first tick.
      // After a restart of the kubelet all begin after a random part of their period. Upstream: manualTriggerCh, probeTickerPeriod.
      if (p.timer && type === 'liveness') continue
      if (p.timer) ctx.cancel(p.timer)
      const period = (spec.periodSeconds ?? 10) * SECOND
      const restarted = now.startedAt < state.startedAt
      arm(p, key, restarted ? ctx.rng.below(period) : type === 'liveness' ? period : 0, ctx)
    }
  }
}

function arm(p: ProbeWorker, key: string, delay: Micros, ctx: Ctx): void {
  const due: ProbeDue = { type: 'kubelet/probe', key, containerId: p.containerId }
  p.nextAt = ctx.now + delay
  p.timer = ctx.after(delay, due)
}

/** Ends the probes of a pod; readiness goes on while it terminates only upstream (the result no longer matters here). */
export function stopProbes(state: KubeletState, uid: string, ctx: Ctx): void {
  for (const [key, p] of state.probes) {
    if (p.uid !== uid) continue
    if (p.timer) ctx.cancel(p.timer)
    state.probes.delete(key)
  }
}

/** A probe is due: tries it, unless it has to wait for the startup probe. */
export function probeDue(state: KubeletState, message: ProbeDue, ctx: Ctx): void {
  const p = state.probes.get(message.key)
  const worker = p && state.workers.get(p.uid)
  if (p === undefined || worker === undefined) return
  p.timer = 0
  const container = [...initContainers(worker.pod), ...worker.pod.spec.containers].find((c) => c.name === p.container)
  const spec = container && specOf(container, p.probe)
  if (container === undefined || spec === undefined) return
  const view = state.views.get(p.uid)?.containers.find((c) => c.name === p.container)
  if (view === undefined || view.state !== 'running') {
    p.containerId = ''
    return
  }
  const period = (spec.periodSeconds ?? 10) * SECOND
  const wait = wholeSecond(view.startedAt, ctx) + (spec.initialDelaySeconds ?? 0) * SECOND - ctx.now
  // In the recordings what was not ready yet was looked at once a second.
  arm(p, message.key, isEmulated(state.params) && p.probe !== 'liveness' && p.lastOk === null ? nextRelist(state, ctx.now) - ctx.now : period, ctx)
  if (wait > 0 || p.onHold) return
  if (p.probe !== 'startup' && container.startupProbe !== undefined && probeResult(state, worker.pod, p.container, 'startup') !== true) return
  if (p.probe === 'startup' && p.result === true) return
  const { namespace = '', name } = worker.pod.metadata
  const forced = state.overrides.get(`${namespace}/${name}/${p.container}/${p.probe}`) ?? state.overrides.get(`${namespace}/${name}/*/${p.probe}`)
  const cause = ctx.cause
  if (forced !== undefined || isEmulated(state.params)) {
    ctx.trace({ kind: 'probe', what: p.probe, object: { resource: 'pods', namespace, name } })
    probed(state, worker, p, container, spec, { ok: forced ?? true, output: forcedOutput(spec) }, ctx)
    ctx.cause = cause
    return
  }
  if (p.waiting) return
  const action = actionOf(spec, container, worker.pod.spec.hostNetwork ? state.address : undefined)
  if (typeof action === 'string') return probed(state, worker, p, container, spec, { error: action }, ctx)
  p.waiting = true
  ctx.trace({ kind: 'probe', what: p.probe, object: { resource: 'pods', namespace, name } })
  callRuntime(state, { op: 'probe', uid: p.uid, name: p.container, probe: action }, { for: 'probe', key: message.key, containerId: p.containerId }, { namespace, name }, ctx)
  ctx.cause = cause
}

/** The start of the second, on the wall, in which something was: a status knows no smaller parts. Upstream: status_manager.go normalizeStatus */
function wholeSecond(at: Micros, ctx: Ctx): Micros {
  const epoch = ctx.wallMicros() - ctx.now
  return Math.floor((epoch + at) / SECOND) * SECOND - epoch
}

function forcedOutput(spec: Probe): string {
  if (spec.tcpSocket) return 'dial tcp: connect: connection refused'
  if (spec.exec) return ''
  return spec.grpc ? 'service unhealthy (responded with "NOT_SERVING")' : 'HTTP probe failed with statuscode: 500'
}

/** The number of a port by its name or its digits, or what is wrong with it. Upstream: pkg/probe/util.go ResolveContainerPort */
export function resolvePort(port: unknown, container: Pick<Container, 'ports'>): number | string {
  const named = typeof port === 'number' ? port : container.ports?.find((p) => p.name === port)?.containerPort
  if (named === undefined && !/^[-+]?\d+$/.test(String(port))) return `strconv.Atoi: parsing ${JSON.stringify(String(port))}: invalid syntax`
  const number = named ?? Number(port)
  return number > 0 && number < 65536 ? number : `invalid port number: ${number}`
}

function actionOf(spec: Probe, container: Container, host: string | undefined): ProbeAction | string {
  const timeout = (spec.timeoutSeconds ?? 1) * SECOND
  if (spec.exec) return { kind: 'exec', command: spec.exec.command ?? [], timeout }
  if (spec.grpc) return { kind: 'grpc', port: spec.grpc.port, timeout }
  const port = resolvePort((spec.tcpSocket ?? spec.httpGet)?.port, container)
  if (typeof port === 'string') return port
  if (spec.tcpSocket) return { kind: 'tcp', port, timeout }
  return { kind: 'http', host: spec.httpGet?.host ?? host, port, path: spec.httpGet?.path ?? '/', scheme: spec.httpGet?.scheme ?? 'HTTP', timeout }
}

/** The runtime answered a probe. True when the pod has to be looked at. */
export function probeAnswered(state: KubeletState, key: string, containerId: string, result: CriResult, ctx: Ctx): void {
  const p = state.probes.get(key)
  const worker = p && state.workers.get(p.uid)
  if (p === undefined || worker === undefined) return
  p.waiting = false
  if (p.containerId !== containerId) return
  const container = [...initContainers(worker.pod), ...worker.pod.spec.containers].find((c) => c.name === p.container)
  const spec = container && specOf(container, p.probe)
  if (container && spec) probed(state, worker, p, container, spec, result, ctx)
}

const title: Readonly<Record<ProbeType, string>> = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' }

/** Message to itself: a probe's verdict changed, so the pod is synced. */
export interface ProbeVerdict extends Message {
  readonly type: 'kubelet/probe-verdict'
  readonly uid: string
}

function probed(state: KubeletState, worker: PodWorker, p: ProbeWorker, container: Container, spec: Probe, result: CriResult, ctx: Ctx): void {
  if (result.error !== undefined) {
    // The prober itself failed: that says nothing of the container. Upstream: worker.go doProbe
    return state.recorder.event(ctx, containerReference(worker.pod, container.name), 'Warning', 'Unhealthy', `${title[p.probe]} probe errored and resulted in unknown state: ${result.error}`)
  }
  const ok = result.ok === true
  if (p.lastOk === ok) p.streak++
  else {
    p.lastOk = ok
    p.streak = 1
  }
  if (!ok) state.recorder.event(ctx, containerReference(worker.pod, container.name), 'Warning', 'Unhealthy', `${title[p.probe]} probe failed: ${result.output ?? ''}`)
  if (p.streak < (ok ? (spec.successThreshold ?? 1) : (spec.failureThreshold ?? 3))) return
  const changed = p.result !== ok
  p.result = ok
  if ((p.probe === 'liveness' || p.probe === 'startup') && !ok) {
    // The container will be restarted: nothing to probe until then. Upstream: worker.go onHold
    p.onHold = true
    p.streak = 0
  }
  if (!changed) return
  if (p.probe === 'startup' && ok) setContainerStarted(state, worker, p, ctx)
  const verdict: ProbeVerdict = { type: 'kubelet/probe-verdict', uid: p.uid }
  ctx.after(0, verdict)
}

/** That a container has started is told at once; whether it is ready is for the sync that follows. Upstream: status_manager.go SetContainerStartup */
function setContainerStarted(state: KubeletState, worker: PodWorker, p: ProbeWorker, ctx: Ctx): void {
  const status = state.statuses.get(worker.uid)?.status
  if (status === undefined) return
  const mark = (list: PodStatus['containerStatuses']) => list?.map((s) => (s.name === p.container && s.state?.running ? { ...s, started: true } : s))
  const next = { ...status, containerStatuses: mark(status.containerStatuses) }
  if (status.initContainerStatuses) next.initContainerStatuses = mark(status.initContainerStatuses)
  setPodStatus(state, worker, next, true, ctx)
}
