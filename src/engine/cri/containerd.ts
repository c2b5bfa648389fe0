import { MS, type Behaviour, type Ctx, type Micros } from '../sim'
import { cniAdd, cniDel, derivedPodCIDR, newIpam } from '../cni'
import { FileSystem, canonicalImage, imageSize, isPublished, needsCredentials, parseImage, volumeFiles } from '../workloads'
import { componentLog, containerOfProcess, lostProcess } from './components'
import { afterRun, exitContainer, hexId, reply, resizeContainer, startContainer, stopContainer, typeInto, wakeContainer, type KillDue, type ProgramWake } from './container'
import type { DiskContents, DiskMessage, VolumeContents } from './disk'
import { execIn, signalled, type SignalDue } from './exec'
import { probeContainer } from './probe'
import { noteLoad, noteServed, noteWork, type LoadMessage, type ServedMessage, type WorkMessage } from './serve'
import { answerSsh, askSession, wakeSession, type SshMessage } from './sessions'
import type { ContainerdState, PodSandbox, RunningContainer } from './state'
import { isEmulated, kubeletConfigPath, manifestDirectory, type ContainerdParams, type CriCall, type CriCallMessage, type CriResult, type HostFileMessage, type ProcessEnded } from './types'
import { addImage, freeLayer, freePod, machineStats, newSpace, removeImages } from './space'
import { containerStats } from './usage'
import { podView } from './view'
import { fileSystem, missingVolume, newHostFiles, updateVolumes, volumeCame, writeHostFile } from './volumes'

/** How long the runtime's work takes. Units: µs. */
const times = {
  containerd: { sandbox: 180 * MS, container: 70 * MS },
  emulated: { sandbox: 4 * MS, container: 6 * MS },
}

/** The container runtime of one node. Upstream: containerd's CRI plugin; interface: cri-api/pkg/apis/runtime/v1 */
export const containerd: Behaviour<ContainerdState, ContainerdParams> = {
  kind: 'containerd',
  start(ctx, params) {
    const node = params.node.name
    const images = new Map<string, number>()
    const state: ContainerdState = {
      params, node, ready: false, early: [], images, pods: new Map(), kubelet: '', next: 1,
      ipam: newIpam(params.node.podCIDR ?? derivedPodCIDR(node)), space: newSpace(params), hostFiles: newHostFiles(), attached: new Map(), parked: [],
    }
    const disk = `disk@${node}`
    const fresh = !ctx.isUp(disk)
    if (fresh) ctx.spawn(disk, 'disk', ctx.host, null)
    if (fresh) for (const image of params.node.images ?? []) addImage(state, canonicalImage(image), imageSize(image))
    if (fresh) for (const [image, size] of images) toDisk(state, { type: 'disk/image', image, size }, ctx)
    if (fresh && params.node.files) for (const path of Object.keys(params.node.files)) writeHostFile(state, path, params.node.files[path] as string, ctx)
    toDisk(state, { type: 'disk/read', from: ctx.self }, ctx)
    return state
  },
  handle(state, message, ctx) {
    switch (message.type) {
      case 'cri/call':
        if (!state.ready) state.early.push(message as CriCallMessage)
        else answer(state, message as CriCallMessage, ctx)
        return
      case 'cri/wake': {
        const { uid, id } = message as ProgramWake
        const found = find(state, uid, id)
        if (found) wakeContainer(state, found.pod, found.container, ctx)
        return
      }
      case 'cri/kill': {
        const { uid, id } = message as KillDue
        const found = find(state, uid, id)
        if (found) exitContainer(state, found.pod, found.container, 137, 'Error', ctx)
        return
      }
      case 'cri/load': {
        const found = noteLoad(state, message as LoadMessage)
        if (found) afterRun(state, found.pod, found.container, ctx)
        return
      }
      case 'cri/work': {
        const found = noteWork(state, message as WorkMessage, ctx.now)
        if (found) afterRun(state, found.pod, found.container, ctx)
        return
      }
      case 'cri/served':
        return noteServed(state, message as ServedMessage, ctx)
      case 'cri/host-file': {
        const { path, text } = message as HostFileMessage
        return writeHostFile(state, path, text, ctx)
      }
      case 'cri/signal': {
        const { uid, id } = message as SignalDue
        const found = find(state, uid, id)
        return found && signalled(state, found.pod, found.container, ctx)
      }
      case 'cri/session':
        return wakeSession(state, message, ctx)
      case 'ssh/session':
        return answerSsh(state, message as SshMessage, ctx)
      case 'cri/process-ended': {
        const { process, code } = message as ProcessEnded
        const found = containerOfProcess(state, process)
        return found && exitContainer(state, found.pod, found.container, code, code === 0 ? 'Completed' : 'Error', ctx)
      }
      case 'disconnected': {
        // It ended by itself: so do those that have lost their lease.
        const found = lostProcess(state, message, ctx)
        return found && exitContainer(state, found.pod, found.container, 1, 'Error', ctx)
      }
      case 'disk/contents':
        return recover(state, message as DiskContents, ctx)
      case 'disk/volume': {
        const parked = volumeCame(state, message as VolumeContents)
        for (const call of parked) answer(state, call, ctx)
        return
      }
      default:
        return
    }
  },
}

