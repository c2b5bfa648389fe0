import { parseImage } from './image'
import type { ContainerSpec, Program } from './program'
import { emulatedProgram } from './emulated'
import { genericServer, servers } from './servers'
import { isShellCommand, shellProgram } from './shell/program'

/** Programs by their name, as a container's record keeps it. */
const byName = new Map<string, Program>()
for (const p of [...Object.values(servers), genericServer, emulatedProgram as Program, shellProgram as Program]) byName.set(p.name, p)

/** The program of that name. */
export function programNamed(name: string): Program {
  return byName.get(name) ?? genericServer
}

/** Images of plain systems: without a command they run a shell, which ends at once for want of input. */
const systems = new Set(['busybox', 'alpine', 'ubuntu', 'debian', 'bash', 'centos', 'fedora', 'amazonlinux', 'curl', 'stress', 'stress-ng'])

/** Which program a container runs: what its command names, else what its image is, else the stand-in. */
export function programFor(spec: ContainerSpec): Program {
  const base = parseImage(spec.image).base
  // Arguments alone go to the image's entrypoint; images of plain systems have none, so there they are the command.
  const argv = spec.command.length > 0 ? [...spec.command, ...spec.args] : systems.has(base) || isShellCommand(spec.args) ? spec.args : []
  const executable = argv[0]
  if (executable !== undefined) {
    const name = executable.slice(executable.lastIndexOf('/') + 1)
    const known = Object.hasOwn(servers, name) ? servers[name] : undefined
    if (known) return known
    if (isShellCommand(argv)) return shellProgram as Program
    if (systems.has(base)) return shellProgram as Program
  } else if (systems.has(base)) return shellProgram as Program
  return (Object.hasOwn(servers, base) ? servers[base] : undefined) ?? genericServer
}
