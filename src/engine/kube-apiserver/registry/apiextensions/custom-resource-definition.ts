import type { CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionVersion, CustomResourceSubresources } from '../../../api'
import { child, deepEqual, dns1035LabelErrors, dns1123SubdomainErrors, duplicate, forbidden, index, invalid, notSupported, required, tooMany, type FieldError } from '../../../apimachinery'
import { readFieldPath } from '../../custom-resources/field-path'
import { column, define, nameColumn } from '../define'
import { decodeNested } from './nested-schemas'
import { validateSchema } from './schema-validation'

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']
const APPROVED = 'api-approved.kubernetes.io'

/** Upstream: ValidateCustomResourceDefinitionNames */
function nameErrors(names: CustomResourceDefinitionNames, path: string): FieldError[] {
  const errors: FieldError[] = []
  const label = (value: string | undefined, at: string, mixed = false): void => {
    if (!value) return
    const wrong = dns1035LabelErrors(mixed ? value.toLowerCase() : value)
    if (wrong.length > 0) errors.push(invalid(at, value, `${mixed ? 'may have mixed case, but should otherwise match: ' : ''}${wrong.join(',')}`))
  }
  label(names.plural, child(path, 'plural'))
  label(names.singular, child(path, 'singular'))
  label(names.kind, child(path, 'kind'), true)
  label(names.listKind, child(path, 'listKind'), true)
  names.shortNames?.forEach((name, i) => label(name, index(child(path, 'shortNames'), i)))
  if (names.kind && names.kind === names.listKind) errors.push(invalid(child(path, 'listKind'), names.listKind, 'kind and listKind may not be the same'))
  names.categories?.forEach((name, i) => label(name, index(child(path, 'categories'), i)))
  return errors
}

/** Upstream: ValidateCustomResourceDefinitionSubresources */
function subresourceErrors(s: CustomResourceSubresources | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { scale } = s ?? {}
  if (scale == null) return errors
  const simple = (value: string, at: string, prefixes: readonly string[], detail: string): void => {
    if (!value.startsWith('.')) errors.push(invalid(at, value, 'must be a simple json path starting with .'))
    else if (!prefixes.some((p) => value.startsWith(p))) errors.push(invalid(at, value, detail))
  }
  for (const [field, prefix] of [['specReplicasPath', '.spec'], ['statusReplicasPath', '.status']] as const) {
    const at = child(path, 'scale', field)
    if (!scale[field]) errors.push(required(at))
    else simple(scale[field], at, [`${prefix}.`], `should be a json path under ${prefix}`)
  }
  if (scale.labelSelectorPath) simple(scale.labelSelectorPath, child(path, 'scale', 'labelSelectorPath'), ['.spec.', '.status.'], 'should be a json path under either .spec or .status')
  return errors
}

/** Upstream: ValidateCustomResourceColumnDefinition */
function columnErrors(columns: CustomResourceDefinitionVersion['additionalPrinterColumns'], path: string): FieldError[] {
  return (columns ?? []).flatMap((c, i) => {
    const at = index(path, i)
    const errors: FieldError[] = []
    const types = `must be one of ${COLUMN_TYPES.join(',')}`
    if (!c.name) errors.push(required(child(at, 'name')))
    if (!c.type) errors.push(required(child(at, 'type'), types))
    else if (!COLUMN_TYPES.includes(c.type)) errors.push(invalid(child(at, 'type'), c.type, types))
    if (c.format && !COLUMN_FORMATS.includes(c.format)) errors.push(invalid(child(at, 'format'), c.format, `must be one of ${COLUMN_FORMATS.join(',')}`))
    if (!c.jsonPath) errors.push(required(child(at, 'JSONPath')))
    else if (!c.jsonPath.startsWith('.')) errors.push(invalid(child(at, 'JSONPath'), c.jsonPath, 'must be a simple json path starting with .'))
    return errors
  })
}

