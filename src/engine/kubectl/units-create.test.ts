import { describe, expect, test } from 'vitest'
import { facts } from '../apimachinery/facts.testing'
import { encodeBase64 } from '../shell'
import type { ApiResponse, RequestInit } from '../client-go'
import type { Thing } from './api'
import { notFound, runFake, type Ran } from './kubectl.testing'
import { rolloutStatus } from './rollout-status'
import { sortByPath } from './sorter'

/* Upstream's own tables of generators, columns, sorting, logs and drain (facts/kubectl-units), each case typed as a command line. */

const { groups } = facts<{ groups: any[] }>('kubectl-units')
const cases = (name: string): any[] => groups.filter((g) => g.test === name).flatMap((g) => g.cases)
const rows = (name: string): [string, any][] => cases(name).map((c, i) => [`${i}: ${c.case ?? JSON.stringify(c.given)}`, c])
const q = (text: unknown): string => `'${String(text).replace(/'/g, `'\\''`)}'`
const errorOf = (ran: Ran): string => ran.stderr.replace(/^error: /, '').split('\n')[0] as string
const many = (flag: string, values: readonly string[] = []): string => values.map((v) => `--${flag}=${q(v)}`).join(' ')
const ok = (body: unknown): ApiResponse => ({ code: 200, body }) as ApiResponse

/** Files that the cases name, with the text that their answers tell of. */
function filesOf(g: any, data: Record<string, string> | undefined): string {
  const env = (g.fromEnvFile ?? []) as string[]
  const lines = Object.entries(data ?? {}).filter(([k]) => k !== 'g_key2').map(([k, v]) => `${k}=${v}`)
  const g2 = data !== undefined && 'g_key2' in data ? ['g_key2'] : []
  const text = (i: number): string => [...(env.length < 2 ? lines : i === 0 ? lines.slice(0, 2) : lines.slice(2)), ...(i === env.length - 1 ? g2 : [])].join('\n')
  const plain = ((g.fromFile ?? []) as string[]).filter((f) => !f.includes('=')).map((f) => `printf '%s' ${q(data?.[f] ?? '')} > ${f}`)
  return [...env.map((f, i) => `printf '# c\\n%s\\n' ${q(text(i) || '1key=x')} > ${f}`), ...plain].map((l) => `${l}; `).join('')
}

describe('create', () => {
  test.each(rows('TestCreateConfigMap'))('%s', (_, { given: g, expect: e }) => {
    const ran = runFake(`${filesOf(g, e.expected?.data)}kubectl create configmap ${g.configMapName} ${many('from-file', g.fromFile)} ${many('from-literal', g.fromLiteral)} ${many('from-env-file', g.fromEnvFile)} --append-hash=${g.appendHash} --dry-run=client -ojson`, () => notFound)
    if (e.expectErr) expect(errorOf(ran)).toBe(e.expectErr)
    else expect(JSON.parse(ran.stdout)).toEqual(e.expected)
  })
  // Files hold text here, so the case of raw bytes is out.
  test.each(rows('TestCreateSecretGeneric').filter(([, c]) => c.expect.expected?.data?.foo1 !== '//0='))('%s', (_, { given: g, expect: e }) => {
    const data = e.expected?.data === undefined ? undefined : Object.fromEntries(Object.entries(e.expected.data as Record<string, string>).map(([k, v]) => [k, Buffer.from(v, 'base64').toString()]))
    const ran = runFake(`${filesOf(g, data)}kubectl create secret generic ${g.secretName} ${g.secretType ? `--type=${g.secretType}` : ''} ${many('from-file', g.fromFile)} ${many('from-literal', g.fromLiteral)} ${many('from-env-file', g.fromEnvFile)} --append-hash=${g.appendHash} --dry-run=client -ojson`, () => notFound)
    if (e.expectErr) expect(errorOf(ran)).toBe(e.expectErr)
    else expect(JSON.parse(ran.stdout)).toEqual(e.expected)
  })
  test.each(rows('TestCreateServices').filter(([, c]) => !(c.given.serviceType === 'NodePort' && c.given.clusterip)))('%s', (_, { case: name, given: g, expect: e }) => {
    const ran = runFake(`kubectl create service ${g.serviceType.toLowerCase()} ${name.toLowerCase()} ${many('tcp', g.tcp)} ${g.clusterip ? `--clusterip=${g.clusterip}` : ''} ${g.externalName ? `--external-name=${q(g.externalName)}` : ''} --dry-run=client -ojson`, () => notFound)
    if (e.expectErr) expect(ran.rc).toBe(1)
    else expect(JSON.parse(ran.stdout)).toEqual({ apiVersion: 'v1', kind: 'Service', ...e.expected })
  })
  test.each(rows('TestCreateQuota'))('%s', (_, { given: { options: o }, expect: e }) => {
    const made = JSON.parse(runFake(`kubectl create quota ${o.Name} --hard=${o.Hard} --scopes=${o.Scopes ?? ''} --dry-run=client -ojson`, () => notFound).stdout)
    expect({ ...made, status: undefined }).toEqual({ ...e.expected, status: undefined })
  })
  test.each([...rows('TestCreateIngressValidation'), ...rows('TestCreateIngress')])('%s', (_, { given: g, expect: e }) => {
    const ran = runFake(`kubectl create ingress test-ingress ${many('rule', g.rules)} ${many('annotation', g.annotations)} ${g.defaultbackend ? `--default-backend=${g.defaultbackend}` : ''} ${g.ingressclass ? `--class=${g.ingressclass}` : ''} --dry-run=client -ojson`, () => notFound)
    if (typeof e.expected === 'string') expect(errorOf(ran)).toBe(e.expected)
    else if (e.expected !== undefined) expect(JSON.parse(ran.stdout)).toEqual(e.expected)
    else expect(ran.rc).toBe(0)
  })
  test.each([...rows('TestParseFileSource').map(([n, c]) => [n, 'from-file', c] as const), ...rows('TestParseLiteralSource').map(([n, c]) => [n, 'from-literal', c] as const)])('%s', (_, flag, { given: g, expect: e }) => {
    const ran = runFake(`kubectl create cm x --${flag}=${q(g.input)} --dry-run=client -ojson`, () => notFound)
    if (e.err) expect(errorOf(ran)).toMatch(/missing|expected key=value/)
    else if (flag === 'from-file') expect(errorOf(ran)).toBe(`error reading ${g.filepath}: no such file or directory`)
    else expect(JSON.parse(ran.stdout).data).toEqual({ [g.key]: g.value })
  })
  test('what cannot be', () => {
    const words = (line: string): string => runFake(line, () => notFound).stderr
    expect(words('kubectl create cm x --from-file==a')).toBe('error: key name for file path a missing\n')
    expect(words('kubectl create cm x --from-literal=a/b=c')).toContain('error: "a/b" is not a valid key name for a ConfigMap: a valid config key must consist of')
    expect(words('kubectl create quota x --hard=cpu')).toBe('error: Invalid argument syntax cpu, expected <resource>=<value>\n')
    expect(words('kubectl create quota x --hard=cpu=abc')).toContain('quantities must match the regular expression')
    expect(words('kubectl create svc clusterip x --tcp=70000')).toBe('error: strconv.ParseUint: parsing "70000": value out of range\n')
    expect(words('kubectl create svc externalname x --external-name=@')).toBe('error: invalid service external name @\n')
    expect(words('kubectl create ingress x --rule=a/b=c:80 --annotation=z')).toBe('error: annotation z is invalid and should be in format key=[value]\n')
    const pull = runFake(`echo -n '{}' > .dockerconfigjson; kubectl create secret docker-registry r --from-file=.dockerconfigjson --dry-run=client -ojson`, () => notFound)
    expect(JSON.parse(pull.stdout)).toMatchObject({ data: { '.dockerconfigjson': encodeBase64('{}') }, type: 'kubernetes.io/dockerconfigjson' })
  })
})

describe('columns and order', () => {
  const get = (spec: string, body: any, more = ''): Ran => runFake(`kubectl get pods ${more} -o ${q(`custom-columns=${spec}`)}`, () => ok(body))
  const pods = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [{ metadata: { name: 'a' } }] }
  test.each(rows('TestMassageJSONPath'))('%s', (_, { given, expect: e }) => {
    expect(get(`X:${given.input}`, pods).rc).toBe(e.expectErr ? 1 : 0)
  })
  test.each(rows('TestNewColumnPrinterFromSpec'))('%s', (_, { given, expect: e }) => {
    const ran = get(given.spec ?? '', pods, given.noHeaders ? '--no-headers' : '')
    expect(ran.rc).toBe(e.expectErr ? 1 : 0)
    if (e.expectedColumns) expect(ran.stdout.split('\n')[0]?.split(/ +/)).toEqual(e.expectedColumns.map((c: any) => c.Header))
    if (given.noHeaders) expect(ran.stdout).not.toContain('API_VERSION')
  })
  test.each(rows('TestNewColumnPrinterFromTemplate'))('%s', (_, { given, expect: e }) => {
    const ran = runFake(`printf '%s' ${q(given.spec ?? '')} > f; kubectl get pods -o custom-columns-file=f`, () => ok(pods))
    expect(ran.rc).toBe(e.expectErr ? 1 : 0)
    if (e.expectedColumns) expect(ran.stdout.split('\n')[0]?.split(/ +/)).toEqual(e.expectedColumns.map((c: any) => c.Header))
  })
  test.each(rows('TestColumnPrint'))('%s', (_, { given: { columns, obj }, expect: e }) => {
    const list = obj.items === undefined ? { items: [obj] } : obj
    expect(get(columns.map((c: any) => `${c.Header}:${c.FieldSpec}`).join(','), { ...pods, ...list }).stdout).toBe(e.expectedOutput)
  })
  test.each(rows('TestSliceColumnPrint'))('%s', (_, { given: { spec }, expect: e }) => {
    const ran = get(spec, { ...pods, items: [{ metadata: { name: 'a' }, spec: { containers: [0, 1, 2, 3].map((i) => ({ name: `fake${i}` })) } }] })
    expect(ran.rc).toBe(e.expectErr ? 1 : 0)
    if (!e.expectErr) expect(ran.stdout).toBe(e.expectedOutput)
  })
  test.each(rows('TestSortingPrinter'))('%s', (_, { given: { field, obj, sort }, expect: e }) => {
    const sorted = (): unknown => sortByPath(obj.items as any[], field, (o) => o)
    if (e.expectedErr) expect(sorted).toThrow(expect.objectContaining({ problems: [{ text: e.expectedErr }] }))
    else expect(sorted()).toEqual(sort.items)
  })
  test.each(rows('TestRuntimeSortLess'))('%s', (_, { given: { i, j, runtimeSort }, expect: e }) => {
    const [a, b] = [runtimeSort.objs[i], runtimeSort.objs[j]]
    expect(sortByPath([b, a], runtimeSort.field, (o) => o)[0] === a).toBe(e.expectResult)
  })
})

test.each(rows('TestStatefulSetStatusViewerStatus'))('stateful set status: %s', (_, { given, expect: e }) => {
  const { status } = given
  const seen = rolloutStatus('StatefulSet', { metadata: { name: 'foo', generation: given.generation }, spec: { replicas: 3, updateStrategy: given.strategy }, status } as unknown as Thing)
  expect({ msg: seen?.message, done: seen?.done }).toEqual({ msg: e.msg, done: e.done })
})

describe('cordon and drain', () => {
  const serve = (node: any, pods: any[]) => {
    const there = new Set(pods.map((p) => p.metadata.name))
    return (r: RequestInit): ApiResponse => {
      if (r.path.endsWith('/eviction')) {
        there.delete(r.path.split('/').at(-2) as string)
        return { code: 201, body: { kind: 'Status', status: 'Success' } } as unknown as ApiResponse
      }
      if (r.path === '/api/v1/pods') return ok({ metadata: {}, items: pods.filter((p) => there.has(p.metadata.name)) })
      if (r.path.includes('/pods/')) return there.has(r.path.split('/').at(-1) as string) ? ok(pods[0]) : notFound
      if (r.path.includes('/daemonsets/')) return ok({ metadata: { name: 'ds' } })
      if (r.verb === 'patch') return ok({ ...node, spec: { ...node.spec, ...(r.body as any).spec } })
      return r.path.includes('/nodes/') ? ok({ apiVersion: 'v1', kind: 'Node', ...node, metadata: { ...node.metadata, name: r.path.split('/').at(-1) } }) : notFound
    }
  }
  test.each(rows('TestCordon'))('%s', (_, { case: name, given: { arg, node } }) => {
    const verb = name.split(' ')[0]
    const ran = runFake(`kubectl ${verb} ${arg}`, serve(node, []))
    const word = name.includes('nothing') ? `already ${verb}ed` : `${verb}ed`
    expect(ran).toMatchObject({ rc: 0, stdout: arg.split(' ').map((n: string) => `node/${n} ${word}\n`).join('') })
  })
  test.each(rows('TestDrain'))('%s', (_, { given: { args, node, pods }, expect: e }) => {
    const ran = runFake(`kubectl drain ${args.join(' ')}`, serve(node, pods))
    expect(ran.rc).toBe(e.expectFatal ? 1 : 0)
    expect(ran.requests.some((r) => r.path.endsWith('/eviction'))).toBe(e.expectDelete)
    if (e.expectOutputToContain) expect(ran.stdout).toContain(e.expectOutputToContain)
  })
  test('several nodes, refused pods, warnings, budgets', () => {
    const node = { metadata: {}, spec: {} }
    const pod = (name: string, more: object = {}): any => ({ metadata: { name, namespace: 'default', uid: name, ...more }, spec: {} })
    const naked = runFake('kubectl drain a b', serve(node, [pod('p')]))
    expect(naked.rc).toBe(1)
    expect(naked.stderr).toBe(`${['a', 'b'].map((n) => `error: unable to drain node "${n}" due to error: cannot delete Pods that declare no controller (use --force to override): default/p, continuing command...\n`).join('')}There are pending nodes to be drained:\n a\n b\n${'cannot delete Pods that declare no controller (use --force to override): default/p\n'.repeat(2)}`)
    const owned = { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', controller: true }] }
    const local = { ...pod('l', owned), spec: { volumes: [{ emptyDir: {} }] } }
    // The last filter's word is the one that stays: no warning of local data.
    expect(runFake('kubectl drain a --delete-emptydir-data', serve(node, [local]))).toMatchObject({ rc: 0, stderr: '', stdout: 'node/a cordoned\nevicting pod default/l\npod/l evicted\nnode/a drained\n' })
    expect(runFake('kubectl drain a --pod-selector=,,', serve(node, [])).stderr).toBe('error: --pod-selector=<pod_selector> must be a valid label selector\n')
    expect(runFake('kubectl drain a -l x=y', serve(node, [])).stderr).toBe("error: cannot specify both a node name and a --selector option\nSee 'kubectl drain -h' for help and examples\n")
    expect(runFake('kubectl drain a --dry-run=client', serve(node, [pod('q', owned)])).stdout).toBe('node/a cordoned (dry run)\nevicting pod default/q (dry run)\nnode/a drained (dry run)\n')
    const guarded = (r: RequestInit): ApiResponse => (r.path.endsWith('/eviction') ? ({ code: 429, body: { kind: 'Status', status: 'Failure', reason: 'TooManyRequests', message: 'no' } } as unknown as ApiResponse) : serve(node, [pod('q', owned)])(r))
    expect(runFake('kubectl drain a --timeout=6s', guarded).stderr).toContain(`error when evicting pods/"q" -n "default" (will retry after 5s): no\n`)
    expect(runFake('kubectl drain a --timeout=6s', guarded).stderr).toContain('error when evicting pods/"q" -n "default": global timeout reached: 6s, continuing command...\n')
  })
})
