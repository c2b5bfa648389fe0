import type { PodSpec } from '../../../api'
import {
  dns1123LabelErrors, dns1123SubdomainErrors, duplicate, forbidden, inclusiveRangeError, invalid, notSupported, qualifiedNameErrors, regexError, required, type FieldError,
} from '../../../apimachinery'
import { validateAffinity, validateSpread, validateTolerations } from './affinity'
import { validateContainers, validateEphemeralContainers, validateInitContainers, type ContainerContext } from './container'
import { isIP, parseIP } from './ip'
import { validateLabels } from './object-meta'
import { validateOS } from './pod-os'
import { validatePodResources, validateResources } from './resources'
import { validatePodSecurityContext } from './security-context'
import { validateVolumes } from './volumes'

const RESTART = ['Always', 'OnFailure', 'Never']
const DNS = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const MAX_INT32 = 2_147_483_647
const NONE: readonly string[] = []

/** Rules of a pod spec, in a pod or a template. Upstream: core validation ValidatePodSpec. */
export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  const volumes = validateVolumes(spec.volumes, `${path}.volumes`, errors)
  const context: ContainerContext = {
    volumes, grace: spec.terminationGracePeriodSeconds ?? 0, restartPolicy: spec.restartPolicy ?? '', hostUsers: spec.hostUsers !== false,
    claims: spec.resourceClaims == null ? NONE : spec.resourceClaims.flatMap((claim) => claim.name || []),
  }
  if (spec.resourceClaims != null) addClaimErrors(errors, spec.resourceClaims, `${path}.resourceClaims`)
  errors.push(...validateContainers(spec.containers, context, `${path}.containers`))
  if (spec.initContainers != null) errors.push(...validateInitContainers(spec.initContainers, spec.containers, context, `${path}.initContainers`))
  if (spec.ephemeralContainers != null) errors.push(...validateEphemeralContainers(spec, context, `${path}.ephemeralContainers`))
  if (spec.resources != null) errors.push(...validatePodResources(spec, `${path}.resources`))
  addHostNetworkErrors(errors, spec, path)
  if (!spec.restartPolicy) errors.push(required(`${path}.restartPolicy`))
  else if (!RESTART.includes(spec.restartPolicy)) errors.push(notSupported(`${path}.restartPolicy`, spec.restartPolicy, RESTART))
  if (!spec.dnsPolicy) errors.push(required(`${path}.dnsPolicy`))
  else if (!DNS.includes(spec.dnsPolicy)) errors.push(notSupported(`${path}.dnsPolicy`, spec.dnsPolicy, DNS))
  if (spec.nodeSelector != null) errors.push(...validateLabels(spec.nodeSelector, `${path}.nodeSelector`))
  errors.push(...validatePodSecurityContext(spec.securityContext, spec, `${path}.securityContext`))
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
  if (spec.hostUsers === false) {
    const shared = [spec.hostNetwork && 'hostNetwork', spec.hostPID && 'HostPID', spec.hostIPC && 'HostIPC']
    for (const field of shared) if (field) errors.push(forbidden(`${path}.${field}`, 'when `pod.Spec.HostUsers` is false'))
  }
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
    ;(alias.hostnames ?? []).forEach((name, j) => { for (const message of dns1123SubdomainErrors(name)) errors.push(invalid(`${at}.hostnames[${j}]`, name, message)) })
  })
  addName(errors, spec.priorityClassName, `${path}.priorityClassName`, dns1123SubdomainErrors)
  if (spec.runtimeClassName != null) for (const message of dns1123SubdomainErrors(spec.runtimeClassName)) errors.push(invalid(`${path}.runtimeClassName`, spec.runtimeClassName, message))
  const preemption = spec.preemptionPolicy
  if (preemption === '') errors.push(required(`${path}.preemptionPolicy`))
  else if (preemption != null && preemption !== 'Never' && preemption !== 'PreemptLowerPriority') {
    errors.push(notSupported(`${path}.preemptionPolicy`, preemption, ['PreemptLowerPriority', 'Never']))
  }
  if (spec.overhead != null) errors.push(...validateResources({ limits: spec.overhead }, `${path}.overhead`))
  if (spec.os != null) errors.push(...validateOS(spec, path))
  return errors
}

