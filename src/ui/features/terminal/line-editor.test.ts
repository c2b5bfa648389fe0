import { describe, expect, test } from 'vitest'
import type { OutputRow } from '../../../bridge/protocol'
import { LineEditor, asKeys, openAt } from './line-editor'
import { difference, plainLines, textOf } from './transcript'

const typed = (...keys: readonly string[]) => {
  const editor = new LineEditor()
  editor.history = ['kubectl get pods', 'kubectl get nodes', 'kubectl get nodes', 'ls']
  const effects = keys.flatMap((key) => editor.input(key))
  return { ...editor.state, effects, editor }
}
const [left, right, up, down, home] = ['\x1b[D', '\x1b[C', '\x1b[A', '\x1b[B', '\x1b[H']

describe('a line', () => {
  test.each([
    ['writing in the middle', ['kubctl', left, left, left, 'e'], 'kubectl', 4],
    ['deleting before and under the cursor', ['abcd', left, '\x7f', '\x1b[3~'], 'ab', 2],
    ['to the start, cut to the end, put back twice', ['abc', home, '\x0b', '\x19', '\x19'], 'abcabc', 6],
    ['cut a word', ['get pods web', '\x17'], 'get pods ', 9],
    ['cut all before', ['get pods', left, '\x15'], 's', 0],
    ['swap', ['sl', '\x14'], 'ls', 2],
    ['over words', ['a bc de', '\x1b[1;5D', '\x1b[1;5D', 'x'], 'a xbc de', 3],
    ['a character of two units', ['a😀', '\x7f'], 'a', 1],
    ['arrows stop at the ends', [left, 'a', right, right, 'b'], 'ab', 2],
    ['controls that mean nothing', ['a\x00\x1fb'], 'ab', 2],
  ])('%s', (_, keys, text, cursor) => expect(typed(...keys)).toMatchObject({ text, cursor, effects: [] }))

  test('Enter sends it and clears it', () => {
    expect(typed('ls\r')).toMatchObject({ text: '', effects: [{ do: 'submit', line: 'ls' }] })
    expect(typed('\r').effects).toEqual([{ do: 'submit', line: '' }])
  })
  test('Ctrl-D ends the input of what waits for a line, and deletes in a line', () => {
    expect(typed('\x04').effects).toEqual([{ do: 'end' }])
    expect(typed('ab', left, '\x04')).toMatchObject({ text: 'a', effects: [] })
  })

  test('the history goes back without repeats, and forth to the draft', () => {
    expect(typed('dra', up).text).toBe('ls')
    expect(typed('dra', up, up, up).text).toBe('kubectl get pods')
    expect(typed('dra', up, up, up, up, up).text).toBe('kubectl get pods')
    expect(typed('dra', up, up, down, down).text).toBe('dra')
  })
  test('Ctrl-R searches, again goes further, Enter runs, Esc keeps, Ctrl-G gives up', () => {
    expect(typed('\x12', 'get').search).toEqual({ query: 'get', match: 'kubectl get nodes' })
    expect(typed('\x12', 'get', '\x12').search?.match).toBe('kubectl get pods')
    expect(typed('\x12', 'pods', '\r').effects).toEqual([{ do: 'submit', line: 'kubectl get pods' }])
    expect(typed('\x12', 'pods', '\x1b')).toMatchObject({ search: null, text: 'kubectl get pods', effects: [] })
    expect(typed('dra', '\x12', 'pods', '\x07')).toMatchObject({ search: null, text: 'dra' })
    expect(typed('\x12', 'nothing like it').search?.match).toBeNull()
  })
  test('Ctrl-C, Ctrl-L, Tab are for others', () => {
    expect(typed('a', '\x03', '\x0c', '\t').effects).toEqual([{ do: 'interrupt' }, { do: 'clear' }, { do: 'complete' }])
  })
})

