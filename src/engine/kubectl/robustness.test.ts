import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ApiResponse } from '../client-go'
import { commands } from './cmd'
import { notFound, runFake } from './kubectl.testing'

const empty = { code: 200, body: { apiVersion: 'v1', kind: 'Table', metadata: { resourceVersion: '1' }, columnDefinitions: [], rows: [], items: [] } } as unknown as ApiResponse

test('an unclosed quote, a pipe and a foreign program answer like a shell', () => {
  expect(runFake("kubectl get 'pods", () => notFound)).toMatchObject({ rc: 2, stderr: 'sh: syntax error: unterminated quoted string\n' })
  expect(runFake('kubectl get $(rm -rf)', () => notFound).rc).toBe(1)
  expect(runFake('helm install x', () => notFound)).toMatchObject({ rc: 127, stderr: expect.stringMatching(/^sh: helm: command not found\nCharts cannot be installed here/) })
  expect(runFake('', () => notFound)).toMatchObject({ rc: 0, stdout: '', stderr: '' })
  expect(runFake(`kubectl get ${'x'.repeat(200_000)}`, () => notFound)).toMatchObject({ stderr: 'sh: Argument list too long\n' })
  expect(runFake('kubectl gt pods', () => notFound).stderr).toContain('error: unknown command "gt" for "kubectl"\n\nDid you mean this?\n')
})

test('4 MiB of YAML are refused before they are read', () => {
  const stdin = 'a: b\n'.repeat(900_000)
  const ran = runFake('kubectl apply -f -', () => notFound, { stdin })
  expect(ran.rc).toBe(1)
  expect(ran.stderr).toMatch(/^error: /)
  expect(ran.requests.length).toBe(0)
})

test('billion laughs end in an error', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghij'.split('').map((c, i) => `${c}: &${c} [${Array(10).fill(`*${'abcdefghij'[i]}`).join(',')}]`).join('\n')}\n`
  const ran = runFake('kubectl apply -f -', () => notFound, { stdin: bomb })
  expect(ran.stderr).toContain('excessive aliasing')
})

const word = fc.oneof(
  fc.constantFrom('get', 'pods', 'apply', '-f', '-', '-o', 'yaml', 'name', '--', '-l', 'a=b', 'a-', '--all', 'deploy/web', 'web', '--replicas=3', '-n', 'x', 'create', 'deployment', '--image=a', '-w', "'", '"', '\\', '{', '-p', '{}', '--for=delete', '--timeout=1s', '\u0000', '\u{1f600}', '--dry-run=client', '-A', '--sort-by=.a', '-ojsonpath={.a', '-o', 'go-template={{.a}}'),
  fc.constantFrom(...commands.map((c) => c.name)),
  fc.string({ maxLength: 12 }),
)

test('no line makes kubectl throw or hang', () => {
  fc.assert(fc.property(fc.array(word, { maxLength: 9 }), fc.option(fc.string({ maxLength: 200 })), fc.boolean(), (words, stdin, there) => {
    const watching = words.some((w) => /^-\w*w|--watch|-f|--follow/.test(w) || /^(attach|run|debug|watch)$/.test(w)) && there
    fc.pre(!watching)
    const ran = runFake(`kubectl ${words.join(' ')}`, () => (there ? empty : notFound), stdin === null ? {} : { stdin })
    expect(typeof ran.rc).toBe('number')
  }), { numRuns: 3000, seed: 7 })
})

test('no YAML makes apply throw', () => {
  const line = fc.oneof(fc.constantFrom('apiVersion: v1', 'kind: Pod', 'metadata:', '  name: x', '- a', '  - b: c', 'a: [', '}', '"', "'", '\t', '---', '&a b', '*a', '? x', '!!int y', '<<: *a', ': ', '|', '>-', '%YAML 1.1', '{a: b}'), fc.string({ maxLength: 20 }))
  fc.assert(fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
    expect(typeof runFake('kubectl apply -f -', () => notFound, { stdin: lines.join('\n') }).rc).toBe('number')
  }), { numRuns: 2000, seed: 7 })
})

test('no script makes the shell throw or hang', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'for i in 1 2 3', 'do', 'done', 'if', 'then', 'elif', 'else', 'fi', 'case x in', 'x)', ';;', 'esac', '{', '}', '(', ')', '$(', '`', '${', '$((', '))', '$((1/0))', '$((2**', '<(', '>', '>>', '<', '<<EOF', 'EOF', '2>&1', '&', '&&', '||', '|', ';', '\n', '"', "'", '\\',
      'f() {', 'f', 'read x', 'break', 'continue', 'return', 'exit 3', 'true', 'false', 'echo', 'a=b', '$a', '"$@"', '{1..3}', '{1..999999999}', '{a,b}{c,d}', '[[', ']]', '[', ']', '-n', '==', 'seq 5', 'xargs', "awk '{print $1}'", "sed 's/a/b/'", 'cut -d, -f1', 'tr a b', 'base64 -d', 'jobs', 'fg', 'kill %1', 'wait', 'alias k=kubectl', 'k get pods', 'kubectl get pods', 'export', 'unset a', 'cat', 'tee x', '*', '?', '~', '#',
    ),
    fc.string({ maxLength: 10 }), fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constantFrom('\u0000', '\u0007', '\u001b[2J', '\r', '\u202e', '\ud800', '名前', '𝔨𝔲𝔟𝔢'),
  )
  fc.assert(fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
    expect(typeof runFake(pieces.join(' '), () => notFound, { stdin: 'a b\n' }).rc).toBe('number')
  }), { numRuns: 4000, seed: 11 })
})

test('long lines and deep nests end, with an answer', () => {
  const said = (line: string): number => runFake(line, () => notFound).rc
  for (const open of ['(', '{ ', '$(', '"$(', '$((', 'if true; then ', 'for i in a; do ', '${a:-', '[[ ', '`', 'case a in a) ', '<(', '\\', '"', 'echo a | ', 'a=b ', '&& ', '{a,']) {
    for (const size of [50, 5000]) expect(typeof said(open.repeat(size)), open).toBe('number')
  }
  expect(typeof said(`echo ${'x '.repeat(50_000)}`)).toBe('number')
  expect(typeof said(`echo '${'x'.repeat(100_000)}' | sed s/x/yy/g | wc -c`)).toBe('number')
  expect(typeof said(`kubectl run ${'名'.repeat(300)} --image=x`)).toBe('number')
  expect(typeof said(`${'kubectl get pods; '.repeat(100)}`)).toBe('number')
})
