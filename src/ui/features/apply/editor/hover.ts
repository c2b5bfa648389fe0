import { hoverTooltip } from '@codemirror/view'
import type { Extension } from '@codemirror/state'
import { contextAt } from './complete'
import { describe, typeAt, typeText } from './schema'

/** What a field is, from the API's own documentation, where the pointer rests. */
export const fieldHover: Extension = hoverTooltip(async (view, offset) => {
  const line = view.state.doc.lineAt(offset)
  const found = contextAt(view.state, offset)
  if (!found?.kind) return null
  const { place, kind } = found
  const path = place.at === 'value' ? place.path : [...place.path, place.word.replace(/^(['"])(.*)\1$/, '$2')]
  const field = typeAt(kind.type, path)?.field
  if (!field || field.name !== path.at(-1)) return null
  const text = await describe(field)
  const at = line.text.indexOf(field.name)
  const from = line.from + (place.at === 'key' ? place.from : Math.max(0, at))
  return {
    pos: from, end: from + field.name.length, above: true,
    create: () => {
      const dom = document.createElement('div')
      dom.className = 'cm-field-doc'
      const head = dom.appendChild(document.createElement('p'))
      head.appendChild(document.createElement('b')).textContent = `${kind.kind}.${path.filter((key) => key !== '[]').join('.')}`
      head.append(` ${typeText(field.type)}${field.required ? ', required' : ''}`)
      if (text) dom.appendChild(document.createElement('p')).textContent = text
      return { dom }
    },
  }
}, { hoverTime: 350 })
