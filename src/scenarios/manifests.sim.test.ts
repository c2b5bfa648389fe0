import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { pathOf, resources } from '../engine/api'
import { sortKeys } from '../engine/apimachinery'
import { Checks } from '../engine/checkers'
import { Client, type ApiResponse, type Reply, type RequestInit } from '../engine/client-go'
import { Cluster, defaultPreset, recordedPreset } from '../engine/cluster'
import type { Behaviour } from '../engine/sim'

interface Verdict {
  readonly file: string
  readonly kind: string
  readonly apiVersion: string
  readonly verdict: 'accepted' | 'rejected' | 'unserved'
  readonly message?: string
  /** As the header has them, quotes escaped. */
  readonly warnings?: readonly string[]
}

interface Document extends Verdict {
  readonly object: { readonly metadata?: { readonly name?: string; readonly namespace?: string } }
}

const folder = new URL('../../../shared/kubernetes/manifests/', import.meta.url)

/** Every document with what the real server answered to it. */
function documents(): readonly Document[] {
  const { documents: verdicts } = JSON.parse(readFileSync(new URL('verdicts.json', folder), 'utf8')) as { documents: Verdict[] }
  const byFile = verdicts.reduce((m, v) => m.set(v.file, [...(m.get(v.file) ?? []), v]), new Map<string, Verdict[]>())
  return [...byFile].flatMap(([file, list]) => {
    const objects = parseAllDocuments(readFileSync(new URL(file, folder), 'utf8'), { version: '1.1' })
      .map((d) => d.toJS() as { kind?: string; items?: unknown[] } | null)
      .flatMap((o) => (o?.kind === 'List' ? (o.items ?? []) : [o]))
      .filter((o): o is Document['object'] & { kind: string } => typeof o === 'object' && o !== null && 'kind' in o)
    return objects.length === list.length ? list.map((v, i) => ({ ...v, object: sortKeys(objects[i]) as Document['object'] })) : []
  })
}

/** A client that sends what it is given and keeps the answers. */
const asker: Behaviour<{ readonly client: Client; readonly answers: ApiResponse[] }, { readonly requests: readonly RequestInit[] }> = {
  kind: 'asker',
  start(ctx, { requests }) {
    const client = new Client('kubernetes-admin', 'test')
    for (const [index, request] of requests.entries()) client.send(ctx, request, { type: 'answered', index } as never)
    return { client, answers: [] }
  },
  handle(state, message, ctx) {
    for (const { then, response } of state.client.receive(message, ctx) as readonly Reply[]) state.answers[(then as unknown as { index: number }).index] = response
  },
}

let asked = 0

function ask(cluster: Cluster, requests: readonly RequestInit[]): readonly ApiResponse[] {
  const id = `asker-${asked++}`
  cluster.sim.act(0, (ctx) => ctx.spawn(id, 'asker', 'you', { requests }))
  const state = cluster.sim.stateOf<{ readonly answers: ApiResponse[] }>(id)
  for (let i = 0; i < 600 && state?.answers.filter(Boolean).length !== requests.length; i++) cluster.run(cluster.now + 100_000)
  return state?.answers ?? []
}

function creation(d: Document, query: Record<string, string>): RequestInit | undefined {
  const [version = '', group = ''] = d.apiVersion.split('/').reverse()
  const info = resources.find((r) => r.kind === d.kind && r.group === group)
  if (info === undefined) return undefined
  return { verb: 'create', path: pathOf({ ...info, version }, info.namespaced ? (d.object.metadata?.namespace ?? 'default') : undefined), query, body: d.object }
}

// A stranger's clone has the registry's own tests; the manifests themselves are too large to commit twice.
describe.runIf(existsSync(folder))('the manifests of the Kubernetes examples and documentation', () => {
  let all: readonly Document[]
  beforeAll(() => {
    all = documents().filter((d) => d.verdict !== 'unserved')
  })

  test('are judged as the real server judged them, by a server-side dry run', () => {
    expect(all.length).toBeGreaterThan(480)
    const cluster = new Cluster(recordedPreset(1)).bootUp()
    cluster.sim.install(asker as Behaviour)
    const namespaces = new Set(all.map((d) => d.object.metadata?.namespace).filter((n) => n !== undefined))
    ask(cluster, [...namespaces].map((name) => ({ verb: 'create', path: '/api/v1/namespaces', body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } })))
    cluster.run(cluster.now + 5e6)
    const requests = all.map((d) => creation(d, { dryRun: 'All', fieldValidation: 'Strict' }))
    const known = requests.filter((r) => r !== undefined)
    const asked = ask(cluster, known)
    const answers = requests.map((r) => (r === undefined ? undefined : asked[known.indexOf(r)]))
    const wrong: string[] = []
    const unwarned: string[] = []
    let [refused, sameText] = [0, 0]
    for (const [i, d] of all.entries()) {
      const answer = answers[i]
      const message = (answer?.body as { message?: string } | undefined)?.message
      const accepted = (answer?.code ?? 404) < 300
      if (accepted !== (d.verdict === 'accepted')) wrong.push(`${d.file} ${d.kind}: ${d.verdict} (${d.message ?? ''}), here ${answer?.code} ${message ?? ''}`)
      const expected = (d.warnings ?? []).map((w) => w.replaceAll('\\"', '"')).join('\n')
      if (d.verdict === 'accepted' && expected !== (answer?.warnings ?? []).join('\n')) unwarned.push(`${d.file} ${d.kind}: ${expected}, here ${answer?.warnings?.join(', ')}`)
      if (d.verdict === 'rejected') {
        refused++
        if (message === d.message) sameText++
      }
    }
    expect(1 - wrong.length / all.length, wrong.join('\n')).toBeGreaterThanOrEqual(0.98)
    expect(unwarned).toEqual([])
    expect(sameText / refused).toBeGreaterThanOrEqual(0.8)
  })

  test('run for ten minutes, all at once, and break no invariant', () => {
    const cluster = new Cluster(defaultPreset(1)).bootUp()
    cluster.sim.install(asker as Behaviour)
    const accepted = all.filter((d) => d.verdict === 'accepted' && creation(d, {}) !== undefined)
    const namespaces = new Set(accepted.map((d) => d.object.metadata?.namespace).filter((n) => n !== undefined))
    ask(cluster, [...namespaces].map((name) => ({ verb: 'create', path: '/api/v1/namespaces', body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } })))
    cluster.run(cluster.now + 5e6)
    const answers = ask(cluster, accepted.map((d) => creation(d, {}) as RequestInit))
    // Many share a name: the second of them already exists. All others must be taken.
    const refused = accepted.flatMap((d, i) => {
      const { code, body } = answers[i] as ApiResponse
      return code < 300 || code === 409 ? [] : [`${d.file} ${d.kind}: ${code} ${(body as { message?: string }).message}`]
    })
    const checks = new Checks()
    for (let t = 0; t < 600; t++) {
      cluster.run(cluster.now + 1e6)
      checks.see(cluster.sim.state)
    }
    const running = [...cluster.objects('pods')].filter((p) => cluster.podStatus(p.metadata.namespace ?? '', p.metadata.name) === 'Running').length
    expect(running).toBeGreaterThan(30)
    // Quotas, priority classes and the like among the manifests act on those after them.
    expect(refused.length, refused.join('\n')).toBeLessThan(accepted.length * 0.1)
  })
})
