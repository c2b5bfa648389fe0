import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../../api'

// Upstream's policy as text, since it is long and regular. A rule is `verbs groups resources[=names]`; verbs by their letters below; groups by
// their short names; `/` in the place of groups: the rest are URLs. `E`: the rule for events.
const VERBS: Readonly<Record<string, string>> = {
  g: 'get', l: 'list', w: 'watch', c: 'create', u: 'update', p: 'patch', d: 'delete', D: 'deletecollection', i: 'impersonate', e: 'escalate', b: 'bind', a: 'approve', s: 'sign', t: 'attest', x: 'proxy', '*': '*',
}
const GROUPS: Readonly<Record<string, string>> = {
  '-': '', ext: 'extensions', rbac: 'rbac.authorization.k8s.io', sto: 'storage.k8s.io', net: 'networking.k8s.io', coord: 'coordination.k8s.io', disc: 'discovery.k8s.io', cert: 'certificates.k8s.io',
  authn: 'authentication.k8s.io', authz: 'authorization.k8s.io', ev: 'events.k8s.io', res: 'resource.k8s.io', met: 'metrics.k8s.io', cmet: 'custom.metrics.k8s.io', emet: 'external.metrics.k8s.io', node: 'node.k8s.io',
}
const DELEGATE = 'c authn tokenreviews;c authz subjectaccessreviews'
const DS = 'daemonsets,deployments,deployments/rollback,deployments/scale'

/** ClusterRoles. Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go ClusterRoles. */
const CLUSTER_ROLES = `
cluster-admin|* * *;* / *
system:aggregate-to-admin|c authz localsubjectaccessreviews;cdDglpuw rbac rolebindings,roles
system:aggregate-to-edit|glw - pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy;i - serviceaccounts;cdDpu - pods,pods/attach,pods/exec,pods/portforward,pods/proxy;c - pods/eviction;cdDpu - configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy;c - serviceaccounts/token;cdDpu apps ${DS},replicasets,replicasets/scale,statefulsets,statefulsets/scale;cdDpu autoscaling horizontalpodautoscalers;cdDpu batch cronjobs,jobs;cdDpu ext ${DS},ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale;cdDpu policy poddisruptionbudgets;cdDpu net ingresses,networkpolicies;cdDglpuw coord leases;cdDpu res resourceclaims,resourceclaimtemplates
system:aggregate-to-view|glw - configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status;glw - bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status;glw - namespaces;glw disc endpointslices;glw ev events;glw apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status;glw autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status;glw batch cronjobs,cronjobs/status,jobs,jobs/status;glw ext daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale;glw policy poddisruptionbudgets,poddisruptionbudgets/status;glw net ingresses,ingresses/status,networkpolicies;glw res resourceclaims,resourceclaims/status,resourceclaimtemplates
system:auth-delegator|${DELEGATE}
system:basic-user|c authz selfsubjectaccessreviews,selfsubjectrulesreviews;c authn selfsubjectreviews
system:certificates.k8s.io:certificatesigningrequests:nodeclient|c cert certificatesigningrequests/nodeclient
system:certificates.k8s.io:certificatesigningrequests:selfnodeclient|c cert certificatesigningrequests/selfnodeclient
system:certificates.k8s.io:kube-apiserver-client-approver|a cert signers=kubernetes.io/kube-apiserver-client
system:certificates.k8s.io:kube-apiserver-client-kubelet-approver|a cert signers=kubernetes.io/kube-apiserver-client-kubelet
system:certificates.k8s.io:kubelet-serving-approver|a cert signers=kubernetes.io/kubelet-serving
system:certificates.k8s.io:legacy-unknown-approver|a cert signers=kubernetes.io/legacy-unknown
system:discovery|g / /.well-known,/.well-known/*,/api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/
system:heapster|glw - events,namespaces,nodes,pods;glw ext deployments
system:kube-aggregator|glw - endpoints,services
system:kube-controller-manager|E;c coord leases;gu coord leases=kube-controller-manager;c - secrets,serviceaccounts;d - secrets;g - configmaps,namespaces,secrets,serviceaccounts;u - secrets,serviceaccounts;${DELEGATE};lw * *;c - serviceaccounts/token
system:kube-dns|lw - endpoints,services
system:kube-scheduler|E;clw coord leases;gu coord leases=kube-scheduler;cdglpuw coord leasecandidates;glw - nodes;dglw - pods;c - bindings,pods/binding;pu - pods/status;glw - replicationcontrollers,services;glw apps,ext replicasets;glw apps statefulsets;glw policy poddisruptionbudgets;glw - persistentvolumeclaims,persistentvolumes;${DELEGATE};glw sto csinodes;glw - namespaces;glw sto csidrivers;glw sto csistoragecapacities;glw sto volumeattachments;glw res deviceclasses,resourceclaims,resourceslices;pu res resourceclaims/status
system:kubelet-api-admin|glw - nodes;x - nodes;* - nodes/log,nodes/metrics,nodes/proxy,nodes/stats
system:monitoring|g / /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*
system:node|c authn tokenreviews;c authz localsubjectaccessreviews,subjectaccessreviews;glw - services;cglw - nodes;pu - nodes/status;pu - nodes;cpu -,ev events;glw - pods;cd - pods;pu - pods/status;c - pods/eviction;glw - configmaps,secrets;g - persistentvolumeclaims,persistentvolumes;g - endpoints;cglw cert certificatesigningrequests;cdgpu coord leases;g sto volumeattachments;c - serviceaccounts/token;gpu - persistentvolumeclaims/status;glw sto csidrivers;cdgpu sto csinodes;glw node runtimeclasses;g res resourceclaims;Dlw res resourceslices
system:node-bootstrapper|cglw cert certificatesigningrequests
system:node-problem-detector|g - nodes;p - nodes/status;E
system:node-proxier|lw - endpoints,services;glw - nodes;E;lw disc endpointslices;lw net servicecidrs
system:persistent-volume-provisioner|cdglw - persistentvolumes;gluw - persistentvolumeclaims;glw sto storageclasses;w - events;cpu - events
system:public-info-viewer|g / /healthz,/livez,/readyz,/version,/version/
system:service-account-issuer-discovery|g / /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/
system:volume-scheduler|glpuw - persistentvolumes;glw sto storageclasses;glpuw - persistentvolumeclaims
system:coredns|lw - endpoints,services,pods,namespaces;lw disc endpointslices
kubeadm:get-nodes|g - nodes`

