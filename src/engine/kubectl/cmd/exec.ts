import { Fail, fail } from '../errors'
import { flagSpecs } from '../flags'
import { converse } from '../converse'
import { chosenContainer, containerOf, execIn, podNamed, sayTo } from '../pods'
import { listAt, type Thing } from '../api'
import type { Command, Invocation } from '../verb'
import { follow, type Attached } from './logs'

/** `kubectl exec`. Upstream: kubectl/pkg/cmd/exec/exec.go */
export const exec: Command = {
  name: 'exec',
  complete: 'pod',
  flags: flagSpecs('container/c:string filename/f:list pod-running-timeout:duration=1m0s quiet/q stdin/i tty/t'),
  run(cmd) {
    const { flags, args, io } = cmd
    const kept = io.memory<Held | null>(null)
    if (kept !== null) return typed(cmd, kept)
    const dash = flags.dash
    const [name] = args
    if ((name === undefined || dash === 0) && !flags.has('filename')) throw fail('pod, type/name or --filename must be specified')
    const command = dash < 0 ? args.slice(1) : args.slice(dash)
    if (command.length === 0) throw fail('you must specify at least one command for the container')
    if (dash < 0) throw fail('exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee \'kubectl exec -h\' for help and examples')
    const { pod } = podNamed(cmd, name as string)
    const phase = pod.status?.['phase']
    if (phase === 'Succeeded' || phase === 'Failed') throw fail(`cannot exec into a container in a completed pod; current phase is ${phase}`)
    const container = chosenContainer(cmd, pod)
    if (flags.bool('stdin') && io.stdin === undefined) return typed(cmd, { pod, container, command, session: '' })
    noTerminal(cmd)
    const result = execIn(cmd, pod, container, command, flags.bool('stdin') ? (io.stdin ?? '') : undefined)
    io.out(result.stdout)
    io.err(result.stderr)
    return ended(result.exitCode)
  },
}

/** What a command that is typed into keeps while it forgets its answers. */
interface Held {
  readonly pod: Thing
  readonly container: string
  readonly command: readonly string[]
  readonly session: string
}

/** Runs a command that reads what is typed. */
function typed(cmd: Invocation, { pod, container, command, session }: Held): number {
  return ended(converse(cmd.io, (id, text) => sayTo(cmd, pod, container, command, id, text), (id) => cmd.io.again({ pod, container, command, session: id } satisfies Held), session))
}

function ended(code: number): number {
  if (code !== 0) throw new Fail([{ text: `command terminated with exit code ${code}`, bare: true }], code)
  return 0
}

/** -t without a terminal to read from. Upstream: exec.go SetupTTY */
function noTerminal({ flags, io }: Invocation): void {
  if (flags.bool('stdin') && flags.bool('tty') && !flags.bool('quiet') && io.stdin !== undefined) io.err('Unable to use a TTY - input is not a terminal or the right kind of file\n')
}

/** Follows what a container prints from now on; with -i what is typed goes to it. */
export function attachTo(cmd: Invocation, pod: Thing, container: string): number {
  noTerminal(cmd)
  if (cmd.flags.bool('stdin') && !cmd.flags.bool('quiet')) cmd.io.err("All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\nIf you don't see a command prompt, try pressing enter.\n")
  follow(cmd, pod, container)
  sessionEnded(cmd, pod, container)
  return 0
}

/** Upstream: attach.go reattachMessage */
function sessionEnded({ flags, io }: Invocation, pod: Thing, container: string): void {
  if (!flags.bool('stdin') || !flags.bool('tty') || flags.bool('quiet') || io.stdin !== undefined) return
  const again = `kubectl attach ${pod.metadata.name} -c ${container} -n ${pod.metadata.namespace} -i -t`
  const ephemeral = listAt<{ name: string }>(pod, 'spec', 'ephemeralContainers').some((c) => c.name === container)
  io.out(ephemeral ? `Session ended, the ephemeral container will not be restarted but may be reattached using '${again}' if it is still running\n` : `Session ended, resume using '${again}' command\n`)
}

/** `kubectl attach`. Upstream: kubectl/pkg/cmd/attach/attach.go */
export const attach: Command = {
  name: 'attach',
  complete: 'pod',
  flags: flagSpecs('container/c:string detach-keys:string=ctrl-p,ctrl-q pod-running-timeout:duration=1m0s quiet/q stdin/i tty/t'),
  run(cmd) {
    const kept = cmd.io.memory<Attached | null>(null)
    if (kept !== null) return follow(cmd, kept.pod, kept.container, kept.seen, kept.asked)
    const [name] = cmd.args
    if (name === undefined) throw fail('at least 1 argument is required for attach\nSee \'kubectl attach -h\' for help and examples')
    if (cmd.args.length > 2) throw fail(`expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${cmd.args.length}: [${cmd.args.join(' ')}]\nSee 'kubectl attach -h' for help and examples`)
    const { pod } = podNamed(cmd, cmd.args[1] === undefined ? name : `${name}/${cmd.args[1]}`)
    const phase = pod.status?.['phase']
    if (phase === 'Succeeded' || phase === 'Failed') throw fail(`cannot attach a container in a completed pod; current phase is ${String(phase)}`)
    containerOf(pod, cmd.flags.string('container'))
    return attachTo(cmd, pod, chosenContainer(cmd, pod))
  },
}
