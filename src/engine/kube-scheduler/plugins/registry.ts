import type { Profile } from '../framework/plugin'
import { Framework } from '../framework/framework'
import { defaultBinder } from './default-binder'
import { defaultPreemption } from './default-preemption'
import { dynamicResources } from './dynamic-resources'
import { imageLocality } from './image-locality'
import { interPodAffinity } from './inter-pod-affinity'
import { nodeAffinity } from './node-affinity'
import { nodeName } from './node-name'
import { nodePorts } from './node-ports'
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation'
import { nodeResourcesFit } from './node-resources-fit'
import { nodeUnschedulable } from './node-unschedulable'
import { nodeVolumeLimits } from './node-volume-limits'
import { podTopologySpread } from './pod-topology-spread'
import { prioritySort } from './priority-sort'
import { schedulingGates } from './scheduling-gates'
import { taintToleration } from './taint-toleration'
import { volumeBinding } from './volume-binding'
import { volumeRestrictions } from './volume-restrictions'
import { volumeZone } from './volume-zone'

/** The default profile: order of plugins and weights as upstream's. A new plugin is one line here. Upstream: apis/config/v1/default_plugins.go */
export const defaultProfile: Profile = {
  schedulerName: 'default-scheduler',
  percentageOfNodesToScore: 0,
  plugins: [
    { plugin: schedulingGates, weight: 0 },
    { plugin: prioritySort, weight: 0 },
    { plugin: nodeUnschedulable, weight: 0 },
    { plugin: nodeName, weight: 0 },
    { plugin: taintToleration, weight: 3 },
    { plugin: nodeAffinity, weight: 2 },
    { plugin: nodePorts, weight: 0 },
    { plugin: nodeResourcesFit, weight: 1 },
    { plugin: volumeRestrictions, weight: 0 },
    { plugin: nodeVolumeLimits, weight: 0 },
    { plugin: volumeBinding, weight: 0 },
    { plugin: volumeZone, weight: 0 },
    { plugin: podTopologySpread, weight: 2 },
    { plugin: interPodAffinity, weight: 2 },
    { plugin: dynamicResources, weight: 0 },
    { plugin: defaultPreemption, weight: 0 },
    { plugin: nodeResourcesBalancedAllocation, weight: 1 },
    { plugin: imageLocality, weight: 1 },
    { plugin: defaultBinder, weight: 0 },
  ],
}

/** All profiles; a pod is scheduled by the one that its schedulerName names, or by nobody here. */
export const profiles: readonly Profile[] = [defaultProfile]

const frameworks = new Map(profiles.map((p) => [p.schedulerName, new Framework(p)]))

/** The framework of the profile that is responsible for a scheduler name. */
export function frameworkFor(schedulerName: string | undefined): Framework | undefined {
  return frameworks.get(schedulerName || defaultProfile.schedulerName)
}
