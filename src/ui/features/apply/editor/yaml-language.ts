import { StreamLanguage, foldService, indentService, type StreamParser, type StringStream } from '@codemirror/language'
import type { Extension } from '@codemirror/state'

/** What the tokenizer remembers from one piece of a line to the next. */
interface State {
  /** Column of the key whose block scalar (`|`, `>`) is being read; null outside one. */
  block: number | null
  /** The block scalar begins with the next line. */
  blockNext: boolean
  /** A quote that is open. */
  quote: '"' | "'" | null
  /** How many `{` and `[` are open. */
  flow: number
  /** Column of the last key or dash, which is what a block scalar's text is indented from. */
  column: number
}

const numberWord = /^[-+]?(?:0x[\da-fA-F]+|0o?[0-7]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|\.inf|\.nan)$/i

/**
 * YAML for highlighting: a line at a time, without a grammar. What a manifest means is read by `place` and by the parser;
 * here a mistake costs a colour.
 */
export const yamlTokens: StreamParser<State> = {
  name: 'yaml',
  startState: () => ({ block: null, blockNext: false, quote: null, flow: 0, column: 0 }),
  copyState: (state) => ({ ...state }),
  languageData: { commentTokens: { line: '#' }, closeBrackets: { brackets: ['(', '[', '{', "'", '"'] } },
  token(stream, state) {
    if (stream.sol()) {
      if (state.blockNext) [state.block, state.blockNext] = [state.column, false]
      if (state.block !== null) {
        if (stream.match(/^\s*$/) || stream.indentation() > state.block) {
          stream.skipToEnd()
          return 'string'
        }
        state.block = null
      }
      if (state.quote === null && state.flow === 0) {
        state.column = -1
        if (stream.match(/^(?:---|\.\.\.)(?=\s|$)/)) return 'meta'
        if (stream.match(/^%.*/)) return 'meta'
      }
    }
    if (state.quote !== null) return quoted(stream, state)
    if (stream.eatSpace()) return null
    if (stream.peek() === '#' && (stream.sol() || /\s/.test(stream.string[stream.pos - 1] ?? ' '))) {
      stream.skipToEnd()
      return 'comment'
    }
    if (state.flow === 0 && stream.match(/^[-?](?=\s|$)/)) {
      state.column = stream.pos - 1
      return 'punctuation'
    }
    const key = keyLength(stream.string.slice(stream.pos), state.flow > 0)
    if (key > 0) {
      if (state.flow === 0) state.column = stream.pos
      stream.pos += key
      return 'propertyName'
    }
    if (stream.match(/^:(?=\s|$)/) || (state.flow > 0 && stream.match(/^[,:]/))) return 'punctuation'
    if (stream.match(/^[{[]/)) {
      state.flow++
      return 'bracket'
    }
    if (state.flow > 0 && stream.match(/^[}\]]/)) {
      state.flow--
      return 'bracket'
    }
    if (stream.match(/^[&*][^\s,[\]{}]+/)) return 'labelName'
    if (stream.match(/^!\S*/)) return 'typeName'
    if (state.flow === 0 && stream.match(/^[|>][-+\d]*(?=\s|$)/)) {
      state.blockNext = true
      return 'meta'
    }
    const quote = stream.peek()
    if (quote === '"' || quote === "'") {
      stream.next()
      state.quote = quote
      return quoted(stream, state)
    }
    return plain(stream, state)
  },
}

/** Length of the key that a text begins with, without its colon; 0 when it begins with none. */
function keyLength(text: string, flow: boolean): number {
  const quotes = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/.exec(text)?.[0]
  if (quotes !== undefined) return /^\s*:(?=[\s,[\]{}]|$)/.test(text.slice(quotes.length)) ? quotes.length : 0
  if (/^[,[\]{}#&*!|>'"%@`]/.test(text)) return 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? ''
    const after = text[i + 1] ?? ' '
    if (character === ':' && (/\s/.test(after) || (flow && ',[]{}'.includes(after)))) return text.slice(0, i).trimEnd().length
    if (character === '#' && /\s/.test(text[i - 1] ?? '')) return 0
    if (flow && ',[]{}'.includes(character)) return 0
  }
  return 0
}

function quoted(stream: StringStream, state: State): string {
  while (!stream.eol()) {
    const character = stream.next()
    if (character === '\\' && state.quote === '"') stream.next()
    else if (character === state.quote && !(character === "'" && stream.eat("'"))) {
      state.quote = null
      break
    }
  }
  return 'string'
}

/** A plain scalar up to a comment, or to what ends it in a flow collection. */
function plain(stream: StringStream, state: State): string {
  const words = (stream.match(state.flow > 0 ? /^(?:[^\s,[\]{}#:]|:(?=\S)|(?<=\S)#|\s+(?![\s#]|$))+/ : /^(?:[^\s#]|(?<=\S)#|\s+(?![\s#]|$))+/) as RegExpMatchArray | null)?.[0]
  if (words === undefined) {
    stream.next()
    return 'punctuation'
  }
  if (/^(?:true|false)$/i.test(words)) return 'bool'
  if (/^(?:null|~)$/i.test(words)) return 'null'
  return numberWord.test(words) ? 'number' : 'content'
}

const indentOf = (text: string): number => /^ */.exec(text)?.[0].length ?? 0
const isBlank = (text: string): boolean => /^\s*(?:#.*)?$/.test(text)

/** What is indented deeper than a line, or the items of its list, folds into it; a document folds into its `---`. */
const folds = foldService.of((state, from) => {
  const first = state.doc.lineAt(from)
  if (isBlank(first.text)) return null
  const document = first.text.startsWith('---')
  const list = /:\s*(?:[&!]\S+\s*)*$/.test(first.text)
  const indent = indentOf(first.text)
  let end = first.to
  for (let n = first.number + 1; n <= state.doc.lines; n++) {
    const line = state.doc.line(n)
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(line.text)) break
    if (isBlank(line.text)) continue
    const deeper = indentOf(line.text) > indent || (list && indentOf(line.text) === indent && /^\s*-(?:\s|$)/.test(line.text) && !/^\s*-/.test(first.text))
    if (!document && !deeper) break
    end = line.to
  }
  return end > first.to ? { from: first.to, to: end } : null
})

/** A new line begins where the one before did; deeper after a key without a value. */
const indents = indentService.of((context, pos) => {
  const line = context.state.doc.lineAt(pos)
  const before = pos > line.from ? line : line.number > 1 ? context.state.doc.line(line.number - 1) : null
  if (!before) return 0
  const text = before.text.slice(0, pos > line.from ? pos - line.from : undefined)
  const dashes = /^ *(?:- +)*/.exec(text)?.[0].length ?? 0
  if (/^\s*$/.test(text)) return text.length
  return /(?::|[|>][-+\d]*|[{[])\s*$/.test(text.replace(/\s#.*$/, '')) && !/^\s*#/.test(text) ? dashes + context.unit : /^\s*-(?:\s|$)/.test(text) ? dashes : indentOf(text)
})

/** YAML without a grammar: 12 kB less to load than one, and it colours what does not parse yet. */
export function yamlLanguage(): Extension {
  return [StreamLanguage.define(yamlTokens), folds, indents]
}
