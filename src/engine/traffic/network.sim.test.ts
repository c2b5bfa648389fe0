import { beforeAll, describe, expect, it } from 'vitest'
import { Bench, node, outside, pod, said } from './traffic.testing'

/** Three web servers, one on each worker, and a pod to ask from. */
function web(more: ConstructorParameters<typeof Bench>[0] = {}): Bench {
  const b = new Bench(more)
  return b.type('kubectl create deployment web --image=nginx:1.25 --replicas=3 --port=80', 'kubectl expose deployment web --port=80', 'kubectl run box --image=busybox -- sleep infinity').run(40)
}

const service = (name: string, spec: string): string => `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: ${spec}
`

describe('the overlay', () => {
  let b: Bench
  beforeAll(() => void (b = web()), 60_000)

  it('gives each node a range, and carries packets over VXLAN only between nodes', () => {
    const home = b.object<{ spec: { nodeName: string } }>('pods', 'box').spec.nodeName
    const ranges = [...b.c.objects('nodes')].map((n) => (n as unknown as { spec: { podCIDR: string } }).spec.podCIDR)
    expect(new Set(ranges).size).toBe(4)
    for (const p of b.pods('web')) {
      const j = b.ask(pod('box'), `http://${p.status.podIP}`)
      expect(j.outcome).toBe('ok')
      const way = said(j, 'network')
      if (p.spec.nodeName === home) expect(way).toEqual([`veth of default/box, bridge cni0, straight to the veth of default/${p.metadata.name}`])
      else expect(way).toEqual([`veth of default/box, bridge cni0, route to ${p.status.podIP.replace(/\d+$/, '0')}/24 by flannel.1: in a VXLAN packet to ${p.spec.nodeName}`, `out of the VXLAN packet, bridge cni0, veth of default/${p.metadata.name}`])
      expect(b.object<{ spec: { podCIDR: string } }>('nodes', p.spec.nodeName, '').spec.podCIDR).toBe(p.status.podIP.replace(/\d+$/, '0/24'))
    }
  })
  it('is slower across nodes than on one', () => {
    const home = b.object<{ spec: { nodeName: string } }>('pods', 'box').spec.nodeName
    const times = (here: boolean) => b.pods('web').filter((p) => (p.spec.nodeName === home) === here).flatMap((p) => Array.from({ length: 20 }, () => b.ask(pod('box'), `http://${p.status.podIP}`).latency))
    const mean = (list: readonly number[]) => list.reduce((x, y) => x + y, 0) / list.length
    expect(mean(times(false))).toBeGreaterThan(mean(times(true)) + 500)
  })
  it('knows no policies, and a journey says so', () => {
    b.apply(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny-all}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`)
    const j = b.ask(pod('box'), 'http://web')
    expect(j.outcome).toBe('ok')
    expect(said(j, 'policy')).toEqual([expect.stringContaining('NetworkPolicy default/deny-all selects default/box for egress, but Flannel enforces no policies'), expect.stringMatching(/default\/deny-all selects default\/web-\S+ for ingress/)])
    b.type('kubectl delete networkpolicy deny-all')
    expect(said(b.ask(pod('box'), 'http://web'), 'policy')).toEqual([])
  })
})

describe('policies where the plugin knows them', () => {
  it('stop a port, a protocol, a namespace, an address range; and nothing else', () => {
    const b = web({ networkPolicy: true })
    b.type('kubectl create namespace other', 'kubectl -n other run box --image=busybox -- sleep infinity', 'kubectl run near --image=busybox --labels=role=friend -- sleep infinity').run(20)
    const policy = (ingress: string) => b.apply(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: ${ingress}
`).run(2)
    const target = `http://${b.pods('web')[0]?.status.podIP ?? ''}`
    const far = { kind: 'pod', namespace: 'other', name: 'box' } as const
    const passes = (...from: Parameters<Bench['ask']>[0][]) => from.map((f) => b.ask(f, target, { timeoutMs: 300 }).outcome)
    expect(passes(pod('box'), far)).toEqual(['ok', 'ok'])
    policy('[{from: [{podSelector: {matchLabels: {role: friend}}}]}]')
    expect(passes(pod('near'), pod('box'), far)).toEqual(['ok', 'policy', 'policy'])
    policy('[{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}]}]')
    expect(passes(pod('near'), far)).toEqual(['policy', 'ok'])
    policy('[{ports: [{port: 81}]}]')
    expect(passes(pod('near'))).toEqual(['policy'])
    policy('[{ports: [{port: 80, protocol: UDP}]}]')
    expect(passes(pod('near'))).toEqual(['policy'])
    policy('[{ports: [{port: 70, endPort: 90}]}]')
    expect(passes(pod('near'))).toEqual(['ok'])
    policy(`[{from: [{ipBlock: {cidr: 10.244.0.0/16, except: [${b.object<{ status: { podIP: string } }>('pods', 'near').status.podIP}/32]}}]}]`)
    expect(passes(pod('near'), pod('box'))).toEqual(['policy', 'ok'])
  })
})

