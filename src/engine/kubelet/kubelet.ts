import { SECOND, type Behaviour, type Ctx, type Disconnected, type Message, type Refused } from '../sim'
import type { Pod } from '../api'
import { Client, EventRecorder, InformerFactory, type Delta, type Reply } from '../client-go'
import { isEmulated, kubeletConfigPath, type ComponentQuestion, type CriCallMessage, type CriEventMessage, type CriReplyMessage, type ManifestEvent } from '../cri'
import { newBackoff } from './backoff'
import { considerEviction, evictionTick, newEviction, watchResources } from './eviction/manager'
import { claimGrown, expandVolumes, type ClaimGrown } from './expand'
import { pullDone } from './images'
import { answerRequest, requestDone, statsDone, type KubeletRequest } from './server'
import { defaultKubeletConfig, readKubeletConfig, type KubeletFailure } from './kubelet-config'
import { mirrorChanged, mirrorHousekeeping, mirrorWritten, showStaticPods, type MirrorWritten } from './mirror'
import { nodeReply, nodeTimer, reportNode, startNode } from './node'
import { shutDown, type NodeShutdown } from './node-shutdown'
import { objectRead, type ObjectRead } from './objects'
import { nodeAddress, nodePodCIDR, type KubeletParams } from './params'
import { isMirrorPod } from './pod'
import { addPod, podChanged, podGone, relist, updateWorker, workerResync, workerWake } from './pod-workers'
import { markDirty, type Resync, type WorkerWake } from './worker-queue'
import { probeAnswered, probeDue, type ProbeDue, type ProbeVerdict } from './prober'
import { lookForPullSecrets } from './pull-secrets'
import { retryResizes } from './resize'
import { callRuntime, takeView } from './runtime'
import { manifestChanged, manifestsRead } from './static-pods'
import { flushStatuses, statusSent, type StatusSent, reconcileStatus, type StatusReconcile } from './status-manager'
import { preStopDone, type HookTimer } from './hooks'
import { imagePulled, objectsRead, postStarted, started, stepDone, volumePoll, type VolumePoll } from './sync-pod'
import { terminationStep } from './terminate'
import { refreshVolumes } from './volumes'
import type { CriPurpose, KubeletState } from './state'
import { tokenAnswered, type TokenAnswered } from './tokens'

/** Forces the results of a probe (a fault of the cluster). Without a container: of all containers of the pod. */
export interface ProbeOverride extends Message {
  readonly type: 'kubelet/probe-override'
  readonly namespace: string
  readonly pod: string
  readonly container?: string | undefined
  readonly probe: 'liveness' | 'readiness' | 'startup'
  readonly ok: boolean
}

interface ConnectRuntime extends Message {
  readonly type: 'kubelet/connect-runtime'
}

/** Timer: systemd starts it again. */
interface StartAgain extends Message {
  readonly type: 'kubelet/start-again'
}

const connectAgain: ConnectRuntime = { type: 'kubelet/connect-runtime' }

