import { expect, it } from 'vitest'
import { notFound, runFake } from '../kubectl/kubectl.testing'
import { newMachine } from '../kubectl/shell/machine'
import { execCommand, type ProgramIO } from '../workloads'

/** What the learner's machine makes of a script. */
function onMachine(script: string): string {
  const { stdout, rc } = runFake(`sh -c '${script.replaceAll("'", `'\\''`)}'`, () => notFound, { machine: newMachine() })
  return `${stdout}=${rc}`
}

/** What a container makes of it. */
function inContainer(script: string): string {
  const io: ProgramIO = {
    now: 0, wall: 1_767_225_600_000_000, files: new Map(), ip: '', draw: () => 0, out: () => undefined, err: () => undefined, request: () => ({ ok: false, why: 'refused', address: '', after: 0 }),
    spec: { image: 'debian:12', command: [], args: [], env: { HOME: '/home/you' }, ports: [], hostname: 'you', workingDir: '/home/you' },
  }
  const { stdout, code } = execCommand(['sh', '-c', script], io, 0)
  return `${stdout}=${code}`
}

it.each([
  'echo a b  c "d  e" \'$x\' "\\$" \\*',
  'x=5; y="$x"; echo "${x}0" ${y:-1} ${z:-"two words"} ${z:=3} $z ${#x} ${x:+set}',
  'x=a.b.c; echo ${x%.*} ${x%%.*} ${x#*.} ${x##*.} ${x/./-} ${x//./-} ${x:2:1} ${x^^}',
  'echo $((1 + 2 * 3)) $((7 / 2)) $((7 % 3)) $(((1 + 2) * 3)) $((2 ** 5)) $((5 > 3 ? 10 : 20)); i=1; echo $((i++)) $i $((i += 5))',
  'echo {a,b}{1,2} {1..4} {c..a} {01..03}',
  'for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done; while [ ${n:-0} -lt 2 ]; do n=$((n+1)); echo n$n; done; until true; do :; done',
  'for ((i = 0; i < 3; i++)); do echo $i; [ $i = 1 ] && break; done',
  'case abc in x|y) echo 1;; a*c) echo 2;; *) echo 3;; esac; case "*" in "*") echo star;; esac',
  'f() { echo "$1-$#"; return 3; }; f a b; echo $?; f "$@"',
  'set -- one "two three"; for a in "$@"; do echo "<$a>"; done; echo "$*" $#; shift; echo $1',
  '(x=1; cd /; exit 4); echo $? $x; { y=2; }; echo $y',
  'set -e; false || echo or; if false; then :; fi; (exit 3); echo never',
  'set -u; echo ${a-ok}; echo $b; echo never',
  'trap "echo bye" EXIT; echo hi; exit 7',
  'echo $(echo a; echo b) "$(printf "x\\ny\\n")" `echo back`; v=$(false); echo $?',
  'cat <<A\nx $((1+1)) $(echo sub)\nA\ncat <<"B"\n$no\nB\ncat <<-C\n\ttab\n\tC\ncat <<< "here $HOME"',
  'echo out > f; echo more >> f; cat < f | wc -l; { echo e >&2; echo o; } 2>/dev/null; ls nope > /dev/null 2>&1; echo $((? ))$?',
  'seq 10 | grep -E "^[2-5]$" | sort -rn | head -2 | tr "\\n" ","; echo; echo b a c | tr " " "\\n" | sort | paste 2>/dev/null || echo none',
  'yes | head -3 | wc -l; seq 5 | sed -n "2,3p;\\$p" | awk "{s+=\\$1} END {print s, NR}"',
  'printf "%s|%5d|%-4s|%05.1f\\n" a 42 b 3.14159; printf "%s\\n" x y',
  'echo "a,b;c" | IFS=";," read -r p q r; echo "x y z" | { read a b; echo "$b|$a"; }; IFS=:; for d in a:b; do echo $d; done; v=1:2; for d in $v; do echo $d; done',
  'a=(x "y z"); a+=(w); echo ${#a[@]} "${a[1]}" ${a[-1]}; for e in "${a[@]}"; do echo "[$e]"; done',
  '[[ web-12 =~ ^([a-z]+)-([0-9]+|x)$ ]] && echo ${BASH_REMATCH[0]} ${BASH_REMATCH[2]}',
  'test 3 -gt 2 -a x != y && echo t; [[ abc == a* && 5 -lt 10 && v1.36 =~ ^v[0-9]+ ]] && echo tt; [ -z "" ] || echo no; ! false; echo $?',
  'eval "k=v; echo \\$k"; echo one two | xargs -n1 echo "-"; basename /a/b.c .c; dirname /a/b; expr 1 2>/dev/null; expr 2 \\* \\( 3 + 4 \\); expr abc : "a\\(.\\)"; expr 1 = 2; echo $?',
  'if true; then',
  'echo "unclosed',
  'nosuch; echo $?',
  'echo a | cat | cat && echo b || echo c; false | true; echo $?; true && false || echo d',
  'x=1; echo $x | while read v; do x=$v$v; done; echo $x; unset x; echo "[$x]"',
])('both shells make the same of: %s', (script) => {
  expect(inContainer(script)).toBe(onMachine(script))
})
