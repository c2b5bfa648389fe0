import type { Ctx } from '../sim'
import type { MachineShell, ProgramIO } from '../workloads'
import { machineShell } from './machine'
import { request } from './request'
import { mostLogBytes, mostLogLines, type PodSandbox, type RunningContainer } from './state'

/** The machine, where its whole file system is mounted. */
function machineOf(container: RunningContainer, ctx: Ctx): MachineShell | undefined {
  for (const m of container.files.mounts) if (m.sub === '' && m.volume.source.kind === 'host') return machineShell(m.path, ctx)
  return undefined
}

/** What a program may use while it runs in this container. Without its pod nothing can be asked of the network. */
export function ioOf(container: RunningContainer, ctx: Ctx, pod?: PodSandbox): ProgramIO {
  const print = (text: string) => appendLog(container, ctx.wallMicros(), text)
  return {
    now: ctx.now, wall: ctx.wallMicros(), files: container.files, spec: container.spec, ip: pod?.ip ?? '',
    draw: (n) => ctx.rng.below(n), out: print, err: print, request: (to) => request(pod, to, (other) => ioOf(other, ctx, pod), ctx),
    machine: machineOf(container, ctx),
  }
}

/** Longest piece of a line in a log. Upstream: containerd max_container_log_line_size 16 KiB */
const mostPartial = 16_384

/** Writes to a container's log; lines are cut at \n. */
export function appendLog(container: RunningContainer, at: number, text: string): void {
  const parts = (container.partial + text).split('\n')
  container.partial = parts.pop() as string
  container.logBytes = Math.min(container.logBytes + text.length, mostLogBytes)
  for (const line of parts) container.log.push(Object.freeze({ at, text: line }))
  if (container.partial.length > mostPartial) {
    container.log.push(Object.freeze({ at, text: container.partial, partial: true }))
    container.partial = ''
  }
  if (container.log.length > 2 * mostLogLines) container.log = container.log.slice(-mostLogLines)
}
