import type { Container, ContainerPort, ContainerResizePolicy, PodSpec } from '../../../api'
import {
  dns1123LabelErrors, duplicate, forbidden, invalid, notFoundField, notSupported, portNameErrors, portNumberErrors, required, type FieldError,
} from '../../../apimachinery'
import { validateEnv, validateEnvFrom } from './env'
import { validateLifecycle, validateProbes } from './probe'
import { validateResources } from './resources'
import { validateSecurityContext } from './security-context'
import { backstepErrors } from './volume-sources'
import { descendingPathErrors, type VolumesByName } from './volumes'

/** Protocols of ports, in the order in which errors list them. Upstream: supportedPortProtocols */
export const PROTOCOLS: readonly string[] = ['SCTP', 'TCP', 'UDP']
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']
const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']
const RECURSIVE = ['Disabled', 'Enabled', 'IfPossible']
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer']
/** What a debugging container may have. */
const EPHEMERAL_FIELDS = new Set([
  'name', 'targetContainerName', 'image', 'command', 'args', 'workingDir', 'envFrom', 'env', 'volumeMounts', 'volumeDevices', 'terminationMessagePath',
  'terminationMessagePolicy', 'imagePullPolicy', 'securityContext', 'stdin', 'stdinOnce', 'tty',
])

/** What containers of a pod share. */
export interface ContainerContext {
  readonly volumes: VolumesByName
  /** terminationGracePeriodSeconds of the pod. */
  readonly grace: number
  /** restartPolicy of the pod. */
  readonly restartPolicy: string
  /** Whether the pod's users are the node's. */
  readonly hostUsers: boolean
  /** Names of the pod's resource claims. */
  readonly claims: readonly string[]
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

/** Containers for debugging: no ports, probes or resources of their own. Upstream: validateEphemeralContainers. */
export function validateEphemeralContainers(spec: PodSpec, context: ContainerContext, path: string): FieldError[] {
  const errors: FieldError[] = []
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((c) => c.name))
  const names = new Set(others)
  ;(spec.ephemeralContainers ?? []).forEach((c, i) => {
    const at = `${path}[${i}]`
    addCommonErrors(errors, c as Container, context, at)
    errors.push(...blankErrors(c, at))
    if (names.has(c.name)) errors.push(duplicate(`${at}.name`, c.name))
    names.add(c.name)
    if (c.targetContainerName && !others.has(c.targetContainerName)) errors.push(notFoundField(`${at}.targetContainerName`, c.targetContainerName))
    for (const field in c) {
      const value = (c as unknown as Record<string, unknown>)[field]
      const isEmpty = value == null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)
      if (!isEmpty && !EPHEMERAL_FIELDS.has(field)) errors.push(forbidden(`${at}.${field}`, 'cannot be set for an Ephemeral Container'))
    }
    ;(c.volumeMounts ?? []).forEach((mount, j) => {
      for (const field of ['subPath', 'subPathExpr'] as const) {
        if (mount[field]) errors.push(forbidden(`${at}.volumeMounts[${j}].${field}`, 'cannot be set for an Ephemeral Container'))
      }
    })
  })
  return errors
}

/** Images of a real pod have no blanks around them; templates were never checked for it. Upstream: validateContainersOnlyForPod. */
export function validateImages(containers: readonly Container[] | undefined, path: string): FieldError[] {
  return (containers ?? []).flatMap((c, i) => blankErrors(c, `${path}[${i}]`))
}

function blankErrors(c: Pick<Container, 'image'>, path: string): FieldError[] {
  const image = c.image ?? ''
  return image.trim() === image ? [] : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')]
}

