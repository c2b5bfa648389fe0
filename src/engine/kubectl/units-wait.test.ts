import { describe, expect, test } from 'vitest'
import { facts } from '../apimachinery/facts.testing'
import type { ApiResponse, RequestInit, WatchEvent } from '../client-go'
import { notFound, runFake, type FakeWatch } from './kubectl.testing'

/*
 * Upstream's tables of `wait` (facts/kubectl-units, cmd/wait/wait_test.go). The dump holds what is waited for, how long, and the error;
 * what the server answers was code there and is told here by the case's name: what can be got and listed, and what each watch gives.
 */

const { groups } = facts<{ groups: any[] }>('kubectl-units')
const cases = (name: string): any[] => groups.filter((g) => g.test === name).flatMap((g) => g.cases)
const ok = (body: unknown): ApiResponse => ({ code: 200, body }) as ApiResponse

interface World {
  /** What `get` finds at first, and again and again; undefined: nothing. */
  readonly got?: any
  /** What `list` finds, if that is something else. */
  readonly listed?: readonly any[]
  readonly watches?: readonly FakeWatch[]
  /** What is typed instead of the resource and its name. */
  readonly words?: string
  readonly stdin?: string
}

const foo = (more: { conditions?: any[]; generation?: number; status?: object; name?: string; uid?: string } = {}): any => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'ns-foo', name: more.name ?? 'name-foo', uid: more.uid ?? 'some-UID-value', ...(more.generation === undefined ? {} : { generation: more.generation }) },
  status: { ...more.status, ...(more.conditions === undefined ? {} : { conditions: more.conditions }) },
})
const is = (type: string, status: string, observedGeneration?: number): any => ({ type, status, ...(observedGeneration === undefined ? {} : { observedGeneration }) })
const met = is('the-condition', 'status-value')
const change = (type: WatchEvent['type'], object: any): WatchEvent => ({ type, object })
const BAD = [change('ERROR', { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 500, message: 'Bad' }), { stop: 0 }] as FakeWatch
const NAMELESS = { words: '-f -', stdin: 'apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n' }
const NOBODY = { words: 'pods --all', listed: [] }

function run(verb: string, world: World, timeout: string): ReturnType<typeof runFake> {
  const answer = (r: RequestInit): ApiResponse => {
    const name = /^metadata\.name=(.*)$/.exec(String((r.query as any)?.fieldSelector ?? ''))?.[1]
    const all = [world.got].flat().filter((o) => o !== undefined)
    if (r.verb === 'list') return ok({ metadata: { resourceVersion: '234' }, items: (world.listed ?? all).filter((o) => name === undefined || o.metadata.name === name) })
    if (r.verb === 'delete') return ok({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name: 'name-foo', uid: 'some-UID-value' } })
    const found = all.find((o) => r.path.endsWith(`/${o.metadata.name}`))
    return found === undefined ? notFoundOf(r) : ok(found)
  }
  return runFake(`kubectl ${verb} ${world.words ?? 'pods/name-foo'} -n ns-foo --timeout=${timeout}`, answer, { ...(world.stdin === undefined ? {} : { stdin: world.stdin }), watch: (_, nth) => world.watches?.[nth] ?? [] })
}
const notFoundOf = (r: RequestInit): ApiResponse => ({ ...notFound, body: { ...notFound.body, message: `pods "${r.path.split('/').at(-1)}" not found` } }) as ApiResponse

/** Upstream's made-up kinds are pods and services here. */
const here = (text: string): string => text.replace(/the(non\w+)?resource(\.group)?/g, 'pods')

function check(ran: ReturnType<typeof runFake>, expected: { expectedErr?: string }, lines: readonly string[]): void {
  if (expected.expectedErr) {
    expect(ran.rc).toBe(1)
    expect(ran.stderr).toContain(here(expected.expectedErr))
  } else expect(ran).toMatchObject({ rc: 0, stderr: '', stdout: lines.map((l) => `${l} condition met\n`).join('') })
}

describe('deletion', () => {
  const gone = change('DELETED', foo())
  const worlds: Record<string, World> = {
    'missing on get': {},
    'handles no infos': NOBODY,
    'times out': { got: foo() },
    'delete for existing resource with no timeout': { got: foo() },
    'delete for nonexisting resource with no timeout': {},
    'handles watch close out': { got: foo(), watches: [[{ stop: 1_000_000 }]] },
    'handles watch delete': { got: foo(), watches: [[gone]] },
    'handles watch delete multiple': { got: [foo({ name: 'name-foo-1' }), foo({ name: 'name-foo-2' })], words: 'pods/name-foo-1 services/name-foo-2', watches: [[change('DELETED', foo({ name: 'name-foo-1' }))], [change('DELETED', foo({ name: 'name-foo-2' }))]] },
    'ignores watch error': { got: foo(), watches: [BAD, [gone]] },
  }
  // What was deleted is known by its uid only to `delete`.
  const others: Record<string, World> = { 'uid conflict on get': { got: foo({ uid: 'another' }) }, 'when list watch, receives a new pod': { got: foo(), listed: [foo({ uid: 'another' })] } }
  test.each(cases('TestWaitForDeletion').map((c) => [c.case, c]))('%s', (name: string, { given: g, expect: e }) => {
    const other = others[name]
    if (other !== undefined) return expect(run('delete', other, g.timeout)).toMatchObject({ rc: 0, stderr: '', stdout: 'pod "name-foo" deleted from ns-foo namespace\n' })
    const world = worlds[name] as World
    const ran = run('wait --for=delete', world, g.timeout)
    // Nothing to delete is no error when it is said what is waited for; that is not said in upstream's table.
    if (world === NOBODY) return expect(ran).toMatchObject({ rc: 0, stdout: '', stderr: '' })
    const lines = world.got === undefined ? [] : world.words === undefined ? ['pod/name-foo'] : ['pod/name-foo-1', 'pod/name-foo-2']
    check(ran, e, lines)
  })
})

