import { parseTime } from '../../apimachinery'
import { at, listAt, type Thing } from '../api'
import { Fail, fail, problemOf, wordsOf } from '../errors'
import { flagSpecs } from '../flags'
import { chosenContainer, containerNames, podsBehind } from '../pods'
import { groupResource, pathOf, type Mapping } from '../rest-mapper'
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
    if (kept !== null) return show(cmd, kept.streams, -1, kept.seen)
    const selector = flags.string('selector')
    if (args.length === 0 && selector === '') throw cmd.usage("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command")
    if (args.length > 0 && selector !== '') throw cmd.usage('only a selector (-l) or a POD name is allowed')
    if (args.length > 2) throw cmd.usage("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command")
    if (flags.string('since-time') !== '' && flags.duration('since') !== 0) throw fail('at most one of `sinceTime` or `sinceSeconds` may be specified')
    const container = args.length === 2 ? (args[1] as string) : flags.string('container')
    if (flags.bool('all-containers') && container !== '') throw fail(`--all-containers=true should not be specified with container name ${container}`)
    if (flags.has('container') && args.length === 2) throw fail('only one of -c or an inline [CONTAINER] arg is allowed')
    if (flags.int('limit-bytes') < 0) throw fail('--limit-bytes must be greater than 0')
    if (flags.duration('since') < 0) throw fail('--since must be greater than 0')
    if (flags.has('tail') && flags.int('tail') < -1) throw fail('--tail must be greater than or equal to -1')
    const pods = podsOf(cmd, args[0] ?? '', selector)
    if (pods.length === 0) return io.err(`No resources found in ${cmd.namespace} namespace.\n`)
    const streams = pods.flatMap((pod) => (flags.bool('all-containers') ? containerNames(pod) : [chosenContainer(cmd, pod, container)]).map((c) => ({ pod, container: c })))
    const most = flags.int('max-log-requests')
    if (flags.bool('follow') && streams.length > 1 && streams.length > most) throw fail(`you are attempting to follow ${streams.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`)
    const tail = flags.has('tail') ? flags.int('tail') : selector === '' ? -1 : 10
    show(cmd, streams, tail)
  },
}

/** What a follow keeps while it forgets its answers. */
interface Followed {
  readonly streams: readonly Stream[]
  readonly seen: readonly number[]
}

interface Stream {
  readonly pod: Thing
  readonly container: string
}

function podsOf(cmd: Invocation, arg: string, selector: string): readonly Thing[] {
  const { api, mapper, namespace } = cmd
  const pods = `/api/v1/namespaces/${namespace}/pods`
  if (selector !== '') return api.list(pods, { labelSelector: selector }).items
  const slash = arg.indexOf('/')
  const mapping: Mapping = slash < 0 ? mapper.must('pods') : mapper.must(arg.slice(0, slash))
  const name = arg.slice(slash + 1)
  const response = api.try({ verb: 'get', path: pathOf(mapping, namespace, name) })
  if (response.code === 404) throw fail(`error from server (NotFound): ${groupResource(mapping)} "${name}" not found in namespace "${namespace}"`)
  if (response.code !== 200) throw new Fail([problemOf(response)])
  if (mapping.kind === 'Pod') return [response.body as Thing]
  const found = podsBehind(cmd, { ...(response.body as Thing), kind: mapping.kind })
  if (found === undefined) throw fail(`cannot get the logs from ${mapping.kind}: selector is empty`)
  if (found.length === 0) throw fail('timed out waiting for the condition')
  if (found.length > 1 && !cmd.flags.bool('all-pods')) cmd.io.err(`Found ${found.length} pods, using pod/${found[0]?.metadata.name}\n`)
  return cmd.flags.bool('all-pods') ? found : found.slice(0, 1)
}

