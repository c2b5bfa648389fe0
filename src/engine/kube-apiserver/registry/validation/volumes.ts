import type { ClusterTrustBundleProjection, DownwardAPIVolumeFile, ImageVolumeSource, KeyToPath, Volume, VolumeProjection } from '../../../api'
import {
  dns1123LabelErrors, dns1123SubdomainErrors, duplicate, forbidden, invalid, notSupported, quantity, quantitySign, required, type FieldError,
} from '../../../apimachinery'
import { validateClaimTemplate } from './claim-spec'
import { validateFieldRef, validateResourceRef, VOLUME_FIELDS } from './env'
import { internalValue } from './internal-diff'
import { validateLabelSelector } from './label-selector'
import { backstepErrors, moreThanOne, validateSharedSource } from './volume-sources'

/** Sources of a volume in the order the server looks at them. */
const SOURCES = [
  'emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi', 'glusterfs', 'flocker',
  'persistentVolumeClaim', 'rbd', 'cinder', 'cephfs', 'quobyte', 'downwardAPI', 'fc', 'flexVolume', 'azureFile', 'configMap',
  'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'storageos', 'projected', 'scaleIO', 'csi', 'ephemeral', 'image',
] as const

type Source = (typeof SOURCES)[number]

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
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
  let only: Source | undefined
  let own = 0
  for (const key in volume) if (key !== 'name' && volume[key as Source] != null && own++ === 0) only = key as Source
  if (only !== undefined && own === 1 && SOURCES.includes(only)) return sourceErrors(volume, only, `${path}.${only}`)
  const errors: FieldError[] = []
  let count = 0
  for (const source of SOURCES) {
    if (volume[source] == null) continue
    if (count++ > 0) errors.push(moreThanOne(`${path}.${source}`))
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
    case 'gitRepo': return [...need(volume.gitRepo!.repository, 'repository'), ...descendingPathErrors(volume.gitRepo!.directory ?? '', `${path}.directory`)]
    case 'secret': return [...need(volume.secret!.secretName, 'secretName'), ...modeErrors(volume.secret!.defaultMode, `${path}.defaultMode`), ...itemErrors(volume.secret!.items, `${path}.items`)]
    case 'configMap': return [...need(volume.configMap!.name, 'name'), ...modeErrors(volume.configMap!.defaultMode, `${path}.defaultMode`), ...itemErrors(volume.configMap!.items, `${path}.items`)]
    case 'persistentVolumeClaim': return need(volume.persistentVolumeClaim!.claimName, 'claimName')
    case 'downwardAPI': return [...modeErrors(volume.downwardAPI!.defaultMode, `${path}.defaultMode`), ...(volume.downwardAPI!.items ?? []).flatMap((item) => downwardErrors(item, path))]
    case 'projected': return [...modeErrors(volume.projected!.defaultMode, `${path}.defaultMode`), ...projectedErrors(volume.projected!.sources ?? [], path)]
    case 'ephemeral': {
      const template = volume.ephemeral!.volumeClaimTemplate
      return template == null ? [required(`${path}.volumeClaimTemplate`)] : validateClaimTemplate(template, `${path}.volumeClaimTemplate`)
    }
    case 'image': return imageErrors(volume.image!, path)
    default: return validateSharedSource(source, volume, path)
  }
}

function imageErrors(image: ImageVolumeSource, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!image.reference) errors.push(required(`${path}.reference`))
  if (!image.pullPolicy) errors.push(required(`${path}.pullPolicy`))
  else if (!PULL_POLICIES.includes(image.pullPolicy)) errors.push(notSupported(`${path}.pullPolicy`, image.pullPolicy, PULL_POLICIES))
  return errors
}

function modeErrors(mode: number | undefined, path: string): FieldError[] {
  return mode != null && (mode < 0 || mode > 0o777) ? [invalid(path, mode, MODE_ERROR)] : []
}

function itemErrors(items: readonly KeyToPath[] | undefined, path: string): FieldError[] {
  return (items ?? []).flatMap((item, i) => itemError(item, `${path}[${i}]`))
}

function itemError(item: KeyToPath, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!item.key) errors.push(required(`${path}.key`))
  if (!item.path) errors.push(required(`${path}.path`))
  errors.push(...reservedPathErrors(item.path ?? '', `${path}.path`), ...modeErrors(item.mode, `${path}.mode`))
  return errors
}

