import { jsonKind, readYaml } from '../apimachinery'
import { fail } from './errors'

/** Largest input that is read. Units: bytes (characters). Upstream: kube-apiserver refuses bodies over 3 MiB. */
const largestInput = 3 * 1024 * 1024

/** A document of a file or of stdin: any JSON object. */
export type Doc = Readonly<Record<string, unknown>>

/** What was read before the first error, and that error. */
export interface Documents {
  readonly docs: readonly Doc[]
  readonly error?: string
}

// Reading is a pure function; a command runs again for each answer it waits for, so the last result is kept.
let lastText: string | undefined
let last: Documents = { docs: [] }

/** All documents of a YAML or JSON text, in order. Upstream: apimachinery/pkg/util/yaml YAMLOrJSONDecoder */
export function readDocuments(text: string): Documents {
  if (text.length > largestInput) throw fail(`error reading input: the input is larger than ${largestInput} bytes`)
  if (text === lastText) return last
  last = text.trimStart().startsWith('{') ? readJsonStream(text) : readYamlStream(text)
  lastText = text
  return last
}

function readYamlStream(text: string): Documents {
  const docs: Doc[] = []
  for (const part of splitDocuments(text)) {
    if (!/[^\s]/.test(part)) continue
    const { value, error } = readYaml(part) as { value?: unknown; error?: string }
    if (error !== undefined) return { docs, error: `error converting YAML to JSON: ${error}` }
    if (value === null) continue
    if (typeof value !== 'object' || Array.isArray(value)) {
      return { docs, error: `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}` }
    }
    docs.push(value as Doc)
  }
  return { docs }
}

/** Lines that begin with `---` part documents. Upstream: util/yaml YAMLReader */
function splitDocuments(text: string): string[] {
  const parts: string[] = []
  let part: string[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('---') && /^---\s*(#.*)?$/.test(line.trimEnd())) {
      parts.push(part.join('\n'))
      part = []
    } else part.push(line)
  }
  parts.push(part.join('\n'))
  return parts
}

function readJsonStream(text: string): Documents {
  const docs: Doc[] = []
  let at = 0
  while (at < text.length) {
    const end = endOfValue(text, at)
    const part = text.slice(at, end)
    at = end
    if (!/\S/.test(part) || part.trim() === '---') continue
    try {
      docs.push(JSON.parse(part) as Doc)
    } catch {
      // What looks like JSON may be YAML in flow style.
      return at === end && docs.length === 0 ? readYamlStream(text) : { docs, error: 'invalid character in JSON' }
    }
  }
  return { docs }
}

/** Index after the JSON object that begins at or after `at`. */
function endOfValue(text: string, at: number): number {
  let depth = 0
  let quoted = false
  for (let i = at; i < text.length; i++) {
    const c = text[i]
    if (quoted) {
      if (c === '\\') i++
      else if (c === '"') quoted = false
    } else if (c === '"') quoted = true
    else if (c === '{' || c === '[') depth++
    else if ((c === '}' || c === ']') && --depth === 0) return i + 1
  }
  return text.length
}