/** The kubelet of one node. Upstream: pkg/kubelet/kubelet.go */
export const kubelet: Behaviour<KubeletState, KubeletParams> = {
  kind: 'kubelet',
  start(ctx, params) {
    const node = params.node.name
    const client = new Client(`system:node:${node}`, 'kubelet', { qps: 50, burst: 100 })
    const state: KubeletState = {
      params, node, address: nodeAddress(params), client, informers: new InformerFactory(client),
      recorder: new EventRecorder(client, 'kubelet', node),
      withServices: !isEmulated(params), registered: false, runtimeUp: false, listed: false, phase: ctx.now + ctx.rng.below(SECOND), startedAt: ctx.now, lease: null, nodeStatusAt: -1, machine: null,
      workers: new Map(), views: new Map(), dirty: new Set(), plegTimer: 0, calls: new Map(), nextCall: 1, images: new Set(), pulls: [],
      restartBackoff: newBackoff(), pullBackoff: newBackoff(), probes: new Map(), overrides: new Map(), manifests: new Map(), manifestErrors: new Map(), waitingStatic: new Map(), mirrors: new Map(), mirrorWrites: new Set(), mirrorTimer: 0, statuses: new Map(), dirtyStatuses: new Set(), statusInFlight: 0, objects: new Map(), eviction: newEviction(params), deferredResizes: new Set(), growing: new Set(), pullSecretsAsked: new Set(), failed: null, config: defaultKubeletConfig, allocatable: params.node, shutdown: null, stopHooks: new Map(),
    }
    state.informers.add({ resource: 'nodes', fieldSelector: `metadata.name=${node}` })
    state.informers.add({ resource: 'pods', fieldSelector: `spec.nodeName=${node}` })
    if (state.withServices) state.informers.add({ resource: 'services' })
    if (fails(state, ctx)) return state
    state.informers.start(ctx)
    connect(state, ctx)
    startNode(state, ctx)
    watchResources(state, ctx)
    return state
  },
  handle(state, message, ctx) {
    if (state.failed !== null) return dead(state, message, ctx)
    const onDelta = (delta: Delta) => changed(state, delta, ctx)
    switch (message.type) {
      case 'cri/reply':
        return runtimeReply(state, message as CriReplyMessage, ctx)
      case 'cri/event': {
        const { pod } = message as CriEventMessage
        takeView(state, pod)
        return markDirty(state, pod.uid, ctx)
      }
      case 'cri/manifest': {
        const { path, text } = message as ManifestEvent
        return state.listed ? manifestChanged(state, path, text, ctx) : undefined
      }
      case 'kubelet/mirror-housekeeping':
        return mirrorHousekeeping(state, ctx)
      case 'kubelet/pleg':
        return relist(state, ctx)
      case 'kubelet/wake':
        return workerWake(state, message as WorkerWake, ctx)
      case 'kubelet/resync':
        return workerResync(state, message as Resync, ctx)
      case 'kubelet/probe':
        return probeDue(state, message as ProbeDue, ctx)
      case 'kubelet/probe-verdict': {
        const worker = state.workers.get((message as ProbeVerdict).uid)
        return worker && updateWorker(state, worker, ctx)
      }
      case 'kubelet/volumes':
        return volumePoll(state, message as VolumePoll, ctx)
      case 'kubelet/eviction':
        return evictionTick(state, ctx)
      case 'kubelet/shutdown':
      case 'kubelet/shutdown-tick': {
        const before = state.shutdown
        for (const worker of shutDown(state, message as NodeShutdown, ctx)) updateWorker(state, worker, ctx)
        return state.shutdown === before ? undefined : reportNode(state, ctx)
      }
      case 'kubelet/hook': {
        const { purpose, why } = message as HookTimer
        if (purpose.for === 'pre-stop') return preStopDone(state, purpose.id, why === 'slept' ? {} : null, ctx)
        const worker = state.workers.get(purpose.uid)
        if (worker?.op?.startedAt === purpose.startedAt) postStarted(state, worker, purpose.name, {}, ctx)
        return
      }
      case 'kubelet/status-reconcile':
        return reconcileStatus(state, (message as StatusReconcile).uid, ctx)
      case 'kubelet/resize-retry':
        for (const worker of retryResizes(state, ctx)) updateWorker(state, worker, ctx)
        return
      case 'kubelet/status-retry':
        return flushStatuses(state, ctx)
      case 'kubelet/probe-override': {
        const o = message as ProbeOverride
        state.overrides.set(`${o.namespace}/${o.pod}/${o.container ?? '*'}/${o.probe}`, o.ok)
        return
      }
      case 'kubelet/request':
        return answerRequest(state, message as KubeletRequest, ctx)
      case 'kubelet/connect-runtime':
        return connect(state, ctx)
      case 'disconnected':
        if ((message as Disconnected).peer === `containerd@${state.node}`) return runtimeLost(state, ctx)
        break
      case 'refused': {
        const sent = (message as Refused).message as CriCallMessage
        if (sent.type === 'cri/call') {
          state.calls.delete(sent.id)
          return runtimeLost(state, ctx)
        }
        break
      }
      default:
    }
    if (nodeTimer(state, message, ctx)) return
    if (state.informers.receive(message, ctx, onDelta)) return
    for (const reply of state.client.receive(message, ctx)) handleReply(state, reply, ctx, onDelta)
  },
}

