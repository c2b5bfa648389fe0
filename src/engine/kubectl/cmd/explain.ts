import { structSchema } from '../../api'
import type { TypeSchema } from '../../apimachinery'
import { fail } from '../errors'
import { flagSpecs } from '../flags'
import type { Command } from '../verb'

const WORDS: Record<string, string> = { string: 'string', bool: 'boolean', int: 'integer', uint: 'integer', float: 'number', bytes: 'string', quantity: 'Quantity', time: 'string', microTime: 'string', duration: 'string', intOrString: 'IntOrString', raw: 'Object', fields: 'FieldsV1', any: 'Object' }

function typeName(t: TypeSchema): string {
  if (t.kind === 'pointer') return typeName(t.elem as TypeSchema)
  if (t.kind === 'list') return `[]${typeName(t.elem as TypeSchema)}`
  if (t.kind === 'map') return `map[string]${typeName(t.elem as TypeSchema)}`
  return t.kind === 'struct' ? t.goName.slice(t.goName.lastIndexOf('.') + 1) : (WORDS[t.kind] ?? t.kind)
}

const inner = (t: TypeSchema): TypeSchema => (t.kind === 'pointer' || t.kind === 'list' || t.kind === 'map' ? inner(t.elem as TypeSchema) : t)

/** `kubectl explain`: fields and types; the schema carries no descriptions yet. Upstream: kubectl/pkg/cmd/explain */
export const explain: Command = {
  name: 'explain',
  short: 'Get documentation for a resource',
  usage: 'TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2] [options]',
  complete: 'type',
  flags: flagSpecs('api-version:string output/o:string=plaintext recursive'),
  run({ args, flags, mapper, io }) {
    const [path] = args
    if (path === undefined) throw fail('You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.')
    const [type = '', ...fields] = path.split('.')
    const mapping = mapper.find(type)
    if (mapping === undefined) throw fail(`the server doesn't have a resource type "${type}"`, true)
    io.out(`${mapping.group === '' ? '' : `GROUP:      ${mapping.group}\n`}KIND:       ${mapping.kind}\nVERSION:    ${mapping.version}\n\n`)
    let schema = structSchema(mapping.kind)
    let text = ''
    for (const name of fields) {
      const found = schema?.byName.get(name)?.field.type
      if (found === undefined) {
        io.out('\n')
        throw fail(`field "${name}" does not exist`)
      }
      text = `FIELD: ${name} <${typeName(found)}>\n\n\n`
      const t = inner(found)
      schema = t.kind === 'struct' ? t.struct?.() : undefined
    }
    io.out(`${text}DESCRIPTION:\n    <empty>\n    \n`)
    if (schema === undefined) return io.out('\n\n')
    io.out('FIELDS:\n')
    const show = (s: ReturnType<typeof structSchema>, level: number, seen: readonly string[]): void => {
      for (const [name, { field }] of [...(s?.byName ?? [])].toSorted((a, b) => (a[0] < b[0] ? -1 : 1))) {
        io.out(`${'  '.repeat(level)}${name}\t<${typeName(field.type)}>${field.required ? ' -required-' : ''}\n`)
        const t = inner(field.type)
        if (flags.bool('recursive') && t.kind === 'struct' && !seen.includes(t.goName) && level < 14) show(t.struct?.(), level + 1, [...seen, t.goName])
      }
    }
    show(schema, 1, [])
    io.out('\n')
  },
}
