import type { Container, PodSpec } from '../../../api'
import { forbidden, notSupported, required, type FieldError } from '../../../apimachinery'

/** Settings that only Linux knows, in a pod and in its security context. */
const POD_LINUX_ONLY = [
  'securityContext.appArmorProfile', 'securityContext.seLinuxOptions', 'hostUsers', 'hostPID', 'hostIPC', 'securityContext.seccompProfile', 'securityContext.fsGroup',
  'securityContext.fsGroupChangePolicy', 'securityContext.sysctls', 'shareProcessNamespace', 'securityContext.runAsUser', 'securityContext.runAsGroup',
  'securityContext.supplementalGroups', 'securityContext.supplementalGroupsPolicy', 'securityContext.seLinuxChangePolicy',
]
const CONTAINER_LINUX_ONLY = [
  'appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup',
] as const

/** What the named operating system does not have. Upstream: core validation validateOS, validateLinux, validateWindows. */
export function validateOS(spec: PodSpec, path: string): FieldError[] {
  const name = spec.os!.name
  if (!name) return [required(`${path}.os.name`, 'cannot be empty')]
  if (name !== 'linux' && name !== 'windows') return [notSupported(`${path}.os`, name, ['linux', 'windows'])]
  const errors: FieldError[] = []
  if (name === 'windows') {
    for (const field of POD_LINUX_ONLY) if (isSet(spec, field)) errors.push(forbidden(`${path}.${field}`, 'cannot be set for a windows pod'))
  } else if (spec.securityContext?.windowsOptions != null) errors.push(forbidden(`${path}.securityContext.windowsOptions`, 'windows options cannot be set for a linux pod'))
  for (const field of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    ;(spec[field] ?? []).forEach((c: Pick<Container, 'securityContext'>, i) => {
      const at = `${path}.${field}[${i}].securityContext`
      if (name === 'linux' && c.securityContext?.windowsOptions != null) errors.push(forbidden(`${at}.windowsOptions`, 'windows options cannot be set for a linux pod'))
      if (name === 'linux') return
      for (const key of CONTAINER_LINUX_ONLY) if (c.securityContext?.[key] != null) errors.push(forbidden(`${at}.${key}`, 'cannot be set for a windows pod'))
    })
  }
  return errors
}

/** Lists and switches count as set when they say something; all else when it is there. */
function isSet(spec: PodSpec, field: string): boolean {
  let value: unknown = spec
  for (const name of field.split('.')) value = (value as Record<string, unknown> | undefined)?.[name]
  if (field === 'hostPID' || field === 'hostIPC') return value === true
  if (field.endsWith('.sysctls')) return Array.isArray(value) && value.length > 0
  return value != null
}