function handleReply(state: KubeletState, reply: Reply, ctx: Ctx, onDelta: (delta: Delta) => void): void {
  if (state.informers.reply(reply, ctx, onDelta)) return
  if (state.recorder.reply(reply, ctx)) return
  if (nodeReply(state, reply.then, reply.response, ctx)) return
  if (reply.then.type === 'kubelet/status-sent') return statusSent(state, reply.then as StatusSent, reply.response, ctx)
  if (reply.then.type === 'kubelet/mirror-created' || reply.then.type === 'kubelet/mirror-deleted') return mirrorWritten(state, reply.then as MirrorWritten, reply.response)
  if (reply.then.type === 'kubelet/token') {
    const worker = tokenAnswered(state, reply.then as TokenAnswered, reply.response, ctx)
    // What waits for its volumes looks by itself.
    if (worker && worker.op?.steps[0]?.do === 'start') objectsRead(state, worker, ctx)
    else if (worker?.volumes) refreshVolumes(state, worker, ctx, true)
    return
  }
  if (reply.then.type === 'kubelet/claim-grown') return claimGrown(state, reply.then as ClaimGrown, reply.response, ctx)
  if (reply.then.type === 'kubelet/object')
    for (const uid of objectRead(state, reply.then as ObjectRead, reply.response, ctx.now)) {
      const worker = state.workers.get(uid)
      if (worker && state.pullSecretsAsked.has(uid)) lookForPullSecrets(state, worker, ctx)
      if (worker && (reply.then as ObjectRead).key.startsWith('persistentvolumeclaims/')) expandVolumes(state, worker, ctx)
      if (worker?.op) objectsRead(state, worker, ctx)
      else if (worker) refreshVolumes(state, worker, ctx)
    }
}

function changed(state: KubeletState, delta: Delta, ctx: Ctx): void {
  // Its node is known: static pods can be shown. Nobody owns them before.
  if (delta.resource === 'nodes' && delta.type === 'added') return showStaticPods(state, ctx)
  if (delta.resource !== 'pods') return
  const pod = delta.object as Pod
  if (isMirrorPod(pod)) {
    const worker = mirrorChanged(state, pod, delta.type === 'deleted', ctx)
    return worker && updateWorker(state, worker, ctx)
  }
  if (delta.type === 'added') addPod(state, pod, ctx)
  else if (delta.type === 'updated') podChanged(state, pod, delta.old as Pod, ctx)
  else podGone(state, pod, ctx)
}

function connect(state: KubeletState, ctx: Ctx): void {
  callRuntime(state, { op: 'list', podCIDR: nodePodCIDR(state.params) }, { for: 'list' }, null, ctx)
}

function runtimeLost(state: KubeletState, ctx: Ctx): void {
  if (state.runtimeUp || state.calls.size > 0) {
    state.calls.clear()
    state.stopHooks.clear()
    // What was under way is forgotten; the workers begin anew when the runtime is back.
    for (const w of state.workers.values()) if (w.op) w.op = null
    state.pulls.length = 0
  }
  state.runtimeUp = false
  ctx.after(2 * SECOND, connectAgain)
}

