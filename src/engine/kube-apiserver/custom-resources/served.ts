import type { CustomResourceColumnDefinition, CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api'
import { parseJsonPath, relaxedJsonPath, type KubeObject } from '../../apimachinery'
import { ageColumn, nameColumn } from '../registry/define'
import type { Column, ResourceStrategy } from '../registry/strategy'
import { serve, type Served } from '../served'
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

function strategyOf({ spec: { names } }: CustomResourceDefinition, v: CustomResourceDefinitionVersion): ResourceStrategy {
  const schema = v.schema?.openAPIV3Schema
  const hasStatus = v.subresources?.status != null
  const subresources = [...(hasStatus ? ['status'] : []), ...(v.subresources?.scale ? ['scale'] : [])]
  const check = (o: KubeObject) => validate(schema, o)
  return {
    resource: names.plural, singular: names.singular || names.kind.toLowerCase(), shortNames: names.shortNames ?? [], ...(names.categories?.length ? { categories: names.categories } : {}),
    subresources, hasStatus, hasGeneration: true,
    defaults: (o) => setDefaults(schema, o),
    prepareForCreate(o) {
      if (hasStatus) delete (o as { status?: unknown }).status
    },
    validate: check, validateUpdate: check, validateStatusUpdate: check,
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
