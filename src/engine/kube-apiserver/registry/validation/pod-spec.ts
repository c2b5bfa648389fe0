import type { Container, PodSpec } from '../../../api'
import {
  dns1123LabelErrors, dns1123SubdomainErrors, duplicate, inclusiveRangeError, invalid, notSupported, qualifiedNameErrors, required, tooMany, type FieldError,
} from '../../../apimachinery'
import { validateAffinity, validateSpread, validateTolerations } from './affinity'
import { validateContainers, validateInitContainers } from './container'
import { isIP, parseIP } from './ip'
import { validateLabels } from './object-meta'
import { quantityErrors } from './resources'
import { validatePodSecurityContext } from './security-context'
import { validateVolumes } from './volumes'

const RESTART = ['Always', 'OnFailure', 'Never']
const DNS = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const MAX_INT32 = 2_147_483_647

/** Rules of a pod spec, in a pod or a template. Upstream: core validation ValidatePodSpec. */
export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  const volumes = validateVolumes(spec.volumes, `${path}.volumes`, errors)
  const context = { volumes, grace: spec.terminationGracePeriodSeconds ?? 0 }
  errors.push(...validateContainers(spec.containers, context, `${path}.containers`))
  if (spec.initContainers != null) errors.push(...validateInitContainers(spec.initContainers, spec.containers, context, `${path}.initContainers`))
  addHostNetworkErrors(errors, spec, path)
  if (!spec.restartPolicy) errors.push(required(`${path}.restartPolicy`))
  else if (!RESTART.includes(spec.restartPolicy)) errors.push(notSupported(`${path}.restartPolicy`, spec.restartPolicy, RESTART))
  if (!spec.dnsPolicy) errors.push(required(`${path}.dnsPolicy`))
  else if (!DNS.includes(spec.dnsPolicy)) errors.push(notSupported(`${path}.dnsPolicy`, spec.dnsPolicy, DNS))
  if (spec.nodeSelector != null) errors.push(...validateLabels(spec.nodeSelector, `${path}.nodeSelector`))
  errors.push(...validatePodSecurityContext(spec.securityContext, spec, path, `${path}.securityContext`))
  ;(spec.imagePullSecrets ?? []).forEach((ref, i) => { if (!ref.name) errors.push(required(`${path}.imagePullSecrets[${i}].name`)) })
  errors.push(...validateAffinity(spec.affinity, `${path}.affinity`))
  addDNSErrors(errors, spec, path)
  ;(spec.readinessGates ?? []).forEach((gate, i) => addQualified(errors, gate.conditionType, `${path}.readinessGates[${i}].conditionType`))
  const gates = new Set<string>()
  ;(spec.schedulingGates ?? []).forEach((gate, i) => {
    addQualified(errors, gate.name, `${path}.schedulingGates[${i}]`)
    if (gates.has(gate.name)) errors.push(duplicate(`${path}.schedulingGates[${i}]`, gate.name))
    gates.add(gate.name)
  })
  errors.push(...validateSpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`))
  addName(errors, spec.serviceAccountName, `${path}.serviceAccountName`, dns1123SubdomainErrors)
  addName(errors, spec.nodeName, `${path}.nodeName`, dns1123SubdomainErrors)
  const deadline = spec.activeDeadlineSeconds
  if (deadline != null && (deadline < 1 || deadline > MAX_INT32)) errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, inclusiveRangeError(1, MAX_INT32)))
  addName(errors, spec.hostname, `${path}.hostname`, dns1123LabelErrors)
  addName(errors, spec.subdomain, `${path}.subdomain`, dns1123LabelErrors)
  errors.push(...validateTolerations(spec.tolerations, `${path}.tolerations`))
  ;(spec.hostAliases ?? []).forEach((alias, i) => {
    const at = `${path}.hostAliases[${i}]`
    if (!isIP(alias.ip)) errors.push(invalid(`${at}.ip`, alias.ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'))
    ;(alias.hostnames ?? []).forEach((name, j) => addName(errors, name, `${at}.hostnames[${j}]`, dns1123SubdomainErrors))
  })
  addName(errors, spec.priorityClassName, `${path}.priorityClassName`, dns1123SubdomainErrors)
  addName(errors, spec.runtimeClassName, `${path}.runtimeClassName`, dns1123SubdomainErrors)
  const preemption = spec.preemptionPolicy
  if (preemption != null && preemption !== 'Never' && preemption !== 'PreemptLowerPriority') {
    errors.push(notSupported(`${path}.preemptionPolicy`, preemption, ['PreemptLowerPriority', 'Never']))
  }
  for (const name in spec.overhead) errors.push(...quantityErrors(name, spec.overhead[name]!, `${path}.overhead.limits[${name}]`))
  if (spec.os?.name !== undefined && spec.os.name !== 'linux' && spec.os.name !== 'windows') errors.push(notSupported(`${path}.os.name`, spec.os.name, ['linux', 'windows']))
  return errors
}

/** Images of a real pod have no blanks around them; templates were never checked for it. Upstream: validateContainersOnlyForPod. */
export function validateImages(containers: readonly Container[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  ;(containers ?? []).forEach((c, i) => {
    const image = c.image ?? ''
    if (image.trim() !== image) errors.push(invalid(`${path}[${i}].image`, image, 'must not have leading or trailing whitespace'))
  })
  return errors
}

function addName(errors: FieldError[], name: string | undefined, path: string, check: (name: string) => readonly string[]): void {
  if (name === undefined || name === null || name === '') return
  for (const message of check(name)) errors.push(invalid(path, name, message))
}

function addQualified(errors: FieldError[], name: string, path: string): void {
  for (const message of qualifiedNameErrors(name)) errors.push(invalid(path, name, message))
}

function addHostNetworkErrors(errors: FieldError[], spec: PodSpec, path: string): void {
  if (spec.hostNetwork !== true) return
  for (const field of ['containers', 'initContainers'] as const) {
    ;(spec[field] ?? []).forEach((c, i) => {
      ;(c.ports ?? []).forEach((port, j) => {
        // Templates are not defaulted here, so that absent means equal.
        if (port.hostPort && port.hostPort !== port.containerPort) {
          errors.push(invalid(`${path}.${field}[${i}].ports[${j}].containerPort`, port.containerPort, 'must match `hostPort` when `hostNetwork` is true'))
        }
      })
    })
  }
}

function addDNSErrors(errors: FieldError[], spec: PodSpec, path: string): void {
  const config = spec.dnsConfig
  const at = `${path}.dnsConfig`
  if (spec.dnsPolicy === 'None') {
    if (config == null) return void errors.push(required(at, 'must provide `dnsConfig` when `dnsPolicy` is None'))
    if ((config.nameservers ?? []).length === 0) return void errors.push(required(`${at}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'))
  }
  if (config == null) return
  if ((config.nameservers ?? []).length > 3) errors.push({ ...tooMany(`${at}.nameservers`, config.nameservers!.length, 3) })
  ;(config.nameservers ?? []).forEach((ip, i) => {
    if (parseIP(ip) === undefined) errors.push(invalid(`${at}.nameservers[${i}]`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'))
  })
  if ((config.searches ?? []).length > 32) errors.push(tooMany(`${at}.searches`, config.searches!.length, 32))
  ;(config.options ?? []).forEach((option, i) => { if (!option.name) errors.push(required(`${at}.options[${i}]`, 'must not be empty')) })
}
