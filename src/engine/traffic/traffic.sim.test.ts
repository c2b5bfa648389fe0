import { beforeAll, describe, expect, it } from 'vitest'
import { Cluster, defaultPreset, journeysSince, outcomes, type ClientRef, serviceSeconds, type ClusterConfig, type GeneratorSpec, type Journey, type JourneyTrip, type Outcome, type Service, type TrafficInput, type TrafficState } from '../cluster'
import { kubectl } from '../kubectl'

const outside: ClientRef = { kind: 'outside' }
const box: ClientRef = { kind: 'pod', namespace: 'default', name: 'box' }
const S = 1_000_000

/** A cluster with three web servers, one on each worker, a Service, and a pod to ask from. */
function cluster(more: Partial<ClusterConfig> = {}, lines: readonly string[] = []): Cluster {
  const c = new Cluster({ ...defaultPreset(7), ...more }).install(kubectl).bootUp()
  type(c, 'kubectl create deployment web --image=nginx:1.25 --replicas=3')
  c.run(1 * S)
  type(c, 'kubectl expose deployment web --port=80', 'kubectl run box --image=busybox -- sleep infinity', ...lines)
  c.run(40 * S)
  return c
}

function type(c: Cluster, ...lines: readonly string[]): void {
  lines.forEach((line, i) => {
    if (i > 0) c.run(c.now + 1 * S)
    expect(c.input({ type: 'kubectl', line })).not.toHaveProperty('error')
  })
}

function apply(c: Cluster, yaml: string): void {
  expect(c.input({ type: 'kubectl', line: 'kubectl apply -f -', stdin: yaml })).not.toHaveProperty('error')
}

const traffic = (c: Cluster): TrafficState => c.sim.stateOf<TrafficState>('traffic') as TrafficState
const act = (c: Cluster, input: TrafficInput): void => expect(c.input(input)).toEqual({})

/** Sends one request and waits for its end. */
function ask(c: Cluster, from: ClientRef, to: string, timeoutMs?: number): Journey {
  const ended = c.sim.stateOf<TrafficState>('traffic')?.ended ?? 0
  act(c, { type: 'traffic', do: 'send', request: { from, to, timeoutMs } })
  while ((c.sim.stateOf<TrafficState>('traffic')?.ended ?? 0) === ended) c.run(c.now + 0.1 * S)
  return traffic(c).journeys.at(-1) as Journey
}

/** Loads a target for some time; answers how often each outcome came. */
function load(c: Cluster, from: ClientRef, to: string, rate: number, seconds: number, meanwhile?: () => void, more: object = {}): Partial<Record<Outcome, number>> {
  const id = `g${c.now}`
  act(c, { type: 'traffic', do: 'start', generator: { id, from, to, pattern: { kind: 'constant', rate }, timeoutMs: 1000, ...more } })
  meanwhile?.()
  c.run(c.now + 0.02 * S)
  const g = traffic(c).generators.get(id)
  c.run(c.now + seconds * S)
  act(c, { type: 'traffic', do: 'stop', id })
  const counts = (g?.counts ?? []).slice()
  return Object.fromEntries(outcomes.flatMap((o, i) => ((counts[i] as number) > 0 ? [[o, counts[i]]] : []))) as Partial<Record<Outcome, number>>
}

const service = (c: Cluster, name: string): Service => c.object('services', 'default', name) as Service
const ipOf = (c: Cluster, name: string): string => service(c, name).spec?.clusterIP ?? ''
const webPods = (c: Cluster) => [...c.objects('pods')].filter((p) => p.metadata.labels?.app === 'web') as unknown as { metadata: { name: string }; spec: { nodeName: string }; status: { podIP: string } }[]