function toDisk(state: ContainerdState, message: DiskMessage, ctx: Ctx): void {
  ctx.send(`disk@${state.node}`, message)
}

/** After a power-off, images and the records of containers are still there; every process is gone. The emulated runtime forgets all. */
function recover(state: ContainerdState, disk: DiskContents, ctx: Ctx): void {
  state.ready = true
  const emulated = isEmulated(state.params)
  const rebooted = disk.containers.length > 0
  if (!(emulated && rebooted)) for (const [image, size] of disk.images) addImage(state, image, size)
  for (const [path, text] of disk.files) volumeFiles(state.hostFiles).set(path, text)
  if (!emulated)
    for (const d of disk.containers) {
      let pod = state.pods.get(d.uid)
      if (pod === undefined) state.pods.set(d.uid, (pod = { uid: d.uid, namespace: d.namespace, name: d.podName, id: hexId(`${d.uid}/sandbox/0`), ready: false, ip: '', attempt: 0, createdAt: 0, hostNetwork: d.hostNetwork, containers: [], volumes: new Map() }))
      const exited = d.view.state === 'exited' ? d.view : Object.freeze({ ...d.view, state: 'exited' as const, finishedAt: ctx.now, exitCode: 255, reason: 'Unknown' })
      const spec = { image: d.view.image, command: [], args: [], env: {}, ports: [], hostname: d.podName, workingDir: '/' }
      pod.containers.push({ view: exited, podUid: d.uid, spec, program: 'stand-in', programState: null, files: new FileSystem(), log: [], logBytes: 0, partial: '', wakeTimer: 0, killTimer: 0, stoppingSince: -1, waiters: [], process: '', memoryLimit: 0, cpuLimit: 0, terminationPath: '', fallbackToLogs: false })
    }
  const early = state.early
  state.early = []
  for (const call of early) answer(state, call, ctx)
}

function manifestFiles(state: ContainerdState): readonly (readonly [string, string])[] {
  const out: (readonly [string, string])[] = []
  for (const [path, text] of state.hostFiles.files ?? []) if (path.startsWith(manifestDirectory)) out.push([path, text])
  return out.sort(([a], [b]) => (a < b ? -1 : 1))
}

function find(state: ContainerdState, uid: string, id: string): { readonly pod: PodSandbox; readonly container: RunningContainer } | undefined {
  const pod = state.pods.get(uid)
  const container = pod?.containers.find((c) => c.view.id === id)
  return pod && container ? { pod, container } : undefined
}

function newest(pod: PodSandbox | undefined, name: string): RunningContainer | undefined {
  return pod?.containers.findLast((c) => c.view.name === name)
}

