import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECOND, copyState } from '../sim'
import { execCommand, programFor, type ContainerSpec, type Files, type Outcome, type Outgoing, type ProgramIO, type RequestAnswer } from '.'

const spec = (over: Partial<ContainerSpec>): ContainerSpec => ({ image: 'busybox:1.36', command: [], args: [], env: { HOME: '/root', NAME: 'world' }, ports: [], hostname: 'box', workingDir: '/', ...over })

/** Runs a container's program until `until`; answers its log and how it ended. The state is copied at each wake, as a checkpoint would. */
const nowhere = (_to: Outgoing): RequestAnswer => ({ ok: false, why: 'unresolved', address: '', after: 0 })

function runTo(s: ContainerSpec, until: number, files: Files = new Map<string, string>(), request = nowhere) {
  const program = programFor(s)
  let state: unknown = program.start(s)
  const log: string[] = []
  let now = 0
  const io = (): ProgramIO => ({ now, wall: 1_767_258_000_000_000 + now, files, spec: s, ip: '10.244.1.5', draw: () => 3, out: (t) => log.push(t), err: (t) => log.push(t), request })
  let outcome: Outcome = program.run(state, io())
  while ('wait' in outcome && outcome.wait !== null && outcome.wait <= until) {
    now = outcome.wait
    state = copyState(state)
    outcome = program.run(state, io())
  }
  return { program, state, outcome, log: log.join(''), files, io, now: () => now }
}

const sh = (script: string, until = 0, over: Partial<ContainerSpec> = {}) => runTo(spec({ command: ['sh', '-c', script], ...over }), until)

