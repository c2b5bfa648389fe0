import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.mjs'

const ids = ['virtual:api-schema', 'virtual:api-docs']

/** Kinds that manifests name and the schema knows beside the resources. */
const more = [{ apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', type: 'HorizontalPodAutoscalerV1', resource: 'horizontalpodautoscalers', namespaced: true }]

/** A type as the editor reads it: `string`, `[]Container`, `{}string`, `enum:DNSPolicy`. */
function nameOf(type, visit, isEnum) {
  if (type.kind === 'pointer') return nameOf(type.elem, visit, isEnum)
  if (type.kind === 'list') return `[]${nameOf(type.elem, visit, isEnum)}`
  if (type.kind === 'map') return `{}${nameOf(type.elem, visit, isEnum)}`
  if (type.kind === 'struct') return visit(type.struct())
  const go = type.goName.slice(type.goName.lastIndexOf('.') + 1)
  return type.kind === 'string' && isEnum(go) ? `enum:${go}` : type.kind
}

/** Kinds and fields of the API, for completion and lint on the page. The engine's own reader of its schema says them. */
export async function makeSchema() {
  const { resources, structSchema, apiVersionOf } = await import(pathToFileURL(await bundle('src/engine/api/index.ts', ['src/engine/api', 'src/engine/apimachinery'])).href)
  const { enums } = await texts()
  const types = {}
  const visit = (struct) => {
    if (!types[struct.name]) {
      types[struct.name] = []
      types[struct.name] = [...struct.byName].map(([name, { field }]) => `${name} ${nameOf(field.type, visit, (go) => enums.has(go))}${field.required ? '!' : ''}`)
    }
    return struct.name
  }
  const kinds = []
  for (const { apiVersion, kind, type, resource, namespaced } of [...resources.map((info) => ({ ...info, apiVersion: apiVersionOf(info), type: info.kind })), ...more]) {
    const struct = structSchema(type)
    if (struct === undefined) continue
    kinds.push(`${apiVersion} ${kind} ${visit(struct)} ${resource}${namespaced ? '' : ' cluster'}`)
  }
  return { kinds: kinds.sort(), types }
}

/** The generated descriptions, resolved, and the values of enumerations. */
async function texts() {
  const docs = {}
  const enums = new Map()
  const { DOCS, ENUMS } = await import(pathToFileURL(await bundle('src/engine/api-docs/docs.generated.ts', ['src/engine/api-docs/docs.generated.ts'])).href)
  let type = ''
  for (const line of DOCS) {
    const [a = '', b = '', c = ''] = line.split('\t')
    if (a !== '') docs[(type = a)] = b
    else docs[`${type}.${b}`] = c
  }
  for (const [place, text] of Object.entries(docs)) if (text.startsWith('^')) docs[place] = docs[text.slice(1)] ?? ''
  for (const line of ENUMS) enums.set(line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).split(','))
  return { docs, enums }
}

/** Vite plugin: the API's schema and descriptions as data for lazy chunks of the page, which imports no engine. */
export const apiSchema = () => ({
  name: 'kubeloop:api-schema',
  resolveId: (source) => (ids.includes(source) ? `\0${source}` : undefined),
  async load(resolved) {
    const json = (value) => `JSON.parse(${JSON.stringify(JSON.stringify(value))})`
    if (resolved === `\0${ids[0]}`) {
      const { kinds, types } = await makeSchema()
      const { enums } = await texts()
      return `export const kinds = ${json(kinds)}\nexport const types = ${json(types)}\nexport const enums = ${json(Object.fromEntries(enums))}`
    }
    if (resolved === `\0${ids[1]}`) return `export const docs = ${json((await texts()).docs)}`
    return undefined
  },
})