describe('SCTP', () => {
  const sctp = (b: Bench) => b.apply(`apiVersion: apps/v1
kind: Deployment
metadata: {name: mme}
spec:
  replicas: 2
  selector: {matchLabels: {app: mme}}
  template:
    metadata: {labels: {app: mme}}
    spec: {containers: [{name: mme, image: example.com/mme:1, ports: [{containerPort: 3868, protocol: SCTP}]}]}
---
${service('mme', '{type: NodePort, selector: {app: mme}, ports: [{port: 3868, protocol: SCTP}]}')}`).run(30)

  it('goes through Services like TCP, in rules of its own', () => {
    const b = web()
    sctp(b)
    const j = b.ask(pod('box'), 'sctp://mme')
    expect(j).toMatchObject({ outcome: 'ok', service: 'default/mme' })
    expect(j.hops.find((h) => h.kind === 'rules')?.rule).toMatchObject({ of: 2, chance: '1/2' })
    const port = b.object<{ spec: { ports: { nodePort: number }[] } }>('services', 'mme').spec.ports[0]?.nodePort as number
    expect(b.ask(outside, `sctp://node-1:${port}`).outcome).toBe('ok')
    // TCP to the same port is no Service's, and the container speaks no TCP there; nginx speaks no SCTP.
    expect(b.ask(pod('box'), 'tcp://mme:3868', { timeoutMs: 300 }).outcome).toBe('dropped')
    expect(b.ask(pod('box'), `tcp://${b.pods('mme')[0]?.status.podIP ?? ''}:3868`).outcome).toBe('refused')
    expect(b.ask(pod('box'), `sctp://${b.pods('web')[0]?.status.podIP ?? ''}:80`).outcome).toBe('refused')
    expect(b.ask(pod('box'), `udp://${b.pods('web')[0]?.status.podIP ?? ''}:80`).outcome).toBe('refused')
  })
  it('is told apart by policies', () => {
    const b = web({ networkPolicy: true })
    sctp(b)
    const policy = (protocol: string) => b.apply(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: mme}
spec: {podSelector: {matchLabels: {app: mme}}, ingress: [{ports: [{port: 3868, protocol: ${protocol}}]}]}
`).run(2)
    policy('SCTP')
    expect(b.ask(pod('box'), 'sctp://mme').outcome).toBe('ok')
    policy('TCP')
    expect(b.ask(pod('box'), 'sctp://mme', { timeoutMs: 300 }).outcome).toBe('policy')
  })
})

describe('kinds of Services', () => {
  let b: Bench
  beforeAll(() => void (b = web()), 60_000)

  it('headless: names lead to pods, no rules in between, each pod by its own name too', () => {
    b.apply(`apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: redis:7, ports: [{containerPort: 6379, name: redis}]}]}
---
${service('db', '{clusterIP: None, selector: {app: db}, ports: [{port: 6379, name: redis}]}')}`).run(30)
    const seen = new Set<string>()
    for (let i = 0; i < 12; i++) {
      const j = b.ask(pod('box'), 'tcp://db:6379')
      expect([j.outcome, j.entry, said(j, 'rules')]).toEqual(['ok', '', []])
      seen.add(j.pod)
    }
    expect([...seen].sort()).toEqual(['default/db-0', 'default/db-1'])
    expect(b.ask(pod('box'), 'tcp://db-1.db:6379')).toMatchObject({ outcome: 'ok', pod: 'default/db-1' })
    expect(b.ask(pod('box'), 'tcp://db-2.db:6379').outcome).toBe('dns-nxdomain')
  })
  it('without a selector: EndpointSlices of a person lead where they say, also out of the cluster', () => {
    const [p] = b.pods('web')
    b.apply(`${service('hand', '{ports: [{port: 8000, targetPort: 80}]}')}---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: hand-1, labels: {kubernetes.io/service-name: hand}}
addressType: IPv4
ports: [{port: 80, protocol: TCP, name: ""}]
endpoints: [{addresses: [${p?.status.podIP ?? ''}]}]
`).run(3)
    expect(b.ask(pod('box'), 'http://hand:8000')).toMatchObject({ outcome: 'ok', pod: `default/${p?.metadata.name ?? ''}` })
    b.apply(`apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: hand-1, labels: {kubernetes.io/service-name: hand}}
