import { goQuote, parseTime } from '../../apimachinery'
import type { ApiResponse } from '../../client-go'
import { at, listAt, type Thing } from '../api'
import { edited, editorPath, endKey, interruptKey } from '../converse'
import { Fail, fail, problemOf, wordsOf } from '../errors'
import { flagSpecs, type Flags } from '../flags'
import { containerList, containerNames, containerOf, preferredContainer, typeTo } from '../pods'
import { byLogging, podsSelected, selectorOf } from '../pods-behind'
import { apiVersionOf, groupResource, pathOf, type Mapping } from '../rest-mapper'
import type { Command, Invocation } from '../verb'

const POLL = 500_000

/** `kubectl logs`. Upstream: kubectl/pkg/cmd/logs/logs.go */
export const logs: Command = {
  name: 'logs',
  complete: 'pod',
  flags: flagSpecs(`all-containers all-pods container/c:string follow/f ignore-errors insecure-skip-tls-verify-backend limit-bytes:int64 max-log-requests:int=5 pod-running-timeout:duration=20s prefix previous/p
    selector/l:string since:duration since-time:string tail:int64=-1 timestamps`),
  run(cmd) {
    const { flags, args, io } = cmd
    const kept = io.memory<Followed | null>(null)
    if (kept !== null) return followAll(cmd, kept)
    const selector = flags.string('selector')
    if (args.length > 2 || (args.length === 0 && selector === '')) throw cmd.usage("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command")
    if (args.length === 1 && selector !== '') throw cmd.usage('only a selector (-l) or a POD name is allowed')
    const container = args[1] ?? flags.string('container')
    const query = optionsOf(flags, selector)
    const object = objectOf(cmd, args[0] ?? '', selector)
    if (Array.isArray(object) && object.length === 0) io.err(`No resources found in ${cmd.namespace} namespace.\n`)
    if (flags.string('since-time') !== '' && flags.duration('since') !== 0) throw fail('at most one of `sinceTime` or `sinceSeconds` may be specified')
    if (flags.bool('all-containers') && container !== '') throw fail(`--all-containers=true should not be specified with container name ${container}`)
    if (flags.has('container') && args.length === 2) throw fail('only one of -c or an inline [CONTAINER] arg is allowed')
    if (flags.int('limit-bytes') < 0) throw fail('--limit-bytes must be greater than 0')
    if (Number(query['sinceSeconds'] ?? 0) < 0) throw fail('--since must be greater than 0')
    if (Number(query['tailLines'] ?? 0) < -1) throw fail('--tail must be greater than or equal to -1')
    const streams = streamsOf(cmd, podsOf(cmd, object), container)
    const most = flags.int('max-log-requests')
    if (!flags.bool('follow')) return readAll(cmd, streams, query)
    if (streams.length > 1 && streams.length > most) throw fail(`you are attempting to follow ${streams.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`)
    followAll(cmd, { streams: streams.map((s) => ({ ...s, open: false, seen: 0 })), query, deadline: io.now() + flags.duration('pod-running-timeout') })
  },
}

/** One container's log. */
interface Stream {
  readonly pod: Thing
  readonly container: string
}

/** What a follow keeps while it forgets its answers. */
interface Followed {
  readonly streams: readonly (Stream & { readonly open: boolean; readonly seen: number })[]
  readonly query: Readonly<Record<string, string>>
  /** Until when it tries to open what does not run yet. Units: µs. */
  readonly deadline: number
}

/** Upstream: LogsOptions.ToLogOptions */
function optionsOf(flags: Flags, selector: string): Record<string, string> {
  const since = flags.string('since-time')
  if (since !== '' && parseTime(since) === undefined) throw fail(`parsing time ${JSON.stringify(since)} as "2006-01-02T15:04:05Z07:00": cannot parse`)
  const tail = flags.int('tail')
  return {
    ...(flags.bool('previous') ? { previous: 'true' } : {}),
    ...(flags.duration('since') === 0 ? {} : { sinceSeconds: String(Math.round(flags.duration('since') / 1e6)) }),
    ...(since === '' ? {} : { sinceTime: since }),
    ...(flags.bool('timestamps') ? { timestamps: 'true' } : {}),
    ...(selector !== '' && !flags.has('tail') ? { tailLines: '10' } : tail === -1 ? {} : { tailLines: String(tail) }),
    ...(flags.int('limit-bytes') === 0 ? {} : { limitBytes: flags.string('limit-bytes') }),
  }
}

