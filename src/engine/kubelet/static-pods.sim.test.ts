import { describe, expect, test } from 'vitest'
import type { Node, Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { parse, stringify } from 'yaml'
import { Terminal } from '../cluster/terminal.testing'

type Shown = Pod & KubeObject
const pod = (t: Terminal, name: string): Shown => t.object<Shown>('pods', 'kube-system', `${name}-control-plane`) as Shown
const container = (t: Terminal, name: string) => (pod(t, name).status?.containerStatuses?.[0] ?? {}) as NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]
const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

const manifest = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {role: myrole}}
spec:
  containers:
  - name: web
    image: nginx:1.25
    ports: [{containerPort: 80}]
`

describe('the control plane', () => {
  test('runs in static pods that the API shows', () => {
    const t = new Terminal()
    for (const name of components) {
      const p = pod(t, name)
      expect(p.metadata).toMatchObject({
        labels: { component: name, tier: 'control-plane' },
        annotations: { 'kubernetes.io/config.source': 'file' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'control-plane', controller: true, uid: t.object<Node & KubeObject>('nodes', '', 'control-plane')?.metadata.uid }],
      })
      const { annotations } = p.metadata
      expect(annotations?.['kubernetes.io/config.hash']).toMatch(/^[0-9a-f]{32}$/)
      expect(annotations?.['kubernetes.io/config.mirror']).toBe(annotations?.['kubernetes.io/config.hash'])
      expect(annotations?.['kubernetes.io/config.seen']).toMatch(/^20\d\d-/)
      expect(p.spec).toMatchObject({ priority: 2000001000, priorityClassName: 'system-node-critical', hostNetwork: true, nodeName: 'control-plane' })
      expect(p.status).toMatchObject({ phase: 'Running', podIP: '10.0.0.10', qosClass: 'Burstable' })
      expect(container(t, name)).toMatchObject({ ready: true, started: true, restartCount: 0 })
    }
  })

  test('shows a mirror again that was deleted, while the container goes on', () => {
    const t = new Terminal()
    const before = pod(t, 'kube-scheduler')
    expect(t.type('kubectl delete pod -n kube-system kube-scheduler-control-plane')).toBe('pod "kube-scheduler-control-plane" deleted from kube-system namespace\n')
    t.run(5)
    const after = pod(t, 'kube-scheduler')
    expect(after.metadata.uid).not.toBe(before.metadata.uid)
    expect(after.status).toMatchObject({ phase: 'Running' })
    expect(after.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 0, ready: true, containerID: before.status?.containerStatuses?.[0]?.containerID })
  })

  test('is started again by the kubelet when a process crashes: at once, then after a back-off', () => {
    const t = new Terminal()
    const first = container(t, 'kube-scheduler').containerID
    t.fault({ kind: 'component-crash', component: 'kube-scheduler' }).run(0.1)
    expect(t.cluster.componentTruth('kube-scheduler').state).toBe('crashed')
    t.run(4)
    expect(t.cluster.componentTruth('kube-scheduler').state).toBe('up')
    expect(container(t, 'kube-scheduler')).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 2, reason: 'Error', containerID: first } } })
    t.fault({ kind: 'component-crash', component: 'kube-scheduler' }).run(3)
    expect(t.events('kube-scheduler-control-plane').join()).toContain('BackOff: Back-off restarting failed container kube-scheduler in pod kube-scheduler-control-plane_kube-system(')
    expect(t.cluster.componentTruth('kube-scheduler').restart).not.toBeNull()
    t.run(30)
    expect(container(t, 'kube-scheduler')).toMatchObject({ restartCount: 2, ready: true })
  })

  test('runs on without its API server, whose pod is shown late', () => {
    const t = new Terminal()
    t.fault({ kind: 'component-down', component: 'kube-apiserver' }).run(40)
    expect(t.cluster.componentTruth('kube-apiserver').state).toBe('down')
    // Nobody could tell the API.
    expect(container(t, 'kube-apiserver')).toMatchObject({ ready: true })
    t.fault({ kind: 'component-up', component: 'kube-apiserver' })
    expect(t.until(() => t.cluster.apiserverView()?.ready === true, 20)).toBe(true)
    t.run(60)
    for (const name of components) expect(container(t, name), name).toMatchObject({ ready: true })
    expect(t.type('kubectl create deployment web --image=nginx')).toBe('deployment.apps/web created\n')
    expect(t.until(() => (t.object<KubeObject & { status?: { readyReplicas?: number } }>('deployments', 'default', 'web')?.status?.readyReplicas ?? 0) === 1, 40)).toBe(true)
  })

  test('exits when it has lost its lease, and so restarts with its API server', () => {
    const t = new Terminal()
    t.fault({ kind: 'component-down', component: 'kube-apiserver' }).run(40).fault({ kind: 'component-up', component: 'kube-apiserver' }).run(60)
    for (const name of ['kube-scheduler', 'kube-controller-manager']) {
      expect(container(t, name).restartCount, name).toBeGreaterThanOrEqual(1)
      expect(container(t, name).lastState?.terminated).toMatchObject({ exitCode: 1 })
    }
  })

  test('restarts kube-apiserver when it is not healthy for want of etcd', () => {
    const t = new Terminal()
    t.fault({ kind: 'component-down', component: 'etcd-1' }).fault({ kind: 'component-down', component: 'etcd-2' }).run(100)
    t.fault({ kind: 'component-up', component: 'etcd-1' }).fault({ kind: 'component-up', component: 'etcd-2' }).run(60)
    expect(container(t, 'kube-apiserver').restartCount).toBe(1)
    expect(container(t, 'kube-apiserver')).toMatchObject({ ready: true, lastState: { terminated: { exitCode: 0, reason: 'Completed' } } })
  })

  test('comes back with its machine', () => {
    const t = new Terminal()
    t.type('kubectl create configmap kept --from-literal=a=b')
    t.fault({ kind: 'node-down', node: 'control-plane' }).run(30).fault({ kind: 'node-up', node: 'control-plane' })
    expect(t.until(() => t.cluster.apiserverView()?.ready === true, 60)).toBe(true)
    t.run(60)
    expect(t.type("kubectl get configmap kept -o jsonpath='{.data.a}'")).toBe('b')
    for (const name of components) expect(container(t, name), name).toMatchObject({ ready: true, restartCount: 1 })
  })

  test('is left alone by a drain, and has logs', () => {
    const t = new Terminal()
    expect(t.type('kubectl drain control-plane --ignore-daemonsets')).toContain('node/control-plane drained\n')
    expect(container(t, 'etcd')).toMatchObject({ ready: true, restartCount: 0 })
    const log = t.type('kubectl logs -n kube-system kube-scheduler-control-plane')
    expect(log).toMatch(/^I\d{4} [\d:.]+ {7}1 serving\.go:386\] Generated self-signed cert in-memory\n/)
    expect(log).toContain('"Successfully acquired lease" lock="kube-system/kube-scheduler"')
    t.type('kubectl create service clusterip x --tcp=80')
    expect(t.type('kubectl logs -n kube-system kube-apiserver-control-plane')).toMatch(/"allocated clusterIPs" service="default\/x" clusterIPs=\{"IPv4":"10\.(9[6-9]|10\d|11[01])\.\d+\.\d+"\}/)
    expect(t.type('kubectl describe pod -n kube-system kube-scheduler-control-plane')).toContain('Controlled By:  Node/control-plane')
  })
})

describe('a manifest on a node', () => {
  const path = '/etc/kubernetes/manifests/web.yaml'
  test('is a pod, another one when it changes, none when it is gone or no pod', () => {
    const t = new Terminal()
    t.fault({ kind: 'host-file', node: 'node-1', path, text: manifest }).run(20)
    const web = () => t.object<Shown>('pods', 'default', 'web-node-1')
    expect(web()?.status).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true }] })
    expect(web()?.spec.nodeName).toBe('node-1')
    const first = web()?.metadata
    t.fault({ kind: 'host-file', node: 'node-1', path, text: manifest.replace('nginx:1.25', 'httpd:2.4') }).run(60)
    expect(web()?.metadata.uid).not.toBe(first?.uid)
    expect(web()?.spec.containers[0]?.image).toBe('httpd:2.4')
    expect(web()?.status).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true }] })
    t.fault({ kind: 'host-file', node: 'node-1', path, text: 'kind: ConfigMap' }).run(40)
    expect(web()).toBeUndefined()
    t.fault({ kind: 'host-file', node: 'node-1', path, text: manifest }).run(20)
    expect(web()).toBeDefined()
    t.fault({ kind: 'host-file', node: 'node-1', path, text: null }).run(40)
    expect(web()).toBeUndefined()
  })

  test('can be written by a pod that has the directory mounted', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', `apiVersion: v1
