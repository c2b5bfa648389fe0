import type { Plugin } from '../framework/plugin'

/** Orders the queue: higher priority first, then the older. Upstream: plugins/queuesort/priority_sort.go */
export const prioritySort: Plugin = {
  name: 'PrioritySort',
  less(a, b) {
    if (a.pod.priority !== b.pod.priority) return a.pod.priority > b.pod.priority
    if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp
    return a.seq < b.seq
  },
}
