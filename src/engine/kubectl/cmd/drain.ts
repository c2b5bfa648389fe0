import { at, listAt, mapAt, textAt, type Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf, wordsOf, type Problem } from '../errors'
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
  if (args.length > 0 && selector !== '') throw fail('error: cannot specify both a node name and a --selector option')
  const typed = args.length === 0 ? ['nodes'] : args.some((a) => a.includes('/')) ? args.map((a) => (a.includes('/') ? a : `nodes/${a}`)) : ['nodes', ...args]
  const { infos, problems } = find({ args: typed, namespace: cmd.namespace, selector, fetch: true }, api, mapper)
  if (problems.length > 0) throw new Fail(problems)
  return infos
}

function mark(cmd: Invocation, unschedulable: boolean): void {
  const problems: Problem[] = []
  for (const info of nodes(cmd)) problems.push(...setSchedulable(cmd, info, unschedulable))
  if (problems.length > 0) throw new Fail(problems)
}

/** Upstream: kubectl/pkg/drain/cordon.go */
function setSchedulable({ api, io, flags }: Invocation, { mapping, name, object }: Info, unschedulable: boolean): readonly Problem[] {
  const word = unschedulable ? 'cordoned' : 'uncordoned'
  const dryRun = dryRunOf(flags)
  if ((at<boolean>(object, 'spec', 'unschedulable') ?? false) === unschedulable) {
    io.out(`node/${name} already ${word}${dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : ''}\n`)
    return []
  }
  if (dryRun !== 'client') {
    const response = api.try({ verb: 'patch', path: pathOf(mapping, '', name), patchType: 'application/strategic-merge-patch+json', body: { spec: { unschedulable: unschedulable ? true : null } }, ...(dryRun === 'server' ? { query: { dryRun: 'All' } } : {}) })
    if (response.code !== 200) return [{ text: `unable to ${unschedulable ? 'cordon' : 'uncordon'} node ${JSON.stringify(name)}: ${wordsOf(problemOf(response))}` }]
  }
  printResult({ apiVersion: 'v1', kind: 'Node', metadata: { name } } as Thing, word, flags, io, dryRun)
  return []
}

