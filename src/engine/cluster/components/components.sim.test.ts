import { describe, expect, test } from 'vitest'
import type { Node, Pod } from '../../api'
import type { KubeObject } from '../../apimachinery'
import { Terminal } from '../terminal.testing'
import { manifestPath } from '../manifests'
import type { ContainerdState } from '../../cri'

type Shown = Pod & KubeObject
const node = 'control-plane'
const status = (t: Terminal, name: string) => t.object<Shown>('pods', 'kube-system', `${name}-${node}`)?.status?.containerStatuses?.[0]
const files = (t: Terminal) => (t.cluster.sim.stateOf<ContainerdState>(`containerd@${node}`) as ContainerdState).hostFiles.files as Map<string, string>
const manifest = (t: Terminal, name: string): string => files(t).get(manifestPath(name)) as string

/** Edits a manifest on its machine. */
function edit(t: Terminal, name: string, from: string | RegExp, to: string): string {
  const before = manifest(t, name)
  const after = before.replace(from, to)
  expect(after).not.toBe(before)
  t.fault({ kind: 'host-file', node, path: manifestPath(name), text: after })
  return before
}
const put = (t: Terminal, name: string, text: string) => t.fault({ kind: 'host-file', node, path: manifestPath(name), text })
const logs = (t: Terminal, name: string) => t.type(`kubectl logs -n kube-system ${name}-${node}`)

/** What a container of the machine has said, as `crictl logs` shows it: there may be no API server to ask. */
function said(t: Terminal, name: string): string {
  const runtime = t.cluster.sim.stateOf<ContainerdState>(`containerd@${node}`) as ContainerdState
  const containers = [...runtime.pods.values()].filter((p) => p.name === `${name}-${node}`).flatMap((p) => p.containers)
  return containers.filter((c) => c.log.length > 0).at(-1)?.log.map((l) => l.text).join('\n') ?? ''
}

