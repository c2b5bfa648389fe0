import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ApiResponse } from '../../client-go'
import { nameHash } from '../data-sources'
import { notFound, runFake } from '../kubectl.testing'
import { newMachine } from './machine'
import { programs } from './programs'

const sh = (line: string, machine = newMachine({ 'web.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n', 'dir/a.txt': 'one\ntwo\nthree\n' })) => runFake(line, () => notFound, { machine })
const out = (line: string): string => {
  const { stdout, stderr } = sh(line)
  return stdout + stderr
}

test('pipes, lists and redirections are those of a shell', () => {
  expect(out('echo a b | wc -w')).toBe('2\n')
  expect(out('cat dir/a.txt | grep -n o | head -1')).toBe('1:one\n')
  expect(out('false && echo no || echo yes; echo $?')).toBe('yes\n0\n')
  expect(out('echo x > f; echo y >> f; cat f; cat < f | tail -n 1')).toBe('x\ny\ny\n')
  expect(out("cat <<EOF\nhome $HOME\nEOF\n")).toBe('home /home/you\n')
  expect(out("cat <<'EOF' > f && cat f\na $HOME\nEOF")).toBe('a $HOME\n')
  expect(out('ls nope 2>/dev/null; echo $?')).toBe('2\n')
  expect(out('ls nope 2>&1 | wc -l')).toBe('1\n')
  expect(out('X=3; echo "$X ${Y:-four} $(echo five) `echo six`"')).toBe('3 four five six\n')
  expect(out('P=pod/web-1; echo ${P#*/} ${P%%/*} ${P:4} ${P:0:3}')).toBe('web-1 pod web-1 pod\n')
  expect(out('for i in 1 2; do echo n$i; done | sort -r')).toBe('n2\nn1\n')
  expect(out('if test -f web.yaml; then echo there; else echo not; fi')).toBe('there\n')
  expect(out('ls *.yaml d*/*')).toBe('web.yaml\ndir/a.txt\n')
  expect(out("printf '%s-%s\\n' a b | sed 's/-/_/' | tr a-z A-Z | cut -d_ -f2")).toBe('B\n')
  expect(out("echo 'a 1' | awk '{print $2, \"x\"}'")).toBe('1 x\n')
  expect(out('echo a b c | xargs -n1 echo')).toBe('a\nb\nc\n')
  expect(out('echo hällo | base64 | base64 -d')).toBe('hällo\n')
  expect(out('cd dir && pwd && ls && cat a.txt | sort | uniq -c | head -n 1')).toBe('/home/you/dir\na.txt\n      1 one\n')
})

test('what a shell refuses it refuses in its words', () => {
  expect(sh('| x')).toMatchObject({ rc: 2, stderr: 'sh: syntax error: unexpected "|"\n' })
  expect(sh('echo "a')).toMatchObject({ rc: 2, stderr: 'sh: syntax error: unterminated quoted string\n' })
  expect(sh('echo $(')).toMatchObject({ rc: 2 })
  expect(sh('cat nope')).toMatchObject({ rc: 1, stderr: 'cat: nope: No such file or directory\n' })
  expect(sh('docker ps').stderr).toMatch(/^sh: docker: command not found\n.*containerd/)
  expect(sh('rm -rf /').stderr).toMatch(/refusing/)
  expect(sh('while true; do true; done')).toMatchObject({ rc: 1, stderr: expect.stringMatching(/ended after 1000 rounds/) })
})

test('braces, arithmetic, case, functions, subshells, read and process substitution are those of a shell', () => {
  expect(out('echo {1..3} a{b,c}d {x..z} pod-{0..4..2} {a} {.items[*].metadata.name} "{1..2}"')).toBe('1 2 3 abd acd x y z pod-0 pod-2 pod-4 {a} {.items[*].metadata.name} {1..2}\n')
  expect(out('N=3; echo $((N * 2 + 1)) $(( (1+2)*3 )) $((7 / 2)) $((N > 2))')).toBe('7 9 3 1\n')
  expect(out('i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done')).toBe('0\n1\n2\n')
  expect(out('for i in {1..5}; do if [ $i = 2 ]; then continue; fi; if [[ $i == 4 ]]; then break; fi; echo $i; done')).toBe('1\n3\n')
  expect(out('case web-1 in db-*) echo db;; web-*|x) echo web;; *) echo other;; esac')).toBe('web\n')
  expect(out('f() { echo "$# $1 $2"; return 3; }; f a "b c"; echo $?')).toBe('2 a b c\n3\n')
  expect(out('g() { for x in "$@"; do echo "<$x>"; done; }; g "a b" c')).toBe('<a b>\n<c>\n')
  expect(out('(cd dir; X=1; pwd); pwd; echo "[$X]"')).toBe('/home/you/dir\n/home/you\n[]\n')
  expect(out('cat dir/a.txt | while read line; do echo "> $line"; done')).toBe('> one\n> two\n> three\n')
  expect(out("printf 'a 1\\nb 2\\n' | while read n v; do echo $v$n; done | tac")).toBe('2b\n1a\n')
  expect(out('source <(echo alias q=pwd); q')).toBe('/home/you\n')
  expect(out('while read l; do echo $l; done < dir/a.txt | wc -l; { echo x; echo y; } > f; cat f')).toBe('3\nx\ny\n')
  expect(sh('source <(kubectl completion bash)')).toMatchObject({ rc: 0, stderr: '' })
  expect(out('break; echo on')).toContain('only meaningful')
})