function answer(state: ContainerdState, message: CriCallMessage, ctx: Ctx): void {
  const { call, id, from } = message
  const say = (result: CriResult, pod?: PodSandbox, extra = 0) => reply(state, from, id, pod, result, ctx, extra)
  const pod = 'uid' in call ? state.pods.get(call.uid) : undefined
  const time = times[isEmulated(state.params) ? 'emulated' : 'containerd']
  switch (call.op) {
    case 'list':
      state.kubelet = from
      if (call.podCIDR) state.ipam.podCIDR = call.podCIDR
      return say({ pods: Object.freeze([...state.pods.values()].map((p) => podView(state, p))), images: [...state.images.keys()], manifests: manifestFiles(state), config: state.hostFiles.files?.get(kubeletConfigPath) })
    case 'run-sandbox':
      return runSandbox(state, call, pod, say, time.sandbox, ctx)
    case 'stop-sandbox':
      if (pod) stopSandbox(state, pod, ctx)
      return say({}, pod)
    case 'remove-pod':
      if (pod) {
        for (const c of pod.containers) exitContainer(state, pod, c, 137, 'Error', ctx)
        stopSandbox(state, pod, ctx)
        freePod(state, pod)
        state.pods.delete(call.uid)
        toDisk(state, { type: 'disk/remove-pod', uid: call.uid }, ctx)
      }
      return say({})
    case 'pull':
      return pull(state, call.image, call.registries ?? [], say, ctx)
    case 'start': {
      if (pod === undefined || !pod.ready) return say({ error: 'failed to create containerd task: sandbox container is not running' })
      const away = call.host && missingVolume(state, call.host, ctx)
      if (away !== undefined) return void state.parked.push({ id: away, message })
      const container = startContainer(state, pod, call, fileSystem(state, pod, call.host), time.container, ctx)
      toDisk(state, { type: 'disk/container', container: { uid: pod.uid, namespace: pod.namespace, podName: pod.name, view: container.view, hostNetwork: pod.hostNetwork } }, ctx)
      return say(container.view.state === 'exited' ? { error: container.view.message } : { id: container.view.id }, pod, time.container)
    }
    case 'stop': {
      const found = find(state, call.uid, call.id)
      if (found === undefined || found.container.view.state !== 'running') return say({}, pod)
      return stopContainer(state, found.pod, found.container, call, { id, from }, ctx)
    }
    case 'resize': {
      const found = find(state, call.uid, call.id)
      return say(found === undefined ? { error: 'container not found' } : resizeContainer(found.container, call, ctx), pod)
    }
    case 'probe':
      return say(probeContainer(state, pod as PodSandbox, newest(pod, call.name), call.probe, ctx))
    case 'exec': {
      const container = newest(pod, call.name)
      if (pod === undefined || container?.view.state !== 'running') return say({ error: 'container not running', code: 1 })
      const result = execIn(state, pod, container, call.command, call.timeout ?? 0, ctx, call.stdin)
      if (result.took === Infinity) return
      return say(result, pod, result.took)
    }
    case 'session': {
      const container = newest(pod, call.name)
      if (pod === undefined || container?.view.state !== 'running') return say({ error: 'container not running', code: 1 })
      return say(askSession(state, call, { pod, container }, ctx), pod)
    }
    case 'type': {
      const container = newest(pod, call.name)
      return say(pod && container ? typeInto(state, pod, container, call.text, ctx) : {}, pod)
    }
    case 'volumes':
      if (pod) updateVolumes(pod, call.volumes)
      return say({}, pod)
    case 'stats':
      return say({ stats: Object.freeze(containerStats(state, ctx.now)), ...(call.summary ? { machine: machineStats(state, ctx.now) } : {}) })
    case 'remove-containers':
      for (const c of pod?.containers ?? []) freeLayer(c)
      if (pod) pod.containers = pod.containers.filter((c) => c.view.state === 'running')
      toDisk(state, { type: 'disk/remove-pod', uid: call.uid }, ctx)
      return say({}, pod)
    case 'release':
      if (pod) freePod(state, pod, call.layers)
      return say({}, pod)
    case 'remove-images':
      for (const image of removeImages(state, call.keep)) toDisk(state, { type: 'disk/remove-image', image }, ctx)
      return say({ images: [...state.images.keys()] })
    case 'log': {
      const all = pod?.containers.filter((c) => c.view.name === call.name) ?? []
      const container = call.previous ? all.at(-2) : all.at(-1)
      if (container === undefined) return say({ error: 'not found' })
      const lines = container.partial ? [...container.log, { at: ctx.wallMicros(), text: container.partial, partial: true }] : container.log.slice()
      const said = call.previous ? [] : componentLog(container, ctx)
      return say({ lines: said.length > 0 ? [...lines, ...said].sort((a, b) => a.at - b.at) : lines })
    }
  }
}

