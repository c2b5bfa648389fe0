import { Action } from '../framework/events'
import type { Plugin } from '../framework/plugin'
import { unresolvable } from '../framework/status'
import type { PodInfo } from '../backend/pod-info'

/** Keeps pods out of the queues until their scheduling gates are gone. Upstream: plugins/schedulinggates */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  events: [{ resource: 'UnscheduledPod', action: Action.UpdatePodSchedulingGatesEliminated, hint: (pod, _event, _old, now) => (now as PodInfo).uid === pod.uid }],
  preEnqueue(pod) {
    const gates = pod.pod.spec.schedulingGates
    if (gates === undefined || gates.length === 0) return undefined
    return unresolvable('SchedulingGates', `waiting for scheduling gates: [${gates.map((g) => g.name).join(' ')}]`)
  },
}