test('exit, set -e, traps, [[ and counting loops are those of a shell', () => {
  expect(out('(exit 3); echo $?; (echo in; exit 4; echo no) || echo "or $?"')).toBe('3\nin\nor 4\n')
  expect(out('x=$(echo a; exit 5); echo "$x $?"; echo b | (read v; echo "<$v>"; exit 2); echo $?')).toBe('a 5\n<b>\n2\n')
  expect(sh('set -e; false || echo ok; if false; then :; fi; ! true; false; echo no')).toMatchObject({ rc: 1, stdout: 'ok\n' })
  expect(out("sh -c 'trap \"echo bye\" EXIT; echo hi; exit 2'; echo $?")).toBe('hi\nbye\n2\n')
  expect(out('for ((i=0; i<3; i++)); do if ((i == 1)); then continue; fi; echo -n $i; done; echo; [[ a == b || 2 -gt 1 && x =~ ^[wx]$ ]] && echo yes')).toBe('02\nyes\n')
  expect(out('f() { return 7; echo no; }; f; echo $?; set -- a b c; shift; echo $# $1; n=5; echo $((n += 2)) ${n:+set} ${m:=new} $m')).toBe('7\n2 b\n7 set new new\n')
  expect(out('V=a.b.c; echo ${V//./-} ${V/./+} ${V^^} ${V:2:1} ${#V}; cat <<< "x $V"; echo "$(( (1+2) * (3+4) ))"')).toBe('a-b-c a+b.c A.B.C b 5\nx a.b.c\n21\n')
  expect(out('a=(x "y z"); a+=(w); a[4]=v; echo ${#a[@]} $a ${a[1]} ${a[-1]}; for i in "${a[@]}"; do echo "<$i>"; done; s=1; s+=2; echo $s "${a[*]}"; p=($(seq 3)); echo ${p[@]}')).toBe('5 x y z v\n<x>\n<y z>\n<w>\n<>\n<v>\n12 x y z w  v\n1 2 3\n')
  expect(sh('exit 3; echo no')).toMatchObject({ rc: 3, stdout: '', stderr: expect.stringContaining('stays open') })
})

test('who reads no more ends who writes', () => {
  expect(sh('yes | head -2; echo $?; yes no | grep -m1 n | cat; (yes | grep -q y) && echo found')).toMatchObject({ rc: 0, stdout: 'y\ny\n0\nno\nfound\n' })
  expect(out('for i in $(seq 60); do { yes $i; } | head -1; done | tail -1')).toBe('60\n')
  expect(sh('yes | tail -1').rc).toBe(130)
})

test('a function outlives its line', () => {
  const first = sh('kn() { echo "namespace $1"; }')
  expect(sh('kn dev', first.machine).stdout).toBe('namespace dev\n')
})

test('aliases, variables, directories and files outlive the line', () => {
  const first = sh("alias k=kubectl kgp='kubectl get pods'; export NS=x; cd dir; echo hi > new")
  expect(sh('alias; echo $NS; pwd; cat new', first.machine).stdout).toBe("alias k='kubectl'\nalias kgp='kubectl get pods'\nx\n/home/you/dir\nhi\n")
  expect(sh('k version --client -o json | head -1', first.machine).stdout).toBe('{\n')
})

test('a file that is edited is written', () => {
  const ran = runFake('vi web.yaml; cat web.yaml', () => notFound, { machine: newMachine({ 'web.yaml': 'old\n' }), edit: (text) => text.replace('old', 'new') })
  expect(ran.stdout).toBe('new\n')
})

test('a filter shows what a command that goes on has printed so far', () => {
  const table = (n: number): ApiResponse => ({ code: 200, body: { kind: 'Table', metadata: { resourceVersion: '1' }, columnDefinitions: [{ name: 'Name', type: 'string', priority: 0 }], rows: Array.from({ length: n }, (_, i) => ({ cells: [`pod-${i}`], object: { metadata: { name: `pod-${i}`, namespace: 'default' } } })) } }) as unknown as ApiResponse
  expect(runFake('kubectl get pods | grep pod-1 | wc -l', () => table(12)).stdout).toBe('3\n')
  expect(runFake('kubectl port-forward pod/x 80 | grep nothing', () => notFound).rc).toBe(1)
})