/** Roles of the controllers' service accounts, without their prefix. Upstream: bootstrappolicy/controller_policy.go. */
const CONTROLLER_ROLES = `
attachdetach-controller|lw - persistentvolumeclaims,persistentvolumes;glw - nodes;pu - nodes/status;lw - pods;E;cdglw sto volumeattachments;glw sto csidrivers;glw sto csinodes
certificate-controller|dglw cert certificatesigningrequests;u cert certificatesigningrequests/approval,certificatesigningrequests/status;a cert signers=kubernetes.io/kube-apiserver-client-kubelet;s cert signers=kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown;c authz subjectaccessreviews;E
clusterrole-aggregation-controller|eglpuw rbac clusterroles
cronjob-controller|gluw batch cronjobs;cdglpuw batch jobs;u batch cronjobs/status;u batch cronjobs/finalizers;dlw - pods;E
daemon-set-controller|glw apps,ext daemonsets;u apps,ext daemonsets/status;u apps,ext daemonsets/finalizers;lw - nodes;cdlpw - pods;c - pods/binding;cdglpuw apps controllerrevisions;E
deployment-controller|gluw apps,ext deployments;u apps,ext deployments/status;u apps,ext deployments/finalizers;cdglpuw apps,ext replicasets;gluw - pods;E
disruption-controller|glw apps,ext deployments;glw apps,ext replicasets;glw - replicationcontrollers;glw policy poddisruptionbudgets;glw apps statefulsets;u policy poddisruptionbudgets/status;pu - pods/status;g * */scale;E
endpoint-controller|glw - pods,services;cdgluw - endpoints;c - endpoints/restricted;E
endpointslice-controller|glw - nodes,pods,services;u - services/finalizers;cdgluw disc endpointslices;E
endpointslicemirroring-controller|glw - endpoints,services;u - services/finalizers;u - endpoints/finalizers;cdgluw disc endpointslices;E
ephemeral-volume-controller|glw - pods;u - pods/finalizers;cglw - persistentvolumeclaims;E
expand-controller|glpuw - persistentvolumes;pu - persistentvolumeclaims/status;glw - persistentvolumeclaims;E;g - services
generic-garbage-collector|dglpuw * *;E
horizontal-pod-autoscaler|glw autoscaling horizontalpodautoscalers;u autoscaling horizontalpodautoscalers/status;gu * */scale;lw - pods;lw met pods;glw cmet *;glw emet *;E
job-controller|glpuw batch jobs;u batch jobs/status;u batch jobs/finalizers;cdlpw - pods;E
legacy-service-account-token-cleaner|g - configmaps=kube-apiserver-legacy-service-account-token-tracking;dpu - secrets
namespace-controller|dglw - namespaces;u - namespaces/finalize,namespaces/status;Ddgl * *
node-controller|dglpuw - nodes;pu - nodes/status;pu - pods/status;dglw - pods;cg net clustercidrs;cdgluw coord leases;E
persistent-volume-binder|cdgluw - persistentvolumes;u - persistentvolumes/status;gluw - persistentvolumeclaims;u - persistentvolumeclaims/status;cdglw - pods;glw sto storageclasses;cdg - endpoints,services;gl - secrets;g - nodes;E
pod-garbage-collector|dlw - pods;gl - nodes;pu - pods/status;glw res resourceclaims
pv-protection-controller|gluw - persistentvolumes;E
pvc-protection-controller|gluw - persistentvolumeclaims;glw - pods;E
replicaset-controller|gluw apps,ext replicasets;u apps,ext replicasets/status;u apps,ext replicasets/finalizers;cdlpw - pods;E
replication-controller|gluw - replicationcontrollers;u - replicationcontrollers/status;u - replicationcontrollers/finalizers;cdlpw - pods;E
resource-claim-controller|glw - pods;u - pods/finalizers;cdglpuw res resourceclaims,resourceclaims/status;E
resourcequota-controller|lw * *;u - resourcequotas/status;E
root-ca-cert-publisher|cu - configmaps;E
route-controller|lw - nodes;p - nodes/status;E
selinux-warning-controller|glw - persistentvolumeclaims,persistentvolumes,pods;glw sto csidrivers;E
service-account-controller|c - serviceaccounts;E
service-cidrs-controller|glpuw net servicecidrs;glw net ipaddresses;E
service-controller|glw - services;pu - services/status;lw - nodes;E
statefulset-controller|lw - pods;glw apps statefulsets;u apps statefulsets/status;u apps statefulsets/finalizers;cdgpu - pods;cdglpuw apps controllerrevisions;cg - persistentvolumeclaims;pud - persistentvolumeclaims;E
ttl-after-finished-controller|dglw batch jobs;E
ttl-controller|lpuw - nodes;E
validatingadmissionpolicy-status-controller|glw * *;E
volumeattributesclass-protection-controller|lw - persistentvolumeclaims,persistentvolumes;gluw sto volumeattributesclasses;E`

