import { parseImage } from './image'
import type { ContainerSpec } from './program'
import { isCommand } from './shell/commands'
import { systems } from './systems'

/** Images whose entrypoint is a tool: arguments alone go to it. */
const entrypoints: Readonly<Record<string, string>> = { stress: 'stress', 'stress-ng': 'stress-ng', curl: 'curl', whalesay: 'cowsay', fortune: 'fortune' }

/** True for images whose entrypoint is a tool. */
export function hasToolEntrypoint(base: string): boolean {
  return Object.hasOwn(entrypoints, base)
}

/** True when a command line is for the shell's interpreter: a shell, or a command that it knows. */
export function isShellCommand(argv: readonly string[]): boolean {
  const name = argv[0]
  return name !== undefined && isCommand(name.slice(name.lastIndexOf('/') + 1))
}

/** The command line of a container's first process. */
export function argvOf(spec: ContainerSpec): readonly string[] {
  const base = parseImage(spec.image).base
  if (spec.command.length > 0) return [...spec.command, ...spec.args]
  const entry = Object.hasOwn(entrypoints, base) ? entrypoints[base] : undefined
  // A tool's image with a shell as its argument: the entrypoint scripts of such images run it.
  if (entry !== undefined && !isShellCommand(spec.args)) return [entry, ...spec.args]
  return systems.has(base) || isShellCommand(spec.args) ? spec.args : []
}