/** Prints each stream; follows by asking again for what came since, as the simulated kubelet keeps no connection open. */
function show(cmd: Invocation, streams: readonly Stream[], tail: number, before?: readonly number[]): void {
  const { flags, io } = cmd
  const prefix = flags.bool('prefix') || flags.bool('all-pods')
  const seen = before === undefined ? streams.map(() => 0) : [...before]
  for (let round = 0; ; round++) {
    for (const [i, s] of streams.entries()) {
      const text = fetchLog(cmd, s, round === 0 && !flags.bool('follow') ? tail : -1)
      let fresh = text.slice(seen[i] ?? 0)
      seen[i] = text.length
      if (round === 0 && flags.bool('follow') && tail >= 0) fresh = lastLines(fresh, tail)
      if (fresh !== '') io.out(prefix ? fresh.split('\n').map((l, k, a) => (k === a.length - 1 && l === '' ? '' : `[pod/${s.pod.metadata.name}/${s.container}] ${l}`)).join('\n') : fresh)
    }
    if (!flags.bool('follow')) return
    io.sleep(POLL)
    const alive = streams.some(({ pod, container }) => isRunning(cmd, pod, container))
    if (!alive) return
    io.again({ streams, seen: [...seen] } satisfies Followed)
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

/** Prints what a container prints, until it ends. */
export function follow(cmd: Invocation, pod: Thing, container: string, before = 0, askedBefore = false): void {
  let seen = before
  let asked = askedBefore
  for (;;) {
    const response = cmd.api.try({ verb: 'get', path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log`, query: { container } })
    const text = response.code === 200 ? textOf(response.body) : ''
    cmd.io.out(text.slice(seen))
    seen = Math.max(seen, text.length)
    if (!isRunning(cmd, pod, container)) return
    // With a terminal at both ends, Ctrl-C is typed into the container.
    const raw = cmd.flags.has('tty') && cmd.flags.bool('tty') && cmd.flags.bool('stdin')
    if (cmd.io.sleep(POLL, raw) === 'interrupted') {
      // A first process ignores what it does not handle, and would hold the line for ever: the second Ctrl-C hangs up.
      if (asked) throw new Fail([], 130)
      asked = true
      cmd.api.try({ verb: 'create', path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/attach`, query: { container, stdin: 'true', tty: 'true' }, body: { command: [], stdin: '\u0003' } })
    }
    if (cmd.path === 'kubectl attach') cmd.io.again({ pod, container, seen, asked } satisfies Attached)
  }
}

function lastLines(text: string, n: number): string {
  const lines = text.split('\n')
  const ends = lines.at(-1) === '' ? 1 : 0
  return n === 0 ? '' : lines.slice(Math.max(0, lines.length - n - ends)).join('\n')
}

function isRunning({ api }: Invocation, pod: Thing, container: string): boolean {
  const now = api.try({ verb: 'get', path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}` })
  if (now.code !== 200 || now.body.metadata.uid !== pod.metadata.uid) return false
  const statuses = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'].flatMap((k) => listAt<{ name: string; state?: Record<string, unknown> }>(now.body, 'status', k))
  return statuses.find((s) => s.name === container)?.state?.['terminated'] === undefined
}

function fetchLog({ api, flags, io }: Invocation, { pod, container }: Stream, tail: number): string {
  const query: Record<string, string> = { container }
  if (flags.bool('previous')) query['previous'] = 'true'
  if (tail >= 0) query['tailLines'] = String(tail)
  if (flags.has('since')) query['sinceSeconds'] = String(Math.ceil(flags.duration('since') / 1e6))
  if (flags.has('since-time')) {
    if (parseTime(flags.string('since-time')) === undefined) throw fail(`parsing time ${JSON.stringify(flags.string('since-time'))} as "2006-01-02T15:04:05Z07:00": cannot parse`)
    query['sinceTime'] = flags.string('since-time')
  }
  if (flags.bool('timestamps')) query['timestamps'] = 'true'
  if (flags.has('limit-bytes')) query['limitBytes'] = flags.string('limit-bytes')
  const response = api.try({ verb: 'get', path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log`, query })
  if (response.code !== 200) {
    if (flags.bool('ignore-errors')) {
      io.err(`error: ${wordsOf(problemOf(response))}\n`)
      return ''
    }
    throw new Fail([problemOf(response)])
  }
  return textOf(response.body)
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
