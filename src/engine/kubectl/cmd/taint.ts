import { deepEqual, goQuote, labelValueErrors, qualifiedNameErrors } from '../../apimachinery'
import { listAt, withField, type Thing } from '../api'
import { find } from '../builder'
import { Fail, fail, problemOf, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { throwAll } from './get'

interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** `kubectl taint`. Upstream: kubectl/pkg/cmd/taint */
export const taint: Command = {
  name: 'taint',
  complete: 'node',
  flags: [...printFlags, ...flagSpecs('all dry-run:string[=unchanged]=none field-manager:string overwrite selector/l:string validate:string[=strict]=strict')],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const dryRun = dryRunOf(flags)
    const isSpec = (a: string): boolean => /[=:]/.test(a) || a.endsWith('-')
    const first = args.findIndex(isSpec)
    const resources = first < 0 ? args : args.slice(0, first)
    const specs = first < 0 ? [] : args.slice(first)
    const stray = specs.find((s) => !isSpec(s))
    if (stray !== undefined) throw fail(`all resources must be specified before taint changes: ${stray}`)
    if (resources.length < 1) throw fail('one or more resources must be specified as <resource> <name>')
    if (specs.length < 1) throw fail('at least one taint update is required')
    const { add, remove } = parseTaints(cmd, specs)
    const word = (resources[0] as string).toLowerCase()
    if (mapper.must(word).kind !== 'Node') throw fail(`invalid resource type ${word}, only node types are supported`)
    const both = add.flatMap((t) => remove.filter((r) => r.key === t.key && (r.effect === '' || r.effect === t.effect)))
    if (both.length > 0) throw fail(`can not both modify and remove the following taint(s) in the same command: ${both.map((r) => `${r.key}=${r.effect}`).join(', ')}`)
    const all = flags.bool('all')
    const selector = flags.string('selector')
    if (all && selector !== '') throw fail("setting 'all' parameter with a non empty selector is prohibited")
    if (!all && selector === '' && resources.length < 2) throw fail("at least one resource name must be specified since 'all' parameter is not set")
    const { infos, problems: bad } = find({ args: all || selector !== '' ? ['node'] : ['node', ...resources.slice(1)], namespace: cmd.namespace, selector, all, fetch: true }, api, mapper)
    const problems: Problem[] = [...bad]
    for (const { mapping, name, object } of infos) {
      try {
        const old = listAt<Taint>(object, 'spec', 'taints')
        const there = flags.bool('overwrite') ? [] : add.filter((t) => old.some((o) => same(o, t)))
        if (there.length > 0) throw fail(`node ${name} already has ${there.map((t) => t.key).join(',')} taint(s) with same effect(s) and --overwrite is false`)
        const { taints, operation } = reorganize(old, add, remove, flags.bool('overwrite'))
        let result = withField(object as Thing, ['spec', 'taints'], taints.length === 0 ? undefined : taints)
        if (dryRun !== 'client') {
          const response = api.try({
            verb: 'patch', path: pathOf(mapping, '', name), query: { fieldManager: flags.string('field-manager') || 'kubectl-taint', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) },
            patchType: 'application/merge-patch+json', body: deepEqual(taints, old) ? {} : { spec: { taints: taints.length === 0 ? null : taints } },
          })
          if (response.code !== 200) throw new Fail([problemOf(response)])
          result = response.body as Thing
        }
        printResult(result, operation, flags, io, dryRun)
      } catch (thrown) {
        if (!(thrown instanceof Fail)) throw thrown
        problems.push(...thrown.problems)
      }
    }
    throwAll(problems)
  },
}

const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect

/** Upstream: taint/utils.go parseTaint */
function parseTaint(text: string): Taint | string {
  const [left = '', effect, more] = text.split(':')
  if (more !== undefined) return `invalid taint spec: ${text}`
  if (effect !== undefined && !EFFECTS.includes(effect)) return `invalid taint effect: ${effect}, unsupported taint effect`
  const [key = '', value, extra] = effect === undefined ? [left] : left.split('=')
  if (extra !== undefined) return `invalid taint spec: ${text}`
  const errors = value === undefined || labelValueErrors(value).length === 0 ? qualifiedNameErrors(key) : labelValueErrors(value)
  return errors.length > 0 ? `invalid taint spec: ${text}, ${errors.join('; ')}` : { key, ...(value === undefined || value === '' ? {} : { value }), effect: effect ?? '' }
}

/** Upstream: taint/utils.go parseTaints */
function parseTaints(cmd: Invocation, specs: readonly string[]): { readonly add: readonly Taint[]; readonly remove: readonly Taint[] } {
  const add: Taint[] = []
  const remove: Taint[] = []
  for (const spec of specs) {
    const removes = spec.endsWith('-')
    const parsed = parseTaint(removes ? spec.slice(0, -1) : spec)
    if (typeof parsed === 'string') throw cmd.usage(parsed)
    if (removes) {
      remove.push(parsed)
      continue
    }
    if (parsed.effect === '') throw cmd.usage(`invalid taint spec: ${spec}`)
    if (add.some((t) => same(t, parsed))) throw cmd.usage(`duplicated taints with the same key and effect: {${parsed.key} ${parsed.value ?? ''} ${parsed.effect} <nil>}`)
    add.push(parsed)
  }
  return { add, remove }
}

/** Upstream: taint/utils.go reorganizeTaints */
function reorganize(old: readonly Taint[], add: readonly Taint[], remove: readonly Taint[], overwrite: boolean): { readonly taints: readonly Taint[]; readonly operation: string } {
  let taints: readonly Taint[] = [...add, ...old.filter((o) => !add.some((t) => same(t, o)))]
  const added = taints.length !== old.length
  let deleted = false
  const missing: string[] = []
  for (const r of remove) {
    const left = taints.filter((t) => (r.effect === '' ? t.key !== r.key : !same(t, r)))
    deleted = left.length !== taints.length
    if (!deleted) missing.push(`taint ${goQuote(r.effect === '' ? r.key : `${r.key}:${r.effect}`)} not found`)
    taints = left
  }
  if (missing.length > 0) throw new Fail(missing.map((text) => ({ text })))
  return { taints, operation: (added && deleted) || overwrite ? 'modified' : added ? 'tainted' : 'untainted' }
}
