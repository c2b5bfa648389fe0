/** What the manifests of the control plane are written from. */
interface Facts {
  /** Address of the machine. */
  readonly address: string
  readonly node: string
  /** All members of etcd: name and address of each. */
  readonly members: readonly string[]
}

const version = 'v1.36.2'
const pki = '/etc/kubernetes/pki'

/** Images of the control plane, as `kubeadm config images list` names them; they are on its machine before anything starts. */
export const controlPlaneImages: readonly string[] = [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map((name) => `registry.k8s.io/${name}:${version}`),
  'registry.k8s.io/coredns/coredns:v1.14.2', 'registry.k8s.io/pause:3.10.1', 'registry.k8s.io/etcd:3.6.8-0',
]

type Probe = readonly [kind: 'livenessProbe' | 'readinessProbe' | 'startupProbe', path: string]

interface Component {
  readonly name: string
  readonly image: string
  readonly flags: readonly string[]
  readonly annotation?: readonly [string, string]
  readonly requests: Readonly<Record<string, string>>
  readonly host: string
  readonly port: number
  readonly scheme: 'HTTP' | 'HTTPS'
  readonly probes: readonly Probe[]
  readonly volumes: readonly (readonly [name: string, path: string, type: string, readOnly: boolean])[]
}

/** Probes of all components: liveness 10 s and 8 times, readiness each second and 3 times, startup 10 s and 24 times. Upstream: cmd/kubeadm/app/util/staticpod/utils.go createHTTPProbe */
function probeText({ host, port, scheme }: Component, [kind, path]: Probe): string {
  const [failures, initial, period] = kind === 'livenessProbe' ? [8, 10, 10] : kind === 'readinessProbe' ? [3, 0, 1] : [24, 10, 10]
  void port
  return `    ${kind}:
      failureThreshold: ${failures}
      httpGet:
        host: ${host}
        path: ${path}
        port: probe-port
        scheme: ${scheme}
${initial > 0 ? `      initialDelaySeconds: ${initial}\n` : ''}      periodSeconds: ${period}
      timeoutSeconds: 15
`
}

function manifest(c: Component): string {
  const probe = (kind: Probe[0]) => c.probes.filter(([k]) => k === kind).map((p) => probeText(c, p)).join('')
  return `apiVersion: v1
kind: Pod
metadata:
${c.annotation ? `  annotations:\n    ${c.annotation[0]}: ${c.annotation[1]}\n` : ''}  labels:
    component: ${c.name}
    tier: control-plane
  name: ${c.name}
  namespace: kube-system
spec:
  containers:
  - command:
    - ${c.name}
${c.flags.map((f) => `    - --${f}\n`).join('')}    image: ${c.image}
    imagePullPolicy: IfNotPresent
${probe('livenessProbe')}    name: ${c.name}
    ports:
    - containerPort: ${c.port}
      name: probe-port
      protocol: TCP
${probe('readinessProbe')}    resources:
      requests:
${Object.entries(c.requests).map(([k, v]) => `        ${k}: ${v}\n`).join('')}${probe('startupProbe')}    volumeMounts:
${c.volumes.map(([name, path, , readOnly]) => `    - mountPath: ${path}\n      name: ${name}\n${readOnly ? '      readOnly: true\n' : ''}`).join('')}  hostNetwork: true
  priority: 2000001000
  priorityClassName: system-node-critical
  securityContext:
    seccompProfile:
      type: RuntimeDefault
  volumes:
${c.volumes.map(([name, path, type]) => `  - hostPath:\n      path: ${path}\n      type: ${type}\n    name: ${name}\n`).join('')}status: {}
`
}

const certificates = [
  ['ca-certs', '/etc/ssl/certs', 'DirectoryOrCreate', true], ['etc-ca-certificates', '/etc/ca-certificates', 'DirectoryOrCreate', true], ['k8s-certs', pki, 'DirectoryOrCreate', true],
  ['usr-local-share-ca-certificates', '/usr/local/share/ca-certificates', 'DirectoryOrCreate', true], ['usr-share-ca-certificates', '/usr/share/ca-certificates', 'DirectoryOrCreate', true],
] as const

