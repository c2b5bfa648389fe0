import { beforeAll, describe, expect, it } from 'vitest'
import { Cluster, defaultPreset, type ClientRef, type Journey, type TrafficState } from '../cluster'
import { kubectl } from '../kubectl'
import { ingressNginx } from '../../scenarios/samples/ingress-nginx'

const S = 1_000_000
const outside: ClientRef = { kind: 'outside' }
let c: Cluster

function type(line: string, stdin?: string): void {
  expect(c.input({ type: 'kubectl', line, stdin })).not.toHaveProperty('error')
  c.run(c.now + S)
}

function ask(to: string, from = outside): Journey {
  const ended = c.sim.stateOf<TrafficState>('traffic')?.ended ?? 0
  expect(c.input({ type: 'traffic', do: 'send', request: { from, to } })).toEqual({})
  while ((c.sim.stateOf<TrafficState>('traffic')?.ended ?? 0) === ended) c.run(c.now + 0.1 * S)
  return (c.sim.stateOf<TrafficState>('traffic') as TrafficState).journeys.at(-1) as Journey
}

beforeAll(() => {
  c = new Cluster(defaultPreset(3)).install(kubectl).bootUp()
  type('kubectl apply -f -', ingressNginx.yaml)
  for (const name of ['web', 'api']) {
    type(`kubectl create deployment ${name} --image=${name === 'api' ? 'registry.k8s.io/echoserver:1.10 --port=8080' : 'nginx:1.25'} --replicas=2`)
    type(`kubectl expose deployment ${name} --port=80 --target-port=${name === 'api' ? 8080 : 80}`)
  }
  type('kubectl create service clusterip empty --tcp=80:80')
  type('kubectl create secret generic cert --from-literal=tls.crt=x --from-literal=tls.key=y')
  type('kubectl create ingress shop --class=nginx --rule=shop.example.com/*=web:80 --rule=shop.example.com/api*=api:80 --rule=shop.example.com/nobody*=empty:80 --rule=safe.example.com/*=web:80,tls=cert')
  c.run(c.now + 60 * S)
}, 60_000)

