import { parseSelector, parseTime } from '../../apimachinery'
import { at, listAt, mapAt, textAt, type Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf, wordsOf } from '../errors'
import { flagSpecs, type FlagSpec } from '../flags'
import { dryRunOf, printResult } from '../print-flags'
import { pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'

const SECOND = 1_000_000
const nodeFlags: readonly FlagSpec[] = flagSpecs('dry-run:string[=unchanged]=none selector/l:string')

/** `kubectl cordon`. Upstream: kubectl/pkg/cmd/drain/drain.go */
export const cordon: Command = { name: 'cordon', complete: 'node', flags: nodeFlags, run: (cmd) => mark(cmd, true) }

/** `kubectl uncordon`. */
export const uncordon: Command = { name: 'uncordon', complete: 'node', flags: nodeFlags, run: (cmd) => mark(cmd, false) }

function nodes(cmd: Invocation): readonly Info[] {
  const { args, flags, api, mapper } = cmd
  const verb = cmd.path.split(' ').at(-1) ?? ''
  const selector = flags.string('selector')
  if (args.length === 0 && selector === '') throw cmd.usage(`USAGE: ${verb} NODE [flags]`)
  if (args.length > 0 && selector !== '') throw cmd.usage('error: cannot specify both a node name and a --selector option')
  const typed = args.length === 0 ? ['nodes'] : args.some((a) => a.includes('/')) ? args.map((a) => (a.includes('/') ? a : `nodes/${a}`)) : ['nodes', ...args]
  const { infos, problems } = find({ args: typed, namespace: cmd.namespace, selector, fetch: true }, api, mapper)
  if (problems.length > 0) throw new Fail(problems)
  const other = infos.find((i) => i.mapping.resource !== 'nodes')
  if (other !== undefined) throw fail(`error: expected resource of type node, got "${other.mapping.group}/${other.mapping.version}, Resource=${other.mapping.resource}"`)
  return infos
}

function mark(cmd: Invocation, unschedulable: boolean): void {
  for (const info of nodes(cmd)) setSchedulable(cmd, info, unschedulable)
}

/** What goes wrong is only said. Upstream: drain.go RunCordonOrUncordon */
function setSchedulable({ api, io, flags }: Invocation, { mapping, name, object }: Info, unschedulable: boolean): void {
  const word = unschedulable ? 'cordoned' : 'uncordoned'
  const dryRun = dryRunOf(flags)
  if ((at<boolean>(object, 'spec', 'unschedulable') ?? false) === unschedulable) {
    io.out(`node/${name} already ${word}${dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : ''}\n`)
    return
  }
  if (dryRun !== 'client') {
    const response = api.try({ verb: 'patch', path: pathOf(mapping, '', name), patchType: 'application/strategic-merge-patch+json', body: { spec: { unschedulable: unschedulable ? true : null } }, ...(dryRun === 'server' ? { query: { dryRun: 'All' } } : {}) })
    if (response.code !== 200) return io.err(`error: unable to ${unschedulable ? 'cordon' : 'uncordon'} node ${JSON.stringify(name)}: ${wordsOf(problemOf(response))}\n`)
  }
  printResult({ apiVersion: 'v1', kind: 'Node', metadata: { name } } as Thing, word, flags, io, dryRun)
}

/** `kubectl drain`. Upstream: kubectl/pkg/cmd/drain/drain.go, kubectl/pkg/drain */
export const drain: Command = {
  name: 'drain',
  complete: 'node',
  flags: [...nodeFlags, ...flagSpecs('chunk-size:int=500 delete-emptydir-data disable-eviction force grace-period:int=-1 ignore-daemonsets pod-selector:string skip-wait-for-delete-timeout:int timeout:duration')],
  run(cmd) {
    const { io, flags } = cmd
    if (typeof parseSelector(flags.string('pod-selector')) === 'string') throw fail('--pod-selector=<pod_selector> must be a valid label selector')
    const infos = nodes(cmd)
    for (const info of infos) setSchedulable(cmd, info, true)
    const failed: (readonly string[])[] = []
    const left: string[] = []
    for (const { name } of infos) {
      const errors = drainNode(cmd, name)
      if (errors.length === 0) {
        const dryRun = dryRunOf(flags)
        io.out(`node/${name} drained${dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : ''}\n`)
        continue
      }
      io.err(`error: unable to drain node "${name}" due to error: ${aggregate(errors)}, continuing command...\n`)
      left.push(name)
      failed.push(errors)
    }
    if (left.length > 0) io.err(`There are pending nodes to be drained:\n${left.map((name) => ` ${name}\n`).join('')}`)
    // Errors of one node stand for themselves, those of several are one line for each node.
    const texts = failed.length === 1 ? (failed[0] as readonly string[]) : failed.map(aggregate)
    if (texts.length > 0) throw new Fail(texts.map((text) => ({ text, bare: true })))
  },
}

const aggregate = (errors: readonly string[]): string => (errors.length === 1 ? (errors[0] as string) : `[${errors.join(', ')}]`)

interface Verdict {
  readonly delete: boolean
  readonly warning?: string
  readonly error?: string
}

const UNMANAGED_ERROR = 'cannot delete Pods that declare no controller (use --force to override)'
const UNMANAGED = 'deleting Pods that declare no controller'
const LOCAL_ERROR = 'cannot delete Pods with local storage (use --delete-emptydir-data to override)'
const DAEMON_ERROR = 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)'
const DAEMON = 'ignoring DaemonSet-managed Pods'

