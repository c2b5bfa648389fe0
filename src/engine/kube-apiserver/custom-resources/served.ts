import type { CustomResourceColumnDefinition, CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api'
import { invalid, isObject, parseJsonPath, relaxedJsonPath, type FieldError, type KubeObject } from '../../apimachinery'
import { ageColumn, nameColumn } from '../registry/define'
import type { Column, ResourceStrategy, WriteContext } from '../registry/strategy'
import { serve, type Served } from '../served'
import { checkRules, rulesOf } from './rules'
import { setDefaults, validate } from './schema'

// What follows from a definition, an immutable value: a memo, not state.
const made = new WeakMap<KubeObject, ReadonlyMap<string, Served>>()

/** The resources that a definition brings, by version. */
export function servedOf(crd: KubeObject): ReadonlyMap<string, Served> {
  let found = made.get(crd)
  if (found === undefined) made.set(crd, (found = make(crd as CustomResourceDefinition)))
  return found
}

/** The resource in the version in which it is stored. */
export function storedOf(crd: KubeObject): Served | undefined {
  const version = (crd as CustomResourceDefinition).spec.versions.find((v) => v.storage)
  return version && servedOf(crd).get(version.name)
}

/** Whether a definition has been accepted. */
export function isEstablished(crd: KubeObject): boolean {
  return (crd as CustomResourceDefinition).status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True') ?? false
}

function make(crd: CustomResourceDefinition): ReadonlyMap<string, Served> {
  const out = new Map<string, Served>()
  const { group, names, scope, versions } = crd.spec
  for (const v of versions) {
    const info = { resource: names.plural, kind: names.kind, group, version: v.name, namespaced: scope === 'Namespaced' }
    const served = serve(info, strategyOf(crd, v), crd.metadata.name)
    out.set(v.name, { ...served, custom: { schema: v.schema?.openAPIV3Schema, isServed: v.served, scale: v.subresources?.scale } })
  }
  return out
}

/** Errors after which rules are not asked. Upstream: registry/customresource/strategy.go hasBlockingErr */
const blocking = new Set<FieldError['type']>(['FieldValueNotSupported', 'FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid'])
const notChecked = invalid('<nil>', null, 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation')

/** The text of a selectable field. */
function textAt(o: unknown, path: string): string {
  let value = o
  for (const k of path.split('.').slice(1)) value = isObject(value) ? value[k] : undefined
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

function strategyOf({ spec: { names, group } }: CustomResourceDefinition, v: CustomResourceDefinitionVersion): ResourceStrategy {
  const schema = v.schema?.openAPIV3Schema
  const hasStatus = v.subresources?.status != null
  const subresources = [...(hasStatus ? ['status'] : []), ...(v.subresources?.scale ? ['scale'] : [])]
  const check = (o: KubeObject, old: KubeObject | undefined, write: WriteContext): readonly FieldError[] => {
    const errors = validate(schema, o, '', old)
    const rules = schema && rulesOf(schema)
    if (rules === undefined) return errors
    if (errors.some((e) => blocking.has(e.type))) return [...errors, notChecked]
    return [...errors, ...checkRules(rules, o, old, write.warn)]
  }
  const selectable = v.selectableFields ?? []
  return {
    resource: names.plural, singular: names.singular || names.kind.toLowerCase(), shortNames: names.shortNames ?? [], ...(names.categories?.length ? { categories: names.categories } : {}),
    subresources, hasStatus, hasGeneration: true,
    defaults: (o) => setDefaults(schema, o),
    prepareForCreate(o) {
      if (!hasStatus) return
      delete (o as { status?: unknown }).status
      // Upstream fills defaults in again whenever the object is read from storage, so the status has its own from the first read on.
      setDefaults(schema?.properties?.status && { type: 'object', properties: { status: schema.properties.status } }, o)
    },
    ...(v.deprecated ? { deprecated: v.deprecationWarning ?? `${group}/${v.name} ${names.kind} is deprecated` } : {}),
    validate: (o, write) => check(o, undefined, write), validateUpdate: check, validateStatusUpdate: check,
    ...(selectable.length > 0 ? { fields: Object.fromEntries(selectable.map(({ jsonPath }) => [jsonPath.slice(1), (o: KubeObject) => textAt(o, jsonPath)])) } : {}),
    columns: [nameColumn, ...(v.additionalPrinterColumns?.length ? v.additionalPrinterColumns.map(columnOf) : [ageColumn])],
  }
}

/** Upstream: apiextensions-apiserver/pkg/registry/customresource/tableconvertor */
function columnOf(c: CustomResourceColumnDefinition): Column<KubeObject> {
  const text = relaxedJsonPath(c.jsonPath)
  const path = text.value === undefined ? undefined : parseJsonPath(text.value, { allowMissingKeys: true }).value
  return {
    name: c.name, type: c.type === 'integer' || c.type === 'number' ? 'integer' : c.type === 'date' ? 'date' : 'string', description: c.description ?? '', priority: (c.priority ?? 0) > 0 ? 1 : 0,
    value(o, print) {
      const value = path?.find(o).value?.[0]?.[0]
      if (value === undefined || value === null) return c.type === 'date' ? '<unknown>' : ''
      if (c.type === 'date') return print.age(String(value))
      return typeof value === 'number' || typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value)
    },
  }
}