describe('a condition', () => {
  const stale = (n: number): any => foo({ generation: 2, conditions: [is('the-condition', 'status-value', n)] })
  const behind = (n: number): any => foo({ generation: 2, conditions: [met], status: { observedGeneration: n } })
  const worlds: Record<string, World> = {
    'present on get': { got: foo({ conditions: [met] }) },
    'handles no infos': NOBODY,
    'handles empty object name': NAMELESS,
    'times out': { got: foo({ conditions: [is('some-other-condition', 'status-value')] }), listed: [] },
    'for nonexisting resource with no timeout': {},
    'for existing resource with no timeout': { got: foo() },
    'handles watch close out': { got: foo(), watches: [[{ stop: 1_000_000 }]] },
    'handles watch condition change': { got: foo(), watches: [[change('MODIFIED', foo({ conditions: [met] }))]] },
    'handles watch created': { got: foo(), listed: [foo({ conditions: [met] })] },
    'ignores watch error': { got: foo(), watches: [BAD, [change('MODIFIED', foo({ conditions: [met] }))]] },
    'times out due to stale .status.conditions[0].observedGeneration': { got: stale(1), listed: [] },
    'handles watch .status.conditions[0].observedGeneration change': { got: stale(1), watches: [[change('MODIFIED', stale(2))]] },
    'times out due to stale .status.observedGeneration': { got: behind(1), listed: [] },
    'handles watch .status.observedGeneration change': { got: behind(1), watches: [[change('MODIFIED', behind(2))]] },
  }
  test.each(cases('TestWaitForCondition').map((c) => [c.case, c]))('%s', (name: string, { given: g, expect: e }) => {
    check(run('wait --for=condition=the-condition=status-value', worlds[name] as World, g.timeout), e, ['pod/name-foo'])
  })
  test('that is stale is waited for until the end', () => {
    expect(run('wait --for=condition=the-condition=status-value', { got: stale(1) }, '1s').stderr).toBe('error: timed out waiting for the condition on pods/name-foo\n')
    expect(run('wait --for=condition=the-condition=status-value', { got: behind(1) }, '1s').stderr).toBe('error: timed out waiting for the condition on pods/name-foo\n')
  })
})

describe('creation', () => {
  const worlds: Record<string, World> = { 'missing resource, should hit timeout': {}, 'wait should succeed': { got: foo() }, 'wait should succeed with no timeout': { got: foo() } }
  test.each(cases('TestWaitForCreate').map((c) => [c.case, c]))('%s', (name: string, { given: g, expect: e }) => {
    check(run('wait --for=create', worlds[name] as World, g.timeout), e, ['pod/name-foo'])
  })
})

describe('a JSON path', () => {
  const pod = foo({ name: 'foo-b6699dcfb-rnv7t' })
  const words = 'pods/foo-b6699dcfb-rnv7t'
  const worlds: Record<string, World> = {
    'present on get': { got: pod, words },
    'handles no infos': NOBODY,
    'handles empty object name': NAMELESS,
    'times out': { got: pod, listed: [], words },
    'handles watch close out': { got: pod, words, watches: [[{ stop: 1_000_000 }]] },
    'handles watch condition change': { got: foo({ name: 'foo-b6699dcfb-rnv7t' }), words, watches: [[change('MODIFIED', pod)]] },
    'handles watch created': { got: pod, words },
    'ignores watch error': { got: foo({ name: 'foo-b6699dcfb-rnv7t' }), words, watches: [BAD, [change('MODIFIED', pod)]] },
  }
  test.each(cases('TestWaitForJSONPathCondition').map((c) => [c.case, c]))('%s', (name: string, { given: g, expect: e }) => {
    // A path is always given to a command; what is looked at in these watches comes with the change only.
    const later = name.includes('watch error') || name.includes('condition change')
    const path = later ? '{.status.phase}=Running' : `${g.jsonPathExp ?? '{.metadata.name}'}=${g.jsonPathValue ?? 'foo'}`
    const world = worlds[name] as World
    const running = (events: FakeWatch): FakeWatch => events.map((x) => ('object' in x && x.type === 'MODIFIED' ? { ...x, object: { ...x.object, status: { phase: 'Running' } } as any } : x))
    check(run(`wait --for='jsonpath=${path}'`, later ? { ...world, watches: (world.watches ?? []).map(running) } : world, g.timeout), e, ['pod/foo-b6699dcfb-rnv7t'])
  })
})

describe('several conditions', () => {
  const both = foo({ conditions: [is('Ready', 'True'), is('Available', 'True')] })
  const worlds: Record<string, World> = {
    'both conditions met - success': { got: both },
    'only first condition met - failure': { got: foo({ conditions: [is('Ready', 'True'), is('Available', 'False')] }) },
    'conditions met via watch - success': { got: foo({ conditions: [is('Ready', 'False')] }), watches: [[change('MODIFIED', both)], [change('MODIFIED', both)]] },
    'mixed condition types - condition and jsonpath both met': { got: foo({ conditions: [is('Ready', 'True')], status: { phase: 'Running' } }) },
  }
  test.each(cases('TestWaitForMultipleConditions').map((c) => [c.case, c]))('%s', (name: string, { given: g, expect: e }) => {
    const second = name.startsWith('mixed') ? "'jsonpath={.status.phase}=Running'" : 'condition=Available'
    check(run(`wait --for=condition=Ready --for=${second}`, worlds[name] as World, g.timeout), e, ['pod/name-foo', 'pod/name-foo'])
  })
})