/** Bindings that are not of a controller: `role>subjects`; subjects are `u:`, `g:` or `s:namespace:name`. */
const CLUSTER_BINDINGS = `
cluster-admin>g:system:masters
system:basic-user>g:system:authenticated
system:discovery>g:system:authenticated
system:kube-controller-manager>u:system:kube-controller-manager
system:kube-dns>s:kube-system:kube-dns
system:kube-scheduler>u:system:kube-scheduler
system:monitoring>g:system:monitoring
system:node>
system:node-proxier>u:system:kube-proxy
system:public-info-viewer>g:system:authenticated,g:system:unauthenticated
system:service-account-issuer-discovery>g:system:serviceaccounts
system:volume-scheduler>u:system:kube-scheduler
cluster-admin>g:kubeadm:cluster-admins>kubeadm:cluster-admins
kubeadm:get-nodes>g:system:bootstrappers:kubeadm:default-node-token>kubeadm:get-nodes
system:node-bootstrapper>g:system:bootstrappers:kubeadm:default-node-token>kubeadm:kubelet-bootstrap
system:node-proxier>s:kube-system:kube-proxy>kubeadm:node-proxier
system:coredns>s:kube-system:coredns>system:coredns`

/** Namespaced roles and who has them: `namespace/name|rules>subjects`. Upstream: bootstrappolicy/namespace_policy.go. */
const ROLES = `
kube-public/system:controller:bootstrap-signer|glw - configmaps;u - configmaps=cluster-info;E>s:kube-system:bootstrap-signer
kube-system/extension-apiserver-authentication-reader|glw - configmaps=extension-apiserver-authentication>
kube-system/system::leader-locking-kube-controller-manager|w - configmaps;gu - configmaps=kube-controller-manager>s:kube-system:kube-controller-manager,u:system:kube-controller-manager
kube-system/system::leader-locking-kube-scheduler|w - configmaps;gu - configmaps=kube-scheduler>s:kube-system:kube-scheduler,u:system:kube-scheduler
kube-system/system:controller:bootstrap-signer|glw - secrets>s:kube-system:bootstrap-signer
kube-system/system:controller:cloud-provider|cglw - configmaps>s:kube-system:cloud-provider
kube-system/system:controller:token-cleaner|dglw - secrets;E>s:kube-system:token-cleaner`

const lines = (text: string): string[] => text.slice(1).split('\n')

