import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

// The page gets these when it is built; here the same maker makes them.
vi.mock('virtual:api-schema', async () => {
  const { makeSchema } = await import('../../../../../scripts/api-schema.mjs')
  return { ...(await makeSchema()), enums: { RestartPolicy: ['Always', 'Never', 'OnFailure'] } }
})

const { checkSchema } = await import('./check')
const { documentsOf, headOf } = await import('./documents')
const { placeAt } = await import('./place')
const { readDefinition } = await import('./crd-schema')
const { kindOf, schemaReady, setCustomKinds, typeAt, typeText, valuesOf } = await import('./schema')
const { problemsOf } = await import('./server-errors')
await schemaReady

const manifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: c
        image: nginx
        ports:
        - containerPort: 80
      - name: d
        env:
          - name: A
            value: "1"
`
/** The place of `|` in a text. */
const at = (marked: string) => {
  const lines = marked.split('\n')
  const line = lines.findIndex((text) => text.includes('|'))
  const column = (lines[line] ?? '').indexOf('|')
  return placeAt(lines.map((text) => text.replace('|', '')), line, column)
}

describe('the place of the cursor', () => {
  test.each([
    ['top', '|', [], 'key', ''],
    ['a key', manifest.replace('  replicas', '  repl|icas'), ['spec'], 'key', 'replicas'],
    ['a value', manifest.replace('replicas: 2', 'replicas: 2|'), ['spec', 'replicas'], 'value', '2'],
    ['an empty value', manifest.replace('kind: Deployment', 'kind: |'), ['kind'], 'value', ''],
    ['first key of an item', manifest.replace('- name: c', '- na|me: c'), ['spec', 'template', 'spec', 'containers', '[]'], 'key', 'name'],
    ['later key of an item', manifest.replace('        image: nginx', '        ima|'), ['spec', 'template', 'spec', 'containers', '[]'], 'key', 'ima'],
    ['a list below a list', manifest.replace('- containerPort', '- cont|ainerPort'), ['spec', 'template', 'spec', 'containers', '[]', 'ports', '[]'], 'key', 'containerPort'],
    ['an indented list', manifest.replace('value: "1"', 'val|ue: "1"'), ['spec', 'template', 'spec', 'containers', '[]', 'env', '[]'], 'key', 'value'],
    ['an empty line', `${manifest.trimEnd()}\n      |`, ['spec', 'template', 'spec'], 'key', ''],
    ['an empty item', `${manifest.trimEnd()}\n          - |`, ['spec', 'template', 'spec', 'containers', '[]', 'env', '[]'], 'key', ''],
    ['the second document', `${manifest}---\nkind: Pod\nspec:\n  no|`, ['spec'], 'key', 'no'],
  ] as const)('%s', (_, text, path, kind, word) => {
    expect(at(text)).toMatchObject({ path, at: kind, word })
  })

  test.each([['a comment', 'spec:\n  # he|re'], ['a flow map', 'metadata: { na|me: a }'], ['a block of text', 'data:\n  a: X\n    he|re'.replace('X', '\u007c').replace('he|', 'he|')]])('says nothing in %s', (_, text) => {
    const lines = text.split('\n')
    expect(placeAt(lines.map((line, i) => (i === lines.length - 1 ? line.replace('|', '') : line)), lines.length - 1, (lines.at(-1) ?? '').indexOf('|'))).toBeNull()
  })

  test('keys that are there already are known, those of other items are not', () => {
    expect([...(at(manifest.replace('        image: nginx', '        ima|'))?.siblings ?? [])]).toEqual(['name', 'ports'])
    expect([...(at(`${manifest.trimEnd()}\n      |`)?.siblings ?? [])]).toEqual(['containers'])
    expect([...(at(manifest.replace('- name: d', '- na|me: d'))?.siblings ?? [])]).toEqual(['env'])
  })
})

test('documents are split at their marks, empty ones left out', () => {
  expect(documentsOf('---\n# only words\n---\na: 1\n---\n\n--- # more\nb: 2').map(({ text, from, line }) => [text.trim(), from, line])).toEqual([['a: 1', 21, 4], ['b: 2', 42, 8]])
  expect(headOf('apiVersion: v1 # x\nkind: "Pod"\nmetadata:\n  labels: {name: no}\n  name: web\n  namespace: prod\nspec: {}')).toEqual({ apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'prod' })
  expect(headOf('kind: Pod\nmetadata: { name: web }\nspec:\n  name: other')).toMatchObject({ kind: 'Pod', name: 'web' })
})

test('the schema is found by path', () => {
  expect(kindOf('apps/v1', 'Deployment')).toMatchObject({ resource: 'deployments', namespaced: true })
  expect(typeAt('Deployment', ['spec', 'template', 'spec', 'containers', '[]', 'ports', '[]', 'containerPort'])).toMatchObject({ type: 'int', field: { required: true } })
  expect(typeAt('ConfigMap', ['data', 'any.key'])?.type).toBe('string')
  expect(typeAt('Pod', ['spec', 'nothing'])).toBeUndefined()
})

/** What is marked, and the message. */
const marks = (text: string, problems: readonly { from: number; to: number; message: string; severity: string }[]) => problems.map(({ from, to, message }) => [text.slice(from, to), message])

describe('the schema finds', () => {
  test('nothing in a good manifest', () => expect(checkSchema(manifest)).toEqual([]))
  test('unknown fields, with what was meant', () => {
    const text = manifest.replace('replicas:', 'replikas:').replace('containerPort', 'port')
    expect(marks(text, checkSchema(text))).toEqual([['replikas', 'unknown field "replikas" (did you mean "replicas"?)'], ['port', expect.stringContaining('unknown field "port"')]])
  })
  test('wrong types', () => {
    const text = manifest.replace('replicas: 2', 'replicas: two').replace('value: "1"', 'value: 1').replace(/ports:\n.*/, 'ports: 80')
    expect(marks(text, checkSchema(text))).toEqual([['two', 'expected an integer, this is a string'], ['80', 'expected a list of ContainerPort'], ['1', 'expected a string, this is a number: put it in quotes']])
  })
  test('syntax errors', () => expect(checkSchema('a: [b\n')).toHaveLength(1))
  test('nothing in kinds that it does not know', () => expect(checkSchema('apiVersion: example.com/v1\nkind: Widget\nspec: {any: 1}\n')).toEqual([]))
})

describe('kinds of a CustomResourceDefinition', () => {
  const definition = {
    kind: 'CustomResourceDefinition',
    spec: {
      group: 'stable.example.com', scope: 'Namespaced', names: { kind: 'CronTab', plural: 'crontabs' },
      versions: [{
        name: 'v1', served: true,
        schema: { openAPIV3Schema: { type: 'object', properties: {
          spec: { type: 'object', required: ['cronSpec'], properties: {
            cronSpec: { type: 'string', description: 'When it runs.' }, replicas: { type: 'integer' }, policy: { type: 'string', enum: ['Always', 'Never'] }, port: { 'x-kubernetes-int-or-string': true },
            labels: { type: 'object', additionalProperties: { type: 'string' } }, steps: { type: 'array', items: { type: 'object', properties: { image: { type: 'string' } } } }, free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          } },
        } } },
      }, { name: 'v1alpha1', served: false, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  }
  const tab = (spec: string): string => `apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata:\n  name: a\nspec:\n${spec}`
  beforeAll(() => setCustomKinds('cluster', [readDefinition(definition)]))
  afterAll(() => setCustomKinds('cluster', []))

  test('are known like others, with their fields', () => {
    const kind = kindOf('stable.example.com/v1', 'CronTab')
    expect(kind).toMatchObject({ resource: 'crontabs', namespaced: true })
    const at = (...path: string[]) => typeAt(kind?.type ?? '', path)
    expect(at('spec', 'cronSpec')).toMatchObject({ type: 'string', field: { required: true } })
    expect(at('spec', 'steps', '[]', 'image')?.type).toBe('string')
    expect(at('spec', 'labels', 'any')?.type).toBe('string')
    expect(at('metadata', 'labels', 'app')?.type).toBe('string')
    expect(valuesOf(at('spec', 'policy')?.type ?? '')).toEqual(['Always', 'Never'])
    expect(typeText(at('spec', 'steps')?.type ?? '')).toBe('list of object')
    expect(kindOf('stable.example.com/v1alpha1', 'CronTab')).toBeUndefined()
  })

  test('are checked', () => {
    expect(checkSchema(tab('  cronSpec: "* * * * *"\n  port: http\n  free: {any: [1]}\n  steps:\n  - image: a\n'))).toEqual([])
    const text = tab('  cronSpek: "*"\n  replicas: two\n  policy: Often\n')
    expect(marks(text, checkSchema(text))).toEqual([['cronSpek', 'unknown field "cronSpek" (did you mean "cronSpec"?)'], ['two', 'expected an integer, this is a string'], ['Often', '"Often" is none of Always, Never']])
  })

  test('that are not whole are none', () => {
    for (const odd of [null, 5, {}, { kind: 'CustomResourceDefinition' }, { kind: 'CustomResourceDefinition', spec: { group: 'a', names: { kind: 'B' }, versions: [{ name: 'v1', schema: {} }] } }]) expect(readDefinition(odd).kinds).toEqual([])
  })
})

describe("the server's errors stand at their fields", () => {
  test.each([
    ['error: error parsing STDIN: error converting YAML to JSON: yaml: line 3: mapping values are not allowed in this context', 'metadata:'],
    ['Error from server (BadRequest): error when creating "STDIN": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replicas"', 'replicas'],
    ['Error from server (BadRequest): error when creating "STDIN": Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32', 'replicas'],
    ['Error from server (BadRequest): error when creating "STDIN": Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.env.value of type string', 'value'],
    ['The Deployment "web" is invalid: spec.template.spec.containers[1].image: Required value', 'name'],
    ['The Deployment "web" is invalid: \n* spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 0: must be between 1 and 65535, inclusive\n* spec.selector: Required value', 'containerPort|selector'],
    ['error: resource mapping not found for name: "web" namespace: "" from "STDIN": no matches for kind "Deployment" in version "v1"\nensure CRDs are installed first', 'kind'],
    ['Warning: unknown field "spec.template.spec.containers[1].env"', 'env'],
    ['Error from server (Forbidden): something else', 'kind'],
  ])('%s', (stderr, marked) => {
    const problems = problemsOf(manifest, `${stderr}\n`)
    expect(problems.map(({ from, to }) => manifest.slice(from, to)).join('|')).toBe(marked)
    expect(problems.every(({ message }) => message.length > 0 && !message.startsWith('Error from server'))).toBe(true)
  })
})