describe('one request', () => {
  let c: Cluster
  beforeAll(() => {
    c = cluster({}, ['kubectl expose deployment web --port=80 --type=NodePort --name=door', 'kubectl expose deployment web --port=80 --type=LoadBalancer --name=front', 'kubectl create service externalname away --external-name=web.default.svc.cluster.local', 'kubectl create service clusterip empty --tcp=80:80'])
  })

  it('goes by DNS, the rules of its node, the overlay, to a pod', () => {
    const j = ask(c, box, 'http://web')
    expect(j).toMatchObject({ outcome: 'ok', status: 200, service: 'default/web', client: 'default/box' })
    expect(j.hops.map((h) => h.kind).filter((k) => k !== 'network')).toEqual(['client', 'dns', 'rules', 'server', 'end'])
    const rule = j.hops.find((h) => h.kind === 'rules')?.rule
    expect(rule).toMatchObject({ mode: 'iptables', service: 'default/web', via: 'cluster-ip', of: 3, chance: '1/3', proxyDown: false })
    expect(rule?.revision).toBe(rule?.currentRevision)
    expect(rule?.chains.map((x) => x.slice(0, 9))).toEqual(['KUBE-SERV', 'KUBE-SVC-', 'KUBE-SEP-'])
    expect(rule?.endpoints[rule.picked]).toBe(j.endpoint)
    // The same as trips: the query to CoreDNS first, then the request itself.
    const [request, dns, ...more] = j.trips as [JourneyTrip, JourneyTrip, ...JourneyTrip[]]
    expect(more).toEqual([])
    expect(request).toMatchObject({ kind: 'request', parent: -1, client: 'default/box', from: j.entry, entry: j.entry, service: 'default/web', pod: j.pod, node: j.node, outcome: 'ok', stops: '', end: j.latency })
    expect(dns).toMatchObject({ kind: 'dns', parent: 0, asked: 'web.default.svc.cluster.local', client: 'default/box', service: 'kube-system/kube-dns', pod: expect.stringContaining('kube-system/coredns-'), outcome: 'ok', start: 0 })
    expect(dns.end).toBeGreaterThan(dns.leaves)
    expect(request.start).toBe(dns.end)
    expect(j.hops.map((h) => [h.kind, h.trip])).toEqual(expect.arrayContaining([['dns', 1], ['rules', 0], ['server', 0]]))
    // Queries are counted as flows too.
    expect(traffic(c).flows.find((f) => f.client === 'default/box' && f.service === 'kube-system/kube-dns')?.sent).toBeGreaterThan(0)
  })
  it("is in its server's log", () => {
    const j = ask(c, box, 'http://web/50x.html')
    const before = c.sim.trace.nextId
    type(c, `kubectl logs ${j.pod.split('/')[1] ?? ''} --tail=1`)
    c.run(c.now + 1 * S)
    const texts: string[] = []
    c.sim.trace.forEach(before, (r) => {
      if (r.kind === 'output') texts.push((r.detail as { text: string }).text)
    })
    expect(texts.join()).toMatch(/10\.244\.\d+\.\d+ - - .* "GET \/50x.html HTTP\/1.1" 200 \d+ "-" "kubeloop"/)
  })
  it('tries the search domains in order, and fails for a name that nobody has', () => {
    expect(ask(c, box, 'http://web.default').hops.filter((h) => h.kind === 'dns').map((h) => h.text.split('?')[0])).toEqual(['web.default.default.svc.cluster.local', 'web.default.svc.cluster.local'])
    const j = ask(c, box, 'http://nobody')
    expect(j.outcome).toBe('dns-nxdomain')
    expect(j.hops.filter((h) => h.kind === 'dns')).toHaveLength(4)
  })
  it('comes in by NodePort and load balancer, not by a cluster IP', () => {
    const port = service(c, 'door').spec?.ports?.[0]?.nodePort as number
    expect(ask(c, outside, `http://node-2:${port}`)).toMatchObject({ outcome: 'ok', entry: 'node-2' })
    const ip = service(c, 'front').status?.loadBalancer?.ingress?.[0]?.ip as string
    const j = ask(c, outside, `http://${ip}`)
    expect(j.outcome).toBe('ok')
    expect(j.hops.some((h) => h.kind === 'balancer')).toBe(true)
    expect(ask(c, outside, `http://${ipOf(c, 'web')}`, 500).outcome).toBe('no-route')
  })
  it('follows an ExternalName, and is rejected where a Service has no endpoints', () => {
    expect(ask(c, box, 'http://away')).toMatchObject({ outcome: 'ok', service: 'default/web' })
    const j = ask(c, box, 'http://empty')
    expect(j.outcome).toBe('no-endpoints')
    expect(j.latency).toBeLessThan(10_000)
  })
  it('is refused on a port where nothing listens, and finds no one at a free address', () => {
    const pod = webPods(c)[0]
    expect(ask(c, box, `tcp://${pod?.status.podIP ?? ''}:81`).outcome).toBe('refused')
    expect(ask(c, box, 'http://10.244.2.200')).toMatchObject({ outcome: 'unreachable' })
    // A port that a Service does not have: iptables has no rule, so the packet leaves the cluster.
    expect(ask(c, box, `http://${ipOf(c, 'web')}:81`, 500)).toMatchObject({ outcome: 'dropped', latency: 500_000 })
  })
  it('fails at the name when CoreDNS is gone', () => {
    type(c, 'kubectl -n kube-system scale deployment coredns --replicas=0')
    c.run(c.now + 15 * S)
    expect(ask(c, box, 'http://web').outcome).toBe('dns-failed')
    expect(ask(c, box, `http://${ipOf(c, 'web')}`).outcome).toBe('ok')
  })
})

