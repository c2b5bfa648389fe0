import type { PodDisruptionBudget } from '../../api'
import type { PodInfo } from '../backend/pod-info'
import { Action } from '../framework/events'
import { fitErrorText } from '../framework/fit-error'
import type { Diagnosis, Handle, Plugin } from '../framework/plugin'
import { findCandidates, pickCandidate, preemptionNotHelpful } from '../framework/preemption'
import { unresolvable, unschedulable } from '../framework/status'

const name = 'DefaultPreemption'
const gated = unresolvable(name, 'waiting for the preemption for this pod to be finished')

/** Why a pod may not preempt others; '' when it may. Upstream: PodEligibleToPreemptOthers */
export function notEligible(pod: PodInfo, diagnosis: Pick<Diagnosis, 'refused' | 'absent'>, h: Pick<Handle, 'snapshot'>): string {
  if (pod.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const nominated = pod.pod.status?.nominatedNodeName
  if (!nominated) return ''
  if ((diagnosis.refused.get(nominated) ?? diagnosis.absent)?.code === 'UnschedulableAndUnresolvable') return ''
  const leaving = h.snapshot.node(nominated)?.pods.some((p) => p.priority < pod.priority && p.deleting && p.pod.status?.conditions?.some((c) => c.type === 'DisruptionTarget' && c.status === 'True' && c.reason === 'PreemptionByScheduler'))
  return leaving ? 'not eligible due to a terminating pod on the nominated node.' : ''
}

/** Makes room by removing pods of lower priority. Upstream: plugins/defaultpreemption, framework/preemption */
export const defaultPreemption: Plugin = {
  name,
  // A pod whose victims are on their way out is let in again by their deletion.
  events: [{ resource: 'AssignedPod', action: Action.Delete }],

  preEnqueue(pod, h) {
    return h.preempting.has(pod.uid) ? gated : undefined
  },

  postFilter(cycle, pod, diagnosis, h) {
    const why = notEligible(pod, diagnosis, h)
    if (why !== '') return { status: unschedulable(name, `preemption: ${why}`) }
    const all = h.snapshot.list()
    const potential = all.filter((n) => diagnosis.refused.get(n.name)?.code === 'Unschedulable')
    const budgets = [...h.objects<PodDisruptionBudget>('poddisruptionbudgets').list()]
    const { found, statuses } = findCandidates(cycle, pod, potential, budgets, h.cloneCycle, h)
    const best = pickCandidate(found)
    if (best !== undefined) return { status: undefined, nominate: best.node, victims: best.victims }
    return { status: unschedulable(name, `preemption: ${fitErrorText(all.length, statuses, { absent: preemptionNotHelpful })}`), nominate: '' }
  },
}