kind: Pod
metadata: {name: shell}
spec:
  nodeName: node-2
  volumes: [{name: root, hostPath: {path: /}}]
  containers: [{name: c, image: busybox:1.36, command: [sleep, infinity], volumeMounts: [{name: root, mountPath: /host}]}]
`)
    t.run(10)
    t.type("kubectl exec -i shell -- sh -c 'cat > /host/etc/kubernetes/manifests/web.yaml'", manifest)
    t.run(20)
    expect(t.object<Shown>('pods', 'default', 'web-node-2')?.status?.phase).toBe('Running')
    t.type('kubectl exec shell -- rm /host/etc/kubernetes/manifests/web.yaml')
    t.run(40)
    expect(t.object('pods', 'default', 'web-node-2')).toBeUndefined()
  })

  test('of a component is moved away and back, and mended, on the machine itself', () => {
    const t = new Terminal()
    t.type('kubectl debug node/control-plane --image=busybox -- sleep 100000')
    t.run(10)
    const box = t.type('kubectl get pods -o name').trim()
    const on = (script: string) => t.type(`kubectl exec ${box} -- chroot /host sh -c '${script}'`)
    expect(on('cd /etc/kubernetes/manifests; ls')).toBe('etcd.yaml\nkube-apiserver.yaml\nkube-controller-manager.yaml\nkube-scheduler.yaml\n')
    on('mv /etc/kubernetes/manifests/kube-scheduler.yaml /tmp')
    t.run(10)
    expect(pod(t, 'kube-scheduler')).toBeUndefined()
    expect(t.cluster.componentTruth('kube-scheduler').state).toBe('down')
    on('[ -f /tmp/kube-scheduler.yaml ] && mv /tmp/kube-scheduler.yaml /etc/kubernetes/manifests/')
    t.run(30)
    expect(container(t, 'kube-scheduler')).toMatchObject({ ready: true })
    on('sed -i s/scheduler:v1.36.2/scheduler:does-not-exist/ /etc/kubernetes/manifests/kube-scheduler.yaml')
    t.run(30)
    expect(t.type('kubectl get pod -n kube-system kube-scheduler-control-plane')).toMatch(/0\/1 +(ErrImagePull|ImagePullBackOff)/)
    expect(t.type('kubectl describe pod -n kube-system kube-scheduler-control-plane')).toContain('Failed to pull image "registry.k8s.io/kube-scheduler:does-not-exist"')
    on('sed -i s/scheduler:does-not-exist/scheduler:v1.36.2/ /etc/kubernetes/manifests/kube-scheduler.yaml')
    t.run(40)
    expect(container(t, 'kube-scheduler')).toMatchObject({ ready: true, restartCount: 0 })
  })

  test('is read while the kubelet was away', () => {
    const t = new Terminal()
    t.fault({ kind: 'host-file', node: 'node-1', path, text: manifest }).run(20)
    t.fault({ kind: 'kubelet-stop', node: 'node-1' }).fault({ kind: 'host-file', node: 'node-1', path, text: null }).run(5)
    t.fault({ kind: 'host-file', node: 'node-1', path: path.replace('web', 'other'), text: manifest.replaceAll('web', 'other') }).run(5)
    t.fault({ kind: 'kubelet-start', node: 'node-1' }).run(40)
    expect(t.object('pods', 'default', 'web-node-1')).toBeUndefined()
    expect(t.object<Shown>('pods', 'default', 'other-node-1')?.status?.phase).toBe('Running')
    expect(t.type('kubectl get pods -A -o wide')).not.toContain('web-node-1')
  })
})

describe('a manifest that is no pod', () => {
  const wrong: readonly (readonly [string, string, string])[] = [
    ['is no YAML', 'apiVersion: v1\nkind: Pod\nmetadata: {name: x\n', "web.yaml: couldn't parse as pod(yaml: line "],
    ['has no kind', 'apiVersion: v1\nmetadata: {name: x}\n', "couldn't parse as pod(Object 'Kind' is missing in '{"],
    ['has a wrong version', manifest.replace('apiVersion: v1', 'apiVersion: v2'), 'couldn\'t parse as pod(no kind \\"Pod\\" is registered for version \\"v2\\" in scheme \\"pkg/api/legacyscheme/scheme.go:30\\")'],
    ['has no image', manifest.replace('    image: nginx:1.25\n', ''), 'err="invalid pod: spec.containers[0].image: Required value"'],
  ]
  for (const [what, text, says] of wrong)
    test(`since it ${what} is told of in the kubelet's log, and nowhere else`, () => {
      const t = new Terminal()
      const path = '/etc/kubernetes/manifests/web.yaml'
      t.fault({ kind: 'host-file', node: 'node-1', path, text }).run(10)
      expect(t.object('pods', 'default', 'web-node-1')).toBeUndefined()
      const log = t.type('ssh node-1 journalctl -u kubelet')
      expect(log).toContain('"Could not process manifest file" err="')
      expect(log).toContain(says)
      t.fault({ kind: 'host-file', node: 'node-1', path, text: manifest }).run(20)
      expect(t.object<Shown>('pods', 'default', 'web-node-1')?.status?.phase).toBe('Running')
      expect(t.type('ssh node-1 journalctl -u kubelet')).not.toContain('Could not process')
    })
})