describe('a dead node', () => {
  it('fails about a third of the requests until it is NotReady, and none after', () => {
    const c = cluster()
    const victim = webPods(c).find((p) => p.spec.nodeName !== (c.object('pods', 'default', 'box') as unknown as { spec: { nodeName: string } }).spec.nodeName)?.spec.nodeName as string
    const during = load(c, box, `http://${ipOf(c, 'web')}`, 100, 20, () => c.input({ type: 'fault', fault: { kind: 'node-down', node: victim } }))
    const total = (during.ok ?? 0) + (during.timeout ?? 0)
    expect((during.timeout ?? 0) / total).toBeGreaterThan(0.26)
    expect((during.timeout ?? 0) / total).toBeLessThan(0.4)
    expect(Object.keys(during).sort()).toEqual(['ok', 'timeout'])
    c.run(c.now + 50 * S)
    expect(c.object('nodes', '', victim)).toMatchObject({ status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'Unknown' })]) } })
    const after = load(c, box, `http://${ipOf(c, 'web')}`, 100, 10)
    expect(Object.keys(after)).toEqual(['ok'])
  })
})

describe('a kube-proxy that hangs', () => {
  it('keeps its rules and misses a new endpoint, on its node only', () => {
    const c = cluster()
    const node = (name: string): ClientRef => ({ kind: 'node', name })
    c.input({ type: 'fault', fault: { kind: 'kube-proxy-stop', node: 'node-1' } })
    type(c, 'kubectl scale deployment web --replicas=5')
    c.run(c.now + 20 * S)
    const rule = (from: ClientRef) => ask(c, from, `http://${ipOf(c, 'web')}`).hops.find((h) => h.kind === 'rules')?.rule
    expect(rule(node('node-2'))).toMatchObject({ of: 5, proxyDown: false })
    const stale = rule(node('node-1'))
    expect(stale).toMatchObject({ of: 3, proxyDown: true })
    expect(stale?.revision).toBeLessThan(stale?.currentRevision as number)
    c.input({ type: 'fault', fault: { kind: 'kube-proxy-start', node: 'node-1' } })
    c.run(c.now + 5 * S)
    expect(rule(node('node-1'))).toMatchObject({ of: 5, proxyDown: false })
  })
  it('sends into the void when an endpoint has gone meanwhile', () => {
    const c = cluster()
    c.input({ type: 'fault', fault: { kind: 'kube-proxy-stop', node: 'node-1' } })
    type(c, 'kubectl scale deployment web --replicas=1')
    c.run(c.now + 20 * S)
    const stale = load(c, { kind: 'node', name: 'node-1' }, `http://${ipOf(c, 'web')}`, 50, 10, undefined, { timeoutMs: 5000 })
    expect((stale.unreachable ?? 0) / ((stale.unreachable ?? 0) + (stale.ok ?? 0))).toBeGreaterThan(0.5)
    expect(Object.keys(load(c, { kind: 'node', name: 'node-2' }, `http://${ipOf(c, 'web')}`, 50, 5))).toEqual(['ok'])
  })
})

