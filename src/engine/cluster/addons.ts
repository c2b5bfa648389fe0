import { SECOND } from '../sim'
import { resourcePath } from '../api'
import type { ClusterConfig } from './config'
import { gatewayApiDefinitions } from './gateway-api'

/** An object to create, with where. */
export interface AddonObject {
  readonly path: string
  readonly object: unknown
  /** Not before this time. Units: µs since the machines were switched on. */
  readonly at?: number
}

/** What kubeadm installs after the control plane: the context's namespace, and with `addons` kube-proxy and CoreDNS. Upstream: cmd/kubeadm/app/phases/addons/{proxy,dns}/manifests.go */
export function addonObjects(config: ClusterConfig): readonly AddonObject[] {
  const out: AddonObject[] = []
  const add = (resource: string, namespace: string | undefined, object: unknown) => out.push({ path: resourcePath(resource, namespace), object })
  // A recording begins with its namespace, in a cluster that was there before.
  const at = config.explicitNamespace ? config.bootSeconds * SECOND : 0
  if (config.namespace !== 'default') out.push({ path: resourcePath('namespaces'), object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: config.namespace } }, at })
  const role = (name: string, rules: readonly (readonly [string, string, string])[]) => {
    add('serviceaccounts', 'kube-system', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'kube-system' } })
    add('clusterroles', undefined, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules: rules.map(([group, resources, verbs]) => ({ apiGroups: [group], resources: resources.split(','), verbs: verbs.split(',') })) })
    add('clusterrolebindings', undefined, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }, subjects: [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }] })
  }
  if (config.cloud) role('cloud-controller-manager', [['', 'events', 'create,patch,update'], ['', 'nodes', 'get,list,watch'], ['', 'services', 'get,list,watch,patch,update'], ['', 'services/status', 'patch,update'], ['coordination.k8s.io', 'leases', 'get,create,update']])
  if (config.networkPolicy) role('calico-node', [['', 'pods,namespaces,nodes', 'get,list,watch'], ['networking.k8s.io', 'networkpolicies', 'get,list,watch']])
  if (config.gatewayApi) for (const definition of gatewayApiDefinitions()) add('customresourcedefinitions', undefined, definition)
  if (!config.addons) return out
  const ns = 'kube-system'
  add('serviceaccounts', ns, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'kube-proxy', namespace: ns } })
  add('serviceaccounts', ns, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'coredns', namespace: ns } })
  add('daemonsets', ns, {
    apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'kube-proxy', namespace: ns, labels: { 'k8s-app': 'kube-proxy' } },
    spec: {
      selector: { matchLabels: { 'k8s-app': 'kube-proxy' } }, updateStrategy: { type: 'RollingUpdate' },
      template: {
        metadata: { labels: { 'k8s-app': 'kube-proxy' } },
        spec: {
          priorityClassName: 'system-node-critical', serviceAccountName: 'kube-proxy', hostNetwork: true,
          tolerations: [{ operator: 'Exists' }], nodeSelector: { 'kubernetes.io/os': 'linux' },
          containers: [{ name: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.36.2', command: ['/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf', '--hostname-override=$(NODE_NAME)', ...(config.proxyMode ? [`--proxy-mode=${config.proxyMode}`] : [])], env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }], securityContext: { privileged: true } }],
        },
      },
    },
  })
  add('services', ns, {
    apiVersion: 'v1', kind: 'Service', metadata: { name: 'kube-dns', namespace: ns, labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' } },
    spec: { clusterIP: '10.96.0.10', selector: { 'k8s-app': 'kube-dns' }, ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 }, { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 }, { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 }] },
  })
  add('configmaps', ns, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'coredns', namespace: ns }, data: { Corefile: corefile } })
  add('deployments', ns, {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'coredns', namespace: ns, labels: { 'k8s-app': 'kube-dns' } },
    spec: {
      replicas: 2, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } }, selector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      template: {
        metadata: { labels: { 'k8s-app': 'kube-dns' } },
        spec: {
          priorityClassName: 'system-cluster-critical', serviceAccountName: 'coredns', nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }, { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
          affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: { labelSelector: { matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }] }, topologyKey: 'kubernetes.io/hostname' } }] } },
          dnsPolicy: 'Default', volumes: [{ name: 'config-volume', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } }],
          containers: [{
            name: 'coredns', image: 'registry.k8s.io/coredns/coredns:v1.14.2', args: ['-conf', '/etc/coredns/Corefile'],
            resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } }, volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
            ports: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }, { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' }, { name: 'metrics', containerPort: 9153, protocol: 'TCP' }],
            livenessProbe: { httpGet: { path: '/health', port: 8080, scheme: 'HTTP' }, initialDelaySeconds: 60, timeoutSeconds: 5, successThreshold: 1, failureThreshold: 5 },
            readinessProbe: { httpGet: { path: '/ready', port: 8181, scheme: 'HTTP' } },
          }],
        },
      },
    },
  })
  addStorage(add, ns)
  addMetrics(add, ns)
  return out
}

