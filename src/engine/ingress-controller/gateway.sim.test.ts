import { beforeAll, describe, expect, it } from 'vitest'
import { Cluster, defaultPreset, type Journey, type RequestSpec, type TrafficState } from '../cluster'
import { kubectl } from '../kubectl'
import { gateway } from '../../scenarios/samples/gateway'
import type { Condition, Gateway, HTTPRoute } from './gateway-types'

const S = 1_000_000
const group = 'gateway.networking.k8s.io'
let c: Cluster

function type(line: string, stdin?: string): string {
  const from = c.sim.trace.nextId
  expect(c.input({ type: 'kubectl', line, stdin })).not.toHaveProperty('error')
  c.run(c.now + 2 * S)
  let out = ''
  c.sim.trace.forEach(from, (r) => {
    if (r.kind === 'output') out += (r.detail as { text?: string }).text ?? ''
  })
  return out
}

const apply = (yaml: string): string => type('kubectl apply -f -', yaml)

function ask(to: string, more: Partial<RequestSpec> = {}): Journey {
  const ended = c.sim.stateOf<TrafficState>('traffic')?.ended ?? 0
  expect(c.input({ type: 'traffic', do: 'send', request: { from: { kind: 'outside' }, to, ...more } })).toEqual({})
  while ((c.sim.stateOf<TrafficState>('traffic')?.ended ?? 0) === ended) c.run(c.now + 0.1 * S)
  return (c.sim.stateOf<TrafficState>('traffic') as TrafficState).journeys.at(-1) as Journey
}

const decision = (j: Journey): string => j.hops.findLast((h) => h.kind === 'proxy')?.text ?? ''
const gatewayOf = (name: string, namespace = 'default'): Gateway => c.object(`gateways.${group}`, namespace, name) as Gateway
const routeOf = (name: string, namespace = 'default'): HTTPRoute => c.object(`httproutes.${group}`, namespace, name) as HTTPRoute
const said = (list: readonly Condition[] | undefined): readonly string[] => (list ?? []).map((x) => `${x.type}=${x.status} ${x.reason}`)
const parentSays = (name: string, namespace = 'default'): readonly string[] => said(routeOf(name, namespace).status?.parents?.[0]?.conditions)

/** A route at the Gateway `front`, with rules in YAML flow style. */
const route = (name: string, hostnames: string, rules: string, more = 'parentRefs: [{name: front}]', namespace = 'default'): string => `apiVersion: ${group}/v1
kind: HTTPRoute
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  ${more}
  hostnames: [${hostnames}]
  rules: [${rules}]
`
const to = (name: string, more = ''): string => `backendRefs: [{name: ${name}, port: 80${more}}]`

beforeAll(() => {
  c = new Cluster(defaultPreset(3)).install(kubectl).bootUp()
  expect(type('kubectl get gc')).toContain('No resources found')
  apply(gateway.yaml)
  for (const name of ['a', 'b', 'c']) {
    type(`kubectl create deployment ${name} --image=registry.k8s.io/echoserver:1.10 --port=8080`)
    type(`kubectl expose deployment ${name} --port=80 --target-port=8080`)
  }
  c.run(c.now + 60 * S)
}, 60_000)

