import { describe, expect, test } from 'vitest'
import { facts } from '../apimachinery/facts.testing'
import type { ApiResponse, RequestInit } from '../client-go'
import { notFound, runFake, type Ran } from './kubectl.testing'

/* Upstream's own tables of single commands (facts/kubectl-units), each case typed as a command line. */

const { groups } = facts<{ groups: any[] }>('kubectl-units')
const cases = (name: string, source = ''): any[] => groups.filter((g) => g.test === name && g.source.includes(source)).flatMap((g) => g.cases)
const q = (text: unknown): string => `'${String(text).replace(/'/g, `'\\''`)}'`
const ok = (body: unknown): ApiResponse => ({ code: 200, body }) as ApiResponse

/** A server of some objects by the last words of their path; it takes whatever is written. */
function server(objects: Record<string, any>): (request: RequestInit) => ApiResponse {
  return (request) => {
    if (request.verb === 'create') return { code: 201, body: request.body } as ApiResponse
    const [path, name] = [request.path, String((request.query as Record<string, string> | undefined)?.['fieldSelector'] ?? '').replace('metadata.name=', '')]
    const found = Object.entries(objects).find(([end]) => (request.verb === 'list' ? end.endsWith(`/${name}`) && path.endsWith(end.slice(0, end.lastIndexOf('/'))) : path.endsWith(end)))?.[1]
    if (request.verb === 'list') return ok({ metadata: { resourceVersion: '1' }, items: found === undefined ? [] : [found] })
    if (found === undefined) return notFound
    return request.verb === 'patch' ? ok({ ...found, ...(request.body as object), metadata: { ...found.metadata, ...(request.body as any).metadata } }) : ok(found)
  }
}
const flagsOf = (flags: Record<string, unknown>): string => Object.entries(flags).filter(([k]) => k !== 'generator').map(([k, v]) => `--${k}=${q(v)}`).join(' ')
/** The first line that is an error, without `error: `. */
const errorOf = (ran: Ran): string => ran.stderr.replace(/^error: /, '').split('\n')[0] as string

describe('autoscale', () => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' }, spec: {} }
  test.each(cases('TestAutoscaleValidate').map((c) => [c.case, c]))('%s', (_, { given: { options: o }, expect: e }) => {
    const ran = runFake(`kubectl autoscale deployment web --max=${o.Max} --min=${o.Min} --cpu-percent=${o.CPUPercent} --cpu=${q(o.CPU ?? '')} --memory=${q(o.Memory ?? '')} --dry-run=client`, server({ 'deployments/web': deployment }))
    if (e.expectedError) expect(errorOf(ran)).toBe(e.expectedError.error)
    else expect(ran.stdout).toBe('horizontalpodautoscaler.autoscaling/web created (dry run)\n')
  })
  test.each(cases('TestCreateHorizontalPodAutoscalerV2').map((c) => [c.case, c]))('%s', (_, { given: { options: o, refName, mapping }, expect: e }) => {
    const kind = mapping.GroupVersionKind.Kind as string
    const line = `kubectl autoscale ${kind} ${refName} --name=${q(o.Name ?? '')} --max=${o.Max} --min=${o.Min} --cpu-percent=${o.CPUPercent} --cpu=${q(o.CPU ?? '')} --memory=${q(o.Memory ?? '')}`
    const { requests } = runFake(line, server({ [`${kind.toLowerCase()}s/${refName}`]: { ...deployment, kind, metadata: { name: refName, namespace: 'default' } } }))
    expect((requests.at(-1) as any).body.spec).toEqual(e.expectedHPAV2.spec)
    expect((requests.at(-1) as any).body.metadata.name).toBe(e.expectedHPAV2.metadata.name)
  })
  const old = (objects: Record<string, any>) => (r: RequestInit): ApiResponse => (r.path.includes('/v2/') ? notFound : server(objects)(r))
  // A server without v2. The old flag never gets there (`empty input`), the new one loses its percentage on the way: so does upstream.
  test.each(cases('TestCreateHorizontalPodAutoscalerV1').map((c) => [c.case, c]))('v1: %s', (_, { given: { options: o, refName, mapping }, expect: e }) => {
    const kind = mapping.GroupVersionKind.Kind as string
    const path = { [`${kind.toLowerCase()}s/${refName}`]: { ...deployment, kind, metadata: { name: refName, namespace: 'default' } } }
    const line = (cpu: string): string => `kubectl autoscale ${kind} ${refName} --name=${q(o.Name ?? '')} --max=${o.Max} --min=${o.Min} ${cpu}`
    if (o.Max < 1) return expect(errorOf(runFake(line(''), old(path)))).toBe(`--max=MAXPODS is required and must be at least 1, max: ${o.Max}`)
    const { requests, stdout } = runFake(line(o.CPUPercent < 0 ? '--cpu=1%' : `--cpu=${o.CPUPercent}%`), old(path))
    const { targetCPUUtilizationPercentage: _lost, ...spec } = e.expectedHPAV1.spec
    expect(requests.at(-1)).toMatchObject({ path: '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers' })
    expect((requests.at(-1) as any).body.spec).toEqual(spec)
    expect(stdout).toBe(`horizontalpodautoscaler.autoscaling/${e.expectedHPAV1.metadata.name} autoscaled\n`)
    expect(runFake(line(`--cpu-percent=${o.CPUPercent}`), old(path)).stderr).toContain('error: failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: empty input\n')
  })
  test('one that is there already', () => {
    const exists = (r: RequestInit): ApiResponse => (r.verb === 'create' ? { code: 409, body: { kind: 'Status', reason: 'AlreadyExists', message: 'horizontalpodautoscalers.autoscaling "web" already exists' } } as unknown as ApiResponse : server({ 'deployments/web': deployment })(r))
    const words = (flags: string): string => runFake(`kubectl autoscale deployment web --max=3 ${flags}`, exists).stderr
    expect(words('--cpu=50%')).toBe('Error from server (AlreadyExists): horizontalpodautoscalers.autoscaling "web" already exists\n')
    expect(words('--cpu=500m')).toBe('error: failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: %!w(<nil>)\n')
  })
})

describe('expose', () => {
  const from = (kind: string, path: string, input: any) => server({ [path]: { apiVersion: 'v1', kind, ...input } })
  test.each(cases('TestRunExposeService').map((c) => [c.case, c]))('%s', (_, { given: { args, flags: given, input, ns }, expect: e }) => {
    // A file of upstream's tests comes by stdin here.
    const { filename, ...flags } = given
    const [kind, name] = filename === undefined ? args : ['service', input.metadata.name]
    const stdin = filename === undefined ? {} : { stdin: JSON.stringify({ apiVersion: 'v1', kind: 'Service', ...input }) }
    const typed = `kubectl expose ${filename === undefined ? args.join(' ') : '-f -'} -n ${ns}`
    const there = from(kind === 'pod' ? 'Pod' : 'Service', `${kind}s/${name}`, input)
    const ran = runFake(`${typed} ${flagsOf(flags)}`, there, stdin)
    expect(ran.stdout + ran.stderr).toContain(e.expected)
    const json = JSON.parse(runFake(`${typed} ${flagsOf({ ...flags, output: 'json', 'dry-run': 'client' })}`, there, stdin).stdout)
    // Upstream's factory enforces no namespace.
    const { namespace: _ns, ...metadata } = json.metadata
    expect({ ...json, metadata }).toEqual({ apiVersion: 'v1', kind: 'Service', ...e.output })
  })
  test.each(cases('TestExposeOverride').map((c) => [c.case, c]))('%s', (_, { given, expect: e }) => {
    const ran = runFake(`kubectl expose service baz -n test --name=foo --labels=svc=test --port=14 --protocol=UDP --dry-run=client -oyaml --overrides=${q(given.overrides)} --override-type=${given.overrideType}`, from('Service', 'services/baz', { metadata: { name: 'baz', namespace: 'test' }, spec: { selector: { app: 'go' } } }))
    expect(ran.stdout).toBe(e.expected)
  })
  test.each(cases('TestGenerateService', 'expose').map((c, i) => [`${i}: ${JSON.stringify(c.given)}`, c]))('%s', (_, { given: g, expect: e }) => {
    const ports = String(g.protocols ?? '').split(',').filter((p) => p !== '').map((p) => ({ port: Number(p.split('/')[0]), protocol: p.split('/')[1] }))
    const flags = { name: 'test', port: g.port, protocol: g.protocol, 'target-port': g.targetPort, selector: g.selector, labels: g.labels, type: g.serviceType, 'external-ip': g.externalIP, 'cluster-ip': g.clusterIP, 'session-affinity': g.sessionAffinity }
    const given = Object.fromEntries(Object.entries(flags).filter(([, v]) => v !== undefined))
    const ran = runFake(`kubectl expose service baz ${flagsOf(given)} --dry-run=client -ojson`, from('Service', 'services/baz', { metadata: { name: 'baz' }, spec: { ports, ...(g.selector === undefined ? { selector: {} } : {}) } }))
    if (e.expectErr) expect(errorOf(ran)).toBe(e.expectErr)
    else expect(JSON.parse(ran.stdout)).toEqual({ apiVersion: 'v1', kind: 'Service', ...e.expected })
  })
  test('ports and selectors of other kinds', () => {
    const pod = { metadata: { name: 'p', labels: { foo: 'bar' } }, spec: { containers: [{ name: 'c', ports: [{ containerPort: 101 }, { containerPort: 102 }] }] } }
    expect(JSON.parse(runFake('kubectl expose pod p --dry-run=client -ojson', from('Pod', 'pods/p', pod)).stdout).spec).toEqual({ ports: [{ name: 'port-1', port: 101, protocol: 'TCP', targetPort: 101 }, { name: 'port-2', port: 102, protocol: 'TCP', targetPort: 102 }], selector: { foo: 'bar' } })
    const dns = { metadata: { name: 'p', labels: { foo: 'bar' } }, spec: { containers: [{ name: 'c', ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }] }] } }
    expect(JSON.parse(runFake('kubectl expose pod p --dry-run=client -ojson', from('Pod', 'pods/p', dns)).stdout).spec.ports.map((p: any) => p.name)).toEqual(['port-1-tcp', 'port-1-udp'])
    const expressions = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'foo', operator: 'Exists' }] }, template: {} } }
    expect(runFake('kubectl expose deploy d --port=1', from('Deployment', 'deployments/d', expressions)).stderr).toBe(`error: couldn't retrieve selectors via --selector flag or introspection: couldn't convert expressions - "[{Key:foo Operator:Exists Values:[]}]" to map-based selector format\n`)
    expect(runFake('kubectl expose deploy d --port=1', from('Deployment', 'deployments/d', { metadata: { name: 'd' }, spec: { template: {} } })).stderr).toContain('invalid deployment: no selectors, therefore cannot be exposed')
    expect(runFake('kubectl expose daemonset d --port=1', from('DaemonSet', 'daemonsets/d', { metadata: { name: 'd' } })).stderr).toBe('error: cannot expose a DaemonSet.apps\n')
  })
})

describe('run', () => {
  test.each(cases('TestRunArgsFollowDashRules').map((c) => [c.case, c]))('%s', (_, { given: { args, argsLenAtDash }, expect: e }) => {
    const words = argsLenAtDash < 0 ? args : [...args.slice(0, argsLenAtDash), '--', ...args.slice(argsLenAtDash)]
    const ran = runFake(`kubectl run --image=nginx --dry-run=client ${words.join(' ')}`, () => notFound)
    expect(ran.rc).toBe(e.expectError ? 1 : 0)
  })
  test.each(cases('TestRunValidations').slice(1).map((c) => [c.case, c]))('%s', (_, { given: { args, flags }, expect: e }) => {
    const ran = runFake(`kubectl run ${args.join(' ')} ${flagsOf(flags)}`, server({}))
    expect(ran.stderr).toContain(e.expectedErr)
    expect(ran.rc).toBe(1)
  })
  test.each(cases('TestRunOverride').map((c) => [c.case, c]))('%s', (_, { given, expect: e }) => {
    const ran = runFake(`kubectl run test -n ns --image=busybox --dry-run=client -oyaml --overrides=${q(given.overrides)} ${given.overrideType ? `--override-type=${given.overrideType}` : ''}`, () => notFound)
    expect(ran.stdout).toBe(e.expectedOutput)
  })
  test.each(cases('TestGenerateService', 'run').map((c) => [c.case, c]))('%s', (_, { given, expect: e }) => {
    const ran = runFake(`kubectl run foo --image=nginx --expose ${given.port ? `--port=${given.port}` : ''} ${given.params?.labels ? `--labels=${given.params.labels}` : ''} ${given.service || e.expectErr ? '' : '--dry-run=client'}`, server({}))
    expect(ran.rc).toBe(e.expectErr ? 1 : 0)
    if (!given.service) return expect(ran.requests.filter((r) => r.verb === 'create')).toEqual([])
    expect(ran.requests[1]?.body).toEqual(given.service)
    expect(ran.stdout).toBe('service/foo created\npod/foo created\n')
  })
  test.each(cases('TestGetRestartPolicy').map((c) => [`interactive ${c.given.interactive}`, c]))('restart policy, %s', (_, { given, expect: e }) => {
    const ran = runFake(`kubectl run foo --image=nginx --restart=${given.input} ${given.interactive ? '-i --attach=false' : ''} --dry-run=client -ojson`, server({}))
    expect(JSON.parse(ran.stdout).spec.restartPolicy).toBe(e.expected)
  })
  test('a pod is made before its service, and shown though that fails', () => {
    const ran = runFake('kubectl run foo --image=nginx --expose --port=80', (r) => (r.path.endsWith('services') ? notFound : server({})(r)))
    expect(ran).toMatchObject({ rc: 1, stdout: 'pod/foo created\n', stderr: 'Error from server (NotFound): the server could not find the requested resource\n' })
    expect(runFake('kubectl run foo --image=nginx -t', server({})).stderr).toBe("error: -i/--stdin is required for containers with -t/--tty=true\nSee 'kubectl run -h' for help and examples\n")
  })
})

describe('label', () => {
  const pods = server({ 'pods/foo': { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo', namespace: 'default', labels: { existing: 'abc' } } } })
  test.each(cases('TestRunLabelMsg').map((c) => [c.case, c]))('%s', (_, { given: { args, dryRun, overwrite }, expect: e }) => {
    const ran = runFake(`kubectl label ${args.join(' ')} ${dryRun ? `--dry-run=${dryRun}` : ''} --overwrite=${overwrite}`, pods)
    if (e.expectedError) expect(errorOf(ran)).toBe(e.expectedError.error)
    else expect(ran.stdout).toBe(e.expectedOut)
  })
  test.each([...cases('TestLabelMsg'), ...cases('TestLabelFunc')].map((c) => [JSON.stringify(c.given), c]))('%s', (_, { given: g, expect: e }) => {
    const words = [...Object.entries<string>(g.labels ?? {}).map(([k, v]) => `${k}=${v}`), ...(g.remove ?? []).map((k: string) => `${k}-`)]
    const ran = runFake(`kubectl label pod foo ${words.join(' ')} --overwrite=${g.overwrite} --dry-run=client -ojson`, server({ 'pods/foo': { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo', ...g.obj.metadata } } }))
    expect(JSON.parse(ran.stdout).metadata.labels).toEqual((e.expectObj ?? e.expected).metadata?.labels ?? {})
    if (e.expectMsg) expect(runFake(`kubectl label pod foo ${words.join(' ')} --overwrite=${g.overwrite}`, server({ 'pods/foo': { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo', ...g.obj.metadata } } })).stdout).toBe(`pod/foo ${e.expectMsg}\n`)
  })
  test.each(cases('TestLabelErrors').map((c) => [c.case, c]))('%s', (_, { given: { args } }) => {
    expect(runFake(`kubectl label ${args.join(' ')}`, pods)).toMatchObject({ rc: 1, stdout: '' })
  })
  test.each(cases('TestValidateLabels').map((c) => [c.case, c]))('a label that is there is not changed unasked: %s', (_, { given: { labels, meta }, expect: e }) => {
    const ran = runFake(`kubectl label pod foo ${Object.entries<string>(labels).map(([k, v]) => `${k}=${v}`).join(' ')}`, server({ 'pods/foo': { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo', ...meta } } }))
    expect(ran.rc).toBe(e.expectErr ? 1 : 0)
  })
  test.each(cases('TestParseLabels').map((c) => [c.given.labels.join(' '), c]))('%s', (words, { expect: e }) => {
    const ran = runFake(`kubectl run foo --image=nginx --labels=${words.replaceAll(' ', ',')} --dry-run=client -ojson`, server({}))
    if (e.expectErr) expect(ran).toMatchObject({ rc: 1, stdout: '' })
    else expect(JSON.parse(ran.stdout).metadata.labels).toEqual(e.expected)
  })
  test('what cannot be', () => {
    const words = (line: string): string => runFake(line, pods).stderr
    expect(words('kubectl label pods/foo a=b c=d=e')).toBe('error: invalid label spec: c=d=e\n')
    expect(words('kubectl label pods/foo a=b a-')).toBe('error: can not both modify and remove a label in the same command\n')
    expect(words('kubectl label pods/foo a=b --list -oyaml')).toBe('error: --list and --output may not be specified together\n')
    expect(words('kubectl label pods --all -l a=b c=d')).toBe('error: cannot set --all and --selector at the same time\n')
    expect(words('kubectl label pods/foo --local a=b')).toBe('error: can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set\n')
    expect(words('kubectl label --local a=b')).toBe('error: one or more files must be specified as -f pod.yaml or --filename=pod.json\n')
    expect(words('kubectl label pods/foo pods/bar a=b --resource-version=1')).toBe('error: --resource-version may only be used with a single resource\n')
    expect(runFake('kubectl label pods/foo --list', pods).stdout).toBe('existing=abc\n')
  })
})

describe('annotate', () => {
  test.each(cases('TestParseAnnotations').map((c) => [c.given.scenario, c]))('%s', (_, { given: { annotations }, expect: e }) => {
    const ran = runFake(`kubectl annotate pod/foo --dry-run=client -ojson ${['x=y', ...annotations].map(q).join(' ')}`, server({ 'pods/foo': { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo' } } }))
    // A word that is no pair is taken for a resource first, so the words of the table never come to a shell.
    if (e.expectErr) expect(errorOf(ran)).toBe(`all resources must be specified before annotation changes: ${annotations[0]}`)
    else expect(JSON.parse(ran.stdout).metadata.annotations).toEqual({ x: 'y', ...e.expected })
  })
  test.each(cases('TestUpdateAnnotations').map((c) => [JSON.stringify(c.given), c]))('%s', (_, { given: g, expect: e }) => {
    const words = [...Object.entries<string>(g.annotations ?? {}).map(([k, v]) => `${k}=${v}`), ...(g.remove ?? []).map((k: string) => `${k}-`)]
    const ran = runFake(`kubectl annotate pod foo ${words.join(' ')} --overwrite=${g.overwrite ?? false} --dry-run=client -ojson`, server({ 'pods/foo': { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo', ...g.obj.metadata } } }))
    expect(JSON.parse(ran.stdout).metadata.annotations ?? {}).toEqual(e.expected.metadata?.annotations ?? {})
  })
  test.each([...cases('TestValidateAnnotations'), ...cases('TestValidateAnnotationOverwrites')].map((c) => [JSON.stringify(c.given), c]))('%s', (_, { given: g, expect: e }) => {
    const words = [...Object.entries<string>(g.newAnnotations ?? g.annotations).map(([k, v]) => `${k}=${v}`), ...(g.removeAnnotations ?? []).map((k: string) => `${k}-`)]
    const ran = runFake(`kubectl annotate pod foo ${words.join(' ')}`, server({ 'pods/foo': { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo', ...g.meta } } }))
    if (e.expectedErr) expect(errorOf(ran)).toBe(e.expectedErr)
    else expect(ran.rc).toBe(e.expectErr ? 1 : 0)
  })
})

describe('annotate, with words that are none', () => {
  test.each(cases('TestAnnotateErrors').map((c) => [c.case, c]))('%s', (_, { given: { args } }) => {
    expect(runFake(`kubectl annotate ${args.map(q).join(' ')}`, server({}))).toMatchObject({ rc: 1, stdout: '' })
  })
})

describe('selectors that expose takes', () => {
  // The dump lost the kinds: what the fields say. A ReplicaSet or a ReplicationController has a status with replicas, a Deployment a template.
  const kindOf = (o: any): string => {
    const selector = o.spec?.selector
    const isMap = selector !== undefined && selector.matchLabels === undefined && selector.matchExpressions === undefined
    if (o.spec?.template !== undefined) return o.status?.replicas === undefined ? 'Deployment' : 'ReplicaSet'
    if (isMap) return o.status?.replicas === undefined ? 'Service' : 'ReplicationController'
    return o.spec === undefined ? 'Pod' : 'Service'
  }
  // Types of extensions/v1beta1 took the template's labels when they had no selector; no v1.36 server has them.
  const served = cases('TestMapBasedSelectorForObject').filter(({ given: { object: o }, expect: e }) => e.expectErr || o.spec?.template === undefined || o.spec.selector !== undefined)
  test.each(served.map((c) => [`${kindOf(c.given.object)} ${JSON.stringify(c.given.object)}`, c]))('%s', (_, { given: { object }, expect: e }) => {
    const kind = kindOf(object)
    const apiVersion = ['Deployment', 'ReplicaSet'].includes(kind) ? 'apps/v1' : 'v1'
    const ran = runFake(`kubectl expose ${kind} foo --port=80 --dry-run=client -ojson`, server({ [`${kind.toLowerCase()}s/foo`]: { ...object, apiVersion, kind, metadata: { name: 'foo', namespace: 'default', ...object.metadata } } }))
    if (e.expectErr) expect(errorOf(ran)).toMatch(/^couldn't retrieve selectors via --selector flag or introspection: /)
    else expect(Object.entries(JSON.parse(ran.stdout).spec.selector).map(([k, v]) => `${k}=${String(v)}`).join(',')).toBe(e.expectSelector)
  })
})

describe('ports that expose takes', () => {
  test.each(cases('TestPortsForObject').map((c) => [c.expect.expected.join(), c]))('%s', (_, { given: { object }, expect: e }) => {
    const isPod = object.spec.containers !== undefined
    const found = { ...object, apiVersion: 'v1', kind: isPod ? 'Pod' : 'Service', metadata: { name: 'foo', namespace: 'default', labels: { a: 'b' } }, spec: { selector: { a: 'b' }, ...object.spec } }
    const ran = runFake(`kubectl expose ${isPod ? 'pod' : 'service'} foo --name=bar --dry-run=client -ojson`, server({ [isPod ? 'pods/foo' : 'services/foo']: found }))
    expect(JSON.parse(ran.stdout).spec.ports.map((p: any) => String(p.port))).toEqual(e.expected)
  })
})

describe('taint', () => {
  const nodes = (taints: unknown) => server({ 'nodes/node-name': { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-name' }, spec: taints === undefined ? {} : { taints } } })
  test.each(cases('TestTaint').map((c) => [c.case, c]))('%s', (_, { given: { args, newTaints, oldTaints }, expect: e }) => {
    const { rc, requests } = runFake(`kubectl taint ${args.map(q).join(' ')}`, nodes(oldTaints))
    expect(rc).toBe(e.expectFatal ? 1 : 0)
    const patched = requests.find((r) => r.verb === 'patch')
    expect(patched !== undefined).toBe(e.expectTaint)
    if (e.expectTaint) expect((patched as any).body.spec.taints).toEqual(newTaints)
  })
  test.each(cases('TestValidateFlags').map((c) => [c.case, c]))('%s', (_, { given: { taintOpts: o }, expect: e }) => {
    const ran = runFake(`kubectl taint ${(o.resources ?? ['node']).join(' ')} a=b:NoSchedule ${o.all ? '--all' : ''} ${o.selector ? `-l ${o.selector}` : ''}`, (r) => (r.verb === 'list' ? ok({ metadata: {}, items: [] }) : nodes(undefined)(r)))
    expect(ran.rc).toBe(e.expectFatal ? 1 : 0)
  })
  test('errors in order', () => {
    const old = [{ key: 'a', effect: 'NoSchedule' }]
    const words = (rest: string): string => runFake(`kubectl taint node node-name ${rest}`, nodes(old)).stderr
    expect(words('a=b:NoSchedule foo')).toBe('error: all resources must be specified before taint changes: foo\n')
    expect(words('a:NoSchedule')).toBe('error: node node-name already has a taint(s) with same effect(s) and --overwrite is false\n')
    expect(words('b:NoSchedule-')).toBe('error: taint "b:NoSchedule" not found\n')
    expect(words('b- c-')).toBe('taint "b" not found\ntaint "c" not found\n')
    expect(words('b=c:NoSchedule b-')).toBe('error: can not both modify and remove the following taint(s) in the same command: b=\n')
    expect(runFake('kubectl taint node node-name a=x:NoSchedule --overwrite', nodes(old)).stdout).toBe('node/node-name modified\n')
    expect(runFake('kubectl taint node node-name a-', nodes(old)).stdout).toBe('node/node-name untainted\n')
    expect(runFake('kubectl taint node node-name b:NoExecute a-', nodes(old)).stdout).toBe('node/node-name modified\n')
  })
})

describe('wait', () => {
  const named = (more: object = {}): any => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo', namespace: 'default', uid: 'u', generation: 2 }, spec: { nodeName: 'knode0', containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] }, status: { conditions: [{ type: 'Ready', status: 'True' }, { type: 'Other', status: 'False' }] }, ...more })
  const ready = server({ 'pods/foo': named() })
  test.each(cases('TestWaitForDifferentJSONPathExpression').map((c) => [c.case, c]))('%s', (_, { given: g, expect: e }) => {
    const ran = runFake(`kubectl wait pod/foo --timeout=1s --for=jsonpath=${q(`${g.jsonPathExp}${g.matchAnyValue ? '' : `=${g.jsonPathValue}`}`)}`, ready)
    if (!e.expectedErr) return expect(ran).toMatchObject({ rc: 0, stdout: 'pod/foo condition met\n' })
    // A shell's way to a range goes through the relaxed form, which refuses it.
    if (g.jsonPathExp.includes('range')) return expect(ran.rc).toBe(1)
    expect(errorOf(ran)).toBe(e.expectedErr.replace(/theresource\/.*/, 'pods/foo'))
  })
  test.each(cases('TestConditionFuncFor').map((c) => [c.case, c]))('%s', (_, { given: { condition }, expect: e }) => {
    const ran = runFake(`kubectl wait pod/foo --timeout=1s ${condition.map((c: string) => `--for=${q(c)}`).join(' ')}`, ready)
    if (e.expectedErr) expect(errorOf(ran)).toContain(e.expectedErr)
    else expect(ran.stderr).not.toMatch(/unrecognized|format/)
  })
  test.each(cases('TestConditionalWaitCheckConditionHandlesMalformedConditions').map((c) => [c.case, c]))('%s', (_, { given: { conditions }, expect: e }) => {
    expect(runFake('kubectl wait pod/foo --timeout=0 --for=condition=Ready', server({ 'pods/foo': named({ status: { conditions } }) })).rc).toBe(e.expectMet ? 0 : 1)
  })
  test('several conditions, one after another', () => {
    expect(runFake('kubectl wait pod/foo --for=condition=Ready --for=condition=other=false --timeout=1s', ready)).toMatchObject({ rc: 0, stdout: 'pod/foo condition met\npod/foo condition met\n' })
    expect(runFake('kubectl wait pod/foo --for=condition=Ready --for=condition=Other --timeout=1s', ready)).toMatchObject({ rc: 1, stdout: 'pod/foo condition met\n', stderr: 'error: timed out waiting for the condition on pods/foo\n' })
    expect(runFake('kubectl wait pod/foo --for=create --for=jsonpath=.spec.nodeName --timeout=1s', ready)).toMatchObject({ rc: 0, stdout: 'pod/foo condition met\npod/foo condition met\n' })
  })
  test('what is missing, old or checked once', () => {
    expect(runFake('kubectl wait pod/foo --for=delete --timeout=10s', server({}))).toMatchObject({ rc: 0, stdout: '', stderr: '' })
    expect(runFake('kubectl wait pod/foo --for=delete --timeout=1s', ready).stderr).toBe('error: timed out waiting for the condition on pods/foo\n')
    expect(runFake('kubectl wait pod/foo --for=create --timeout=1s', server({})).stderr).toBe('error: timed out waiting for the condition\n')
    expect(runFake('kubectl wait pod/foo --for=condition=Other --timeout=0', ready).stderr).toBe('error: condition not met for pods/foo\n')
    expect(runFake('kubectl wait pod/foo --for=condition=Ready --timeout=1s', server({})).stderr).toContain('Error from server (NotFound)')
    const stale = named({ status: { conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }] } })
    expect(runFake('kubectl wait pod/foo --for=condition=Ready --timeout=0', server({ 'pods/foo': stale })).rc).toBe(1)
    expect(runFake('kubectl wait pod/foo', ready).stderr).toBe('error: unrecognized condition: []\n')
    expect(runFake('kubectl wait pod/foo --for=jsonpath=a=b=c', ready).stderr).toBe("error: jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'\n")
  })
})

describe('get', () => {
  const list = (items: any[]) => () => ok({ apiVersion: 'v1', kind: 'PodList', metadata: {}, items })
  test('columns of a file, and documents in flow style', () => {
    const pod = { metadata: { name: 'a', labels: { 'x/y': 'true', yes: 'l1\n  l2\n' }, finalizers: ['f', 'g'] }, spec: { containers: [{ name: 'c', args: [] }, { name: 'd' }], n: 1 } }
    expect(runFake('kubectl get pods a -okyaml', () => ok({ apiVersion: 'v1', kind: 'Pod', ...pod })).stdout).toBe(`---
{
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    finalizers: [
      "f",
      "g",
    ],
    labels: {
      x/y: "true",
      "yes": "\\
         l1\\n\\
        \\  l2\\n\\
        ",
    },
    name: "a",
  },
  spec: {
    containers: [{
      args: [],
      name: "c",
    }, {
      name: "d",
    }],
    "n": 1,
  },
}
`)
    expect(runFake(`printf 'NAME ARGS\\n.metadata.name {.spec.containers[*].name}\\n' > c; kubectl get pods -o custom-columns-file=c`, list([pod])).stdout).toBe('NAME   ARGS\na      c,d\n')
    expect(runFake(`echo -n '{.items[0].metadata.name}' > p; kubectl get pods -o jsonpath-file=p; kubectl get pods -o jsonpath-file=q`, list([pod]))).toMatchObject({ stdout: 'a', stderr: 'error: error reading --template q, open q: no such file or directory\n' })
  })
})

describe('debug', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default', labels: { a: 'b' }, annotations: { c: 'd' } }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'nginx', livenessProbe: {}, args: ['x'] }], initContainers: [{ name: 'i', image: 'x' }] } }
  const both = server({ 'pods/p': pod, 'nodes/n': { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } } })
  const answer = (r: RequestInit): ApiResponse => (r.path.endsWith('ephemeralcontainers') ? ok({ ...pod, ...(r.body as object) }) : both(r))
  const sent = (line: string): any => runFake(line, answer).requests.find((r) => r.verb === 'create' || r.verb === 'patch')?.body
  const words = (line: string): string => runFake(line, answer).stderr
  test('what it refuses', () => {
    expect(words('kubectl debug p')).toBe('error: you must specify --image when not using --copy-to.\n')
    expect(words('kubectl debug p --image=busybox -t')).toBe('error: -i/--stdin is required for containers with -t/--tty=true\n')
    expect(words('kubectl debug p --image=busybox --replace')).toBe('error: --replace may only be used with --copy-to.\n')
    expect(words('kubectl debug p --set-image=c=x --image=busybox')).toBe('error: --set-image may only be used with --copy-to.\n')
    expect(words('kubectl debug p --copy-to=q')).toBe('error: you must specify --image, --set-image or command arguments.\n')
    expect(words('kubectl debug p --copy-to=q -- sh')).toBe('error: you must specify an existing container or a new image when specifying args.\n')
    expect(words('kubectl debug p --copy-to=q --image=x --target=c')).toBe('error: --target is incompatible with --copy-to. Use --share-processes instead.\n')
    expect(words('kubectl debug p --image=x --profile=y')).toBe('error: unknown profile: y\n')
    expect(words('kubectl debug p --image=:')).toBe('error: invalid image name ":": invalid reference format\n')
    expect(words('kubectl debug --image=x')).toBe('error: NAME or filename is required for debug\n')
    expect(words(`echo '{"image":"y"}' > c.json; kubectl debug p --image=x --custom=c.json`)).toBe('error: name, command, image, lifecycle and volume devices are not modifiable via custom profile\n')
  })
  test('profiles, copies and nodes', () => {
    const container = (line: string): any => sent(line).spec.ephemeralContainers[0]
    expect(container('kubectl debug p --image=x -c d -- sh')).toEqual({ command: ['sh'], image: 'x', name: 'd', resources: {}, securityContext: { capabilities: { add: ['SYS_PTRACE'] } }, terminationMessagePolicy: 'File' })
    expect(container('kubectl debug p --image=x -c d --profile=restricted').securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(container('kubectl debug p --image=x -c d --profile=netadmin --target=c --arguments-only -- a')).toMatchObject({ args: ['a'], securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } }, targetContainerName: 'c' })
    expect(container(`echo 'env: [{name: A, value: B}]' > c.yaml; kubectl debug p --image=x -c d --custom=c.yaml`).env).toEqual([{ name: 'A', value: 'B' }])
    expect(sent('kubectl debug p --copy-to=q --image=x -c d')).toMatchObject({ metadata: { name: 'q', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'nginx', args: ['x'] }, { name: 'd', image: 'x' }], initContainers: [{ name: 'i' }], shareProcessNamespace: true } })
    expect(sent('kubectl debug p --copy-to=q --image=x -c d').spec.containers[0].livenessProbe).toBeUndefined()
    expect(sent('kubectl debug p --copy-to=q -c c -- sh').spec.containers[0]).toMatchObject({ name: 'c', image: 'nginx', command: ['sh'] })
    expect(sent('kubectl debug p --copy-to=q -c c -- sh').spec.containers[0].args).toBeUndefined()
    expect(sent('kubectl debug p --copy-to=q --set-image=*=y --same-node --keep-labels')).toMatchObject({ metadata: { labels: { a: 'b' } }, spec: { containers: [{ image: 'y' }], nodeName: 'n' } })
    expect(sent('kubectl debug node/n --image=x')).toMatchObject({ spec: { containers: [{ name: 'debugger', volumeMounts: [{ mountPath: '/host', name: 'host-root' }] }], hostPID: true, nodeName: 'n', volumes: [{ hostPath: { path: '/' } }] } })
    expect(sent('kubectl debug node/n --image=x --profile=baseline').spec.hostPID).toBeUndefined()
    expect(runFake('kubectl debug node/n --image=x', answer).stdout).toMatch(/^Creating debugging pod node-debugger-n-\w{5} with container debugger on node n\.\n$/)
  })
})

describe('describe', () => {
  test('rules of a role: verbs of a resource together, URLs verb by verb, in the order of their text', () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r' }, rules: [
      { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get'] }, { apiGroups: ['apps', ''], resources: ['pods'], verbs: ['get', 'list'] },
      { nonResourceURLs: ['/b', '/a'], verbs: ['get', 'create'] }, { apiGroups: [''], resources: ['secrets'], resourceNames: ['y', 'x'], verbs: ['get'] },
    ] }
    const lines = runFake('kubectl describe clusterrole r', server({ 'clusterroles/r': role })).stdout.split('\n').slice(6, -1).map((l) => l.trim().replace(/ {2,}/g, ' | '))
    expect(lines).toEqual([
      '[/a] | [] | [create]', '[/b] | [] | [create]', 'pods | [] | [] | [get list]', 'pods.apps | [] | [] | [get list]', '[/a] | [] | [get]', '[/b] | [] | [get]', 'pods/log | [] | [] | [get]',
      'secrets | [] | [x] | [get]', 'secrets | [] | [y] | [get]',
    ])
  })
})
