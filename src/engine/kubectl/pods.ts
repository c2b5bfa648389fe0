import { listAt, textAt, type Thing } from './api'
import { Fail, fail, problemOf } from './errors'
import { byActivity, podsSelected, selectorOf } from './pods-behind'
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

/** Runs a command in a container through the API server. Errors: as kubectl says them. */
export function execIn({ api, namespace }: Invocation, pod: Thing, container: string, command: readonly string[], stdin?: string): ExecResult {
  const response = api.try({ verb: 'create', path: `/api/v1/namespaces/${pod.metadata.namespace ?? namespace}/pods/${pod.metadata.name}/exec`, query: { container }, body: { command, ...(stdin === undefined ? {} : { stdin }) } })
  if (response.code >= 300 || response.code === 0) {
    const problem = problemOf(response)
    throw 'status' in problem && response.code >= 500 ? fail(`Internal error occurred: ${(problem.status.message ?? '').replace(/^Internal error occurred: /, '')}`) : new Fail([problem])
  }
  const body = response.body as unknown as Partial<ExecResult> | string
  return typeof body === 'string' ? { stdout: body, stderr: '', exitCode: 0 } : { stdout: body.stdout ?? '', stderr: body.stderr ?? '', exitCode: body.exitCode ?? 0 }
}

const SHELL = /^(?:\/usr)?(?:\/bin\/)?(?:sh|bash|ash|zsh)$/

/** Whether a command line is a shell that reads what is typed. */
export const isShell = (command: readonly string[]): boolean => SHELL.test(command[0] ?? '') && command.slice(1).every((a) => /^-[il]+$/.test(a))

/** A shell in a container: each typed line is run; directory and variables are carried from line to line. Answers the exit code. */
export function shellIn(cmd: Invocation, pod: Thing, container: string, shell: string): number {
  const { io } = cmd
  const probe = execIn(cmd, pod, container, [shell, '-c', 'pwd'])
  if (probe.exitCode !== 0) {
    io.out(probe.stdout)
    io.err(`${probe.stderr}command terminated with exit code ${probe.exitCode}\n`)
    return probe.exitCode
  }
  let cwd = probe.stdout.trim() || '/'
  let vars = ''
  let code = 0
  const mark = '\u0001'
  for (;;) {
    const line = io.prompt(shell.endsWith('bash') ? `root@${pod.metadata.name}:${cwd}# ` : `${cwd} # `)
    if (line === null || /^\s*exit\b/.test(line)) {
      const given = Number(/^\s*exit\s+(\d+)/.exec(line ?? '')?.[1] ?? code)
      if (given !== 0) io.err(`command terminated with exit code ${given}\n`)
      return given
    }
    if (line.trim() === '') continue
    const ran = execIn(cmd, pod, container, [shell, '-c', `cd '${cwd}'\n${vars}${line}\nr=$?\necho "${mark}$r ${mark}$PWD"`])
    const at = ran.stdout.lastIndexOf(`${mark}`, ran.stdout.lastIndexOf(mark) - 1)
    const [, status, path] = at < 0 ? [] : ran.stdout.slice(at).split('\n', 1)[0]?.split(mark) ?? []
    io.out(at < 0 ? ran.stdout : ran.stdout.slice(0, at))
    io.err(ran.stderr)
    code = Number(status ?? ran.exitCode)
    if (path !== undefined && path !== '') cwd = path
    if (/^\s*(export\s+)?[A-Za-z_]\w*=\S*\s*$/.test(line) && vars.length < 4000) vars += `${line.trim()}\n`
  }
}
