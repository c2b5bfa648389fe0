import type { Node, Taint } from '../../api'
import { Action } from '../framework/events'
import type { Plugin } from '../framework/plugin'
import { unresolvable } from '../framework/status'
import { tolerated } from '../framework/taints'
import type { PodInfo } from '../backend/pod-info'

const refused = unresolvable('NodeUnschedulable', 'node(s) were unschedulable')
const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** Keeps pods away from cordoned nodes, unless they tolerate it. Upstream: plugins/nodeunschedulable */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  events: [
    { resource: 'Node', action: Action.Add | Action.UpdateNodeTaint, hint: (_pod, _event, old, now) => !(now as Node).spec.unschedulable && (old === undefined || (old as Node).spec.unschedulable === true) },
    { resource: 'UnscheduledPod', action: Action.UpdatePodToleration, hint: (pod, _event, _old, now) => (now as PodInfo).uid === pod.uid && tolerated(cordon, (now as PodInfo).pod.spec.tolerations) },
  ],
  filter(_cycle, pod, node) {
    return !node.node.spec.unschedulable || tolerated(cordon, pod.pod.spec.tolerations) ? undefined : refused
  },
}
