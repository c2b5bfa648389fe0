import { describe, expect, it } from 'vitest'
import { SyntaxProblem, linesOf, parseScript, testExpression, textPrograms, xargsOf, type TextProgram } from '.'
import { expression } from './text/expression'

/** Runs a program about text on some files. */
function run(line: readonly string[], stdin = '', files: Record<string, string> = {}) {
  const [name = '', ...args] = line
  let out = ''
  let err = ''
  const code = (textPrograms[name] as TextProgram).run({
    name, args, stdin, out: (t) => (out += t), err: (t) => (err += t),
    files: { read: (p) => files[p], isDir: (p) => p === '.', below: () => Object.keys(files).sort(), write: (p, t) => void (files[p] = t), missing: (p) => `${p}: No such file or directory` },
  })
  return { code, out, err, files }
}
const pods = 'NAME READY RESTARTS CPU\nweb-1 1/1 0 250m\ndb-0 1/1 12 1000m\nweb-2 0/1 3 5m\n'
const out = (...line: string[]): string => run(line, pods).out

describe('awk', () => {
  it.each<[string[], string]>([
    [['{print $1}'], 'NAME\nweb-1\ndb-0\nweb-2\n'],
    [['NR==1'], 'NAME READY RESTARTS CPU\n'],
    [['NR>1 && $3>2 {print $1, $3}'], 'db-0 12\nweb-2 3\n'],
    [['NR>1{s+=$3} END{print s, s/3}'], '15 5\n'],
    [['-F/', '/web/{print $1 "-" NF}'], 'web-1 1-2\nweb-2 0-2\n'],
    [['/web/ && !/0\\/1/ {n++} END {print n+0}'], '1\n'],
    [['BEGIN{OFS=","} NR==2{$2="x"; print}'], 'web-1,x,0,250m\n'],
    [['NR>1{split($1,a,"-"); c[a[1]]++} END{for (k in c) print k, c[k]}'], 'web 2\ndb 1\n'],
    [['NR>1{printf "%-6s|%3d|%.1f\\n", $1, $3, $4/100}'], 'web-1 |  0|2.5\ndb-0  | 12|10.0\nweb-2 |  3|0.1\n'],
    [['{gsub(/[aeiou]/, "<&>"); print} NR==2{exit}'], 'NAME READY RESTARTS CPU\nw<e>b-1 1/1 0 250m\n'],
    [['NR>1{print ($3 > 2 ? "many" : "few"), length($1), substr($1, 1, 2), toupper($1)}'], 'few 5 we WEB-1\nmany 4 db DB-0\nmany 5 we WEB-2\n'],
    [['/web-1/,/web-2/{print $1}'], 'web-1\ndb-0\nweb-2\n'],
    [['-v', 'n=3', '$3 == n {print $NF; next} END {i=0; while (i<2) i++; print i}'], '5m\n2\n'],
    [['NR>1 { if ($3 > max) { max = $3; name = $1 } } END { print name }'], 'db-0\n'],
    [['$1 ~ /^db/ {print $1 " has " $3+1}'], 'db-0 has 13\n'],
  ])('%j', (args, text) => expect(out('awk', ...args)).toBe(text))
  it('says what it cannot read, and ends what never ends', () => {
    expect(run(['awk', '{print $1'])).toMatchObject({ code: 2, err: expect.stringContaining('syntax error') })
    expect(run(['awk', 'BEGIN{while(1){}}'])).toMatchObject({ code: 2, err: expect.stringContaining('too many steps') })
    expect(run(['awk', 'BEGIN{print f(1)}'])).toMatchObject({ code: 2, err: 'awk: function f not defined\n' })
  })
})

