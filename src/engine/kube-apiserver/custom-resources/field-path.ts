import type { JSONSchemaProps } from '../../api'
import { isObject } from '../../apimachinery'

/** Reads a path of dots and quoted keys that must be in a schema; answers it as messages write it. Upstream: schema/cel/validation.go ValidFieldPath */
export function readFieldPath(text: string, schema: JSONSchemaProps, arrays = true): { readonly path?: string; readonly schema?: JSONSchemaProps; readonly error?: string } {
  const tokens = text.match(/'(?:\\.|[^'\\])*'|[.[\]]|[^.[\]']+/g) ?? []
  let path = ''
  let at: JSONSchemaProps = schema
  const step = (name: string): string | undefined => {
    if (at.properties !== undefined) {
      const own = at.properties[name]
      if (own === undefined) return 'does not refer to a valid field'
      path = path === '' ? name : `${path}.${name}`
      at = own
    } else if (isObject(at.additionalProperties)) {
      path = `${path}[${name}]`
      at = at.additionalProperties as JSONSchemaProps
    } else return 'does not refer to a valid field'
    return undefined
  }
  for (let i = 0; i < tokens.length; i++) {
    let error: string | undefined
    if (tokens[i] === '.') {
      const name = tokens[++i]
      error = name === undefined ? 'unexpected end of JSON path' : step(name)
    } else if (tokens[i] === '[') {
      if (!arrays) return { error: 'array notation is not allowed' }
      const quoted = tokens[++i]
      if (quoted === undefined) return { error: 'unexpected end of JSON path' }
      if (!/^'.*'$/s.test(quoted)) return { error: `expected single quoted string but got ${quoted}` }
      error = step(quoted.slice(1, -1).replace(/\\(.)/g, '$1'))
      const close = tokens[++i]
      error ??= close === undefined ? 'unexpected end of JSON path' : close === ']' ? undefined : `expected ] but got ${close}`
    } else error = `expected [ or . but got: ${tokens[i]}`
    if (error !== undefined) return { error }
  }
  return { path, schema: at }
}
