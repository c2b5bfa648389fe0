/** Group-versions in the order of their priorities: group, version, priority of the group, priority of the version. */
const PRIORITIES = `,v1,18000,1
apps,v1,17800,15
events.k8s.io,v1,17750,5
authentication.k8s.io,v1,17700,15
authorization.k8s.io,v1,17600,15
autoscaling,v1,17500,15
autoscaling,v2,17500,30
batch,v1,17400,15
certificates.k8s.io,v1,17300,15
networking.k8s.io,v1,17200,15
policy,v1,17100,15
rbac.authorization.k8s.io,v1,17000,15
storage.k8s.io,v1,16800,15
apiextensions.k8s.io,v1,16700,15
admissionregistration.k8s.io,v1,16700,15
scheduling.k8s.io,v1,16600,15
coordination.k8s.io,v1,16500,15
node.k8s.io,v1,16300,15
discovery.k8s.io,v1,16200,15
flowcontrol.apiserver.k8s.io,v1,16100,21
resource.k8s.io,v1,15200,15`

/** The APIServices of what this server serves itself; nobody is asked whether they are available. Upstream: pkg/controlplane/apiserver/aggregator.go, kube-aggregator pkg/controllers/autoregister */
export function localApiServices(now: string): { readonly metadata: { readonly name: string; readonly labels: object }; readonly spec: object; readonly status: object }[] {
  return PRIORITIES.split('\n').map((row) => {
    const [group, version, groupPriorityMinimum, versionPriority] = row.split(',')
    return {
      metadata: { name: `${version}.${group}`, labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
      spec: { ...(group !== '' && { group }), groupPriorityMinimum: Number(groupPriorityMinimum), version, versionPriority: Number(versionPriority) },
      status: { conditions: [{ lastTransitionTime: now, message: 'Local APIServices are always available', reason: 'Local', status: 'True', type: 'Available' }] },
    }
  })
}
