import type { Controller } from './controller'
import { attachDetachController } from './attachdetach'
import { csrSigningController } from './certificates'
import { clusterRoleAggregationController } from './clusterroleaggregation'
import { cronJobController } from './cronjob'
import { daemonSetController } from './daemon'
import { deploymentController } from './deployment'
import { disruptionController } from './disruption'
import { endpointsController } from './endpoint'
import { endpointSliceController } from './endpointslice'
import { endpointSliceMirroringController } from './endpointslicemirroring'
import { ephemeralVolumeController } from './ephemeral'
import { expandController } from './expand'
import { garbageCollector } from './garbagecollector'
import { horizontalPodAutoscalerController } from './podautoscaler'
import { jobController } from './job'
import { namespaceController } from './namespace'
import { nodeIpamController } from './nodeipam'
import { nodeLifecycleController } from './nodelifecycle'
import { persistentVolumeController } from './persistentvolume'
import { podGCController } from './podgc'
import { pvcProtectionController } from './pvcprotection'
import { pvProtectionController } from './pvprotection'
import { replicaSetController, replicationController } from './replicaset'
import { resourceQuotaController } from './resourcequota'
import { rootCACertPublisher, serviceAccountController } from './serviceaccount'
import { tokensController } from './serviceaccount/tokens'
import { statefulSetController } from './statefulset'
import { taintEvictionController } from './tainteviction'
import { ttlController } from './ttl'
import { ttlAfterFinishedController } from './ttlafterfinished'

/** Holds a controller whatever its memory is like; the manager hands each its own. */
const row = <S>(c: Controller<S>): Controller<never> => c as unknown as Controller<never>

/** All controllers, in the order in which they start. A new one is one line here. Bounds: 63, one client channel each. */
export const controllers: readonly Controller<never>[] = [
  row(deploymentController),
  row(replicaSetController),
  row(replicationController),
  row(daemonSetController),
  row(statefulSetController),
  row(jobController),
  row(cronJobController),
  row(ttlAfterFinishedController),
  row(endpointSliceController),
  row(endpointsController),
  row(endpointSliceMirroringController),
  row(horizontalPodAutoscalerController),
  row(disruptionController),
  row(namespaceController),
  row(serviceAccountController),
  row(rootCACertPublisher),
  row(garbageCollector),
  row(podGCController),
  row(persistentVolumeController),
  row(expandController),
  row(ephemeralVolumeController),
  row(pvcProtectionController),
  row(pvProtectionController),
  row(attachDetachController),
  row(resourceQuotaController),
  row(clusterRoleAggregationController),
  row(nodeIpamController),
  row(ttlController),
  row(nodeLifecycleController),
  row(taintEvictionController),
  row(csrSigningController),
  row(tokensController),
]
