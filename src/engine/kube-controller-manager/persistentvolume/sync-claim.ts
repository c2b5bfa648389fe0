import type { PersistentVolumeClaim } from '../../api'
import type { KubeObject } from '../../apimachinery'
import type { Intent } from '../controller'
import { isPodTerminal } from '../pods'
import { updateObject } from '../requests'
import { annotation, claimClass, claimHasClass, defaultClass, has, pointsTo, referredClaim } from './annotations'
import { findBestMatch, unfit } from './match'
import { again, bind, claimStatus, last, podsOf, storageClass, tell, volume, volumes, type BinderEnv } from './view'

/** In-tree provisioners whose work CSI drivers do. Upstream: csi-translation-lib */
const migrated: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/aws-ebs', 'ebs.csi.aws.com'], ['kubernetes.io/gce-pd', 'pd.csi.storage.gke.io'], ['kubernetes.io/azure-disk', 'disk.csi.azure.com'], ['kubernetes.io/azure-file', 'file.csi.azure.com'],
  ['kubernetes.io/cinder', 'cinder.csi.openstack.org'], ['kubernetes.io/vsphere-volume', 'csi.vsphere.vmware.com'], ['kubernetes.io/portworx-volume', 'pxd.portworx.com'],
])

/** What a claim needs next. Upstream: pv_controller.go syncClaim */
export function syncClaim(c: PersistentVolumeClaim, env: BinderEnv): readonly Intent[] {
  return has(c, annotation.bindCompleted) ? syncBound(c, env) : syncUnbound(c, env)
}

/** Upstream: syncUnboundClaim */
function syncUnbound(c: PersistentVolumeClaim, env: BinderEnv): readonly Intent[] {
  if (!c.spec.volumeName) return choose(c, env)
  const pv = volume(env, c.spec.volumeName)
  const pending = (): readonly Intent[] => last(claimStatus(c, 'Pending', undefined))
  if (pv === undefined) return pending()
  if (pv.spec.claimRef === undefined) {
    const why = unfit(pv, c)
    return why === undefined ? bound(pv, c) : [tell(c, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${pv.metadata.name}": ${why}`), ...pending()]
  }
  if (pointsTo(pv, c)) return bound(pv, c)
  const taken = tell(c, 'Warning', 'FailedBinding', `volume "${pv.metadata.name}" already bound to a different claim.`)
  if (!has(c, annotation.boundByController)) return [taken, ...pending()]
  return [taken, { do: 'fail', message: `invalid binding of claim "${c.metadata.namespace}/${c.metadata.name}" to volume "${pv.metadata.name}": volume already claimed by "${referredClaim(pv)}"` }]
}

function bound(...[pv, c]: Parameters<typeof bind>): readonly Intent[] {
  const write = bind(pv, c)
  return write === undefined ? [] : again(write)
}

/** A claim that leaves the choice to the cluster. */
function choose(c: PersistentVolumeClaim, env: BinderEnv): readonly Intent[] {
  const delayed = storageClass(env, claimClass(c))?.volumeBindingMode === 'WaitForFirstConsumer'
  const pv = findBestMatch(c, volumes(env), delayed)
  if (pv !== undefined) return bound(pv, c)
  if (!claimHasClass(c)) {
    // A default class may have come after the claim. Upstream: assignDefaultStorageClass
    const late = defaultClass(env.cache('storageclasses').list() as Parameters<typeof defaultClass>[0])
    if (late !== undefined) return last(updateObject('persistentvolumeclaims', { ...c, spec: { ...c.spec, storageClassName: late.metadata.name } } as KubeObject))
  }
  if (!(delayed && !has(c, annotation.selectedNode)) && claimClass(c) !== '') return provision(c, env)
  const event = delayed ? waiting(c, env) : tell(c, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set')
  return [event, ...last(claimStatus(c, 'Pending', undefined))]
}

/** Upstream: emitEventForUnboundDelayBindingClaim */
function waiting(c: PersistentVolumeClaim, env: BinderEnv): Intent {
  const pods = podsOf(env, c, (p) => !p.spec.nodeName && !isPodTerminal(p))
  if (pods.length === 0) return tell(c, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
  return tell(c, 'Normal', 'WaitForPodScheduled', `waiting for pod${pods.length > 1 ? 's' : ''} ${pods.join(',')} to be scheduled`)
}

/** Names the provisioner on the claim, so that it starts. No provisioner lives in kube-controller-manager itself. Upstream: provisionClaim, provisionClaimOperationExternal */
function provision(c: PersistentVolumeClaim, env: BinderEnv): readonly Intent[] {
  const name = claimClass(c)
  const sc = storageClass(env, name)
  const failed = (why: string): readonly Intent[] => [tell(c, 'Warning', 'ProvisioningFailed', why)]
  if (sc === undefined) return failed(`storageclass.storage.k8s.io "${name}" not found`)
  const provisioner = migrated.get(sc.provisioner) ?? sc.provisioner
  if (provisioner.startsWith('kubernetes.io/')) return failed(`no volume plugin matched name: ${provisioner}`)
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
  const event = tell(c, 'Normal', 'ExternalProvisioning', message)
  if (has(c, annotation.provisioner)) return [event]
  const annotations = { ...c.metadata.annotations, [annotation.betaProvisioner]: provisioner, [annotation.provisioner]: provisioner }
  return [...last(updateObject('persistentvolumeclaims', { ...c, metadata: { ...c.metadata, annotations } } as KubeObject)), event]
}

/** Upstream: syncBoundClaim */
function syncBound(c: PersistentVolumeClaim, env: BinderEnv): readonly Intent[] {
  const lost = (reason: string, message: string): readonly Intent[] => (c.status?.phase === 'Lost' ? [] : [...last(claimStatus(c, 'Lost', undefined)), tell(c, 'Warning', reason, message)])
  if (!c.spec.volumeName) return lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
  const pv = volume(env, c.spec.volumeName)
  if (pv === undefined) return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  if (pv.spec.claimRef !== undefined && pv.spec.claimRef.uid !== c.metadata.uid) return lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
  return bound(pv, c)
}