describe('no manifest of a machine', () => {
  const rich = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default, labels: {a: b}, annotations: {c: d}}
spec:
  hostNetwork: true
  restartPolicy: Always
  terminationGracePeriodSeconds: 1
  priority: 5
  nodeSelector: {kubernetes.io/os: linux}
  securityContext: {runAsUser: 5, fsGroup: 7, supplementalGroups: [4]}
  imagePullSecrets: [{name: s}]
  tolerations: [{key: k, operator: Exists, effect: NoSchedule}]
  initContainers: [{name: i, image: busybox, command: [sh, -c, "true"], restartPolicy: Always}]
  containers:
  - name: web
    image: nginx:1.25
    command: [nginx]
    args: [a]
    workingDir: /
    env: [{name: A, value: b}, {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: C, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]
    envFrom: [{configMapRef: {name: x, optional: true}}]
    ports: [{containerPort: 80, hostPort: 80, protocol: TCP, name: p}]
    resources: {limits: {cpu: "1", memory: 1Gi}, requests: {cpu: 100m}}
    livenessProbe: {httpGet: {path: /, port: 80, scheme: HTTP, host: 127.0.0.1}, periodSeconds: 1, failureThreshold: 3}
    readinessProbe: {exec: {command: ["true"]}}
    startupProbe: {tcpSocket: {port: p}}
    lifecycle: {postStart: {exec: {command: ["true"]}}, preStop: {sleep: {seconds: 1}}}
    securityContext: {runAsNonRoot: false, readOnlyRootFilesystem: true}
    volumeMounts: [{name: h, mountPath: /h, readOnly: true, subPath: s}, {name: e, mountPath: /e}]
  volumes: [{name: h, hostPath: {path: /etc, type: Directory}}, {name: e, emptyDir: {medium: Memory, sizeLimit: 1Mi}}, {name: d, downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}}]
`
  test('makes the kubelet fail, whatever is taken out of it or put into it', () => {
    const t = new Terminal()
    const path = '/etc/kubernetes/manifests/web.yaml'
    const places: (readonly (string | number)[])[] = []
    const walk = (value: unknown, at: readonly (string | number)[]): void => {
      if (at.length > 0) places.push(at)
      if (Array.isArray(value)) value.forEach((v, i) => walk(v, [...at, i]))
      else if (typeof value === 'object' && value !== null) for (const [k, v] of Object.entries(value)) walk(v, [...at, k])
    }
    walk(parse(rich), [])
    expect(places.length).toBeGreaterThan(120)
    const mangled = (at: readonly (string | number)[], put: unknown, n: number): string => {
      // Each is another pod at another port, so that none waits for the one before.
      const root = parse(rich.replace('name: web,', `name: web-${n},`).replace('hostPort: 80', `hostPort: ${1000 + n}`)) as Record<string, unknown>
      let here = root as Record<string | number, unknown>
      for (const key of at.slice(0, -1)) here = here[key] as Record<string | number, unknown>
      const last = at.at(-1) as string | number
      if (put === undefined) delete here[last]
      else here[last] = put
      return stringify(root)
    }
    let n = 0
    for (const [i, at] of places.entries()) t.fault({ kind: 'host-file', node: 'node-1', path, text: mangled(at, [undefined, 7, [], {}, 'x', null, [{}]][i % 7], n++) }).run(4)
    // Most of them can be run.
    expect(new Set([...t.cluster.objects('events')].map((e) => (e as unknown as { involvedObject: { name: string }; reason: string })).filter((e) => e.reason === 'Started' && e.involvedObject.name.startsWith('web-')).map((e) => e.involvedObject.name)).size).toBeGreaterThan(40)
    t.fault({ kind: 'host-file', node: 'node-1', path, text: manifest }).run(90)
    expect(t.object<Shown>('pods', 'default', 'web-node-1')?.status?.phase).toBe('Running')
  }, 120_000)
})