/** `kubectl drain`. Upstream: kubectl/pkg/cmd/drain/drain.go, kubectl/pkg/drain */
export const drain: Command = {
  name: 'drain',
  complete: 'node',
  flags: [...nodeFlags, ...flagSpecs('chunk-size:int=500 delete-emptydir-data disable-eviction force grace-period:int=-1 ignore-daemonsets pod-selector:string skip-wait-for-delete-timeout:int timeout:duration')],
  run(cmd) {
    const { io } = cmd
    const problems: Problem[] = []
    const infos = nodes(cmd)
    const cordoned: Info[] = []
    for (const info of infos) {
      const bad = setSchedulable(cmd, info, true)
      problems.push(...bad)
      if (bad.length === 0) cordoned.push(info)
    }
    const pending = new Set(infos.map((i) => i.name))
    for (const info of cordoned) {
      const errors = drainNode(cmd, info.name)
      if (errors.length === 0) {
        pending.delete(info.name)
        const dryRun = dryRunOf(cmd.flags)
        io.out(`node/${info.name} drained${dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : ''}\n`)
        continue
      }
      const joined = errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`
      io.err(`error: unable to drain node "${info.name}" due to error: ${joined}, continuing command...\n`)
      if (pending.size > 0) io.err(`There are pending nodes to be drained:\n${infos.filter((i) => pending.has(i.name)).map((i) => ` ${i.name}\n`).join('')}`)
      problems.push(...errors.map((text): Problem => ({ text })))
    }
    if (problems.length > 0) throw new Fail(problems.length === 1 ? problems.map((p) => ('text' in p ? { text: p.text, bare: true } : p)) : problems)
  },
}

interface Verdict {
  readonly delete: boolean
  readonly warning?: string
  readonly error?: string
}

const UNMANAGED_ERROR = 'cannot delete Pods that declare no controller (use --force to override)'
const UNMANAGED = 'deleting Pods that declare no controller'
const LOCAL_ERROR = 'cannot delete Pods with local storage (use --delete-emptydir-data to override)'
const LOCAL = 'deleting Pods with local storage'
const DAEMON_ERROR = 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)'
const DAEMON = 'ignoring DaemonSet-managed Pods'

/** What the filters say of a pod. Upstream: kubectl/pkg/drain/filters.go */
function judge(cmd: Invocation, pod: Thing): Verdict {
  const { flags } = cmd
  const force = flags.bool('force')
  const verdicts: Verdict[] = []
  const finished = ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'))
  const controller = listAt<{ kind: string; name: string; controller?: boolean }>(pod, 'metadata', 'ownerReferences').find((r) => r.controller)
  if (controller?.kind === 'DaemonSet' && !finished) {
    const missing = cmd.api.try({ verb: 'get', path: `/apis/apps/v1/namespaces/${pod.metadata.namespace}/daemonsets/${controller.name}` }).code === 404
    if (missing && force) verdicts.push({ delete: true, warning: `daemonsets.apps "${controller.name}" not found` })
    else if (missing) return { delete: false, error: `daemonsets.apps "${controller.name}" not found` }
    else if (!flags.bool('ignore-daemonsets')) return { delete: false, error: DAEMON_ERROR }
    else return { delete: false, warning: DAEMON }
  }
  if (mapAt(pod, 'metadata', 'annotations')['kubernetes.io/config.mirror'] !== undefined) return { delete: false }
  if (listAt(pod, 'spec', 'volumes').some((v) => v['emptyDir'] !== undefined)) {
    if (finished) verdicts.push({ delete: true })
    else if (flags.bool('delete-emptydir-data')) verdicts.push({ delete: true, warning: LOCAL })
    else return { delete: false, error: LOCAL_ERROR }
  }
  if (!finished && controller === undefined) {
    if (!force) return { delete: false, error: UNMANAGED_ERROR }
    return { delete: true, warning: UNMANAGED }
  }
  return verdicts.findLast((v) => v.warning !== undefined) ?? { delete: true }
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
  if (pods.length === 0) return []
  const failure = flags.bool('disable-eviction') ? deletePods(cmd, pods) : evictPods(cmd, pods)
  if (failure === undefined) return []
  const left = api.list('/api/v1/pods', query).items.filter((p) => judge(cmd, p).delete)
  io.err(`There are pending pods in node "${node}" when an error occurred: ${failure}\n${left.map((p) => `pod/${p.metadata.name}\n`).join('')}`)
  return [failure]
}

const deadlineOf = ({ flags, io }: Invocation): number => (flags.duration('timeout') === 0 ? Number.MAX_SAFE_INTEGER : io.now() + flags.duration('timeout'))

/** Evicts all pods side by side; those that a budget protects are tried again every 5 s. Answers an error's words. Upstream: drain.go evictPods */
function evictPods(cmd: Invocation, pods: readonly Thing[]): string | undefined {
  const { api, io, flags } = cmd
  const deadline = deadlineOf(cmd)
  const grace = flags.int('grace-period')
  const dryRun = dryRunOf(flags)
  if (dryRun === 'client') {
    for (const pod of pods) io.out(`evicting pod ${pod.metadata.namespace}/${pod.metadata.name} (dry run)\n`)
    return undefined
  }
  let waiting: { pod: Thing; again: number; evicted: boolean }[] = pods.map((pod) => ({ pod, again: 0, evicted: false }))
  for (;;) {
    const now = io.now()
    const due = waiting.filter((w) => !w.evicted && w.again <= now)
    for (const { pod } of due) io.out(`evicting pod ${pod.metadata.namespace}/${pod.metadata.name}${dryRun === 'server' ? ' (server dry run)' : ''}\n`)
    const [late] = due
    if (late !== undefined && now >= deadline) return timedOut(cmd, late.pod, false)
    const answers = due.length === 0 ? [] : api.tryAll(due.map(({ pod }) => ({
      verb: 'create' as const, path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/eviction`,
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod.metadata.name, namespace: pod.metadata.namespace }, deleteOptions: { ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}), ...(dryRun === 'server' ? { dryRun: ['All'] } : {}) } },
    })))
    for (const [i, response] of answers.entries()) {
      const entry = due[i] as (typeof due)[number]
      const { pod } = entry
      const problem = problemOf(response)
      const head = `error when evicting pods/"${pod.metadata.name}" -n "${pod.metadata.namespace}"`
      if (response.code < 300 && response.code !== 0) entry.evicted = true
      else if (response.code === 404) waiting = waiting.filter((w) => w !== entry)
      else if (response.code === 429) {
        io.err(`${head} (will retry after 5s): ${wordsOf(problem)}\n`)
        entry.again = now + 5 * SECOND
      } else return `${head}: ${wordsOf(problem)}`
    }
    if (dryRun === 'server') return undefined
    waiting = awaitGone(cmd, waiting, 'evicted')
    if (waiting.length === 0) return undefined
    // A pod that waits for its next try notices the end of the time only then, as upstream's sleep does.
    const dying = waiting.find((w) => w.evicted)
    if (dying !== undefined && io.now() >= deadline) return timedOut(cmd, dying.pod, true)
    const next = Math.min(...waiting.map((w) => (w.evicted ? io.now() + SECOND : w.again)))
    io.sleep(Math.max(1, Math.min(next - io.now(), 5 * SECOND)))
  }
}

function timedOut({ flags }: Invocation, { metadata: { name, namespace } }: Thing, dying: boolean): string {
  const after = `global timeout reached: ${goDuration(flags.duration('timeout'))}`
  return dying ? `error when waiting for pod "${name}" in namespace "${namespace}" to terminate: ${after}` : `error when evicting pods/"${name}" -n "${namespace}": ${after}`
}

function awaitGone<T extends { pod: Thing; evicted: boolean }>({ api, io }: Invocation, waiting: T[], word: string): T[] {
  const evicted = waiting.filter((w) => w.evicted)
  if (evicted.length === 0) return waiting
  const answers = api.tryAll(evicted.map(({ pod }) => ({ verb: 'get' as const, path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}` })))
  const gone = new Set(evicted.filter((w, i) => answers[i]?.code === 404 || (answers[i]?.code === 200 && answers[i]?.body.metadata.uid !== w.pod.metadata.uid)))
  for (const { pod } of gone) io.out(`pod/${pod.metadata.name} ${word}\n`)
  return waiting.filter((w) => !gone.has(w))
}

function deletePods(cmd: Invocation, pods: readonly Thing[]): string | undefined {
  const { api, io, flags } = cmd
  const deadline = deadlineOf(cmd)
  const grace = flags.int('grace-period')
  for (const pod of pods) {
    const response = api.try({ verb: 'delete', path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`, body: grace >= 0 ? { gracePeriodSeconds: grace } : {} })
    if (response.code >= 300 && response.code !== 404) return wordsOf(problemOf(response))
  }
  let waiting = pods.map((pod) => ({ pod, evicted: true }))
  for (;;) {
    waiting = awaitGone(cmd, waiting, 'deleted')
    if (waiting.length === 0) return undefined
    if (io.now() >= deadline) return timedOut(cmd, (waiting[0] as { pod: Thing }).pod, true)
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
