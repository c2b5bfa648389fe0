import { isMap, isScalar, isSeq, parseDocument, type Document, type Node, type Pair } from 'yaml'
import { fieldsOf, kindOf, typeText, valuesOf } from './schema'
import type { Problem } from './server-errors'

/** Most problems told of one document. */
const mostProblems = 50

/**
 * What the schema knows to be wrong in a document, all at once and before the server is asked: unknown fields, wrong types.
 * What is missing or does not fit together is the server's to say.
 */
export function checkSchema(text: string): readonly Problem[] {
  let doc: Document.Parsed
  try {
    doc = parseDocument(text, { logLevel: 'silent' })
  } catch {
    return []
  }
  if (doc.errors.length > 0)
    return doc.errors.slice(0, 3).map(({ message, pos }) => ({ severity: 'error', from: pos[0], to: Math.max(pos[0] + 1, pos[1]), message: message.split(' at line ')[0] ?? message }))
  const { contents } = doc
  if (!isMap(contents)) return []
  const apiVersion = contents.get('apiVersion')
  const kind = contents.get('kind')
  const known = typeof apiVersion === 'string' && typeof kind === 'string' ? kindOf(apiVersion, kind) : undefined
  if (!known) return []
  const problems: Problem[] = []
  check(contents, known.type, problems)
  return problems.slice(0, mostProblems)
}

function check(node: Node | null, type: string, problems: Problem[]): void {
  if (node === null || problems.length >= mostProblems || (isScalar(node) && node.value === null)) return
  const say = (at: Node, message: string, severity: Problem['severity'] = 'error'): void => {
    if (at.range) problems.push({ severity, from: at.range[0], to: isMap(at) || isSeq(at) ? Math.min(at.range[1], lineEnd(at)) : at.range[1], message })
  }
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return // an alias
  if (type.startsWith('[]')) {
    if (!isSeq(node)) return say(node, `expected a ${typeText(type)}`)
    for (const item of node.items) check(item as Node, type.slice(2), problems)
    return
  }
  const fields = fieldsOf(type)
  if (type.startsWith('{}') || fields) {
    if (!isMap(node)) return say(node, `expected ${type.startsWith('{}') ? `a ${typeText(type)}` : `the fields of ${typeText(type)}`}`)
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      if (!isScalar(pair.key)) continue
      if (!fields) {
        check(pair.value, type.slice(2), problems)
        continue
      }
      const name = String(pair.key.value)
      const field = fields.get(name)
      if (field) check(pair.value, field.type, problems)
      else if (name !== '<<') say(pair.key, `unknown field "${name}"${nearest(name, [...fields.keys()])}`)
    }
    return
  }
  checkScalar(node, type, say)
}

function checkScalar(node: Node, type: string, say: (at: Node, message: string, severity?: Problem['severity']) => void): void {
  if (['raw', 'fields', 'any'].includes(type)) return
  if (!isScalar(node)) return say(node, `expected ${article(typeText(type))}`)
  const { value } = node
  const fits = (): boolean => {
    if (type === 'bool') return typeof value === 'boolean' || (node.type === 'PLAIN' && /^(?:yes|no|on|off|y|n)$/i.test(String(value)))
    if (type === 'int' || type === 'uint') return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
    if (type === 'float') return typeof value === 'number'
    if (type === 'quantity' || type === 'intOrString') return typeof value === 'string' || typeof value === 'number'
    return typeof value === 'string' || value instanceof Date || (node.type === 'PLAIN' && typeof value === 'number' && /[:_]/.test(node.source ?? ''))
  }
  if (!fits()) return say(node, `expected ${article(typeText(type))}, this is ${article(typeof value === 'bigint' ? 'number' : typeof value)}${typeText(type) === 'string' && typeof value !== 'string' ? ': put it in quotes' : ''}`)
  const values = valuesOf(type)
  if (type.startsWith('enum:') && values && !values.includes(String(value))) say(node, `"${String(value)}" is none of ${values.filter(Boolean).join(', ')}`, 'warning')
}

const article = (word: string): string => (/^[aeiou]/.test(word) ? `an ${word}` : word === 'anything' ? word : `a ${word}`)

function lineEnd(node: Node): number {
  const source = isMap(node) ? (node.items[0]?.key as Node | undefined) : isSeq(node) ? (node.items[0] as Node | undefined) : undefined
  return source?.range?.[1] ?? Number.MAX_SAFE_INTEGER
}

/** ` (did you mean "replicas"?)` for a name that is a slip or two away. */
function nearest(name: string, known: readonly string[]): string {
  const found = known.map((candidate) => [distance(name.toLowerCase(), candidate.toLowerCase()), candidate] as const).sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1))[0]
  return found && found[0] <= Math.max(1, Math.floor(name.length / 3)) ? ` (did you mean "${found[1]}"?)` : ''
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length] ?? 0
}