describe('a Gateway', () => {
  it('is accepted and programmed with the address of the controller, and shown so', () => {
    const ip = (c.object('services', 'ingress-nginx', 'ingress-nginx-controller') as unknown as { status: { loadBalancer: { ingress: { ip: string }[] } } }).status.loadBalancer.ingress[0]?.ip as string
    expect(gatewayOf('front').status).toMatchObject({ addresses: [{ type: 'IPAddress', value: ip }], listeners: [{ name: 'http', attachedRoutes: 1, supportedKinds: [{ group, kind: 'HTTPRoute' }] }] })
    expect(said(gatewayOf('front').status?.conditions)).toEqual(['Accepted=True Accepted', 'Programmed=True Programmed'])
    expect(said(gatewayOf('front').status?.listeners?.[0]?.conditions)).toEqual(['Accepted=True Accepted', 'Programmed=True Programmed', 'ResolvedRefs=True ResolvedRefs', 'Conflicted=False NoConflicts'])
    expect(parentSays('store')).toEqual(['Accepted=True Accepted', 'ResolvedRefs=True ResolvedRefs'])
    expect(type('kubectl get gtw')).toMatch(new RegExp(`NAME +CLASS +ADDRESS +PROGRAMMED +AGE\\nfront +nginx +${ip.replaceAll('.', '\\.')} +True +`))
    expect(type('kubectl get gc')).toMatch(/nginx +k8s.io\/ingress-nginx +True/)
    expect(type('kubectl get httproutes')).toMatch(/store +\["store.example.com"\]/)
    expect(type('kubectl api-resources --api-group=gateway.networking.k8s.io').split('\n').filter((l) => l.startsWith('gateways '))).toEqual([expect.stringMatching(/gtw +gateway.networking.k8s.io\/v1 +true +Gateway/)])
    expect(type('kubectl describe httproute store')).toContain('Message:               The Route is accepted')
  })
  it('waits for a controller that nobody is', () => {
    apply(`apiVersion: ${group}/v1
kind: GatewayClass
metadata: {name: other}
spec: {controllerName: example.com/other}
---
apiVersion: ${group}/v1
kind: Gateway
metadata: {name: lonely}
spec: {gatewayClassName: other, listeners: [{name: http, port: 80, protocol: HTTP}]}
`)
    expect(said(gatewayOf('lonely').status?.conditions)).toEqual(['Accepted=Unknown Pending', 'Programmed=Unknown Pending'])
    expect(type('kubectl get gc')).toMatch(/other +example.com\/other +Unknown/)
  })
  it('is refused by the rules of its definition', () => {
    const refused = apply(`apiVersion: ${group}/v1
kind: Gateway
metadata: {name: wrong}
spec: {gatewayClassName: nginx, listeners: [{name: a, port: 80, protocol: HTTP}, {name: b, port: 80, protocol: HTTP}, {name: c, port: 81, protocol: HTTP, tls: {certificateRefs: [{name: x}]}}]}
`)
    expect(refused).toContain("tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']")
    expect(refused).toContain('Combination of port, protocol and hostname must be unique for each listener')
    expect(apply(route('wrong', 'wrong.example.com', '{matches: [{path: {value: shop}}], backendRefs: [{name: a}]}'))).toMatch(/Must have port for Service reference[^]*must be an absolute path and start with '\/'/)
    expect(type(`kubectl patch gc nginx --type=merge -p '{"spec":{"controllerName":"example.com/other"}}'`)).toContain('field is immutable')
  })
  it('tells of listeners that cannot stand', () => {
    const listeners = '[{name: ok, port: 80, protocol: HTTP, hostname: x.example.com}, {name: tcp, port: 443, protocol: TCP}, {name: far, port: 8080, protocol: HTTP}, {name: safe, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: nothing}]}}]'
    apply(`apiVersion: ${group}/v1
kind: Gateway
metadata: {name: bad}
spec: {gatewayClassName: nginx, listeners: ${listeners}}
`)
    const { status } = gatewayOf('bad')
    expect(said(status?.conditions)).toEqual(['Accepted=True ListenersNotValid', 'Programmed=True Programmed'])
    const of = (name: string) => status?.listeners?.find((l) => l.name === name)?.conditions
    expect(said(of('tcp'))).toEqual(['Accepted=False UnsupportedProtocol', 'Programmed=False Invalid'])
    expect(of('tcp')?.[0]?.message).toBe('protocol: Unsupported value: "TCP": supported values: "HTTP", "HTTPS"')
    expect(said(of('far'))).toEqual(['Accepted=False PortUnavailable', 'Programmed=False Invalid'])
    expect(said(of('safe'))).toEqual(['Accepted=False ProtocolConflict', 'Programmed=False ProtocolConflict', 'Conflicted=True ProtocolConflict'])
    apply(`apiVersion: ${group}/v1
kind: Gateway
metadata: {name: bad}
spec: {gatewayClassName: nginx, listeners: [{name: safe, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: nothing}]}}]}
`)
    expect(said(gatewayOf('bad').status?.conditions)).toEqual(['Accepted=False ListenersNotValid', 'Programmed=False Invalid'])
    expect(gatewayOf('bad').status?.listeners?.[0]?.conditions).toMatchObject([{ type: 'Accepted', reason: 'InvalidCertificateRef', message: 'tls.certificateRefs[0]: Invalid value: {"Namespace":"default","Name":"nothing"}: secret does not exist' }, { type: 'Programmed' }, { type: 'ResolvedRefs', reason: 'InvalidCertificateRef' }])
    expect(apply(route('lost', 'lost.example.com', `{${to('a')}}`, 'parentRefs: [{name: bad}]'))).toContain('created')
    expect(parentSays('lost')).toEqual(['Accepted=False InvalidGateway', 'ResolvedRefs=True ResolvedRefs'])
    type('kubectl delete gateway bad')
    type('kubectl delete httproute lost')
  })
})

