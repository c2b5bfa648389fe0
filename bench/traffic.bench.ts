import { Cluster as Peer } from '@ngrok/webernetes'
import { Cluster, plainPreset, type TrafficState } from '../src/engine/cluster'
import { kubectl } from '../src/engine/kubectl'
import { Web, webDeployment } from './peer-webernetes-cluster'

export const name = 'requests through a ClusterIP on 50 nodes'

const S = 1_000_000

/**
 * Simulated requests per second of CPU: 50 nodes, 100 pods, one generator on each of ten pods, each request a new connection through the node's rules.
 * `single`: a person's requests one by one, each with all its hops. The peer sends with cluster.fetch in the same run. SKIP_PEER=1 leaves it out.
 */
export async function run(): Promise<Record<string, unknown>> {
  const c = new Cluster({ ...plainPreset(1, 50), addons: true }).install(kubectl).bootUp()
  const kube = (line: string) => {
    c.input({ type: 'kubectl', line })
    c.run(c.now + S)
  }
  kube('kubectl create deployment web --image=nginx:1.27 --replicas=100')
  kube('kubectl expose deployment web --port=80')
  for (let i = 0; i < 10; i++) kube(`kubectl run box-${i} --image=busybox -- sleep infinity`)
  c.run(c.now + 60 * S)
  const ip = (c.object('services', 'default', 'web') as unknown as { spec: { clusterIP: string } }).spec.clusterIP
  const idle = cpu(() => c.run(c.now + 10 * S))
  const rates: Record<string, unknown> = {}
  for (const [label, to, rate] of [['by address, 1,000 a second from each of ten', `http://${ip}`, 1_000], ['by address, 10,000 a second from each of ten', `http://${ip}`, 10_000], ['by name over CoreDNS, 1,000 a second from each of ten', 'http://web', 1_000]] as const) {
    for (let i = 0; i < 10; i++) c.input({ type: 'traffic', do: 'start', generator: { id: `g${i}`, from: { kind: 'pod', namespace: 'default', name: `box-${i}` }, to, pattern: { kind: 'constant', rate } } })
    c.run(c.now + S)
    const sent = () => [...(c.sim.stateOf<TrafficState>('traffic')?.generators.values() ?? [])].reduce((n, g) => n + g.sent, 0)
    const ok = () => [...(c.sim.stateOf<TrafficState>('traffic')?.generators.values() ?? [])].reduce((n, g) => n + (g.counts[0] as number), 0)
    const before = sent()
    const okBefore = ok()
    const seconds = 10
    const used = cpu(() => c.run(c.now + seconds * S))
    const requests = sent() - before
    rates[label] = { requests, ok: ok() - okBefore, cpuSeconds: round(used), requestsPerCpuSecond: Math.round(requests / Math.max(0.001, used - (idle * seconds) / 10)) }
    for (let i = 0; i < 10; i++) c.input({ type: 'traffic', do: 'stop', id: `g${i}` })
    c.run(c.now + 2 * S)
  }
  const singles = 2_000
  const used = cpu(() => {
    for (let i = 0; i < singles; i++) {
      c.input({ type: 'traffic', do: 'send', request: { from: { kind: 'pod', namespace: 'default', name: `box-${i % 10}` }, to: `http://${ip}` } })
      c.run(c.now + 10_000)
    }
  })
  const ours = { ...rates, 'one by one, with all hops': { requests: singles, microsecondsEach: round((used / singles) * 1e6) } }
  if (process.env.SKIP_PEER) return { ours }
  const peer = await peerRequests(20_000)
  const best = Math.max(...Object.values(rates).map((r) => (r as { requestsPerCpuSecond: number }).requestsPerCpuSecond))
  return { ours, webernetes: peer, timesFaster: round(best / peer.requestsPerCpuSecond), target: 200_000 }
}

/** The peer on five nodes with ten pods: its cost does not grow with the nodes, its start does. */
async function peerRequests(count: number): Promise<{ readonly requests: number; readonly cpuSeconds: number; readonly requestsPerCpuSecond: number; readonly microsecondsEach: number }> {
  const cluster = new Peer({ nodes: 5 })
  cluster.registerImage(Web)
  await cluster.init()
  const deployment = webDeployment(10)
  await cluster.apply([
    deployment,
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: deployment.spec.selector.matchLabels, ports: [{ port: 80, targetPort: 8080 }] } },
  ])
  const url = 'http://web.default.svc.cluster.local'
  for (let tries = 0; ; tries++) {
    try {
      if ((await cluster.fetch(url)).status === 200) break
    } catch (error) {
      if (tries > 300) throw error
    }
    await new Promise((done) => setTimeout(done, 100))
  }
  for (let i = 0; i < 500; i++) await cluster.fetch(url)
  const before = process.cpuUsage()
  for (let i = 0; i < count; i++) await cluster.fetch(url)
  const spent = process.cpuUsage(before)
  const seconds = (spent.user + spent.system) / 1e6
  await cluster.close()
  return { requests: count, cpuSeconds: round(seconds), requestsPerCpuSecond: Math.round(count / seconds), microsecondsEach: round((seconds / count) * 1e6) }
}

function cpu(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const used = process.cpuUsage(before)
  return (used.user + used.system) / 1e6
}

const round = (x: number): number => Math.round(x * 1000) / 1000