function addName(errors: FieldError[], name: string | undefined, path: string, check: (name: string) => readonly string[]): void {
  if (name === undefined || name === null || name === '') return
  for (const message of check(name)) errors.push(invalid(path, name, message))
}

function addQualified(errors: FieldError[], name: string, path: string): void {
  for (const message of qualifiedNameErrors(name)) errors.push(invalid(path, name, message))
}

/** Names of the devices that containers refer to. Upstream: validatePodResourceClaims. */
function addClaimErrors(errors: FieldError[], claims: NonNullable<PodSpec['resourceClaims']>, path: string): void {
  const names = new Set<string>()
  claims.forEach((claim, i) => {
    const at = `${path}[${i}]`
    if (!claim.name) errors.push(required(`${at}.name`))
    else if (names.has(claim.name)) errors.push(duplicate(`${at}.name`, claim.name))
    else addName(errors, claim.name, `${at}.name`, dns1123LabelErrors)
    names.add(claim.name)
    const value = { Name: claim.name ?? '', ResourceClaimName: claim.resourceClaimName ?? null, ResourceClaimTemplateName: claim.resourceClaimTemplateName ?? null }
    const [one, other] = [claim.resourceClaimName != null, claim.resourceClaimTemplateName != null]
    if (one && other) errors.push(invalid(at, value, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'))
    if (!one && !other) errors.push(invalid(at, value, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      if (claim[field] != null) for (const message of dns1123SubdomainErrors(claim[field])) errors.push(invalid(`${at}.${field}`, claim[field], message))
    }
  })
}

/** Ports of the node are ports of the container. Upstream: validatePodHostNetworkDeps. */
function addHostNetworkErrors(errors: FieldError[], spec: PodSpec, path: string): void {
  if (spec.hostNetwork !== true) return
  spec.containers?.forEach((c, i) => {
    ;(c.ports ?? []).forEach((port, j) => {
      // Templates are not defaulted here, so that absent means equal.
      if (port.hostPort && port.hostPort !== port.containerPort) {
        errors.push(invalid(`${path}.containers[${i}].ports[${j}].hostPort`, port.hostPort, 'must match `containerPort` when `hostNetwork` is true'))
      }
    })
  })
}

function addDNSErrors(errors: FieldError[], spec: PodSpec, path: string): void {
  const config = spec.dnsConfig
  const at = `${path}.dnsConfig`
  if (spec.dnsPolicy === 'None') {
    if (config == null) return void errors.push(required(at, 'must provide `dnsConfig` when `dnsPolicy` is None'))
    if ((config.nameservers ?? []).length === 0) return void errors.push(required(`${at}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'))
  }
  if (config == null) return
  if ((config.nameservers ?? []).length > 3) errors.push(invalid(`${at}.nameservers`, config.nameservers, 'must not have more than 3 nameservers'))
  ;(config.nameservers ?? []).forEach((ip, i) => {
    if (parseIP(ip) === undefined) errors.push(invalid(`${at}.nameservers[${i}]`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'))
  })
  const searches = config.searches ?? []
  if (searches.length > 32) errors.push(invalid(`${at}.searches`, searches, 'must not have more than 32 search paths'))
  if (searches.join(' ').length > 2048) errors.push(invalid(`${at}.searches`, searches, 'must not have more than 2048 characters (including spaces) in the search list'))
  searches.forEach((search, i) => {
    const name = search === '.' ? search : search.replace(/\.$/, '')
    if (name !== '.') for (const message of relaxedSubdomainErrors(name)) errors.push(invalid(`${at}.searches[${i}]`, name, message))
  })
  ;(config.options ?? []).forEach((option, i) => { if (!option.name) errors.push(required(`${at}.options[${i}]`, 'must not be empty')) })
}

const RELAXED_SUBDOMAIN = '[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?(\\.[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?)*'

/** Search paths may have underscores. Upstream: IsDNS1123SubdomainWithUnderscore. */
function relaxedSubdomainErrors(name: string): string[] {
  if (name.length > 253) return ['must be no more than 253 characters']
  return new RegExp(`^${RELAXED_SUBDOMAIN}$`).test(name) ? []
    : [regexError("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character", RELAXED_SUBDOMAIN, 'example.com')]
}
