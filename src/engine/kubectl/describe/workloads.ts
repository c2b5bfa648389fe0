import { controllerOf, deepEqual, humanDuration, parseTime } from '../../apimachinery'
import { at, listAt, mapAt, textAt, withField, type Thing } from '../api'
import type { Describer, Describing } from './describer'
import { controlledBy } from './pod'
import { podTemplate } from './pod-template'
import { classOf } from './volumes'
import { bool, mapText, orUnset, rfc1123z, selectorQuery, selectorText, type Writer } from './writer'

/** Pods that an owner controls, by phase. */
function podsStatus({ api, object }: Describing, selector: string): string {
  const pods = api.listOrNone(`/api/v1/namespaces/${object.metadata.namespace}/pods`, selector === '' ? undefined : { labelSelector: selector }).filter((p) => controllerOf(p)?.uid === object.metadata.uid)
  const count = (phase: string): number => pods.filter((p) => textAt(p, 'status', 'phase') === phase).length
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`
}

const template = (object: Thing): Thing | undefined => at<Thing>(object, 'spec', 'template')

/** Upstream: describe.go describeDeployment */
export const deployment: Describer = (d) => {
  const { w, api, object } = d
  const { spec, status, metadata } = object
  w.field('Name', metadata.name)
  w.field('Namespace', metadata.namespace)
  w.field('CreationTimestamp', rfc1123z(metadata.creationTimestamp ?? ''))
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  w.field('Selector', selectorText(at(spec, 'selector')))
  const n = (key: string): string => textAt(status, key) || '0'
  w.field('Replicas', `${textAt(spec, 'replicas')} desired | ${n('updatedReplicas')} updated | ${n('replicas')} total | ${n('availableReplicas')} available | ${n('unavailableReplicas')} unavailable`)
  w.field('StrategyType', textAt(spec, 'strategy', 'type'))
  w.field('MinReadySeconds', textAt(spec, 'minReadySeconds') || '0')
  const rolling = at(spec, 'strategy', 'rollingUpdate')
  if (rolling !== undefined) w.field('RollingUpdateStrategy', `${textAt(rolling, 'maxUnavailable')} max unavailable, ${textAt(rolling, 'maxSurge')} max surge`)
  podTemplate(w, template(object))
  w.conditions(object)
  const query = selectorQuery(at(spec, 'selector'))
  const sets = api.listOrNone(`/apis/apps/v1/namespaces/${metadata.namespace}/replicasets`, query === '' ? undefined : { labelSelector: query }).filter((rs) => controllerOf(rs)?.uid === metadata.uid)
    .toSorted((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : (a.metadata.creationTimestamp ?? '') > (b.metadata.creationTimestamp ?? '') ? 1 : a.metadata.name < b.metadata.name ? -1 : 1))
  const bare = (t: unknown): unknown => withField(t as object, ['metadata', 'labels', 'pod-template-hash'], undefined)
  const current = sets.find((rs) => deepEqual(bare(template(rs)), bare(template(object))))
  const list = (some: readonly Thing[]): string => some.map((rs) => `${rs.metadata.name} (${textAt(rs, 'status', 'replicas') || 0}/${textAt(rs, 'spec', 'replicas')} replicas created)`).join(', ') || '<none>'
  if (sets.length > 0) {
    w.field('OldReplicaSets', list(sets.filter((rs) => rs !== current)))
    w.field('NewReplicaSet', list(current === undefined ? [] : [current]))
  }
  w.events(d.events())
}

/** Upstream: describe.go describeReplicaSet, describeReplicationController */
export const replicaSet: Describer = (d) => {
  const { w, object } = d
  const old = object.kind === 'ReplicationController'
  const selector = at(object, 'spec', 'selector')
  w.field('Name', object.metadata.name)
  w.field('Namespace', object.metadata.namespace)
  w.field('Selector', old ? mapText(mapAt(object, 'spec', 'selector')) : selectorText(selector))
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  if (!old && controlledBy(object) !== '') w.field('Controlled By', controlledBy(object))
  w.field('Replicas', `${textAt(object, 'status', 'replicas') || 0} current / ${textAt(object, 'spec', 'replicas')} desired`)
  w.field('Pods Status', podsStatus(d, old ? mapText(mapAt(object, 'spec', 'selector')) : selectorQuery(selector)))
  podTemplate(w, template(object))
  w.conditions(object)
  w.events(d.events())
}

/** Upstream: describe.go describeDaemonSet */
export const daemonSet: Describer = (d) => {
  const { w, object } = d
  const { spec, status } = object
  w.field('Name', object.metadata.name)
  w.field('Namespace', object.metadata.namespace)
  w.field('Selector', selectorText(at(spec, 'selector')))
  w.field('Node-Selector', mapText(mapAt(template(object), 'spec', 'nodeSelector')))
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  const n = (key: string): string => textAt(status, key) || '0'
  w.line(0, `Desired Number of Nodes Scheduled: ${n('desiredNumberScheduled')}`)
  w.line(0, `Current Number of Nodes Scheduled: ${n('currentNumberScheduled')}`)
  w.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${n('updatedNumberScheduled')}`)
  w.line(0, `Number of Nodes Scheduled with Available Pods: ${n('numberAvailable')}`)
  w.line(0, `Number of Nodes Misscheduled: ${n('numberMisscheduled')}`)
  w.field('Pods Status', podsStatus(d, selectorQuery(at(spec, 'selector'))))
  podTemplate(w, template(object))
  w.events(d.events())
}

