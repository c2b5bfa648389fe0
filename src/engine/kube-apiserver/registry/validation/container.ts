import type { Container, ContainerPort } from '../../../api'
import {
  dns1123LabelErrors, duplicate, forbidden, invalid, notFoundField, notSupported, portNameErrors, portNumberErrors, required, type FieldError,
} from '../../../apimachinery'
import { validateEnv, validateEnvFrom } from './env'
import { validateLifecycle, validateProbes } from './probe'
import { validateResources } from './resources'
import { validateSecurityContext } from './security-context'
import { descendingPathErrors, type VolumesByName } from './volumes'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']

/** What containers of a pod share. */
export interface ContainerContext {
  readonly volumes: VolumesByName
  /** terminationGracePeriodSeconds of the pod. */
  readonly grace: number
}

/** The containers of a pod. Upstream: core validation validateContainers. */
export function validateContainers(containers: readonly Container[] | undefined, context: ContainerContext, path: string): FieldError[] {
  const list = containers ?? []
  if (list.length === 0) return [required(path)]
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (let i = 0; i < list.length; i++) {
    const c = list[i]!
    const at = `${path}[${i}]`
    addCommonErrors(errors, c, context, at)
    if (names.has(c.name)) errors.push(duplicate(`${at}.name`, c.name))
    names.add(c.name)
    errors.push(...validateLifecycle(c, context.grace, at), ...validateProbes(c, context.grace, at))
    if (c.restartPolicy != null && !RESTART_POLICIES.includes(c.restartPolicy)) errors.push(notSupported(`${at}.restartPolicy`, c.restartPolicy, RESTART_POLICIES))
  }
  return [...errors, ...hostPortConflicts(list, path)]
}

/** Containers that run before; those with restartPolicy Always keep running (sidecars). Upstream: validateInitContainers. */
export function validateInitContainers(
  containers: readonly Container[] | undefined, regular: readonly Container[] | undefined, context: ContainerContext, path: string,
): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set((regular ?? []).map((c) => c.name))
  ;(containers ?? []).forEach((c, i) => {
    const at = `${path}[${i}]`
    addCommonErrors(errors, c, context, at)
    if (c.restartPolicy != null && !RESTART_POLICIES.includes(c.restartPolicy)) errors.push(notSupported(`${at}.restartPolicy`, c.restartPolicy, RESTART_POLICIES))
    if (names.has(c.name)) errors.push(duplicate(`${at}.name`, c.name))
    else if (c.name) names.add(c.name)
    errors.push(...hostPortConflicts([c], path))
    if (c.restartPolicy === 'Always') {
      errors.push(...validateLifecycle(c, context.grace, at), ...validateProbes(c, context.grace, at))
      return
    }
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (c[field] != null) errors.push(forbidden(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always'))
    }
  })
  return errors
}

function addCommonErrors(errors: FieldError[], c: Container, context: ContainerContext, path: string): void {
  if (!c.name) errors.push(required(`${path}.name`))
  else for (const message of dns1123LabelErrors(c.name)) errors.push(invalid(`${path}.name`, c.name, message))
  if (!c.image) errors.push(required(`${path}.image`))
  if (c.terminationMessagePolicy !== 'File' && c.terminationMessagePolicy !== 'FallbackToLogsOnError') {
    const at = `${path}.terminationMessagePolicy`
    errors.push(c.terminationMessagePolicy ? notSupported(at, c.terminationMessagePolicy, ['FallbackToLogsOnError', 'File']) : required(at))
  }
  if (c.ports != null) addPortErrors(errors, c.ports, `${path}.ports`)
  if (c.env != null) errors.push(...validateEnv(c.env, `${path}.env`))
  if (c.envFrom != null) errors.push(...validateEnvFrom(c.envFrom, `${path}.envFrom`))
  if (c.volumeMounts != null) addMountErrors(errors, c, context.volumes, `${path}.volumeMounts`)
  if (c.volumeDevices != null) addDeviceErrors(errors, c, context.volumes, `${path}.volumeDevices`)
  if (!c.imagePullPolicy) errors.push(required(`${path}.imagePullPolicy`))
  else if (!PULL_POLICIES.includes(c.imagePullPolicy)) errors.push(notSupported(`${path}.imagePullPolicy`, c.imagePullPolicy, PULL_POLICIES))
  errors.push(...validateResources(c.resources, `${path}.resources`))
  if (c.securityContext != null) errors.push(...validateSecurityContext(c.securityContext, `${path}.securityContext`))
}

