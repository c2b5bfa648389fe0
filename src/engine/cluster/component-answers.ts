import { klogHead, parseTime } from '../sim'
import type { KubeObject } from '../apimachinery'
import { hostPathKind, type ComponentQuestion, type ContainerdState, type HostPathKind, type LaunchVerdict, type LogLine } from '../cri'
import { etcdHasQuorum, etcdMembers } from '../etcd'
import type { KubeletFailure } from '../kubelet'
import { launch } from './components'
import { kubeletProblem } from './components/kubelet'
import type { ServerState } from '../kube-apiserver'
import type { ClusterReaders } from './readers'

interface HealthAnswer {
  readonly status: number
  readonly body: string
}

const unauthorized = '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n'
const ok: HealthAnswer = { status: 200, body: 'ok' }

/** Answers what a container that is a component of the control plane asks of the whole: its health, or what it has said. Undefined: it is none that runs. */
export function askComponent(cluster: ClusterReaders, question: ComponentQuestion): HealthAnswer | readonly LogLine[] | LaunchVerdict | HostPathKind | KubeletFailure | undefined {
  if (typeof question.ask === 'object' && 'hostPath' in question.ask) {
    const runtime = cluster.sim.stateOf<ContainerdState>(question.process)
    return runtime && hostPathKind(runtime.hostFiles, question.ask.hostPath)
  }
  if (typeof question.ask === 'object' && 'kubelet' in question.ask) {
    const runtime = cluster.sim.stateOf<ContainerdState>(`containerd@${question.ask.kubelet}`)
    return runtime && kubeletProblem(cluster.config, question.ask.kubelet, runtime)
  }
  if (typeof question.ask === 'object' && 'launch' in question.ask) return launch(cluster.config, question.process, question.ask.launch)
  const process = cluster.sim.state.processes.get(question.process)
  if (process === undefined || !process.up) return undefined
  return question.ask === 'log' ? said(cluster, question.process) : health(cluster, question.process, question.ask.health)
}

/**
 * kube-apiserver is not healthy without its store; an etcd member lives alone, but is ready only with the others.
 * Upstream: apiserver/pkg/server/healthz, etcd server/etcdserver/api/etcdhttp/health.go
 */
function health(cluster: ClusterReaders, process: string, path: string): HealthAnswer | undefined {
  if (process === 'kube-apiserver' && /^\/(livez|readyz|healthz)/.test(path)) {
    const state = cluster.apiserverView()
    if (cluster.sim.stateOf<ServerState>('kube-apiserver')?.settings.anonymousAuth === false) return { status: 401, body: unauthorized }
    if (!etcdHasQuorum(cluster.sim.state)) return { status: 500, body: `[-]etcd failed: reason withheld\n${path.slice(1)} check failed\n` }
    return state?.ready || path.startsWith('/livez') ? ok : { status: 500, body: `[-]poststarthook/rbac/bootstrap-roles failed: reason withheld\n${path.slice(1)} check failed\n` }
  }
  if (process.startsWith('etcd-') && path === '/readyz') {
    const role = etcdMembers(cluster.sim.state).find((m) => m.id === process)?.role
    return role === 'leader' || (role === 'follower' && etcdHasQuorum(cluster.sim.state)) ? ok : { status: 503, body: '[-]linearizable_read failed: context deadline exceeded\n' }
  }
  return process === 'kube-scheduler' || process === 'kube-controller-manager' || process.startsWith('etcd-') ? ok : undefined
}

/** Only what its state still tells, at the time it came to be so. */
function said(cluster: ClusterReaders, process: string): readonly LogLine[] {
  const lines: LogLine[] = []
  const say = (micros: number | undefined, text: (head: string) => string) => {
    if (micros !== undefined) lines.push({ at: micros, text: text(klogHead(micros, 1)) })
  }
  if (process === 'kube-scheduler' || process === 'kube-controller-manager') {
    const leading = process === 'kube-scheduler' ? cluster.schedulerView()?.leading : cluster.managerView()?.leading
    const lease = cluster.object('leases', 'kube-system', process) as (KubeObject & { readonly spec?: { readonly acquireTime?: string } }) | undefined
    const since = lease?.spec?.acquireTime ? parseTime(lease.spec.acquireTime) : undefined
    if (leading) say(since, (head) => `${head} leaderelection.go:272] "Successfully acquired lease" lock="kube-system/${process}"`)
    if (process === 'kube-controller-manager') for (const c of cluster.managerView()?.controllers ?? []) if (leading) say(since, (head) => `${head} controllermanager.go:627] "Started controller" controller="${c.name}"`)
  }
  if (process === 'kube-apiserver')
    for (const o of cluster.objects('services') as Iterable<KubeObject & { readonly spec: { readonly clusterIP?: string } }>) {
      const ip = o.spec.clusterIP
      if (ip && ip !== 'None') say(parseTime(o.metadata.creationTimestamp ?? ''), (head) => `${head} alloc.go:328] "allocated clusterIPs" service="${o.metadata.namespace}/${o.metadata.name}" clusterIPs={"IPv4":"${ip}"}`)
    }
  return lines.sort((a, b) => a.at - b.at || (a.text < b.text ? -1 : 1))
}
