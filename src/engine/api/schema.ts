import type { FieldSchema, StructSchema, TypeKind, TypeSchema } from '../apimachinery'
import { NAMED_TYPES, STRUCT_TYPES } from './schema.generated'

// The generated tables are text: `Name=GoName package|json=GoName type flags|…`. Flags: `!` never omitted, `?` omitzero, `r` required,
// `p=` patch strategies, `k=` merge key, `l=` list type and map keys, `s=`/`m=` atomic struct or map. `<Name` embeds a struct.

const structs = new Map<string, StructSchema>()
let structLines: Map<string, string> | undefined
let namedTypes: Map<string, { pkg: string; under: string }> | undefined

const SCALAR: Record<string, { kind: TypeKind; goName: string; bits?: number }> = {
  string: { kind: 'string', goName: 'string' },
  bool: { kind: 'bool', goName: 'bool' },
  int: { kind: 'int', goName: 'int', bits: 64 },
  int32: { kind: 'int', goName: 'int32', bits: 32 },
  int64: { kind: 'int', goName: 'int64', bits: 64 },
  uint8: { kind: 'uint', goName: 'uint8', bits: 8 },
  uint32: { kind: 'uint', goName: 'uint32', bits: 32 },
  uint64: { kind: 'uint', goName: 'uint64', bits: 64 },
  float64: { kind: 'float', goName: 'float64' },
  Quantity: { kind: 'quantity', goName: 'resource.Quantity' },
  Time: { kind: 'time', goName: 'v1.Time' },
  MicroTime: { kind: 'microTime', goName: 'v1.MicroTime' },
  Duration: { kind: 'duration', goName: 'v1.Duration' },
  IntOrString: { kind: 'intOrString', goName: 'intstr.IntOrString' },
  RawExtension: { kind: 'raw', goName: 'runtime.RawExtension' },
  FieldsV1: { kind: 'fields', goName: 'v1.FieldsV1' },
  JSON: { kind: 'any', goName: 'v1.JSON' },
}

/** Schema of an API type by its TypeScript name (`Pod`, `PodSpec`, `HorizontalPodAutoscalerV1`); undefined when unknown. */
export function structSchema(name: string): StructSchema | undefined {
  const known = structs.get(name)
  if (known !== undefined) return known
  structLines ??= new Map(STRUCT_TYPES.map((line) => [line.slice(0, line.search(/[= ]/)), line]))
  const line = structLines.get(name)
  if (line === undefined) return undefined
  const made = parseStruct(name, line)
  structs.set(name, made)
  return made
}

function mustStruct(name: string): StructSchema {
  const found = structSchema(name)
  if (found === undefined) throw new Error(`no schema for ${name}`)
  return found
}

function parseStruct(name: string, line: string): StructSchema {
  const [head, ...fieldTexts] = line.split('|')
  const [names, pkg] = head!.split(' ')
  const goName = `${pkg!.slice(pkg!.lastIndexOf('/') + 1)}.${names!.split('=')[1] ?? names}`
  const fields = fieldTexts.map(parseField)
  const byName = new Map<string, { field: FieldSchema; via: readonly string[] }>()
  for (const field of fields) {
    if (field.name !== '') byName.set(field.name, { field, via: [] })
    else for (const [inner, found] of field.type.struct!().byName) if (!byName.has(inner)) byName.set(inner, { field: found.field, via: [field.goName, ...found.via] })
  }
  return { name, goName, pkg: pkg!, fields, byName }
}

function parseField(text: string): FieldSchema {
  if (text.startsWith('<')) {
    const embedded = text.slice(1)
    const type = parseType(embedded)
    const goName = type.goName.slice(type.goName.indexOf('.') + 1)
    return { name: '', goName, type, omit: 'empty', required: false, patchStrategy: [], listMapKeys: [], atomic: false }
  }
  const [names, expression, ...flags] = text.split(' ')
  const [name, goName] = names!.split('=')
  const marks = flags.find((f) => !f.includes('=')) ?? ''
  const flag = (key: string): string | undefined => flags.find((f) => f.startsWith(`${key}=`))?.slice(2)
  const [listType, ...listMapKeys] = flag('l')?.split(',') ?? []
  const patchMergeKey = flag('k')
  return {
    name: name!,
    goName: goName ?? name![0]!.toUpperCase() + name!.slice(1),
    type: parseType(expression!),
    omit: marks.includes('!') ? 'never' : marks.includes('?') ? 'zero' : 'empty',
    required: marks.includes('r'),
    ...(patchMergeKey === undefined ? {} : { patchMergeKey }),
    patchStrategy: flag('p')?.split(',') ?? [],
    ...(listType === undefined ? {} : { listType }),
    listMapKeys,
    atomic: flag('s') === 'atomic' || flag('m') === 'atomic',
  }
}

function parseType(text: string): TypeSchema {
  if (text.startsWith('*')) return wrap('pointer', '*', parseType(text.slice(1)))
  if (text === '[]byte') return { kind: 'bytes', goName: '[]uint8' }
  if (text.startsWith('[]')) return wrap('list', '[]', parseType(text.slice(2)))
  const map = /^map\[(\w+)\]/.exec(text)
  if (map !== null) return wrap('map', `map[${parseType(map[1]!).goName}]`, parseType(text.slice(map[0].length)))
  const scalar = SCALAR[text]
  if (scalar !== undefined) return scalar
  namedTypes ??= new Map(NAMED_TYPES.map((line) => {
    const parts = line.split(' ')
    return [parts[0]!, { pkg: parts.length === 3 ? parts[1]! : 'v1', under: parts.at(-1)! }]
  }))
  const named = namedTypes.get(text)
  if (named !== undefined) return { ...parseType(named.under), goName: `${named.pkg}.${text}` }
  structLines ??= new Map(STRUCT_TYPES.map((line) => [line.slice(0, line.search(/[= ]/)), line]))
  const head = /^\S+ (\S+?)(\||$)/.exec(structLines.get(text) ?? '')
  const goName = `${head?.[1]!.slice(head[1]!.lastIndexOf('/') + 1) ?? 'v1'}.${/^\w+=(\w+)/.exec(structLines.get(text) ?? '')?.[1] ?? text}`
  return { kind: 'struct', goName, struct: () => mustStruct(text) }
}

function wrap(kind: TypeKind, prefix: string, elem: TypeSchema): TypeSchema {
  return { kind, goName: prefix + elem.goName, elem }
}
