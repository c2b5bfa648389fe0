import type {
  AzureDiskVolumeSource, FCVolumeSource, FlockerVolumeSource, HostPathVolumeSource, ISCSIPersistentVolumeSource, ISCSIVolumeSource, NFSVolumeSource,
  PersistentVolumeSpec, QuobyteVolumeSource, SecretReference, Volume,
} from '../../../api'
import {
  dns1123LabelErrors, dns1123SubdomainErrors, forbidden, inclusiveRangeError, invalid, notSupported, required, tooLong, type FieldError,
} from '../../../apimachinery'
import { nameIsLabel } from './object-meta'

/** Types a hostPath may demand. */
const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']
const HOST_PORTS = 'must be a host:port pair or multiple pairs separated by commas'
const INITIATORS = { iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$/, eui: /^eui.[A-Za-z0-9]{16}$/, naa: /^naa.[A-Za-z0-9]{32}$/ }

/** Sources that a pod's volume and a PersistentVolume have in common. */
export type SharedSource = Extract<keyof Volume, keyof PersistentVolumeSpec>

/** What differs when the source stands in a PersistentVolume. */
export interface Persistent {
  readonly name: string
}

/** One source of a volume of a pod, or of a PersistentVolume. Upstream: core validation validateVolumeSource, ValidatePersistentVolumeSpec. */
export function validateSharedSource(source: SharedSource, from: Pick<Volume, SharedSource> | Pick<PersistentVolumeSpec, SharedSource>, path: string, persistent?: Persistent): FieldError[] {
  const need = (...names: string[]): FieldError[] => names.filter((name) => !(from[source] as unknown as Record<string, unknown>)[name]).map((name) => required(`${path}.${name}`))
  switch (source) {
    case 'hostPath': return hostPathErrors(from.hostPath!, path)
    case 'gcePersistentDisk': return [...need('pdName'), ...partitionErrors(from.gcePersistentDisk!.partition, path)]
    case 'awsElasticBlockStore': return [...need('volumeID'), ...partitionErrors(from.awsElasticBlockStore!.partition, path)]
    case 'glusterfs': return [...need('endpoints', 'path'), ...(persistent === undefined ? [] : endpointsNamespaceErrors((from as PersistentVolumeSpec).glusterfs!.endpointsNamespace, path))]
    case 'flocker': return flockerErrors(from.flocker!, path)
    case 'nfs': return nfsErrors(from.nfs!, path)
    case 'rbd': return [...((from.rbd!.monitors ?? []).length === 0 ? [required(`${path}.monitors`)] : []), ...need('image')]
    case 'quobyte': return quobyteErrors(from.quobyte!, path)
    case 'cephfs': return (from.cephfs!.monitors ?? []).length === 0 ? [required(`${path}.monitors`)] : []
    case 'iscsi': return iscsiErrors(from.iscsi!, path, persistent)
    case 'cinder': return [...need('volumeID'), ...secretErrors(from.cinder!.secretRef, path, persistent)]
    case 'fc': return fcErrors(from.fc!, path)
    case 'flexVolume': return [...need('driver'), ...flexOptionErrors(from.flexVolume!.options, path)]
    case 'azureFile': return [...need('secretName', 'shareName'), ...((from as PersistentVolumeSpec).azureFile!.secretNamespace === '' && persistent !== undefined ? [required(`${path}.secretNamespace`)] : [])]
    case 'vsphereVolume': return need('volumePath')
    case 'photonPersistentDisk': return need('pdID')
    case 'portworxVolume': return need('volumeID')
    case 'azureDisk': return azureDiskErrors(from.azureDisk!, path)
    case 'scaleIO': return need('gateway', 'system', 'volumeName')
    case 'storageos': {
      const { volumeName, volumeNamespace, secretRef } = from.storageos!
      const named = (text: string, name: string): FieldError[] => dns1123LabelErrors(text).map((m) => invalid(`${path}.${name}`, text, m))
      return [...(volumeName ? named(volumeName, 'volumeName') : need('volumeName')), ...(volumeNamespace ? named(volumeNamespace, 'volumeNamespace') : []), ...secretErrors(secretRef, path, persistent)]
    }
    case 'csi': return persistent === undefined ? csiErrors((from as Volume).csi!, path) : persistentCSIErrors((from as PersistentVolumeSpec).csi!, path)
  }
}

