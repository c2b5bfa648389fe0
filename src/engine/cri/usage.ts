import type { Micros } from '../sim'
import { programNamed, type ContainerUsage } from '../workloads'
import { loadOf } from './serve'
import type { ContainerdState, RunningContainer } from './state'
import type { ContainerStats } from './types'

/** Memory that a container holds, with files in memory and what requests need. Units: bytes. */
export function memoryOf(c: RunningContainer, now: Micros): number {
  return programNamed(c.program).usage(c.programState, now).memoryBytes + c.files.memoryBytes + (loadOf(c, now)?.memoryBytes ?? 0)
}

/** What one container uses, by its program's model and the requests that were counted; its CPU is cut off at its limit. */
export function containerUsage(c: RunningContainer, now: Micros): ContainerUsage & { readonly throttledMillis: number } {
  const program = programNamed(c.program).usage(c.programState, now)
  const load = loadOf(c, now)
  const wanted = program.cpuMillis + (load?.cpuMillis ?? 0)
  const cpuMillis = c.cpuLimit > 0 ? Math.min(wanted, c.cpuLimit) : wanted
  return { cpuMillis, memoryBytes: program.memoryBytes + c.files.memoryBytes + (load?.memoryBytes ?? 0), throttledMillis: wanted - cpuMillis }
}

/** What a node's containers use now, by the programs' models; never more CPU than the machine has. */
export function nodeUsage(state: ContainerdState, now: Micros): ContainerUsage {
  let cpuMillis = 0
  let memoryBytes = 0
  for (const uid of state.pods.keys()) {
    const u = podUsage(state, uid, now)
    cpuMillis += u.cpuMillis
    memoryBytes += u.memoryBytes
  }
  return { cpuMillis: Math.min(cpuMillis, state.params.node.cpuMillis ?? Infinity), memoryBytes }
}

/** What one pod's containers use now. */
export function podUsage(state: ContainerdState, uid: string, now: Micros): ContainerUsage {
  let cpuMillis = 0
  let memoryBytes = 0
  for (const c of state.pods.get(uid)?.containers ?? []) {
    if (c.view.state !== 'running') continue
    const u = containerUsage(c, now)
    cpuMillis += u.cpuMillis
    memoryBytes += u.memoryBytes
  }
  return { cpuMillis, memoryBytes }
}

/** Every running container with what it uses. Upstream: cri-api ListContainerStats */
export function containerStats(state: ContainerdState, now: Micros): ContainerStats[] {
  const out: ContainerStats[] = []
  for (const pod of state.pods.values()) for (const c of pod.containers) if (c.view.state === 'running') out.push({ uid: pod.uid, name: c.view.name, ...containerUsage(c, now) })
  return out
}
