import { describe, expect, test } from 'vitest'
import type { KubeList, KubeObject } from '../apimachinery'
import { SECOND } from '../sim'
import { TestServer } from './testing'

type Any = KubeObject & { spec: Record<string, unknown>; status: Record<string, unknown>; metadata: Record<string, unknown> }
const core = '/api/v1/namespaces/default'
const pods = `${core}/pods`
const text = (r: { body: unknown }) => (r.body as { message?: string }).message
const merge = 'application/merge-patch+json' as const

function server(members = 1): TestServer {
  const s = new TestServer({ members })
  s.do({ verb: 'create', path: `${core}/serviceaccounts`, body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } } })
  return s
}
const pod = (name: string, labels: Record<string, string> = { app: 'web' }) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }] } })
const bind = (s: TestServer, name: string, node = 'node-1') =>
  s.do({ verb: 'create', path: `${pods}/${name}/binding`, body: { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { kind: 'Node', name: node } } })

describe('pods', () => {
  test('a created pod carries what the recorded one does', () => {
    const s = server()
    const made = s.do({ verb: 'create', path: pods, body: pod('p') })
    expect(made.code, text(made)).toBe(201)
    const { spec, metadata } = made.body as unknown as { spec: Record<string, unknown>; metadata: Record<string, unknown> }
    expect(spec.serviceAccountName).toBe('default')
    expect(spec.priority).toBe(0)
    expect(spec.tolerations).toEqual([
      { effect: 'NoExecute', key: 'node.kubernetes.io/not-ready', operator: 'Exists', tolerationSeconds: 300 },
      { effect: 'NoExecute', key: 'node.kubernetes.io/unreachable', operator: 'Exists', tolerationSeconds: 300 },
    ])
    expect((spec.volumes as { name: string }[])[0]?.name).toMatch(/^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    expect(metadata.generation).toBe(1)
  })

  test('binding sets node, condition and zone label, once', () => {
    const s = server()
    s.do({ verb: 'create', path: '/api/v1/nodes', body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'zone-1' } } } })
    expect((s.do({ verb: 'get', path: '/api/v1/nodes/node-1' }).body as unknown as { spec: unknown }).spec).toEqual({ taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] })
    s.do({ verb: 'create', path: pods, body: pod('p') })
    const w = s.watch('/api/v1/pods', { fieldSelector: 'spec.nodeName=node-1' })
    expect(bind(s, 'p').code).toBe(201)
    const p = s.do({ verb: 'get', path: `${pods}/p` }).body as Any
    expect(p.spec).toMatchObject({ nodeName: 'node-1' })
    expect(p.metadata.labels).toEqual({ app: 'web', 'topology.kubernetes.io/zone': 'zone-1' })
    expect((p.status as { conditions: unknown[] }).conditions).toMatchObject([{ type: 'PodScheduled', status: 'True', observedGeneration: 1, lastProbeTime: null }])
    expect(s.events(w).map((e) => e.type)).toEqual(['ADDED'])
    expect(text(bind(s, 'p', 'node-2'))).toBe('Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "node-1"')
  })

  test('deletion waits the grace period of a bound pod, and is done at once for others', () => {
    const s = server()
    s.do({ verb: 'create', path: pods, body: pod('free') })
    s.do({ verb: 'create', path: pods, body: pod('bound') })
    bind(s, 'bound')
    const w = s.watch(pods, { resourceVersion: '0' })
    s.do({ verb: 'delete', path: `${pods}/free` })
    expect(s.do({ verb: 'get', path: `${pods}/free` }).code).toBe(404)
    const marked = s.do({ verb: 'delete', path: `${pods}/bound` }).body as Any
    expect(marked.metadata.deletionGracePeriodSeconds).toBe(30)
    expect(marked.metadata.generation).toBe(2)
    expect(s.do({ verb: 'delete', path: `${pods}/bound`, body: { gracePeriodSeconds: 0, preconditions: { uid: 'other' } } }).code).toBe(409)
    s.do({ verb: 'delete', path: `${pods}/bound`, body: { gracePeriodSeconds: 0, preconditions: { uid: marked.metadata.uid } } })
    expect(s.do({ verb: 'get', path: `${pods}/bound` }).code).toBe(404)
    expect(s.events(w).filter((e) => e.object.metadata.name === 'bound').map((e) => e.type)).toEqual(['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED'])
  })

  test('eviction asks the budget', () => {
    const s = server()
    s.do({ verb: 'create', path: pods, body: pod('p') })
    bind(s, 'p')
    s.do({ verb: 'patch', path: `${pods}/p/status`, patchType: merge, body: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } } })
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
    s.do({ verb: 'create', path: budgets, body: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } } })
    s.do({ verb: 'patch', path: `${budgets}/b/status`, patchType: merge, body: { status: { observedGeneration: 1, disruptionsAllowed: 0, desiredHealthy: 1, currentHealthy: 1, expectedPods: 1 } } })
    const evict = (deleteOptions = {}) => s.do({ verb: 'create', path: `${pods}/p/eviction`, body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' }, deleteOptions } })
    const refused = evict()
    expect(refused.code).toBe(429)
    expect(text(refused)).toBe("Cannot evict pod as it would violate the pod's disruption budget.")
    s.do({ verb: 'patch', path: `${budgets}/b/status`, patchType: merge, body: { status: { disruptionsAllowed: 1 } } })
    expect(evict({ dryRun: ['All'] }).code).toBe(201)
    expect((s.do({ verb: 'get', path: `${pods}/p` }).body as Any).metadata.deletionTimestamp).toBeUndefined()
    expect(evict().code).toBe(201)
    const p = s.do({ verb: 'get', path: `${pods}/p` }).body as Any
    expect(p.metadata.deletionTimestamp).toBeDefined()
    expect((p.status as { conditions: unknown[] }).conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }))
    expect((s.do({ verb: 'get', path: `${budgets}/b` }).body as Any).status).toMatchObject({ disruptionsAllowed: 0 })
  })

  test('admission refuses with the recorded texts', () => {
    const s = server()
    const create = (body: object, ns = 'default') => s.do({ verb: 'create', path: `/api/v1/namespaces/${ns}/pods`, body })
    const with_ = (spec: object) => ({ ...pod('p'), spec: { ...pod('p').spec, ...spec } })
    expect(text(create(with_({ priorityClassName: 'nope' })))).toBe('pods "p" is forbidden: no PriorityClass with name nope was found')
    expect(text(create(with_({ priority: 5 })))).toBe('pods "p" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name')
    expect(text(create(with_({ serviceAccountName: 'nope' })))).toBe('pods "p" is forbidden: error looking up service account default/nope: serviceaccount "nope" not found')
    expect(text(create(pod('p'), 'nowhere'))).toBe('namespaces "nowhere" not found')
    expect(text(s.do({ verb: 'delete', path: '/api/v1/namespaces/default' }))).toBe('namespaces "default" is forbidden: this namespace may not be deleted')
  })
})

