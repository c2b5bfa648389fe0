import { kubeletConfigPath } from '../cri'

const pki = '/etc/kubernetes/pki'

/** Contents of a certificate or key: made up, of the shape that its readers look for. */
function pem(kind: string, name: string): string {
  let text = `Kubeloop simulated ${kind} of ${name}. Not a real one.`
  text = text.replace(/[^A-Za-z0-9+/]/g, '+').padEnd(64, 'A').slice(0, 64)
  return `-----BEGIN ${kind}-----\n${text}\n-----END ${kind}-----\n`
}

const pairs = ['ca', 'apiserver', 'apiserver-etcd-client', 'apiserver-kubelet-client', 'front-proxy-ca', 'front-proxy-client', 'etcd/ca', 'etcd/server', 'etcd/peer', 'etcd/healthcheck-client'] as const

/** A kubeconfig of kubeadm's. Upstream: cmd/kubeadm/app/phases/kubeconfig */
function kubeconfig(address: string, user: string): string {
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority: ${pki}/ca.crt
    server: https://${address}:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: ${user}
  name: ${user}@kubernetes
current-context: ${user}@kubernetes
kind: Config
preferences: {}
users:
- name: ${user}
  user:
    client-certificate-data: ${user}
    client-key-data: ${user}
`
}

/** What a kubelet writes for itself once its machine has joined: the same on each. Upstream: pkg/kubelet/certificate/bootstrap */
function bootstrapped(address: string): string {
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority: ${pki}/ca.crt
    server: https://${address}:6443
  name: default-cluster
contexts:
- context:
    cluster: default-cluster
    namespace: default
    user: default-auth
  name: default-context
current-context: default-context
kind: Config
preferences: {}
users:
- name: default-auth
  user:
    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem
    client-key: /var/lib/kubelet/pki/kubelet-client-current.pem
`
}

/** Certificates and kubeconfigs that kubeadm leaves on the machine of the control plane. Upstream: cmd/kubeadm/app/phases/{certs,kubeconfig} */
export function kubeadmFiles(address: string): Record<string, string> {
  const files: Record<string, string> = {}
  for (const name of pairs) {
    files[`${pki}/${name}.crt`] = pem('CERTIFICATE', name)
    files[`${pki}/${name}.key`] = pem('RSA PRIVATE KEY', name)
  }
  files[`${pki}/sa.pub`] = pem('PUBLIC KEY', 'sa')
  files[`${pki}/sa.key`] = pem('RSA PRIVATE KEY', 'sa')
  for (const [file, user] of [['admin', 'kubernetes-admin'], ['super-admin', 'kubernetes-super-admin'], ['controller-manager', 'system:kube-controller-manager'], ['scheduler', 'system:kube-scheduler']] as const) files[`/etc/kubernetes/${file}.conf`] = kubeconfig(address, user)
  return files
}

/** What lies on each machine for its kubelet; `address` is the API server's, `isFirst`: kubeadm made it itself, the others have joined. Upstream: cmd/kubeadm/app/componentconfigs/kubelet.go, phases/kubeconfig */
export function kubeletFiles(address: string, node: string, isFirst = false): Record<string, string> {
  return { '/etc/hostname': `${node}\n`, [kubeletConfigPath]: kubeletConfig, '/etc/kubernetes/kubelet.conf': isFirst ? kubeconfig(address, `system:node:${node}`) : bootstrapped(address), [`${pki}/ca.crt`]: pem('CERTIFICATE', 'ca') }
}

const kubeletConfig = `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    cacheTTL: 0s
    enabled: true
  x509:
    clientCAFile: ${pki}/ca.crt
authorization:
  mode: Webhook
  webhook:
    cacheAuthorizedTTL: 0s
    cacheUnauthorizedTTL: 0s
cgroupDriver: systemd
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///var/run/containerd/containerd.sock
healthzBindAddress: 127.0.0.1
healthzPort: 10248
kind: KubeletConfiguration
rotateCertificates: true
shutdownGracePeriod: 0s
shutdownGracePeriodCriticalPods: 0s
staticPodPath: /etc/kubernetes/manifests
`