function apiserver({ address, members }: Facts): Component {
  return {
    name: 'kube-apiserver', image: `registry.k8s.io/kube-apiserver:${version}`, annotation: ['kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint', `${address}:6443`],
    requests: { cpu: '250m' }, host: address, port: 6443, scheme: 'HTTPS', probes: [['livenessProbe', '/livez'], ['readinessProbe', '/readyz'], ['startupProbe', '/livez']], volumes: certificates,
    flags: [
      `advertise-address=${address}`, 'allow-privileged=true', 'authorization-mode=Node,RBAC', `client-ca-file=${pki}/ca.crt`, 'enable-admission-plugins=NodeRestriction', 'enable-bootstrap-token-auth=true',
      `etcd-cafile=${pki}/etcd/ca.crt`, `etcd-certfile=${pki}/apiserver-etcd-client.crt`, `etcd-keyfile=${pki}/apiserver-etcd-client.key`, `etcd-servers=${members.map((_, i) => `https://${i === 0 ? '127.0.0.1' : address}:${2379 + 10 * i}`).join(',')}`,
      `kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`, `kubelet-client-key=${pki}/apiserver-kubelet-client.key`, 'kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
      `proxy-client-cert-file=${pki}/front-proxy-client.crt`, `proxy-client-key-file=${pki}/front-proxy-client.key`, 'requestheader-allowed-names=front-proxy-client', `requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
      'requestheader-extra-headers-prefix=X-Remote-Extra-', 'requestheader-group-headers=X-Remote-Group', 'requestheader-username-headers=X-Remote-User', 'secure-port=6443',
      'service-account-issuer=https://kubernetes.default.svc.cluster.local', `service-account-key-file=${pki}/sa.pub`, `service-account-signing-key-file=${pki}/sa.key`, 'service-cluster-ip-range=10.96.0.0/12',
      `tls-cert-file=${pki}/apiserver.crt`, `tls-private-key-file=${pki}/apiserver.key`,
    ],
  }
}

function controllerManager(): Component {
  const conf = '/etc/kubernetes/controller-manager.conf'
  return {
    name: 'kube-controller-manager', image: `registry.k8s.io/kube-controller-manager:${version}`, requests: { cpu: '200m' }, host: '127.0.0.1', port: 10257, scheme: 'HTTPS', probes: [['livenessProbe', '/healthz'], ['startupProbe', '/healthz']],
    volumes: [...certificates.slice(0, 2), ['flexvolume-dir', '/usr/libexec/kubernetes/kubelet-plugins/volume/exec', 'DirectoryOrCreate', false], certificates[2], ['kubeconfig', conf, 'FileOrCreate', true], ...certificates.slice(3)],
    flags: [
      'allocate-node-cidrs=true', `authentication-kubeconfig=${conf}`, `authorization-kubeconfig=${conf}`, 'bind-address=127.0.0.1', `client-ca-file=${pki}/ca.crt`, 'cluster-cidr=10.244.0.0/16', 'cluster-name=kubernetes',
      `cluster-signing-cert-file=${pki}/ca.crt`, `cluster-signing-key-file=${pki}/ca.key`, 'controllers=*,bootstrapsigner,tokencleaner', `kubeconfig=${conf}`, 'leader-elect=true', `requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
      `root-ca-file=${pki}/ca.crt`, `service-account-private-key-file=${pki}/sa.key`, 'service-cluster-ip-range=10.96.0.0/12', 'use-service-account-credentials=true',
    ],
  }
}

function scheduler(): Component {
  const conf = '/etc/kubernetes/scheduler.conf'
  return {
    name: 'kube-scheduler', image: `registry.k8s.io/kube-scheduler:${version}`, requests: { cpu: '100m' }, host: '127.0.0.1', port: 10259, scheme: 'HTTPS', probes: [['livenessProbe', '/livez'], ['readinessProbe', '/readyz'], ['startupProbe', '/livez']],
    volumes: [['kubeconfig', conf, 'FileOrCreate', true]],
    flags: [`authentication-kubeconfig=${conf}`, `authorization-kubeconfig=${conf}`, 'bind-address=127.0.0.1', `kubeconfig=${conf}`, 'leader-elect=true'],
  }
}

function etcd({ address, node, members }: Facts): Component {
  const dir = '/var/lib/etcd'
  return {
    name: 'etcd', image: 'registry.k8s.io/etcd:3.6.8-0', annotation: ['kubeadm.kubernetes.io/etcd.advertise-client-urls', `https://${address}:2379`],
    requests: { cpu: '100m', memory: '100Mi' }, host: '127.0.0.1', port: 2381, scheme: 'HTTP', probes: [['livenessProbe', '/livez'], ['readinessProbe', '/readyz'], ['startupProbe', '/readyz']],
    volumes: [['etcd-data', dir, 'DirectoryOrCreate', false], ['etcd-certs', `${pki}/etcd`, 'DirectoryOrCreate', false]],
    flags: [
      `advertise-client-urls=https://${address}:2379`, `cert-file=${pki}/etcd/server.crt`, 'client-cert-auth=true', `data-dir=${dir}`, 'feature-gates=InitialCorruptCheck=true', `initial-advertise-peer-urls=https://${address}:2380`,
      `initial-cluster=${members.map((m, i) => `${i === 0 ? node : m}=https://${address}:${2380 + 10 * i}`).join(',')}`, `key-file=${pki}/etcd/server.key`, `listen-client-urls=https://127.0.0.1:2379,https://${address}:2379`, 'listen-metrics-urls=http://127.0.0.1:2381',
      `listen-peer-urls=https://${address}:2380`, `name=${node}`, `peer-cert-file=${pki}/etcd/peer.crt`, 'peer-client-cert-auth=true', `peer-key-file=${pki}/etcd/peer.key`, `peer-trusted-ca-file=${pki}/etcd/ca.crt`, 'snapshot-count=10000',
      `trusted-ca-file=${pki}/etcd/ca.crt`, 'watch-progress-notify-interval=5s',
    ],
  }
}

/** The manifests that kubeadm writes for its control plane, by path. Upstream: cmd/kubeadm/app/phases/{controlplane/manifests.go,etcd/local.go} */
export function controlPlaneManifests(facts: Facts): Record<string, string> {
  const files: Record<string, string> = {}
  for (const c of [etcd(facts), apiserver(facts), controllerManager(), scheduler()]) files[manifestPath(c.name)] = manifest(c)
  return files
}

/** Where the manifest of a component lies. */
export function manifestPath(name: string): string {
  return `/etc/kubernetes/manifests/${name}.yaml`
}
