import type { Node, Pod } from '../api'
import { quantityMilliValue, quantityValue } from '../apimachinery'
import type { Checker } from './checker'

/** No node holds pods whose requests are more than it can give: CPU, memory, and the number of pods. */
export const nodeCapacity: Checker = {
  name: 'node-capacity',
  start: () => null,
  check(view) {
    const used = new Map<string, { cpu: number; memory: number; pods: number }>()
    for (const pod of view.objects<Pod>('pods')) {
      const node = pod.spec?.nodeName
      if (!node || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue
      // Who names a node himself is told by its kubelet whether there is room.
      if (!pod.status?.startTime && !pod.status?.conditions?.some((c) => c.type === 'PodScheduled' && c.status === 'True')) continue
      const sum = used.get(node) ?? { cpu: 0, memory: 0, pods: 0 }
      used.set(node, sum)
      sum.pods++
      for (const c of pod.spec?.containers ?? []) {
        sum.cpu += quantityMilliValue(c.resources?.requests?.cpu)
        sum.memory += quantityValue(c.resources?.requests?.memory)
      }
    }
    const wrong: string[] = []
    for (const node of view.objects<Node>('nodes')) {
      const sum = used.get(node.metadata.name)
      const has = node.status?.allocatable
      if (sum === undefined || has === undefined) continue
      if (sum.cpu > quantityMilliValue(has.cpu)) wrong.push(`${node.metadata.name}: ${sum.cpu}m CPU requested of ${has.cpu}`)
      if (sum.memory > quantityValue(has.memory)) wrong.push(`${node.metadata.name}: ${sum.memory} bytes requested of ${has.memory}`)
      if (sum.pods > quantityValue(has.pods)) wrong.push(`${node.metadata.name}: ${sum.pods} pods of ${has.pods}`)
    }
    return wrong
  },
}