describe('kube-scheduler', () => {
  const cases: readonly (readonly [string, string | RegExp, string, RegExp])[] = [
    ['an unknown flag', '--leader-elect=true', '--leader-elect-please=true', /Usage:\n {2}kube-scheduler \[flags\]\n[\s\S]*Error: unknown flag: --leader-elect-please\n$/],
    ['a value that is none', '--leader-elect=true', '--leader-elect=maybe', /Error: invalid argument "maybe" for "--leader-elect" flag: strconv\.ParseBool: parsing "maybe": invalid syntax\n$/],
    ['a kubeconfig that is not there', '--kubeconfig=/etc/kubernetes/scheduler.conf', '--kubeconfig=/etc/kubernetes/schedule.conf', /^E\d{4} [\d:.]+ {7}1 run\.go:72\] "command failed" err="stat \/etc\/kubernetes\/schedule\.conf: no such file or directory"\n$/],
    ['a volume that is mounted elsewhere', 'mountPath: /etc/kubernetes/scheduler.conf', 'mountPath: /etc/kubernetes/other.conf', /"command failed" err="stat \/etc\/kubernetes\/scheduler\.conf: no such file or directory"/],
  ]
  for (const [what, from, to, says] of cases)
    test(`with ${what} ends at once, says why, and comes back when its manifest is mended`, () => {
      const t = new Terminal()
      const good = edit(t, 'kube-scheduler', from, to)
      t.run(25)
      expect(t.type(`kubectl get pod -n kube-system kube-scheduler-${node} --no-headers`)).toMatch(/0\/1 +(CrashLoopBackOff|Error)/)
      expect(status(t, 'kube-scheduler')?.lastState?.terminated ?? status(t, 'kube-scheduler')?.state?.terminated).toMatchObject({ exitCode: 1, reason: 'Error' })
      expect(logs(t, 'kube-scheduler')).toMatch(says)
      t.type('kubectl run web --image=nginx')
      t.run(5)
      expect(t.object<Shown>('pods', 'default', 'web')?.spec.nodeName).toBeUndefined()
      put(t, 'kube-scheduler', good).run(45)
      expect(status(t, 'kube-scheduler')).toMatchObject({ ready: true, restartCount: 0 })
      expect(t.object<Shown>('pods', 'default', 'web')?.spec.nodeName).toBeDefined()
    })

  test('by a wrong name of the program cannot be started', () => {
    const t = new Terminal()
    edit(t, 'kube-scheduler', '- kube-scheduler\n', '- kube-schedulerrrr\n')
    t.run(20)
    const message = 'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "kube-schedulerrrr": executable file not found in $PATH: unknown'
    expect(status(t, 'kube-scheduler')?.lastState?.terminated ?? status(t, 'kube-scheduler')?.state?.terminated).toMatchObject({ exitCode: 128, reason: 'StartError', message })
    expect(t.events(`kube-scheduler-${node}`).join('\n')).toContain(`Failed: Error: ${message}`)
  })

  test('of a version that nobody has published is not pulled', () => {
    const t = new Terminal()
    edit(t, 'kube-scheduler', 'kube-scheduler:v1.36.2', 'kube-scheduler:v1.36.99')
    t.run(20)
    expect(status(t, 'kube-scheduler')?.state?.waiting?.reason).toMatch(/^(ErrImagePull|ImagePullBackOff)$/)
    expect(t.events(`kube-scheduler-${node}`).join('\n')).toContain('registry.k8s.io/kube-scheduler:v1.36.99: not found')
  })

  test('that is sent to a wrong port of the API server goes on asking for its lease', () => {
    const t = new Terminal()
    const path = '/etc/kubernetes/scheduler.conf'
    const good = files(t).get(path) as string
    t.fault({ kind: 'host-file', node, path, text: good.replace(':6443', ':6553') })
    const manifestText = manifest(t, 'kube-scheduler')
    put(t, 'kube-scheduler', manifestText.replace('    tier:', '    again: "1"\n    tier:')).run(30)
    expect(status(t, 'kube-scheduler')).toMatchObject({ state: { running: {} } })
    expect(logs(t, 'kube-scheduler')).toMatch(/E\d{4} [\d:.]+ {7}1 leaderelection\.go:\d+\] "Error retrieving lease lock" err="Get \\"https:\/\/10\.0\.0\.10:6553\/apis\/coordination\.k8s\.io\/v1\/namespaces\/kube-system\/leases\/kube-scheduler\?timeout=5s\\": dial tcp 10\.0\.0\.10:6553: connect: connection refused" lock="kube-system\/kube-scheduler"\n/)
    expect(t.cluster.componentTruth('kube-scheduler').state).not.toBe('up')
    t.fault({ kind: 'host-file', node, path, text: good })
    put(t, 'kube-scheduler', manifestText).run(45)
    expect(t.cluster.componentTruth('kube-scheduler').state).toBe('up')
  })

  test('at another port than its probes ask is restarted', () => {
    const t = new Terminal()
    edit(t, 'kube-scheduler', '- --leader-elect=true', '- --leader-elect=true\n    - --secure-port=10359')
    t.run(60)
    expect(status(t, 'kube-scheduler')).toMatchObject({ ready: false })
    expect(t.events(`kube-scheduler-${node}`).join('\n')).toMatch(/Startup probe failed: Get "https:\/\/127\.0\.0\.1:10259\/livez": dial tcp 127\.0\.0\.1:10259: connect: connection refused/)
    t.run(260)
    expect(status(t, 'kube-scheduler')?.restartCount).toBeGreaterThanOrEqual(1)
  })
})

describe('kube-controller-manager', () => {
  test('goes by the grace period of nodes', () => {
    const t = new Terminal()
    edit(t, 'kube-controller-manager', '- --leader-elect=true', '- --leader-elect=true\n    - --node-monitor-grace-period=16s\n    - --node-monitor-period=2s')
    t.run(60)
    expect(status(t, 'kube-controller-manager')).toMatchObject({ ready: true })
    t.fault({ kind: 'node-down', node: 'node-1' })
    const ready = () => t.object<Node & KubeObject>('nodes', '', 'node-1')?.status?.conditions?.find((c) => c.type === 'Ready')?.status
    // Its lease was renewed at most some 10 s before.
    t.run(4)
    expect(ready()).toBe('True')
    t.run(28)
    expect(ready()).toBe('Unknown')
  })

  test('leaves out the controllers that it is told to', () => {
    const t = new Terminal()
    edit(t, 'kube-controller-manager', '--controllers=*,', '--controllers=*,-deployment-controller,')
    t.run(60)
    t.type('kubectl create deployment web --image=nginx')
    t.run(10)
    expect(t.type('kubectl get rs')).toBe('No resources found in default namespace.\n')
  })

  test('does not know every name of a controller', () => {
    const t = new Terminal()
    edit(t, 'kube-controller-manager', '--controllers=*,', '--controllers=*,-deployments,')
    t.run(20)
    expect(logs(t, 'kube-controller-manager')).toMatch(/"command failed" err="\\"deployments\\" is not in the list of known controllers"\n$/)
  })

  test('needs the key of service accounts', () => {
    const t = new Terminal()
    edit(t, 'kube-controller-manager', '--service-account-private-key-file=/etc/kubernetes/pki/sa.key', '--service-account-private-key-file=/etc/kubernetes/pki/sa.keys')
    t.run(20)
    expect(logs(t, 'kube-controller-manager')).toContain('open /etc/kubernetes/pki/sa.keys: no such file or directory')
  })
})