/** What the filters say of a pod: the first that keeps it, else the last. Upstream: kubectl/pkg/drain/filters.go */
function judge(cmd: Invocation, pod: Thing): Verdict {
  const { flags } = cmd
  const force = flags.bool('force')
  const finished = ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'))
  const controller = listAt<{ apiVersion: string; kind: string; name: string; controller?: boolean }>(pod, 'metadata', 'ownerReferences').find((r) => r.controller)
  if (isLongDying(cmd, pod)) return { delete: false }
  if (controller?.kind === 'DaemonSet' && !finished) {
    const response = cmd.api.try({ verb: 'get', path: `/apis/apps/v1/namespaces/${pod.metadata.namespace}/daemonsets/${controller.name}` })
    if (response.code === 200) return flags.bool('ignore-daemonsets') ? { delete: false, warning: DAEMON } : { delete: false, error: DAEMON_ERROR }
    if (response.code !== 404 || !force) return { delete: false, error: `cannot delete ${wordsOf(problemOf(response))}` }
  }
  if (mapAt(pod, 'metadata', 'annotations')['kubernetes.io/config.mirror'] !== undefined) return { delete: false }
  if (!finished && !flags.bool('delete-emptydir-data') && listAt(pod, 'spec', 'volumes').some((v) => v['emptyDir'] !== undefined)) return { delete: false, error: LOCAL_ERROR }
  if (finished || controller !== undefined) return { delete: true }
  return force ? { delete: true, warning: UNMANAGED } : { delete: false, error: UNMANAGED_ERROR }
}

/** Upstream: filters.go shouldSkipPod */
function isLongDying({ flags, io }: Invocation, pod: Thing): boolean {
  const limit = flags.int('skip-wait-for-delete-timeout')
  const since = pod.metadata.deletionTimestamp === undefined ? undefined : parseTime(pod.metadata.deletionTimestamp)
  return limit > 0 && since !== undefined && Math.trunc((io.now() - since) / SECOND) > limit
}

/** Words by message: `cannot delete …: ns/a, ns/b`. Upstream: filters.go PodDeleteList.errors, Warnings */
function grouped(list: readonly { pod: Thing; text: string }[]): string[] {
  const byText = new Map<string, string[]>()
  for (const { pod, text } of list) byText.set(text, [...(byText.get(text) ?? []), `${pod.metadata.namespace}/${pod.metadata.name}`])
  return [...byText].map(([text, names]) => `${text}: ${names.join(', ')}`)
}

