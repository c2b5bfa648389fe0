import type { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, Volume } from '../../../api'
import { dns1123LabelErrors, duplicate, forbidden, invalid, notSupported, quantity, quantitySign, required, type FieldError } from '../../../apimachinery'
import { validateFieldRef, validateResourceRef, VOLUME_FIELDS } from './env'

/** Sources of a volume in the order the server looks at them. */
const SOURCES = [
  'emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi', 'glusterfs', 'flocker',
  'persistentVolumeClaim', 'rbd', 'cinder', 'cephfs', 'quobyte', 'downwardAPI', 'fc', 'flexVolume', 'azureFile', 'configMap',
  'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'storageos', 'projected', 'scaleIO', 'csi', 'ephemeral', 'image',
] as const

type Source = (typeof SOURCES)[number]

/** Types a hostPath may demand. */
const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']
const MODE_ERROR = 'must be a number between 0 and 0777 (octal), both inclusive'

/** What the name of a valid volume stands for, as mounts need it. */
export type VolumesByName = ReadonlyMap<string, Volume>

/** All volumes of a pod; those with errors are unknown to the mounts. Upstream: core validation ValidateVolumes. */
export function validateVolumes(volumes: readonly Volume[] | undefined, path: string, errors: FieldError[]): VolumesByName {
  const found = new Map<string, Volume>()
  ;(volumes ?? []).forEach((volume, i) => {
    const at = `${path}[${i}]`
    const own = validateSource(volume, at)
    if (!volume.name) own.push(required(`${at}.name`))
    else for (const message of dns1123LabelErrors(volume.name)) own.push(invalid(`${at}.name`, volume.name, message))
    if (found.has(volume.name)) own.push(duplicate(`${at}.name`, volume.name))
    if (own.length === 0) found.set(volume.name, volume)
    else errors.push(...own)
  })
  return found
}

function validateSource(volume: Volume, path: string): FieldError[] {
  const errors: FieldError[] = []
  let count = 0
  for (const source of SOURCES) {
    if (volume[source] == null) continue
    if (count++ > 0) errors.push(forbidden(`${path}.${source}`, 'may not specify more than 1 volume type'))
    else errors.push(...sourceErrors(volume, source, `${path}.${source}`))
  }
  if (count === 0) errors.push(required(path, 'must specify a volume type'))
  return errors
}

function sourceErrors(volume: Volume, source: Source, path: string): FieldError[] {
  const need = (value: unknown, name: string): FieldError[] => (value ? [] : [required(`${path}.${name}`)])
  switch (source) {
    case 'emptyDir': {
      const { sizeLimit } = volume.emptyDir!
      return sizeLimit != null && quantitySign(quantity(sizeLimit)) < 0 ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : []
    }
    case 'hostPath': return hostPathErrors(volume.hostPath!, path)
    case 'gitRepo': return need(volume.gitRepo!.repository, 'repository')
    case 'gcePersistentDisk': return need(volume.gcePersistentDisk!.pdName, 'pdName')
    case 'awsElasticBlockStore': return need(volume.awsElasticBlockStore!.volumeID, 'volumeID')
    case 'cinder': return need(volume.cinder!.volumeID, 'volumeID')
    case 'secret': return [...need(volume.secret!.secretName, 'secretName'), ...modeErrors(volume.secret!.defaultMode, `${path}.defaultMode`), ...itemErrors(volume.secret!.items, `${path}.items`)]
    case 'configMap': return [...need(volume.configMap!.name, 'name'), ...modeErrors(volume.configMap!.defaultMode, `${path}.defaultMode`), ...itemErrors(volume.configMap!.items, `${path}.items`)]
    case 'nfs': return nfsErrors(volume.nfs!, path)
    case 'iscsi': return [...need(volume.iscsi!.targetPortal, 'targetPortal'), ...need(volume.iscsi!.iqn, 'iqn')]
    case 'glusterfs': return [...need(volume.glusterfs!.endpoints, 'endpoints'), ...need(volume.glusterfs!.path, 'path')]
    case 'persistentVolumeClaim': return need(volume.persistentVolumeClaim!.claimName, 'claimName')
    case 'rbd': return [...((volume.rbd!.monitors ?? []).length === 0 ? [required(`${path}.monitors`)] : []), ...need(volume.rbd!.image, 'image')]
    case 'cephfs': return (volume.cephfs!.monitors ?? []).length === 0 ? [required(`${path}.monitors`)] : []
    case 'azureFile': return [...need(volume.azureFile!.secretName, 'secretName'), ...need(volume.azureFile!.shareName, 'shareName')]
    case 'vsphereVolume': return need(volume.vsphereVolume!.volumePath, 'volumePath')
    case 'flexVolume': return need(volume.flexVolume!.driver, 'driver')
    case 'csi': return need(volume.csi!.driver, 'driver')
    case 'downwardAPI': return [...modeErrors(volume.downwardAPI!.defaultMode, `${path}.defaultMode`), ...downwardErrors(volume.downwardAPI!.items, path)]
    case 'projected': return projectedErrors(volume.projected!, path)
    case 'ephemeral': return volume.ephemeral!.volumeClaimTemplate == null ? [required(`${path}.volumeClaimTemplate`)] : []
    case 'image': return need(volume.image!.reference, 'reference')
    default: return []
  }
}