describe('the rules of every kind', () => {
  test('generateName, dry run, unknown fields', () => {
    const s = server()
    const a = s.do({ verb: 'create', path: `${core}/configmaps`, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'x-' } } })
    expect(a.body.metadata.name).toMatch(/^x-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    expect(s.do({ verb: 'create', path: `${core}/configmaps`, query: { dryRun: 'All' }, body: { metadata: { name: 'dry' } } }).code).toBe(201)
    expect(s.do({ verb: 'get', path: `${core}/configmaps/dry` }).code).toBe(404)
    const odd = { ...pod('p'), spec: { ...pod('p').spec, container: [] } }
    const strict = s.do({ verb: 'create', path: pods, query: { fieldValidation: 'Strict' }, body: odd })
    expect(strict.code).toBe(400)
    expect(text(strict)).toBe('Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.container"')
    expect(s.do({ verb: 'create', path: pods, query: { fieldValidation: 'Warn' }, body: odd }).warnings).toEqual(['unknown field "spec.container"'])
    expect(text(s.do({ verb: 'create', path: pods, body: { kind: 'pod', apiVersion: 'v1', metadata: { name: 'q' } } }))).toBe('pod in version "v1" cannot be handled as a Pod: no kind "pod" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"')
  })

  test('a patch that makes no object of its kind is refused with the converter\'s words', () => {
    const s = server()
    s.do({ verb: 'create', path: pods, body: pod('p') })
    const patch = (body: object) => s.do({ verb: 'patch', path: `${pods}/p`, patchType: 'application/strategic-merge-patch+json', body })
    const refused = patch({ spec: { activeDeadlineSeconds: 'x' } })
    expect([refused.code, text(refused)]).toEqual([422, ' "" is invalid: patch: Invalid value: "map[spec:map[activeDeadlineSeconds:x]]": unrecognized type: int64'])
    expect(text(patch({ metadata: { labels: { a: 1 } } }))).toContain('"map[metadata:map[labels:map[a:1]]]": cannot convert int64 to string')
    expect(text(patch({ spec: { containers: 'x' } }))).toContain(': cannot restore slice from string')
    expect(text(patch({ kind: { a: 'b' } }))).toContain('unrecognized type: string')
    const kindless = s.do({ verb: 'patch', path: `${pods}/p`, patchType: merge, body: { kind: ['Pod'] } })
    expect(text(kindless)).toMatch(/: couldn't get version\/kind; json parse error: json: cannot unmarshal array into Go struct field \.kind of type string$/)
    const merged = s.do({ verb: 'patch', path: `${pods}/p`, patchType: merge, body: { spec: { activeDeadlineSeconds: 'x' } } })
    expect(text(merged)).toMatch(/patch: Invalid value: "\{.*: json: cannot unmarshal string into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64$/)
  })

  test('finalizers hold an object until the last one is gone', () => {
    const s = server()
    const path = `${core}/configmaps/f`
    s.do({ verb: 'create', path: `${core}/configmaps`, body: { metadata: { name: 'f', finalizers: ['example.com/hold'] } } })
    const held = s.do({ verb: 'delete', path })
    expect(held.body.metadata.deletionTimestamp).toBeDefined()
    expect(s.do({ verb: 'patch', path, patchType: merge, body: { metadata: { finalizers: ['example.com/hold', 'example.com/new'] } } }).code).toBe(422)
    expect(s.do({ verb: 'patch', path, patchType: merge, body: { metadata: { finalizers: null } } }).code).toBe(200)
    expect(s.do({ verb: 'get', path }).code).toBe(404)
  })

  test('propagation policies become finalizers', () => {
    const s = server()
    for (const [policy, finalizer] of [['Foreground', 'foregroundDeletion'], ['Orphan', 'orphan']] as const) {
      s.do({ verb: 'create', path: `${core}/configmaps`, body: { metadata: { name: policy.toLowerCase() } } })
      const r = s.do({ verb: 'delete', path: `${core}/configmaps/${policy.toLowerCase()}`, body: { propagationPolicy: policy } })
      expect(r.body.metadata.finalizers).toEqual([finalizer])
    }
  })

  test('generation counts changes of the spec; status and spec do not mix; scale reads and writes', () => {
    const s = server()
    const path = '/apis/apps/v1/namespaces/default/deployments'
    const d = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { replicas: 2, selector: { matchLabels: { app: 'd' } }, template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } } } }
    const made = s.do({ verb: 'create', path, body: d })
    expect(made.code, text(made)).toBe(201)
    const status = s.do({ verb: 'update', path: `${path}/d/status`, body: { ...made.body, spec: { ...d.spec, replicas: 9 }, status: { replicas: 2 } } }).body as Any
    expect(status.metadata.generation).toBe(1)
    expect(status.spec.replicas).toBe(2)
    expect(status.status.replicas).toBe(2)
    const scale = s.do({ verb: 'get', path: `${path}/d/scale` }).body as Any
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 2 }, status: { replicas: 2, selector: 'app=d' } })
    const scaled = s.do({ verb: 'patch', path: `${path}/d/scale`, patchType: merge, body: { spec: { replicas: 5 } } })
    expect((scaled.body as Any).spec.replicas).toBe(5)
    const now = s.do({ verb: 'get', path: `${path}/d` }).body as Any
    expect(now.metadata.generation).toBe(2)
    expect(now.status.replicas).toBe(2)
    const patched = (metadata: object) => (s.do({ verb: 'patch', path: `${path}/d`, patchType: merge, body: { metadata } }).body as Any).metadata.generation
    expect([patched({ labels: { a: 'b' } }), patched({ annotations: { a: 'b' } }), patched({ annotations: { a: 'b' } })]).toEqual([2, 3, 3])
    expect(text(s.do({ verb: 'update', path: `${path}/d/scale`, body: { ...scaled.body, spec: { replicas: 1 }, metadata: { name: 'd', resourceVersion: '1' } } }))).toContain('the object has been modified')
  })

  test('lists come in pages of one moment', () => {
    const s = server()
    for (const n of ['a', 'b', 'c', 'd', 'e']) s.do({ verb: 'create', path: `${core}/secrets`, body: { metadata: { name: n } } })
    const first = s.do({ verb: 'list', path: `${core}/secrets`, query: { limit: '2' } }).body as unknown as KubeList
    expect(first.items.map((o) => o.metadata.name)).toEqual(['a', 'b'])
    expect(first.metadata.remainingItemCount).toBe(3)
    s.do({ verb: 'delete', path: `${core}/secrets/c` })
    s.do({ verb: 'create', path: `${core}/secrets`, body: { metadata: { name: 'cc' } } })
    const second = s.do({ verb: 'list', path: `${core}/secrets`, query: { limit: '2', continue: first.metadata.continue as string } }).body as unknown as KubeList
    expect(second.items.map((o) => o.metadata.name)).toEqual(['c', 'd'])
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    const last = s.do({ verb: 'list', path: `${core}/secrets`, query: { limit: '2', continue: second.metadata.continue as string } }).body as unknown as KubeList
    expect(last.items.map((o) => o.metadata.name)).toEqual(['e'])
    expect(last.metadata.continue).toBeUndefined()
  })

  test('deletecollection takes what is selected', () => {
    const s = server()
    for (const n of ['a', 'b', 'c']) s.do({ verb: 'create', path: `${core}/configmaps`, body: { metadata: { name: n, labels: { keep: String(n === 'b') } } } })
    expect(s.do({ verb: 'deletecollection', path: `${core}/configmaps`, query: { labelSelector: 'keep=false' } }).code).toBe(200)
    expect((s.do({ verb: 'list', path: `${core}/configmaps` }).body as unknown as KubeList).items.map((o) => o.metadata.name)).toEqual(['b'])
  })

  test('a namespace stays until it is finalized', () => {
    const s = server()
    s.do({ verb: 'create', path: '/api/v1/namespaces', body: { metadata: { name: 'n' } } })
    const dying = s.do({ verb: 'delete', path: '/api/v1/namespaces/n' }).body as Any
    expect(dying.status.phase).toBe('Terminating')
    expect(text(s.do({ verb: 'create', path: '/api/v1/namespaces/n/configmaps', body: { metadata: { name: 'late' } } }))).toBe('configmaps "late" is forbidden: unable to create new content in namespace n because it is being terminated')
    const done = s.do({ verb: 'update', path: '/api/v1/namespaces/n/finalize', body: { ...dying, spec: { finalizers: [] } } })
    expect(done.code, text(done)).toBe(200)
    expect(s.do({ verb: 'get', path: '/api/v1/namespaces/n' }).code).toBe(404)
  })

  test('errors of selectors, paths, users and sizes', () => {
    const s = server()
    expect(text(s.do({ verb: 'list', path: pods, query: { fieldSelector: 'status.foo=bar' } }))).toBe('Unable to find "/v1, Resource=pods" that match label selector "", field selector "status.foo=bar": field label not supported: status.foo')
    expect(text(s.do({ verb: 'list', path: pods, query: { labelSelector: 'app in (a' } }))).toBe('Unable to find "/v1, Resource=pods" that match label selector "app in (a", field selector "": unable to parse requirement: found \'\', expected: \',\' or \')\'')
    expect(text(s.do({ verb: 'get', path: '/nope' }))).toBe('the server could not find the requested resource')
    expect(s.do({ verb: 'delete', path: pods.replace('/pods', '/foos/x') }).code).toBe(404)
    expect(s.do({ verb: 'create', path: `${core}/configmaps`, body: { metadata: { name: 'big' }, data: { x: 'y'.repeat(4 * 1024 * 1024) } } }).code).toBe(413)
    s.client('bob', 'bob')
    expect(text(s.do({ verb: 'list', path: pods }, 'bob'))).toBe('pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"')
    expect(text(s.do({ verb: 'delete', path: `${pods}/p` }, 'bob'))).toBe('pods "p" is forbidden: User "bob" cannot delete resource "pods" in API group "" in the namespace "default"')
  })

  test('a table has the columns of the kind', () => {
    const s = server()
    const t = s.do({ verb: 'list', path: '/api/v1/namespaces', accept: 'table' }).body as unknown as { kind: string; columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] }
    expect(t.kind).toBe('Table')
    expect(t.columnDefinitions.map((c) => c.name)).toEqual(['Name', 'Status', 'Age'])
    expect(t.rows[0]?.cells.slice(0, 2)).toEqual(['default', 'Active'])
  })
})

