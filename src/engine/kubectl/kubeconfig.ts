import type { Flags } from './flags'
import { newKubeconfig, type Kubeconfig, type Machine } from './shell/machine'

/** Key of the kubeconfig that a command uses: '' is the machine's own. KUBECONFIG is not looked at. */
const keyOf = (machine: Machine, flags: Flags): string => (flags.has('kubeconfig') ? machine.path(flags.string('kubeconfig')) : '')

/** The kubeconfig that a command uses. One that was never written is as the machine's own. */
export function kubeconfigOf(machine: Machine, flags: Flags): Kubeconfig {
  return machine.kubeconfigs[keyOf(machine, flags)] ?? machine.kubeconfigs[''] ?? newKubeconfig()
}

/** Changes the kubeconfig that a command uses. */
export function setKubeconfig(machine: Machine, flags: Flags, config: Kubeconfig): void {
  const key = keyOf(machine, flags)
  if (Object.keys(machine.kubeconfigs).length < 20 || key in machine.kubeconfigs) machine.kubeconfigs = { ...machine.kubeconfigs, [key]: config }
}
