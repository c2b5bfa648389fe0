import { describe, expect, test } from 'vitest'
import { facts } from '../apimachinery/facts.testing'
import type { ApiResponse, RequestInit } from '../client-go'
import { notFound, runFake, type FakeWatch, type Ran } from './kubectl.testing'

/* Upstream's tables of what `logs` asks for (facts/kubectl-units, polymorphichelpers/logsforobject_test.go), each case typed as a command line. */

const { groups } = facts<{ groups: any[] }>('kubectl-units')
const cases = (name: string): any[] => groups.filter((g) => g.test === name).flatMap((g) => g.cases)
const ok = (body: unknown): ApiResponse => ({ code: 200, body }) as ApiResponse

const GROUPS: Record<string, string> = { job: 'batch/v1', replicationcontroller: 'v1' }

/** A server that has one object and some pods. */
function server(object: any, pods: readonly any[]): (r: RequestInit) => ApiResponse {
  return (r) => {
    if (r.path.endsWith('/log')) return ok('line\n')
    if (r.verb === 'list') return ok({ metadata: { resourceVersion: '1' }, items: pods })
    return r.path.endsWith(`/${object?.metadata.name}`) ? ok(object) : notFound
  }
}

const asked = (ran: { requests: readonly RequestInit[] }): unknown[] =>
  ran.requests.filter((r) => r.verb === 'list' || r.path.endsWith('/log')).map((r) => (r.verb === 'list' ? { list: (r.query as any)?.labelSelector } : { log: /pods\/([^/]+)\/log/.exec(r.path)?.[1], ...(r.query as any) }))

/** `spec.initContainers{a}` → `initContainers`, `a` */
const place = (path: string): [string, string] => /^spec\.(\w+)\{(.*)\}$/.exec(path)?.slice(1) as [string, string]

describe('what is asked for', () => {
  const whole = cases('TestLogsForObject').filter((c) => c.given.actions !== undefined || c.given.obj !== undefined)
  test.each(whole.map((c) => [c.case, c]))('%s', (name: string, { given: g, expect: e }) => {
    const what = name.replace(/ logs.*/, '').replace(/ /g, '')
    const type = g.obj.items !== undefined ? 'list' : g.obj.spec.containers !== undefined ? 'pod' : what
    const pods = g.obj.items ?? g.clientsetPods ?? [g.obj]
    const word = type === 'list' ? '-l foo=bar --tail=-1' : `${type}/${g.obj.metadata.name}`
    const flags = `${g.allContainers ? '--all-containers' : ''} ${g.allPods ? '--all-pods' : ''} ${g.opts?.container ? `-c ${g.opts.container}` : ''}`
    const object = { apiVersion: GROUPS[type] ?? 'apps/v1', kind: type, ...g.obj }
    const ran = runFake(`kubectl logs -n test ${word} ${flags} --prefix`, server(object, pods))
    if (e.expectedErr) return expect(ran).toMatchObject({ rc: 1, stderr: `error: ${e.expectedErr}\n` })
    const wanted = g.actions.map((a: any) => (a.ActionImpl.Verb === 'list' ? { list: a.ListOptions.labelSelector } : a.Value))
    expect(asked(ran).slice(type === 'list' ? 1 : 0)).toMatchObject(wanted)
    expect(asked(ran)).toHaveLength(wanted.length + (type === 'list' ? 1 : 0))
    expect(ran.stdout.split('\n').filter(Boolean).sort()).toEqual(e.expectedSources.map((s: any) => `[pod/${s.name}/${place(s.fieldPath)[1]}] line`).sort())
  })
  // Rows of the dump that are sources: a pod and the place of its container.
  test.each(cases('TestLogsForObject').filter((c) => c.given.fieldPath !== undefined).map((c) => [`${c.case} ${c.given.fieldPath}`, c]))('%s', (_, { case: name, given: g }) => {
    const [field, container] = place(g.fieldPath)
    const pod = { apiVersion: g.apiVersion, kind: 'Pod', metadata: { name, namespace: g.namespace }, spec: { containers: [{ name: 'other' }], [field]: [{ name: 'first' }, { name: container }] }, status: {} }
    const ran = runFake(`kubectl logs -n ${g.namespace} ${name} -c ${container} --prefix`, server(pod, [pod]))
    expect(ran).toMatchObject({ rc: 0, stdout: `[pod/${name}/${container}] line\n`, stderr: '' })
    expect(asked(ran)).toEqual([{ log: name, container }])
  })
})

