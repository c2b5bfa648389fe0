// The registered kinds, in discovery order. One line per kind; its file holds defaults, rules and columns.
import { mutatingAdmissionPolicy, mutatingAdmissionPolicyBinding } from './admissionregistration/mutating-policies'
import { validatingAdmissionPolicy, validatingAdmissionPolicyBinding } from './admissionregistration/policies'
import { mutatingWebhookConfiguration, validatingWebhookConfiguration } from './admissionregistration/webhooks'
import { customResourceDefinition } from './apiextensions/custom-resource-definition'
import { apiService } from './apiregistration/api-service'
import { controllerRevision } from './apps/controller-revision'
import { daemonSet } from './apps/daemon-set'
import { deployment } from './apps/deployment'
import { replicaSet } from './apps/replica-set'
import { statefulSet } from './apps/stateful-set'
import { horizontalPodAutoscaler } from './autoscaling/horizontal-pod-autoscaler'
import { cronJob } from './batch/cron-job'
import { job } from './batch/job'
import { certificateSigningRequest } from './certificates/certificate-signing-request'
import { clusterTrustBundle, podCertificateRequest } from './certificates/trust'
import { lease } from './coordination/lease'
import { leaseCandidate } from './coordination/lease-candidate'
import { configMap } from './core/config-map'
import { endpoints } from './core/endpoints'
import { event } from './core/event'
import { limitRange } from './core/limit-range'
import { namespace } from './core/namespace'
import { node } from './core/node'
import { persistentVolume } from './core/persistent-volume'
import { persistentVolumeClaim } from './core/persistent-volume-claim'
import { pod } from './core/pod'
import { podTemplate } from './core/pod-template'
import { replicationController } from './core/replication-controller'
import { resourceQuota } from './core/resource-quota'
import { secret } from './core/secret'
import { service } from './core/service'
import { serviceAccount } from './core/service-account'
import { endpointSlice } from './discovery/endpoint-slice'
import { flowSchema } from './flowcontrol/flow-schema'
import { priorityLevelConfiguration } from './flowcontrol/priority-level-configuration'
import { ingress } from './networking/ingress'
import { ingressClass } from './networking/ingress-class'
import { networkPolicy } from './networking/network-policy'
import { serviceCIDR } from './networking/service-cidr'
import { runtimeClass } from './node/runtime-class'
import { podDisruptionBudget } from './policy/pod-disruption-budget'
import { clusterRole, role } from './rbac/role'
import { clusterRoleBinding, roleBinding } from './rbac/role-binding'
import { deviceClass, resourceClaim, resourceClaimTemplate, resourceSlice } from './resource/devices'
import { priorityClass } from './scheduling/priority-class'
import { csiDriver, csiNode, volumeAttachment } from './storage/csi'
import { csiStorageCapacity } from './storage/csi-storage-capacity'
import { storageClass } from './storage/storage-class'
import { volumeAttributesClass } from './storage/volume-attributes-class'
import type { ResourceStrategy } from './strategy'

/** All strategies. */
export const strategies: readonly ResourceStrategy[] = [
  configMap,
  endpoints,
  event,
  limitRange,
  namespace,
  node,
  persistentVolumeClaim,
  persistentVolume,
  pod,
  podTemplate,
  replicationController,
  resourceQuota,
  secret,
  serviceAccount,
  service,
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  mutatingWebhookConfiguration,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  validatingWebhookConfiguration,
  customResourceDefinition,
  apiService,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  horizontalPodAutoscaler,
  cronJob,
  job,
  certificateSigningRequest,
  lease,
  endpointSlice,
  flowSchema,
  priorityLevelConfiguration,
  ingressClass,
  ingress,
  networkPolicy,
  serviceCIDR,
  runtimeClass,
  podDisruptionBudget,
  clusterRoleBinding,
  clusterRole,
  roleBinding,
  role,
  deviceClass,
  resourceClaim,
  resourceClaimTemplate,
  resourceSlice,
  priorityClass,
  csiDriver,
  csiNode,
  csiStorageCapacity,
  storageClass,
  volumeAttachment,
  volumeAttributesClass,
]

/** Strategies of beta versions that a flag turns on (api/resources.ts `gatedResources`). */
export const gatedStrategies: readonly ResourceStrategy[] = [clusterTrustBundle, podCertificateRequest, leaseCandidate]

const byResource = new Map([...strategies, ...gatedStrategies].map((s) => [s.resource, s]))

/** The strategy of a built-in resource by its plural name. */
export function strategyOf(resource: string): ResourceStrategy | undefined {
  return byResource.get(resource)
}

export { hpaFromV1, hpaToV1 } from './autoscaling/v1'
export { eventFromCore, eventToCore } from './core/event-versions'
export { validateObjectMeta, validateObjectMetaUpdate } from './validation/object-meta'
export type { ResourceStrategy } from './strategy'