function downwardErrors(item: DownwardAPIVolumeFile, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!item.path) errors.push(required(`${path}.path`))
  errors.push(...reservedPathErrors(item.path ?? '', `${path}.path`))
  if (item.fieldRef != null) {
    errors.push(...validateFieldRef(item.fieldRef, VOLUME_FIELDS, `${path}.fieldRef`))
    if (item.resourceFieldRef != null) errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  } else if (item.resourceFieldRef != null) errors.push(...validateResourceRef(item.resourceFieldRef, `${path}.resourceFieldRef`, true))
  else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
  errors.push(...modeErrors(item.mode, `${path}.mode`))
  return errors
}

/** Several sources in one volume. Upstream: validateProjectionSources. */
function projectedErrors(sources: readonly VolumeProjection[], path: string): FieldError[] {
  const errors: FieldError[] = []
  const taken = new Set<string>()
  /** Two files of one path are reported with what upstream calls their source. */
  const take = (file: string, source: string): void => {
    if (taken.has(file)) errors.push(invalid(path, source, 'conflicting duplicate paths'))
    taken.add(file)
  }
  sources.forEach((one, i) => {
    const at = `${path}.sources[${i}]`
    let count = 0
    for (const field of ['secret', 'configMap'] as const) {
      const source = one[field]
      if (source == null) continue
      count++
      if (!source.name) errors.push(required(`${at}.${field}.name`))
      ;(source.items ?? []).forEach((item, j) => {
        errors.push(...itemError(item, `${at}.${field}.items[${j}]`))
        if (item.path) take(item.path, source.name ?? '')
      })
    }
    if (one.downwardAPI != null) {
      count++
      for (const item of one.downwardAPI.items ?? []) {
        errors.push(...downwardErrors(item, `${at}.downwardAPI`))
        if (item.path) take(item.path, item.path)
      }
    }
    if (one.serviceAccountToken != null) {
      count++
      const { expirationSeconds, path: file } = one.serviceAccountToken
      const expiry = `${at}.serviceAccountToken.expirationSeconds`
      if (expirationSeconds != null && expirationSeconds < 600) errors.push(invalid(expiry, expirationSeconds, 'may not specify a duration less than 10 minutes'))
      if (expirationSeconds != null && expirationSeconds > 2 ** 32) errors.push(invalid(expiry, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
      if (!file) errors.push(required(`${path}.path`))
      else errors.push(...reservedPathErrors(file, `${path}.path`))
    }
    if (one.clusterTrustBundle != null) {
      count++
      errors.push(...trustBundleErrors(one.clusterTrustBundle, `${at}.clusterTrustBundle`))
      take(one.clusterTrustBundle.path ?? '', one.clusterTrustBundle.path ?? '')
    }
    if (one.podCertificate != null) count++
    if (count > 1) errors.push(forbidden(at, 'may not specify more than 1 volume type per source'))
  })
  return errors
}

function trustBundleErrors(bundle: ClusterTrustBundleProjection, path: string): FieldError[] {
  const { name, signerName } = bundle
  const errors: FieldError[] = []
  if (name != null && signerName != null) errors.push(invalid(path, internalValue('ClusterTrustBundleProjection', bundle), 'only one of name and signerName may be used'))
  else if (name != null) {
    if (name === '') errors.push(required(`${path}.name`, 'must be a valid object name'))
    for (const message of dns1123SubdomainErrors(name)) errors.push(invalid(`${path}.name`, name, `not a valid clustertrustbundlename: ${message}`))
    if (bundle.labelSelector != null) errors.push(invalid(`${path}.labelSelector`, bundle.labelSelector, 'labelSelector must be unset if name is specified'))
  } else if (signerName != null) {
    if (signerName === '') errors.push(required(`${path}.signerName`, 'must be a valid signer name'))
    errors.push(...validateLabelSelector(bundle.labelSelector, `${path}.labelSelector`))
  } else errors.push(required(path, 'either name or signerName must be specified'))
  if (!bundle.path) errors.push(required(`${path}.path`))
  errors.push(...reservedPathErrors(bundle.path ?? '', `${path}.path`))
  return errors
}

/** A path that stays inside its volume. Upstream: validateLocalDescendingPath. */
export function descendingPathErrors(text: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (text.startsWith('/')) errors.push(invalid(path, text, 'must be a relative path'))
  return [...errors, ...backstepErrors(text, path)]
}

/** A file name in a volume the kubelet writes. Upstream: validateLocalNonReservedPath. */
function reservedPathErrors(text: string, path: string): FieldError[] {
  const errors = descendingPathErrors(text, path)
  if (text.startsWith('..') && !text.startsWith('../')) errors.push(invalid(path, text, "must not start with '..'"))
  return errors
}
