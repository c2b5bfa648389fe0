import type { CronJob, Deployment, Pod, PodSpec } from '../../../api'
import { deepEqual, invalid, invalidObject, type FieldError, type KubeObject } from '../../../apimachinery'
import type { AdmissionAttributes, AdmissionPlugin, Refusal } from '../plugin'
import { evaluate, type Violation } from './checks'

const prefix = 'pod-security.kubernetes.io/'
const levels = ['privileged', 'baseline', 'restricted']
const modes = ['enforce', 'audit', 'warn'] as const
const controllers = new Set(['deployments', 'replicasets', 'daemonsets', 'statefulsets', 'jobs', 'cronjobs', 'replicationcontrollers', 'podtemplates'])
/** Pods looked at when a namespace's level rises. Upstream: defaultNamespaceMaxPodsToCheck */
const mostPods = 3000

/** Holds pods to the level that their namespace's labels name, and warns of controllers' templates. Upstream: pod-security-admission/admission */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  validate(a) {
    const { served, operation, subresource } = a
    if (operation === 'DELETE') return undefined
    if (served.storage === 'namespaces') return subresource === '' ? judgeNamespace(a) : undefined
    if (served.storage === 'pods') return subresource === '' || subresource === 'ephemeralcontainers' ? judgePod(a) : undefined
    if (controllers.has(served.storage) && subresource === '') {
      const template = templateOf(a.object as KubeObject)
      if (template?.spec !== undefined) warn(a, template.spec, template.metadata as KubeObject['metadata'])
    }
    return undefined
  },
}

function levelOf(ns: KubeObject | undefined, mode: (typeof modes)[number]): readonly [level: string, shown: string] {
  const labels = ns?.metadata.labels
  const level = labels?.[prefix + mode] ?? 'privileged'
  // An unknown level is taken for the strictest.
  return [levels.includes(level) ? level : 'restricted', `${level}:${labels?.[`${prefix}${mode}-version`] || 'latest'}`]
}

const detail = (found: readonly Violation[]): string => found.map((v) => (v.detail === '' ? v.reason : `${v.reason} (${v.detail})`)).join(', ')

function judgePod(a: AdmissionAttributes): Refusal | undefined {
  const { spec, metadata } = a.object as Pod
  if (a.old !== undefined && !changed(spec, (a.old as Pod).spec)) return undefined
  const [level, shown] = levelOf(a.write.get('namespaces', '', a.namespace), 'enforce')
  const found = evaluate(level, spec, metadata)
  if (found.length > 0) return `violates PodSecurity "${shown}": ${detail(found)}`
  warn(a, spec, metadata)
  return undefined
}

function warn(a: AdmissionAttributes, spec: PodSpec, metadata: KubeObject['metadata']): void {
  const [level, shown] = levelOf(a.write.get('namespaces', '', a.namespace), 'warn')
  if (level === 'privileged') return
  const found = evaluate(level, spec, metadata)
  if (found.length > 0) a.write.warn(`would violate PodSecurity "${shown}": ${detail(found)}`)
}

/** Images, tolerations and the deadline may change without a new judgement. Upstream: isSignificantPodUpdate */
function changed(a: PodSpec, b: PodSpec): boolean {
  const plain = (s: PodSpec): unknown => {
    const without = (list: PodSpec['containers'] | undefined): unknown => list?.map((c) => ({ ...c, image: '' }))
    return { ...s, containers: without(s.containers), initContainers: without(s.initContainers), tolerations: 0, activeDeadlineSeconds: 0 }
  }
  return a !== b && !deepEqual(plain(a), plain(b))
}

function templateOf(o: KubeObject): { readonly spec?: PodSpec; readonly metadata?: object } | undefined {
  const { template } = o as unknown as { template?: Deployment['spec'] }
  return ((o as CronJob).spec?.jobTemplate?.spec?.template ?? (o as Deployment).spec?.template ?? template) as { spec?: PodSpec } | undefined
}

function judgeNamespace(a: AdmissionAttributes): Refusal | undefined {
  const ns = a.object as KubeObject
  const labels = ns.metadata.labels ?? {}
  const errors: FieldError[] = []
  for (const mode of modes) {
    const level = labels[prefix + mode]
    const version = labels[`${prefix}${mode}-version`]
    if (level !== undefined && !levels.includes(level)) errors.push(invalid(`metadata.labels[${prefix}${mode}]`, level, `must be one of ${levels.join(', ')}`))
    if (version !== undefined && version !== 'latest' && !/^v1\.(0|[1-9][0-9]*)$/.test(version)) errors.push(invalid(`metadata.labels[${prefix}${mode}-version]`, version, 'must be "latest" or "v1.x"'))
  }
  // Wrong labels that were there before are tolerated.
  if (errors.length > 0 && !(a.old !== undefined && deepEqual(a.old.metadata.labels, labels))) return invalidObject({ group: '', kind: 'Namespace' }, ns.metadata.name, errors)
  if (a.old === undefined || errors.length > 0) return undefined
  const [before, shownBefore] = levelOf(a.old, 'enforce')
  const [level, shown] = levelOf(ns, 'enforce')
  if (level === 'privileged' || shown === shownBefore || levels.indexOf(level) < levels.indexOf(before)) return undefined
  const reasons = new Map<string, string[]>()
  let looked = 0
  const pods = [...a.write.list('pods', ns.metadata.name)].sort((x, y) => (x.metadata.name < y.metadata.name ? -1 : 1)) as Pod[]
  for (const pod of pods) {
    if (looked++ >= mostPods) break
    const why = evaluate(level, pod.spec, pod.metadata).map((v) => v.reason).join(', ')
    if (why !== '') reasons.set(why, [...(reasons.get(why) ?? []), pod.metadata.name])
  }
  if (reasons.size === 0) return undefined
  a.write.warn(`existing pods in namespace "${ns.metadata.name}" violate the new PodSecurity enforce level "${shown}"`)
  for (const [why, [first, ...others]] of reasons) {
    a.write.warn(`${first}${others.length === 0 ? '' : ` (and ${others.length} other ${others.length === 1 ? 'pod' : 'pods'})`}: ${why}`)
  }
  return undefined
}