describe('the shell of a container', () => {
  it.each([
    ['echo hello $NAME', 'hello world\n', 0],
    ['exit 3', '', 3],
    ['false || echo b; true && echo c', 'b\nc\n', 0],
    ['for i in 1 2 3; do echo -n $i; done', '123', 0],
    ['i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done', '1\n2\n3\n', 0],
    ['if [ -f /x ]; then echo yes; else echo no; fi; touch /x; test -e /x && echo now', 'no\nnow\n', 0],
    ['x=$(echo a b | wc -w); echo "n=${x}" ${missing:-none}', 'n=2 none\n', 0],
    ["echo 'a $NAME' > /tmp/f; cat /tmp/f; rm /tmp/f; cat /tmp/f", "a $NAME\ncat: can't open '/tmp/f': No such file or directory\n", 1],
    ['case $NAME in w*) echo match;; *) echo other;; esac', 'match\n', 0],
    ['f() { echo "f $1"; }; f x', 'f x\n', 0],
    ['nosuch', 'sh: nosuch: not found\n', 127],
    ['sh -c "echo in; exit 4"; echo $?', 'in\n4\n', 0],
    ['(exit 3); echo $?; (x=1; cd /tmp; exit 2) || echo "$x $PWD"', '3\n /\n', 0],
    ['set -e; false || echo a; if false; then :; fi; ! true; (false); echo no', 'a\n', 1],
    ['set -eu; f() { local v=$1; test "$v" = x && echo "$v"; return 0; }; f x; f y; echo $UNSET; echo no', 'x\nsh: UNSET: parameter not set\n', 2],
    ['set -o pipefail; false | true; echo $?; false | cat | cat; echo $?', '1\n1\n', 0],
    ['trap "echo bye" EXIT; echo hi; exit 3', 'hi\nbye\n', 3],
    ['trap "echo bye" EXIT; (echo sub); echo hi', 'sub\nhi\nbye\n', 0],
    ['f() { echo "$# $1"; shift; echo "$*"; }; set -- p q; f a b c; echo "$1 $#"', '3 a\nb c\np 2\n', 0],
    ['for i in 1 2 3; do for j in 1 2 3; do test $j = 2 && continue 2; test $i = 3 && break 2; echo $i$j; done; done', '11\n21\n', 0],
    ['yes | head -3; yes no | head -n 1; echo $?', 'y\ny\ny\nno\n0\n', 0],
    ['while true; do echo tick; done | head -2', 'tick\ntick\n', 0],
    ['seq 5 | while read n; do echo "<$n>"; done | grep -v 3 | tail -2', '<4>\n<5>\n', 0],
    ['printf "a b\\nc d\\n" | while IFS=" " read -r x y; do echo "$y$x"; done | sort -r | xargs echo', 'dc ba\n', 0],
    ['x=5; echo x | x=6; { read v; echo $v $x; } <<< "in put"', 'in put 5\n', 0],
    ["awk 'BEGIN{for(i=1;i<4;i++) s+=i; print s}'; echo 'a=1;b=2' | tr ';' '\\n' | sed -n 's/^b=//p'", '6\n2\n', 0],
    ['echo one > /f; echo two | tee -a /f | cat; cat /f; V=x-y; echo ${V%-*} ${V/-/+} ${V:0:1} $((2 * (3 + 4)))', 'two\none\ntwo\nx x+y x 14\n', 0],
    ['((n = 3)); for ((i = 0; i < n; i++)); do [[ $i == 1 ]] && continue; echo $i; done', '0\n2\n', 0],
    ['mkdir -p /d/e; echo 1 > /d/a.txt; echo 2 > /d/b.txt; cd /d; echo *.txt *; cat "*.txt"', "a.txt b.txt a.txt b.txt e\ncat: can't open '*.txt': No such file or directory\n", 1],
    ['a=(1 2); a+=(3); for i in "${a[@]}"; do s+="$i,"; done; echo "$s ${#a[@]} ${a[2]}"', '1,2,3, 3 3\n', 0],
    ['mkdir /d; echo x | tee /d; echo $?; break; echo on', 'tee: /d: Is a directory\nx\n1\non\n', 0],
    ['sleep 100 & kill $!; wait; echo done; kill 99', "done\nsh: can't kill pid 99: No such process\n", 1],
    ['date', 'Thu Jan  1 09:00:00 UTC 2026\n', 0],
    ['echo {1..3}', '1 2 3\n', 0],
    ['if true; then', 'sh: syntax error: unexpected end of file (expecting "fi")\n', 2],
  ])('%s', (script, log, code) => {
    const r = sh(script)
    expect(r.log).toBe(log)
    expect(r.outcome).toEqual({ exit: code })
  })

  it('takes the time that sleep takes, through copies of its state', () => {
    const r = sh('echo a; sleep 2; echo b; sleep 3', 10 * SECOND)
    expect(r.log).toBe('a\nb\n')
    expect(r.now()).toBe(5 * SECOND)
    expect(r.outcome).toEqual({ exit: 0 })
  })

  it('loops for ever without stopping the world', () => {
    expect(sh('while true; do date +%S; sleep 1; done', 3 * SECOND).log).toBe('00\n01\n02\n03\n')
    expect(sh('while true; do :; done').outcome).toHaveProperty('wait')
  })

  it("serves the tutorial's exec probe", () => {
    const r = sh('touch /tmp/healthy; sleep 30; rm -rf /tmp/healthy; sleep 600', 20 * SECOND)
    expect(execCommand(['cat', '/tmp/healthy'], r.io(), SECOND).code).toBe(0)
    const later = sh('touch /tmp/healthy; sleep 30; rm -rf /tmp/healthy; sleep 600', 40 * SECOND)
    expect(execCommand(['cat', '/tmp/healthy'], later.io(), SECOND)).toMatchObject({ code: 1, output: "cat: can't open '/tmp/healthy': No such file or directory\n" })
  })

  it('ignores SIGTERM as a first process, unless it traps it', () => {
    const plain = sh('sleep infinity')
    expect(plain.outcome).toEqual({ wait: null })
    expect(plain.program.terminate(plain.state, plain.io())).toEqual({ wait: null })
    const trapped = sh('trap "echo bye; exit 0" TERM; sleep infinity & wait')
    expect(trapped.program.terminate(trapped.state, trapped.io())).toEqual({ exit: 0 })
  })

  it('does what its traps say when the command in the foreground is over', () => {
    const graceful = sh("trap 'echo bye; exit 0' TERM; while true; do sleep 1; done", 2.5 * SECOND)
    expect(graceful.program.terminate(graceful.state, graceful.io())).toEqual({ wait: null })
    expect(graceful.log).toBe('')
    const later: string[] = []
    expect(graceful.program.run(graceful.state, { ...graceful.io(), now: 3 * SECOND, out: (t) => later.push(t) })).toEqual({ exit: 0 })
    expect(later).toEqual(['bye\n'])
    // A foreground command without end keeps the trap waiting, as in real life.
    const stuck = sh("trap 'exit 0' TERM; sleep infinity", SECOND)
    expect(stuck.program.terminate(stuck.state, stuck.io())).toEqual({ wait: null })
    expect(stuck.program.run(stuck.state, { ...stuck.io(), now: 100 * SECOND })).toEqual({ wait: null })
  })

  it('runs the parts of a pipe side by side, in simulated time', () => {
    expect(sh('while true; do date +%S; sleep 1; done | grep 2 | while read l; do echo "at $l"; done', 12 * SECOND).log).toBe('at 02\nat 12\n')
    const follow = sh('(sleep 2; echo error 1 >> /log; sleep 2; echo fine >> /log; echo error 2 >> /log) & touch /log; tail -f /log | grep error', 10 * SECOND)
    expect(follow.log).toBe('error 1\nerror 2\n')
    expect(follow.outcome).toHaveProperty('wait')
    expect(sh('x=$(sleep 3; echo late); echo $x', 10 * SECOND).now()).toBe(3 * SECOND)
    expect(sh('(sleep 2; echo sub); echo after; { sleep 1; echo a; } | cat', 10 * SECOND)).toMatchObject({ log: 'sub\nafter\na\n', outcome: { exit: 0 } })
    expect(sh('while true; do date +%S; sleep 1; done | awk \'{print NR": "$0}\' | grep -n 3', 14 * SECOND).log).toBe('3:3: 02\n4:4: 03\n13:13: 12\n14:14: 13\n')
    expect(sh('{ echo a; sleep 2; echo b; sleep 2; echo c; } | cat -n | head -2; date +%S', 14 * SECOND).log).toBe('     1\ta\n     2\tb\n04\n')
    expect(sh('timeout 3 sleep 100; echo $?; timeout 5 echo in', 10 * SECOND)).toMatchObject({ log: '143\nin\n', outcome: { exit: 0 } })
    expect(sh('timeout 2 sh -c "while true; do echo x; sleep 1; done" | cat; echo end', 10 * SECOND).log).toBe('x\nx\nend\n')
    expect(sh('tail -n+1 -F /var/log/1.log', 5 * SECOND, {}).log).toBe("tail: can't open '/var/log/1.log': No such file or directory\n")
  })

  it('reads what is typed, line by line, where its input is open', () => {
    const log = (command: string[], ...lines: string[]): [string, Outcome] => {
      const out: string[] = []
      const s = spec({ command, stdin: true })
      const program = programFor(s)
      let state: unknown = program.start(s)
      const io = (): ProgramIO => ({ now: 0, wall: 0, files: new Map(), spec: s, ip: '', draw: () => 3, out: (t) => out.push(t), err: (t) => out.push(t), request: nowhere })
      let outcome = program.run(state, io())
      for (const line of lines) {
        state = copyState(state)
        outcome = line === '\u0003' ? (program.interrupt?.(state, io()) ?? outcome) : (program.type?.(state, io(), line) ?? outcome)
      }
      return [out.join(''), outcome]
    }
    expect(log(['sh'])).toEqual(['', { wait: null }])
    expect(log(['cat'], 'a\n', 'b\n', '\u0004')).toEqual(['a\nb\n', { exit: 0 }])
    expect(log(['sh'], 'x=5\n', 'f() {\n', 'echo "$x $1"; }\n', 'f in; cd /tmp\n', 'echo $PWD\n', 'exit 3\n')).toEqual(['5 in\n/tmp\n', { exit: 3 }])
    expect(log(['sh', '-c', 'read -p "name? " n; echo "hi $n"; while read l; do echo "<$l>"; done; echo end'], 'me\n', '1\n', '2\n', '\u0004')).toEqual(['name? hi me\n<1>\n<2>\nend\n', { exit: 0 }])
    expect(log(['sh'], 'sleep 100\n', '\u0003', 'echo $?\n')).toEqual(['130\n', { wait: null }])
    expect(log(['cat'], '\u0003')).toEqual(['', { exit: 130 }])
  })

  it('runs small commands without a shell, and a busybox without a command ends at once', () => {
    expect(runTo(spec({ command: ['sleep', '5'] }), 10 * SECOND).now()).toBe(5 * SECOND)
    expect(runTo(spec({ args: ['tail', '-f', '/dev/null'] }), SECOND).outcome).toEqual({ wait: null })
    expect(runTo(spec({}), 0).outcome).toEqual({ exit: 0 })
  })
})

