import type { Ctx } from '../sim'
import { programNamed } from '../workloads'
import { ioOf } from './container'
import type { PodSandbox, RunningContainer } from './state'
import type { CriResult, ProbeAction } from './types'

/** Runs a command inside a running container. Until images bring a shell of their own, only files can be looked at. */
export type Exec = (container: RunningContainer, command: readonly string[], timeout: number, ctx: Ctx) => CriResult

/** Tries a probe on a running container. Texts as the kubelet's probers give them. Upstream: pkg/probe/{http,tcp,exec,grpc} */
export function probeContainer(pod: PodSandbox, container: RunningContainer | undefined, probe: ProbeAction, exec: Exec, ctx: Ctx): CriResult {
  if (container === undefined || container.view.state !== 'running') return { ok: false, output: 'container not running' }
  if (probe.kind === 'exec') {
    const result = exec(container, probe.command, probe.timeout, ctx)
    return { ok: result.code === 0, output: result.output, error: result.error }
  }
  const program = programNamed(container.program)
  const io = ioOf(container, ctx)
  const address = `${pod.ip}:${probe.port}`
  if (!program.listens(container.programState, io, probe.port)) {
    const refused = `dial tcp ${address}: connect: connection refused`
    if (probe.kind === 'http') return { ok: false, output: `Get "${probe.scheme.toLowerCase()}://${address}${probe.path}": ${refused}` }
    return { ok: false, output: probe.kind === 'grpc' ? `timeout: failed to connect service "${address}" within ${probe.timeout / 1_000_000}s: context deadline exceeded` : refused }
  }
  if (probe.kind !== 'http') return { ok: true, output: '' }
  const code = program.http(container.programState, io, probe.port, probe.path)
  if (code === 0) return { ok: false, output: `Get "${probe.scheme.toLowerCase()}://${address}${probe.path}": EOF` }
  return code >= 200 && code < 400 ? { ok: true, output: '' } : { ok: false, output: `HTTP probe failed with statuscode: ${code}` }
}
