import { Action } from '../framework/events'
import type { Plugin } from '../framework/plugin'
import { unresolvable } from '../framework/status'

const refused = unresolvable('NodeName', "node(s) didn't match the requested node name")

/** A pod that names its node goes nowhere else. Upstream: plugins/nodename */
export const nodeName: Plugin = {
  name: 'NodeName',
  events: [{ resource: 'Node', action: Action.Add }],
  filter(_cycle, pod, node) {
    const wanted = pod.pod.spec.nodeName
    return wanted === undefined || wanted === '' || wanted === node.name ? undefined : refused
  },
}