addressType: IPv4
ports: [{port: 80, protocol: TCP, name: ""}]
endpoints: [{addresses: [192.0.2.44]}]
`).run(3)
    expect(b.ask(pod('box'), 'http://hand:8000', { timeoutMs: 300 })).toMatchObject({ outcome: 'no-route', endpoint: '192.0.2.44:80' })
  })
  it('external IPs: every node answers for them', () => {
    b.apply(service('ext', '{selector: {app: web}, ports: [{port: 80}], externalIPs: [198.18.5.5]}')).run(3)
    const j = b.ask(node('node-2'), 'http://198.18.5.5')
    expect(j).toMatchObject({ outcome: 'ok', service: 'default/ext', entry: 'node-2' })
    expect(j.hops.find((h) => h.kind === 'rules')?.rule).toMatchObject({ via: 'external-ip', chains: ['KUBE-SERVICES', expect.stringMatching(/^KUBE-EXT-/), expect.stringMatching(/^KUBE-SVC-/), expect.stringMatching(/^KUBE-SEP-/)] })
  })
  it('ExternalName: a name of the outside stays unknown, one of the inside is followed', () => {
    b.type('kubectl create service externalname away --external-name=example.org', 'kubectl create service externalname alias --external-name=web.default.svc.cluster.local').run(2)
    expect(b.ask(pod('box'), 'http://away').outcome).toBe('dns-nxdomain')
    expect(b.ask(pod('box'), 'http://alias')).toMatchObject({ outcome: 'ok', service: 'default/web' })
  })
  it('internalTrafficPolicy Local: dropped where there is no endpoint, else the endpoint there', () => {
    b.type('kubectl create deployment one --image=nginx:1.25 --port=80').run(20)
    b.apply(service('one', '{selector: {app: one}, ports: [{port: 80}], internalTrafficPolicy: Local}')).run(3)
    const home = b.pods('one')[0]?.spec.nodeName as string
    const away = ['node-1', 'node-2', 'node-3'].find((n) => n !== home) as string
    const local = b.ask(node(home), `http://${b.ip('one')}`)
    expect(local.outcome).toBe('ok')
    expect(local.hops.find((h) => h.kind === 'rules')?.rule?.chains[1]).toMatch(/^KUBE-SVL-/)
    expect(b.ask(node(away), `http://${b.ip('one')}`, { timeoutMs: 300 })).toMatchObject({ outcome: 'dropped' })
  })
})

describe('a load balancer with externalTrafficPolicy Local', () => {
  it('sends only to nodes with a ready endpoint, by their health-check node ports; the client keeps its address', () => {
    const b = web()
    b.type('kubectl create deployment one --image=nginx:1.25 --port=80').run(20)
    b.apply(service('front', '{type: LoadBalancer, externalTrafficPolicy: Local, selector: {app: one}, ports: [{port: 80}]}')).run(60)
    const front = b.object<{ spec: { healthCheckNodePort: number; ports: { nodePort: number }[] }; status: { loadBalancer: { ingress: { ip: string }[] } } }>('services', 'front')
    expect(front.spec.healthCheckNodePort).toBeGreaterThan(30_000)
    const ip = front.status.loadBalancer.ingress[0]?.ip as string
    const home = () => b.pods('one')[0]?.spec.nodeName as string
    const before = home()
    const entries = () => new Set(Array.from({ length: 8 }, () => b.ask(outside, `http://${ip}`)).map((j) => `${j.outcome} ${j.entry}`))
    expect([...entries()]).toEqual([`ok ${before}`])
    expect(b.ask(outside, `http://${ip}`).hops.find((h) => h.kind === 'rules')?.rule).toMatchObject({ via: 'load-balancer', masquerade: false, of: 1 })
    // Past the balancer, at a node without an endpoint: nothing answers.
    const away = ['node-1', 'node-2', 'node-3'].find((n) => n !== before) as string
    expect(b.ask(outside, `http://${away}:${front.spec.ports[0]?.nodePort ?? 0}`, { timeoutMs: 300 }).outcome).toBe('dropped')
    // Elsewhere in the cluster a pod may ask the address all the same.
    expect(b.ask(pod('box'), `http://${ip}`).outcome).toBe('ok')
    b.type(`kubectl cordon ${before}`, 'kubectl delete pod -l app=one --wait=false').run(60)
    expect(home()).not.toBe(before)
    expect([...entries()]).toEqual([`ok ${home()}`])
  })
  it('with policy Cluster every node takes, and the client gets the node for a source', () => {
    const b = web()
    b.type('kubectl expose deployment web --port=80 --type=LoadBalancer --name=front').run(60)
    const ip = b.object<{ status: { loadBalancer: { ingress: { ip: string }[] } } }>('services', 'front').status.loadBalancer.ingress[0]?.ip as string
    const journeys = Array.from({ length: 30 }, () => b.ask(outside, `http://${ip}`))
    expect(new Set(journeys.map((j) => j.entry))).toEqual(new Set(['node-1', 'node-2', 'node-3']))
    expect(journeys.every((j) => j.hops.find((h) => h.kind === 'rules')?.rule?.masquerade)).toBe(true)
    // A node goes dark: after three failed checks, 24 s, nobody is sent there any more.
    b.fault('node-down', 'node-2').run(30)
    expect(new Set(Array.from({ length: 20 }, () => b.ask(outside, `http://${ip}`, { timeoutMs: 300 })).map((j) => j.entry))).toEqual(new Set(['node-1', 'node-3']))
  })
})