function addCommonErrors(errors: FieldError[], c: Container, context: ContainerContext, path: string): void {
  if (!c.name) errors.push(required(`${path}.name`))
  else for (const message of dns1123LabelErrors(c.name)) errors.push(invalid(`${path}.name`, c.name, message))
  if (!c.image) errors.push(required(`${path}.image`))
  if (c.terminationMessagePolicy !== 'File' && c.terminationMessagePolicy !== 'FallbackToLogsOnError') {
    const at = `${path}.terminationMessagePolicy`
    errors.push(c.terminationMessagePolicy ? notSupported(at, c.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']) : required(at))
  }
  if (c.ports != null) addPortErrors(errors, c.ports, `${path}.ports`)
  if (c.env != null) errors.push(...validateEnv(c.env, `${path}.env`))
  if (c.envFrom != null) errors.push(...validateEnvFrom(c.envFrom, `${path}.envFrom`))
  if (c.volumeMounts != null) addMountErrors(errors, c, context.volumes, `${path}.volumeMounts`)
  if (c.volumeDevices != null) addDeviceErrors(errors, c, context.volumes, `${path}.volumeDevices`)
  if (!c.imagePullPolicy) errors.push(required(`${path}.imagePullPolicy`))
  else if (!PULL_POLICIES.includes(c.imagePullPolicy)) errors.push(notSupported(`${path}.imagePullPolicy`, c.imagePullPolicy, PULL_POLICIES))
  errors.push(...validateResources(c.resources, `${path}.resources`, context.claims))
  if (c.resizePolicy != null) addResizeErrors(errors, c.resizePolicy, context.restartPolicy, `${path}.resizePolicy`)
  if (c.securityContext != null) errors.push(...validateSecurityContext(c.securityContext, context.hostUsers, `${path}.securityContext`))
}

/** Whether a new size needs a restart. Upstream: validateResizePolicy. */
function addResizeErrors(errors: FieldError[], policies: readonly ContainerResizePolicy[], restartPolicy: string, path: string): void {
  const seen = new Set<string>()
  policies.forEach((policy, i) => {
    const { resourceName: name, restartPolicy: restart } = policy
    if (seen.has(name)) errors.push(duplicate(`${path}[${i}]`, name))
    seen.add(name)
    if (!name) errors.push(required(path))
    else if (name !== 'cpu' && name !== 'memory') errors.push(notSupported(path, name, ['cpu', 'memory']))
    if (!restart) errors.push(required(path))
    else if (!RESIZE_POLICIES.includes(restart)) errors.push(notSupported(path, restart, RESIZE_POLICIES))
    if (restartPolicy === 'Never' && restart !== 'NotRequired') errors.push(invalid(path, restart ?? '', "must be 'NotRequired' when `restartPolicy` is 'Never'"))
  })
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
    if (volumes.get(mount.name)?.image != null) {
      for (const field of ['subPath', 'subPathExpr'] as const) if (mount[field]) errors.push(invalid(`${at}.${field}`, mount[field], 'not allowed in image volume sources'))
    }
    if (mount.subPath) errors.push(...descendingPathErrors(mount.subPath, `${path}.subPath`))
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      errors.push(...descendingPathErrors(mount.subPathExpr, `${path}.subPathExpr`))
    }
    const { mountPropagation: propagation, recursiveReadOnly: recursive } = mount
    // From here on upstream gives no index.
    if (propagation != null) {
      if (!PROPAGATIONS.includes(propagation)) errors.push(notSupported(`${path}.mountPropagation`, propagation, PROPAGATIONS))
      else if (propagation === 'Bidirectional' && c.securityContext?.privileged !== true) {
        errors.push(forbidden(`${path}.mountPropagation`, 'Bidirectional mount propagation is available only to privileged containers'))
      }
    }
    if (recursive != null && !RECURSIVE.includes(recursive)) errors.push(notSupported(`${path}.recursiveReadOnly`, recursive, RECURSIVE))
    else if (recursive != null && recursive !== 'Disabled') {
      if (mount.readOnly !== true) errors.push(forbidden(`${path}.recursiveReadOnly`, 'may only be specified when readOnly is true'))
      if (propagation != null && propagation !== 'None') errors.push(forbidden(`${path}.recursiveReadOnly`, 'may only be specified when mountPropagation is None or not specified'))
    }
  })
}

function addDeviceErrors(errors: FieldError[], c: Container, volumes: VolumesByName, path: string): void {
  const [names, paths] = [new Set<string>(), new Set<string>()]
  c.volumeDevices!.forEach((device, i) => {
    const at = `${path}[${i}]`
    const { name, devicePath } = device
    const volume = volumes.get(name)
    if (!name) errors.push(required(`${at}.name`))
    if (names.has(name)) errors.push(invalid(`${at}.name`, name, 'must be unique'))
    if (volume === undefined) errors.push(notFoundField(`${at}.name`, name))
    else if (volume.persistentVolumeClaim == null && volume.ephemeral == null) {
      errors.push(invalid(`${at}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'))
    }
    if (!devicePath) errors.push(required(`${at}.devicePath`))
    if (paths.has(devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, 'must be unique'))
    if (backstepErrors(devicePath ?? '', '').length > 0) errors.push(invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"))
    else paths.add(devicePath)
    if (c.volumeMounts?.some((m) => m.name === name)) errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'))
    if (c.volumeMounts?.some((m) => m.mountPath === devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'))
    if (name) names.add(name)
  })
}
