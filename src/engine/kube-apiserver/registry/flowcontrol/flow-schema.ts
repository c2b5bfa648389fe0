import type { FlowSchema } from '../../../api'
import { dns1123SubdomainErrors, forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { nameIsLabel, nameIsSubdomain } from '../validation/object-meta'

type Rule = NonNullable<FlowSchema['spec']['rules']>[number]
type Subject = Rule['subjects'][number]

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']
/** What a subject of each kind is told by. */
const SUBJECTS = [['ServiceAccount', 'serviceAccount'], ['User', 'user'], ['Group', 'group']] as const
const MOST_PRECEDENCE = 10_000

/** Upstream: flowcontrol validation ValidateFlowSchemaSpec */
function validate({ metadata, spec }: FlowSchema): FieldError[] {
  const errors: FieldError[] = []
  const precedence = spec.matchingPrecedence ?? 0
  const wrong = (message: string): void => void errors.push(invalid('spec.matchingPrecedence', precedence, message))
  if (precedence <= 0) wrong('must be a positive value')
  if (precedence > MOST_PRECEDENCE) wrong(`must not be greater than ${MOST_PRECEDENCE}`)
  if (precedence === 1 && metadata.name !== 'exempt') wrong("only the schema named 'exempt' may have matchingPrecedence 1")
  const method = spec.distinguisherMethod?.type
  if (spec.distinguisherMethod != null && method !== 'ByNamespace' && method !== 'ByUser') errors.push(notSupported('spec.distinguisherMethod.type', spec.distinguisherMethod, ['ByNamespace', 'ByUser']))
  const level = spec.priorityLevelConfiguration?.name ?? ''
  const at = 'spec.priorityLevelConfiguration.name'
  if (level === '') errors.push(required(at, 'must reference a priority level'))
  else for (const message of nameIsSubdomain(level, false)) errors.push(invalid(at, level, message))
  ;(spec.rules ?? []).forEach((rule, i) => errors.push(...ruleErrors(rule, `spec.rules[${i}]`)))
  return errors
}

function ruleErrors(rule: Rule, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { subjects, resourceRules, nonResourceRules } = rule
  if ((subjects ?? []).length === 0) errors.push(required(`${path}.subjects`, 'subjects must contain at least one value'))
  ;(subjects ?? []).forEach((subject, i) => errors.push(...subjectErrors(subject, `${path}.subjects[${i}]`)))
  if ((resourceRules ?? []).length === 0 && (nonResourceRules ?? []).length === 0) errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  resourceRules?.forEach((one, i) => {
    const at = `${path}.resourceRules[${i}]`
    errors.push(...verbErrors(one.verbs, at))
    errors.push(...someErrors(one.apiGroups, `${at}.apiGroups`, 'resource rules must supply at least one api group', 'api groups'))
    errors.push(...someErrors(one.resources, `${at}.resources`, 'resource rules must supply at least one resource', 'resources'))
    const namespaces = one.namespaces ?? []
    if (namespaces.length === 0 && one.clusterScope !== true) errors.push(required(`${at}.namespaces`, 'resource rules that are not cluster scoped must supply at least one namespace'))
    else if (namespaces.includes('*')) errors.push(...someErrors(namespaces, `${at}.namespaces`, '', 'namespaces'))
    else namespaces.forEach((ns, j) => { for (const m of nameIsLabel(ns, false)) errors.push(invalid(`${at}.namespaces[${j}]`, ns, `each member of this list must be '*' or a DNS-1123 label; ${m}`)) })
  })
  nonResourceRules?.forEach((one, i) => {
    const at = `${path}.nonResourceRules[${i}]`
    errors.push(...verbErrors(one.verbs, at), ...someErrors(one.nonResourceURLs, `${at}.nonResourceURLs`, 'nonResourceURLs must contain at least one value', 'non-resource URLs'))
  })
  return errors
}

function verbErrors(verbs: readonly string[] | null | undefined, path: string): FieldError[] {
  const errors = someErrors(verbs, `${path}.verbs`, 'verbs must contain at least one value', 'verbs')
  return errors.length === 0 && !verbs!.includes('*') && verbs!.some((v) => !VERBS.includes(v)) ? [notSupported(`${path}.verbs`, verbs, VERBS)] : errors
}

/** At least one value, and `*` only by itself. */
function someErrors(list: readonly string[] | null | undefined, path: string, missing: string, what: string): FieldError[] {
  if ((list ?? []).length === 0) return [required(path, missing)]
  return list!.length > 1 && list!.includes('*') ? [invalid(path, list, `if '*' is present, must not specify other ${what}`)] : []
}

function subjectErrors(subject: Subject, path: string): FieldError[] {
  const kind = SUBJECTS.find(([name]) => name === subject.kind)
  if (kind === undefined) return [notSupported(`${path}.kind`, subject.kind ?? '', ['Group', 'ServiceAccount', 'User'])]
  const errors: FieldError[] = []
  const [name, field] = kind
  const at = `${path}.${field}`
  const told = subject[field]
  if (told == null) errors.push(required(at, `${field} is required when subject kind is '${name}'`))
  else if (!told.name) errors.push(required(`${at}.name`))
  if (told != null && field === 'serviceAccount') {
    const { name: account, namespace } = subject.serviceAccount!
    if (account && account !== '*') for (const m of dns1123SubdomainErrors(account)) errors.push(invalid(`${at}.name`, account, m))
    if (!namespace) errors.push(required(`${at}.namespace`, 'must specify namespace for service account'))
    else for (const m of nameIsLabel(namespace, false)) errors.push(invalid(`${at}.namespace`, namespace, m))
  }
  for (const [other, otherField] of SUBJECTS) if (other !== name && subject[otherField] != null) errors.push(forbidden(`${path}.${otherField}`, `${otherField} is forbidden when subject kind is not '${other}'`))
  return errors
}

/** Whether its priority level is missing is told by a condition. Upstream: printers printFlowSchema */
function missingLevel(o: FlowSchema): string {
  return o.status?.conditions?.find((c) => c.type === 'Dangling')?.status ?? '?'
}

/** FlowSchema: which requests share a priority level. Kept; this server queues nothing. Upstream: pkg/registry/flowcontrol/flowschema */
export const flowSchema = define<FlowSchema>({
  resource: 'flowschemas',
  subresources: ['status'],
  hasGeneration: true,
  defaults(o) {
    o.spec.matchingPrecedence ||= 1000
  },
  prepareForCreate(o) {
    o.status = {}
  },
  validate,
  validateUpdate: (o) => validate(o),
  columns: [
    nameColumn, column('PriorityLevel', (o) => o.spec.priorityLevelConfiguration?.name ?? ''), column('MatchingPrecedence', (o) => o.spec.matchingPrecedence ?? 0, 'integer'),
    column('DistinguisherMethod', (o) => o.spec.distinguisherMethod?.type ?? '<none>'), ageColumn, column('MissingPL', missingLevel),
  ],
})
