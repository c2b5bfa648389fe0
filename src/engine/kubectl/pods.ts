import { at, listAt, textAt, type Thing } from './api'
import { Fail, fail, problemOf } from './errors'
import { byActivity, podsSelected, selectorOf } from './pods-behind'
import type { Turn } from './converse'
import { pathOf } from './rest-mapper'
import type { Invocation } from './verb'

/** Names of all containers of a pod, as messages list them. */
export const containerNames = (pod: Thing): readonly string[] => ['initContainers', 'containers', 'ephemeralContainers'].flatMap((k) => listAt<{ name: string }>(pod, 'spec', k).map((c) => c.name))

/** The container that a command means. Upstream: kubectl/pkg/cmd/util/podcmd */
export function containerOf(pod: Thing, wanted: string): string {
  const all = containerNames(pod)
  if (wanted !== '') {
    if (!all.includes(wanted)) throw fail(`container ${wanted} is not valid for pod ${pod.metadata.name} out of: ${containerList(pod)}`)
    return wanted
  }
  return textAt(listAt(pod, 'spec', 'containers')[0], 'name')
}

/** The container that an annotation of the pod prefers, or ''. */
export const preferredContainer = (pod: Thing): string => pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ?? ''

/** `a, b, c (init)`. Upstream: podcmd.AllContainerNames */
export function containerList(pod: Thing): string {
  const names = (field: string, mark: string): string[] => listAt<{ name: string }>(pod, 'spec', field).map((c) => c.name + mark)
  return [...names('containers', ''), ...names('ephemeralContainers', ' (ephem)'), ...names('initContainers', ' (init)')].join(', ')
}

/** The container of a pod, saying which when it was not named and there are several. Upstream: podcmd.FindOrDefaultContainerByName */
export function chosenContainer(cmd: Invocation, pod: Thing): string {
  const wanted = cmd.flags.string('container') || preferredContainer(pod)
  const name = containerOf(pod, wanted)
  if (wanted === '' && containerNames(pod).length > 1 && !cmd.flags.bool('quiet')) cmd.io.err(`Defaulted container ${JSON.stringify(name)} out of: ${containerList(pod)}\n`)
  return name
}

/** The pod that `web`, `pod/web`, `deploy/web` or `svc/web` means to exec, attach, port-forward and debug. */
export function podNamed(cmd: Invocation, arg: string): { readonly pod: Thing; readonly object: Thing } {
  const { api, mapper, namespace } = cmd
  const slash = arg.indexOf('/')
  const mapping = mapper.must(slash < 0 ? 'pods' : arg.slice(0, slash))
  const got = api.get(pathOf(mapping, namespace, arg.slice(slash + 1)))
  const object = { ...got, kind: mapping.kind }
  if (mapping.kind === 'Pod') return { pod: object, object }
  const [pod] = podsSelected(cmd, selectorOf(object, 'cannot attach to'), byActivity, cmd.flags.duration('pod-running-timeout'))
  return { pod: { apiVersion: 'v1', ...pod, kind: 'Pod' } as Thing, object }
}

/** What a command in a container gave. */
export interface ExecResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** What a command that is typed into has said. */
interface Said extends ExecResult {
  /** Undefined: it is over. */
  readonly session?: string | undefined
  readonly prompt?: string | null | undefined
}

/** Goes on with a command in a container that is typed into; begins it when `session` is empty. Errors: as kubectl says them. */
export function sayTo(cmd: Invocation, pod: Thing, container: string, command: readonly string[], session: string, text: string | undefined): Turn {
  const said = postTo(cmd, pod, 'exec', { container, session, stdin: 'true' }, { command, ...(text === undefined ? {} : { stdin: text }) })
  return { out: said.stdout, err: said.stderr, session: said.session, prompt: said.prompt ?? null, code: said.exitCode }
}

/** Types into a container's first process (nothing: only asks). Answers what stands before the place to type; null: it does not read now. Errors: the kubelet is gone, and the connection with it. */
export function typeTo(cmd: Invocation, pod: Thing, container: string, text: string): string | null {
  const response = cmd.api.try({ verb: 'create', path: `/api/v1/namespaces/${pod.metadata.namespace ?? cmd.namespace}/pods/${pod.metadata.name}/attach`, query: { container, stdin: 'true', tty: 'true' }, body: { command: [], stdin: text } })
  if (response.code > 0 && response.code < 300) return (response.body as unknown as Partial<Said>).prompt ?? null
  if (response.code === 0 || /dial tcp/.test(String(at(response.body, 'message')))) throw fail('error reading from error stream: next reader: websocket: close 1006 (abnormal closure): unexpected EOF')
  return null
}

/** Runs a command in a container through the API server. Errors: as kubectl says them. */
export function execIn(cmd: Invocation, pod: Thing, container: string, command: readonly string[], stdin?: string): ExecResult {
  return postTo(cmd, pod, 'exec', { container }, { command, ...(stdin === undefined ? {} : { stdin }) })
}

function postTo({ api, namespace }: Invocation, pod: Thing, what: string, query: Readonly<Record<string, string>>, sent: Readonly<Record<string, unknown>>): Said {
  const response = api.try({ verb: 'create', path: `/api/v1/namespaces/${pod.metadata.namespace ?? namespace}/pods/${pod.metadata.name}/${what}`, query, body: sent })
  if (response.code >= 300 || response.code === 0) {
    const problem = problemOf(response)
    throw 'status' in problem && response.code >= 500 ? fail(`Internal error occurred: ${(problem.status.message ?? '').replace(/^Internal error occurred: /, '')}`) : new Fail([problem])
  }
  const body = response.body as unknown as Partial<Said> | string
  return typeof body === 'string' ? { stdout: body, stderr: '', exitCode: 0 } : { stdout: body.stdout ?? '', stderr: body.stderr ?? '', exitCode: body.exitCode ?? 0, session: body.session, prompt: body.prompt }
}