/** A path on the node. Upstream: validateHostPathVolumeSource. */
export function hostPathErrors(source: { path: string; type?: string }, path: string): FieldError[] {
  if (!source.path) return [required(`${path}.path`)]
  const errors = backstepErrors(source.path, `${path}.path`)
  if (source.type != null && !HOST_PATH_TYPES.includes(source.type)) errors.push(notSupported(`${path}.type`, source.type, HOST_PATH_TYPES))
  return errors
}

/** A share of a file server. Upstream: validateNFSVolumeSource. */
export function nfsErrors(source: { server: string; path: string }, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!source.server) errors.push(required(`${path}.server`))
  if (!source.path) errors.push(required(`${path}.path`))
  if (!source.path?.startsWith('/')) errors.push(invalid(`${path}.path`, source.path ?? '', 'must be an absolute path'))
  return errors
}

function modeErrors(mode: number | undefined, path: string): FieldError[] {
  return mode != null && (mode < 0 || mode > 0o777) ? [invalid(path, mode, MODE_ERROR)] : []
}

function itemErrors(items: readonly KeyToPath[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  ;(items ?? []).forEach((item, i) => {
    const at = `${path}[${i}]`
    if (!item.key) errors.push(required(`${at}.key`))
    if (!item.path) errors.push(required(`${at}.path`))
    errors.push(...reservedPathErrors(item.path ?? '', `${at}.path`), ...modeErrors(item.mode, `${at}.mode`))
  })
  return errors
}

function downwardErrors(items: readonly DownwardAPIVolumeFile[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const item of items ?? []) {
    if (!item.path) errors.push(required(`${path}.path`))
    errors.push(...reservedPathErrors(item.path ?? '', `${path}.path`))
    if (item.fieldRef != null) {
      errors.push(...validateFieldRef(item.fieldRef, VOLUME_FIELDS, `${path}.fieldRef`))
      if (item.resourceFieldRef != null) errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
    } else if (item.resourceFieldRef != null) errors.push(...validateResourceRef(item.resourceFieldRef, `${path}.resourceFieldRef`, true))
    else errors.push(required(`${path}.fieldRef`))
    errors.push(...modeErrors(item.mode, `${path}.mode`))
  }
  return errors
}

function projectedErrors(source: ProjectedVolumeSource, path: string): FieldError[] {
  const errors = modeErrors(source.defaultMode, `${path}.defaultMode`)
  ;(source.sources ?? []).forEach((one, i) => {
    const at = `${path}.sources[${i}]`
    let count = 0
    const isFirst = (name: string): boolean => {
      if (count++ === 0) return true
      errors.push(forbidden(`${at}.${name}`, 'may not specify more than 1 volume type per source'))
      return false
    }
    if (one.secret != null && isFirst('secret')) {
      if (!one.secret.name) errors.push(required(`${at}.secret.name`))
      errors.push(...itemErrors(one.secret.items, `${at}.secret.items`))
    }
    if (one.configMap != null && isFirst('configMap')) {
      if (!one.configMap.name) errors.push(required(`${at}.configMap.name`))
      errors.push(...itemErrors(one.configMap.items, `${at}.configMap.items`))
    }
    if (one.downwardAPI != null && isFirst('downwardAPI')) errors.push(...downwardErrors(one.downwardAPI.items, `${at}.downwardAPI`))
    if (one.serviceAccountToken != null && isFirst('serviceAccountToken')) {
      const { expirationSeconds, path: file } = one.serviceAccountToken
      if (expirationSeconds != null && expirationSeconds < 600) errors.push(invalid(`${at}.serviceAccountToken.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'))
      if (!file) errors.push(required(`${at}.serviceAccountToken.path`))
      else errors.push(...reservedPathErrors(file, `${at}.serviceAccountToken.path`))
    }
    if (one.clusterTrustBundle != null) isFirst('clusterTrustBundle')
    if (one.podCertificate != null) isFirst('podCertificate')
    if (count === 0) errors.push(required(at, 'must specify at least one source'))
  })
  return errors
}

/** A path that stays inside its volume. Upstream: validateLocalDescendingPath. */
export function descendingPathErrors(text: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (text.startsWith('/')) errors.push(invalid(path, text, 'must be a relative path'))
  return [...errors, ...backstepErrors(text, path)]
}

function backstepErrors(text: string, path: string): FieldError[] {
  return text.split('/').includes('..') ? [invalid(path, text, "must not contain '..'")] : []
}

/** A file name in a volume the kubelet writes. Upstream: validateLocalNonReservedPath. */
function reservedPathErrors(text: string, path: string): FieldError[] {
  const errors = descendingPathErrors(text, path)
  if (text.startsWith('..') && !text.startsWith('../')) errors.push(invalid(path, text, "must not start with '..'"))
  return errors
}