/** The object that was named, or the pods that the selector finds. */
function objectOf({ api, mapper, namespace }: Invocation, arg: string, selector: string): Thing | readonly Thing[] {
  if (selector !== '') return api.list(`/api/v1/namespaces/${namespace}/pods`, { labelSelector: selector }).items
  const slash = arg.indexOf('/')
  const mapping: Mapping = slash < 0 ? mapper.must('pods') : mapper.must(arg.slice(0, slash))
  const name = arg.slice(slash + 1)
  const response = api.try({ verb: 'get', path: pathOf(mapping, namespace, name) })
  if (response.code === 404) throw fail(`error from server (NotFound): ${groupResource(mapping)} "${name}" not found in namespace "${namespace}"`)
  if (response.code !== 200) throw new Fail([problemOf(response)])
  return { ...(response.body as Thing), apiVersion: apiVersionOf(mapping), kind: mapping.kind }
}

/** Upstream: polymorphichelpers/logsforobject.go logsForObjectWithClient */
function podsOf(cmd: Invocation, object: Thing | readonly Thing[]): readonly Thing[] {
  if (isList(object)) return object
  if (object.kind === 'Pod') return [object]
  const pods = podsSelected(cmd, selectorOf(object, 'cannot get the logs from'), byLogging, cmd.flags.duration('pod-running-timeout'))
  if (cmd.flags.bool('all-pods')) return pods
  if (pods.length > 1) cmd.io.err(`Found ${pods.length} pods, using pod/${pods[0]?.metadata.name}\n`)
  return pods.slice(0, 1)
}

const isList = (o: Thing | readonly Thing[]): o is readonly Thing[] => Array.isArray(o)

function streamsOf({ flags, io }: Invocation, pods: readonly Thing[], wanted: string): readonly Stream[] {
  const chosen = (pod: Thing): string => {
    const preferred = wanted === '' ? preferredContainer(pod) : ''
    const all = containerNames(pod)
    if (preferred !== '' && !all.includes(preferred)) io.err(`Default container name ${goQuote(preferred)} not found in pod ${pod.metadata.name}\n`)
    const name = containerOf(pod, wanted || (all.includes(preferred) ? preferred : ''))
    if (wanted === '' && name !== preferred && all.length > 1 && !flags.bool('all-pods')) io.err(`Defaulted container ${goQuote(name)} out of: ${containerList(pod)}\n`)
    return name
  }
  return pods.flatMap((pod) => (flags.bool('all-containers') ? containerNames(pod) : [chosen(pod)]).map((container) => ({ pod, container })))
}