function runtimeReply(state: KubeletState, message: CriReplyMessage, ctx: Ctx): void {
  const purpose: CriPurpose | undefined = state.calls.get(message.id)
  if (purpose === undefined) return
  state.calls.delete(message.id)
  takeView(state, message.pod)
  const { result } = message
  switch (purpose.for) {
    case 'list':
      return listed(state, message, ctx)
    case 'step': {
      const worker = state.workers.get(purpose.uid)
      if (worker?.op == null || worker.op.startedAt !== purpose.startedAt) return
      if (worker.op.stage === 'terminating') terminationStep(state, worker, ctx)
      else stepDone(state, worker, result, ctx)
      return
    }
    case 'start': {
      const worker = state.workers.get(purpose.uid)
      if (worker?.op?.startedAt === purpose.startedAt) started(state, worker, purpose.name, result, ctx)
      return
    }
    case 'pull':
      return pullDone(state, result, ctx, (worker, failure) => imagePulled(state, worker, failure, ctx))
    case 'probe':
      return probeAnswered(state, purpose.key, purpose.containerId, result, ctx)
    case 'log':
    case 'exec':
      return requestDone(purpose, result, ctx)
    case 'stats':
      return statsDone(state, purpose, result, ctx)
    case 'post-start': {
      const worker = state.workers.get(purpose.uid)
      if (worker?.op?.startedAt === purpose.startedAt) postStarted(state, worker, purpose.name, result, ctx)
      return
    }
    case 'eviction': {
      for (const worker of considerEviction(state, result, purpose.again, ctx)) updateWorker(state, worker, ctx)
      return
    }
    case 'images':
      state.images.clear()
      for (const image of result.images ?? []) state.images.add(image)
      return
    case 'pre-stop':
      return preStopDone(state, purpose.id, result, ctx)
    case 'nothing':
      return
  }
}

/** The first listing after a start of either: pods that run go on, pods that nobody knows any more are removed. */
function listed(state: KubeletState, message: CriReplyMessage, ctx: Ctx): void {
  for (const view of message.result.pods ?? []) takeView(state, view)
  for (const image of message.result.images ?? []) state.images.add(image)
  const back = !state.runtimeUp
  state.runtimeUp = true
  if (!state.listed && fails(state, ctx)) return
  if (!state.listed) configure(state, message.result.config, ctx)
  state.listed = true
  manifestsRead(state, message.result.manifests ?? [], ctx)
  if (back) for (const worker of state.workers.values()) if (worker.op === null && worker.stage !== 'finished') updateWorker(state, worker, ctx)
}

/** How long systemd waits before it starts the kubelet again. Upstream: kubelet.service RestartSec=10 */
const restartAfter = 10 * SECOND

/** Looks whether the machine's files let it run. True: they do not. */
function fails(state: KubeletState, ctx: Ctx): boolean {
  if (isEmulated(state.params)) return false
  const question: ComponentQuestion = { type: 'cri/component', process: ctx.self, ask: { kubelet: state.node } }
  const failure = ctx.exchange?.(question) as KubeletFailure | undefined
  if (failure === undefined) return false
  state.failed = Object.freeze({ ...failure, at: ctx.now })
  ctx.trace({ kind: 'local', what: failure.text })
  const again: StartAgain = { type: 'kubelet/start-again' }
  if (failure.restarts) ctx.after(restartAfter, again)
  return true
}

/** A kubelet that has ended: nobody listens, until systemd starts it again. */
function dead(state: KubeletState, message: Message, ctx: Ctx): void {
  if (message.type === 'kubelet/request') {
    const refused: Refused = { type: 'refused', to: ctx.self, message }
    ctx.send((message as KubeletRequest).from, refused)
  }
  if (message.type !== 'kubelet/start-again') return
  const { self, host } = ctx
  ctx.kill(self)
  ctx.spawn(self, 'kubelet', host, state.params)
}

/** The kubelet's file is read once in its life. One that an upstream kubelet would not start with is told of, and the defaults hold. */
function configure(state: KubeletState, text: string | undefined, ctx: Ctx): void {
  const read = text === undefined ? defaultKubeletConfig : readKubeletConfig(text)
  if ('error' in read) ctx.trace({ kind: 'local', what: `${kubeletConfigPath}: ${read.error}` })
  else {
    state.config = read
    const { node } = state.params
    const { maxPods = node.maxPods, reserved, eviction } = read
    if (maxPods !== node.maxPods || (reserved && reserved.cpuMillis + reserved.memoryBytes > 0)) {
      state.allocatable = Object.freeze({ cpuMillis: node.cpuMillis - (reserved?.cpuMillis ?? 0), memoryBytes: node.memoryBytes - (reserved?.memoryBytes ?? 0), maxPods })
      state.machine = null
    }
    if (eviction) state.eviction = newEviction({ eviction })
  }
}
