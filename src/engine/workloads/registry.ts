import { parseImage } from './image'
import type { ContainerSpec, Program } from './program'
import { emulatedProgram } from './emulated'
import { genericServer, servers } from './servers'

/** Programs by their name, as a container's record keeps it. */
const byName = new Map<string, Program>()
for (const p of [...Object.values(servers), genericServer, emulatedProgram as Program]) byName.set(p.name, p)

/** The program of that name. */
export function programNamed(name: string): Program {
  return byName.get(name) ?? genericServer
}

/** Which program a container runs: what its command names, else what its image is, else the stand-in. */
export function programFor(spec: ContainerSpec): Program {
  const executable = spec.command[0]
  if (executable !== undefined) {
    const known = servers[executable.slice(executable.lastIndexOf('/') + 1)]
    if (known) return known
  }
  return servers[parseImage(spec.image).base] ?? genericServer
}
