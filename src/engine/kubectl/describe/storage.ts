import { at, listAt, mapAt, textAt } from '../api'
import type { Describer } from './describer'
import { classOf, dataSource, volumeSource } from './volumes'
import { bool, mapText, rfc1123z } from './writer'

const MODES: Record<string, string> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' }
/** In this order, whatever theirs was. Upstream: kubectl/pkg/util/storage GetAccessModesAsString */
const modes = (list: readonly string[]): string => Object.keys(MODES).flatMap((m) => (list.includes(m) ? (MODES[m] as string) : [])).join(',')

/** Upstream: describe.go describePersistentVolumeClaim */
export const persistentVolumeClaim: Describer = (d) => {
  const { w, api, object } = d
  const { spec, status, metadata } = object
  const owners = listAt<{ kind: string; uid: string }>(object, 'metadata', 'ownerReferences').filter((r) => r.kind === 'Pod').map((r) => r.uid)
  const pods = api.listOrNone(`/api/v1/namespaces/${metadata.namespace}/pods`).filter((p) => owners.includes(p.metadata.uid ?? '') || listAt(p, 'spec', 'volumes').some((v) => textAt(v, 'persistentVolumeClaim', 'claimName') === metadata.name))
  w.field('Name', metadata.name)
  w.field('Namespace', metadata.namespace)
  w.field('StorageClass', classOf(object))
  w.field('Status', metadata.deletionTimestamp === undefined ? textAt(status, 'phase') : `Terminating (lasts ${w.age(metadata.deletionTimestamp)})`)
  w.field('Volume', textAt(spec, 'volumeName'))
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  w.field('Finalizers', `[${listAt<string>(metadata, 'finalizers').join(' ')}]`)
  const bound = textAt(spec, 'volumeName') !== ''
  w.field('Capacity', bound ? textAt(status, 'capacity', 'storage') : '')
  w.field('Access Modes', bound ? modes(listAt<string>(status, 'accessModes')) : '')
  if (at(spec, 'volumeMode') !== undefined) w.field('VolumeMode', textAt(spec, 'volumeMode'))
  dataSource(w, spec)
  w.list('Used By', pods.map((p) => p.metadata.name).toSorted())
  const conditions = listAt(status, 'conditions')
  if (conditions.length > 0) {
    w.text += 'Conditions:\n  Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage\n  ----\t------\t-----------------\t------------------\t------\t-------\n'
    for (const c of conditions) w.line(1, [textAt(c, 'type'), textAt(c, 'status'), rfc1123z(textAt(c, 'lastProbeTime')), rfc1123z(textAt(c, 'lastTransitionTime')), textAt(c, 'reason'), textAt(c, 'message')].join(' \t'))
  }
  w.events(d.events())
}

/** Upstream: describe.go describePersistentVolume */
export const persistentVolume: Describer = (d) => {
  const { w, object } = d
  const { spec, status, metadata } = object
  w.meta(object, false)
  w.field('Finalizers', `[${listAt<string>(metadata, 'finalizers').join(' ')}]`)
  w.field('StorageClass', classOf(object))
  w.field('Status', metadata.deletionTimestamp === undefined ? textAt(status, 'phase') : `Terminating (lasts ${w.age(metadata.deletionTimestamp)})`)
  const claim = at(spec, 'claimRef')
  w.field('Claim', claim === undefined ? '' : `${textAt(claim, 'namespace')}/${textAt(claim, 'name')}`)
  w.field('Reclaim Policy', textAt(spec, 'persistentVolumeReclaimPolicy'))
  w.field('Access Modes', modes(listAt<string>(spec, 'accessModes')))
  if (at(spec, 'volumeMode') !== undefined) w.field('VolumeMode', textAt(spec, 'volumeMode'))
  w.field('Capacity', textAt(spec, 'capacity', 'storage'))
  const terms = listAt(spec, 'nodeAffinity', 'required', 'nodeSelectorTerms')
  if (at(spec, 'nodeAffinity', 'required') === undefined) w.field('Node Affinity', '<none>')
  else {
    w.line(0, 'Node Affinity:\t')
    w.line(1, terms.length === 0 ? 'Required Terms:\t<none>' : 'Required Terms:\t')
    for (const [i, term] of terms.entries()) {
      const expressions = listAt(term, 'matchExpressions').map((e) => `${textAt(e, 'key')} ${textAt(e, 'operator').toLowerCase()}${listAt(e, 'values').length > 0 ? ` [${listAt<string>(e, 'values').join(', ')}]` : ''}`)
      for (const [k, e] of (expressions.length === 0 ? ['<none>'] : expressions).entries()) w.line(2, `${k === 0 ? `Term ${i}:` : ''}\t${e}`)
    }
  }
  w.field('Message', textAt(status, 'message'))
  w.line(0, 'Source:')
  volumeSource(w, spec as never, true)
  w.events(d.events())
}

