import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { sortKeys } from '../engine/apimachinery'
import { plainPreset, type KubeObject } from '../engine/cluster'
import { Terminal } from '../engine/cluster/terminal.testing'

const folder = new URL('../../../shared/kubernetes/manifests/', import.meta.url)
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const manifests = (): Json[] =>
  (readdirSync(folder, { recursive: true }) as string[]).filter((f) => f.endsWith('.yaml')).sort().flatMap((f) => parseAllDocuments(readFileSync(new URL(f, folder), 'utf8'), { version: '1.1' }).map((d) => d.toJS() as Json))
    .filter((o) => typeof o === 'object' && o !== null && 'kind' in o && o['kind'] !== 'List')

/** Every place in a value, as a path. */
function places(value: Json, at: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...at]]
  return [[...at], ...Object.entries(value).flatMap(([k, v]) => places(v as Json, [...at, k]))]
}

function valueAt(value: Json, path: readonly string[]): Json {
  return path.reduce<Json>((v, k) => (v as Record<string, Json>)[k] ?? null, value)
}

/** The value with another one at a path; undefined takes it out. */
function put(value: Json, path: readonly string[], other: Json | undefined): Json {
  const [key, ...rest] = path
  if (key === undefined) return other ?? null
  const copy = (Array.isArray(value) ? value.slice() : { ...(value as object) }) as Record<string, Json>
  if (rest.length > 0 || other !== undefined) copy[key] = rest.length === 0 ? (other as Json) : put(copy[key] as Json, rest, other)
  else if (Array.isArray(copy)) copy.splice(Number(key), 1)
  else delete copy[key]
  return copy as Json
}

const strange: readonly Json[] = [null, true, 0, -1, 1.5, 2147483648, 1e21, '', 'x', 'A b', '1', '-1', '1Gi', '10%', '200%', 'é', 'a'.repeat(300), [], [null], [{}], ['x'], {}, { x: null }, { a: { b: [{ c: 1 }] } }, '2020-01-01T00:00:00Z', '10.0.0.1', '*', '/']

interface Mutation { readonly where: number; readonly how: 'drop' | 'strange' | 'wrap' | 'list' | 'twice' | 'from'; readonly what: number }
const mutation: fc.Arbitrary<Mutation> = fc.record({ where: fc.nat(1e6), how: fc.constantFrom('drop', 'strange', 'strange', 'wrap', 'list', 'twice', 'from'), what: fc.nat(1e6) })

function mutate(value: Json, { where, how, what }: Mutation): Json {
  const all = places(value).filter((p) => p.length > 0 && !['apiVersion', 'kind'].includes(p[0] as string) && !['metadata', 'metadata.name'].includes(p.join('.')) && p.join('.') !== 'metadata.namespace')
  const path = all[where % all.length]
  if (path === undefined) return value
  const old = valueAt(value, path)
  switch (how) {
    case 'drop':
      return put(value, path, undefined)
    case 'strange':
      return put(value, path, strange[what % strange.length] as Json)
    case 'wrap':
      return put(value, path, { [path.at(-1) as string]: old })
    case 'list':
      return put(value, path, [old])
    case 'twice':
      return Array.isArray(old) ? put(value, path, [...old, ...old]) : put(value, [...path.slice(0, -1), 'other'], old)
    case 'from':
      return put(value, path, valueAt(value, all[what % all.length] as string[]))
  }
}

const runs = { numRuns: Number(process.env['MUTATED_RUNS'] ?? 40), seed: Number(process.env['MUTATED_SEED'] ?? 1), endOnFailure: process.env['MUTATED_SHRINK'] === undefined }