describe('the modes of kube-proxy', () => {
  it('differ where a learner can see it', () => {
    const of = (proxyMode: 'iptables' | 'ipvs' | 'nftables') => {
      const b = web({ proxyMode })
      const picks = Array.from({ length: 9 }, () => b.ask(pod('box'), `http://${b.ip('web')}`).hops.find((h) => h.kind === 'rules')?.rule)
      const wrong = b.ask(pod('box'), `http://${b.ip('web')}:81`, { timeoutMs: 300 }).outcome
      return { mode: picks[0]?.mode, chains: picks[0]?.chains.length, chance: picks[0]?.chance, turns: picks.map((p) => p?.picked), wrong }
    }
    const [iptables, ipvs, nft] = [of('iptables'), of('ipvs'), of('nftables')]
    expect(iptables).toMatchObject({ mode: 'iptables', chains: 3, chance: '1/3', wrong: 'dropped' })
    expect(ipvs).toMatchObject({ mode: 'ipvs', chains: 0, chance: '', wrong: 'refused' })
    expect(nft).toMatchObject({ mode: 'nftables', chance: '1/3', wrong: 'refused' })
    const first = ipvs.turns[0] as number
    expect(ipvs.turns).toEqual(Array.from({ length: 9 }, (_, i) => (first + i) % 3))
    expect(iptables.turns).not.toEqual(Array.from({ length: 9 }, (_, i) => ((iptables.turns[0] as number) + i) % 3))
  })
})

describe('names in a pod', () => {
  it('go by its resolv.conf and hosts: ndots, search lists, policies, aliases', () => {
    const b = web()
    const box = (name: string, spec: string) => b.apply(`apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec: {containers: [{name: c, image: busybox, command: [sleep, infinity]}], ${spec}}
`)
    box('few', 'dnsConfig: {options: [{name: ndots, value: "1"}]}')
    box('more', 'dnsConfig: {searches: [other.svc.cluster.local]}')
    box('none', 'dnsPolicy: None, dnsConfig: {nameservers: [10.96.0.10], searches: [default.svc.cluster.local]}')
    box('world', 'dnsPolicy: Default')
    box('own', 'dnsPolicy: None, dnsConfig: {nameservers: [8.8.8.8]}')
    box('alias', `hostAliases: [{ip: ${b.pods('web')[0]?.status.podIP ?? ''}, hostnames: [legacy.example.com]}]`)
    b.run(20)
    const asked = (name: string, host: string) => b.ask(pod(name), `http://${host}`).trips.filter((t) => t.kind === 'dns').map((t) => t.asked)
    expect(asked('box', 'nobody.example.com')).toEqual(['nobody.example.com.default.svc.cluster.local', 'nobody.example.com.svc.cluster.local', 'nobody.example.com.cluster.local', 'nobody.example.com'])
    expect(asked('few', 'nobody.example.com')[0]).toBe('nobody.example.com')
    expect(asked('few', 'web.default.svc.cluster.local')).toEqual(['web.default.svc.cluster.local'])
    expect(asked('box', 'web.default.svc.cluster.local.')).toEqual(['web.default.svc.cluster.local'])
    expect(asked('more', 'nobody').slice(3)).toEqual(['nobody.other.svc.cluster.local', 'nobody'])
    expect(asked('none', 'web')).toEqual(['web.default.svc.cluster.local'])
    expect(b.ask(pod('none'), 'http://web').outcome).toBe('ok')
    expect(b.ask(pod('world'), 'http://web').outcome).toBe('dns-nxdomain')
    expect(b.ask(pod('own'), 'http://web').outcome).toBe('dns-nxdomain')
    const j = b.ask(pod('alias'), 'http://legacy.example.com')
    expect(j).toMatchObject({ outcome: 'ok', pod: `default/${b.pods('web')[0]?.metadata.name ?? ''}` })
    expect(said(j, 'dns')).toEqual([expect.stringContaining('says its /etc/hosts')])
    // Without the Service nobody answers at its address.
    b.type('kubectl -n kube-system delete service kube-dns').run(3)
    expect(b.ask(pod('box'), 'http://web', { timeoutMs: 300 }).outcome).toBe('dns-timeout')
  })
})