describe('kube-apiserver', () => {
  const refused = 'The connection to the server 10.0.0.10:6443 was refused - did you specify the right host or port?'
  const cases: readonly (readonly [string, string | RegExp, string, RegExp, number])[] = [
    ['an unknown flag', '- --allow-privileged=true', '- --allow-privileged=true\n    - --audit-logs-path=/x', /^Error: unknown flag: --audit-logs-path$/, 1],
    ['a wrong address of etcd', /--etcd-servers=\S+/, '--etcd-servers=https://127.0.0.1:2399999', /Addr: "127\.0\.0\.1:2399999"[\s\S]*F\d{4} [\d:.]+ {7}1 instance\.go:\d+\] Error creating leases: error creating storage factory: context deadline exceeded$/, 255],
    ['a certificate that is not there', '--client-ca-file=/etc/kubernetes/pki/ca.crt', '--client-ca-file=/etc/kubernetes/pki/ca-wrong.crt', /"command failed" err="unable to load client CA provider: open \/etc\/kubernetes\/pki\/ca-wrong\.crt: no such file or directory"$/, 1],
    ['a directory of the machine that does not hold them', 'path: /etc/kubernetes/pki\n', 'path: /etc/kubernetes/pki-old\n', /"command failed" err="open \/etc\/kubernetes\/pki\/apiserver\.crt: no such file or directory"$/, 1],
    ['an admission plugin that is none', '--enable-admission-plugins=NodeRestriction', '--enable-admission-plugins=NodeRestriction,PodSecurityPolicy', /"command failed" err="enable-admission-plugins plugin \\"PodSecurityPolicy\\" is unknown"$/, 1],
    ['a mode of authorization that is none', '--authorization-mode=Node,RBAC', '--authorization-mode=Node,RBACC', /"command failed" err="authorization-mode \\"RBACC\\" is not a valid mode"$/, 1],
    ['a network that is none', '--service-cluster-ip-range=10.96.0.0/12', '--service-cluster-ip-range=10.96.0.0', /--service-cluster-ip-range/, 1],
  ]
  for (const [what, from, to, says, code] of cases)
    test(`with ${what} is not there, says why on its machine, and comes back when its manifest is mended`, () => {
      const t = new Terminal()
      t.type('kubectl create configmap kept --from-literal=a=b')
      const good = edit(t, 'kube-apiserver', from, to)
      t.run(45)
      expect(t.type('kubectl get nodes')).toContain(refused)
      expect(said(t, 'kube-apiserver')).toMatch(says)
      const runtime = t.cluster.sim.stateOf<ContainerdState>(`containerd@${node}`) as ContainerdState
      const last = [...runtime.pods.values()].filter((p) => p.name === `kube-apiserver-${node}`).flatMap((p) => p.containers).filter((c) => c.view.state === 'exited').at(-1)
      expect(last?.view.exitCode).toBe(code)
      put(t, 'kube-apiserver', good)
      expect(t.until(() => t.cluster.apiserverView()?.ready === true, 60)).toBe(true)
      t.run(60)
      expect(t.type("kubectl get configmap kept -o jsonpath='{.data.a}'")).toBe('b')
      expect(status(t, 'kube-apiserver')).toMatchObject({ ready: true })
    })

  test('at another port is reached by nobody', () => {
    const t = new Terminal()
    const good = edit(t, 'kube-apiserver', '--secure-port=6443', '--secure-port=6444')
    t.run(40)
    expect(t.type('kubectl get nodes')).toContain(refused)
    expect(said(t, 'kube-apiserver')).toContain('Serving securely on [::]:6444')
    put(t, 'kube-apiserver', good)
    expect(t.until(() => t.cluster.apiserverView()?.ready === true, 60)).toBe(true)
  })

  test('has the admission plugins that its flags name', () => {
    const t = new Terminal()
    edit(t, 'kube-apiserver', '--enable-admission-plugins=NodeRestriction', '--enable-admission-plugins=NodeRestriction,AlwaysPullImages\n    - --disable-admission-plugins=DefaultTolerationSeconds,LimitRanger')
    t.run(60)
    t.type('kubectl run a --image=nginx:1.25')
    const spec = t.object<Shown>('pods', 'default', 'a')?.spec
    expect(spec?.containers[0]?.imagePullPolicy).toBe('Always')
    expect(spec?.tolerations).toBeUndefined()
  })

  test('gives the tolerations and addresses that its flags name', () => {
    const t = new Terminal()
    edit(t, 'kube-apiserver', '- --allow-privileged=true', '- --allow-privileged=true\n    - --default-not-ready-toleration-seconds=20\n    - --default-unreachable-toleration-seconds=40')
    t.run(60)
    edit(t, 'kube-apiserver', '--service-cluster-ip-range=10.96.0.0/12', '--service-cluster-ip-range=10.96.7.0/24')
    t.run(60)
    t.type('kubectl run a --image=nginx:1.25')
    expect(t.object<Shown>('pods', 'default', 'a')?.spec.tolerations?.map((x) => x.tolerationSeconds)).toEqual([20, 40])
    t.type('kubectl create service clusterip s --tcp=80')
    expect(t.type("kubectl get svc s -o jsonpath='{.spec.clusterIP}'")).toMatch(/^10\.96\.7\.\d+$/)
  })

  test('lets everybody do everything when it is told so, and asks no role without RBAC', () => {
    const t = new Terminal()
    const as = 'kubectl auth can-i delete nodes --as=jane'
    expect(t.type(as)).toContain('no')
    edit(t, 'kube-apiserver', '--authorization-mode=Node,RBAC', '--authorization-mode=AlwaysAllow')
    t.run(60)
    expect(t.type(as)).toContain('yes')
    edit(t, 'kube-apiserver', '--authorization-mode=AlwaysAllow', '--authorization-mode=Node')
    t.run(60)
    // kubeadm's administrator has her rights by a binding too.
    expect(t.type('kubectl get pods -A')).toContain('User "kubernetes-admin" cannot list resource "pods" in API group "" at the cluster scope')
  })

  test('that serves nobody without a name is not healthy for its kubelet', () => {
    const t = new Terminal()
    edit(t, 'kube-apiserver', '- --allow-privileged=true', '- --allow-privileged=true\n    - --anonymous-auth=false')
    t.run(60)
    expect(t.events(`kube-apiserver-${node}`).join('\n')).toContain('Startup probe failed: HTTP probe failed with statuscode: 401')
  })
})

