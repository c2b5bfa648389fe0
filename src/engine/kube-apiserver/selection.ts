import { badRequest, matches, parseFieldSelector, parseSelector, type FieldRequirement, type KubeObject, type Selector, type Status } from '../apimachinery'
import { servedByName, type Served } from './served'

/** What a list or watch selects. Plain state; undefined: everything. */
export interface Selection {
  readonly labels: Selector | undefined
  readonly fields: readonly FieldRequirement[] | undefined
}

/** The value of a field that a selector names; undefined when the kind does not offer it. */
function fieldOf(served: Served | undefined, o: KubeObject, field: string): string | undefined {
  if (field === 'metadata.name') return o.metadata.name
  if (field === 'metadata.namespace') return o.metadata.namespace ?? ''
  if (field === 'spec.nodeName' && served?.storage === 'pods') return (o as { spec?: { nodeName?: string } }).spec?.nodeName ?? ''
  const fields = served?.strategy.fields
  return fields !== undefined && Object.hasOwn(fields, field) ? (fields[field] as (object: KubeObject) => string)(o) : undefined
}

/** Whether an object is in a selection. */
export function selects(selection: Selection, storage: string, o: KubeObject): boolean {
  if (selection.labels && !matches(selection.labels, o.metadata.labels)) return false
  return selection.fields === undefined || fieldsMatch(storage, selection.fields, o)
}

function fieldsMatch(storage: string, requirements: readonly FieldRequirement[], o: KubeObject): boolean {
  const served = servedByName(storage)
  for (let i = 0; i < requirements.length; i++) {
    const { field, value, operator } = requirements[i] as FieldRequirement
    if (((fieldOf(served, o, field) ?? '') === value) !== (operator === '=')) return false
  }
  return true
}

const everything: Selection = Object.freeze({ labels: undefined, fields: undefined })
const probe: KubeObject = Object.freeze({ metadata: Object.freeze({ name: '' }), spec: Object.freeze({}), status: Object.freeze({}), involvedObject: Object.freeze({}) })

/** The selection of a query, or the refusal of a selector that makes no sense. A `name` narrows it to one object (watch of a named path). */
export function parseSelection(served: Served, query: Readonly<Record<string, string>> | undefined, name: string): Selection | Status {
  const labelText = query?.labelSelector ?? ''
  const fieldText = query?.fieldSelector ?? ''
  if (labelText === '' && fieldText === '' && name === '') return everything
  const { group, version, resource } = served.info
  const refuse = (why: string) =>
    badRequest(`Unable to find "${group}/${version}, Resource=${resource}" that match label selector "${labelText}", field selector "${fieldText}": ${why}`)
  const labels = labelText === '' ? undefined : parseSelector(labelText)
  if (typeof labels === 'string') return refuse(labels)
  let fields = fieldText === '' ? undefined : parseFieldSelector(fieldText)
  if (typeof fields === 'string') return refuse(fields)
  for (const { field } of fields ?? []) if (!offers(served, field)) return refuse(`field label not supported: ${field}`)
  if (name !== '') fields = [...(fields ?? []), { field: 'metadata.name', operator: '=', value: name }]
  return { labels, fields }
}

function offers(served: Served, field: string): boolean {
  return fieldOf(served, probe, field) !== undefined
}
