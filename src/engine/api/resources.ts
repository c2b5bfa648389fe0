/** How a kind is addressed over REST. One row per built-in resource; the registry of kube-apiserver adds behaviour to each. */
export interface ResourceInfo {
  /** Plural name as in paths, e.g. `pods`. */
  readonly resource: string
  readonly kind: string
  /** API group; empty for the core group. */
  readonly group: string
  readonly version: string
  readonly namespaced: boolean
}

const row = (group: string, version: string, kind: string, resource: string, namespaced = true): ResourceInfo => Object.freeze({ resource, kind, group, version, namespaced })

/** All built-in resources of the model, in discovery order. */
export const resources: readonly ResourceInfo[] = [
  row('', 'v1', 'ConfigMap', 'configmaps'),
  row('', 'v1', 'Endpoints', 'endpoints'),
  row('', 'v1', 'Event', 'events'),
  row('', 'v1', 'LimitRange', 'limitranges'),
  row('', 'v1', 'Namespace', 'namespaces', false),
  row('', 'v1', 'Node', 'nodes', false),
  row('', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  row('', 'v1', 'PersistentVolume', 'persistentvolumes', false),
  row('', 'v1', 'Pod', 'pods'),
  row('', 'v1', 'PodTemplate', 'podtemplates'),
  row('', 'v1', 'ReplicationController', 'replicationcontrollers'),
  row('', 'v1', 'ResourceQuota', 'resourcequotas'),
  row('', 'v1', 'Secret', 'secrets'),
  row('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  row('', 'v1', 'Service', 'services'),
  row('admissionregistration.k8s.io', 'v1', 'MutatingAdmissionPolicy', 'mutatingadmissionpolicies', false),
  row('admissionregistration.k8s.io', 'v1', 'MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings', false),
  row('admissionregistration.k8s.io', 'v1', 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', false),
  row('admissionregistration.k8s.io', 'v1', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', false),
  row('admissionregistration.k8s.io', 'v1', 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', false),
  row('admissionregistration.k8s.io', 'v1', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', false),
  row('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', 'customresourcedefinitions', false),
  row('apiregistration.k8s.io', 'v1', 'APIService', 'apiservices', false),
  row('apps', 'v1', 'ControllerRevision', 'controllerrevisions'),
  row('apps', 'v1', 'DaemonSet', 'daemonsets'),
  row('apps', 'v1', 'Deployment', 'deployments'),
  row('apps', 'v1', 'ReplicaSet', 'replicasets'),
  row('apps', 'v1', 'StatefulSet', 'statefulsets'),
  row('autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
  row('batch', 'v1', 'CronJob', 'cronjobs'),
  row('batch', 'v1', 'Job', 'jobs'),
  row('certificates.k8s.io', 'v1', 'CertificateSigningRequest', 'certificatesigningrequests', false),
  row('coordination.k8s.io', 'v1', 'Lease', 'leases'),
  row('discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices'),
  row('flowcontrol.apiserver.k8s.io', 'v1', 'FlowSchema', 'flowschemas', false),
  row('flowcontrol.apiserver.k8s.io', 'v1', 'PriorityLevelConfiguration', 'prioritylevelconfigurations', false),
  row('networking.k8s.io', 'v1', 'IngressClass', 'ingressclasses', false),
  row('networking.k8s.io', 'v1', 'Ingress', 'ingresses'),
  row('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies'),
  row('networking.k8s.io', 'v1', 'ServiceCIDR', 'servicecidrs', false),
  row('node.k8s.io', 'v1', 'RuntimeClass', 'runtimeclasses', false),
  row('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  row('rbac.authorization.k8s.io', 'v1', 'ClusterRoleBinding', 'clusterrolebindings', false),
  row('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', false),
  row('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings'),
  row('rbac.authorization.k8s.io', 'v1', 'Role', 'roles'),
  row('resource.k8s.io', 'v1', 'DeviceClass', 'deviceclasses', false),
  row('resource.k8s.io', 'v1', 'ResourceClaim', 'resourceclaims'),
  row('resource.k8s.io', 'v1', 'ResourceClaimTemplate', 'resourceclaimtemplates'),
  row('resource.k8s.io', 'v1', 'ResourceSlice', 'resourceslices', false),
  row('scheduling.k8s.io', 'v1', 'PriorityClass', 'priorityclasses', false),
  row('storage.k8s.io', 'v1', 'CSIDriver', 'csidrivers', false),
  row('storage.k8s.io', 'v1', 'CSINode', 'csinodes', false),
  row('storage.k8s.io', 'v1', 'CSIStorageCapacity', 'csistoragecapacities'),
  row('storage.k8s.io', 'v1', 'StorageClass', 'storageclasses', false),
  row('storage.k8s.io', 'v1', 'VolumeAttachment', 'volumeattachments', false),
  row('storage.k8s.io', 'v1', 'VolumeAttributesClass', 'volumeattributesclasses', false),
]

/** Kinds of beta versions that are served when `--runtime-config` and a feature gate ask for it, with the gate. */
export const gatedResources: readonly (readonly [info: ResourceInfo, gate: string])[] = [
  [row('certificates.k8s.io', 'v1beta1', 'ClusterTrustBundle', 'clustertrustbundles', false), 'ClusterTrustBundle'],
  [row('certificates.k8s.io', 'v1beta1', 'PodCertificateRequest', 'podcertificaterequests'), 'PodCertificateRequest'],
  [row('coordination.k8s.io', 'v1beta1', 'LeaseCandidate', 'leasecandidates'), 'CoordinatedLeaderElection'],
]

const all = [...resources, ...gatedResources.map(([info]) => info)]
const byResource = new Map(all.map((r) => [r.resource, r]))
const byKind = new Map(all.map((r) => [`${r.group}/${r.kind}`, r]))

/** The row of a plural name. Undefined when it is not built in. */
export function resourceInfo(resource: string): ResourceInfo | undefined {
  return byResource.get(resource)
}

/** The row of a kind in a group (`''` is core). */
export function resourceOfKind(group: string, kind: string): ResourceInfo | undefined {
  return byKind.get(`${group}/${kind}`)
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(info: { readonly group: string; readonly version: string }): string {
  return info.group === '' ? info.version : `${info.group}/${info.version}`
}

/** REST path of a built-in resource. Leave `name` out for the collection, `namespace` out for all namespaces or cluster scope. */
export function resourcePath(resource: string, namespace?: string, name?: string, subresource?: string): string {
  const info = byResource.get(resource)
  if (info === undefined) throw new Error(`unknown resource ${resource}`)
  return pathOf(info, namespace, name, subresource)
}

/** REST path of any resource, custom ones too. */
export function pathOf(info: Pick<ResourceInfo, 'group' | 'version' | 'resource' | 'namespaced'>, namespace?: string, name?: string, subresource?: string): string {
  let path = info.group === '' ? `/api/${info.version}` : `/apis/${info.group}/${info.version}`
  if (info.namespaced && namespace) path += `/namespaces/${namespace}`
  path += `/${info.resource}`
  if (name) path += `/${name}`
  if (subresource) path += `/${subresource}`
  return path
}