describe('sed', () => {
  it.each<[string[], string]>([
    [['s/web/app/'], 'NAME READY RESTARTS CPU\napp-1 1/1 0 250m\ndb-0 1/1 12 1000m\napp-2 0/1 3 5m\n'],
    [['-n', '2p'], 'web-1 1/1 0 250m\n'],
    [['-n', '2,3s/1/X/gp'], 'web-X X/X 0 250m\ndb-0 X/X X2 X000m\n'],
    [['1d;/db/d'], 'web-1 1/1 0 250m\nweb-2 0/1 3 5m\n'],
    [['/web-1/,$d'], 'NAME READY RESTARTS CPU\n'],
    [['-n', '$p'], 'web-2 0/1 3 5m\n'],
    [['-E', 's#([a-z]+)-([0-9])#\\2.\\1#;1!d'], 'NAME READY RESTARTS CPU\n'],
    [['-n', '/db/,+1p'], 'db-0 1/1 12 1000m\nweb-2 0/1 3 5m\n'],
    [['2q'], 'NAME READY RESTARTS CPU\nweb-1 1/1 0 250m\n'],
    [['-e', '1i # pods', '-e', '2,$d'], '# pods\nNAME READY RESTARTS CPU\n'],
    [['1d;s/[0-9]*m$/[&]/;s/ .* / /'], 'web-1 [250m]\ndb-0 [1000m]\nweb-2 [5m]\n'],
    [['-n', '2s/1/X/2p'], 'web-1 X/1 0 250m\n'],
  ])('%j', (args, text) => expect(out('sed', ...args)).toBe(text))
  it('writes files with -i, and refuses what it does not know', () => {
    expect(run(['sed', '-i', 's/a/b/', 'f'], '', { f: 'a\n' }).files).toEqual({ f: 'b\n' })
    expect(run(['sed', 's/a'])).toMatchObject({ code: 1, err: expect.stringContaining("unterminated `s' command") })
    expect(run(['sed', 'k'])).toMatchObject({ code: 1, err: expect.stringContaining('unknown command') })
  })
})

describe('expressions', () => {
  it('anchors stand at the ends of basic ones only', () => {
    expect(expression('$ITEM', false)?.source).toBe('\\$ITEM')
    expect(expression('a^b$', false)?.source).toBe('a\\^b$')
    expect(expression('^\\(^a$\\)$', false)?.source).toBe('^(^a$)$')
    expect(expression('a|^b$', true)?.source).toBe('a|^b$')
  })
})

describe('grep, sort and the others', () => {
  it.each<[string[], string]>([
    [['grep', 'web'], 'web-1 1/1 0 250m\nweb-2 0/1 3 5m\n'],
    [['grep', '-E', '^(web|db)-[01] '], 'web-1 1/1 0 250m\ndb-0 1/1 12 1000m\n'],
    [['grep', '\\(web\\|db\\)-[01]\\b'], 'web-1 1/1 0 250m\ndb-0 1/1 12 1000m\n'],
    [['grep', '-c', 'a+b'], '0\n'],
    [['grep', '-oE', '[0-9]+m'], '250m\n1000m\n5m\n'],
    [['grep', '-vn', 'web'], '1:NAME READY RESTARTS CPU\n3:db-0 1/1 12 1000m\n'],
    [['grep', '-e', 'db', '-e', 'NAME', '-i'], 'NAME READY RESTARTS CPU\ndb-0 1/1 12 1000m\n'],
    [['grep', '-w', '1'], 'web-1 1/1 0 250m\ndb-0 1/1 12 1000m\nweb-2 0/1 3 5m\n'],
    [['grep', '[[:upper:]]\\{4\\}'], 'NAME READY RESTARTS CPU\n'],
    [['grep', '-A1', '-m1', 'web'], 'web-1 1/1 0 250m\ndb-0 1/1 12 1000m\n'],
    [['grep', '-F', '1/1 0'], 'web-1 1/1 0 250m\n'],
    [['sort', '-k3', '-n', '-r'], 'db-0 1/1 12 1000m\nweb-2 0/1 3 5m\nweb-1 1/1 0 250m\nNAME READY RESTARTS CPU\n'],
    [['sort', '-t', '-', '-k2,2nr', '-k1,1'], 'web-2 0/1 3 5m\nweb-1 1/1 0 250m\nNAME READY RESTARTS CPU\ndb-0 1/1 12 1000m\n'],
    [['tail', '-n', '+3'], 'db-0 1/1 12 1000m\nweb-2 0/1 3 5m\n'],
    [['head', '-n', '-3'], 'NAME READY RESTARTS CPU\n'],
    [['cut', '-d', ' ', '-f1,3-'], 'NAME RESTARTS CPU\nweb-1 0 250m\ndb-0 12 1000m\nweb-2 3 5m\n'],
    [['tr', '-s', 'a-z', '*'], 'NAME READY RESTARTS CPU\n*-1 1/1 0 250*\n*-0 1/1 12 1000*\n*-2 0/1 3 5*\n'],
    [['wc', '-l'], '4\n'],
    [['seq', '-w', '8', '10'], '08\n09\n10\n'],
    [['printf', '%s=%d\\n', 'a', '1', 'b', '2'], 'a=1\nb=2\n'],
    [['basename', '/a/b.yaml', '.yaml'], 'b\n'],
    [['dirname', '/a/b.yaml'], '/a\n'],
    [['column', '-t'], 'NAME   READY  RESTARTS  CPU\nweb-1  1/1    0         250m\ndb-0   1/1    12        1000m\nweb-2  0/1    3         5m\n'],
  ])('%j', (line, text) => expect(out(...line)).toBe(text))
  it('grep tells by its code whether it found something, and what was wrong', () => {
    expect(run(['grep', '-q', 'web'], pods)).toMatchObject({ code: 0, out: '' })
    expect(run(['grep', 'nope'], pods).code).toBe(1)
    expect(run(['grep', 'x', 'gone'], pods)).toMatchObject({ code: 2, err: 'grep: gone: No such file or directory\n' })
    expect(run(['grep', '[a'], pods)).toMatchObject({ code: 2, err: expect.stringContaining('Unmatched [') })
    expect(run(['grep', '-r', 'x', '.'], '', { a: 'x\n', b: 'y\n' }).out).toBe('a:x\n')
  })
  it('what streams gives for a part of its input the beginning of what it gives for all of it', () => {
    const lines = linesOf(pods)
    for (const line of [['grep', 'web'], ['grep', '-n', 'web'], ['sed', 's/web/x/g'], ['sed', '1d'], ['awk', '{print $1}'], ['awk', 'NR>1{print NR, $1}'], ['cut', '-c1-3'], ['tr', 'a-z', 'A-Z'], ['head', '-n2'], ['cat', '-n'], ['nl']]) {
      const [name = '', ...args] = line
      const how = textPrograms[name]?.streams?.(args)
      expect(how, line.join(' ')).toBeDefined()
      const all = run(line, pods).out
      for (let n = 1; n < lines.length; n++) {
        const first = run(line, `${lines.slice(0, n).join('\n')}\n`).out
        expect(all.startsWith(first), line.join(' ')).toBe(true)
        if (how === 'chunk') expect(first + run(line, `${lines.slice(n).join('\n')}\n`).out, line.join(' ')).toBe(all)
      }
    }
  })
})

