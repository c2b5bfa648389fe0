import type { PodRow } from '../../../bridge/protocol'

/** A pod's name as a tile shows it: the workload, and the five characters that tell it from its siblings. */
export function shortPodName(pod: PodRow): { readonly prefix: string; readonly suffix: string } {
  const match = /^(.+)-([a-z0-9]{5})$/.exec(pod.name)
  if (!match || !pod.owner || pod.owner.kind === 'StatefulSet' || pod.owner.kind === 'Node') return { prefix: '', suffix: pod.name }
  const [, stem = '', suffix = ''] = match
  const prefix = pod.owner.kind === 'ReplicaSet' ? stem.replace(/-[a-z0-9]{6,10}$/, '') : stem
  return { prefix, suffix }
}