function drainNode(cmd: Invocation, node: string): readonly string[] {
  const { api, io, flags } = cmd
  const query = { fieldSelector: `spec.nodeName=${node}`, limit: '500', ...(flags.string('pod-selector') === '' ? {} : { labelSelector: flags.string('pod-selector') }) }
  const judged = api.list('/api/v1/pods', query).items.map((pod) => ({ pod, verdict: judge(cmd, pod) }))
  const errors = grouped(judged.filter((j) => j.verdict.error !== undefined).map((j) => ({ pod: j.pod, text: j.verdict.error as string })))
  if (errors.length > 0) return errors
  const warnings = grouped(judged.filter((j) => j.verdict.warning !== undefined).map((j) => ({ pod: j.pod, text: j.verdict.warning as string })))
  if (warnings.length > 0) io.err(`Warning: ${warnings.join('; ')}\n`)
  const pods = judged.filter((j) => j.verdict.delete).map((j) => j.pod)
  const dryRun = dryRunOf(flags)
  if (dryRun === 'client') for (const pod of pods) io.out(`evicting pod ${pod.metadata.namespace}/${pod.metadata.name} (dry run)\n`)
  if (pods.length === 0 || dryRun === 'client') return []
  const failures = flags.bool('disable-eviction') ? deletePods(cmd, pods) : evictPods(cmd, pods)
  if (failures.length === 0) return []
  const left = api.list('/api/v1/pods', query).items.filter((p) => judge(cmd, p).delete)
  if (left.length > 0) io.err(`There are pending pods in node "${node}" when an error occurred: ${aggregate(failures)}\n${left.map((p) => `pod/${p.metadata.name}\n`).join('')}`)
  return failures
}

const deadlineOf = ({ flags, io }: Invocation): number => (flags.duration('timeout') === 0 ? Number.MAX_SAFE_INTEGER : io.now() + flags.duration('timeout'))

interface Leaving {
  readonly pod: Thing
  again: number
  evicted: boolean
}

