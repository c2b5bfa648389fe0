import { describe, expect, test } from 'vitest'
import type { Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { Terminal } from '../cluster/terminal.testing'

type Shown = Pod & KubeObject
type Status = NonNullable<Pod['status']>
const statusOf = (t: Terminal, name: string): Status => t.object<Shown>('pods', 'default', name)?.status ?? {}
const seen = (t: Terminal, name: string, holds: (s: Status) => boolean, seconds = 60) => t.until(() => holds(statusOf(t, name)), seconds)
const column = (t: Terminal, name: string) => t.type(`kubectl get pod ${name} --no-headers`).split(/\s+/)[2]
const apply = (t: Terminal, yaml: string) => t.type('kubectl apply -f -', yaml)
const box = (name: string, script: string, more = '') => `{name: ${name}, image: "busybox:1.36", command: [sh, -c, '${script}']${more === '' ? '' : `, ${more}`}}`
const pod = (name: string, spec: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {color: red}, annotations: {note: first}}
spec: {${spec}}
`

describe('init containers and sidecars', () => {
  test('an init container that fails is tried again with a back-off, and holds the pod back', () => {
    const t = new Terminal()
    apply(t, pod('p', `initContainers: [${box('one', 'exit 1')}, ${box('two', 'true')}], containers: [${box('c', 'sleep infinity')}]`))
    expect(seen(t, 'p', (s) => (s.initContainerStatuses?.[0]?.restartCount ?? 0) >= 2)).toBe(true)
    expect(statusOf(t, 'p')).toMatchObject({ phase: 'Pending', initContainerStatuses: [{ name: 'one' }, { name: 'two', state: { waiting: { reason: 'PodInitializing' } } }], containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }] })
    expect(t.events('p')).toContainEqual(expect.stringMatching(/^BackOff: Back-off restarting failed container one in pod p_default\(/))
    // Once the wait is longer than a sync's turn, it is shown for what it is.
    expect(t.until(() => column(t, 'p') === 'Init:CrashLoopBackOff', 240)).toBe(true)
    expect(statusOf(t, 'p').conditions?.find((c) => c.type === 'Initialized')).toMatchObject({ status: 'False', reason: 'ContainersNotInitialized', message: 'containers with incomplete status: [one two]' })
  })

  test('with restartPolicy Never its failure is the end of the pod', () => {
    const t = new Terminal()
    apply(t, pod('p', `restartPolicy: Never, initContainers: [${box('one', 'exit 3')}], containers: [${box('c', 'sleep infinity')}]`))
    expect(seen(t, 'p', (s) => s.phase === 'Failed')).toBe(true)
    expect(column(t, 'p')).toBe('Init:Error')
    expect(statusOf(t, 'p').initContainerStatuses?.[0]).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 3 } } })
  })

  test('a sidecar is started before the next one, waits for its startup probe, and is started again whatever its end', () => {
    const t = new Terminal()
    apply(t, pod('p', `initContainers: [${box('side', 'sleep 6; touch /up; sleep 20; exit 0', 'restartPolicy: Always, startupProbe: {exec: {command: [cat, /up]}, periodSeconds: 2, failureThreshold: 30}')}, ${box('after', 'true')}], containers: [${box('c', 'sleep infinity')}]`))
    expect(seen(t, 'p', (s) => s.initContainerStatuses?.[0]?.state?.running !== undefined)).toBe(true)
    t.run(3)
    expect(statusOf(t, 'p').initContainerStatuses?.[1]?.state).toEqual({ waiting: { reason: 'PodInitializing' } })
    expect(seen(t, 'p', (s) => s.containerStatuses?.[0]?.state?.running !== undefined)).toBe(true)
    const [side, after] = statusOf(t, 'p').initContainerStatuses ?? []
    expect(side).toMatchObject({ started: true, ready: true })
    expect(after?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' })
    expect(seen(t, 'p', (s) => s.initContainerStatuses?.[0]?.restartCount === 1 && s.initContainerStatuses[0].started === true)).toBe(true)
    expect(statusOf(t, 'p').containerStatuses?.[0]?.restartCount).toBe(0)
    expect(statusOf(t, 'p').phase).toBe('Running')
  })
})

test('that a container has started is written before it is ready', () => {
  const t = new Terminal()
  apply(t, pod('p', `containers: [${box('c', 'sleep 3; touch /up; sleep infinity', 'startupProbe: {exec: {command: [cat, /up]}, periodSeconds: 1, failureThreshold: 30}')}]`))
  const watched = t.type('kubectl get pod p -w --request-timeout=30s -o jsonpath="{.status.containerStatuses[0].started} {.status.containerStatuses[0].ready};"')
  expect(watched).toMatch(/false false;true false;true true;$/)
})

describe('what a container is told', () => {
  test('of itself by fields and resources, and of changes by files but not by variables', () => {
    const t = new Terminal()
    t.type('kubectl create configmap conf --from-literal=k=old')
    const env = '{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}, {name: COLOR, valueFrom: {fieldRef: {fieldPath: "metadata.labels[\'\'color\'\']"}}}, {name: LIMIT, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}, {name: CPU, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: 1m}}}, {name: K, valueFrom: {configMapKeyRef: {name: conf, key: k}}}'.replaceAll("''", "'")
    apply(t, `apiVersion: v1
kind: Pod
metadata: {name: p, labels: {color: red}}
spec:
  containers:
  - {name: c, image: "busybox:1.36", command: [sh, -c, 'echo $NODE $COLOR $LIMIT $CPU $K; sleep 100; exit 1'], env: [${env}], resources: {limits: {memory: 64Mi}, requests: {cpu: 250m}}, volumeMounts: [{name: info, mountPath: /info}, {name: conf, mountPath: /conf}, {name: conf, mountPath: /one, subPath: k}]}
  volumes:
  - {name: info, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}, {path: cpu, resourceFieldRef: {containerName: c, resource: requests.cpu, divisor: 1m}}]}}
  - {name: conf, configMap: {name: conf}}
