import { at, listAt, mapAt, textAt } from '../api'
import type { Describer } from './describer'
import { containers, resources, schedulingGroup, spread, tolerations } from './pod-template'
import { volumes } from './volumes'
import { rfc1123z } from './writer'

/** `Deployment/web`, from the controlling owner; '' without. */
export function controlledBy(object: unknown): string {
  const ref = listAt<{ kind: string; name: string; controller?: boolean }>(object, 'metadata', 'ownerReferences').find((r) => r.controller)
  return ref === undefined ? '' : `${ref.kind}/${ref.name}`
}

/** Upstream: describe.go describePod */
export const pod: Describer = ({ w, object, events }) => {
  const { spec, status, metadata } = object
  const list = events()
  w.field('Name', metadata.name)
  w.field('Namespace', metadata.namespace)
  if (at(spec, 'priority') !== undefined) w.field('Priority', textAt(spec, 'priority'))
  if (textAt(spec, 'priorityClassName') !== '') w.field('Priority Class Name', textAt(spec, 'priorityClassName'))
  if (textAt(spec, 'runtimeClassName') !== '') w.field('Runtime Class Name', textAt(spec, 'runtimeClassName'))
  if (textAt(spec, 'serviceAccountName') !== '') w.field('Service Account', textAt(spec, 'serviceAccountName'))
  w.field('Node', textAt(spec, 'nodeName') === '' ? '<none>' : `${textAt(spec, 'nodeName')}/${textAt(status, 'hostIP')}`)
  if (textAt(status, 'startTime') !== '') w.field('Start Time', rfc1123z(textAt(status, 'startTime')))
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  if (textAt(metadata, 'deletionTimestamp') !== '' && !['Failed', 'Succeeded'].includes(textAt(status, 'phase'))) {
    w.field('Status', `Terminating (lasts ${w.age(textAt(metadata, 'deletionTimestamp'))})`)
    w.field('Termination Grace Period', `${textAt(metadata, 'deletionGracePeriodSeconds')}s`)
  } else w.field('Status', textAt(status, 'phase'))
  if (textAt(status, 'reason') !== '') w.field('Reason', textAt(status, 'reason'))
  if (textAt(status, 'message') !== '') w.field('Message', textAt(status, 'message'))
  if (at(spec, 'securityContext', 'seccompProfile', 'type') !== undefined) w.field('SeccompProfile', textAt(spec, 'securityContext', 'seccompProfile', 'type'))
  if (textAt(spec, 'securityContext', 'seccompProfile', 'type') === 'Localhost') w.field('LocalhostProfile', textAt(spec, 'securityContext', 'seccompProfile', 'localhostProfile'))
  w.field('IP', textAt(status, 'podIP'))
  const ips = listAt(status, 'podIPs')
  if (ips.length === 0) w.field('IPs', '<none>')
  else {
    w.line(0, 'IPs:')
    for (const ip of ips) w.field('IP', textAt(ip, 'ip'), 1)
  }
  if (controlledBy(object) !== '') w.field('Controlled By', controlledBy(object))
  if (textAt(status, 'nominatedNodeName') !== '') w.field('NominatedNodeName', textAt(status, 'nominatedNodeName'))
  if (at(spec, 'resources') !== undefined) {
    w.line(0, 'Resources:')
    resources(w, spec as never, 1)
  }
  if (listAt(spec, 'initContainers').length > 0) containers(w, 'Init Containers', listAt(spec, 'initContainers'), listAt(status, 'initContainerStatuses'), '', object)
  containers(w, 'Containers', listAt(spec, 'containers'), listAt(status, 'containerStatuses'), '', object)
  if (listAt(spec, 'ephemeralContainers').length > 0) containers(w, 'Ephemeral Containers', listAt(spec, 'ephemeralContainers'), listAt(status, 'ephemeralContainerStatuses'), '', object)
  const gates = listAt(spec, 'readinessGates')
  const conditions = listAt(status, 'conditions')
  if (gates.length > 0) {
    w.text += 'Readiness Gates:\n  Type\tStatus\n'
    for (const g of gates) w.line(1, `${textAt(g, 'conditionType')} \t${textAt(conditions.find((c) => c['type'] === g['conditionType']), 'status') || '<none>'} `)
  }
  if (conditions.length > 0) {
    w.text += 'Conditions:\n  Type\tStatus\n'
    for (const c of conditions) w.line(1, `${textAt(c, 'type')} \t${textAt(c, 'status')} `)
  }
  volumes(w, listAt(spec, 'volumes'), '')
  w.field('QoS Class', textAt(status, 'qosClass'))
  w.labels('Node-Selectors', mapAt(spec, 'nodeSelector'))
  tolerations(w, 'Tolerations', listAt(spec, 'tolerations'))
  spread(w, listAt(spec, 'topologySpreadConstraints'), '')
  schedulingGroup(w, spec, '')
  w.events(list)
}
