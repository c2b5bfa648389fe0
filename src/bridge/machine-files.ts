import type { Cluster } from '../engine/cluster'
import type { MachineState, ShellState } from '../engine/kubectl'

/** The machine that lines are typed on; undefined before the first line. */
export function machineOf(cluster: Cluster): MachineState | undefined {
  return cluster.sim.stateOf<ShellState>('shell')?.machine
}

/** A path as it is from the root. */
export const homeOf = (path: string, cwd: string): string => (path.startsWith('~') ? `/home/you${path.slice(1)}` : path.startsWith('/') ? path : `${cwd}/${path}`)

/** Text of a file of the machine; null when there is none. */
export function fileText(cluster: Cluster, path: string): string | null {
  const machine = machineOf(cluster)
  return machine?.files[homeOf(path, machine.cwd)] ?? null
}

/** Paths of all files of the machine, sorted. */
export function filePaths(cluster: Cluster): readonly string[] {
  return Object.keys(machineOf(cluster)?.files ?? {}).filter((f) => !f.endsWith('/')).toSorted()
}