`)
    expect(seen(t, 'p', (s) => s.phase === 'Running')).toBe(true)
    t.run(2)
    const node = t.object<Shown>('pods', 'default', 'p')?.spec.nodeName as string
    expect(t.type('kubectl logs p')).toBe(`${node} red 64 250 old\n`)
    const read = () => t.type("kubectl exec p -- sh -c 'grep color /info/labels; cat /info/cpu; echo; cat /conf/k; echo; cat /one; echo; echo $K'").trim().split('\n')
    expect(read()).toEqual(['color="red"', '250', 'old', 'old', 'old'])
    t.type('kubectl label pod p color=blue --overwrite')
    t.type('kubectl patch configmap conf -p {"data":{"k":"new"}}'.replace('{', "'{").replace(/}}$/, "}}'"))
    t.run(90)
    expect(read()).toEqual(['color="blue"', '250', 'new', 'old', 'old'])
    // A container that is started again is told anew.
    expect(seen(t, 'p', (s) => s.containerStatuses?.[0]?.restartCount === 1)).toBe(true)
    t.run(3)
    expect(read()).toEqual(['color="blue"', '250', 'new', 'new', 'new'])
    expect(t.type('kubectl logs p')).toBe(`${node} blue 64 250 new\n`)
  })
})

describe("a container's last words", () => {
  test('are what it wrote to its file, or the end of its log after a failure when that was asked for', () => {
    const t = new Terminal()
    apply(t, pod('p', `restartPolicy: Never, containers: [${box('file', 'echo bye > /dev/termination-log; exit 1')}, ${box('path', 'echo here > /tmp/last', 'terminationMessagePath: /tmp/last')}, ${box('log', 'echo one; echo two; exit 2', 'terminationMessagePolicy: FallbackToLogsOnError')}, ${box('well', 'echo one', 'terminationMessagePolicy: FallbackToLogsOnError')}]`))
    expect(seen(t, 'p', (s) => s.phase === 'Failed')).toBe(true)
    const said = Object.fromEntries((statusOf(t, 'p').containerStatuses ?? []).map((c) => [c.name, c.state?.terminated?.message]))
    expect(said).toEqual({ file: 'bye\n', path: 'here\n', log: 'one\ntwo\n', well: undefined })
  })
})

describe('a pod', () => {
  test('is not ready before its readiness gates are', () => {
    const t = new Terminal()
    apply(t, pod('p', `readinessGates: [{conditionType: example.com/gate}], containers: [{name: c, image: "nginx:1.25"}]`))
    expect(seen(t, 'p', (s) => s.containerStatuses?.[0]?.ready === true)).toBe(true)
    const ready = () => statusOf(t, 'p').conditions?.find((c) => c.type === 'Ready')
    expect(ready()).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady', message: 'corresponding condition of pod readiness gate "example.com/gate" does not exist.' })
    t.type(`kubectl patch pod p --subresource=status -p '{"status":{"conditions":[{"type":"example.com/gate","status":"True"}]}}'`)
    t.run(3)
    expect(ready()?.status).toBe('True')
    expect(statusOf(t, 'p').conditions?.map((c) => c.type)).toContain('example.com/gate')
  })

  test('pulls its image as its policy says', () => {
    const t = new Terminal()
    const image = (name: string, policy: string) => apply(t, pod(name, `nodeName: node-1, containers: [{name: c, image: "httpd:2.4", imagePullPolicy: ${policy}}]`))
    const pulled = (name: string) => t.events(name).filter((e) => /^(Pulling|Pulled|Err)/.test(e)).map((e) => e.replace(/ in [\d.ms]+ .*$/, ''))
    image('never', 'Never')
    expect(seen(t, 'never', (s) => s.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImageNeverPull')).toBe(true)
    expect(statusOf(t, 'never').containerStatuses?.[0]?.state?.waiting?.message).toBe('Container image "httpd:2.4" is not present with pull policy of Never')
    image('first', 'IfNotPresent')
    expect(seen(t, 'first', (s) => s.phase === 'Running')).toBe(true)
    expect(pulled('first')).toEqual(['Pulling: Pulling image "httpd:2.4"', 'Pulled: Successfully pulled image "httpd:2.4"'])
    image('second', 'IfNotPresent')
    image('always', 'Always')
    expect(seen(t, 'always', (s) => s.phase === 'Running')).toBe(true)
    expect(pulled('second')).toEqual(['Pulled: Container image "httpd:2.4" already present on machine and can be accessed by the pod'])
    expect(pulled('always')).toEqual(['Pulling: Pulling image "httpd:2.4"', 'Pulled: Successfully pulled image "httpd:2.4"'])
    // The image has come by another pod: the one that never pulls may start.
    expect(seen(t, 'never', (s) => s.phase === 'Running', 90)).toBe(true)
  })

  test('shares an nfs directory with pods on other nodes, and a directory of its own machine with none of them', () => {
    const t = new Terminal()
    const volumes = 'volumes: [{name: net, nfs: {server: nfs.example, path: /exports}}, {name: h, hostPath: {path: /data}}]'
    const mounts = 'volumeMounts: [{name: net, mountPath: /n}, {name: h, mountPath: /h}]'
    for (const [name, node] of [['a', 'node-1'], ['b', 'node-2'], ['c', 'node-1']] as const) apply(t, pod(name, `nodeName: ${node}, ${volumes}, containers: [${box('c', 'sleep infinity', mounts)}]`))
    for (const name of ['a', 'b', 'c']) expect(seen(t, name, (s) => s.phase === 'Running')).toBe(true)
    t.type("kubectl exec a -- sh -c 'echo net > /n/f; echo host > /h/f'")
    t.run(1)
    expect(t.type("kubectl exec b -- sh -c 'cat /n/f /h/f'")).toContain("net\ncat: can't open '/h/f': No such file or directory\n")
    expect(t.type("kubectl exec c -- sh -c 'cat /n/f /h/f'")).toBe('net\nhost\n')
  })

  test('is not judged by a probe that cannot be run, and is refused by a node that it does not fit', () => {
    const t = new Terminal()
    apply(t, pod('p', `containers: [${box('c', 'sleep infinity', 'livenessProbe: {exec: {command: [nosuch]}, periodSeconds: 2, failureThreshold: 1}, readinessProbe: {tcpSocket: {port: web}, periodSeconds: 2}')}]`))
    t.run(30)
    expect(statusOf(t, 'p').containerStatuses?.[0]).toMatchObject({ restartCount: 0, ready: false })
    const said = t.events('p').filter((e) => e.startsWith('Unhealthy'))
    expect(said).toContain('Unhealthy: Readiness probe errored and resulted in unknown state: strconv.Atoi: parsing "web": invalid syntax')
    expect(said.some((e) => /^Unhealthy: Liveness probe errored and resulted in unknown state: rpc error: .*exec: "nosuch": executable file not found in \$PATH: unknown$/.test(e))).toBe(true)
    apply(t, pod('far', `nodeName: node-1, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: In, values: [ssd]}]}]}}}, containers: [${box('c', 'sleep infinity')}]`))
    expect(seen(t, 'far', (s) => s.phase === 'Failed')).toBe(true)
    expect(statusOf(t, 'far')).toMatchObject({ reason: 'NodeAffinity', message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector" })
  })

  test('is ended by its deadline, and its hook before it stops is waited for', () => {
    const t = new Terminal()
    apply(t, pod('late', `activeDeadlineSeconds: 10, containers: [${box('c', 'sleep infinity')}], terminationGracePeriodSeconds: 3`))
    expect(seen(t, 'late', (s) => s.phase === 'Failed')).toBe(true)
    expect(statusOf(t, 'late')).toMatchObject({ reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' })
    apply(t, pod('hooked', `terminationGracePeriodSeconds: 30, volumes: [{name: h, hostPath: {path: /seen}}], nodeName: node-3, containers: [${box('c', 'trap "exit 0" TERM; sleep infinity & wait', 'volumeMounts: [{name: h, mountPath: /seen}], lifecycle: {preStop: {exec: {command: [sh, -c, "sleep 5; touch /seen/it"]}}}')}]`))
    expect(seen(t, 'hooked', (s) => s.phase === 'Running')).toBe(true)
    const begun = t.cluster.now
    t.type('kubectl delete pod hooked')
    const took = (t.cluster.now - begun) / 1_000_000
    expect(took).toBeGreaterThan(5)
    expect(took).toBeLessThan(9)
    apply(t, pod('look', `nodeName: node-3, restartPolicy: Never, volumes: [{name: h, hostPath: {path: /seen}}], containers: [${box('c', 'ls /seen', 'volumeMounts: [{name: h, mountPath: /seen}]')}]`))
    expect(seen(t, 'look', (s) => s.phase === 'Succeeded')).toBe(true)
    expect(t.type('kubectl logs look')).toBe('it\n')
  })
})
