import type { Node, Pod, PodTimer } from '../../engine/cluster'
import { parseTime, podStatus } from '../../engine/cluster'
import type { Glyph, PodRow, Ring } from '../protocol'

/** What a pod's row depends on besides the pod. Times: session µs; `start` is the wall clock of session time 0. */
export interface PodContext {
  readonly start: number
  readonly now: number
  readonly node: Node | undefined
  /** Its machine runs and its kubelet can speak to the API server. */
  readonly nodeAlive: boolean
  /** What its kubelet waits for now. */
  readonly timer: PodTimer | undefined
  /** When the scheduler tries again, if it waits in the back-off queue. */
  readonly schedulerBackoff: Ring | undefined
}

const problems = new Set(['CrashLoopBackOff', 'ImagePullBackOff', 'ErrImagePull', 'ErrImageNeverPull', 'RunContainerError'])

/** The row of a pod: phase, container state and kubectl's STATUS side by side, glyph and ring as design.md §9 says. */
export function podRow(pod: Pod, c: PodContext): PodRow {
  const wall = c.start + c.now
  const summary = podStatus(pod, wall)
  const phase = pod.status?.phase ?? 'Pending'
  const node = pod.spec?.nodeName ?? null
  const deleting = pod.metadata.deletionTimestamp != null
  const [ready = 0, total = 0] = summary.ready.split('/').map(Number)
  const owner = pod.metadata.ownerReferences?.find((r) => r.controller)
  const picture = pictureOf(pod, summary.status, phase, node, deleting, ready === total, c)
  return {
    key: pod.metadata.uid as string, namespace: pod.metadata.namespace ?? '', name: pod.metadata.name as string, node,
    owner: owner ? { kind: owner.kind, name: owner.name } : null,
    phase, container: containerState(pod), status: summary.status, ready: summary.ready, restarts: Number(summary.restarts.split(' ')[0]), ip: pod.status?.podIP ?? '',
    glyph: picture.glyph, line: picture.line ?? `${summary.status} ${summary.ready}`, ring: picture.ring ?? null, deleting,
    createdAt: session(pod.metadata.creationTimestamp, c.start),
    ghost: node === null || !c.nodeAlive || (phase === 'Pending' && !problems.has(summary.status)),
  }
}

/** A timestamp of the API as session time. Units: µs. */
export function session(time: string | null | undefined, start: number): number {
  return time == null ? 0 : (parseTime(time) ?? start) - start
}

interface Picture {
  readonly glyph: Glyph
  readonly ring?: Ring | undefined
  readonly line?: string | undefined
}

function pictureOf(pod: Pod, status: string, phase: string, node: string | null, deleting: boolean, isReady: boolean, c: PodContext): Picture {
  if (deleting) {
    const endsAt = session(pod.metadata.deletionTimestamp, c.start)
    const startedAt = endsAt - (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1_000_000
    return c.nodeAlive ? { glyph: 'term', ring: { kind: 'grace', startedAt, endsAt }, line: 'Terminating' } : { glyph: 'term', ring: { kind: 'grace', startedAt, endsAt: null }, line: 'Terminating, no kubelet' }
  }
  if (phase === 'Succeeded') return { glyph: 'done', line: status }
  if (phase === 'Failed') return { glyph: 'err', line: status }
  if (node === null) return { glyph: 'pend', ring: c.schedulerBackoff, line: status === 'Pending' ? 'Pending, unscheduled' : status }
  const silent = c.node?.status?.conditions?.find((x) => x.type === 'Ready')?.status === 'Unknown'
  if (silent) {
    const ring = tolerationRing(pod, c.node as Node, c.start)
    return { glyph: 'unk', ring, line: ring?.endsAt === null ? 'Tolerates, stays' : ring ? 'Evict in' : `API: ${status}, stale` }
  }
  if (!c.nodeAlive) return { glyph: 'unk', line: `API: ${status}, stale` }
  const ring = c.timer
  if (problems.has(status) || status.startsWith('Init:') && /BackOff|Err|Error/.test(status)) return { glyph: 'warn', ring, line: status }
  if (status === 'CreateContainerConfigError' || status === 'InvalidImageName' || status === 'CreateContainerError') return { glyph: 'err', ring, line: status }
  if (phase === 'Pending') return { glyph: 'prog', ring, line: status }
  if (status === 'Error' || status === 'OOMKilled' || status.startsWith('ExitCode')) return { glyph: 'err', ring, line: status }
  return isReady ? { glyph: 'ok', ring: ring?.kind === 'probe' ? undefined : ring } : { glyph: 'run', ring }
}

/** The time left until a taint of the node evicts the pod; `endsAt` null when it tolerates it for ever; undefined without such a taint. */
function tolerationRing(pod: Pod, node: Node, start: number): Ring | undefined {
  let first: Ring | undefined
  for (const taint of node.spec?.taints ?? []) {
    if (taint.effect !== 'NoExecute') continue
    const tolerations = (pod.spec?.tolerations ?? []).filter((t) => (!t.effect || t.effect === 'NoExecute') && (!t.key || t.key === taint.key) && (t.operator === 'Exists' || (t.value ?? '') === (taint.value ?? '')))
    const startedAt = session(taint.timeAdded, start)
    if (tolerations.length === 0) return { kind: 'toleration', startedAt, endsAt: startedAt }
    const seconds = tolerations.reduce<number | null>((least, t) => (t.tolerationSeconds == null ? least : least === null ? Math.max(0, t.tolerationSeconds) : Math.min(least, Math.max(0, t.tolerationSeconds))), null)
    const endsAt = seconds === null ? null : startedAt + seconds * 1_000_000
    if (first === undefined || (endsAt !== null && (first.endsAt === null || endsAt < first.endsAt))) first = { kind: 'toleration', startedAt, endsAt }
  }
  return first
}

/** State of the first container that is not fine, else of the first one. */
function containerState(pod: Pod): string {
  const statuses = [...(pod.status?.initContainerStatuses ?? []).filter((s) => s.state?.terminated?.exitCode !== 0), ...(pod.status?.containerStatuses ?? [])]
  const texts = statuses.map((s) => {
    const { waiting, running, terminated } = s.state ?? {}
    if (waiting) return `Waiting: ${waiting.reason ?? 'unknown'}`
    if (terminated) return `Terminated: ${terminated.reason || `exit code ${terminated.exitCode}`}`
    return running ? 'Running' : 'Waiting'
  })
  return texts.find((t) => t !== 'Running') ?? texts[0] ?? 'none'
}
