import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext } from '../../../api'
import { duplicate, inclusiveRangeError, invalid, notSupported, required, tooLong, type FieldError } from '../../../apimachinery'
import { descendingPathErrors } from './volumes'

const MAX_ID = 2_147_483_647
const ID_ERROR = inclusiveRangeError(0, MAX_ID)

function idErrors(id: number | undefined | null, path: string): FieldError[] {
  return id != null && (id < 0 || id > MAX_ID) ? [invalid(path, id, ID_ERROR)] : []
}

/** Security settings of a container. Upstream: core validation ValidateSecurityContext. */
export function validateSecurityContext(sc: SecurityContext, hostUsers: boolean, path: string): FieldError[] {
  const errors = [...idErrors(sc.runAsUser, `${path}.runAsUser`), ...idErrors(sc.runAsGroup, `${path}.runAsGroup`)]
  if (sc.procMount != null && sc.procMount !== 'Default' && sc.procMount !== 'Unmasked') {
    errors.push(notSupported(`${path}.procMount`, sc.procMount, ['Default', 'Unmasked']))
  }
  if (hostUsers && sc.procMount === 'Unmasked') errors.push(invalid(`${path}.procMount`, sc.procMount, '`hostUsers` must be false to use `Unmasked`'))
  errors.push(...seccompErrors(sc.seccompProfile, `${path}.seccompProfile`))
  if (sc.allowPrivilegeEscalation === false) {
    if (sc.privileged === true) errors.push(invalid(path, internal(sc), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
    if (sc.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      errors.push(invalid(path, internal(sc), 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'))
    }
  }
  return [...errors, ...appArmorErrors(sc.appArmorProfile, `${path}.appArmorProfile`)]
}

/** The server's internal struct, as it prints into messages. */
function internal(sc: SecurityContext): Record<string, unknown> {
  return {
    Capabilities: sc.capabilities == null ? null : { Add: sc.capabilities.add ?? null, Drop: sc.capabilities.drop ?? null },
    Privileged: sc.privileged ?? null, SELinuxOptions: sc.seLinuxOptions ?? null, WindowsOptions: null, RunAsUser: sc.runAsUser ?? null,
    RunAsGroup: sc.runAsGroup ?? null, RunAsNonRoot: sc.runAsNonRoot ?? null, ReadOnlyRootFilesystem: sc.readOnlyRootFilesystem ?? null,
    AllowPrivilegeEscalation: sc.allowPrivilegeEscalation ?? null, ProcMount: sc.procMount ?? null, SeccompProfile: sc.seccompProfile ?? null, AppArmorProfile: null,
  }
}

function seccompErrors(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (profile == null) return []
  const types = ['Localhost', 'RuntimeDefault', 'Unconfined']
  if (!profile.type && profile.localhostProfile == null) return [required(`${path}.type`, 'type is required when seccompProfile is set')]
  if (profile.type === 'Localhost') {
    return profile.localhostProfile == null ? [required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost')] : descendingPathErrors(profile.localhostProfile, `${path}.localhostProfile`)
  }
  const errors = types.includes(profile.type) ? [] : [profile.type ? notSupported(`${path}.type`, profile.type, types) : required(`${path}.type`, 'type is required when seccompProfile is set')]
  if (profile.localhostProfile == null) return errors
  // The server prints its internal struct.
  return [...errors, invalid(`${path}.localhostProfile`, { Type: profile.type, LocalhostProfile: profile.localhostProfile }, 'can only be set when seccomp type is Localhost')]
}

function appArmorErrors(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (profile == null) return []
  const types = ['Localhost', 'RuntimeDefault', 'Unconfined']
  if (!profile.type) return [required(`${path}.type`, 'type is required when appArmorProfile is set')]
  if (profile.type === 'Localhost') {
    const { localhostProfile: name } = profile
    const at = `${path}.localhostProfile`
    if (!name) return [required(at, 'must be set when AppArmor type is Localhost')]
    const errors = name.trim() === name ? [] : [invalid(at, name, 'must not be padded with whitespace')]
    return name.length > 4095 ? [...errors, tooLong(at, 4095)] : errors
  }
  if (!types.includes(profile.type)) return [notSupported(`${path}.type`, profile.type, types)]
  return profile.localhostProfile != null ? [invalid(`${path}.localhostProfile`, profile.localhostProfile, 'can only be set when AppArmor type is Localhost')] : []
}

const SYSCTL = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/

/** Upstream: utilsysctl GetNamespace. */
const IPC_SYSCTL = /^(kernel[./]sem|kernel[./](shm|msg).*|fs[./]mqueue[./].*)$/

/** Security settings of a pod. Upstream: validatePodSpecSecurityContext. */
export function validatePodSecurityContext(sc: PodSecurityContext | undefined, spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (sc != null) {
    errors.push(...idErrors(sc.fsGroup, `${path}.fsGroup`), ...idErrors(sc.runAsUser, `${path}.runAsUser`), ...idErrors(sc.runAsGroup, `${path}.runAsGroup`))
    ;(sc.supplementalGroups ?? []).forEach((id, i) => errors.push(...idErrors(id, `${path}.supplementalGroups[${i}]`)))
  }
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    errors.push(invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  }
  if (sc == null) return errors
  const names = new Set<string>()
  ;(sc.sysctls ?? []).forEach((sysctl, i) => {
    const at = `${path}.sysctls[${i}].name`
    if (!sysctl.name) errors.push(required(at))
    else if (sysctl.name.length > 253 || !SYSCTL.test(sysctl.name)) errors.push(invalid(at, sysctl.name, `must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`))
    else if (names.has(sysctl.name)) errors.push(duplicate(at, sysctl.name))
    names.add(sysctl.name)
    if (spec.hostNetwork === true && /^net[./]/.test(sysctl.name ?? '')) errors.push(invalid(at, sysctl.name, "may not be specified when 'hostNetwork' is true"))
    else if (spec.hostIPC === true && IPC_SYSCTL.test(sysctl.name ?? '')) errors.push(invalid(at, sysctl.name, "may not be specified when 'hostIPC' is true"))
  })
  const policies = ['Always', 'OnRootMismatch']
  if (sc.fsGroupChangePolicy != null && !policies.includes(sc.fsGroupChangePolicy)) errors.push(notSupported(`${path}.fsGroupChangePolicy`, sc.fsGroupChangePolicy, policies))
  errors.push(...seccompErrors(sc.seccompProfile, `${path}.seccompProfile`), ...appArmorErrors(sc.appArmorProfile, `${path}.appArmorProfile`))
  const groups = ['Merge', 'Strict']
  if (sc.supplementalGroupsPolicy != null && !groups.includes(sc.supplementalGroupsPolicy)) errors.push(notSupported(`${path}.supplementalGroupsPolicy`, sc.supplementalGroupsPolicy, groups))
  const labels = ['MountOption', 'Recursive']
  if (sc.seLinuxChangePolicy != null && !labels.includes(sc.seLinuxChangePolicy)) errors.push(notSupported(`${path}.seLinuxChangePolicy`, sc.seLinuxChangePolicy, labels))
  return errors
}