test('files and directories are read by kubectl', () => {
  expect(sh('kubectl create configmap c --from-file=dir --from-file=k=web.yaml --dry-run=client -o jsonpath={.data}').stdout).toContain('"a.txt":"one\\ntwo\\nthree\\n"')
  expect(sh('kubectl create configmap c --from-env-file=e --dry-run=client -o yaml', newMachine({ e: '# c\nA=1\nB=x y\n' })).stdout).toContain('  A: "1"\n  B: x y\n')
  expect(sh('kubectl apply -f web.yaml --dry-run=client').stdout).toBe('configmap/web created (dry run)\n')
  expect(sh('kubectl apply -f . --dry-run=client').stdout).toBe('configmap/web created (dry run)\n')
  expect(sh('kubectl apply -f nope.yaml').stderr).toBe('error: the path "nope.yaml" does not exist\n')
  expect(nameHash({ kind: 'ConfigMap', metadata: { name: '' } })).toBe('42745tchd9')
  expect(nameHash({ kind: 'ConfigMap', data: { one: '' }, metadata: { name: '' } })).toBe('9g67k2htb6')
  expect(nameHash({ kind: 'Secret', type: 'my-type', metadata: { name: '' } })).toBe('t75bgf6ctb')
})

test('-v=6 tells the REST calls, -v=8 their bodies', () => {
  const { stderr } = sh('kubectl get pod x -v=6')
  expect(stderr).toMatch(/^I0101 00:00:00\.000000 {4}4242 loader\.go:402\] Config loaded from file: {2}\/home\/you\/\.kube\/config\n/)
  expect(stderr).toContain('"Response" verb="GET" url="https://10.0.0.10:6443/api/v1/namespaces/default/pods/x" status="404 Not Found" milliseconds=0\n')
  expect(sh('kubectl delete pod x -v=8').stderr).toMatch(/"Request Body" body=".*propagationPolicy/)
})

test('a kustomization is built from bases, generators and patches', () => {
  const machine = newMachine({
    'base/kustomization.yaml': 'resources: [deploy.yaml]\n',
    'base/deploy.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector:\n    matchLabels:\n      app: web\n  template:\n    metadata:\n      labels:\n        app: web\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.25\n        envFrom:\n        - configMapRef:\n            name: conf\n',
    'prod/kustomization.yaml': 'namePrefix: prod-\nnamespace: prod\nresources: [../base]\ncommonLabels:\n  env: prod\nimages:\n- name: nginx\n  newTag: "1.27"\nreplicas:\n- name: web\n  count: 3\nconfigMapGenerator:\n- name: conf\n  literals: [A=1]\npatches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: web\n    spec:\n      minReadySeconds: 5\n',
  })
  const { stdout, stderr } = sh('kubectl kustomize prod', machine)
  expect(stderr).toBe('')
  expect(stdout).toMatch(/kind: ConfigMap\nmetadata:\n  labels:\n    env: prod\n  name: prod-conf-[a-z0-9]{10}\n  namespace: prod\n---\n/)
  const name = /prod-conf-\w+/.exec(stdout)?.[0]
  expect(stdout).toContain(`name: ${name}\n        image: nginx:1.27`)
  for (const text of ['name: prod-web', 'replicas: 3', 'minReadySeconds: 5', '      env: prod\n']) expect(stdout).toContain(text)
  expect(sh('kubectl apply -k prod --dry-run=client -n prod', machine).stdout).toBe(`configmap/${name} created (dry run)\ndeployment.apps/prod-web created (dry run)\n`)
})

const word = fc.oneof(
  fc.constantFrom(...Object.keys(programs).filter((p) => p !== 'watch'), 'kubectl', 'get', 'pods', '|', '&&', '||', ';', '>', '>>', '<', '2>&1', '<<EOF', 'EOF', '$(', ')', '`', '"', "'", '\\', '$X', '${X}', '*', '-n', '-', 'web.yaml', 'for', 'i', 'in', 'do', 'done', 'if', 'then', 'fi', '{', '}', '\n', '!', '\u0000', '\u{1f600}', "'{print $1}'", 's/a/b/'),
  fc.string({ maxLength: 8 }),
)

test('no line makes the shell throw or hang', () => {
  fc.assert(fc.property(fc.array(word, { maxLength: 14 }), (words) => {
    expect(typeof sh(words.join(' ')).rc).toBe('number')
  }), { numRuns: 4000, seed: 11 })
})
