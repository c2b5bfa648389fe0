import type { Plugin } from '../framework/plugin'
import { skip, status, unschedulable } from '../framework/status'

const noClaims = unschedulable('DynamicResources', 'no new claims to deallocate')
const noState = status('Error', 'DynamicResources', 'not found')

/**
 * Resource claims of devices are not modelled. What is: the words that this plugin adds to every failure, since it is asked before
 * preemption ("not found" when an earlier PreFilter ended the attempt, so that its own never ran). Upstream: plugins/dynamicresources
 */
export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  preFilter(cycle) {
    cycle.write('DynamicResources', true)
    return skip
  },
  postFilter(cycle) {
    return { status: cycle.read('DynamicResources') ? noClaims : noState }
  },
}