describe('an HTTPRoute', () => {
  it('splits requests by weight, and by header: chi-square', () => {
    expect(c.input({ type: 'traffic', do: 'start', generator: { id: 'g', from: { kind: 'outside' }, to: 'http://store.example.com/', pattern: { kind: 'constant', rate: 500 }, seconds: 8 } })).toEqual({})
    c.run(c.now + 10 * S)
    const by = (service: string): number => (c.sim.stateOf<TrafficState>('traffic') as TrafficState).flows.filter((f) => f.service === `default/${service}`).reduce((n, f) => n + f.sent, 0)
    const [v1, v2] = [by('store-v1'), by('store-v2')]
    expect(v1 + v2).toBeGreaterThan(3_900)
    const total = v1 + v2
    // One degree of freedom, p = 0.001.
    expect((v1 - total * 0.9) ** 2 / (total * 0.9) + (v2 - total * 0.1) ** 2 / (total * 0.1)).toBeLessThan(10.8)
    const j = ask('http://store.example.com/', { headers: { Version: 'v2' } })
    expect(j).toMatchObject({ status: 200 })
    expect(decision(j)).toMatch(/: Gateway default\/front, listener http: HTTPRoute default\/store, rule 1 \(PathPrefix \/, version: v2\): leads to Service default\/store-v2: to 10\.244\.\d+\.\d+:5678, 1 of 1 in turn, past the Service's address$/)
    // As a person types it.
    expect(type("curl -s -v -H 'version: v2' http://store.example.com/")).toContain('leads to Service default/store-v2')
    expect(j.trips.map((t) => [t.kind, t.service])).toEqual([['request', 'ingress-nginx/ingress-nginx-controller'], ['proxy', 'default/store-v2']])
  })
  it('prefers as the specification says: exact, expression, longest prefix, method, headers, queries, the first rule', () => {
    const match = (m: string, name: string): string => `{matches: [${m}], ${to(name)}}`
    apply(route('match', 'match.example.com', [
      match('{path: {type: PathPrefix, value: /}}', 'a'), match('{path: {type: PathPrefix, value: /shop}}', 'b'), match('{path: {type: Exact, value: /shop/cart}}', 'c'), match('{path: {type: PathPrefix, value: /shop}, method: POST}', 'a'),
      match('{path: {type: PathPrefix, value: /shop}, headers: [{name: Env, value: test}, {name: who, type: RegularExpression, value: "^a.c$"}]}', 'c'), match('{path: {type: PathPrefix, value: /shop}, headers: [{name: env, value: test}]}', 'a'),
      match('{path: {type: PathPrefix, value: /q}, queryParams: [{name: color, value: red}]}', 'b'), match('{path: {type: RegularExpression, value: "/v[0-9]+/"}}', 'b'), match('{path: {type: PathPrefix, value: /v1/long/prefix}}', 'c'),
    ].join(', ')))
    const goes = (path: string, more: Partial<RequestSpec> = {}): string => /Service default\/(\w)/.exec(decision(ask(`http://match.example.com${path}`, more)))?.[1] ?? 'none'
    expect(goes('/')).toBe('a')
    expect(goes('/shopping')).toBe('a')
    expect(goes('/shop')).toBe('b')
    expect(goes('/shop/')).toBe('b')
    expect(goes('/shop/x?y=1')).toBe('b')
    expect(goes('/shop/cart')).toBe('c')
    expect(goes('/shop/x', { method: 'POST' })).toBe('a')
    expect(goes('/shop/x', { headers: { env: 'test' } })).toBe('a')
    expect(goes('/shop/x', { headers: { ENV: 'test', Who: 'abc' } })).toBe('c')
    expect(goes('/shop/x', { headers: { ENV: 'test', Who: 'abcd' } })).toBe('a')
    expect(goes('/q?color=red')).toBe('b')
    expect(goes('/q?color=blue')).toBe('a')
    expect(goes('/v2/x')).toBe('b')
    expect(goes('/v1/long/prefix')).toBe('b')
  })
  it('changes requests on their way, and redirects', () => {
    apply(route('change', 'change.example.com', [
      `{matches: [{path: {value: /old}}], filters: [{type: URLRewrite, urlRewrite: {hostname: inner.example.com, path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}}, {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-From, value: gateway}]}}], ${to('a')}}`,
      '{matches: [{path: {value: /gone}}], filters: [{type: RequestRedirect, requestRedirect: {scheme: https, hostname: safe.example.com, path: {type: ReplaceFullPath, replaceFullPath: /here}, statusCode: 301}}]}',
      `{matches: [{path: {value: /cors}}], filters: [{type: CORS, cors: {allowOrigins: ["*"]}}], ${to('a')}}`,
    ].join(', ')))
    expect(decision(ask('http://change.example.com/old/x?y=1'))).toContain('rule 1 (PathPrefix /old), path becomes /new/x?y=1, Host becomes inner.example.com, the request gets X-From: gateway: leads to Service default/a')
    const j = ask('http://change.example.com/gone/x')
    expect(j).toMatchObject({ status: 301, outcome: 'ok' })
    expect(decision(j)).toContain('redirects to https://safe.example.com/here: 301')
    // What this controller does not do is dropped, and says so.
    expect(ask('http://change.example.com/cors')).toMatchObject({ status: 500 })
    expect(parentSays('change')).toEqual(['Accepted=True Accepted', 'ResolvedRefs=True ResolvedRefs', 'PartiallyInvalid=True UnsupportedValue'])
  })
  it('sends copies, and waits no longer than it may', () => {
    type('kubectl create deployment slow --image=registry.k8s.io/hpa-example --port=80')
    type('kubectl set resources deployment slow --limits=cpu=20m')
    type('kubectl expose deployment slow --port=80')
    c.run(c.now + 40 * S)
    apply(route('more', 'more.example.com', [
      `{matches: [{path: {value: /copy}}], filters: [{type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}}}], ${to('a')}}`, `{matches: [{path: {value: /slow}}], timeouts: {request: 250ms}, ${to('slow')}}`,
    ].join(', ')))
    const sent = () => (c.sim.stateOf<TrafficState>('traffic') as TrafficState).flows.filter((f) => f.service === 'default/b').reduce((n, f) => n + f.sent, 0)
    const before = sent()
    const j = ask('http://more.example.com/copy')
    expect(j).toMatchObject({ status: 200 })
    expect(j.hops.filter((h) => h.kind === 'proxy').map((h) => h.text)[0]).toMatch(/a copy goes to Service default\/b, and nobody waits for its answer: default\/b-/)
    expect(sent()).toBe(before + 1)
    // 60 ms of CPU each at 20m: the second waits.
    const late = [0, 1, 2].map(() => ask('http://more.example.com/slow'))
    expect(late.at(-1)).toMatchObject({ status: 504, outcome: 'server-error' })
    expect(late.at(-1)?.latency).toBeLessThan(0.3 * S)
  })
  it('answers 500 for what it cannot resolve, 503 without endpoints, 404 without a match', () => {
    type('kubectl create service clusterip empty --tcp=80:80')
    apply(route('broken', 'broken.example.com', `{matches: [{path: {value: /a}}], ${to('nobody')}}, {matches: [{path: {value: /b}}], ${to('empty')}}, {matches: [{path: {value: /c}}], backendRefs: [{name: a, port: 80, weight: 0}]}`))
    expect(parentSays('broken')).toEqual(['Accepted=True Accepted', 'ResolvedRefs=False BackendNotFound'])
    expect(routeOf('broken').status?.parents?.[0]?.conditions[1]?.message).toBe('spec.rules[0].backendRefs[0].name: Not found: "nobody"')
    expect(ask('http://broken.example.com/a')).toMatchObject({ status: 500, outcome: 'server-error' })
    expect(ask('http://broken.example.com/b')).toMatchObject({ status: 503 })
    expect(ask('http://broken.example.com/c')).toMatchObject({ status: 500 })
    expect(ask('http://broken.example.com/d')).toMatchObject({ status: 404, outcome: 'ok' })
    const address = gatewayOf('front').status?.addresses?.[0]?.value as string
    expect(decision(ask(`http://${address}/`))).toContain(`Gateway default/front, listener http has no HTTPRoute for ${address}: 404`)
  })
  it('needs a ReferenceGrant to lead into another namespace', () => {
    type('kubectl create namespace far')
    type('kubectl -n far create deployment d --image=registry.k8s.io/echoserver:1.10 --port=8080')
    type('kubectl -n far expose deployment d --port=80 --target-port=8080')
    c.run(c.now + 20 * S)
    apply(route('cross', 'cross.example.com', `{${to('d', ', namespace: far')}}`))
    expect(parentSays('cross')).toEqual(['Accepted=True Accepted', 'ResolvedRefs=False RefNotPermitted'])
    expect(routeOf('cross').status?.parents?.[0]?.conditions[1]?.message).toBe('spec.rules[0].backendRefs[0].namespace: Forbidden: Backend ref to Service far/d not permitted by any ReferenceGrant')
    expect(ask('http://cross.example.com/')).toMatchObject({ status: 500, outcome: 'server-error' })
    apply(`apiVersion: ${group}/v1beta1
kind: ReferenceGrant
metadata: {name: let, namespace: far}
spec:
  from: [{group: ${group}, kind: HTTPRoute, namespace: default}]
  to: [{group: "", kind: Service}]
`)
    expect(parentSays('cross')).toEqual(['Accepted=True Accepted', 'ResolvedRefs=True ResolvedRefs'])
    expect(ask('http://cross.example.com/')).toMatchObject({ status: 200 })
  })
  it('attaches where it is allowed to, and says why not', () => {
    apply(`apiVersion: ${group}/v1
kind: Gateway
metadata: {name: doors}
spec:
  gatewayClassName: nginx
  listeners:
  - {name: same, port: 80, protocol: HTTP, hostname: "*.same.example.com"}
  - {name: chosen, port: 80, protocol: HTTP, hostname: chosen.example.com, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {door: open}}}}}
`)
    const from = (name: string, host: string, section: string, namespace = 'far') => apply(route(name, host, `{${to('d')}}`, `parentRefs: [{name: doors, namespace: default${section}}]`, namespace))
    from('one', 'one.same.example.com', ', sectionName: same')
    expect(parentSays('one', 'far')[0]).toBe('Accepted=False NotAllowedByListeners')
    from('two', 'chosen.example.com', ', sectionName: chosen')
    expect(parentSays('two', 'far')[0]).toBe('Accepted=False NotAllowedByListeners')
    type('kubectl label namespace far door=open')
    expect(parentSays('two', 'far')[0]).toBe('Accepted=True Accepted')
    expect(ask('http://chosen.example.com/')).toMatchObject({ status: 200 })
    expect(gatewayOf('doors').status?.listeners?.map((l) => l.attachedRoutes)).toEqual([0, 1])
    from('three', 'x.example.com', ', sectionName: chosen')
    expect(parentSays('three', 'far')[0]).toBe('Accepted=False NoMatchingListenerHostname')
    from('four', 'x.example.com', ', sectionName: nowhere')
    expect(parentSays('four', 'far')[0]).toBe('Accepted=False NoMatchingParent')
    // A listener's own name is narrower than one for every host: it decides.
    apply(route('wide', '', `{${to('a')}}`))
    expect(ask('http://nobody.same.example.com/', { host: 'nobody.same.example.com' })).toMatchObject({ status: 404 })
    type('kubectl delete httproute wide')
  })
  it('comes over TLS that ends at the Gateway, and stands beside Ingresses', () => {
    type('kubectl create secret generic wrong --from-literal=tls.crt=x')
    apply(`apiVersion: v1
kind: Secret
metadata: {name: cert}
type: kubernetes.io/tls
data: {tls.crt: eA==, tls.key: eA==}
---
apiVersion: ${group}/v1
kind: Gateway
metadata: {name: safe}
spec: {gatewayClassName: nginx, listeners: [{name: https, port: 443, protocol: HTTPS, hostname: safe.example.com, tls: {certificateRefs: [{name: cert}]}}]}
`)
    apply(route('safe', 'safe.example.com', `{${to('a')}}`, 'parentRefs: [{name: safe}]'))
    const j = ask('https://safe.example.com/')
    expect(j).toMatchObject({ status: 200 })
    expect(j.hops.find((h) => h.kind === 'proxy')?.text).toContain('ends TLS with the certificate of Secret default/cert')
    type('kubectl create ingress shop --class=nginx --rule=shop.example.com/*=b:80')
    c.run(c.now + 10 * S)
    expect(decision(ask('http://shop.example.com/'))).toContain('Ingress default/shop')
    type('kubectl delete secret cert')
    expect(said(gatewayOf('safe').status?.conditions)).toEqual(['Accepted=False ListenersNotValid', 'Programmed=False Invalid'])
    expect(parentSays('safe')[0]).toBe('Accepted=False InvalidGateway')
  })
  it('is forgotten with the definitions, without harm to the Ingresses', () => {
    type(`kubectl delete crd httproutes.${group}`)
    c.run(c.now + 5 * S)
    expect(decision(ask('http://shop.example.com/'))).toContain('Ingress default/shop')
  })
})
