import { Checks } from '../engine/checkers'
import { Cluster, defaultPreset, type Deployment, type Fault, type KubeObject, type Node } from '../engine/cluster'
import { kubectl } from '../engine/kubectl'
import { Rng } from '../engine/sim'

const workers = ['node-1', 'node-2', 'node-3']
const components = ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'etcd-0', 'etcd-1', 'etcd-2']

const container = (name: string, image: string, more: object = {}): object => ({ name, image, ...more })
const workload = (apiVersion: string, kind: string, name: string, spec: object, pod: object): object => ({
  apiVersion, kind, metadata: { name }, spec: { ...spec, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: pod } },
})
const job = (name: string, sleep: number, more: object = {}): object => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { ...more, template: { spec: { restartPolicy: 'Never', containers: [container('work', 'busybox:1.36', { command: ['sleep', String(sleep)] })] } } } })

/** What runs in the cluster: of every controller something. */
const objects: readonly object[] = [
  workload('apps/v1', 'StatefulSet', 'db', {
    serviceName: 'db', replicas: 2, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }],
  }, { terminationGracePeriodSeconds: 5, containers: [container('db', 'redis:7', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })] }),
  workload('apps/v1', 'StatefulSet', 'side-by-side', { serviceName: 'db', replicas: 2, podManagementPolicy: 'Parallel' }, { containers: [container('c', 'nginx:1.27')] }),
  workload('apps/v1', 'DaemonSet', 'agent', {}, { containers: [container('c', 'busybox:1.36', { command: ['sleep', 'infinity'] })] }),
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'db' }, spec: { clusterIP: 'None', selector: { app: 'db' }, ports: [{ port: 6379 }] } },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'app-0' }, spec: { selector: { app: 'app-0' }, ports: [{ port: 80 }] } },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'app-0' }, spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'app-0' } } } },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'app-1' }, spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app-1' }, minReplicas: 1, maxReplicas: 4 } },
  { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'tick' }, spec: { schedule: '* * * * *', jobTemplate: { spec: (job('tick', 5) as { spec: object }).spec } } },
  job('many', 15, { completions: 6, parallelism: 2 }),
  job('indexed', 20, { completions: 3, parallelism: 3, completionMode: 'Indexed', backoffLimitPerIndex: 3 }),
]

/** A random disturbance: a fault, or something a person does. */
function disturb(rng: Rng): { readonly fault: Fault } | { readonly line: string } {
  const node = rng.pick(workers)
  const component = rng.pick(components)
  const deployment = `app-${rng.below(3)}`
  const sets = rng.pick(['db', 'side-by-side'])
  switch (rng.below(22)) {
    case 0:
      return { fault: { kind: 'node-down', node } }
    case 1:
      return { fault: { kind: 'node-up', node } }
    case 2:
      return { fault: { kind: 'partition', node } }
    case 3:
      return { fault: { kind: 'heal', node } }
    case 4:
      return { fault: { kind: 'kubelet-stop', node } }
    case 5:
      return { fault: { kind: 'kubelet-start', node } }
    case 6:
      return { fault: { kind: 'component-crash', component } }
    case 7:
      return { fault: { kind: 'component-down', component } }
    case 8:
      return { fault: { kind: 'component-up', component } }
    case 9:
      return { line: `kubectl scale deployment ${deployment} --replicas=${rng.below(7)}` }
    case 10:
      return { line: `kubectl delete pods -l app=${rng.pick([deployment, sets, 'agent'])} --wait=false` }
    case 11:
      return { line: `kubectl ${rng.below(2) ? 'cordon' : 'uncordon'} ${node}` }
    case 12:
      return { line: `kubectl scale statefulset ${sets} --replicas=${rng.below(4)}` }
    case 13:
      return { line: `kubectl rollout restart ${rng.pick([`statefulset/${sets}`, 'daemonset/agent', `deployment/${deployment}`])}` }
    case 14:
      return { line: `kubectl drain ${node} --ignore-daemonsets --force --delete-emptydir-data --timeout=10s` }
    case 15:
      return { line: `kubectl delete job ${rng.pick(['many', 'indexed'])} --cascade=${rng.pick(['background', 'foreground', 'orphan'])} --wait=false` }
    case 16:
      return { line: `kubectl taint node ${node} swarm=x:NoExecute${rng.below(2) ? '-' : ''}` }
    case 17:
      return { line: `kubectl delete pvc -l app=db --wait=false` }
    case 18:
      return { line: `kubectl create job again-${rng.below(9)} --from=cronjob/tick` }
    case 19:
      return { line: `kubectl delete pods --all --force --grace-period=0` }
    case 20:
      return { line: `kubectl rollout undo deployment/${deployment}` }
    default:
      return { line: `kubectl set image deployment/${deployment} nginx=nginx:1.${20 + rng.below(9)}` }
  }
}

