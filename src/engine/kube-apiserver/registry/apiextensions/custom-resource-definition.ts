import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from '../../../api'
import { dns1035LabelErrors, dns1123SubdomainErrors, forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery'
import { column, define, nameColumn } from '../define'

const MAX_DEPTH = 64

function nameErrors(o: CustomResourceDefinition): FieldError[] {
  const { names } = o.spec
  const errors: FieldError[] = []
  const label = (value: string | undefined, field: string): void => {
    if (!value) errors.push(required(`spec.names.${field}`))
    else for (const message of dns1035LabelErrors(value)) errors.push(invalid(`spec.names.${field}`, value, message))
  }
  label(names.plural, 'plural')
  if (names.singular) label(names.singular, 'singular')
  for (const [field, value] of [['kind', names.kind], ['listKind', names.listKind]] as const) {
    if (!value) { errors.push(required(`spec.names.${field}`)); continue }
    const wrong = dns1035LabelErrors(value.toLowerCase())
    if (wrong.length > 0) errors.push(invalid(`spec.names.${field}`, value, `may have mixed case, but should otherwise match: ${wrong.join(',')}`))
  }
  ;(names.shortNames ?? []).forEach((name, i) => {
    for (const message of dns1035LabelErrors(name)) errors.push(invalid(`spec.names.shortNames[${i}]`, name, message))
  })
  if (names.kind !== undefined && names.kind !== '' && names.kind === names.listKind) errors.push(invalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'))
  ;(names.categories ?? []).forEach((name, i) => {
    for (const message of dns1035LabelErrors(name)) errors.push(invalid(`spec.names.categories[${i}]`, name, message))
  })
  return errors
}

/** Every part of a schema must say its type, so that unknown fields can be cut. Upstream: apiextensions structural schema validation. */
function structuralErrors(schema: JSONSchemaProps, path: string, what: string, depth: number): FieldError[] {
  const errors: FieldError[] = []
  const open = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  if (!schema.type && !open) errors.push(required(`${path}.type`, `must not be empty ${what}`))
  if (depth > MAX_DEPTH) return errors
  const properties = schema.properties ?? {}
  for (const name of Object.keys(properties).sort()) {
    errors.push(...structuralErrors(properties[name]!, `${path}.properties[${name}]`, 'for specified object fields', depth + 1))
  }
  const items = schema.items as JSONSchemaProps | undefined
  if (schema.type === 'array' && items == null) errors.push(required(`${path}.items`, 'must be specified'))
  if (items != null && !Array.isArray(items)) errors.push(...structuralErrors(items, `${path}.items`, 'for specified array items', depth + 1))
  const more = schema.additionalProperties as JSONSchemaProps | boolean | undefined
  if (typeof more === 'object' && more !== null) {
    if (Object.keys(properties).length > 0) errors.push(forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'))
    errors.push(...structuralErrors(more, `${path}.additionalProperties`, 'for specified object fields', depth + 1))
  }
  return errors
}

function versionErrors(version: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const message of dns1035LabelErrors(version.name)) errors.push(invalid(`${path}.name`, version.name, message))
  const schema = version.schema?.openAPIV3Schema
  const at = `${path}.schema.openAPIV3Schema`
  if (schema == null) errors.push(required(at))
  else {
    if (!schema.type) errors.push(required(`${at}.type`, 'must not be empty at the root'))
    else if (schema.type !== 'object') errors.push(invalid(`${at}.type`, schema.type, 'must be object at the root'))
    const children = { ...schema, type: 'object' }
    errors.push(...structuralErrors(children, at, 'at the root', 0))
  }
  ;(version.additionalPrinterColumns ?? []).forEach((c, i) => {
    const here = `${path}.additionalPrinterColumns[${i}]`
    if (!c.name) errors.push(required(`${here}.name`))
    const types = ['boolean', 'date', 'integer', 'number', 'string']
    if (!c.type) errors.push(required(`${here}.type`, `must be one of ${types.join(',')}`))
    else if (!types.includes(c.type)) errors.push(invalid(`${here}.type`, c.type, `must be one of ${types.join(',')}`))
    if (!c.jsonPath) errors.push(required(`${here}.JSONPath`))
    else if (!c.jsonPath.startsWith('.')) errors.push(invalid(`${here}.JSONPath`, c.jsonPath, 'must be a simple json path starting with .'))
  })
  return errors
}

function validate(o: CustomResourceDefinition): FieldError[] {
  const { spec } = o
  const errors: FieldError[] = []
  const expected = `${spec.names.plural}.${spec.group}`
  if (o.metadata.name !== undefined && o.metadata.name !== expected) errors.push(invalid('metadata.name', o.metadata.name, 'must be spec.names.plural+"."+spec.group'))
  if (!spec.group) errors.push(required('spec.group'))
  else {
    const wrong = dns1123SubdomainErrors(spec.group)
    for (const message of wrong) errors.push(invalid('spec.group', spec.group, message))
    if (wrong.length === 0 && !spec.group.includes('.')) errors.push(invalid('spec.group', spec.group, 'should be a domain with at least one dot'))
  }
  if (spec.scope !== 'Cluster' && spec.scope !== 'Namespaced') {
    errors.push(spec.scope ? notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']) : required('spec.scope'))
  }
  const versions = spec.versions ?? []
  if (versions.filter((v) => v.storage).length !== 1) errors.push(invalid('spec.versions', versions, 'must have exactly one version marked as storage version'))
  if (new Set(versions.map((v) => v.name)).size !== versions.length) errors.push(invalid('spec.versions', versions, 'must contain unique version names'))
  versions.forEach((v, i) => errors.push(...versionErrors(v, `spec.versions[${i}]`)))
  return [...errors, ...nameErrors(o)]
}

/** CustomResourceDefinition. Upstream: apiextensions-apiserver pkg/registry/customresourcedefinition, apis/apiextensions/validation. */
export const customResourceDefinition = define<CustomResourceDefinition>({
  resource: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  subresources: ['status'],
  hasGeneration: true,
  defaults(o) {
    const { names } = o.spec
    if (!names.singular && names.kind) names.singular = names.kind.toLowerCase()
    if (!names.listKind && names.kind) names.listKind = `${names.kind}List`
    if (o.spec.conversion == null) o.spec.conversion = { strategy: 'None' }
  },
  prepareForCreate(o) {
    o.status = {
      acceptedNames: { kind: '', plural: '' },
      // As Go prints it: a slice without omitempty.
      conditions: null as unknown as never[],
      storedVersions: (o.spec.versions ?? []).filter((v) => v.storage).map((v) => v.name),
    }
  },
  validate,
  validateUpdate(o, old) {
    const errors = validate(o)
    for (const field of ['group', 'scope'] as const) {
      if (o.spec[field] !== old.spec[field]) errors.push(invalid(`spec.${field}`, o.spec[field], 'field is immutable'))
    }
    for (const field of ['plural', 'kind'] as const) {
      if (o.spec.names[field] !== old.spec.names[field]) errors.push(invalid(`spec.names.${field}`, o.spec.names[field], 'field is immutable'))
    }
    return errors
  },
  columns: [nameColumn, column('Created At', (o) => o.metadata.creationTimestamp ?? '', 'date')],
})