describe('which container, with a default in an annotation', () => {
  const annotation = (name: string): string | undefined => (name.includes('non-existing') ? 'non-existing' : /default container (selected|set)/.test(name) && !name.includes('without') ? 'foo-2-c1' : undefined)
  test.each(cases('TestLogsForObjectWithClient').map((c) => [c.case, c]))('%s', (name: string, { given: g, expect: e }) => {
    const preferred = annotation(name)
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo-two-containers', namespace: 'test', ...(preferred === undefined ? {} : { annotations: { 'kubectl.kubernetes.io/default-container': preferred } }) }, spec: { containers: [{ name: 'foo-2-c1' }, { name: 'foo-2-c2' }] }, status: {} }
    const ran = runFake(`kubectl logs -n test foo-two-containers ${g.allContainers ? '--all-containers' : ''} ${g.podLogOptions.container ? `-c ${g.podLogOptions.container}` : ''}`, server(pod, [pod]))
    const containers = asked(ran).map((a: any) => a.container)
    if (g.allContainers) expect(containers).toEqual(['foo-2-c1', 'foo-2-c2'])
    else expect(containers).toEqual([place(e.expectedFieldPath)[1]])
    const defaulted = 'Defaulted container "foo-2-c1" out of: foo-2-c1, foo-2-c2\n'
    const says = g.allContainers || g.podLogOptions.container ? '' : preferred === undefined ? defaulted : preferred === 'non-existing' ? `Default container name "non-existing" not found in pod foo-two-containers\n${defaulted}` : ''
    expect(ran.stderr).toBe(says)
  })
})

describe('which pod', () => {
  const pod = (name: string, node: string, phase: string, since?: string, more: { restarts?: number; deleted?: boolean } = {}): any => ({
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z', ...(more.deleted ? { deletionTimestamp: '2026-01-01T00:10:00Z' } : {}) }, spec: { nodeName: node, containers: [{ name: 'c' }] },
    status: { phase, conditions: since === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: since }], containerStatuses: [{ name: 'c', restartCount: more.restarts ?? 0 }] },
  })
  const JOB = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', namespace: 'default' }, spec: { selector: { matchLabels: { a: 'b' } }, template: {} } }
  const all = [pod('unassigned', '', 'Pending'), pod('pending', 'n', 'Pending'), pod('fresh', 'n', 'Running', '2026-01-01T00:05:00Z'), pod('old', 'n', 'Running', '2026-01-01T00:01:00Z'), pod('starting', 'n', 'Running'), pod('crashing', 'n', 'Running', undefined, { restarts: 3 })]
  const first = (pods: any[]): string | undefined => /using pod\/(.*)\n/.exec(runFake('kubectl logs job/j', server(JOB, pods)).stderr)?.[1]
  test('ready for longest, then restarted most, then assigned', () => {
    expect(first(all)).toBe('old')
    expect(first(all.filter((p) => !['old', 'fresh'].includes(p.metadata.name)))).toBe('crashing')
    expect(first(all.slice(0, 2))).toBe('pending')
  })
  test('exec takes the one that a controller would delete last', () => {
    const chosen = (pods: any[]): unknown => /pods\/(.*)\/exec/.exec(runFake('kubectl exec job/j -- id', (r) => (r.path.endsWith('/exec') ? ok({ stdout: '', stderr: '', exitCode: 0 }) : server(JOB, pods)(r))).requests.at(-1)?.path as string)?.[1]
    expect(chosen(all)).toBe('old')
    expect(chosen(all.slice(4))).toBe('starting')
    expect(chosen([pod('going', 'n', 'Running', undefined, { deleted: true }), pod('staying', 'n', 'Running')])).toBe('staying')
  })
  test('one that comes later is waited for, and none in time is an error', () => {
    const watch = (events: FakeWatch) => runFake('kubectl logs job/j', server(JOB, []), { watch: () => events })
    expect(watch([{ type: 'ADDED', object: all[2] }])).toMatchObject({ rc: 0, stdout: 'line\n' })
    expect(watch([])).toMatchObject({ rc: 1, stderr: 'error: timed out waiting for the condition\n' })
    expect(watch([{ stop: 1 }])).toMatchObject({ rc: 1, stderr: 'error: watch closed before UntilWithoutRetry timeout\n' })
  })
  test('what has no pods', () => {
    const words = (object: any): string => runFake(`kubectl logs ${object.kind}/x`, server({ ...object, metadata: { name: 'x', namespace: 'default' } }, [])).stderr
    expect(words({ apiVersion: 'v1', kind: 'ConfigMap' })).toBe('error: cannot get the logs from *v1.ConfigMap: selector for *v1.ConfigMap not implemented\n')
    expect(words({ apiVersion: 'v1', kind: 'Service', spec: {} })).toBe("error: cannot get the logs from *v1.Service: invalid service 'x': Service is defined without a selector\n")
    expect(runFake('kubectl logs x', server(undefined, [])).stderr).toBe('error: error from server (NotFound): pods "x" not found in namespace "default"\n')
  })
})