/** Upstream: ValidateCustomResourceSelectableFields */
function selectableErrors(v: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const errors: FieldError[] = []
  const schema = v.schema?.openAPIV3Schema
  const seen = new Set<string>()
  const at = child(path, 'selectableFields')
  if (schema == null) return (v.selectableFields ?? []).length === 0 ? errors : [invalid(at, '', 'selectableFields may only be set when version.schema.openAPIV3Schema is not included')]
  v.selectableFields?.forEach(({ jsonPath }, i) => {
    const here = child(index(at, i), 'jsonPath')
    if (!jsonPath) return void errors.push(required(here))
    const found = readFieldPath(jsonPath, schema, false)
    if (found.error !== undefined) return void errors.push(invalid(here, jsonPath, `is an invalid path: ${found.error}`))
    const name = found.path ?? ''
    if (name === 'metadata' || name.startsWith('metadata.')) errors.push(invalid(here, jsonPath, 'must not point to fields in metadata'))
    if (!['string', 'boolean', 'integer'].includes(found.schema?.type ?? '')) errors.push(invalid(here, jsonPath, 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'))
    if (seen.has(name)) errors.push(duplicate(here, jsonPath))
    seen.add(name)
  })
  if (seen.size > 8) errors.push(tooMany(at, seen.size, 8))
  return errors
}

function deprecationErrors(v: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const text = v.deprecationWarning
  if (text == null) return []
  const at = child(path, 'deprecationWarning')
  if (!v.deprecated) return [invalid(at, text, 'can only be set for deprecated versions')]
  const errors: FieldError[] = []
  if (text.length > 256) errors.push(invalid(at, text, 'must be <= 256 characters long'))
  if (text === '') errors.push(invalid(at, text, 'must not be an empty string'))
  // eslint-disable-next-line no-control-regex
  const bad = /[\x00-\x1f\x7f]/.exec(text)
  if (bad !== null) errors.push(invalid(at, text, `must only contain printable UTF-8 characters; non-printable character found at index ${bad.index}`))
  return errors
}

/** What all versions have in common stands at the top, as upstream's internal type has it: messages name it there. Upstream: apiextensions/v1/conversion.go */
function shared<T>(versions: readonly CustomResourceDefinitionVersion[], of: (v: CustomResourceDefinitionVersion) => T): boolean {
  return versions.length > 0 && versions.every((v) => deepEqual(of(v), of(versions[0] as CustomResourceDefinitionVersion)))
}

function versionErrors(versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const errors: FieldError[] = []
  const [first] = versions
  const hoisted = { schema: shared(versions, (v) => v.schema), subresources: shared(versions, (v) => v.subresources), columns: shared(versions, (v) => v.additionalPrinterColumns) }
  const hasStatus = (v: CustomResourceDefinitionVersion): boolean => v.subresources?.status != null
  versions.forEach((v, i) => {
    if (v.schema?.openAPIV3Schema == null) errors.push(required(child(index('spec.versions', i), 'schema', 'openAPIV3Schema')))
  })
  versions.forEach((v, i) => {
    const at = index('spec.versions', i)
    const wrong = dns1035LabelErrors(v.name)
    if (wrong.length > 0) errors.push(invalid(child(at, 'name'), v.name, wrong.join(',')))
    errors.push(...deprecationErrors(v, at))
    if (!hoisted.schema) errors.push(...validateSchema(v.schema, hasStatus(v), child(at, 'schema')))
    if (!hoisted.subresources) errors.push(...subresourceErrors(v.subresources, child(at, 'subresources')))
    if (!hoisted.columns) errors.push(...columnErrors(v.additionalPrinterColumns, child(at, 'additionalPrinterColumns')))
    errors.push(...selectableErrors(v, at))
  })
  if (new Set(versions.map((v) => v.name)).size !== versions.length) errors.push(invalid('spec.versions', versions, 'must contain unique version names'))
  if (versions.filter((v) => v.storage).length !== 1) errors.push(invalid('spec.versions', versions, 'must have exactly one version marked as storage version'))
  if (first === undefined) return errors
  if (hoisted.schema) errors.push(...validateSchema(first.schema, versions.some(hasStatus), 'spec.validation'))
  if (hoisted.subresources) errors.push(...subresourceErrors(first.subresources, 'spec.subresources'))
  if (hoisted.columns) errors.push(...columnErrors(first.additionalPrinterColumns, 'spec.additionalPrinterColumns'))
  return errors
}

/** Upstream: validateCustomResourceConversion */
function conversionErrors({ conversion }: CustomResourceDefinition['spec']): FieldError[] {
  if (conversion == null) return []
  const { strategy, webhook } = conversion
  const at = 'spec.conversion'
  if (!strategy) return [required(child(at, 'strategy'))]
  if (strategy !== 'None' && strategy !== 'Webhook') return [notSupported(child(at, 'strategy'), strategy, ['None', 'Webhook'])]
  const errors: FieldError[] = []
  const { clientConfig, conversionReviewVersions: versions = [] } = webhook ?? {}
  if (strategy === 'None') {
    const detail = 'should not be set when strategy is not set to Webhook'
    if (clientConfig != null) errors.push(forbidden(child(at, 'webhookClientConfig'), detail))
    if (versions.length > 0) errors.push(forbidden(child(at, 'conversionReviewVersions'), detail))
    return errors
  }
  if (clientConfig == null) errors.push(required(child(at, 'webhookClientConfig'), 'required when strategy is set to Webhook'))
  else if ((clientConfig.url == null) === (clientConfig.service == null)) errors.push(required(child(at, 'webhookClientConfig'), 'exactly one of url or service is required'))
  if (versions.length === 0) errors.push(required(child(at, 'conversionReviewVersions')))
  else if (!versions.includes('v1') && !versions.includes('v1beta1')) errors.push(invalid(child(at, 'conversionReviewVersions'), versions, 'must include at least one of v1, v1beta1'))
  return errors
}

/** Kubernetes' own groups want a word from its reviewers. Upstream: apiextensions/apihelpers, validateAPIApproval */
function approvalErrors(o: CustomResourceDefinition): FieldError[] {
  const { group } = o.spec
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return []
  const at = `metadata.annotations[${APPROVED}]`
  const given = o.metadata.annotations?.[APPROVED]
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111'
  if (!given) return [required(at, `protected groups must have approval annotation "${APPROVED}", ${see}`)]
  if (given.startsWith('unapproved') || /^[a-z][a-z0-9+.-]*:\/\/[^/]+/.test(given)) return []
  return [invalid(at, given, `protected groups must have approval annotation "${APPROVED}" with either a URL or a reason starting with "unapproved", ${see}`)]
}

function validate(o: CustomResourceDefinition): FieldError[] {
  const { spec } = o
  const errors: FieldError[] = []
  const expected = `${spec.names.plural}.${spec.group}`
  if (o.metadata.name !== undefined && o.metadata.name !== expected) errors.push(invalid('metadata.name', o.metadata.name, 'must be spec.names.plural+"."+spec.group'))
  const wrong = dns1123SubdomainErrors(spec.group)
  if (!spec.group) errors.push(required('spec.group'))
  else if (wrong.length > 0) errors.push(invalid('spec.group', spec.group, wrong.join(',')))
  else if (!spec.group.includes('.')) errors.push(invalid('spec.group', spec.group, 'should be a domain with at least one dot'))
  if (spec.scope !== 'Cluster' && spec.scope !== 'Namespaced') errors.push(spec.scope ? notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']) : required('spec.scope'))
  errors.push(...versionErrors(spec.versions ?? []))
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) if (!spec.names[field]) errors.push(required(`spec.names.${field}`))
  errors.push(...nameErrors(spec.names, 'spec.names'), ...conversionErrors(spec), ...approvalErrors(o))
  if (spec.preserveUnknownFields) errors.push(invalid('spec.preserveUnknownFields', true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'))
  return errors
}

function storedErrors(o: CustomResourceDefinition): FieldError[] {
  const stored = o.status?.storedVersions ?? []
  const names = new Set((o.spec.versions ?? []).map((v) => v.name))
  return stored.flatMap((v, i) => (names.has(v) ? [] : [invalid(index('status.storedVersions', i), v,
    `missing from spec.versions; ${v} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${v} and removes ${v} from status.storedVersions`)]))
}

const storage = (o: CustomResourceDefinition): string[] => (o.spec.versions ?? []).filter((v) => v.storage).map((v) => v.name)

/** CustomResourceDefinition. Upstream: apiextensions-apiserver pkg/registry/customresourcedefinition, apis/apiextensions/validation. */
export const customResourceDefinition = define<CustomResourceDefinition>({
  resource: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  subresources: ['status'],
  hasGeneration: true,
  defaults(o) {
    const { names } = o.spec
    for (const { schema } of o.spec.versions ?? []) if (schema?.openAPIV3Schema != null) decodeNested(schema.openAPIV3Schema)
    if (!names.singular && names.kind) names.singular = names.kind.toLowerCase()
    if (!names.listKind && names.kind) names.listKind = `${names.kind}List`
    if (o.spec.conversion == null) o.spec.conversion = { strategy: 'None' }
    const service = o.spec.conversion.webhook?.clientConfig?.service
    if (service) service.port ??= 443
  },
  prepareForCreate(o) {
    // As Go prints it: a slice without omitempty.
    o.status = { acceptedNames: { kind: '', plural: '' }, conditions: null as unknown as never[], storedVersions: storage(o) }
  },
  prepareForUpdate(o) {
    const stored = o.status?.storedVersions ?? []
    const more = storage(o).filter((v) => !stored.includes(v))
    if (more.length > 0) o.status = { ...(o.status as NonNullable<CustomResourceDefinition['status']>), storedVersions: [...stored, ...more] }
  },
  validate,
  validateUpdate(o, old) {
    const errors = validate(o)
    const established = old.status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True') ?? false
    if (established && o.spec.scope !== old.spec.scope) errors.push(invalid('spec.scope', o.spec.scope, 'field is immutable'))
    if (established && o.spec.names.kind !== old.spec.names.kind) errors.push(invalid('spec.names.kind', o.spec.names.kind, 'field is immutable'))
    if (o.spec.group !== old.spec.group) errors.push(invalid('spec.group', o.spec.group, 'field is immutable'))
    if (o.spec.names.plural !== old.spec.names.plural) errors.push(invalid('spec.names.plural', o.spec.names.plural, 'field is immutable'))
    return [...errors, ...storedErrors(o)]
  },
  columns: [nameColumn, column('Created At', (o) => o.metadata.creationTimestamp ?? '', 'date')],
})
