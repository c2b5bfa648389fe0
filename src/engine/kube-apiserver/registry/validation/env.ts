import type { EnvFromSource, EnvVar, EnvVarSource } from '../../../api'
import {
  configMapKeyErrors, dns1123SubdomainErrors, invalid, notSupported, qualifiedNameErrors, quantity, relaxedEnvVarNameErrors, required, type FieldError,
} from '../../../apimachinery'
import { nameIsSubdomain } from './object-meta'

const ENV_FIELDS = [
  'metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs',
]
/** Fields that a downwardAPI volume may show. */
export const VOLUME_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']
const KNOWN_FIELDS = new Set([...ENV_FIELDS, 'metadata.annotations', 'metadata.labels', 'spec.restartPolicy', 'spec.schedulerName', 'status.phase', 'spec.host'])
const RESOURCES = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory']
const DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

/** Environment variables. Upstream: core validation ValidateEnv. */
export function validateEnv(vars: readonly EnvVar[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  ;(vars ?? []).forEach((env, i) => {
    const at = `${path}[${i}]`
    if (!env.name) errors.push(required(`${at}.name`))
    else for (const message of relaxedEnvVarNameErrors(env.name)) errors.push(invalid(`${at}.name`, env.name, message))
    if (env.valueFrom != null) errors.push(...validateValueFrom(env, env.valueFrom, `${at}.valueFrom`))
  })
  return errors
}

function validateValueFrom(env: EnvVar, from: EnvVarSource, path: string): FieldError[] {
  const errors: FieldError[] = []
  let sources = 0
  if (from.fieldRef != null) {
    sources++
    errors.push(...validateFieldRef(from.fieldRef, ENV_FIELDS, `${path}.fieldRef`))
  }
  if (from.resourceFieldRef != null) {
    sources++
    errors.push(...validateResourceRef(from.resourceFieldRef, `${path}.resourceFieldRef`, false))
  }
  for (const field of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const ref = from[field]
    if (ref == null) continue
    sources++
    for (const message of dns1123SubdomainErrors(ref.name ?? '')) errors.push(invalid(`${path}.${field}.name`, ref.name ?? '', message))
    if (!ref.key) errors.push(required(`${path}.${field}.key`))
    else for (const message of configMapKeyErrors(ref.key)) errors.push(invalid(`${path}.${field}.key`, ref.key, message))
  }
  if (from.fileKeyRef != null) sources++
  if (sources === 0) errors.push(invalid(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'))
  if (env.value) {
    if (sources !== 0) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  } else if (sources > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
  return errors
}

/** A reference to a field of the pod. Upstream: validateObjectFieldSelector. */
export function validateFieldRef(ref: { apiVersion?: string; fieldPath: string }, allowed: readonly string[], path: string): FieldError[] {
  if (!ref.apiVersion) return [required(`${path}.apiVersion`)]
  if (!ref.fieldPath) return [required(`${path}.fieldPath`)]
  const subscript = /^(.*)\['(.*)'\]$/.exec(ref.fieldPath)
  const base = subscript?.[1] ?? ref.fieldPath
  const refuse = (why: string): FieldError[] => [invalid(`${path}.fieldPath`, ref.fieldPath, `error converting fieldPath: ${why}`)]
  if (ref.apiVersion !== 'v1') return refuse(`unsupported pod version: ${ref.apiVersion}`)
  if (!KNOWN_FIELDS.has(base) || (subscript !== null && base !== 'metadata.annotations' && base !== 'metadata.labels')) {
    return refuse(`field label not supported: ${subscript !== null && KNOWN_FIELDS.has(base) ? ref.fieldPath : base}`)
  }
  if (subscript !== null) {
    const name = subscript[2]!
    return qualifiedNameErrors(base === 'metadata.annotations' ? name.toLowerCase() : name).map((m) => invalid(path, name, m))
  }
  return allowed.includes(base) ? [] : [notSupported(`${path}.fieldPath`, base, allowed)]
}

/** A reference to a container's request or limit. Upstream: validateContainerResourceFieldSelector. */
export function validateResourceRef(ref: { containerName?: string; resource: string; divisor?: string }, path: string, isVolume: boolean): FieldError[] {
  const errors: FieldError[] = []
  if (isVolume && !ref.containerName) errors.push(required(`${path}.containerName`))
  else if (!ref.resource) errors.push(required(`${path}.resource`))
  else if (!RESOURCES.includes(ref.resource) && !/^(limits|requests)\.hugepages-/.test(ref.resource)) errors.push(notSupported(`${path}.resource`, ref.resource, RESOURCES))
  const text = quantity(ref.divisor).text
  const kind = /^(?:limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.*)$/.exec(ref.resource ?? '')?.[1]
  if (text === '0' || kind === undefined) return errors
  if (!(kind === 'cpu' ? ['1m', '1'] : DIVISORS).includes(text)) {
    const name = kind.startsWith('hugepages-') ? 'hugepages' : kind === 'ephemeral-storage' ? 'local ephemeral storage' : kind
    const values = kind === 'cpu' ? '1m and 1' : DIVISORS.join(', ')
    errors.push(invalid(`${path}.divisor`, ref.resource, `only divisor's values ${values} are supported with the ${name} resource`))
  }
  return errors
}

/** All variables of a ConfigMap or Secret at once. Upstream: ValidateEnvFrom. */
export function validateEnvFrom(list: readonly EnvFromSource[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  ;(list ?? []).forEach((from, i) => {
    const at = `${path}[${i}]`
    if (from.prefix) for (const message of relaxedEnvVarNameErrors(from.prefix)) errors.push(invalid(`${at}.prefix`, from.prefix, message))
    let sources = 0
    for (const field of ['configMapRef', 'secretRef'] as const) {
      const ref = from[field]
      if (ref == null) continue
      sources++
      if (!ref.name) errors.push(required(`${at}.${field}.name`))
      else for (const message of nameIsSubdomain(ref.name, true)) errors.push(invalid(`${at}.${field}.name`, ref.name, message))
    }
    if (sources === 0) errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (sources > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
  })
  return errors
}
