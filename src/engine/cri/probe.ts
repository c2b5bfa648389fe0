import type { Ctx } from '../sim'
import { programNamed } from '../workloads'
import { componentHealth } from './components'
import { ioOf } from './io'
import { execIn } from './exec'
import { loadOf } from './serve'
import type { ContainerdState, PodSandbox, RunningContainer } from './state'
import type { CriResult, ProbeAction } from './types'

/** Tries a probe on a running container. Texts as the kubelet's probers give them. Upstream: pkg/probe/{http,tcp,exec,grpc} */
export function probeContainer(state: ContainerdState, pod: PodSandbox, container: RunningContainer | undefined, probe: ProbeAction, ctx: Ctx): CriResult {
  if (container === undefined || container.view.state !== 'running') return { ok: false, output: 'container not running' }
  if (probe.kind === 'exec') {
    const result = execIn(state, pod, container, probe.command, probe.timeout, ctx)
    // What cannot be executed is no verdict on the container.
    if (result.error !== undefined) return { ok: false, error: `rpc error: code = Unknown desc = ${result.error}` }
    return { ok: result.code === 0, output: result.output }
  }
  const program = programNamed(container.program)
  const io = ioOf(container, ctx, pod)
  const address = `${(probe.kind === 'http' && probe.host) || pod.ip}:${probe.port}`
  if (!program.listens(container.programState, io, probe.port)) {
    const refused = `dial tcp ${address}: connect: connection refused`
    if (probe.kind === 'http') return { ok: false, output: `Get "${probe.scheme.toLowerCase()}://${address}${probe.path}": ${refused}` }
    return { ok: false, output: probe.kind === 'grpc' ? `timeout: failed to connect service "${address}" within ${probe.timeout / 1_000_000}s: context deadline exceeded` : refused }
  }
  if (probe.kind !== 'http') return { ok: true, output: '' }
  // A server with more work than it can do answers late.
  if ((loadOf(container, ctx.now)?.wait ?? 0) > probe.timeout) return { ok: false, output: `Get "${probe.scheme.toLowerCase()}://${address}${probe.path}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)` }
  const gateway = `${pod.ip.slice(0, pod.ip.lastIndexOf('.'))}.1`
  const { status } = componentHealth(container, probe.path, ctx) ?? program.http(container.programState, io, { method: 'GET', port: probe.port, path: probe.path, agent: 'kube-probe/1.36', from: gateway })
  if (status === 0) return { ok: false, output: `Get "${probe.scheme.toLowerCase()}://${address}${probe.path}": EOF` }
  return status >= 200 && status < 400 ? { ok: true, output: '' } : { ok: false, output: `HTTP probe failed with statuscode: ${status}` }
}