function addPortErrors(errors: FieldError[], ports: readonly ContainerPort[], path: string): void {
  const names = new Set<string>()
  ports.forEach((port, i) => {
    const at = `${path}[${i}]`
    if (port.name) {
      const wrong = portNameErrors(port.name)
      if (wrong.length > 0) for (const message of wrong) errors.push(invalid(`${at}.name`, port.name, message))
      else if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name))
      else names.add(port.name)
    }
    if (!port.containerPort) errors.push(required(`${at}.containerPort`))
    else for (const message of portNumberErrors(port.containerPort)) errors.push(invalid(`${at}.containerPort`, port.containerPort, message))
    if (port.hostPort) for (const message of portNumberErrors(port.hostPort)) errors.push(invalid(`${at}.hostPort`, port.hostPort, message))
    if (!port.protocol) errors.push(required(`${at}.protocol`))
    else if (!PROTOCOLS.includes(port.protocol)) errors.push(notSupported(`${at}.protocol`, port.protocol, PROTOCOLS))
  })
}

function hostPortConflicts(containers: readonly Container[], path: string): FieldError[] {
  const errors: FieldError[] = []
  let taken: Set<string> | undefined
  containers.forEach((c, i) => {
    if (c.ports == null) return
    c.ports.forEach((port, j) => {
      if (!port.hostPort) return
      const id = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`
      taken ??= new Set()
      if (taken.has(id)) errors.push(duplicate(`${path}[${i}].ports[${j}].hostPort`, id))
      taken.add(id)
    })
  })
  return errors
}

function addMountErrors(errors: FieldError[], c: Container, volumes: VolumesByName, path: string): void {
  const paths = new Set<string>()
  c.volumeMounts!.forEach((mount, i) => {
    const at = `${path}[${i}]`
    if (!mount.name) errors.push(required(`${at}.name`))
    if (!volumes.has(mount.name)) errors.push(notFoundField(`${at}.name`, mount.name))
    if (!mount.mountPath) errors.push(required(`${at}.mountPath`))
    if (paths.has(mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'))
    paths.add(mount.mountPath)
    if (c.volumeDevices?.some((d) => d.name === mount.name)) errors.push(invalid(`${at}.name`, mount.name, 'must not already exist in volumeDevices'))
    if (c.volumeDevices?.some((d) => d.devicePath === mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'))
    if (mount.subPath) errors.push(...descendingPathErrors(mount.subPath, `${path}.subPath`))
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      errors.push(...descendingPathErrors(mount.subPathExpr, `${path}.subPathExpr`))
    }
    const modes = ['Bidirectional', 'HostToContainer', 'None']
    if (mount.mountPropagation != null) {
      if (!modes.includes(mount.mountPropagation)) errors.push(notSupported(`${at}.mountPropagation`, mount.mountPropagation, modes))
      else if (mount.mountPropagation === 'Bidirectional' && c.securityContext?.privileged !== true) {
        errors.push(forbidden(`${at}.mountPropagation`, 'Bidirectional mount propagation is available only to privileged containers'))
      }
    }
  })
}

function addDeviceErrors(errors: FieldError[], c: Container, volumes: VolumesByName, path: string): void {
  const seen = new Set<string>()
  c.volumeDevices!.forEach((device, i) => {
    const at = `${path}[${i}]`
    if (!device.name) errors.push(required(`${at}.name`))
    if (seen.has(`name ${device.name}`)) errors.push(invalid(`${at}.name`, device.name, 'must be unique'))
    if (!volumes.has(device.name)) errors.push(notFoundField(`${at}.name`, device.name))
    else {
      const volume = volumes.get(device.name)!
      if (volume.persistentVolumeClaim == null && volume.ephemeral == null) errors.push(invalid(`${at}.name`, device.name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'))
    }
    if (!device.devicePath) errors.push(required(`${at}.devicePath`))
    if (seen.has(`path ${device.devicePath}`)) errors.push(invalid(`${at}.devicePath`, device.devicePath, 'must be unique'))
    seen.add(`name ${device.name}`).add(`path ${device.devicePath}`)
  })
}