function secretErrors(ref: SecretReference | undefined, path: string, persistent: Persistent | undefined): FieldError[] {
  if (ref == null) return []
  const errors: FieldError[] = []
  if (!ref.name) errors.push(required(`${path}.secretRef.name`))
  if (persistent !== undefined && !ref.namespace) errors.push(required(`${path}.secretRef.namespace`))
  return errors
}

function hostPathErrors(source: HostPathVolumeSource, path: string): FieldError[] {
  if (!source.path) return [required(`${path}.path`)]
  const errors = backstepErrors(source.path, `${path}.path`)
  if (source.type != null && !HOST_PATH_TYPES.includes(source.type)) errors.push(notSupported(`${path}.type`, source.type, HOST_PATH_TYPES))
  return errors
}

function nfsErrors(source: NFSVolumeSource, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!source.server) errors.push(required(`${path}.server`))
  if (!source.path) errors.push(required(`${path}.path`))
  if (!source.path?.startsWith('/')) errors.push(invalid(`${path}.path`, source.path ?? '', 'must be an absolute path'))
  return errors
}

function partitionErrors(partition: number | undefined, path: string): FieldError[] {
  return partition != null && (partition < 0 || partition > 255) ? [invalid(`${path}.partition`, partition, inclusiveRangeError(1, 255))] : []
}

function lunErrors(lun: number | undefined, path: string): FieldError[] {
  return (lun ?? 0) < 0 || (lun ?? 0) > 255 ? [invalid(`${path}.lun`, lun, inclusiveRangeError(0, 255))] : []
}

function endpointsNamespaceErrors(namespace: string | undefined, path: string): FieldError[] {
  if (namespace == null) return []
  const at = `${path}.endpointsNamespace`
  if (namespace === '') return [invalid(at, namespace, 'if the endpointnamespace is set, it must be a valid namespace name')]
  return nameIsLabel(namespace, false).map((m) => invalid(at, namespace, m))
}

function flockerErrors(source: FlockerVolumeSource, path: string): FieldError[] {
  const { datasetName, datasetUUID } = source
  const errors: FieldError[] = []
  if (!datasetName && !datasetUUID) errors.push(required(path, 'one of datasetName and datasetUUID is required'))
  if (datasetName && datasetUUID) errors.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
  if (datasetName?.includes('/')) errors.push(invalid(`${path}.datasetName`, datasetName, "must not contain '/'"))
  return errors
}

function quobyteErrors(source: QuobyteVolumeSource, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!source.registry) errors.push(required(`${path}.registry`, HOST_PORTS))
  else if ((source.tenant ?? '').length >= 65) errors.push(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'))
  else {
    for (const pair of source.registry.split(',')) {
      if (!/^([^:]*|\[.*\]):[^:]*$/.test(pair)) errors.push(invalid(`${path}.registry`, source.registry, HOST_PORTS))
    }
  }
  if (!source.volume) errors.push(required(`${path}.volume`))
  return errors
}