function rulesOf(text: string): PolicyRule[] {
  return text.split(';').map((rule) => {
    const [verbs, groups, rest] = (rule === 'E' ? 'cpu -,ev events' : rule).split(' ') as [string, string, string]
    const list = [...verbs].map((v) => VERBS[v]!)
    if (groups === '/') return { nonResourceURLs: rest.split(','), verbs: list }
    const [resources, names] = rest.split('=')
    return { apiGroups: groups.split(',').map((g) => GROUPS[g] ?? g), ...(names === undefined ? {} : { resourceNames: names.split(',') }), resources: resources!.split(','), verbs: list }
  })
}

function subjectsOf(text: string): Subject[] {
  if (text === '') return []
  return text.split(',').map((s): Subject => {
    const rest = s.slice(2)
    if (s[0] === 's') return { kind: 'ServiceAccount', name: rest.slice(rest.indexOf(':') + 1), namespace: rest.slice(0, rest.indexOf(':')) }
    return { apiGroup: GROUPS.rbac!, kind: s[0] === 'u' ? 'User' : 'Group', name: rest }
  })
}

const LABEL = 'kubernetes.io/bootstrapping'
const AGGREGATE = 'rbac.authorization.k8s.io/aggregate-to-'
const upstream = (name: string, namespace?: string, more: Record<string, string> = {}): ClusterRole['metadata'] => ({
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }, labels: { [LABEL]: 'rbac-defaults', ...more }, name, ...(namespace === undefined ? {} : { namespace }),
})
const own = (name: string): ClusterRole['metadata'] => ({ name })
const isKubeadms = (name: string): boolean => name.startsWith('kubeadm:') || name === 'system:coredns'
const ref = (kind: string, name: string): RoleBinding['roleRef'] => ({ apiGroup: GROUPS.rbac!, kind, name })

/** Roles that gather the rules of others by label. They begin with what their controller would gather. */
function aggregated(roles: readonly ClusterRole[]): ClusterRole[] {
  const rules = (name: string): PolicyRule[] => roles.find((r) => r.metadata.name === name)!.rules as PolicyRule[]
  const make = (name: string, labels: Record<string, string>, all: PolicyRule[]): ClusterRole => ({
    metadata: upstream(name, undefined, labels), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [AGGREGATE + name]: 'true' } }] }, rules: all,
  })
  const view = make('view', { [`${AGGREGATE}edit`]: 'true' }, rules('system:aggregate-to-view'))
  const edit = make('edit', { [`${AGGREGATE}admin`]: 'true' }, [...rules('system:aggregate-to-edit'), ...(view.rules as PolicyRule[])])
  return [make('admin', {}, [...(edit.rules as PolicyRule[]), ...rules('system:aggregate-to-admin')]), edit, view]
}

/** The RBAC objects that a cluster of kubeadm begins with, by resource; in the form in which they are stored. */
export function bootstrapPolicy(): (readonly [resource: string, object: ClusterRole | ClusterRoleBinding | Role | RoleBinding])[] {
  const roles = lines(CLUSTER_ROLES).map((line): ClusterRole => {
    const [name, rules] = line.split('|') as [string, string]
    const aggregate = /^system:aggregate-to-(\w+)$/.exec(name)
    return { metadata: isKubeadms(name) ? own(name) : upstream(name, undefined, aggregate ? { [AGGREGATE + aggregate[1]!]: 'true' } : {}), rules: rulesOf(rules) }
  })
  roles.push(...aggregated(roles))
  const bindings: ClusterRoleBinding[] = lines(CLUSTER_BINDINGS).map((line) => {
    const [role, subjects, name = role] = line.split('>') as [string, string, string?]
    return { metadata: isKubeadms(name) ? own(name) : upstream(name), roleRef: ref('ClusterRole', role), ...(subjects === '' ? {} : { subjects: subjectsOf(subjects) }) }
  })
  for (const line of lines(CONTROLLER_ROLES)) {
    const [name, rules] = line.split('|') as [string, string]
    const full = `system:controller:${name}`
    roles.push({ metadata: upstream(full), rules: rulesOf(rules) })
    bindings.push({ metadata: upstream(full), roleRef: ref('ClusterRole', full), subjects: subjectsOf(`s:kube-system:${name}`) })
  }
  const out: (readonly [string, ClusterRole | ClusterRoleBinding | Role | RoleBinding])[] = []
  for (const r of roles) out.push(['clusterroles', r])
  for (const b of bindings) out.push(['clusterrolebindings', b])
  for (const line of lines(ROLES)) {
    const [, namespace, name, rules, subjects] = /^([^/]+)\/([^|]+)\|([^>]+)>(.*)$/.exec(line) as unknown as [string, string, string, string, string]
    out.push(['roles', { metadata: upstream(name, namespace), rules: rulesOf(rules) }])
    if (subjects !== '') out.push(['rolebindings', { metadata: upstream(name, namespace), roleRef: ref('Role', name), subjects: subjectsOf(subjects) }])
  }
  return out
}
