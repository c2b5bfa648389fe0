import { readdirSync, readFileSync } from 'node:fs'
import { EditorState } from '@codemirror/state'
import { StringStream, foldable, getIndentation, indentUnit } from '@codemirror/language'
import { parseAllDocuments, visit } from 'yaml'
import { describe, expect, test } from 'vitest'
import { yamlLanguage, yamlTokens } from './yaml-language'

interface Token {
  readonly text: string
  readonly kind: string
  readonly from: number
}

/** What is coloured, and how. */
function tokensOf(text: string): readonly Token[] {
  const state = yamlTokens.startState!(2)
  const tokens: Token[] = []
  let begin = 0
  for (const line of text.split('\n')) {
    const stream = new StringStream(line, 2, 2)
    if (line === '') yamlTokens.token(stream, state)
    while (!stream.eol()) {
      stream.start = stream.pos
      const kind = yamlTokens.token(stream, state)
      expect(stream.pos, `no progress in ${JSON.stringify(line)}`).toBeGreaterThan(stream.start)
      if (kind !== null) tokens.push({ text: stream.current(), kind, from: begin + stream.start })
    }
    begin += line.length + 1
  }
  return tokens
}

const short = (text: string): readonly string[] => tokensOf(text).filter(({ kind }) => kind !== 'punctuation').map(({ text: words, kind }) => `${kind} ${words}`)

describe('colours of YAML', () => {
  test.each([
    ['a pair', 'name: web', ['propertyName name', 'content web']],
    ['numbers and words', 'a: 5\nb: true\nc: null\nd: 1e3\ne: 10.244.0.1\nf: 100m', ['propertyName a', 'number 5', 'propertyName b', 'bool true', 'propertyName c', 'null null', 'propertyName d', 'number 1e3', 'propertyName e', 'content 10.244.0.1', 'propertyName f', 'content 100m']],
    ['items', '- a\n- b: c\n  d: e', ['content a', 'propertyName b', 'content c', 'propertyName d', 'content e']],
    ['comments', '# all of it\na: b # rest\nc: d#e', ['comment # all of it', 'propertyName a', 'content b', 'comment # rest', 'propertyName c', 'content d#e']],
    ['an image with a port and a tag', 'image: localhost:5000/web:1.27', ['propertyName image', 'content localhost:5000/web:1.27']],
    ['keys with dots and slashes', 'node.kubernetes.io/x: "1"\n"a b": c', ['propertyName node.kubernetes.io/x', 'string "1"', 'propertyName "a b"', 'content c']],
    ['flow', 'args: ["-c", {a: 1}, b]', ['propertyName args', 'bracket [', 'string "-c"', 'bracket {', 'propertyName a', 'number 1', 'bracket }', 'content b', 'bracket ]']],
    ['a block scalar and what follows', 'data:\n  x: |-\n    a: b\n\n    # text\n  y: z', ['propertyName data', 'propertyName x', 'meta |-', 'string     a: b', 'string     # text', 'propertyName y', 'content z']],
    ['a block scalar in a list', '- >\n  text\n- b', ['meta >', 'string   text', 'content b']],
    ['documents', '---\na: b\n...', ['meta ---', 'propertyName a', 'content b', 'meta ...']],
    ['anchors, aliases and types', 'a: &x !!str b\nc: *x', ['propertyName a', 'labelName &x', 'typeName !!str', 'content b', 'propertyName c', 'labelName *x']],
    ['a quote over lines', "a: 'b\n  c: d'\ne: f", ["propertyName a", "string 'b", "string   c: d'", 'propertyName e', 'content f']],
    ['what does not parse', 'a: b: c\n  : d\n]', ['propertyName a', 'propertyName b', 'content c', 'content d', 'content ]']],
  ])('%s', (_, text, expected) => expect(short(text)).toEqual(expected))

  test('keys are those that the parser finds, in every manifest of the samples', () => {
    const folder = new URL('../../../../../../shared/kubernetes/manifests/', import.meta.url)
    let files: string[] = []
    try {
      files = readdirSync(folder, { recursive: true }).map(String).filter((name) => /\.ya?ml$/.test(name)).filter((_, i) => i % 6 === 0)
    } catch {
      files = []
    }
    const texts = [readFileSync(new URL('../../../../../e2e/fixtures/guestbook.yaml', import.meta.url), 'utf8'), ...files.map((name) => readFileSync(new URL(name, folder), 'utf8'))]
    for (const text of texts) {
      const docs = parseAllDocuments(text)
      if (!Array.isArray(docs) || docs.some((doc) => doc.errors.length > 0)) continue
      const wanted: number[] = []
      for (const doc of docs) visit(doc, { Pair: (_k, pair) => { const key = pair.key as { range?: [number, number, number] } | null; if (key?.range && key.range[1] > key.range[0]) wanted.push(key.range[0]) } })
      expect(tokensOf(text).filter(({ kind }) => kind === 'propertyName').map(({ from }) => from)).toEqual(wanted.sort((a, b) => a - b))
    }
  })
})

const stateOf = (doc: string) => EditorState.create({ doc, extensions: [yamlLanguage(), indentUnit.of('  ')] })

describe('folding and indentation of YAML', () => {
  const doc = 'a:\n  b: c\n\n  d: e\nlist:\n- f: g\n  h: i\n- j\n---\nk: l\n'
  const folded = (line: number): string | null => {
    const state = stateOf(doc)
    const { from, to } = state.doc.line(line)
    const range = foldable(state, from, to)
    return range && state.doc.sliceString(range.from, range.to)
  }
  test('what is deeper folds, and the items of a list', () => {
    expect(folded(1)).toBe('\n  b: c\n\n  d: e')
    expect(folded(5)).toBe('\n- f: g\n  h: i\n- j')
    expect(folded(6)).toBe('\n  h: i')
    expect(folded(2)).toBeNull()
    expect(folded(9)).toBe('\nk: l')
  })

  test.each([['a:', 2], ['  b: c', 2], ['- name: x', 2], ['  - x:', 6], ['  x: |', 4], ['', 0], ['# a:', 0]])('after %j a line begins at column %i', (text, column) => {
    const state = stateOf(`${text}\n`)
    expect(getIndentation(state, state.doc.length)).toBe(column)
  })
})