describe('CoreDNS', () => {
  it('on a node that goes dark: half of the queries wait in vain, until the rules know; then the other one answers all', () => {
    const b = web()
    const asked = () => new Set(Array.from({ length: 16 }, () => b.ask(pod('box'), 'http://web')).flatMap((j) => j.trips.filter((t) => t.kind === 'dns').map((t) => `${t.outcome} ${t.pod}`)))
    expect(asked().size).toBe(2)
    const home = b.object<{ spec: { nodeName: string } }>('pods', 'box').spec.nodeName
    const victim = b.pods('kube-dns', 'k8s-app', 'kube-system').find((p) => p.spec.nodeName !== home)
    // Its node goes dark: until the rules know, one in two queries waits for ten seconds in vain.
    b.fault('node-down', victim?.spec.nodeName as string)
    const during = b.load(pod('box'), 'http://web', 20, 10, undefined, { timeoutMs: 2000 })
    expect((during['dns-timeout'] ?? 0) / ((during['dns-timeout'] ?? 0) + (during.ok ?? 0) + (during.slow ?? 0) + (during.timeout ?? 0))).toBeGreaterThan(0.3)
    b.run(60)
    const left = asked()
    expect([...left].every((x) => x.startsWith('ok'))).toBe(true)
    expect([...left].some((x) => x.endsWith(victim?.metadata.name as string))).toBe(false)
  })
  it('killed when it is the only one: names fail at once, until its successor is ready', () => {
    const b = web()
    b.type('kubectl -n kube-system scale deployment coredns --replicas=1').run(10)
    const [one] = b.pods('kube-dns', 'k8s-app', 'kube-system')
    b.type(`kubectl -n kube-system delete pod ${one?.metadata.name ?? ''} --force --grace-period=0`)
    const j = b.ask(pod('box'), 'http://web', { timeoutMs: 500 })
    expect(['dns-failed', 'dns-timeout']).toContain(j.outcome)
    expect(b.run(15).ask(pod('box'), 'http://web').outcome).toBe('ok')
  })
})

describe('connections', () => {
  it('that are kept stick to their endpoint when the Service gets more, new ones spread', () => {
    const b = web()
    b.type('kubectl scale deployment web --replicas=1').run(20)
    b.act({ type: 'traffic', do: 'start', generator: { id: 'kept', from: pod('box'), to: `http://${b.ip('web')}`, pattern: { kind: 'constant', rate: 50 }, keepAlive: true, connections: 2 } })
    b.run(2).type('kubectl scale deployment web --replicas=3').run(20)
    const mark = b.traffic.flows.map((f) => f.sent)
    const since = () => b.traffic.flows.filter((f, i) => f.service === 'default/web' && f.client === 'default/box' && f.sent > (mark[i] ?? 0)).map((f) => f.pod)
    b.run(5)
    expect(since()).toHaveLength(1)
    b.act({ type: 'traffic', do: 'stop', id: 'kept' })
    b.load(pod('box'), `http://${b.ip('web')}`, 50, 3)
    expect(since()).toHaveLength(3)
  })
})

describe('load', () => {
  it('kills a container that holds too much memory for its requests: OOMKilled, and they are reset', () => {
    const b = new Bench()
    b.type('kubectl create deployment php --image=registry.k8s.io/hpa-example --port=80', 'kubectl set resources deployment php --limits=cpu=100m,memory=20Mi', 'kubectl expose deployment php --port=80', 'kubectl run box --image=busybox -- sleep infinity').run(40)
    const result = b.load(pod('box'), `http://${b.ip('php')}`, 200, 20, undefined, { timeoutMs: 10_000 })
    expect(result.reset ?? 0).toBeGreaterThan(10)
    const status = b.object<{ status: { containerStatuses: { restartCount: number; lastState: { terminated?: { reason: string; exitCode: number } } }[] } }>('pods', b.pods('php')[0]?.metadata.name as string).status.containerStatuses[0]
    expect(status?.restartCount).toBeGreaterThan(0)
    expect(status?.lastState.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 })
  })
})

