import type { Affinity, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm, Toleration, TopologySpreadConstraint } from '../../../api'
import {
  dns1123LabelErrors, dns1123SubdomainErrors, duplicate, forbidden, invalid, labelValueErrors, notSupported, qualifiedNameErrors, required, type FieldError,
} from '../../../apimachinery'
import { validateLabelSelector } from './label-selector'

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

/** Where a pod wants to run, by nodes and by other pods. Upstream: core validation validateAffinity. */
export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  if (affinity == null) return []
  const errors: FieldError[] = []
  const node = affinity.nodeAffinity
  if (node?.[REQUIRED] != null) errors.push(...validateNodeSelector(node[REQUIRED].nodeSelectorTerms, `${path}.nodeAffinity.${REQUIRED}`))
  ;(node?.[PREFERRED] ?? []).forEach((term, i) => {
    const at = `${path}.nodeAffinity.${PREFERRED}[${i}]`
    errors.push(...weightErrors(term.weight, `${at}.weight`), ...termErrors(term.preference ?? {}, `${at}.preference`, false))
  })
  for (const field of ['podAffinity', 'podAntiAffinity'] as const) {
    const pods = affinity[field]
    if (pods == null) continue
    ;(pods[REQUIRED] ?? []).forEach((term, i) => errors.push(...podTermErrors(term, `${path}.${field}.${REQUIRED}[${i}]`)))
    ;(pods[PREFERRED] ?? []).forEach((term, i) => {
      const at = `${path}.${field}.${PREFERRED}[${i}]`
      errors.push(...weightErrors(term.weight, `${at}.weight`), ...podTermErrors(term.podAffinityTerm, `${at}.podAffinityTerm`))
    })
  }
  return errors
}

function weightErrors(weight: number, path: string): FieldError[] {
  return weight <= 0 || weight > 100 ? [invalid(path, weight, 'must be in the range 1-100')] : []
}

/** Terms of which one must hold. Upstream: ValidateNodeSelector. */
export function validateNodeSelector(terms: readonly NodeSelectorTerm[] | undefined, path: string): FieldError[] {
  const at = `${path}.nodeSelectorTerms`
  if ((terms ?? []).length === 0) return [required(at, 'must have at least one node selector term')]
  return terms!.flatMap((term, i) => termErrors(term, `${at}[${i}]`))
}

function termErrors(term: NodeSelectorTerm, path: string, checkValues = true): FieldError[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((r, i) => requirementErrors(r, `${path}.matchExpressions[${i}]`, checkValues)),
    ...(term.matchFields ?? []).flatMap((r, i) => fieldErrors(r, `${path}.matchFields[${i}]`)),
  ]
}

