import { quantity } from '../../apimachinery'
import { at, listAt, mapAt, textAt, type Thing } from '../api'
import { goPrint } from '../go-print'
import { Writer } from './writer'

/** Writes volumes. Upstream: describe.go describeVolumes */
export function volumes(w: Writer, list: readonly Thing[], space: string): void {
  if (list.length === 0) return w.line(0, `${space}Volumes:\t<none>`)
  w.line(0, `${space}Volumes:`)
  for (const v of list) {
    w.line(1, `${space === '' ? '' : ' '}${textAt(v, 'name')}:`)
    volumeSource(w, v)
  }
}

/**
 * Of each source: its words, then `Title=field` or `Title=field:value when it is not there`. Fields of booleans and numbers have such a
 * value, as Go's zero values are printed.
 */
const SOURCES: Readonly<Record<string, string>> = {
  hostPath: 'HostPath (bare host directory volume)|Path=path|HostPathType=type:<none>',
  emptyDir: "EmptyDir (a temporary directory that shares a pod's lifetime)|Medium=medium|SizeLimit=sizeLimit:<unset>",
  gcePersistentDisk: 'GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)|PDName=pdName|FSType=fsType|Partition=partition:0|ReadOnly=readOnly:false',
  awsElasticBlockStore: 'AWSElasticBlockStore (a Persistent Disk resource in AWS)|VolumeID=volumeID|FSType=fsType|Partition=partition:0|ReadOnly=readOnly:false',
  gitRepo: 'GitRepo (a volume that is pulled from git when the pod is created)|Repository=repository|Revision=revision',
  secret: 'Secret (a volume populated by a Secret)|SecretName=secretName|Optional=optional:false',
  configMap: 'ConfigMap (a volume populated by a ConfigMap)|Name=name|Optional=optional:false',
  nfs: 'NFS (an NFS mount that lasts the lifetime of a pod)|Server=server|Path=path|ReadOnly=readOnly:false',
  iscsi: "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)|TargetPortal=targetPortal|IQN=iqn|Lun=lun:0|ISCSIInterface=iscsiInterface|FSType=fsType|ReadOnly=readOnly:false|Portals=portals:[]|DiscoveryCHAPAuth=chapAuthDiscovery:false|SessionCHAPAuth=chapAuthSession:false|SecretRef=secretRef:nil|InitiatorName=initiatorName:<none>",
  glusterfs: "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)|EndpointsName=endpoints|Path=path|ReadOnly=readOnly:false",
  persistentVolumeClaim: 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)|ClaimName=claimName|ReadOnly=readOnly:false',
  rbd: "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)|CephMonitors=monitors:[]|RBDImage=image|FSType=fsType|RBDPool=pool|RadosUser=user|Keyring=keyring|SecretRef=secretRef:nil|ReadOnly=readOnly:false",
  azureDisk: 'AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)|DiskName=diskName|DiskURI=diskURI|Kind=kind|FSType=fsType|CachingMode=cachingMode|ReadOnly=readOnly:false',
  azureFile: 'AzureFile (an Azure File Service mount on the host and bind mount to the pod)|SecretName=secretName|ShareName=shareName|ReadOnly=readOnly:false',
  vsphereVolume: 'vSphereVolume (a Persistent Disk resource in vSphere)|VolumePath=volumePath|FSType=fsType|StoragePolicyName=storagePolicyName',
  cinder: 'Cinder (a Persistent Disk resource in OpenStack)|VolumeID=volumeID|FSType=fsType|ReadOnly=readOnly:false|SecretRef=secretRef:nil',
  cephfs: "CephFS (a CephFS mount on the host that shares a pod's lifetime)|Monitors=monitors:[]|Path=path|User=user|SecretFile=secretFile|SecretRef=secretRef:nil|ReadOnly=readOnly:false",
  fc: 'FC (a Fibre Channel disk)|TargetWWNs=targetWWNs|LUN=lun:<none>|FSType=fsType|ReadOnly=readOnly:false',
  flexVolume: 'FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)|Driver=driver|FSType=fsType|SecretRef=secretRef:nil|ReadOnly=readOnly:false|Options=options:map[]',
  local: 'LocalVolume (a persistent volume backed by local storage on a node)|Path=path',
  quobyte: "Quobyte (a Quobyte mount on the host that shares a pod's lifetime)|Registry=registry|Volume=volume|ReadOnly=readOnly:false",
  photonPersistentDisk: 'PhotonPersistentDisk (a Persistent Disk resource in photon platform)|PdID=pdID|FSType=fsType',
  portworxVolume: 'PortworxVolume (a Portworx Volume resource)|VolumeID=volumeID',
  scaleIO: 'ScaleIO (a persistent volume backed by a block device in ScaleIO)|Gateway=gateway|System=system|Protection Domain=protectionDomain|Storage Pool=storagePool|Storage Mode=storageMode|VolumeName=volumeName|FSType=fsType|ReadOnly=readOnly:false',
  storageos: 'StorageOS (a StorageOS Persistent Disk resource)|VolumeName=volumeName|VolumeNamespace=volumeNamespace|FSType=fsType|ReadOnly=readOnly:false',
  flocker: 'Flocker (a Flocker volume mounted by the Flocker agent)|DatasetName=datasetName|DatasetUUID=datasetUUID',
  image: 'Image (a container image or OCI artifact)|Reference=reference|PullPolicy=pullPolicy',
}