/** Disturbs a cluster by a seed, heals it, waits, and tells what is not as it should be and what was done. */
export function swarm(seed: number): { readonly wrong: readonly string[]; readonly log: readonly string[] } {
  const rng = new Rng(seed, 'swarm')
  const cluster = new Cluster(defaultPreset(seed)).install(kubectl).bootUp()
  const checks = new Checks()
  let t = 1
  const pass = (seconds: number): void => {
    for (const end = t + seconds; t < end; t++) {
      cluster.run(t * 1e6)
      checks.see(cluster.sim.state)
    }
  }
  for (let i = 0; i < 3; i++) cluster.input({ type: 'kubectl', line: `kubectl create deployment app-${i} --image=nginx:1.27 --replicas=2` })
  cluster.input({ type: 'kubectl', line: 'kubectl apply -f -', stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) })
  pass(30)
  const log: string[] = []
  for (let i = 0; i < 25; i++) {
    const what = disturb(rng)
    log.push(`${t} ${JSON.stringify(what)}`)
    cluster.input('fault' in what ? { type: 'fault', fault: what.fault } : { type: 'kubectl', line: what.line })
    pass(1 + rng.below(40))
  }
  for (const component of components) cluster.input({ type: 'fault', fault: { kind: 'component-up', component } })
  for (const node of workers) for (const kind of ['heal', 'node-up', 'kubelet-start'] as const) cluster.input({ type: 'fault', fault: { kind, node } })
  pass(60)
  for (const node of workers) {
    cluster.input({ type: 'kubectl', line: `kubectl uncordon ${node}` })
    cluster.input({ type: 'kubectl', line: `kubectl taint node ${node} swarm-` })
  }
  // A kubelet starts no pod whose claim is being deleted, and the claim waits for the pod.
  cluster.input({ type: 'kubectl', line: 'kubectl delete pods -l app=db --wait=false' })
  cluster.input({ type: 'kubectl', line: `kubectl patch cronjob tick -p '{"spec":{"suspend":true}}'` })
  // The longest wait of all: image pull and crash back-offs of five minutes, then some.
  pass(440)
  return { wrong: findWrong(cluster), log }
}

interface Counted {
  readonly metadata: KubeObject['metadata']
  readonly spec: { readonly replicas?: number }
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number; readonly updatedReplicas?: number; readonly observedGeneration?: number; readonly desiredNumberScheduled?: number; readonly numberReady?: number; readonly updatedNumberScheduled?: number; readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

function findWrong(cluster: Cluster): string[] {
  const wrong: string[] = []
  const list = (resource: string): Iterable<Counted> => cluster.objects(resource) as unknown as Iterable<Counted>
  const tell = (o: Counted): unknown => wrong.push(`${o.metadata.name} wants ${o.spec.replicas}: ${JSON.stringify(o.status)}`)
  for (const node of cluster.objects('nodes') as Iterable<Node>)
    if (!node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') || node.spec?.taints?.some((x) => x.key !== 'node-role.kubernetes.io/control-plane')) wrong.push(`${node.metadata.name} ${JSON.stringify(node.spec?.taints)}`)
  for (const d of cluster.objects('deployments') as Iterable<Deployment>)
    if ((d.status?.readyReplicas ?? 0) !== d.spec.replicas || (d.status?.replicas ?? 0) !== d.spec.replicas || d.status?.observedGeneration !== d.metadata.generation) tell(d)
  for (const s of list('statefulsets'))
    if ((s.status?.readyReplicas ?? 0) !== s.spec.replicas || (s.status?.replicas ?? 0) !== s.spec.replicas || (s.status?.updatedReplicas ?? 0) !== s.spec.replicas || s.status?.observedGeneration !== s.metadata.generation) tell(s)
  for (const d of list('daemonsets')) if (d.status?.numberReady !== d.status?.desiredNumberScheduled || (d.status?.updatedNumberScheduled ?? 0) !== d.status?.desiredNumberScheduled || d.status?.observedGeneration !== d.metadata.generation) tell(d)
  for (const j of list('jobs')) if (!j.status?.conditions?.some((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True')) tell(j)
  for (const resource of ['pods', 'persistentvolumeclaims', 'persistentvolumes', 'jobs']) for (const o of cluster.objects(resource)) if (o.metadata.deletionTimestamp) wrong.push(`${resource}/${o.metadata.name} is still Terminating`)
  return wrong
}
