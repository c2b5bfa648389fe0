import { goQuote } from '../../apimachinery'
import { at, listAt, mapAt, withField, type Thing } from '../api'
import { fail, Fail, wordsOf } from '../errors'
import { find } from '../builder'
import { fieldValue, resourceValue, type Extracted } from '../field-values'
import { flagSpecs } from '../flags'
import { pathOf } from '../rest-mapper'
import { decodeBase64 } from '../../shell'
import type { Command, Invocation } from '../verb'
import { changePods, clashes, containersOf, named, podSpecPath, select, selectingFlags, withContainers, type Container } from './set-helper'

interface Env {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** Upstream: cmd/set/env/env_parse.go SplitEnvironmentFromResources */
function split(args: readonly string[]): { resources: readonly string[]; pairs: readonly string[] } {
  const isEnv = (a: string): boolean => /^.+=/s.test(a) || a.endsWith('-')
  const first = args.findIndex(isEnv)
  const pairs = first < 0 ? [] : args.slice(first)
  if (!pairs.every(isEnv)) throw fail(`all resources must be specified before environment changes: ${args.join(' ')}`)
  return { resources: first < 0 ? args : args.slice(0, first), pairs }
}

/** Upstream: cmd/set/env/env_parse.go parseIntoEnvVar */
function parse(specs: readonly string[], stdin: string | undefined): { set: Env[]; remove: string[] } {
  const set: Env[] = []
  const remove: string[] = []
  const names = new Set<string>()
  for (const spec of specs) {
    const eq = spec.indexOf('=')
    if (spec === '-') {
      for (const line of (stdin ?? '').split('\n')) {
        const text = line.replace(/#.*$/, '')
        if (text.includes('=')) set.push({ name: text.slice(0, text.indexOf('=')), value: text.slice(text.indexOf('=') + 1) })
      }
    } else if (eq >= 0) {
      const name = spec.slice(0, eq)
      if (!/^[ -<>-~]+$/.test(name)) throw fail(`${goQuote(name)} is not a valid key name: a valid environment variable name must consist only of printable ASCII characters other than '='`)
      names.add(name)
      set.push({ name, value: spec.slice(eq + 1) })
    } else if (spec.endsWith('-')) remove.push(spec.slice(0, -1))
    else throw fail(`unknown environment variable: ${spec}`)
  }
  if (remove.some((r) => names.has(r))) throw fail('can not both modify and remove the same environment variable in the same command')
  return { set, remove }
}

/** Variables that a ConfigMap or Secret gives. */
function imported(cmd: Invocation): Env[] {
  const { flags, api, mapper, io } = cmd
  const { infos, problems } = find({ args: [flags.string('from')], namespace: cmd.namespace, selector: flags.string('selector'), fetch: true }, api, mapper)
  if (problems.length > 0) throw new Fail(problems)
  const keys = flags.list('keys')
  return infos.flatMap(({ mapping, name, object }) => {
    const ref = mapping.kind === 'ConfigMap' ? 'configMapKeyRef' : mapping.kind === 'Secret' ? 'secretKeyRef' : undefined
    if (ref === undefined) throw fail('unsupported resource specified in --from')
    return Object.keys(mapAt(object, 'data')).sort().filter((k) => keys.length === 0 || keys.includes(k)).map((key): Env => {
      const variable = key.replace(/[^a-zA-Z0-9_]/g, '_').toUpperCase()
      if (variable !== key) io.err(`Warning: key ${key} transferred to ${variable}\n`)
      return { name: variable, valueFrom: { [ref]: { key, name } } }
    })
  })
}

/** Upstream: cmd/set/helper.go updateEnv */
function updated(existing: readonly Env[], set: readonly Env[], remove: readonly string[]): Env[] {
  const covered = new Set(remove)
  const out: Env[] = []
  for (const e of existing) {
    if (covered.has(e.name)) continue
    const newer = set.find((s) => s.name === e.name)
    if (newer !== undefined) covered.add(e.name)
    out.push(newer ?? e)
  }
  for (const e of set) {
    if (covered.has(e.name)) continue
    covered.add(e.name)
    out.push(e)
  }
  return out
}

/** Upstream: cmd/set/env/env_resolve.go GetEnvVarRefString */
function reference(from: NonNullable<Env['valueFrom']>): string {
  const [kind = '', ref] = Object.entries(from)[0] ?? []
  if (kind === 'configMapKeyRef') return `configmap ${ref?.['name']}, key ${ref?.['key']}`
  if (kind === 'secretKeyRef') return `secret ${ref?.['name']}, key ${ref?.['key']}`
  if (kind === 'fieldRef') return `field path ${ref?.['fieldPath']}`
  if (kind === 'resourceFieldRef') return `resource field ${ref?.['containerName'] ? `${ref['containerName']}/` : ''}${ref?.['resource']}`
  return 'invalid valueFrom'
}

/** The value that a reference leads to. Errors: words. Upstream: env_resolve.go GetEnvVarRefValue */
function resolved(cmd: Invocation, from: NonNullable<Env['valueFrom']>, object: Thing, container: Container): Extracted {
  const [kind = '', ref] = Object.entries(from)[0] ?? []
  if (kind === 'configMapKeyRef' || kind === 'secretKeyRef') {
    const mapping = cmd.mapper.must(kind === 'secretKeyRef' ? 'secrets' : 'configmaps')
    let source: Thing
    try {
      source = cmd.api.get(pathOf(mapping, cmd.namespace, ref?.['name'] ?? ''))
    } catch (thrown) {
      if (!(thrown instanceof Fail)) throw thrown
      return { error: thrown.problems.map(wordsOf).join(', ') }
    }
    const value = mapAt(source, 'data')[ref?.['key'] ?? '']
    if (value === undefined) return { error: `key ${ref?.['key']} not found in ${kind === 'secretKeyRef' ? 'secret' : 'config map'} ${ref?.['name']}` }
    return { value: kind === 'secretKeyRef' ? (decodeBase64(value) ?? '') : value }
  }
  if (kind === 'fieldRef') return fieldValue(object, ref?.['fieldPath'] ?? '')
  return kind === 'resourceFieldRef' ? resourceValue(container, ref?.['resource'] ?? '', ref?.['divisor'] ?? '') : { error: 'invalid valueFrom' }
}

function list(cmd: Invocation, object: Thing, kind: string, containers: readonly Container[], change: (c: Container) => readonly Env[]): void {
  const { io, flags } = cmd
  for (const c of containers) {
    io.out(`# ${kind} ${object.metadata.name}, container ${c.name}\n`)
    const wrong = new Map<string, string[]>()
    for (const e of change(c)) {
      if (e.valueFrom === undefined) {
        io.out(`${e.name}=${e.value ?? ''}\n`)
        continue
      }
      const made = flags.bool('resolve') ? resolved(cmd, e.valueFrom, object, c) : { value: undefined }
      if (made.error !== undefined) wrong.set(made.error, [...(wrong.get(made.error) ?? []), e.name])
      io.out(made.value === undefined ? `# ${e.name} from ${reference(e.valueFrom)}\n` : `${e.name}=${made.value}\n`)
    }
    for (const text of [...wrong].map(([error, names]) => `error retrieving reference for ${names.toSorted().join(', ')}: ${error}`).toSorted()) io.err(`${text}\n`)
  }
}

/** `kubectl set env`. Upstream: kubectl/pkg/cmd/set/set_env.go */
export const env: Command = {
  name: 'env',
  flags: [...selectingFlags, ...flagSpecs('containers/c:string=* env/e:array from:string keys:list list overwrite=true prefix:string resolve')],
  run(cmd) {
    const { flags, io } = cmd
    const clash = clashes(cmd)[0]
    if (clash !== undefined) throw fail(clash)
    const { resources, pairs } = split(cmd.args)
    if (!flags.has('filename') && resources.length < 1) throw fail('one or more resources must be specified as <resource> <name> or <resource>/<name>')
    if (flags.bool('list') && flags.string('output') !== '') throw fail('--list and --output may not be specified together')
    if (flags.list('keys').length > 0 && flags.string('from') === '') throw fail('when specifying --keys, a configmap or secret must be provided with --from')
    const { set, remove } = parse([...flags.list('env'), ...pairs], io.stdin)
    const wanted = [...set, ...(flags.string('from') === '' ? [] : imported(cmd))].map((e) => ({ ...e, name: flags.string('prefix') + e.name }))
    const infos = select(cmd, resources)
    const pattern = flags.string('containers')
    const change = (c: Container): readonly Env[] => updated(listAt<Env>(c, 'env'), wanted, remove)
    if (flags.bool('list')) {
      for (const { object, mapping } of infos) {
        const path = podSpecPath(mapping.kind)
        if (path !== undefined) list(cmd, object as Thing, mapping.kind, containersOf(at(object, ...path) as Thing, pattern), change)
      }
      return
    }
    changePods(cmd, infos, 'env updated', 'failed to patch env update to pod template: ', (spec, info) => {
      const after = withContainers(spec, pattern, (c) => {
        if (!flags.bool('overwrite')) for (const e of wanted) {
          const old = listAt<Env>(c, 'env').find((o) => o.name === e.name)
          if (old !== undefined && (old.value ?? '') !== (e.value ?? '')) throw named(info, `'${e.name}' already has a value (${old.value ?? ''}), and --overwrite is false`)
        }
        const vars = change(c)
        return withField(c, ['env'], vars.length === 0 ? undefined : vars)
      })
      if (after === undefined) io.err(`Warning: ${info.mapping.kind}/${info.name} does not have any containers matching ${goQuote(pattern)}\n`)
      return after
    })
  },
}
