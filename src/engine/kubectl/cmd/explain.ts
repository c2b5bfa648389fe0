import { structSchema } from '../../api'
import type { FieldSchema, StructSchema, TypeSchema } from '../../apimachinery'
import { docOf, enumOf, enumParagraph } from '../docs'
import { fail } from '../errors'
import { flagSpecs } from '../flags'
import type { Command, Invocation } from '../verb'

const WORDS: Record<string, string> = { string: 'string', bool: 'boolean', int: 'integer', uint: 'integer', float: 'number', bytes: 'string', quantity: 'Quantity', time: 'string', microTime: 'string', duration: 'string', intOrString: 'IntOrString', raw: 'Object', fields: 'FieldsV1', any: 'Object' }

function typeName(t: TypeSchema): string {
  if (t.kind === 'pointer') return typeName(t.elem as TypeSchema)
  if (t.kind === 'list') return `[]${typeName(t.elem as TypeSchema)}`
  if (t.kind === 'map') return `map[string]${typeName(t.elem as TypeSchema)}`
  return t.kind === 'struct' ? bare(t) : (WORDS[t.kind] ?? t.kind)
}

const bare = (t: TypeSchema): string => t.goName.slice(t.goName.lastIndexOf('.') + 1)
const inner = (t: TypeSchema): TypeSchema => (t.kind === 'pointer' || t.kind === 'list' || t.kind === 'map' ? inner(t.elem as TypeSchema) : t)
const valuesOf = (t: TypeSchema): readonly string[] | undefined => (t.kind === 'pointer' ? valuesOf(t.elem as TypeSchema) : t.kind === 'string' ? enumOf(bare(t)) : undefined)

/** What is said of a field, and of its values. */
const fieldDoc = (owner: string, name: string, type: TypeSchema): string => {
  const text = docOf(`${owner}.${name}`)
  return valuesOf(type) === undefined ? text : `${text}${enumParagraph(bare(inner(type)))}`
}

/** Breaks lines at spaces. Upstream: mitchellh/go-wordwrap */
export function wrapped(text: string, width: number): string {
  return text.split('\n').map((line) => {
    let out = ''
    let at = 0
    for (const [, space = '', word = ''] of line.matchAll(/(\s*)(\S+)/g)) {
      if (at > 0 && at + space.length + word.length > width) {
        out += `\n${word}`
        at = word.length
      } else {
        out += space + word
        at += space.length + word.length
      }
    }
    return out
  }).join('\n')
}

const block = (text: string, indent: string, width: number): string => wrapped(text, width).split('\n').map((l) => `${indent}${l}\n`).join('')

/** `kubectl explain`. Upstream: kubectl/pkg/explain/v2/templates/plaintext.tmpl */
export const explain: Command = {
  name: 'explain',
  complete: 'type',
  flags: flagSpecs('api-version:string output/o:string=plaintext recursive/R'),
  run(cmd) {
    const { args, flags, mapper, io } = cmd
    const [path] = args
    if (path === undefined) throw fail('You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.')
    if (args.length > 1) throw fail(`We accept only this format: explain RESOURCE`)
    const wanted = flags.string('api-version')
    const type = path.slice(0, path.includes('.') ? path.indexOf('.') : undefined)
    const named = (path === type ? [] : mapper.all()).filter((m) => path === `${m.resource}.${m.group}` || path.startsWith(`${m.resource}.${m.group}.`))
    const mapping = (wanted === '' ? named[0] : undefined) ?? mapper.find(type)
    if (mapping === undefined) throw fail(`the server doesn't have a resource type "${type}"`, true)
    const fields = path.slice((mapping === named[0] ? `${mapping.resource}.${mapping.group}` : type).length).split('.').filter((f) => f !== '')
    const slash = wanted.indexOf('/')
    const [group, version] = wanted === '' ? [mapping.group, mapping.version] : slash < 0 ? ['', wanted] : [wanted.slice(0, slash), wanted.slice(slash + 1)]
    const schema = mapping.custom ? undefined : structSchema(group === 'autoscaling' && version === 'v1' ? 'HorizontalPodAutoscalerV1' : mapping.kind)
    io.out(`${group === '' ? '' : `GROUP:      ${group}\n`}KIND:       ${mapping.kind}\nVERSION:    ${version}\n\n`)
    if (schema === undefined) return explainCustom(cmd, mapping.group, mapping.resource, version, fields)
    show(cmd, schema, fields)
  },
}

