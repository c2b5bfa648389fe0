import { goQuote, parseGoDuration } from '../../apimachinery'
import type { LaunchVerdict } from '../../cri'
import { controllers, type ManagerParams, type ManagerSettings } from '../../kube-controller-manager'
import { clientProblem } from './clients'
import { isOn, listOf, type CommandLine } from './command-line'
import { commandFailed, securePort, type Launch } from './launch'

/** Names of v1.36 for the controllers of this model, and for those that it has not. Upstream: cmd/kube-controller-manager/names/controller_names.go */
const names: Readonly<Record<string, string>> = {
  'deployment-controller': 'deployment', 'replicaset-controller': 'replicaset', 'replicationcontroller-controller': 'replicationcontroller', 'daemonset-controller': 'daemonset', 'statefulset-controller': 'statefulset', 'job-controller': 'job', 'cronjob-controller': 'cronjob',
  'ttl-after-finished-controller': 'ttlafterfinished', 'endpointslice-controller': 'endpointslice', 'endpoints-controller': 'endpoints', 'endpointslice-mirroring-controller': 'endpointslicemirroring', 'horizontal-pod-autoscaler-controller': 'horizontalpodautoscaling', 'disruption-controller': 'disruption',
  'namespace-controller': 'namespace', 'serviceaccount-controller': 'serviceaccount', 'root-ca-certificate-publisher-controller': 'root-ca-cert-publisher', 'garbage-collector-controller': 'garbagecollector', 'pod-garbage-collector-controller': 'podgc', 'persistentvolume-binder-controller': 'persistentvolume-binder',
  'persistentvolumeclaim-protection-controller': 'pvc-protection', 'persistentvolume-protection-controller': 'pv-protection', 'persistentvolume-attach-detach-controller': 'attachdetach', 'persistentvolume-expander-controller': 'persistentvolume-expander', 'ephemeral-volume-controller': 'ephemeral-volume', 'resourcequota-controller': 'resourcequota', 'clusterrole-aggregation-controller': 'clusterrole-aggregation', 'node-ipam-controller': 'nodeipam', 'ttl-controller': 'ttl', 'node-lifecycle-controller': 'nodelifecycle',
  'taint-eviction-controller': 'tainteviction', 'bootstrap-signer-controller': 'bootstrapsigner', 'token-cleaner-controller': 'tokencleaner', 'service-lb-controller': 'service', 'node-route-controller': 'route', 'cloud-node-lifecycle-controller': 'cloud-node-lifecycle', 'certificatesigningrequest-signing-controller': 'csrsigning', 'certificatesigningrequest-approving-controller': 'csrapproving', 'certificatesigningrequest-cleaner-controller': 'csrcleaner',
  'serviceaccount-token-controller': 'serviceaccount-token', 'legacy-serviceaccount-token-cleaner-controller': 'legacy-service-account-token-cleaner', 'resourceclaim-controller': 'resource-claim-controller', 'validatingadmissionpolicy-status-controller': 'validatingadmissionpolicy-status', 'storageversion-garbage-collector-controller': 'storage-version-gc', 'service-cidr-controller': 'service-cidr-controller', 'storage-version-migrator-controller': 'storage-version-migrator', 'selinux-warning-controller': 'selinux-warning', 'kube-apiserver-serving-clustertrustbundle-publisher-controller': 'kube-apiserver-serving-clustertrustbundle-publisher', 'podcertificaterequest-cleaner-controller': 'podcertificaterequest-cleaner', 'device-taint-eviction-controller': 'device-taint-eviction',
}

/** Off unless they are named. Upstream: controller descriptors with isDisabledByDefault */
const offByDefault = new Set(['bootstrap-signer-controller', 'token-cleaner-controller', 'selinux-warning-controller'])

const upstreamName = (given: string): string | undefined => (Object.hasOwn(names, given) ? given : Object.keys(names).find((n) => names[n] === given))

/** The last of the list that says something about a controller counts for it, the star for those that are not named. Upstream: controller-manager/pkg/genericcontrollermanager IsControllerEnabled */
function disabled(line: CommandLine): { readonly off: readonly string[] } | { readonly error: string } {
  const given = line.values.has('controllers') ? listOf(line, 'controllers') : ['*']
  const asked = new Map<string, boolean>()
  for (const word of given) {
    if (word === '*') continue
    const name = upstreamName(word.startsWith('-') ? word.slice(1) : word)
    if (name === undefined) return { error: `${goQuote(word.startsWith('-') ? word.slice(1) : word)} is not in the list of known controllers` }
    if (!asked.has(name)) asked.set(name, !word.startsWith('-'))
  }
  const star = given.includes('*')
  const isEnabled = (name: string): boolean => asked.get(name) ?? (star && !offByDefault.has(name))
  const off = Object.keys(names).filter((n) => !isEnabled(n))
  return { off: controllers.map((c) => c.name).filter((own) => off.some((n) => n === upstreamName(ownAlias[own] ?? own))) }
}

/** This model's names where they are not upstream's short ones. */
const ownAlias: Readonly<Record<string, string>> = { 'horizontal-pod-autoscaler': 'horizontalpodautoscaling', replication: 'replicationcontroller', pvcprotection: 'pvc-protection', pvprotection: 'pv-protection', clusterroleaggregation: 'clusterrole-aggregation', 'root-ca-certificate-publisher': 'root-ca-cert-publisher' }

/** Settings that this model has a meaning for. */
function settingsOf({ values }: CommandLine): ManagerSettings {
  const micros = (name: string): number | undefined => (values.has(name) ? parseGoDuration(values.get(name) as string) : undefined)
  const threshold = values.get('terminated-pod-gc-threshold')
  return {
    nodeMonitorPeriod: micros('node-monitor-period'), nodeMonitorGracePeriod: micros('node-monitor-grace-period'), nodeStartupGracePeriod: micros('node-startup-grace-period'),
    terminatedPodThreshold: threshold === undefined ? undefined : Number(threshold),
  }
}

/** What kube-controller-manager does with its command line. Upstream: cmd/kube-controller-manager/app */
export function launchControllerManager(launch: Launch): LaunchVerdict {
  const { line } = launch
  const known = disabled(line)
  if ('error' in known) return commandFailed(known.error)
  const settings = settingsOf(line)
  if ((settings.nodeMonitorGracePeriod ?? 50_000_000) <= (settings.nodeMonitorPeriod ?? 5_000_000)) return commandFailed('NodeMonitorGracePeriod should be greater than the value of NodeMonitorPeriod')
  const params: ManagerParams = { contained: true, disabled: known.off, leaderElect: isOn(line, 'leader-elect', true), settings }
  return clientProblem(launch, 'kube-controller-manager', 10257) ?? { ports: [securePort(line, 10257)], params }
}