describe('time and failure', () => {
  test('an old revision is gone; bookmarks come each minute; events are forgotten after an hour', () => {
    const s = server()
    for (let i = 0; i < 400; i++) {
      s.do({ verb: 'update', path: '/apis/coordination.k8s.io/v1/namespaces/default/leases/l', body: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: { leaseTransitions: i } } })
      s.run(SECOND)
    }
    const id = s.watch('/apis/coordination.k8s.io/v1/leases', { resourceVersion: '5' })
    const old = s.answer(id)
    expect(old?.code).toBe(410)
    expect(old && text(old)).toMatch(/^too old resource version: 5 \(\d+\)$/)
    const w = s.watch('/api/v1/nodes', { resourceVersion: '0', allowWatchBookmarks: 'true' })
    s.do({ verb: 'create', path: `${core}/events`, body: { metadata: { name: 'e', namespace: 'default' }, involvedObject: { namespace: 'default' }, reason: 'X' } })
    s.run(125 * SECOND)
    expect(s.events(w).map((e) => e.type)).toEqual(['BOOKMARK', 'BOOKMARK'])
    s.run(3700 * SECOND)
    expect(s.do({ verb: 'get', path: `${core}/events/e` }).code).toBe(404)
  })

  test('the server comes back with everything that etcd holds', () => {
    const s = server()
    s.do({ verb: 'create', path: `${core}/configmaps`, body: { metadata: { name: 'kept' } } })
    const before = s.do({ verb: 'get', path: `${core}/configmaps/kept` }).body
    s.stop('kube-apiserver')
    expect(s.do({ verb: 'get', path: `${core}/configmaps/kept` }).code).toBe(0)
    s.start('kube-apiserver')
    s.run(SECOND)
    expect(s.do({ verb: 'get', path: `${core}/configmaps/kept` }).body).toEqual(before)
  })

  test('without etcd, writes and consistent reads fail with its texts', () => {
    const s = server()
    s.stop('etcd-0')
    s.run(SECOND)
    const r = s.do({ verb: 'create', path: `${core}/configmaps`, body: { metadata: { name: 'x' } } })
    expect(r.code).toBe(500)
    expect(text(r)).toMatch(/^rpc error: code = Unavailable/)
    expect(s.do({ verb: 'get', path: '/api/v1/namespaces/default', query: { resourceVersion: '0' } }).code).toBe(200)
    s.start('etcd-0')
    s.run(2 * SECOND)
    expect(s.do({ verb: 'create', path: `${core}/configmaps`, body: { metadata: { name: 'x' } } }).code).toBe(201)
  })

  test('the same run twice, and from a checkpoint, leaves the same trace and state', () => {
    const play = (checkpoint: boolean) => {
      const s = server(3)
      for (let i = 0; i < 20; i++) {
        s.do({ verb: 'create', path: pods, body: pod(`p${i}`) })
        if (checkpoint && i === 10) s.sim.restore(s.sim.checkpoint())
      }
      s.run(5 * SECOND)
      return [s.sim.traceHash(), s.sim.stateHash()]
    }
    const plain = play(false)
    expect(play(false)).toEqual(plain)
    expect(play(true)).toEqual(plain)
  })
})
