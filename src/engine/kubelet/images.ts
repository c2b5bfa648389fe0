import { MS, type Ctx, type Micros } from '../sim'
import type { Container } from '../api'
import { canonicalImage, type CriResult } from '../cri'
import { getBackoff, inBackoffSinceUpdate, nextBackoff } from './backoff'
import { containerReference } from './pod'
import { registriesOf } from './pull-secrets'
import { callRuntime } from './runtime'
import type { KubeletState, PodWorker } from './state'

/** The outcome of asking for an image: it is there, it will be told, or why not (reason and message of the container's waiting state). */
export type ImageAnswer = 'present' | 'pulling' | { readonly reason: string; readonly message: string }

/** Bound of remembered pull errors. */
const prevErrors = (worker: PodWorker, image: string): string => worker.reasons.get(`\u0000${image}`)?.message ?? ''

/**
 * Makes sure that a container's image is on the node. Pulls are done one after the other.
 * Upstream: pkg/kubelet/images/image_manager.go EnsureImageExists, puller.go serialImagePuller
 */
export function ensureImage(state: KubeletState, worker: PodWorker, container: Container, ctx: Ctx): ImageAnswer {
  const image = container.image ?? ''
  const about = containerReference(worker.pod, container.name)
  const wrong = imageError(image)
  if (wrong !== '') {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${wrong}`
    state.recorder.event(ctx, about, 'Warning', 'InspectFailed', message)
    return { reason: 'InvalidImageName', message }
  }
  const present = state.images.has(canonicalImage(image))
  const policy = container.imagePullPolicy ?? 'IfNotPresent'
  if (present && policy !== 'Always') {
    state.recorder.event(ctx, about, 'Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`)
    return 'present'
  }
  if (policy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`
    state.recorder.event(ctx, about, 'Warning', 'ErrImageNeverPull', message)
    return { reason: 'ErrImageNeverPull', message }
  }
  if (inBackoffSinceUpdate(state.pullBackoff, pullKey(worker, image), ctx.now)) {
    state.recorder.event(ctx, about, 'Normal', 'BackOff', `Back-off pulling image "${image}"`)
    const before = prevErrors(worker, image)
    return { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"${before ? `: ErrImagePull: ${before}` : ''}` }
  }
  state.recorder.event(ctx, about, 'Normal', 'Pulling', `Pulling image "${image}"`)
  // Each container asks for itself, also when another already waits for the same image: so does upstream's serial puller.
  state.pulls.push({ image, askedAt: ctx.now, startedAt: -1, endsAt: null, uid: worker.uid, registries: worker.pod.spec.imagePullSecrets === undefined ? none : registriesOf(state, worker) })
  nextPull(state, ctx)
  return 'pulling'
}

const none: readonly string[] = []

function pullKey(worker: PodWorker, image: string): string {
  return `${worker.uid}_${image}`
}

/** What is wrong with an image's name, as the parser says it; '': nothing. Upstream: distribution/reference ParseNormalizedNamed */
function imageError(image: string): string {
  if (/^[a-f0-9]{64}$/.test(image)) return `invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`
  const slash = image.indexOf('/')
  const first = slash < 0 ? '' : image.slice(0, slash)
  const hasHost = first !== '' && (first.includes('.') || first.includes(':') || first === 'localhost' || first !== first.toLowerCase())
  const rest = hasHost ? image.slice(slash + 1) : slash < 0 ? `library/${image}` : image
  const remote = rest.split(':', 1)[0] as string
  if (remote !== remote.toLowerCase()) return `invalid reference format: repository name (${remote}) must be lowercase`
  const at = rest.indexOf('@')
  const bare = at < 0 ? rest : rest.slice(0, at)
  const colon = bare.lastIndexOf(':')
  const path = colon < 0 ? bare : bare.slice(0, colon)
  const named = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/.test(path)
  const hostFine = !hasHost || /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?$/.test(first)
  const tagFine = colon < 0 || /^\w[\w.-]{0,127}$/.test(bare.slice(colon + 1))
  const digestFine = at < 0 || /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/.test(rest.slice(at + 1))
  return named && hostFine && tagFine && digestFine ? '' : 'invalid reference format'
}

function nextPull(state: KubeletState, ctx: Ctx): void {
  const first = state.pulls[0]
  if (first === undefined || first.startedAt >= 0) return
  first.startedAt = ctx.now
  callRuntime(state, { op: 'pull', image: first.image, registries: first.registries }, { for: 'pull', image: first.image }, null, ctx)
}

/** A pull ended: tells the one who waited for it. `go` continues its sync. */
export function pullDone(state: KubeletState, result: CriResult, ctx: Ctx, go: (worker: PodWorker, failure: { readonly reason: string; readonly message: string } | null) => void): void {
  const pull = state.pulls.shift()
  if (pull === undefined) return
  for (const image of result.images ?? []) state.images.add(image)
  nextPull(state, ctx)
  const worker = state.workers.get(pull.uid)
  if (worker === undefined) return
  const step = worker.op?.steps[0]
  const about = containerReference(worker.pod, step?.do === 'start' ? step.name : '')
  if (result.error) {
    nextBackoff(state.pullBackoff, pullKey(worker, pull.image), ctx.now, ctx.now)
    worker.reasons.set(`\u0000${pull.image}`, { reason: '', message: result.error })
    state.recorder.event(ctx, about, 'Warning', 'Failed', `Failed to pull image "${pull.image}": ${result.error}`)
    go(worker, { reason: 'ErrImagePull', message: result.error })
  } else {
    state.recorder.event(ctx, about, 'Normal', 'Pulled', `Successfully pulled image "${pull.image}" in ${goDuration(ctx.now - pull.startedAt)} (${goDuration(ctx.now - pull.askedAt)} including waiting). Image size: ${result.size ?? 0} bytes.`)
    go(worker, null)
  }
}

/** When a pull that a worker waits for is expected to end; null when nobody knows. */
export function pullEnds(state: KubeletState, uid: string): { readonly startedAt: Micros; readonly endsAt: Micros | null } | undefined {
  const pull = state.pulls.find((p) => p.uid === uid)
  if (pull === undefined) return undefined
  const model = state.params.pull
  return { startedAt: pull.startedAt < 0 ? pull.askedAt : pull.startedAt, endsAt: pull.startedAt >= 0 && 'fixedMs' in model ? pull.startedAt + model.fixedMs * MS : pull.endsAt }
}

/** When a back-off for an image of a worker ends; 0 for none. */
export function pullBackoffEnds(state: KubeletState, worker: PodWorker, image: string): Micros {
  const e = state.pullBackoff.entries.get(pullKey(worker, image))
  return e ? e.lastUpdate + getBackoff(state.pullBackoff, pullKey(worker, image)) : 0
}

/** A duration as Go prints it, cut to milliseconds: `1.201s`, `850ms`, `1m2.5s`. Units: µs in. */
export function goDuration(micros: Micros): string {
  const ms = Math.floor(micros / MS)
  if (ms < 1000) return ms === 0 ? '0s' : `${ms}ms`
  const minutes = Math.floor(ms / 60_000)
  const seconds = (ms % 60_000) / 1000
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`
}