function show({ io, flags }: Invocation, root: StructSchema, fields: readonly string[]): void {
  let schema: StructSchema | undefined = root
  let about = docOf(root.name)
  let head = ''
  for (const name of fields) {
    const field: FieldSchema | undefined = schema?.byName.get(name)?.field
    if (schema === undefined || field === undefined) {
      io.out('\n')
      throw fail(`field "${name}" does not exist`)
    }
    const values = valuesOf(field.type)
    head = `FIELD: ${name} <${typeName(field.type)}>\n${values === undefined ? '' : `ENUM:\n${values.map((v) => `    ${v === '' ? '""' : v}\n`).join('')}`}\n${values === undefined ? '\n' : ''}`
    const t = inner(field.type)
    about = [fieldDoc(schema.name, name, field.type), docOf(t.kind === 'struct' ? (t.struct?.().name ?? '') : bare(t))].filter(Boolean).join('\n')
    schema = t.kind === 'struct' ? t.struct?.() : undefined
  }
  io.out(`${head}DESCRIPTION:\n${about === '' ? '    <empty>\n' : block(about, '    ', 76)}    \n`)
  if (schema === undefined) return io.out('\n')
  io.out('FIELDS:\n')
  const list = (s: StructSchema, level: number, seen: readonly string[]): void => {
    const pad = '  '.repeat(level)
    for (const [name, { field }] of [...s.byName].toSorted((a, b) => (a[0] < b[0] ? -1 : 1))) {
      io.out(`${pad}${name}\t<${typeName(field.type)}>${field.required ? ' -required-' : ''}\n`)
      const values = valuesOf(field.type)
      const shown = flags.bool('recursive') && values !== undefined && values.length > 4 ? [...values.slice(0, 4), '....'] : values
      if (shown !== undefined) io.out(`${pad}enum: ${shown.map((v) => v || '""').join(', ')}\n`)
      const t = inner(field.type)
      if (!flags.bool('recursive')) io.out(`${block(fieldDoc(s.name, name, field.type) || '<no description>', '    ', 76)}\n`)
      else if (t.kind === 'struct' && !seen.includes(t.goName) && level < 14) list(t.struct?.() as StructSchema, level + 1, [...seen, t.goName])
    }
  }
  list(schema, 1, [])
  io.out('\n')
}

interface Described {
  readonly description?: string
  readonly type?: string
  readonly properties?: Readonly<Record<string, Described>>
  readonly items?: Described
  readonly additionalProperties?: Described
  readonly required?: readonly string[]
  readonly enum?: readonly unknown[]
  readonly 'x-kubernetes-int-or-string'?: boolean
}

/** Fields of a custom resource, from its definition's schema. */
function explainCustom({ io, api, flags }: Invocation, group: string, resource: string, version: string, fields: readonly string[]): void {
  const crd = api.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${resource}.${group}`)
  const versions = (crd.spec?.['versions'] ?? []) as readonly { name: string; schema?: { openAPIV3Schema?: Described } }[]
  let at: Described = versions.find((v) => v.name === version)?.schema?.openAPIV3Schema ?? {}
  const name = (d: Described): string => (d.type === 'array' ? `[]${name(d.items ?? {})}` : d.additionalProperties ? `map[string]${name(d.additionalProperties)}` : d['x-kubernetes-int-or-string'] ? 'IntOrString' : (d.type === 'object' || d.type === undefined ? 'Object' : d.type))
  const within = (d: Described): Described => (d.items ? within(d.items) : d.additionalProperties?.properties ? within(d.additionalProperties) : d)
  const all = (d: Described, top: boolean): readonly [string, Described][] => Object.entries({ ...(top ? { apiVersion: { type: 'string', description: API }, kind: { type: 'string', description: docOf('x.kind') }, metadata: { type: 'ObjectMeta', description: "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata" } } : {}), ...within(d).properties })
    .toSorted((a, b) => (a[0] < b[0] ? -1 : 1))
  const API = docOf('x.apiVersion')
  let head = ''
  let top = true
  for (const field of fields) {
    const next = all(at, top).find(([k]) => k === field)?.[1]
    top = false
    if (next === undefined) {
      io.out('\n')
      throw fail(`field "${field}" does not exist`)
    }
    head = `FIELD: ${field} <${name(next)}>\n\n\n`
    at = next
  }
  io.out(`${head}DESCRIPTION:\n${at.description ? block(at.description, '    ', 76) : '    <empty>\n'}    \n`)
  if (!top && within(at).properties === undefined) return io.out('\n')
  io.out('FIELDS:\n')
  const list = (d: Described, isTop: boolean, level: number): void => {
    for (const [key, value] of all(d, isTop)) {
      const pad = '  '.repeat(level)
      io.out(`${pad}${key}\t<${name(value)}>${within(d).required?.includes(key) ? ' -required-' : ''}\n`)
      if (value.enum) io.out(`${pad}enum: ${value.enum.map(String).join(', ')}\n`)
      if (!flags.bool('recursive')) io.out(`${block(value.description ?? '<no description>', '    ', 76)}\n`)
      else if (level < 14 && within(value).properties) list(value, false, level + 1)
    }
  }
  list(at, top, 1)
  io.out('\n')
}
