import * as cluster from './cluster'
import { certificateSigningRequest } from './csr'
import type { Mapping } from '../rest-mapper'
import type { Describer } from './describer'
import * as network from './network'
import { pod } from './pod'
import * as storage from './storage'
import * as workloads from './workloads'

/** Describer of each kind; others are shown by `cluster.generic`. */
const describers: Readonly<Record<string, Describer>> = {
  Pod: pod,
  Deployment: workloads.deployment, ReplicaSet: workloads.replicaSet, ReplicationController: workloads.replicaSet, DaemonSet: workloads.daemonSet, StatefulSet: workloads.statefulSet,
  Job: workloads.job, CronJob: workloads.cronJob, PodDisruptionBudget: workloads.podDisruptionBudget, HorizontalPodAutoscaler: workloads.horizontalPodAutoscaler,
  Service: network.service, Ingress: network.ingress, IngressClass: network.ingressClass, NetworkPolicy: network.networkPolicy, EndpointSlice: network.endpointSlice, Endpoints: network.endpointsObject,
  PersistentVolumeClaim: storage.persistentVolumeClaim, PersistentVolume: storage.persistentVolume, StorageClass: storage.storageClass, VolumeAttributesClass: storage.volumeAttributesClass, CSINode: storage.csiNode, ServiceCIDR: network.serviceCidr, IPAddress: network.ipAddress,
  Node: cluster.node, Namespace: cluster.namespace, LimitRange: cluster.limitRange, ResourceQuota: cluster.resourceQuota, ConfigMap: cluster.configMap, Secret: cluster.secret,
  ServiceAccount: cluster.serviceAccount, PriorityClass: cluster.priorityClass, Role: cluster.role, ClusterRole: cluster.role, RoleBinding: cluster.roleBinding, ClusterRoleBinding: cluster.roleBinding,
  CertificateSigningRequest: certificateSigningRequest,
}

/** The describer of a kind; custom ones may have a name that is taken. */
export const describerOf = ({ kind, custom }: Mapping): Describer => (custom ? undefined : describers[kind]) ?? cluster.generic