/** Evicts all pods side by side; those that a budget protects are tried again every 5 s. Answers errors' words. Upstream: drain.go evictPods */
function evictPods(cmd: Invocation, pods: readonly Thing[]): readonly string[] {
  const { api, io, flags } = cmd
  const deadline = deadlineOf(cmd)
  const grace = flags.int('grace-period')
  const dryRun = dryRunOf(flags)
  const errors: string[] = []
  let waiting: Leaving[] = pods.map((pod) => ({ pod, again: 0, evicted: false }))
  for (;;) {
    const now = io.now()
    let due = waiting.filter((w) => !w.evicted && w.again <= now)
    for (const { pod } of due) io.out(`evicting pod ${pod.metadata.namespace}/${pod.metadata.name}${dryRun === 'server' ? ' (server dry run)' : ''}\n`)
    const over = new Set<Leaving>()
    const fails = (w: Leaving, text: string): void => {
      errors.push(text)
      over.add(w)
    }
    if (now >= deadline) {
      for (const w of due) fails(w, `error when evicting pods/"${w.pod.metadata.name}" -n "${w.pod.metadata.namespace}": global timeout reached: ${goDuration(flags.duration('timeout'))}`)
      due = []
    }
    const answers = due.length === 0 ? [] : api.tryAll(due.map(({ pod }) => ({
      verb: 'create' as const, path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/eviction`,
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod.metadata.name, namespace: pod.metadata.namespace }, deleteOptions: { ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}), ...(dryRun === 'server' ? { dryRun: ['All'] } : {}) } },
    })))
    for (const [i, response] of answers.entries()) {
      const entry = due[i] as Leaving
      const { name, namespace, deletionTimestamp } = entry.pod.metadata
      const problem = problemOf(response)
      const head = `error when evicting pods/"${name}" -n "${namespace}"`
      const ending = response.code === 403 && listAt<{ reason?: string }>(response.body, 'details', 'causes').some((c) => c.reason === 'NamespaceTerminating')
      if ((response.code < 300 && response.code !== 0) || (ending && deletionTimestamp !== undefined)) entry.evicted = true
      else if (response.code === 404) over.add(entry)
      else if (response.code === 429 || ending) {
        io.err(`${ending ? `error when evicting pod "${name}" from terminating namespace "${namespace}"` : head} (will retry after 5s): ${wordsOf(problem)}\n`)
        entry.again = now + 5 * SECOND
      } else fails(entry, `${head}: ${wordsOf(problem)}`)
    }
    waiting = waiting.filter((w) => !over.has(w) && !(w.evicted && dryRun === 'server'))
    waiting = awaitGone(cmd, waiting, 'evicted')
    // A pod that waits for its next try notices the end of the time only then, as upstream's sleep does.
    if (io.now() >= deadline) {
      for (const { pod } of waiting.filter((w) => w.evicted)) errors.push(`error when waiting for pod "${pod.metadata.name}" in namespace "${pod.metadata.namespace}" to terminate: context deadline exceeded`)
      waiting = waiting.filter((w) => !w.evicted)
    }
    if (waiting.length === 0) return errors
    const next = Math.min(...waiting.map((w) => (w.evicted ? Math.min(io.now() + SECOND, Math.max(deadline, io.now() + 1)) : w.again)))
    io.sleep(Math.max(1, Math.min(next - io.now(), 5 * SECOND)))
  }
}

function awaitGone<T extends { pod: Thing; evicted: boolean }>(cmd: Invocation, waiting: T[], word: string): T[] {
  const { api, io, flags } = cmd
  const evicted = waiting.filter((w) => w.evicted)
  if (evicted.length === 0) return waiting
  const answers = api.tryAll(evicted.map(({ pod }) => ({ verb: 'get' as const, path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}` })))
  const gone = new Set<T>()
  for (const [i, w] of evicted.entries()) {
    const answer = answers[i]
    const { name, uid } = w.pod.metadata
    if (answer?.code === 404 || (answer?.code === 200 && answer.body.metadata.uid !== uid)) io.out(`pod/${name} ${word}\n`)
    else if (answer?.code === 200 && isLongDying(cmd, answer.body as Thing)) io.out(`pod "${name}" has DeletionTimestamp older than ${flags.int('skip-wait-for-delete-timeout')} seconds, skipping\n`)
    else continue
    gone.add(w)
  }
  return waiting.filter((w) => !gone.has(w))
}

/** Upstream: drain.go deletePods */
function deletePods(cmd: Invocation, pods: readonly Thing[]): readonly string[] {
  const { api, io, flags } = cmd
  const deadline = deadlineOf(cmd)
  const grace = flags.int('grace-period')
  const server = dryRunOf(flags) === 'server'
  for (const pod of pods) {
    const response = api.try({ verb: 'delete', path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`, body: { ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}), ...(server ? { dryRun: ['All'] } : {}) } })
    if (response.code >= 300 && response.code !== 404) return [wordsOf(problemOf(response))]
  }
  if (server) return []
  let waiting = pods.map((pod) => ({ pod, evicted: true }))
  for (;;) {
    waiting = awaitGone(cmd, waiting, 'deleted')
    if (waiting.length === 0) return []
    if (io.now() >= deadline) return ['context deadline exceeded']
    io.sleep(Math.min(SECOND, Math.max(1, deadline - io.now())))
  }
}

/** `1m30s` as Go prints durations of whole milliseconds. Units: µs. */
export function goDuration(us: number): string {
  if (us === 0) return '0s'
  if (us < SECOND) return `${us / 1000}ms`
  const seconds = us / SECOND
  const h = Math.floor(seconds / 3600)
  const m = Math.floor((seconds % 3600) / 60)
  const s = seconds % 60
  return `${h > 0 ? `${h}h` : ''}${h > 0 || m > 0 ? `${m}m` : ''}${s}s`
}