/** Writes what a volume is made of: of a pod, or with `persistent` of a PersistentVolume. */
export function volumeSource(w: Writer, v: Thing, persistent = false): void {
  for (const [key, spec] of Object.entries(SOURCES)) {
    const source = at<Thing>(v, key)
    if (source === undefined) continue
    const [type, ...fields] = spec.split('|')
    w.field('Type', type, 2)
    for (const field of fields) {
      const [title = '', name = '', fallback = ''] = /^([^=]*)=([^:]*)(?::(.*))?$/.exec(field)?.slice(1) ?? []
      const value = at(source, name)
      const text = value === undefined || (name === 'sizeLimit' && quantity(String(value)).value === 0) ? fallback
        : name === 'secretRef' ? secretReference(value as Thing, persistent)
        : Array.isArray(value) && key === 'fc' ? value.join(', ') : typeof value === 'object' && value !== null ? goPrint(value) : String(value)
      // Upstream forgets a colon and adds a space.
      w.line(2, title === 'ISCSIInterface' ? `${title}\t${text}` : title === 'Kind' ? `${title}: \t${text}` : `${title}:\t${text}`)
    }
    return
  }
  const csi = at<Thing>(v, 'csi')
  if (csi !== undefined) {
    w.field('Type', 'CSI (a Container Storage Interface (CSI) volume source)', 2)
    w.field('Driver', textAt(csi, 'driver'), 2)
    w.field('FSType', textAt(csi, 'fsType'), 2)
    if (persistent) w.field('VolumeHandle', textAt(csi, 'volumeHandle'), 2)
    w.field('ReadOnly', at(csi, 'readOnly') === true, 2)
    const attributes = mapAt(csi, 'volumeAttributes')
    const keys = Object.keys(attributes).sort()
    if (keys.length === 0) w.line(2, 'VolumeAttributes:\t<none>')
    for (const [i, k] of keys.entries()) {
      const line = `${k}=${attributes[k]}`
      w.line(2, `${i === 0 ? 'VolumeAttributes:' : '    '}\t${line.length > 140 ? `${line.slice(0, 140)}...` : line}`)
    }
  } else if (at(v, 'downwardAPI') !== undefined) {
    w.field('Type', 'DownwardAPI (a volume populated by information about the pod)', 2)
    w.line(2, 'Items:')
    for (const i of listAt(v, 'downwardAPI', 'items')) w.line(3, `${textAt(i, 'fieldRef', 'fieldPath') || textAt(i, 'resourceFieldRef', 'resource')} -> ${textAt(i, 'path')}`)
  } else if (at(v, 'projected') !== undefined) {
    w.field('Type', 'Projected (a volume that contains injected data from multiple sources)', 2)
    for (const s of listAt(v, 'projected', 'sources')) projected(w, s)
  } else if (at(v, 'ephemeral') !== undefined) {
    w.field('Type', 'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)', 2)
    ephemeral(w, at<Thing>(v, 'ephemeral', 'volumeClaimTemplate'))
  } else w.line(1, '<unknown>')
}

/** Upstream: LocalObjectReference.String, SecretReference.String */
function secretReference(ref: Thing, persistent: boolean): string {
  return persistent ? `&SecretReference{Name:${textAt(ref, 'name')},Namespace:${textAt(ref, 'namespace')},}` : `&LocalObjectReference{Name:${textAt(ref, 'name')},}`
}

function projected(w: Writer, s: Thing): void {
  if (at(s, 'secret')) {
    w.field('SecretName', textAt(s, 'secret', 'name'), 2)
    w.field('Optional', at(s, 'secret', 'optional') === true, 2)
  } else if (at(s, 'downwardAPI')) w.field('DownwardAPI', 'true', 2)
  else if (at(s, 'configMap')) {
    w.field('ConfigMapName', textAt(s, 'configMap', 'name'), 2)
    w.field('Optional', at(s, 'configMap', 'optional') === true, 2)
  } else if (at(s, 'serviceAccountToken')) w.field('TokenExpirationSeconds', textAt(s, 'serviceAccountToken', 'expirationSeconds'), 2)
}

/** The claim that an ephemeral volume makes. Upstream: describe.go printPersistentVolumeClaim of a template */
function ephemeral(w: Writer, template: Thing | undefined): void {
  if (template === undefined) return
  const inner = new Writer(w.now)
  inner.field('StorageClass', classOf(template))
  inner.field('Volume', textAt(template, 'spec', 'volumeName'))
  inner.labels('Labels', mapAt(template, 'metadata', 'labels'))
  inner.annotations('Annotations', mapAt(template, 'metadata', 'annotations'))
  inner.field('Capacity', '')
  inner.field('Access Modes', '')
  if (at(template, 'spec', 'volumeMode') !== undefined) inner.field('VolumeMode', textAt(template, 'spec', 'volumeMode'))
  dataSource(inner, template.spec)
  for (const line of inner.text.split('\n').slice(0, -1)) w.line(2, line)
}

/** The class of a claim or a volume: once it was an annotation. Upstream: kubectl/pkg/util/storage GetPersistentVolumeClaimClass */
export const classOf = (object: Thing): string => mapAt(object, 'metadata', 'annotations')['volume.beta.kubernetes.io/storage-class'] ?? textAt(object, 'spec', 'storageClassName')

/** What a claim is filled from, if anything. */
export function dataSource(w: Writer, spec: unknown): void {
  if (at(spec, 'dataSource') === undefined) return
  w.line(0, 'DataSource:')
  if (at(spec, 'dataSource', 'apiGroup') !== undefined) w.field('APIGroup', textAt(spec, 'dataSource', 'apiGroup'), 1)
  w.field('Kind', textAt(spec, 'dataSource', 'kind'), 1)
  w.field('Name', textAt(spec, 'dataSource', 'name'), 1)
}