const fetchLog = ({ api }: Invocation, { pod, container }: Stream, query: Readonly<Record<string, string>>): ApiResponse =>
  api.try({ verb: 'get', path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log`, query: { container, ...query } })

/** Prints text with the source before each line, if that is wanted. */
function print({ flags, io }: Invocation, { pod, container }: Stream, text: string): void {
  if (!flags.bool('prefix') && !flags.bool('all-pods')) return io.out(text)
  io.out(text.split('\n').map((l, i, all) => (i === all.length - 1 && l === '' ? '' : `[pod/${pod.metadata.name}/${container}] ${l}`)).join('\n'))
}

/** Upstream: LogsOptions.sequentialConsumeRequest */
function readAll(cmd: Invocation, streams: readonly Stream[], query: Readonly<Record<string, string>>): void {
  for (const s of streams) {
    const response = fetchLog(cmd, s, query)
    if (response.code === 200) print(cmd, s, textOf(response.body))
    else if (cmd.flags.bool('ignore-errors')) cmd.io.out(`error: ${wordsOf(problemOf(response))}\n`)
    else throw new Fail([problemOf(response)])
  }
}

/**
 * Follows by asking again for what came since, as the simulated kubelet keeps no connection open. What cannot be read yet
 * is tried once a second. Upstream: LogsOptions.parallelConsumeRequest, consumeWithRetry
 */
function followAll(cmd: Invocation, kept: Followed): void {
  const { flags, io } = cmd
  const { query, deadline } = kept
  // What comes later is what the whole log has more: a window in time or lines would move on.
  const { tailLines: _, sinceSeconds: _s, sinceTime: _t, limitBytes: _l, ...whole } = query
  let streams = kept.streams
  for (let round = 0; streams.length > 0; round++) {
    // What could not be opened is tried every second time.
    const waits = round % 2 === 1
    streams = streams.flatMap((s) => {
      if (!s.open && waits) return [s]
      const response = fetchLog(cmd, s, s.open ? whole : query)
      if (response.code === 200) {
        const text = textOf(response.body)
        print(cmd, s, text.slice(s.seen))
        return [{ ...s, open: true, seen: s.open ? text.length : textOf(fetchLog(cmd, s, whole).body).length }]
      }
      if (s.open) return []
      const words = wordsOf(problemOf(response))
      if (flags.bool('ignore-errors')) {
        io.out(`error: ${words}\n`)
        return []
      }
      io.err(`${words}\n`)
      if (response.code === 0) throw new Fail([problemOf(response)])
      return [s]
    })
    if (streams.length === 0) return
    io.sleep(POLL)
    if (streams.some((s) => !s.open) && io.now() >= deadline) throw fail('context deadline exceeded')
    streams = streams.filter((s) => !s.open || isRunning(cmd, s.pod, s.container))
    if (!waits) continue
    io.again({ streams, query, deadline } satisfies Followed)
  }
}

/** What an attachment keeps while it forgets its answers. */
export interface Attached {
  readonly pod: Thing
  readonly container: string
  readonly seen: number
  /** Ctrl-C was typed into the container, which went on. */
  readonly asked?: boolean
}

/** Prints what a container prints, until it ends; with -i what is typed goes to what reads there. */
export function follow(cmd: Invocation, pod: Thing, container: string, before = 0, askedBefore = false): void {
  let seen = before
  let asked = askedBefore
  let first: number | undefined
  const { flags, io } = cmd
  const stdin = flags.has('stdin') && flags.bool('stdin')
  // With a terminal at both ends, Ctrl-C is typed into the container.
  const raw = stdin && flags.has('tty') && flags.bool('tty')
  if (stdin && io.stdin !== undefined && seen === 0) {
    typeTo(cmd, pod, container, io.stdin)
    typeTo(cmd, pod, container, endKey)
  }
  /** What has been printed since it was looked last. */
  const printed = (): string => {
    const response = cmd.api.try({ verb: 'get', path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log`, query: { container } })
    const text = response.code === 200 ? textOf(response.body) : ''
    const more = text.slice(seen)
    seen = Math.max(seen, text.length)
    return more
  }
  const say = (text: string): void => {
    typeTo(cmd, pod, container, text)
    // What it says to that, and whether it ends, takes a moment to be known.
    io.sleep(POLL / 10)
  }
  for (;;) {
    io.out(printed())
    const run = runOf(cmd, pod, container)
    if (run === undefined || run !== (first ??= run)) return
    if (cmd.path === 'kubectl attach') io.again({ pod, container, seen, asked } satisfies Attached)
    const prompt = stdin && io.stdin === undefined ? typeTo(cmd, pod, container, '') : null
    if (prompt !== null) {
      const line = io.prompt(prompt, raw)
      const path = editorPath(line, prompt)
      asked = false
      if (path !== undefined) say(edited(io, (typed) => (say(typed), printed()), path))
      else say(line === null ? endKey : line === interruptKey ? line : `${line}\n`)
      continue
    }
    if (io.sleep(POLL, raw) !== 'interrupted') continue
    // A first process ignores what it does not handle, and would hold the line for ever: the second Ctrl-C hangs up.
    if (asked) throw new Fail([], 130)
    asked = true
    typeTo(cmd, pod, container, interruptKey)
  }
}

const isRunning = (cmd: Invocation, pod: Thing, container: string): boolean => runOf(cmd, pod, container) !== undefined

/** How often a container was started anew before; undefined: it has ended. */
function runOf({ api }: Invocation, pod: Thing, container: string): number | undefined {
  const now = api.try({ verb: 'get', path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}` })
  if (now.code !== 200 || now.body.metadata.uid !== pod.metadata.uid) return undefined
  const statuses = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'].flatMap((k) => listAt<{ name: string; restartCount?: number; state?: Record<string, unknown> }>(now.body, 'status', k))
  const status = statuses.find((s) => s.name === container)
  return status?.state?.['terminated'] === undefined ? (status?.restartCount ?? 0) : undefined
}

/** The text of a response that is no object. */
export function textOf(body: unknown): string {
  if (typeof body === 'string') return body
  for (const key of ['text', 'log', 'data']) {
    const v = at(body, key)
    if (typeof v === 'string') return v
  }
  return ''
}