/** Upstream: describe.go describeStatefulSet */
export const statefulSet: Describer = (d) => {
  const { w, object } = d
  const { spec, status, metadata } = object
  w.field('Name', metadata.name)
  w.field('Namespace', metadata.namespace)
  w.field('CreationTimestamp', rfc1123z(metadata.creationTimestamp ?? ''))
  w.field('Selector', selectorText(at(spec, 'selector')))
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  w.field('Replicas', `${textAt(spec, 'replicas')} desired | ${textAt(status, 'replicas') || 0} total`)
  w.field('Update Strategy', textAt(spec, 'updateStrategy', 'type'))
  const rolling = at(spec, 'updateStrategy', 'rollingUpdate')
  if (rolling !== undefined) {
    if (at(rolling, 'partition') !== undefined) w.field('Partition', textAt(rolling, 'partition'), 1)
    if (at(rolling, 'partition') !== undefined && at(rolling, 'maxUnavailable') !== undefined) w.field('MaxUnavailable', textAt(rolling, 'maxUnavailable'), 1)
  }
  w.field('Pods Status', podsStatus(d, selectorQuery(at(spec, 'selector'))))
  podTemplate(w, template(object))
  const claims = listAt(spec, 'volumeClaimTemplates')
  if (claims.length === 0) w.line(0, 'Volume Claims:\t<none>')
  else {
    w.line(0, 'Volume Claims:')
    for (const c of claims) {
      w.field('Name', c.metadata.name, 1)
      w.field('StorageClass', classOf(c), 1)
      w.labels('  Labels', mapAt(c, 'metadata', 'labels'))
      w.labels('  Annotations', mapAt(c, 'metadata', 'annotations'))
      w.field('Capacity', textAt(c, 'spec', 'resources', 'requests', 'storage') || '<default>', 1)
      w.field('Access Modes', `[${listAt<string>(c, 'spec', 'accessModes').join(' ')}]`, 1)
    }
  }
  w.events(d.events())
}

/** Upstream: describe.go capIndexesListOrNone */
function capped(indexes: string): string {
  if (indexes === '') return '<none>'
  const comma = indexes.indexOf(',', 50)
  return comma < 0 ? indexes : `${indexes.slice(0, comma + 1)}...`
}

