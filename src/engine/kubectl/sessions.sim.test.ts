import { expect, test } from 'vitest'
import { Cluster, presets, type CommandOutput } from '../cluster'
import { kubectl } from './index'

/** Somebody at a terminal who types into what runs: lines, `^C`, and null for the end of input. Waits for each prompt. */
class Typist {
  readonly cluster = new Cluster((presets[0] as (typeof presets)[number]).make(1)).install(kubectl).bootUp()

  private rows(command: number): CommandOutput[] {
    const rows: CommandOutput[] = []
    this.cluster.sim.trace.forEach(this.cluster.sim.trace.oldest, (r) => {
      if (r.kind === 'output' && (r.detail as CommandOutput).command === command) rows.push(r.detail as CommandOutput)
    })
    return rows
  }

  /** Runs a line, and answers its prompts by what is typed; an edit by `edit`. Answers what stands on the terminal. */
  type(line: string, typed: (string | null)[] = [], edit: (text: string) => string | null = () => null, seconds = 60): { rc: number; text: string } {
    const command = this.cluster.input({ type: 'kubectl', line }).command as number
    const left = [...typed]
    let answered = 0
    for (let i = 0; i < seconds * 10; i++) {
      this.cluster.run(this.cluster.now + 100_000)
      const rows = this.rows(command)
      const asked = rows.filter((r) => r.stream === 'prompt' || r.stream === 'edit')
      const exit = rows.find((r) => r.stream === 'exit')
      if (exit) return { rc: Number(exit.text), text: rows.filter((r) => r.stream === 'stdout' || r.stream === 'stderr').map((r) => r.text).join('') }
      if (left[0] === '^C' && i % 20 === 19) {
        left.shift()
        if (asked.length > answered) answered++
        this.cluster.input({ type: 'interrupt', command })
      } else if (asked.length > answered && left[0] !== '^C') {
        const at = asked[answered++] as CommandOutput
        this.cluster.input({ type: 'edited', command, text: at.stream === 'edit' ? edit((JSON.parse(at.text) as { text: string }).text) : (left.shift() ?? null) })
      }
    }
    return { rc: -1, text: this.rows(command).filter((r) => r.stream === 'stdout' || r.stream === 'stderr').map((r) => r.text).join('') }
  }

  /** What stood before the lines that were typed into the latest command. */
  prompts(): string[] {
    return this.rows(this.cluster.state.nextCommand - 1).filter((r) => r.stream === 'prompt').map((r) => r.text)
  }
}

const t = new Typist()
t.type('kubectl run box --image=busybox:1.36 -- sh -c "while true; do sleep 5; done"')
t.type('kubectl wait --for=condition=Ready pod/box')

test('a shell in a container keeps variables, functions and jobs; its exit code is the line\'s', () => {
  const { rc, text } = t.type('kubectl exec -it box -- sh', ['cd /tmp; x=5', 'f() {', 'echo "in f $x"', '}', 'f; pwd', 'cat <<E', 'here $x', 'E', 'sleep 2; echo slept', 'exit 3'])
  expect(rc).toBe(3)
  for (const line of ['in f 5\n/tmp\n', '\nhere 5\n', '\nslept\n', '\ncommand terminated with exit code 3\n']) expect(text).toContain(line)
})