describe('a rollout under load', () => {
  const deployment = (lifecycle: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: shop
        image: nginx:1.25
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1}
${lifecycle}---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80}]}
`
  const roll = (lifecycle: string) => {
    const c = cluster()
    apply(c, deployment(lifecycle))
    c.run(c.now + 30 * S)
    return load(c, box, `http://${ipOf(c, 'shop')}`, 300, 60, () => type(c, 'kubectl set image deployment/shop shop=nginx:1.27'))
  }

  it('loses requests without preStop', () => {
    const { ok = 0, ...lost } = roll('')
    expect(ok).toBeGreaterThan(10_000)
    expect(Object.values(lost).reduce((a, b) => a + b, 0)).toBeGreaterThan(10)
  })
  it('loses none with preStop and readiness', () => {
    expect(Object.keys(roll('        lifecycle: {preStop: {sleep: {seconds: 5}}}\n'))).toEqual(['ok'])
  })
})

describe('chance and affinity', () => {
  /** Requests by pod. */
  const byPod = (c: Cluster, client: string): number[] => traffic(c).flows.filter((f) => f.client === client && f.service === 'default/web' && f.sent > 0).map((f) => f.sent)

  it('iptables spreads evenly: chi-square', () => {
    const c = cluster()
    load(c, box, `http://${ipOf(c, 'web')}`, 1000, 9)
    const counts = byPod(c, 'default/box')
    expect(counts).toHaveLength(3)
    const mean = counts.reduce((a, b) => a + b, 0) / 3
    expect(mean).toBeGreaterThan(2_900)
    const chi = counts.reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0)
    // Two degrees of freedom, p = 0.001.
    expect(chi).toBeLessThan(13.8)
    expect(chi).toBeGreaterThan(0)
  })
  it('ipvs takes turns', () => {
    const c = cluster({ proxyMode: 'ipvs' })
    load(c, box, `http://${ipOf(c, 'web')}`, 300, 5)
    const counts = byPod(c, 'default/box')
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    expect(ask(c, box, `http://${ipOf(c, 'web')}:81`).outcome).toBe('refused')
  })
  it('session affinity keeps a client at one endpoint, kept connections too', () => {
    const c = cluster()
    type(c, `kubectl patch service web -p '{"spec":{"sessionAffinity":"ClientIP"}}'`)
    c.run(c.now + 3 * S)
    load(c, box, `http://${ipOf(c, 'web')}`, 100, 3)
    expect(byPod(c, 'default/box')).toHaveLength(1)
    const d = cluster()
    // So seldom that the connection is never busy.
    load(d, box, `http://${ipOf(d, 'web')}`, 20, 3, undefined, { keepAlive: true, connections: 1 })
    expect(byPod(d, 'default/box')).toHaveLength(1)
  })
})

describe('network policies', () => {
  const deny = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny-all}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
`
  it('stop exactly what they should, where the plugin knows them', () => {
    const c = cluster({ networkPolicy: true })
    type(c, 'kubectl create deployment other --image=nginx:1.25', 'kubectl expose deployment other --port=80')
    apply(c, deny)
    c.run(c.now + 20 * S)
    expect(ask(c, box, `http://${ipOf(c, 'web')}`, 500)).toMatchObject({ outcome: 'policy', latency: 500_000 })
    expect(ask(c, box, 'http://other').outcome).toBe('ok')
    apply(c, deny.replace('deny-all', 'let-box').replace('policyTypes: [Ingress]', 'ingress: [{from: [{podSelector: {matchLabels: {run: box}}}], ports: [{port: 80}]}]'))
    c.run(c.now + 3 * S)
    expect(ask(c, box, `http://${ipOf(c, 'web')}`, 500).outcome).toBe('ok')
  })
  it('do nothing with plain Flannel', () => {
    const c = cluster()
    apply(c, deny)
    c.run(c.now + 3 * S)
    expect(ask(c, box, `http://${ipOf(c, 'web')}`).outcome).toBe('ok')
  })
})

