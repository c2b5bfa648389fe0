import type { StepRow } from '../../bridge/protocol'

/** What a person does to the cluster that mends or adds, as against what breaks. */
const mends: ReadonlySet<string> = new Set(['node-up', 'node-add', 'heal', 'kubelet-start', 'kube-proxy-start', 'component-up', 'restart'])

/** True for a step that went wrong or broke something. */
export function isBad(step: StepRow): boolean {
  return step.failed || (step.kind === 'fault' && !mends.has(step.verb))
}