// More of it, or the shortest case of a failure: MUTATED_RUNS=2000 MUTATED_SEED=7 MUTATED_SHRINK=1 npx vitest run src/scenarios/mutated
describe.skipIf(!existsSync(folder))('manifests with mistakes', () => {
  const all = existsSync(folder) ? manifests() : []
  const terminal = new Terminal(plainPreset(1, 2))
  for (const component of ['kube-controller-manager', 'kube-scheduler']) terminal.fault({ kind: 'component-down', component })
  terminal.run(2)
  const clean = terminal.cluster.checkpoint()

  /** A line's exit code and text; it must end, and say nothing that a programmer's mistake says. */
  const run = (line: string, stdin?: string) => {
    const command = terminal.begin(line, stdin)
    expect(terminal.until(() => terminal.printed(command).rc >= 0, 20), `${line} ends`).toBe(true)
    const { rc, text } = terminal.printed(command)
    expect(text).not.toMatch(/undefined|\[object|NaN|TypeError|InternalError|is not a function/)
    return { rc, text }
  }
  const objects = () => new Map([...terminal.cluster.store.values()].filter((kv) => !/\/(events|leases)\//.test(kv.key)).map((kv) => [kv.key, (kv.value as KubeObject).metadata.resourceVersion ?? kv.modRevision]))
  /** All objects but for who wrote them and how often. */
  const bare = () => [...terminal.cluster.store.values()].filter((kv) => !/\/(events|leases)\//.test(kv.key)).map(({ key, value }) => JSON.stringify(sortKeys([key, { ...value, metadata: value.metadata.labels }])))
  const same = (a: ReturnType<typeof objects>): void => {
    expect([...objects()].filter(([k, v]) => a.get(k) !== v)).toEqual([])
  }

  /** What is printed can be put back, and changes nothing: defaults are the same the second time. */
  const replacedBySelf = (manifest: string): void => {
    const yaml = run('kubectl get -f - -o yaml 2>/dev/null', manifest)
    const before = bare()
    expect(run('kubectl replace -f -', yaml.text).rc).toBe(0)
    expect(bare()).toEqual(before)
  }

  test('are taken whole or refused whole, and what is taken is taken again without a change', () => {
    fc.assert(fc.property(fc.nat(1e6), fc.array(mutation, { minLength: 0, maxLength: 3 }), fc.boolean(), (which, mutations, serverSide) => {
      terminal.cluster.restore(clean)
      const object = mutations.reduce(mutate, all[which % all.length] as Json) as unknown as KubeObject
      const text = JSON.stringify(object)
      const { namespace } = object.metadata ?? {}
      if (typeof namespace === 'string' && namespace !== '') run(`kubectl create namespace '${namespace}'`)
      const before = objects()
      const flags = serverSide ? ' --server-side' : ''
      const dry = run(`kubectl apply -f - --dry-run=server${flags}`, text)
      same(before)
      const diff = run(`kubectl diff -f -${flags}`, text)
      same(before)
      run(`kubectl apply -f - --dry-run=client`, text)
      const made = run(`kubectl apply -f -${flags}`, text)
      expect(dry.rc).toBe(made.rc)
      if (made.rc !== 0) return same(before)
      expect(diff.rc).toBeLessThan(2)
      const [after, bareAfter] = [objects(), bare()]
      const again = run(`kubectl apply -f -${flags}`, text)
      if (again.text.endsWith('unchanged\n')) same(after)
      expect(bare()).toEqual(bareAfter)
      // A null in a map of strings becomes an empty string, which the next apply would take away.
      if (again.rc !== 0) return expect(again.text).toContain('are forbidden')
      expect(run(`kubectl diff -f -${flags}`, text).rc).toBe(0)
      replacedBySelf(text)
    }), runs)
  }, Math.max(60_000, 1000 * runs.numRuns))

  test('a patch is taken whole or refused whole', () => {
    fc.assert(fc.property(fc.nat(1e6), fc.array(mutation, { minLength: 1, maxLength: 2 }), fc.constantFrom('json', 'merge', 'strategic'), fc.nat(1e6), fc.constantFrom('add', 'remove', 'replace', 'test', 'copy', 'move'), (which, mutations, type, where, op) => {
      terminal.cluster.restore(clean)
      const object = all[which % all.length] as Json
      const { namespace } = (object as unknown as Partial<KubeObject>).metadata ?? {}
      if (namespace) run(`kubectl create namespace '${namespace}'`)
      if (run('kubectl create -f -', JSON.stringify(object)).rc !== 0) return
      const other = mutations.reduce(mutate, object)
      const paths = places(object)
      const path = (i: number) => (paths[i % paths.length] as string[]).map((k) => `/${k.replace(/~/g, '~0').replace(/\//g, '~1')}`).join('')
      const patch = type === 'json' ? [{ op, path: path(where), from: path(where + 7), value: strange[where % strange.length] }] : Object.fromEntries(Object.entries(other as object).filter(([k]) => k !== 'apiVersion' && k !== 'kind'))
      const file = run(`cat > patch.json`, JSON.stringify(patch))
      expect(file.rc).toBe(0)
      const before = objects()
      run(`kubectl patch -f - --type=${type} --patch-file=patch.json --dry-run=server`, JSON.stringify(object))
      same(before)
      const { rc, text } = run(`kubectl patch -f - --type=${type} --patch-file=patch.json`, JSON.stringify(object))
      if (rc !== 0 || text.includes('(no change)')) same(before)
      if (rc === 0) replacedBySelf(JSON.stringify(object))
    }), runs)
  }, Math.max(60_000, 1000 * runs.numRuns))
})
