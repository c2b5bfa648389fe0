import type { PersistentVolumeClaimSpec, Volume } from '../../../api'
import { defaultPullPolicy } from './image'

const MODE = 0o644

/** Defaults of a pod's volume; one without a source is an emptyDir. In place. Upstream: SetDefaults_Volume and its sources. */
export function defaultVolume(volume: Volume): void {
  let sources = 0
  for (const field in volume) if (field !== 'name' && volume[field as keyof Volume] != null) sources++
  if (sources === 0) volume.emptyDir = {}
  if (volume.secret != null) volume.secret.defaultMode ??= MODE
  if (volume.configMap != null) volume.configMap.defaultMode ??= MODE
  if (volume.downwardAPI != null) {
    volume.downwardAPI.defaultMode ??= MODE
    defaultItems(volume.downwardAPI.items)
  }
  if (volume.projected != null) {
    volume.projected.defaultMode ??= MODE
    for (const source of volume.projected.sources ?? []) {
      if (source.serviceAccountToken != null) source.serviceAccountToken.expirationSeconds ??= 3600
      if (source.downwardAPI != null) defaultItems(source.downwardAPI.items)
    }
  }
  if (volume.hostPath != null) volume.hostPath.type ??= ''
  if (volume.ephemeral?.volumeClaimTemplate != null) defaultClaimSpec(volume.ephemeral.volumeClaimTemplate.spec)
  if (volume.image != null) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference ?? '')
  defaultLegacySources(volume)
}

/** Defaults of the network storage sources that pods and PersistentVolumes share. In place. */
export function defaultLegacySources(volume: Pick<Volume, 'iscsi' | 'rbd' | 'azureDisk' | 'scaleIO'>): void {
  if (volume.iscsi != null) volume.iscsi.iscsiInterface ||= 'default'
  if (volume.rbd != null) {
    volume.rbd.pool ||= 'rbd'
    volume.rbd.user ||= 'admin'
    volume.rbd.keyring ||= '/etc/ceph/keyring'
  }
  if (volume.azureDisk != null) {
    volume.azureDisk.cachingMode ??= 'ReadWrite'
    volume.azureDisk.kind ??= 'Shared'
    volume.azureDisk.fsType ??= 'ext4'
    volume.azureDisk.readOnly ??= false
  }
  if (volume.scaleIO != null) {
    volume.scaleIO.storageMode ||= 'ThinProvisioned'
    volume.scaleIO.fsType ||= 'xfs'
  }
}

/** Defaults of a claim's spec. In place. Upstream: SetDefaults_PersistentVolumeClaimSpec. */
export function defaultClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem'
}

function defaultItems(items: readonly { fieldRef?: { apiVersion?: string }; resourceFieldRef?: { divisor?: string } }[] | undefined): void {
  for (const item of items ?? []) {
    if (item.fieldRef != null) item.fieldRef.apiVersion ||= 'v1'
    if (item.resourceFieldRef != null) item.resourceFieldRef.divisor ??= '0'
  }
}