function iscsiErrors(source: ISCSIVolumeSource | ISCSIPersistentVolumeSource, path: string, persistent: Persistent | undefined): FieldError[] {
  const errors: FieldError[] = []
  if (!source.targetPortal) errors.push(required(`${path}.targetPortal`))
  if (persistent !== undefined && source.initiatorName != null && `${persistent.name}:${source.targetPortal}`.length > 64) {
    errors.push(invalid(`${path}.targetportal`, source.targetPortal, 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'))
  }
  if (!source.iqn) errors.push(required(`${path}.iqn`))
  else errors.push(...initiatorErrors(source.iqn, `${path}.iqn`, persistent))
  errors.push(...lunErrors(source.lun, path))
  if ((source.chapAuthDiscovery || source.chapAuthSession) && source.secretRef == null) errors.push(required(`${path}.secretRef`))
  if (source.secretRef != null && !source.secretRef.name) errors.push(required(`${path}.secretRef.name`))
  if (source.initiatorName != null) errors.push(...initiatorErrors(source.initiatorName, `${path}.initiatorname`, persistent))
  return errors
}

function initiatorErrors(text: string, path: string, persistent: Persistent | undefined): FieldError[] {
  const kind = (['iqn', 'eui', 'naa'] as const).find((prefix) => text.startsWith(prefix))
  if (kind === undefined) return [invalid(path, text, persistent === undefined ? 'must be valid format starting with iqn, eui, or naa' : 'must be valid format')]
  return INITIATORS[kind].test(text) ? [] : [invalid(path, text, 'must be valid format')]
}

function fcErrors(source: FCVolumeSource, path: string): FieldError[] {
  const { targetWWNs = [], wwids = [], lun } = source
  const errors: FieldError[] = []
  if (targetWWNs.length === 0 && wwids.length === 0) errors.push(required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'))
  if (targetWWNs.length > 0 && wwids.length > 0) errors.push(invalid(`${path}.targetWWNs`, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'))
  if (targetWWNs.length > 0) errors.push(...(lun == null ? [required(`${path}.lun`, 'lun is required if targetWWNs is specified')] : lunErrors(lun, path)))
  return errors
}

function flexOptionErrors(options: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.keys(options ?? {}).filter((key) => /\.(kubernetes|k8s)\.io$/.test(`.${key.toLowerCase().replace(/\/.*$/s, '')}`))
    .map((key) => invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'))
}

function azureDiskErrors(disk: AzureDiskVolumeSource, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!disk.diskName) errors.push(required(`${path}.diskName`))
  if (!disk.diskURI) errors.push(required(`${path}.diskURI`))
  const caching = ['None', 'ReadOnly', 'ReadWrite']
  const kinds = ['Dedicated', 'Managed', 'Shared']
  if (disk.cachingMode != null && !caching.includes(disk.cachingMode)) errors.push(notSupported(`${path}.cachingMode`, disk.cachingMode, caching))
  if (disk.kind != null && !kinds.includes(disk.kind)) errors.push(notSupported(`${path}.kind`, disk.kind, kinds))
  const uri = disk.diskURI ?? ''
  if (disk.kind === 'Managed' && !uri.startsWith('/subscriptions/')) {
    errors.push(notSupported(`${path}.diskURI`, uri, ['/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}']))
  }
  if (disk.kind != null && disk.kind !== 'Managed' && !uri.startsWith('https://')) {
    errors.push(notSupported(`${path}.diskURI`, uri, ['https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd']))
  }
  return errors
}

/** The name of a CSI driver. Upstream: core validation ValidateCSIDriverName. */
export function validateDriverName(name: string | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  const text = name ?? ''
  if (text === '') errors.push(required(path))
  if (text.length > 63) errors.push(tooLong(path, 63))
  for (const message of dns1123SubdomainErrors(text.toLowerCase())) errors.push(invalid(path, text, message))
  return errors
}

function csiErrors(source: NonNullable<Volume['csi']>, path: string): FieldError[] {
  const errors = validateDriverName(source.driver, `${path}.driver`)
  const ref = source.nodePublishSecretRef
  if (ref == null) return errors
  if (!ref.name) errors.push(required(`${path}.nodePublishSecretRef.name`))
  else for (const message of dns1123SubdomainErrors(ref.name)) errors.push(invalid(`${path}.name`, ref.name, message))
  return errors
}

function persistentCSIErrors(source: NonNullable<PersistentVolumeSpec['csi']>, path: string): FieldError[] {
  const errors = validateDriverName(source.driver, `${path}.driver`)
  if (!source.volumeHandle) errors.push(required(`${path}.volumeHandle`))
  for (const field of ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] as const) {
    const ref = source[field]
    if (ref == null) continue
    const at = `${path}.${field}`
    errors.push(...(ref.name ? dns1123SubdomainErrors(ref.name).map((m) => invalid(`${at}.name`, ref.name, m)) : [required(`${at}.name`)]))
    errors.push(...(ref.namespace ? dns1123LabelErrors(ref.namespace).map((m) => invalid(`${at}.namespace`, ref.namespace, m)) : [required(`${at}.namespace`)]))
  }
  return errors
}

/** A disk of one node. Upstream: validateLocalVolumeSource. */
export function validateLocalSource(source: { path: string }, path: string): FieldError[] {
  return source.path ? backstepErrors(source.path, `${path}.path`) : [required(`${path}.path`)]
}

/** A second source where one is allowed. */
export function moreThanOne(path: string): FieldError {
  return forbidden(path, 'may not specify more than 1 volume type')
}

/** A path without `..` elements. Upstream: validatePathNoBacksteps. */
export function backstepErrors(text: string, path: string): FieldError[] {
  return text.split('/').includes('..') ? [invalid(path, text, "must not contain '..'")] : []
}