/** Upstream: describe.go describeStorageClass */
export const storageClass: Describer = (d) => {
  const { w, object } = d
  const annotations = mapAt(object, 'metadata', 'annotations')
  w.field('Name', object.metadata.name)
  w.field('IsDefaultClass', annotations['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true' ? 'Yes' : 'No')
  w.field('Annotations', mapText(annotations))
  w.field('Provisioner', textAt(object, 'provisioner'))
  w.field('Parameters', mapText(mapAt(object, 'parameters')))
  w.field('AllowVolumeExpansion', at(object, 'allowVolumeExpansion') === undefined ? '<unset>' : bool(at(object, 'allowVolumeExpansion')))
  const options = listAt<string>(object, 'mountOptions')
  if (options.length === 0) w.field('MountOptions', '<none>')
  else {
    w.line(0, 'MountOptions:')
    for (const o of options) w.line(1, o)
  }
  if (at(object, 'reclaimPolicy') !== undefined) w.field('ReclaimPolicy', textAt(object, 'reclaimPolicy'))
  if (at(object, 'volumeBindingMode') !== undefined) w.field('VolumeBindingMode', textAt(object, 'volumeBindingMode'))
  if (at(object, 'allowedTopologies') !== undefined) {
    const terms = listAt(object, 'allowedTopologies')
    w.line(0, terms.length === 0 ? 'AllowedTopologies:\t<none>' : 'AllowedTopologies:\t')
    for (const [i, term] of terms.entries()) {
      const expressions = listAt(term, 'matchLabelExpressions').map((e) => `${textAt(e, 'key')} in${listAt(e, 'values').length > 0 ? ` [${listAt<string>(e, 'values').join(', ')}]` : ''}`)
      for (const [k, e] of (expressions.length === 0 ? ['<none>'] : expressions).entries()) w.line(1, `${k === 0 ? `Term ${i}:` : ''}\t${e}`)
    }
  }
  w.events(d.events())
}

/** Upstream: describe.go describeVolumeAttributesClass */
export const volumeAttributesClass: Describer = (d) => {
  const { w, object } = d
  w.field('Name', object.metadata.name)
  w.field('Annotations', mapText(mapAt(object, 'metadata', 'annotations')))
  w.field('DriverName', textAt(object, 'driverName'))
  w.field('Parameters', mapText(mapAt(object, 'parameters')))
  w.events(d.events())
}

/** Upstream: describe.go describeCSINode */
export const csiNode: Describer = (d) => {
  const { w, object } = d
  w.meta(object, false)
  w.field('CreationTimestamp', rfc1123z(object.metadata.creationTimestamp ?? ''))
  w.line(0, 'Spec:')
  if (at(object, 'spec', 'drivers') !== undefined && at(object, 'spec', 'drivers') !== null) w.line(1, 'Drivers:')
  for (const driver of listAt(object, 'spec', 'drivers')) {
    w.line(2, `${textAt(driver, 'name')}:`)
    w.field('Node ID', textAt(driver, 'nodeID'), 3)
    if (at(driver, 'allocatable', 'count') !== undefined) {
      w.line(3, 'Allocatables:')
      w.field('Count', textAt(driver, 'allocatable', 'count'), 4)
    }
    if (at(driver, 'topologyKeys') !== undefined) w.field('Topology Keys', `[${listAt<string>(driver, 'topologyKeys').join(' ')}]`, 3)
  }
  w.events(d.events())
}