test('a program that reads gets what is typed; Ctrl-C and the end of input are its own', () => {
  expect(t.type('kubectl exec -it box -- cat', ['one', 'two', null])).toEqual({ rc: 0, text: 'one\none\ntwo\ntwo\n' })
  expect(t.type('kubectl exec -it box -- sh -c \'read -p "name? " n; echo "hi $n"\'', ['you'])).toEqual({ rc: 0, text: 'you\nhi you\n' })
  expect(t.prompts()).toEqual(['name? '])
  expect(t.type('kubectl exec -it box -- sh', ['sleep 1000', '^C', 'echo "code $?"', 'exit'])).toMatchObject({ rc: 0, text: expect.stringContaining('\ncode 130\n') })
  expect(t.type('kubectl exec -it box -- sh -c "while true; do date +%S; sleep 1; done"', ['^C'])).toMatchObject({ rc: 130, text: expect.stringMatching(/^(\d\d\n)+command terminated with exit code 130\n$/) })
  expect(t.type('kubectl exec -it box -- nosuch').text).toMatch(/^error: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "[\da-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in \$PATH: unknown\n$/)
  expect(t.type('kubectl exec -it box -- ls /etc')).toEqual({ rc: 0, text: 'hostname\nhosts\npasswd\nresolv.conf\n' })
})

test('Ctrl-C that comes while a session is being asked is the session\'s too', () => {
  const { cluster } = t
  const command = cluster.input({ type: 'kubectl', line: 'kubectl exec -it box -- sh' }).command as number
  const waits = () => cluster.sim.stateOf<{ readonly wait?: { readonly on: string } }>(`kubectl/${command}`)?.wait?.on
  const until = (on: string) => {
    for (let i = 0; waits() !== on && i < 10_000; i++) cluster.run(cluster.now + 500)
    expect(waits()).toBe(on)
  }
  until('prompt')
  cluster.input({ type: 'edited', command, text: 'sleep 1000' })
  cluster.run(cluster.now + 1_000_000)
  until('sleep')
  until('responses')
  cluster.input({ type: 'interrupt', command })
  until('prompt')
  cluster.input({ type: 'edited', command, text: 'exit' })
  cluster.run(cluster.now + 2_000_000)
  // `exit` takes the code of what was interrupted; the next line finds it.
  expect(waits()).toBeUndefined()
  expect(t.type('echo "code $?"')).toEqual({ rc: 0, text: 'code 130\n' })
  expect(t.type('echo "code $?"')).toEqual({ rc: 0, text: 'code 0\n' })
})

test('the clients of the tutorials talk with their server', () => {
  t.type("kubectl create configmap conf --from-literal=redis-config=$'maxmemory 2mb\\nmaxmemory-policy allkeys-lru'")
  t.type(`kubectl apply -f - <<'E'
apiVersion: v1
kind: Pod
metadata:
  name: redis
spec:
  containers:
  - name: redis
    image: redis:8.0.2
    command: [redis-server, /redis-master/redis.conf]
    volumeMounts:
    - {mountPath: /redis-master, name: config}
  volumes:
  - name: config
    configMap:
      name: conf
      items: [{key: redis-config, path: redis.conf}]
E`)
  t.type('kubectl wait --for=condition=Ready pod/redis')
  const { rc, text } = t.type('kubectl exec -it redis -- redis-cli', ['CONFIG GET maxmemory', 'set greeting "hello world"', 'get greeting', 'incr n', 'exit'])
  expect(rc).toBe(0)
  expect(text).toContain('CONFIG GET maxmemory\n1) "maxmemory"\n2) "2097152"\n')
  expect(text).toContain('"hello world"\nincr n\n(integer) 1\n')
  expect(t.prompts()[0]).toBe('127.0.0.1:6379> ')
  expect(t.type('kubectl exec redis -- redis-cli get greeting').text).toBe('"hello world"\n')
  t.type('kubectl run db --image=mysql:9 --env=MYSQL_ROOT_PASSWORD=x --port=3306 --expose')
  t.type('kubectl wait --for=condition=Ready pod/db --timeout=2m', [], undefined, 120)
  t.cluster.run(t.cluster.now + 20e6)
  expect(t.type('kubectl run -it --rm --image=mysql:9 --restart=Never client -- mysql -h db -px', ['select 1;', 'exit'], undefined, 90).text).toMatch(/statements are not run[^]*Bye\n[^]*pod "client" deleted/)
  t.type('kubectl run web --image=nginx')
  t.type('kubectl wait --for=condition=Ready pod/web')
  expect(t.type('kubectl exec web -- nginx -s quit')).toEqual({ rc: 0, text: '' })
  t.cluster.run(t.cluster.now + 10e6)
  expect(t.type("kubectl get pod web -o jsonpath='{.status.containerStatuses[0].restartCount}'").text).toBe('1')
})

test('a terminal that is closed leaves nothing that runs', () => {
  for (const line of ['kubectl exec -it box -- sh', 'kubectl exec -it box -- sleep 1000', 'ssh node-2']) {
    const command = t.cluster.input({ type: 'kubectl', line }).command as number
    t.cluster.run(t.cluster.now + 3e6)
    expect(t.cluster.sim.state.processes.get(`kubectl/${command}`)?.up).toBe(true)
    t.cluster.input({ type: 'interrupt', command, hangup: true })
    t.cluster.run(t.cluster.now + 1e6)
    expect(t.cluster.sim.state.processes.get(`kubectl/${command}`)?.up ?? false).toBe(false)
  }
})

test('attach types into the first process; run -it is that too, and its end is the pod\'s', () => {
  t.type('kubectl run reader -i --image=busybox:1.36 --restart=Never --attach=false -- sh -c \'while read l; do echo "<$l>"; done; exit 4\'')
  t.type('kubectl wait --for=condition=Ready pod/reader')
  expect(t.type('kubectl attach -it reader', ['a', 'b', null]).text).toContain('<a>\nb\n<b>\n')
  expect(t.type("kubectl get pod reader -o jsonpath='{.status.containerStatuses[0].state.terminated.exitCode}'").text).toBe('4')
  const { rc, text } = t.type('kubectl run tmp --rm -it --restart=Never --image=busybox:1.36 -- sh', ['hostname', 'exit 0'])
  expect(rc).toBe(0)
  expect(text).toContain('hostname\ntmp\n')
  expect(text).toMatch(/Session ended, resume using[^\n]*\npod "tmp" deleted/)
  expect(t.type('echo piped | kubectl run piped --rm -i --restart=Never --image=busybox:1.36 -- cat').text).toContain('piped\n')
})

test('a debug pod on a node leads into its file system, and its services act on the simulated machine', () => {
  const { text } = t.type('kubectl debug node/node-2 -it --image=busybox:1.36 -- chroot /host', ['hostname', 'ls /etc/kubernetes', 'systemctl status kubelet | grep Active', 'crictl ps | head -1', 'crictl pods --name box -q | wc -l', 'exit'])
  expect(text).toContain('hostname\nnode-2\n')
  expect(text).toContain('manifests')
  expect(t.prompts()).toContain('root@node-2:/# ')
  expect(text).toContain('Active: active (running) since')
  expect(text).toMatch(/CONTAINER +IMAGE +CREATED +STATE +NAME +ATTEMPT +POD ID +POD +NAMESPACE\n/)
  // Its editor is the page's, here too.
  const edit = t.type('kubectl debug node/node-2 -it --image=busybox:1.36 -- chroot /host', ['vi /etc/motd', 'cat /etc/motd', 'exit'], (was) => `${was}welcome\n`)
  expect(edit.text).toContain('cat /etc/motd\nwelcome\n')
  // The terminal leads through the kubelet: who stops it is cut off.
  expect(t.type('kubectl debug node/node-2 -it --image=busybox:1.36 -- chroot /host', ['systemctl stop kubelet', 'exit'])).toMatchObject({ rc: 1, text: expect.stringContaining('unexpected EOF') })
  expect(t.type('ssh node-2 "systemctl is-active kubelet; systemctl start kubelet"').text).toBe('inactive\n')
})

test('ssh leads to a node: who stopped its kubelet starts it again', () => {
  t.cluster.input({ type: 'fault', fault: { kind: 'kubelet-stop', node: 'node-1' } })
  t.cluster.run(t.cluster.now + 60e6)
  expect(t.type('kubectl get node node-1').text).toContain('NotReady')
  const { rc, text } = t.type('ssh node-1', ['systemctl status kubelet', 'sudo systemctl start kubelet', 'systemctl status kubelet | grep Active', 'journalctl -u kubelet -n 1', 'exit'])
  expect(rc).toBe(0)
  expect(text).toContain('○ kubelet.service - kubelet: The Kubernetes Node Agent')
  expect(text).toMatch(/Active: active \(running\) since \w{3} [\d-]+ [\d:]+ UTC; \d+s ago/)
  expect(text).toContain('kubelet_node_status.go')
  expect(text).toMatch(/logout\nConnection to node-1 closed\.\n$/)
  t.cluster.run(t.cluster.now + 20e6)
  expect(t.type('kubectl get node node-1').text).toMatch(/ Ready /)
  expect(t.type('ssh node-1 systemctl is-active kubelet')).toEqual({ rc: 0, text: 'active\n' })
  expect(t.type('ssh node-1 "cat /etc/hostname; ps aux | grep -c kubelet; ip a | grep -c 10.0.0.11; which crictl; free -m | wc -l; kubeadm version | cut -d, -f3"').text).toBe('node-1\n1\n1\n/usr/bin/crictl\n3\n GitVersion:"v1.36.2"\n')
  expect(t.type('ssh nowhere')).toEqual({ rc: 255, text: 'ssh: Could not resolve hostname nowhere: Name or service not known\n' })
  t.cluster.input({ type: 'fault', fault: { kind: 'node-down', node: 'node-3' } })
  expect(t.type('ssh node-3')).toEqual({ rc: 255, text: 'ssh: connect to host node-3 port 22: No route to host\n' })
})

test('the editor opens files of a node: a manifest that is written there becomes a static pod', () => {
  const manifest = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: hand\nspec:\n  containers:\n  - name: c\n    image: busybox:1.36\n    command: [sleep, "3600"]\n'
  expect(t.type('ssh node-2', ['vi /etc/kubernetes/manifests/hand.yaml', 'cat /etc/kubernetes/manifests/hand.yaml | head -2', 'exit'], () => manifest).text).toContain('apiVersion: v1\nkind: Pod\n')
  t.cluster.run(t.cluster.now + 30e6)
  expect(t.type('kubectl get pod hand-node-2').text).toContain('Running')
})

test('a session goes on from a checkpoint as it would have: what was typed, what runs in it, what it has open', () => {
  const { cluster } = t
  const command = cluster.input({ type: 'kubectl', line: 'kubectl exec -it box -- sh' }).command as number
  const type = (at: Cluster, text: string): void => void (at.run(at.now + 2e6), at.input({ type: 'edited', command, text }))
  type(cluster, 'n=0; while true; do n=$((n+1)); echo "n $n"; sleep 1; done | grep 3 &')
  type(cluster, 'x=kept')
  cluster.run(cluster.now + 500_000)
  const checkpoint = cluster.checkpoint()
  const end = (at: Cluster): string => {
    type(at, 'sleep 2; echo $x')
    at.run(at.now + 15e6)
    const said: string[] = []
    at.sim.trace.forEach(at.sim.trace.oldest, (r) => {
      if (r.kind === 'output' && (r.detail as CommandOutput).command === command) said.push(`${r.at} ${(r.detail as CommandOutput).text}`)
    })
    return said.join('')
  }
  const went = end(cluster)
  const again = new Cluster(cluster.config, checkpoint).install(kubectl)
  expect(went).toContain('kept')
  expect(end(again)).toBe(went)
  cluster.input({ type: 'interrupt', command, hangup: true })
})