function requirementErrors(r: NodeSelectorRequirement, path: string, checkValues: boolean): FieldError[] {
  const errors: FieldError[] = []
  const count = r.values?.length ?? 0
  switch (r.operator) {
    case 'In': case 'NotIn': if (count === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")); break
    case 'Exists': case 'DoesNotExist': if (count > 0) errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")); break
    case 'Gt': case 'Lt': if (count !== 1) errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")); break
    default: errors.push(invalid(`${path}.operator`, r.operator ?? '', 'not a valid selector operator'))
  }
  for (const message of qualifiedNameErrors(r.key ?? '')) errors.push(invalid(`${path}.key`, r.key ?? '', message))
  // Preferences with odd values were always let through.
  if (checkValues) r.values?.forEach((value, i) => {
    for (const message of labelValueErrors(value)) errors.push(invalid(`${path}.values[${i}]`, value, message))
  })
  return errors
}

function fieldErrors(r: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (r.operator !== 'In' && r.operator !== 'NotIn') errors.push(invalid(`${path}.operator`, r.operator, 'not a valid selector operator'))
  else if (r.values?.length !== 1) errors.push(required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
  if (r.key !== 'metadata.name') errors.push(invalid(`${path}.key`, r.key, 'not a valid field selector key'))
  else r.values?.forEach((value, i) => { for (const message of dns1123SubdomainErrors(value)) errors.push(invalid(`${path}.values[${i}]`, value, message)) })
  return errors
}

function podTermErrors(term: PodAffinityTerm, path: string): FieldError[] {
  const errors = [...validateLabelSelector(term.labelSelector, `${path}.labelSelector`), ...validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`)]
  for (const name of term.namespaces ?? []) for (const message of dns1123LabelErrors(name)) errors.push(invalid(`${path}.namespace`, name, message))
  errors.push(...labelKeyErrors(term, path))
  if (!term.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'))
  for (const message of qualifiedNameErrors(term.topologyKey ?? '')) errors.push(invalid(`${path}.topologyKey`, term.topologyKey ?? '', message))
  return errors
}

/** Labels of which the pod's own value counts. Upstream: validateMatchLabelKeysAndMismatchLabelKeys. */
function labelKeyErrors(term: PodAffinityTerm, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['matchLabelKeys', 'mismatchLabelKeys'] as const) {
    const keys = term[field] ?? []
    if (keys.length > 0 && term.labelSelector == null) errors.push(forbidden(`${path}.${field}`, 'must not be specified when labelSelector is not set'))
    else keys.forEach((key, i) => { for (const message of qualifiedNameErrors(key)) errors.push(invalid(`${path}.${field}[${i}]`, key, message)) })
  }
  const keys = term.matchLabelKeys ?? []
  const seen = new Set(Object.keys(term.labelSelector?.matchLabels ?? {}))
  for (const { key } of term.labelSelector?.matchExpressions ?? []) {
    // The server itself adds one expression for each key: a second one is the user's.
    if (keys.includes(key) && seen.has(key)) errors.push(invalid(`${path}[${keys.lastIndexOf(key)}]`, key, 'exists in both matchLabelKeys and labelSelector'))
    seen.add(key)
  }
  keys.forEach((key, i) => { if (term.mismatchLabelKeys?.includes(key)) errors.push(invalid(`${path}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys')) })
  return errors
}

/** How evenly pods are spread. Upstream: validateTopologySpreadConstraints. */
export function validateSpread(constraints: readonly TopologySpreadConstraint[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  const actions = ['DoNotSchedule', 'ScheduleAnyway']
  const list = constraints ?? []
  list.forEach((c, i) => {
    const at = `${path}[${i}]`
    if (c.maxSkew <= 0) errors.push(invalid(`${at}.maxSkew`, c.maxSkew, 'must be greater than zero'))
    if (!c.topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'))
    if (!actions.includes(c.whenUnsatisfiable)) errors.push(notSupported(`${at}.whenUnsatisfiable`, c.whenUnsatisfiable, actions))
    if (list.slice(i + 1).some((o) => o.topologyKey === c.topologyKey && o.whenUnsatisfiable === c.whenUnsatisfiable)) {
      errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${c.topologyKey}, ${c.whenUnsatisfiable}}`))
    }
    if (c.minDomains != null) {
      if (c.minDomains <= 0) errors.push(invalid(`${at}.minDomains`, c.minDomains, 'must be greater than zero'))
      if (c.whenUnsatisfiable !== 'DoNotSchedule') {
        errors.push(invalid(`${at}.minDomains`, c.minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${c.whenUnsatisfiable}`))
      }
    }
    for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = c[field]
      if (policy != null && policy !== 'Honor' && policy !== 'Ignore') errors.push(notSupported(`${at}.${field}`, policy, ['Honor', 'Ignore']))
    }
    if ((c.matchLabelKeys ?? []).length > 0 && c.labelSelector == null) errors.push(forbidden(`${at}.matchLabelKeys`, 'must not be specified when labelSelector is not set'))
    const own = [...Object.keys(c.labelSelector?.matchLabels ?? {}), ...(c.labelSelector?.matchExpressions ?? []).map((r) => r.key)]
    c.matchLabelKeys?.forEach((key, j) => {
      for (const message of qualifiedNameErrors(key)) errors.push(invalid(`${at}.matchLabelKeys[${j}]`, key, message))
      if (own.includes(key)) errors.push(invalid(`${at}.matchLabelKeys[${j}]`, key, 'exists in both matchLabelKeys and labelSelector'))
    })
    errors.push(...validateLabelSelector(c.labelSelector, `${at}.labelSelector`))
  })
  return errors
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** Which taints a pod bears. Upstream: ValidateTolerations. */
export function validateTolerations(tolerations: readonly Toleration[] | undefined, path: string): FieldError[] {
  if (tolerations == null) return []
  const errors: FieldError[] = []
  tolerations.forEach((t, i) => {
    const at = `${path}[${i}]`
    if (t.key) for (const message of qualifiedNameErrors(t.key)) errors.push(invalid(`${at}.key`, t.key, message))
    else if (t.operator !== 'Exists') {
      errors.push(invalid(`${at}.operator`, t.operator ?? '', 'operator must be Exists when `key` is empty, which means "match all values and all keys"'))
    }
    if (t.tolerationSeconds != null && t.effect !== 'NoExecute') {
      errors.push(invalid(`${at}.effect`, t.effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    }
    switch (t.operator) {
      case undefined: case '': case 'Equal': {
        const wrong = labelValueErrors(t.value ?? '')
        if (wrong.length > 0) errors.push(invalid(`${at}.operator`, t.value, wrong.join(';')))
        break
      }
      case 'Exists':
        if (t.value) {
          // Prints as the server's internal struct.
          const value = { Key: t.key ?? '', Operator: t.operator, Value: t.value, Effect: t.effect ?? '', TolerationSeconds: t.tolerationSeconds ?? null }
          errors.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"))
        }
        break
      default: errors.push(notSupported(`${at}.operator`, t.operator, ['Equal', 'Exists']))
    }
    if (t.effect && !EFFECTS.includes(t.effect)) errors.push(notSupported(`${at}.effect`, t.effect, EFFECTS))
  })
  return errors
}
