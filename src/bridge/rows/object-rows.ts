import type { DaemonSet, Deployment, EndpointSlice, Job, KubeObject, ReplicaSet, Service, StatefulSet } from '../../engine/cluster'
import type { ObjectRow, ServiceRow, WorkloadRow } from '../protocol'
import { session } from './pod-row'

const workloadKinds: Readonly<Record<string, WorkloadRow['kind']>> = {
  deployments: 'Deployment', replicasets: 'ReplicaSet', statefulsets: 'StatefulSet', daemonsets: 'DaemonSet', jobs: 'Job', cronjobs: 'CronJob', replicationcontrollers: 'ReplicationController',
}

/** True when objects of this resource are shown as workloads. */
export const isWorkload = (resource: string): boolean => resource in workloadKinds

/** Pods that a workload wants, has, and so on. */
function counts(resource: string, o: KubeObject): Pick<WorkloadRow, 'desired' | 'current' | 'ready' | 'updated' | 'available'> {
  switch (resource) {
    case 'daemonsets': {
      const s = (o as DaemonSet).status
      return { desired: s?.desiredNumberScheduled ?? 0, current: s?.currentNumberScheduled ?? 0, ready: s?.numberReady ?? 0, updated: s?.updatedNumberScheduled ?? 0, available: s?.numberAvailable ?? 0 }
    }
    case 'jobs': {
      const { spec, status } = o as Job
      return { desired: spec?.completions ?? spec?.parallelism ?? 1, current: status?.active ?? 0, ready: status?.ready ?? 0, updated: 0, available: status?.succeeded ?? 0 }
    }
    case 'cronjobs':
      return { desired: 0, current: (o as { status?: { active?: readonly unknown[] } }).status?.active?.length ?? 0, ready: 0, updated: 0, available: 0 }
    default: {
      const { spec, status } = o as Deployment & ReplicaSet & StatefulSet
      return { desired: spec?.replicas ?? 1, current: status?.replicas ?? 0, ready: status?.readyReplicas ?? 0, updated: status?.updatedReplicas ?? 0, available: status?.availableReplicas ?? 0 }
    }
  }
}

/** The row of a workload. */
export function workloadRow(resource: string, o: KubeObject, start: number): WorkloadRow {
  const spec = (o as Deployment).spec
  const template = resource === 'cronjobs' ? (o as unknown as { spec?: { jobTemplate?: { spec?: Deployment['spec'] } } }).spec?.jobTemplate?.spec?.template : spec?.template
  return {
    key: o.metadata.uid as string, kind: workloadKinds[resource] as WorkloadRow['kind'], namespace: o.metadata.namespace ?? '', name: o.metadata.name as string,
    owner: o.metadata.ownerReferences?.find((r) => r.controller)?.name ?? null, ...counts(resource, o),
    images: (template?.spec?.containers ?? []).map((c) => ({ container: c.name, image: c.image ?? '' })), paused: spec?.paused ?? false,
    failed: resource === 'jobs' && ((o as Job).status?.conditions ?? []).some((c) => c.type === 'Failed' && c.status === 'True'),
    createdAt: session(o.metadata.creationTimestamp, start),
  }
}

/** The row of a service, with its endpoints counted over its slices. */
export function serviceRow(s: Service, slices: readonly EndpointSlice[], start: number): ServiceRow {
  let [ready, all] = [0, 0]
  for (const slice of slices)
    for (const e of slice.endpoints ?? []) {
      all++
      if (e.conditions?.ready !== false) ready++
    }
  const ingress = s.status?.loadBalancer?.ingress?.map((i) => i.ip ?? i.hostname ?? '').join(', ')
  return {
    key: s.metadata.uid as string, namespace: s.metadata.namespace ?? '', name: s.metadata.name as string, type: s.spec?.type ?? 'ClusterIP', clusterIP: s.spec?.clusterIP ?? '',
    externalIP: s.spec?.type === 'ExternalName' ? (s.spec.externalName ?? '') : ingress || (s.spec?.externalIPs?.join(',') ?? (s.spec?.type === 'LoadBalancer' ? '<pending>' : '')),
    ports: (s.spec?.ports ?? []).map((p) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`).join(','),
    endpointsReady: ready, endpoints: all, createdAt: session(s.metadata.creationTimestamp, start),
  }
}

/** The row of any other object. */
export function objectRow(resource: string, o: KubeObject, start: number): ObjectRow {
  return { key: o.metadata.uid ?? `${resource}/${o.metadata.namespace}/${o.metadata.name}`, resource, kind: o.kind ?? '', namespace: o.metadata.namespace ?? '', name: o.metadata.name ?? '', createdAt: session(o.metadata.creationTimestamp, start) }
}