describe('servers', () => {
  it('are found by their image or by their command, unknown images get a stand-in that says so', () => {
    expect(programFor(spec({ image: 'docker.io/library/nginx:1.25' })).name).toBe('nginx')
    expect(programFor(spec({ image: 'mysql:8' })).name).toBe('mysql')
    expect(programFor(spec({ image: 'example.com/own:1', ports: [9000] })).name).toBe('stand-in')
    expect(runTo(spec({ image: 'example.com/own:1' }), SECOND).log).toContain('stand-in')
  })
  it('refuse to start without what their entrypoint wants', () => {
    expect(runTo(spec({ image: 'mysql:8' }), SECOND).outcome).toEqual({ exit: 1 })
    expect(runTo(spec({ image: 'mysql:8', env: { MYSQL_ROOT_PASSWORD: 'x' } }), 10 * SECOND).outcome).toEqual({ wait: null })
  })
})

describe('streams, files and the network', () => {
  it.each([
    ['ls /nope 2>/dev/null; echo $?', '1\n'],
    ['{ echo a; echo b; } > /f; cat /f | wc -l', '2\n'],
    ['for i in 1 2; do echo $i; done >> /log; cat /log', '1\n2\n'],
    ['cat <<EOF > /c\nhello $NAME\nEOF\ncat /c', 'hello world\n'],
    ["cat <<'EOF'\n$NAME\nEOF", '$NAME\n'],
    ['echo abc | sed s/b/X/; echo "a b c" | awk \'{print $2}\'', 'aXc\nb\n'],
    ['printf "b\\na\\n" | sort | head -n 1', 'a\n'],
    ['echo -n hi | base64; echo aGk= | base64 -d', 'aGk=\nhi'],
    ['while read x; do echo "<$x>"; done <<EOF\n1\n2\nEOF', '<1>\n<2>\n'],
    ['A=1 env | grep ^A=; echo ${A:-none}', 'A=1\nnone\n'],
    ["perl -Mbignum=bpi -wle 'print bpi(20)'", '3.1415926535897932385\n'],
  ])('%s', (script, log) => {
    expect(sh(script, 20 * SECOND).log).toBe(log)
  })

  it('keep errors apart for exec, and count the time that a command takes', () => {
    const r = sh('sleep infinity')
    expect(execCommand(['sh', '-c', 'echo out; ls /nope; exit 4'], r.io(), 0)).toMatchObject({ code: 4, stdout: 'out\n', stderr: 'ls: /nope: No such file or directory\n' })
    expect(execCommand(['sh', '-c', 'sleep 3'], r.io(), 0).elapsed).toBe(3 * SECOND)
    expect(execCommand(['sh', '-c', 'sleep 3'], r.io(), SECOND).timedOut).toBe(true)
    expect(execCommand(['nosuch'], r.io(), 0).missing).toBe(true)
    expect(execCommand(['sh'], r.io(), 0, 'echo typed\nexit 2\n')).toMatchObject({ code: 2, stdout: 'typed\n' })
  })

  it('ask the network through one function', () => {
    const asked: string[] = []
    const request = (to: Outgoing): RequestAnswer => {
      asked.push(`${to.kind} ${to.host}:${to.port}${to.path}`)
      return to.host === 'web' ? { ok: true, status: 200, body: 'hello\n', address: '10.96.1.2', after: 1000 } : { ok: false, why: 'unresolved', address: '', after: 0 }
    }
    const run = (script: string) => runTo(spec({ command: ['sh', '-c', script] }), 10 * SECOND, new Map(), request).log
    expect(run('wget -qO- http://web:8080/x')).toBe('hello\n')
    expect(run('curl -s -o /dev/null -w "%{http_code}" web')).toBe('200')
    expect(run('until nc -z web 6379; do sleep 1; done; echo up')).toBe('up\n')
    expect(run('wget -T 1 -q -O- nowhere || echo failed')).toBe("wget: bad address 'nowhere'\nfailed\n")
    expect(asked).toEqual(['http web:8080/x', 'http web:80/', 'connect web:6379', 'http nowhere:80/'])
  })

  it('use memory and processors as their commands say', () => {
    const hog = runTo(spec({ image: 'polinux/stress', command: ['stress'], args: ['--vm', '2', '--vm-bytes', '100M', '--cpu', '1'] }), 0)
    expect(hog.program.usage(hog.state, 0)).toEqual({ cpuMillis: 3001, memoryBytes: (200 + 1) * 1024 * 1024, processes: 3 })
    const loop = sh('while true; do :; done')
    expect(loop.program.usage(loop.state, 0).cpuMillis).toBe(1000)
  })

  it('are those of the image: what it serves comes from its files', () => {
    const web = runTo(spec({ image: 'nginx:1.25' }), SECOND, new Map([['/usr/share/nginx/html/index.html', 'mine\n']]))
    const get = (path: string) => web.program.http(web.state, web.io(), { method: 'GET', port: 80, path, agent: 'curl', from: '10.0.0.1' })
    expect(get('/')).toEqual({ status: 200, body: 'mine\n' })
    expect(get('/other').status).toBe(404)
    const echo = runTo(spec({ image: 'hashicorp/http-echo', args: ['-text=hi there', '-listen=:9000'] }), SECOND)
    expect(echo.program.listens(echo.state, echo.io(), 9000)).toBe(true)
    expect(echo.program.http(echo.state, echo.io(), { method: 'GET', port: 9000, path: '/', agent: '', from: '' }).body).toBe('hi there\n')
  })
})

