import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** CodeMirror in the page's tokens, so that dark and light follow by themselves. */
export const editorTheme: Extension = [
  EditorView.theme({
    '&': { height: '100%', backgroundColor: 'var(--bg0)', color: 'var(--text)', fontSize: '12px' },
    '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
    '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '17px', overflow: 'auto' },
    '.cm-content': { caretColor: 'var(--accent)', padding: '6px 0' },
    '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
    '.cm-gutters': { backgroundColor: 'var(--bg0)', color: 'var(--text3)', border: 'none' },
    '.cm-lineNumbers .cm-gutterElement': { minWidth: '2.5ch', padding: '0 6px 0 8px' },
    '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--bg3) 45%, transparent)' },
    '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)' },
    '.cm-placeholder': { color: 'var(--text3)' },
    '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--bg3)', outline: '1px solid var(--line2)' },
    '.cm-foldPlaceholder': { backgroundColor: 'var(--bg3)', border: 'none', color: 'var(--text2)' },
    '.cm-tooltip': { backgroundColor: 'var(--bg2)', color: 'var(--text)', border: '1px solid var(--line2)', borderRadius: '6px', boxShadow: 'var(--shadow)', zIndex: '60' },
    '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', fontSize: '12px', maxHeight: '14em' },
    '.cm-tooltip-autocomplete > ul > li': { padding: '2px 8px', lineHeight: '18px' },
    '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--text)' },
    '.cm-completionDetail': { color: 'var(--text3)', fontStyle: 'normal', marginLeft: '1.5ch' },
    '.cm-completionIcon': { display: 'none' },
    '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)', fontWeight: '600' },
    '.cm-completionInfo': { maxWidth: 'min(380px, 80vw)', padding: '6px 8px', fontSize: '12px', lineHeight: '17px', whiteSpace: 'pre-line', maxHeight: '220px', overflow: 'auto' },
    '.cm-field-doc': { maxWidth: 'min(440px, 90vw)', padding: '6px 10px', fontSize: '12px', lineHeight: '17px', whiteSpace: 'pre-line', maxHeight: '220px', overflow: 'auto' },
    '.cm-field-doc p + p': { marginTop: '4px', color: 'var(--text2)' },
    '.cm-diagnostic': { padding: '4px 8px', fontSize: '12px', lineHeight: '17px', maxWidth: 'min(480px, 90vw)', whiteSpace: 'pre-wrap' },
    '.cm-diagnostic-error': { borderLeft: '3px solid var(--err)' },
    '.cm-diagnostic-warning': { borderLeft: '3px solid var(--warn)' },
    '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--err) 1px', textUnderlineOffset: '3px' },
    '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn) 1px', textUnderlineOffset: '3px' },
    '.cm-gutter-lint': { width: '14px' },
    '.cm-lint-marker': { width: '8px', height: '8px', margin: '4px 3px', borderRadius: '50%' },
    '.cm-lint-marker-error': { content: 'none', backgroundColor: 'var(--err)' },
    '.cm-lint-marker-warning': { content: 'none', backgroundColor: 'var(--warn)', borderRadius: '1px' },
    '.cm-panels': { backgroundColor: 'var(--bg1)', color: 'var(--text)' },
  }),
  syntaxHighlighting(HighlightStyle.define([
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
    { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
    { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.keyword], color: 'var(--warn)' },
    { tag: [tags.comment, tags.lineComment], color: 'var(--text3)', fontStyle: 'italic' },
    { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace, tags.meta, tags.documentMeta], color: 'var(--text3)' },
    { tag: [tags.labelName, tags.typeName], color: 'var(--term)' },
    { tag: tags.content, color: 'var(--text)' },
  ])),
]
