import type { Node, Toleration } from '../../api'
import { Action } from '../framework/events'
import { defaultNormalize } from '../framework/normalize'
import type { Plugin } from '../framework/plugin'
import { unresolvable, type PluginStatus } from '../framework/status'
import { tolerated, untoleratedTaint } from '../framework/taints'
import type { PodInfo } from '../backend/pod-info'

const refused: PluginStatus = unresolvable('TaintToleration', 'node(s) had untolerated taint(s)')

/** Taints that a pod does not tolerate keep it away, or (PreferNoSchedule) make a node worse. Upstream: plugins/tainttoleration */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  events: [
    {
      resource: 'Node', action: Action.Add | Action.UpdateNodeTaint,
      hint: (pod, _event, old, now) => {
        const tolerations = pod.pod.spec.tolerations
        const was = old !== undefined && untoleratedTaint((old as Node).spec.taints, tolerations) === undefined
        return untoleratedTaint((now as Node).spec.taints, tolerations) === undefined && !was
      },
    },
    { resource: 'UnscheduledPod', action: Action.UpdatePodToleration, hint: (pod, _event, _old, now) => (now as PodInfo).uid === pod.uid },
  ],
  filter(_cycle, pod, node) {
    const taints = node.node.spec.taints
    return taints === undefined || untoleratedTaint(taints, pod.pod.spec.tolerations) === undefined ? undefined : refused
  },
  preScore(cycle, pod) {
    cycle.write('TaintToleration', (pod.pod.spec.tolerations ?? []).filter((t) => !t.effect || t.effect === 'PreferNoSchedule'))
    return undefined
  },
  score(cycle, _pod, node) {
    const taints = node.node.spec.taints
    if (taints === undefined) return 0
    const tolerations = cycle.read<readonly Toleration[]>('TaintToleration')
    let n = 0
    for (const t of taints) if (t.effect === 'PreferNoSchedule' && !tolerated(t, tolerations)) n++
    return n
  },
  normalize(_cycle, _pod, _nodes, scores) {
    defaultNormalize(scores, true)
  },
}