const words = fc.oneof(
  fc.constantFrom('echo', 'cat', 'head -1', 'yes', 'read x', 'wait', 'sleep 1', 'exit 2', 'trap "echo t" EXIT', 'set -e', 'true', 'false', 'seq 3', 'grep a', 'sh', 'sh -c', '"echo in"', 'f() {', '}', 'f', '(', ')', '|', '|', '&&', '||', ';', '&', '>', '/f', '<', '2>&1', '$(', '`', '"', "'", '$x', '${x:-y}', '$((1+', '))', 'if', 'then', 'else', 'fi', 'while', 'do', 'done', 'for i in a b', 'case $x in', '*)', ';;', 'esac', '!', '\n', '<<E', 'E', 'tail -f /f', 'kill 1', 'kill $!', 'exec', 'eval', 'break', 'continue 2', 'return', 'xargs', 'tee /f', 'shift', 'cd /nope', '*', '~'),
  fc.string({ maxLength: 6 }),
)

it('no script makes the shell throw or hang, typed or not', () => {
  fc.assert(fc.property(fc.array(words, { maxLength: 16 }), (all) => {
    const script = all.join(' ')
    const r = sh(script, 3 * SECOND)
    expect(r.outcome).toSatisfy((o: Outcome) => 'wait' in o || Number.isInteger(o.exit))
    execCommand(['sh', '-c', script], r.io(), SECOND)
    const s = spec({ command: ['sh'], stdin: true })
    const program = programFor(s)
    const state = program.start(s)
    const io: ProgramIO = { now: 0, wall: 0, files: new Map(), spec: s, ip: '', draw: () => 3, out: () => undefined, err: () => undefined, request: nowhere }
    program.run(state, io)
    for (const line of [`${script}\n`, '\u0003', 'echo on\n', '\u0004']) if (line === '\u0003') program.interrupt?.(state, io)
      else program.type?.(state, io, line)
  }), { numRuns: 1500, seed: 7 })
})