describe('load', () => {
  it('makes a limited container slow, and its CPU use is seen', () => {
    const c = cluster()
    type(c, 'kubectl create deployment php --image=registry.k8s.io/hpa-example', 'kubectl set resources deployment php --limits=cpu=200m', 'kubectl expose deployment php --port=80')
    c.run(c.now + 40 * S)
    const calm = load(c, box, `http://${ipOf(c, 'php')}`, 1, 10, undefined, { timeoutMs: 5000 })
    expect(Object.keys(calm)).toEqual(['ok'])
    const busy = load(c, box, `http://${ipOf(c, 'php')}`, 20, 20, undefined, { timeoutMs: 2000 })
    expect(busy.slow ?? 0).toBeGreaterThan(100)
    expect(new Set(journeysSince(traffic(c), 0, 5000).filter((j) => j.outcome === 'slow').map((j) => j.status)), 'who gave up has seen no status').toEqual(new Set([0]))
    const node = journeysSince(traffic(c), 0, 5).at(-1)?.node as string
    expect(c.nodeUsage(node).cpuMillis).toBeGreaterThan(150)
    expect(c.nodeUsage(node).cpuMillis).toBeLessThan(300)
  })
  it('makes the liveness probe of an overloaded container fail, and with it the container', () => {
    const c = cluster()
    apply(c, `apiVersion: v1
kind: Pod
metadata: {name: php, labels: {app: php}}
spec:
  containers:
  - name: php
    image: registry.k8s.io/hpa-example
    ports: [{containerPort: 80}]
    resources: {limits: {cpu: 200m}}
    livenessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
---
apiVersion: v1
kind: Service
metadata: {name: php}
spec: {selector: {app: php}, ports: [{port: 80}]}
`)
    c.run(c.now + 30 * S)
    const restarts = () => (c.object('pods', 'default', 'php') as unknown as { status: { containerStatuses: { restartCount: number }[] } }).status.containerStatuses[0]?.restartCount
    expect(restarts()).toBe(0)
    load(c, box, `http://${ipOf(c, 'php')}`, 20, 60)
    expect(restarts()).toBeGreaterThan(0)
  })
  it('comes in the patterns that were asked for, also from users who wait and think', () => {
    const c = cluster()
    const start = (id: string, pattern: GeneratorSpec['pattern']) => act(c, { type: 'traffic', do: 'start', generator: { id, from: box, to: `http://${ipOf(c, 'web')}`, pattern } })
    start('ramp', { kind: 'ramp', from: 0, to: 100, seconds: 10 })
    start('spike', { kind: 'spike', base: 10, peak: 200, after: 5, seconds: 2 })
    start('closed', { kind: 'closed', users: 10, thinkMs: 100 })
    c.run(c.now + 10 * S)
    const sent = (id: string) => traffic(c).generators.get(id)?.sent ?? 0
    expect(sent('ramp')).toBeGreaterThan(490)
    expect(sent('ramp')).toBeLessThan(510)
    expect(sent('spike')).toBeGreaterThan(475)
    expect(sent('spike')).toBeLessThan(485)
    // Each of ten users: 100 ms of thinking and 2 to 3 ms for the answer.
    expect(sent('closed')).toBeGreaterThan(960)
    expect(sent('closed')).toBeLessThan(1000)
    const seconds = serviceSeconds(traffic(c), 'default/web', c.boot)
    expect(seconds.length).toBeGreaterThanOrEqual(10)
    expect(seconds.at(-2)).toMatchObject({ ok: expect.any(Number), p50: expect.any(Number) })
    expect(seconds.at(-2)?.p50).toBeGreaterThan(500)
    expect(seconds.at(-2)?.p99).toBeLessThan(10_000)
  })
})