/** Upstream: describe.go describeJob */
export const job: Describer = (d) => {
  const { w, object } = d
  const { spec, status, metadata } = object
  w.field('Name', metadata.name)
  w.field('Namespace', metadata.namespace)
  if (at(spec, 'selector') !== undefined) w.field('Selector', selectorText(at(spec, 'selector')))
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  if (controlledBy(object) !== '') w.field('Controlled By', controlledBy(object))
  if (at(spec, 'parallelism') !== undefined) w.field('Parallelism', textAt(spec, 'parallelism'))
  w.field('Completions', orUnset(at(spec, 'completions')))
  if (textAt(spec, 'completionMode') !== '') w.field('Completion Mode', textAt(spec, 'completionMode'))
  if (at(spec, 'suspend') !== undefined) w.field('Suspend', String(at(spec, 'suspend')))
  if (at(spec, 'backoffLimit') !== undefined) w.field('Backoff Limit', textAt(spec, 'backoffLimit'))
  if (at(spec, 'ttlSecondsAfterFinished') !== undefined) w.field('TTL Seconds After Finished', textAt(spec, 'ttlSecondsAfterFinished'))
  const [start, end] = [textAt(status, 'startTime'), textAt(status, 'completionTime')]
  if (start !== '') w.field('Start Time', rfc1123z(start))
  if (end !== '') w.field('Completed At', rfc1123z(end))
  if (start !== '' && end !== '') w.field('Duration', humanDuration(((parseTime(end) ?? 0) - (parseTime(start) ?? 0)) / 1e6))
  if (at(spec, 'activeDeadlineSeconds') !== undefined) w.field('Active Deadline Seconds', `${textAt(spec, 'activeDeadlineSeconds')}s`)
  const n = (key: string): string => textAt(status, key) || '0'
  w.field('Pods Statuses', `${n('active')} Active${at(status, 'ready') === undefined ? '' : ` (${n('ready')} Ready)`} / ${n('succeeded')} Succeeded / ${n('failed')} Failed`)
  if (textAt(spec, 'completionMode') === 'Indexed') w.field('Completed Indexes', capped(textAt(status, 'completedIndexes')))
  podTemplate(w, template(object))
  w.events(d.events())
}

/** Upstream: describe.go describeCronJob */
export const cronJob: Describer = (d) => {
  const { w, object } = d
  const { spec, status } = object
  w.meta(object)
  w.field('Schedule', textAt(spec, 'schedule'))
  w.field('Concurrency Policy', textAt(spec, 'concurrencyPolicy'))
  w.field('Suspend', at(spec, 'suspend') === undefined ? '<unset>' : bool(at(spec, 'suspend')))
  w.field('Time Zone', orUnset(at(spec, 'timeZone')))
  w.field('Successful Job History Limit', orUnset(at(spec, 'successfulJobsHistoryLimit')))
  w.field('Failed Job History Limit', orUnset(at(spec, 'failedJobsHistoryLimit')))
  w.field('Starting Deadline Seconds', at(spec, 'startingDeadlineSeconds') === undefined ? '<unset>' : `${textAt(spec, 'startingDeadlineSeconds')}s`)
  const inner = at(spec, 'jobTemplate', 'spec')
  w.field('Selector', at(inner, 'selector') === undefined ? '<unset>' : selectorText(at(inner, 'selector')))
  w.field('Parallelism', orUnset(at(inner, 'parallelism')))
  w.field('Completions', orUnset(at(inner, 'completions')))
  if (at(inner, 'activeDeadlineSeconds') !== undefined) w.field('Active Deadline Seconds', `${textAt(inner, 'activeDeadlineSeconds')}s`)
  podTemplate(w, at<Thing>(inner, 'template'))
  w.field('Last Schedule Time', textAt(status, 'lastScheduleTime') === '' ? '<unset>' : rfc1123z(textAt(status, 'lastScheduleTime')))
  const active = listAt<{ name: string }>(status, 'active')
  w.field('Active Jobs', active.map((a) => a.name).join(', ') || '<none>')
  w.events(d.events())
}

/** Upstream: describe.go describePodDisruptionBudget */
export const podDisruptionBudget: Describer = (d) => {
  const { w, object } = d
  const { spec, status } = object
  w.field('Name', object.metadata.name)
  w.field('Namespace', object.metadata.namespace)
  if (at(spec, 'minAvailable') !== undefined) w.field('Min available', textAt(spec, 'minAvailable'))
  else if (at(spec, 'maxUnavailable') !== undefined) w.field('Max unavailable', textAt(spec, 'maxUnavailable'))
  w.field('Selector', at(spec, 'selector') === undefined ? '<unset>' : selectorText(at(spec, 'selector')))
  w.line(0, 'Status:')
  const n = (title: string, key: string): void => w.line(2, `${title}:\t${textAt(status, key) || 0}`)
  n('Allowed disruptions', 'disruptionsAllowed')
  n('Current', 'currentHealthy')
  n('Desired', 'desiredHealthy')
  n('Total', 'expectedPods')
  w.events(d.events())
}