describe('test, xargs and the reader of scripts', () => {
  it.each<[string, 0 | 1 | string]>([
    ['', 1], ['a', 0], ['a = a', 0], ['a = b', 1], ['! a = b', 0], ['-z x', 1], ['1 -lt 2 -a 3 -gt 2', 0], ['1 -eq 2 -o -n x', 0], ['( a = b ) -o a = a', 0], ['x -eq 1', 'x: bad number'],
  ])('test %s', (words, result) => expect(testExpression({ read: () => undefined, isDir: () => false }, words.split(' ').filter(Boolean))).toBe(result))
  it('[[ knows patterns and expressions', () => {
    const files = { read: () => undefined, isDir: () => false }
    expect(testExpression(files, ['web-1', '==', 'web-*'], true)).toBe(0)
    expect(testExpression(files, ['v1.36.2', '=~', '^v1\\.[0-9]+', '&&', 'a', '!=', 'b'], true)).toBe(0)
  })
  it('xargs makes command lines', () => {
    expect(xargsOf(['-n', '2', 'rm'], 'a b\nc\n')).toEqual([['rm', 'a', 'b'], ['rm', 'c']])
    expect(xargsOf(['-I{}', 'kubectl', 'delete', 'pod/{}'], 'a\nb\n')).toEqual([['kubectl', 'delete', 'pod/a'], ['kubectl', 'delete', 'pod/b']])
    expect(xargsOf(['-r', 'rm'], '')).toEqual([])
  })
  it.each([
    ['if true; then', 'syntax error: unexpected end of file (expecting "fi")', true], ['echo "a', 'syntax error: unterminated quoted string', true], ['| x', 'syntax error: unexpected "|"', false],
    ['fi', 'syntax error: unexpected "fi"', false], ['echo ${x', "syntax error: missing '}'", true], ['echo $(a', 'syntax error: unterminated command substitution', true], ['a )', 'syntax error: unexpected ")"', false], ['echo ${%x}', 'syntax error: bad substitution', false],
  ])('%s is refused in the words of a shell', (script, message, more) => {
    let thrown: unknown
    try {
      parseScript(script)
    } catch (e) {
      thrown = e
    }
    expect(thrown).toBeInstanceOf(SyntaxProblem)
    expect(thrown).toMatchObject({ message, more })
  })
})
