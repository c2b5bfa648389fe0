import { parseImage } from './image'
import type { ContainerSpec, Program } from './program'
import { emulatedProgram } from './emulated'
import { genericServer, servers } from './servers'
import { argvOf, hasToolEntrypoint, isShellCommand } from './argv'
import { isKnownSystem, noSuchProgram, notInside, systems } from './systems'
import { componentProgram } from './component'
import { shellProgram } from './shell/program'

/** Programs by their name, as a container's record keeps it. */
const byName = new Map<string, Program>()
for (const p of [...Object.values(servers), genericServer, emulatedProgram as Program, shellProgram as Program, componentProgram as Program]) byName.set(p.name, p)

/** The program of that name. */
export function programNamed(name: string): Program {
  return byName.get(name) ?? genericServer
}

/** Images that run as somebody else than root. */
const unprivileged = new Set(['nginx-unprivileged', 'http-echo', 'kuard', 'prometheus', 'grafana', 'curl', 'node-exporter', 'coredns', 'pause', 'metrics-server', 'elasticsearch', 'cassandra'])

/** Executables that bear a server's name and are its client. */
const clients = new Set(['mysql', 'mariadb', 'mongo'])

/** Which program a container runs: what its command names, else what its image is, else the stand-in. */
export function programFor(spec: ContainerSpec): Program {
  const base = parseImage(spec.image).base
  const argv = argvOf(spec)
  const executable = argv[0]
  if (executable !== undefined) {
    const name = executable.slice(executable.lastIndexOf('/') + 1)
    const known = Object.hasOwn(servers, name) ? servers[name] : undefined
    if (known && name !== 'echo' && !clients.has(name)) return known
    // `python -m http.server` and the like are servers; a one-liner is over at once.
    if (/^(python3?|node|ruby|php)$/.test(name) && !argv.includes('-c') && !argv.includes('-e')) return genericServer
    if (isShellCommand(argv)) return shellProgram as Program
    if (systems.has(base)) return shellProgram as Program
  } else if (systems.has(base) || hasToolEntrypoint(base)) return shellProgram as Program
  // agnhost is many servers in one.
  const own = base === 'agnhost' && Object.hasOwn(servers, spec.args[0] ?? '') ? (spec.args[0] as string) : base
  return (Object.hasOwn(servers, own) ? servers[own] : undefined) ?? genericServer
}

/** Why a container's first process cannot be executed, in runc's words; undefined when it can. Only images whose commands are all known can be judged. */
export function startError(spec: ContainerSpec): string | undefined {
  const name = spec.command[0] ?? spec.args[0]
  const base = parseImage(spec.image).base
  const missing = spec.command[0] === undefined ? undefined : notInside(spec.image, spec.command[0])
  if (missing !== undefined) return missing
  if (name === undefined || (spec.command.length === 0 && !systems.has(base)) || !isKnownSystem(spec.image)) return undefined
  if (isShellCommand([name]) || name.startsWith('/') || Object.hasOwn(servers, name) || /^(python3?|node|ruby|php|java|npm|pip|go|gunicorn|flask|uvicorn)$/.test(name)) return undefined
  return noSuchProgram(name)
}

/** Whether an image's own user is root. */
export function runsAsRoot(image: string): boolean {
  const { base, repository } = parseImage(image)
  return !unprivileged.has(base) && !repository.startsWith('bitnami/') && !repository.includes('distroless/')
}
