import type { Micros } from '../sim'
import { programNamed, type ContainerUsage } from '../workloads'
import type { ContainerdState } from './state'

/** What a node's containers use now, by the programs' models. */
export function nodeUsage(state: ContainerdState, now: Micros): ContainerUsage {
  let cpuMillis = 0
  let memoryBytes = 0
  for (const pod of state.pods.values()) {
    const u = podUsage(state, pod.uid, now)
    cpuMillis += u.cpuMillis
    memoryBytes += u.memoryBytes
  }
  return { cpuMillis, memoryBytes }
}

/** What one pod's containers use now. */
export function podUsage(state: ContainerdState, uid: string, now: Micros): ContainerUsage {
  let cpuMillis = 0
  let memoryBytes = 0
  for (const c of state.pods.get(uid)?.containers ?? []) {
    if (c.view.state !== 'running') continue
    const u = programNamed(c.program).usage(c.programState, now)
    cpuMillis += u.cpuMillis
    memoryBytes += u.memoryBytes
  }
  return { cpuMillis, memoryBytes }
}