function runSandbox(state: ContainerdState, call: CriCall & { op: 'run-sandbox' }, old: PodSandbox | undefined, say: (r: CriResult, pod?: PodSandbox, extra?: Micros) => void, time: Micros, ctx: Ctx): void {
  let ip = ''
  if (!call.hostNetwork) {
    const cause = ctx.cause
    ctx.trace({ kind: 'local', what: 'CNI ADD', object: { resource: 'pods', namespace: call.namespace, name: call.name }, detail: Object.freeze({ to: `cni@${state.node}` }) })
    cniDel(state.ipam, call.uid)
    const added = cniAdd(state.ipam, call.uid)
    ctx.cause = cause
    if ('error' in added) return say({ error: `rpc error: code = Unknown desc = failed to setup network for sandbox "${hexId(call.uid)}": ${added.error}` }, old, time)
    ip = added.ip
  }
  const pod: PodSandbox = old ?? { uid: call.uid, namespace: call.namespace, name: call.name, id: '', ready: false, ip: '', attempt: 0, createdAt: 0, hostNetwork: call.hostNetwork, containers: [], volumes: new Map() }
  state.pods.set(call.uid, pod)
  pod.id = hexId(`${call.uid}/sandbox/${call.attempt}`)
  pod.attempt = call.attempt
  pod.ready = true
  pod.ip = ip
  pod.createdAt = ctx.now
  say({ id: pod.id }, pod, time)
}

function stopSandbox(state: ContainerdState, pod: PodSandbox, ctx: Ctx): void {
  if (!pod.ready) return
  for (const c of pod.containers) exitContainer(state, pod, c, 137, 'Error', ctx)
  pod.ready = false
  if (!pod.hostNetwork) {
    const cause = ctx.cause
    ctx.trace({ kind: 'local', what: 'CNI DEL', object: { resource: 'pods', namespace: pod.namespace, name: pod.name }, detail: Object.freeze({ to: `cni@${state.node}` }) })
    cniDel(state.ipam, pod.uid)
    ctx.cause = cause
  }
}

/** A pull of an image; the kubelet asks for one at a time. Names with `does-not-exist` are not in any registry. */
function pull(state: ContainerdState, image: string, registries: readonly string[], say: (r: CriResult, pod?: PodSandbox, extra?: Micros) => void, ctx: Ctx): void {
  const size = isEmulated(state.params) ? 0 : imageSize(image)
  const model = state.params.pull
  const missing = image.includes('does-not-exist') || !isPublished(image)
  // What is there already is only checked against the registry.
  const there = !isEmulated(state.params) && state.images.has(canonicalImage(image))
  const full = there ? 300 * MS : 'fixedMs' in model ? model.fixedMs * MS : Math.round(model.latencyMs * MS + (imageSize(image) / model.bytesPerSecond) * 1_000_000)
  const took = (missing || needsCredentials(image, registries)) && !('fixedMs' in model) ? model.latencyMs * MS : full + ctx.rng.below(MS)
  const name = isEmulated(state.params) ? image : canonicalImage(image)
  if (missing) return say({ error: `rpc error: code = NotFound desc = failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${name}: not found`, took }, undefined, took)
  if (!isEmulated(state.params) && needsCredentials(image, registries)) {
    const why = parseImage(image).registry === 'docker.io' ? 'server message: insufficient_scope: authorization failed' : 'authorization failed: no basic auth credentials'
    return say({ error: `rpc error: code = Unknown desc = failed to pull and unpack image "${name}": failed to resolve reference "${name}": pull access denied, repository does not exist or may require authorization: ${why}`, took }, undefined, took)
  }
  const key = canonicalImage(image)
  addImage(state, key, size)
  toDisk(state, { type: 'disk/image', image: key, size }, ctx)
  say({ took, size, images: [key] }, undefined, took)
}