/** `resource cpu on pods …:\tnow / wanted` */
function metricText(m: Thing, current: Thing | undefined): string {
  const type = textAt(m, 'type')
  const key = type === 'ContainerResource' ? 'containerResource' : type.toLowerCase()
  const name = textAt(m, key, 'metric', 'name')
  const now = (field: string): string => textAt(current, key, 'current', field) || '<unknown>'
  const wanted = (field: string): string => textAt(m, key, 'target', field)
  const average = `(target average value):\t${now('averageValue')} / ${wanted('averageValue')}`
  const value = `(target value):\t${now('value')} / ${wanted('value')}`
  switch (type) {
    case 'External':
      return `"${name}" ${wanted('averageValue') === '' ? value : average}`
    case 'Pods':
      return `"${name}" on pods:\t${now('averageValue')} / ${wanted('averageValue')}`
    case 'Object':
      return `"${name}" on ${textAt(m, key, 'describedObject', 'kind')}/${textAt(m, key, 'describedObject', 'name')} ${wanted('type') === 'AverageValue' ? average : value}`
    case 'Resource':
    case 'ContainerResource': {
      const of = `resource ${textAt(m, key, 'name')}${type === 'Resource' ? '' : ` of container "${textAt(m, key, 'container')}"`} on pods`
      if (wanted('averageValue') !== '') return `${of}:\t${now('averageValue')} / ${wanted('averageValue')}`
      const used = now('averageUtilization')
      return `${of}  (as a percentage of request):\t${used === '<unknown>' ? used : `${used}% (${textAt(current, key, 'current', 'averageValue')})`} / ${wanted('averageUtilization') === '' ? '<auto>' : `${wanted('averageUtilization')}%`}`
    }
    default:
      return `<unknown metric type "${type}">`
  }
}

/** Upstream: describe.go printDirectionBehavior */
function behavior(w: Writer, direction: string, rules: Thing | undefined): void {
  if (rules === undefined) return
  w.line(1, `${direction}:`)
  if (at(rules, 'stabilizationWindowSeconds') !== undefined) w.line(2, `Stabilization Window: ${textAt(rules, 'stabilizationWindowSeconds')} seconds`)
  const policies = listAt(rules, 'policies')
  if (policies.length === 0) return
  w.line(2, `Select Policy: ${textAt(rules, 'selectPolicy') || 'Max'}`)
  w.line(2, 'Policies:')
  for (const p of policies) w.line(3, `- Type: ${textAt(p, 'type')}\tValue: ${textAt(p, 'value')}\tPeriod: ${textAt(p, 'periodSeconds')} seconds`)
}

/** Upstream: describe.go describeHorizontalPodAutoscalerV2 */
export const horizontalPodAutoscaler: Describer = (d) => {
  const { w, object } = d
  const { spec, status } = object
  w.meta(object)
  w.field('CreationTimestamp', rfc1123z(object.metadata.creationTimestamp ?? ''))
  w.field('Reference', `${textAt(spec, 'scaleTargetRef', 'kind')}/${textAt(spec, 'scaleTargetRef', 'name')}`)
  w.field('Metrics', '( current / target )')
  for (const [i, m] of listAt(spec, 'metrics').entries()) w.line(1, metricText(m, listAt(status, 'currentMetrics')[i]))
  w.field('Min replicas', orUnset(at(spec, 'minReplicas')))
  w.field('Max replicas', textAt(spec, 'maxReplicas'))
  if (at(spec, 'behavior') !== undefined) {
    w.line(0, 'Behavior:')
    behavior(w, 'Scale Up', at<Thing>(spec, 'behavior', 'scaleUp'))
    behavior(w, 'Scale Down', at<Thing>(spec, 'behavior', 'scaleDown'))
  }
  w.field(`${textAt(spec, 'scaleTargetRef', 'kind')} pods`, `${textAt(status, 'currentReplicas') || 0} current / ${textAt(status, 'desiredReplicas') || 0} desired`)
  const conditions = listAt(status, 'conditions')
  if (conditions.length > 0) {
    w.text += 'Conditions:\n  Type\tStatus\tReason\tMessage\n  ----\t------\t------\t-------\n'
    for (const c of conditions) w.line(1, `${textAt(c, 'type')}\t${textAt(c, 'status')}\t${textAt(c, 'reason')}\t${textAt(c, 'message')}`)
  }
  w.events(d.events())
}