describe('options', () => {
  const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default', uid: 'u' }, spec: { containers: [{ name: 'c' }] }, status: { containerStatuses: [{ name: 'c', state: { running: {} } }] } }
  const asks = (flags: string): unknown => asked(runFake(`kubectl logs p ${flags}`, server(POD, [POD])))[0]
  test('become a query', () => {
    expect(asks('--since=1500ms --tail=5 -p --timestamps --limit-bytes=10')).toEqual({ log: 'p', container: 'c', previous: 'true', sinceSeconds: '2', timestamps: 'true', tailLines: '5', limitBytes: '10' })
    expect(asks('--since-time=2026-01-01T00:00:00Z --tail=-1')).toEqual({ log: 'p', container: 'c', sinceTime: '2026-01-01T00:00:00Z' })
    expect(asked(runFake('kubectl logs -l a=b', server(POD, [POD])))[1]).toEqual({ log: 'p', container: 'c', tailLines: '10' })
  })
  test('are judged after the pod was found', () => {
    const words = (line: string): string => runFake(line, server(POD, [POD])).stderr
    expect(words('kubectl logs q --tail=-2')).toContain('NotFound')
    expect(words('kubectl logs p --tail=-2')).toBe('error: --tail must be greater than or equal to -1\n')
    expect(words('kubectl logs p --since=-2s')).toBe('error: --since must be greater than 0\n')
    expect(words('kubectl logs p --limit-bytes=-2')).toBe('error: --limit-bytes must be greater than 0\n')
    expect(words('kubectl logs p c -c c')).toBe('error: only one of -c or an inline [CONTAINER] arg is allowed\n')
    expect(words('kubectl logs p --since=1s --since-time=2026-01-01T00:00:00Z')).toBe('error: at most one of `sinceTime` or `sinceSeconds` may be specified\n')
    expect(words('kubectl logs p --all-containers -c c')).toBe('error: --all-containers=true should not be specified with container name c\n')
  })
  const waiting = { code: 400, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'BadRequest', message: 'container "c" in pod "p" is waiting to start: ContainerCreating', code: 400 } } as unknown as ApiResponse
  const after = (n: number) => {
    let tries = 0
    return (r: RequestInit): ApiResponse => (r.path.endsWith('/log') ? (tries++ < n ? waiting : ok('line\n')) : ok(tries > n + 1 ? { ...POD, status: { containerStatuses: [{ name: 'c', state: { terminated: {} } }] } } : POD))
  }
  const run = (line: string, n: number): Ran => runFake(line, after(n))
  test('what cannot be read yet is tried once a second by -f, and by nothing else', () => {
    const words = 'container "c" in pod "p" is waiting to start: ContainerCreating\n'
    expect(run('kubectl logs p', 1)).toMatchObject({ rc: 1, stdout: '', stderr: `Error from server (BadRequest): ${words}` })
    expect(run('kubectl logs p --ignore-errors', 1)).toMatchObject({ rc: 0, stdout: `error: ${words}`, stderr: '' })
    expect(run('kubectl logs -f p', 2)).toMatchObject({ rc: 0, stdout: 'line\n', stderr: words.repeat(2) })
    expect(run('kubectl logs -f p', 1e9)).toMatchObject({ rc: 1, stdout: '', stderr: `${words.repeat(20)}error: context deadline exceeded\n` })
    expect(run('kubectl logs -f p --ignore-errors', 1e9)).toMatchObject({ rc: 0, stdout: `error: ${words}`, stderr: '' })
  })
})