describe('completion', () => {
  const complete = (text: string, options: readonly string[], ...then: readonly string[]) => {
    const { editor } = typed(text)
    const effects = editor.complete(text.lastIndexOf(' ') + 1, options)
    for (const key of then) editor.input(key)
    return { ...editor.state, effects }
  }
  test('the only word is put in with a space', () => expect(complete('kubectl ge', ['get'])).toMatchObject({ text: 'kubectl get ', menu: null }))
  test('what all have in common, and a list', () => expect(complete('get web', ['web-1', 'web-2'])).toMatchObject({ text: 'get web-', menu: { options: ['web-1', 'web-2'], chosen: -1 } }))
  test('Tab goes through the list, and around', () => {
    expect(complete('get w', ['web', 'wui'], '\t')).toMatchObject({ text: 'get web' })
    expect(complete('get w', ['web', 'wui'], '\t', '\t', '\t')).toMatchObject({ text: 'get web' })
    expect(complete('get w', ['web', 'wui'], '\t', '\x1b[Z')).toMatchObject({ text: 'get wui' })
    expect(complete('get w', ['web', 'wui'], '\t', ' ')).toMatchObject({ text: 'get web ', menu: null })
  })
  test('nothing fits', () => expect(complete('get x', ['web']).effects).toEqual([{ do: 'bell' }]))
  test('an assignment goes on', () => expect(complete('--dry', ['--dry-run='])).toMatchObject({ text: '--dry-run=' }))
})

describe('more than one row', () => {
  test.each([
    ['ls', true], ["echo 'a", false], ["echo 'a\nb'", true], ['echo "a \\" b', false], ['ls \\', false], ['ls \\\n-l', true], ['cat <<EOF', false], ['cat <<EOF\na\nEOF', true],
    ["cat <<-'END' && ls\n\ta\n\tEND", true], ['cat <<< word', true], ["echo it's # no", false], ["echo # it's", true], ['', true], ['cat <<EOF\n"\nEOF', true],
  ])('%j: %s', (text, complete) => expect(openAt(text) === null).toBe(complete))

  test('a pasted here-document is one line, pasted commands are several', () => {
    const editor = new LineEditor()
    expect(editor.input(asKeys('kubectl apply -f - <<EOF\r\nkind: Pod\r\nEOF\r\n'))).toEqual([{ do: 'submit', line: 'kubectl apply -f - <<EOF\nkind: Pod\nEOF' }])
    expect(editor.input(asKeys('ls\npwd\nwho'))).toEqual([{ do: 'submit', line: 'ls' }, { do: 'submit', line: 'pwd' }])
    expect(editor.state.text).toBe('who')
  })
  test('a megabyte and more is not taken', () => {
    const editor = new LineEditor()
    editor.input(asKeys('x'.repeat(2_000_000)))
    expect(editor.state.text).toBe('')
  })
  test('controls in a pasted text do nothing', () => {
    const editor = new LineEditor()
    expect(editor.input(asKeys('a\x03\x1b[A\tb'))).toEqual([])
    expect(editor.state.text).toBe('a[A  b')
  })
  test('a long manifest is read row by row in no time', () => {
    const editor = new LineEditor()
    const manifest = `cat <<EOF\n${'key: value\n'.repeat(30_000)}EOF`
    expect(editor.input(asKeys(`${manifest}\n`))).toEqual([{ do: 'submit', line: manifest }])
  }, 3000)
})

describe('what is on the screen', () => {
  const row = (command: number, stream: OutputRow['stream'], text: string): OutputRow => ({ command, at: command, stream, text })
  const rows = [row(1, 'line', 'ls'), row(1, 'stdout', 'a\n'), row(1, 'exit', '0'), row(2, 'line', 'get -w'), row(2, 'stderr', 'no\n'), row(2, 'exit', '130')]
  test('only what is new is written, unless the past was changed', () => {
    expect(difference(rows.slice(0, 2), rows)).toEqual({ anew: false, rows: rows.slice(2) })
    expect(difference(rows, rows.map((r) => ({ ...r })))).toEqual({ anew: false, rows: [] })
    expect(difference(rows, rows.slice(0, 3))).toEqual({ anew: true, rows: rows.slice(0, 3) })
    expect(difference(rows.slice(0, 1), [row(1, 'line', 'pwd')])).toMatchObject({ anew: true })
  })
  test('plain lines have no colours', () => expect(plainLines(rows)).toEqual(['$ ls', 'a', '$ get -w', 'no', '^C']))
  test('a long here-document is not repeated in full', () => {
    const line = `cat <<EOF\n${'a\n'.repeat(300)}EOF`
    const echo = textOf(row(1, 'line', line))
    expect(echo.split('\n').length).toBeLessThan(15)
    expect(echo).toContain('more')
    expect(echo.trimEnd().endsWith('> EOF')).toBe(true)
  })
})
