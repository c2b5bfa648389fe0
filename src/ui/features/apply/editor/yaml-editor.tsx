import { useEffect, useRef } from 'react'
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from '@codemirror/language'
import { lintGutter, lintKeymap } from '@codemirror/lint'
import { EditorState, Prec, type Extension } from '@codemirror/state'
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder, tooltips } from '@codemirror/view'
import type { Question } from '../../../../bridge/protocol'
import { isCoarsePointer } from '../../../kit'
import { completions, type LiveNames } from './complete'
import { fieldHover } from './hover'
import { serverLint } from './server-lint'
import { editorTheme } from './theme'
import { yamlLanguage } from './yaml-language'

/** What may be done to the text from outside. */
export interface EditorHandle {
  text(): string
  focus(): void
  goTo(offset: number): void
  /** Puts another text in, which can be undone. */
  replace(text: string): void
}

interface Props {
  readonly label: string
  readonly value: string
  /** What stands there while there is no text. */
  readonly whenEmpty?: string
  /** Called with the handle when there is an editor, and with null when there is none any more. */
  readonly onReady: (handle: EditorHandle | null) => void
  readonly live: LiveNames
  /** Whose word is underlined: the server's and the schema's (default), the schema's, nobody's. */
  readonly lint?: 'server' | 'schema' | 'none'
  readonly ask: (question: Question) => Promise<unknown>
  readonly onChange: (text: string) => void
  readonly onApply: () => void
  /** True: the paste has been dealt with. */
  readonly onPaste: (event: ClipboardEvent) => boolean
}

/** A dialog with an editor in it is opened to write; but on a touch screen that would cover the text with a keyboard. */
function opensWithFocus(parent: HTMLElement): { readonly autofocus?: string } {
  return parent.closest('dialog') !== null && !isCoarsePointer() ? { autofocus: '' } : {}
}

/** CodeMirror for manifests: completion, documentation and mistakes by the API's schema and the simulated server. */
export function YamlEditor(props: Props) {
  const { label, value } = props
  const root = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  // The editor outlives a render: it calls what the newest one gave.
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  useEffect(() => {
    const parent = root.current
    if (!parent) return
    const events: Extension = [
      EditorView.updateListener.of((update) => {
        if (update.docChanged) latest.current.onChange(update.state.doc.toString())
      }),
      EditorView.domEventHandlers({
        paste: (event) => latest.current.onPaste(event),
        // Files dropped anywhere on the page are taken in by the page.
        drop: (event) => (event.dataTransfer?.files.length ?? 0) > 0,
      }),
      Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (latest.current.onApply(), true) }])),
    ]
    const made = new EditorView({
      parent,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          events, lineNumbers(), lintGutter(), foldGutter(), highlightActiveLine(), highlightActiveLineGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
          indentUnit.of('  '), EditorState.tabSize.of(2), yamlLanguage(), editorTheme, fieldHover,
          autocompletion({ override: [completions((resource) => latest.current.live(resource))], icons: false }),
          latest.current.lint === 'none' ? [] : serverLint(latest.current.lint === 'schema' ? null : (question) => latest.current.ask(question)),
          // The panel clips what it holds; what floats belongs to the page or to the open dialog.
          tooltips({ parent: parent.closest('dialog') ?? document.body }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...defaultKeymap, ...historyKeymap, ...foldKeymap, indentWithTab]),
          placeholder(latest.current.whenEmpty ?? (isCoarsePointer() ? 'Paste manifests here,\nor open files.' : 'Paste manifests here, drop .yaml files on the page,\nor type: Ctrl+Space completes, Ctrl+Enter applies.')),
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0', spellcheck: 'false', autocapitalize: 'off', autocorrect: 'off', 'aria-description': 'Tab indents. Escape, then Tab leaves the editor.', ...opensWithFocus(parent) }),
        ],
      }),
    })
    view.current = made
    latest.current.onReady({
      text: () => made.state.doc.toString(),
      focus: () => made.focus(),
      replace: (text) => made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: text } }),
      goTo: (offset) => {
        const at = Math.min(offset, made.state.doc.length)
        made.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'start', yMargin: 4 }) })
        made.focus()
      },
    })
    return () => {
      made.destroy()
      view.current = null
      latest.current.onReady(null)
    }
  }, [label])
  useEffect(() => {
    const made = view.current
    if (made && made.state.doc.toString() !== value) made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: value }, selection: { anchor: 0 }, scrollIntoView: true })
  }, [value])
  return <div ref={root} className="min-h-12 flex-1 overflow-hidden rounded-2 border border-line2" />
}