/** What CoreDNS is told; the model does as it says, whatever is written there. Upstream: cmd/kubeadm/app/phases/addons/dns/manifests.go CoreDNSConfigMap */
const corefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`

/** Upstream: kubernetes-sigs/metrics-server components.yaml */
function addMetrics(add: (resource: string, namespace: string | undefined, object: unknown) => void, ns: string): void {
  const name = 'metrics-server'
  const labels = { 'k8s-app': name }
  const rbac = 'rbac.authorization.k8s.io'
  const subjects = [{ kind: 'ServiceAccount', name, namespace: ns }]
  add('serviceaccounts', ns, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: ns, labels } })
  add('clusterroles', undefined, {
    apiVersion: `${rbac}/v1`, kind: 'ClusterRole',
    metadata: { name: 'system:aggregated-metrics-reader', labels: { ...labels, [`${rbac}/aggregate-to-admin`]: 'true', [`${rbac}/aggregate-to-edit`]: 'true', [`${rbac}/aggregate-to-view`]: 'true' } },
    rules: [{ apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] }],
  })
  add('clusterroles', undefined, {
    apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'system:metrics-server', labels },
    rules: [{ apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] }, { apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] }],
  })
  add('clusterrolebindings', undefined, { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: 'metrics-server:system:auth-delegator', labels }, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'system:auth-delegator' }, subjects })
  add('clusterrolebindings', undefined, { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: 'system:metrics-server', labels }, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'system:metrics-server' }, subjects })
  add('services', ns, { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: ns, labels }, spec: { ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 'https', appProtocol: 'https' }], selector: labels } })
  add('deployments', ns, {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: ns, labels },
    spec: {
      selector: { matchLabels: labels }, strategy: { rollingUpdate: { maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: {
          priorityClassName: 'system-cluster-critical', serviceAccountName: name, nodeSelector: { 'kubernetes.io/os': 'linux' },
          containers: [{
            name, image: 'registry.k8s.io/metrics-server/metrics-server:v0.8.0', imagePullPolicy: 'IfNotPresent',
            args: ['--cert-dir=/tmp', '--secure-port=10250', '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname', '--kubelet-use-node-status-port', '--metric-resolution=15s'],
            ports: [{ name: 'https', containerPort: 10250, protocol: 'TCP' }], resources: { requests: { cpu: '100m', memory: '200Mi' } },
            livenessProbe: { failureThreshold: 3, httpGet: { path: '/livez', port: 'https', scheme: 'HTTPS' }, periodSeconds: 10 },
            readinessProbe: { failureThreshold: 3, httpGet: { path: '/readyz', port: 'https', scheme: 'HTTPS' }, initialDelaySeconds: 20, periodSeconds: 10 },
          }],
        },
      },
    },
  })
  add('apiservices', undefined, {
    apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1beta1.metrics.k8s.io', labels },
    spec: { group: 'metrics.k8s.io', groupPriorityMinimum: 100, insecureSkipTLSVerify: true, service: { name, namespace: ns }, version: 'v1beta1', versionPriority: 100 },
  })
}

/** Dynamic provisioning as k3s installs it, with kind's class name: the default StorageClass and its provisioner. Upstream: rancher/local-path-provisioner deploy/local-path-storage.yaml */
function addStorage(add: (resource: string, namespace: string | undefined, object: unknown) => void, ns: string): void {
  const name = 'local-path-provisioner'
  const account = `${name}-service-account`
  add('serviceaccounts', ns, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace: ns } })
  add('clusterrolebindings', undefined, {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'local-path-provisioner-bind' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:persistent-volume-provisioner' }, subjects: [{ kind: 'ServiceAccount', name: account, namespace: ns }],
  })
  // The rights of an external-resizer beside it. Upstream: external-resizer deploy/kubernetes/rbac.yaml
  add('clusterroles', undefined, {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'local-path-resizer-role' },
    rules: [{ apiGroups: [''], resources: ['persistentvolumes'], verbs: ['patch'] }, { apiGroups: [''], resources: ['persistentvolumeclaims/status'], verbs: ['patch'] }],
  })
  add('clusterrolebindings', undefined, {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'local-path-resizer-bind' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'local-path-resizer-role' }, subjects: [{ kind: 'ServiceAccount', name: account, namespace: ns }],
  })
  add('storageclasses', undefined, {
    apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'rancher.io/local-path', reclaimPolicy: 'Delete', volumeBindingMode: 'WaitForFirstConsumer',
  })
  add('deployments', ns, {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: ns },
    spec: {
      replicas: 1, selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          priorityClassName: 'system-node-critical', serviceAccountName: account, nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }, { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
          containers: [{ name, image: 'rancher/local-path-provisioner:v0.0.34', imagePullPolicy: 'IfNotPresent', command: ['local-path-provisioner', 'start', '--config', '/etc/config/config.json'] }],
        },
      },
    },
  })
}