describe('applications that call others', () => {
  it('are slower by them, and fail with them', () => {
    const c = cluster()
    type(c, 'kubectl create deployment cart --image=example.com/cart:1 --port=7070', 'kubectl expose deployment cart --port=7070', 'kubectl create deployment redis --image=redis:7', 'kubectl expose deployment redis --port=6379',
      'kubectl set env deployment/cart REDIS_ADDR=redis:6379', 'kubectl create deployment shopfront --image=example.com/front:1 --port=8080', 'kubectl expose deployment shopfront --port=8080', 'kubectl set env deployment/shopfront CART_SERVICE_ADDR=cart:7070')
    c.run(c.now + 60 * S)
    const j = ask(c, box, 'http://shopfront:8080')
    expect(j).toMatchObject({ outcome: 'ok', status: 200 })
    expect(Math.max(...j.hops.map((h) => h.depth))).toBe(2)
    expect(j.hops.filter((h) => h.kind === 'server').map((h) => h.pod?.split('/')[1]?.split('-')[0])).toEqual(['redis', 'cart', 'shopfront'])
    // Calls lie inside the time that their server works on the request, each after the names that it looked up.
    const calls = j.trips.filter((t) => t.kind === 'call')
    expect(calls.map((t) => [t.client.split('-')[0], t.service, j.trips[t.parent]?.service])).toEqual([['default/shopfront', 'default/cart', 'default/shopfront'], ['default/cart', 'default/redis', 'default/cart']])
    for (const t of j.trips) {
      expect([t.start, t.arrives, t.leaves, t.end]).toEqual([t.start, t.arrives, t.leaves, t.end].toSorted((a, b) => a - b))
      const parent = j.trips[t.parent]
      if (parent && t.kind === 'call') expect(t.start >= parent.arrives && t.end <= parent.leaves).toBe(true)
      if (parent && t.kind === 'dns') expect(t.end).toBeLessThanOrEqual(parent.start)
    }
    type(c, 'kubectl scale deployment redis --replicas=0')
    c.run(c.now + 10 * S)
    const failed = ask(c, box, 'http://shopfront:8080')
    expect(failed).toMatchObject({ outcome: 'server-error', status: 500 })
    expect(failed.hops.find((h) => !h.ok)?.text).toContain('default/redis has no endpoints')
    expect(failed.trips.map((t) => [t.kind, t.outcome, t.stops]).filter(([kind]) => kind !== 'dns')).toEqual([['request', 'server-error', 'pod'], ['call', 'server-error', 'pod'], ['call', 'no-endpoints', 'rules']])
  })
})

describe('a request in flight', () => {
  it('is reset when its server is killed in the middle of it, and waits in vain when the machine goes dark', () => {
    const c = cluster()
    type(c, 'kubectl create deployment php --image=registry.k8s.io/hpa-example', 'kubectl set resources deployment php --limits=cpu=50m', 'kubectl expose deployment php --port=80')
    c.run(c.now + 40 * S)
    // 60 ms of CPU each at 50m: the third waits for seconds.
    const many = () => {
      for (let i = 0; i < 4; i++) act(c, { type: 'traffic', do: 'send', request: { from: box, to: `http://${ipOf(c, 'php')}`, timeoutMs: 20_000 } })
      c.run(c.now + 0.5 * S)
    }
    many()
    type(c, 'kubectl delete pod -l app=php --grace-period=0 --force')
    c.run(c.now + 25 * S)
    expect(journeysSince(traffic(c), 0, 100).map((j) => j.outcome)).toContain('reset')
    const cut = journeysSince(traffic(c), 0, 100).find((j) => j.outcome === 'reset') as Journey
    expect(cut.trips[0]).toMatchObject({ outcome: 'reset', stops: 'pod', end: cut.latency })
    many()
    const [pod] = [...c.objects('pods')].filter((p) => p.metadata.labels?.app === 'php') as unknown as { spec: { nodeName: string } }[]
    c.input({ type: 'fault', fault: { kind: 'node-down', node: pod?.spec.nodeName ?? '' } })
    c.run(c.now + 25 * S)
    expect(traffic(c).journeys.at(-1)).toMatchObject({ outcome: 'timeout', latency: 20_000_000 })
  })
})