describe('etcd', () => {
  const cases: readonly (readonly [string, string | RegExp, string, RegExp])[] = [
    ['a certificate that is not there', '--trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt', '--trusted-ca-file=/etc/kubernetes/pki/etcd/ca-wrong.crt', /"level":"fatal".*"msg":"discovery failed","error":"open \/etc\/kubernetes\/pki\/etcd\/ca-wrong\.crt: no such file or directory"/],
    ['an unknown flag', '- --client-cert-auth=true', '- --client-cert-auth=true\n    - --no-such-flag', /flag provided but not defined: -no-such-flag\nUsage:/],
    ['another directory of data', 'path: /var/lib/etcd\n', 'path: /var/lib/etcd-from-backup\n', /has already been bootstrapped/],
    ['a name that its cluster does not know', '- --name=control-plane', '- --name=controlplane', /couldn't find local name \\"controlplane\\" in the initial cluster configuration/],
  ]
  for (const [what, from, to, says] of cases)
    test(`with ${what} ends, while its peers go on, and comes back when its manifest is mended`, () => {
      const t = new Terminal()
      const good = edit(t, 'etcd', from, to)
      t.run(45)
      expect(said(t, 'etcd')).toMatch(says)
      expect(t.cluster.componentTruth('etcd-0').state).not.toBe('up')
      expect(t.type('kubectl get nodes')).toContain('Ready')
      put(t, 'etcd', good).run(60)
      expect(t.cluster.componentTruth('etcd-0').state).toBe('up')
      expect(status(t, 'etcd')).toMatchObject({ ready: true })
    })
})