describe('an ingress controller', () => {
  it('gets an address from the cloud, and gives it to its Ingresses', () => {
    const service = c.object('services', 'ingress-nginx', 'ingress-nginx-controller') as unknown as { metadata: { finalizers: string[] }; status: { loadBalancer: { ingress: { ip: string }[] } } }
    expect(service.metadata.finalizers).toContain('service.kubernetes.io/load-balancer-cleanup')
    const ip = service.status.loadBalancer.ingress[0]?.ip
    expect(ip).toMatch(/^203\.0\.113\./)
    expect((c.object('ingresses', 'default', 'shop') as unknown as typeof service).status.loadBalancer.ingress[0]?.ip).toBe(ip)
    const reasons = [...c.objects('events')].filter((e) => (e as unknown as { involvedObject: { name: string } }).involvedObject.name === 'ingress-nginx-controller').map((e) => (e as unknown as { reason: string }).reason)
    expect(reasons).toEqual(expect.arrayContaining(['EnsuringLoadBalancer', 'EnsuredLoadBalancer']))
  })
  it('leads by host and path to endpoints, past kube-proxy', () => {
    const j = ask('http://shop.example.com/')
    expect(j).toMatchObject({ outcome: 'ok', status: 200 })
    expect(j.hops.find((h) => h.kind === 'proxy')?.text).toContain('leads to Service default/web')
    expect(j.hops.filter((h) => h.kind === 'rules')).toHaveLength(1)
    // Policy Local: the node that the balancer chose is the controller's own.
    expect(j.entry).toBe(j.node)
    expect(ask('http://shop.example.com/api/v1').hops.find((h) => h.kind === 'proxy')?.text).toContain('leads to Service default/api')
  })
  it('answers 404 without a rule, 503 without endpoints, and sends plain requests to https where there is TLS', () => {
    const ip = (c.object('ingresses', 'default', 'shop') as unknown as { status: { loadBalancer: { ingress: { ip: string }[] } } }).status.loadBalancer.ingress[0]?.ip as string
    expect(ask(`http://${ip}/`)).toMatchObject({ status: 404, outcome: 'ok' })
    expect(ask('http://shop.example.com/nobody')).toMatchObject({ status: 503, outcome: 'server-error' })
    expect(ask('http://safe.example.com/')).toMatchObject({ status: 308 })
    expect(ask('https://safe.example.com/')).toMatchObject({ status: 200 })
  })
  it('rewrites paths by expressions, and sends some to a canary', () => {
    const ingress = (name: string, annotations: string, path: string, service: string) => type('kubectl apply -f -', `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, annotations: {${annotations}}}
spec:
  ingressClassName: nginx
  rules: [{host: re.example.com, http: {paths: [{path: "${path}", pathType: ImplementationSpecific, backend: {service: {name: ${service}, port: {number: 80}}}}]}}]
`)
    const said = (j: Journey) => j.hops.find((h) => h.kind === 'proxy')?.text ?? ''
    ingress('re', 'nginx.ingress.kubernetes.io/rewrite-target: /$2', '/something(/|$)(.*)', 'api')
    c.run(c.now + 8 * S)
    const j = ask('http://re.example.com/something/new?x=1')
    expect(said(j)).toContain('path becomes /new?x=1: leads to Service default/api')
    expect(ask('http://re.example.com/Something').status).toBe(200)
    expect(ask('http://re.example.com/other').status).toBe(404)
    ingress('re2', 'nginx.ingress.kubernetes.io/canary: "true", nginx.ingress.kubernetes.io/canary-by-header: X-New, nginx.ingress.kubernetes.io/canary-weight: "30"', '/something(/|$)(.*)', 'web')
    const leads = (headers?: Record<string, string>): string => {
      const ended = c.sim.stateOf<TrafficState>('traffic')?.ended ?? 0
      expect(c.input({ type: 'traffic', do: 'send', request: { from: outside, to: 'http://re.example.com/something', ...(headers ? { headers } : {}) } })).toEqual({})
      while ((c.sim.stateOf<TrafficState>('traffic')?.ended ?? 0) === ended) c.run(c.now + 0.1 * S)
      return /Service default\/(\w+)/.exec(said((c.sim.stateOf<TrafficState>('traffic') as TrafficState).journeys.at(-1) as Journey))?.[1] ?? ''
    }
    expect([leads({ 'X-New': 'always' }), leads({ 'X-New': 'never' })]).toEqual(['web', 'api'])
    const some = Array.from({ length: 100 }, () => leads()).filter((x) => x === 'web').length
    expect(some).toBeGreaterThan(15)
    expect(some).toBeLessThan(45)
  })
  it('tries another endpoint when one refuses, so a killed pod costs no request', () => {
    expect(c.input({ type: 'traffic', do: 'start', generator: { id: 'g', from: outside, to: 'http://shop.example.com/', pattern: { kind: 'constant', rate: 100 } } })).toEqual({})
    c.run(c.now + 2 * S)
    const pod = [...c.objects('pods')].find((p) => p.metadata.labels?.app === 'web')?.metadata.name
    type(`kubectl delete pod ${pod} --wait=false`)
    c.run(c.now + 10 * S)
    const g = (c.sim.stateOf<TrafficState>('traffic') as TrafficState).generators.get('g')
    expect(g?.counts[0]).toBeGreaterThan(1_000)
    expect((g?.counts ?? []).reduce((a, b) => a + b, 0) - (g?.counts[0] ?? 0)).toBeLessThanOrEqual(2)
  })
  it('is gone with its pod: the balancer finds no healthy node', () => {
    type('kubectl -n ingress-nginx scale deployment ingress-nginx-controller --replicas=0')
    c.run(c.now + 40 * S)
    expect(ask('http://shop.example.com/').outcome).toBe('timeout')
    type('kubectl -n ingress-nginx delete service ingress-nginx-controller --wait=false')
    c.run(c.now + 5 * S)
    expect(c.object('services', 'ingress-nginx', 'ingress-nginx-controller')).toBeUndefined()
  })
})
