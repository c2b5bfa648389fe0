import { LineCounter, parseDocument, type Document, type Node } from 'yaml'
import { pathOf, spanOf, type Span } from './paths'

/** Something that is wrong in a document, where it stands. Offsets are those of the document's own text. */
export interface Problem extends Span {
  readonly severity: 'error' | 'warning'
  readonly message: string
}

/** Puts what kubectl said about one document (its stderr) where it belongs in it: at a field, at a line, or at the top. */
export function problemsOf(text: string, stderr: string): readonly Problem[] {
  if (stderr.trim() === '') return []
  const counter = new LineCounter()
  const doc = parseDocument(text, { lineCounter: counter, logLevel: 'silent' })
  const problems: Problem[] = []
  for (const { severity, message } of messagesOf(stderr)) for (const found of placed(message, text, doc, counter)) problems.push({ severity, ...found })
  return problems
}

/** Warnings are one line each; what is left is the error. */
function messagesOf(stderr: string): readonly { readonly severity: Problem['severity']; readonly message: string }[] {
  const warnings: string[] = []
  const rest: string[] = []
  for (const line of stderr.split('\n')) (line.startsWith('Warning: ') ? warnings : rest).push(line)
  const error = rest.join('\n').trim()
  return [...warnings.map((line) => ({ severity: 'warning' as const, message: line.slice(9) })), ...(error === '' ? [] : [{ severity: 'error' as const, message: error }])]
}

function placed(message: string, text: string, doc: Document.Parsed, counter: LineCounter): readonly (Span & { readonly message: string })[] {
  const root = doc.contents as Node | null
  const at = (path: string, says: string): Span & { message: string } => ({ ...(spanOf(root, pathOf(path)) ?? topOf(text)), message: says })
  const line = /\byaml: (?:unmarshal errors:\s*)?line (\d+): /.exec(message)
  if (line || /error (?:parsing|converting)/.test(message)) return [{ ...lineSpan(text, counter, Number(line?.[1] ?? 1)), message: message.replace(/^error: (?:error parsing STDIN: )?/, '') }]
  const unknown = [...message.matchAll(/(unknown|duplicate) field "([^"]+)"/g)]
  if (unknown.length > 0) return unknown.map(([words, , path = '']) => at(path, words))
  const unmarshal = /cannot unmarshal (\S+) into Go struct field \w+?\.(\S+) of type (\S+)/.exec(message)
  if (unmarshal) return [at(unmarshal[2] ?? '', `cannot unmarshal ${unmarshal[1]} into ${unmarshal[3]}`)]
  const invalid = /^The \S+ "[^"]*" is invalid: ?([^]*)$/.exec(message)
  if (invalid) {
    const list = (invalid[1] ?? '').split(/\n\* |^\n?\* /).map((part) => part.trim()).filter((part) => part !== '')
    return list.map((part) => {
      const path = /^([A-Za-z][\w.[\]"/-]*): /.exec(part)
      return path ? at(path[1] ?? '', part.slice(path[0].length)) : { ...topOf(text), message: part }
    })
  }
  if (message.includes('no matches for kind')) return [at(/in version/.test(message) && spanOf(root, ['kind']) ? 'kind' : 'apiVersion', message.replace(/^error: resource mapping not found for name: .*? from "STDIN": /, ''))]
  if (/namespaces "[^"]*" not found/.test(message)) return [at('metadata.namespace', message.replace(/^.*?(?=namespaces ")/s, ''))]
  const path = /(?:^|: )((?:spec|metadata|data|status)(?:\.[\w[\]"/-]+)+): /.exec(message)
  return [at(path?.[1] ?? 'kind', message.replace(/^Error from server \((\w+)\): (?:error when \w+ "STDIN": )?/, '$1: '))]
}

function topOf(text: string): Span {
  const from = text.search(/[^\s#]/)
  const begin = Math.max(0, from)
  const end = text.indexOf('\n', begin)
  return { from: begin, to: end < 0 ? text.length : end }
}

/** A whole line without its indentation; the last one when the number is beyond the end. */
function lineSpan(text: string, counter: LineCounter, line: number): Span {
  const starts = counter.lineStarts
  const index = Math.max(0, Math.min(starts.length - 1, line - 1))
  const begin = starts[index] ?? 0
  const end = text.indexOf('\n', begin)
  const to = end < 0 ? text.length : end
  const indent = /^\s*/.exec(text.slice(begin, to))?.[0].length ?? 0
  return { from: Math.min(begin + indent, to), to }
}
