import { snippetCompletion, startCompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import type { EditorState } from '@codemirror/state'
import { headOf } from './documents'
import { placeAt, type Place } from './place'
import { allKinds, describe, fieldsOf, kindOf, typeAt, typeText, valuesOf, type Field, type Kind } from './schema'
import { skeletons } from './skeletons'

/** Names that live in the cluster now, for fields that refer to them. */
export type LiveNames = (resource: string) => readonly string[]

/** Fields that name an object, by the ends of their paths. */
const references: readonly (readonly [end: string, resource: string])[] = [
  ['metadata.namespace', 'namespaces'], ['namespace', 'namespaces'], ['configMapRef.name', 'configmaps'], ['configMapKeyRef.name', 'configmaps'], ['configMap.name', 'configmaps'],
  ['secretRef.name', 'secrets'], ['secretKeyRef.name', 'secrets'], ['secret.secretName', 'secrets'], ['imagePullSecrets.[].name', 'secrets'], ['serviceAccountName', 'serviceaccounts'], ['nodeName', 'nodes'],
  ['persistentVolumeClaim.claimName', 'persistentvolumeclaims'], ['storageClassName', 'storageclasses'], ['priorityClassName', 'priorityclasses'], ['ingressClassName', 'ingressclasses'],
  ['runtimeClassName', 'runtimeclasses'], ['serviceName', 'services'], ['service.name', 'services'], ['volumeName', 'persistentvolumes'], ['image', 'images'],
]

/** The document around a line, as its lines and the number of the first. */
function documentAround(state: EditorState, line: number): { readonly lines: string[]; readonly first: number } {
  let first = line
  while (first > 1 && !state.doc.line(first).text.startsWith('---')) first--
  let last = line
  while (last < state.doc.lines && !state.doc.line(last + 1).text.startsWith('---')) last++
  const lines: string[] = []
  for (let i = first; i <= last; i++) lines.push(state.doc.line(i).text)
  return { lines, first }
}

/** Where an offset is, and of which kind its document is. */
export function contextAt(state: EditorState, offset: number): { readonly place: Place; readonly kind: Kind | undefined; readonly lines: readonly string[] } | null {
  const line = state.doc.lineAt(offset)
  const { lines, first } = documentAround(state, line.number)
  const place = placeAt(lines, line.number - first, offset - line.from)
  const { apiVersion, kind } = headOf(lines.join('\n'))
  return place && { place, kind: kindOf(apiVersion, kind), lines }
}

/** Completes keys and values from the schema, and names from the cluster. */
export function completions(live: LiveNames): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    const found = contextAt(context.state, context.pos)
    if (!found) return null
    const { place, kind, lines } = found
    const line = context.state.doc.lineAt(context.pos)
    const from = line.from + place.from
    if (!context.explicit && place.word === '' && place.at === 'key') return null
    const options = place.at === 'value' ? values(place, kind, headOf(lines.join('\n')).kind, live) : keys(place, kind, lines)
    if (options.length === 0) return null
    return { from: place.at === 'value' ? Math.max(from, line.from + place.from) : from, to: Math.max(context.pos, line.from + (place.at === 'key' ? Math.min(place.to, context.pos - line.from) : place.to)), options, validFor: /^[\w./-]*$/ }
  }
}

function keys(place: Place, kind: Kind | undefined, lines: readonly string[]): Completion[] {
  if (place.path.length === 0 && kind === undefined) {
    const top = ['apiVersion', 'kind', 'metadata', 'spec'].filter((key) => !place.siblings.has(key)).map((key) => ({ label: key, type: 'property', apply: key === 'metadata' || key === 'spec' ? `${key}:\n  ` : `${key}: ` }))
    const empty = lines.every((line) => /^\s*(?:#.*|---.*)?$/.test(line) || line.trim() === place.word)
    return [...(empty ? skeletons.map(({ kind: label, text }) => snippetCompletion(text, { label, detail: 'a whole manifest', type: 'class', boost: 1 })) : []), ...top]
  }
  const at = kind && typeAt(kind.type, place.path)
  if (!at) return []
  const values = valuesOf(at.type)
  if (values) return values.map((label) => ({ label, type: 'constant' })) // an item of a list of words
  const fields = fieldsOf(at.type)
  if (!fields) return []
  return [...fields.values()]
    .filter(({ name }) => !place.siblings.has(name) || name === place.word)
    .map((field) => ({
      label: field.name, type: 'property', detail: typeText(field.type), boost: boostOf(field, place),
      apply: (view, _completion, from, to) => {
        const follows = view.state.sliceDoc(to, view.state.doc.lineAt(to).to)
        const insert = /^\s*:/.test(follows) ? field.name : field.name + opening(field, place.column)
        view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: 'input.complete' })
        if (valuesOf(field.type)) startCompletion(view)
      },
      info: () => infoOf(field),
    }))
}

/** What is written first comes first; status is the cluster's to write. */
function boostOf(field: Field, place: Place): number {
  if (field.name === 'status' && place.path.length === 0) return -50
  const first = ['apiVersion', 'kind', 'metadata', 'spec', 'name', 'image', 'replicas', 'selector', 'template', 'containers', 'ports', 'env', 'labels']
  return (field.required ? 20 : 0) + (first.includes(field.name) ? 10 : 0)
}

function opening(field: Field, column: number): string {
  const inner = ' '.repeat(column)
  if (field.type.startsWith('[]')) return `:\n${inner}- `
  return field.type.startsWith('{}') || fieldsOf(field.type) ? `:\n${inner}  ` : ': '
}

function values(place: Place, kind: Kind | undefined, kindName: string, live: LiveNames): Completion[] {
  const [key] = place.path
  if (place.path.length === 1 && key === 'kind') return [...new Set(allKinds().map((k) => k.kind))].map((label) => ({ label, type: 'class' }))
  if (place.path.length === 1 && key === 'apiVersion') {
    const fitting = allKinds().filter((k) => k.kind === kindName)
    return [...new Set((fitting.length > 0 ? fitting : allKinds()).map((k) => k.apiVersion))].map((label) => ({ label, type: 'namespace' }))
  }
  const at = kind && typeAt(kind.type, place.path)
  const allowed = at && valuesOf(at.type)
  if (allowed) return allowed.filter(Boolean).map((label) => ({ label, type: 'constant' }))
  const path = place.path.join('.')
  const reference = references.find(([end]) => path === end || path.endsWith(`.${end}`))
  return reference ? live(reference[1]).map((label) => ({ label, type: 'variable', detail: 'in the cluster' })) : []
}

async function infoOf(field: Field): Promise<Node> {
  const node = document.createElement('div')
  node.textContent = (await describe(field)) || typeText(field.type)
  return node
}
