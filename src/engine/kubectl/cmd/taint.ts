import { deepEqual, labelValueErrors, qualifiedNameErrors } from '../../apimachinery'
import { listAt, type Thing } from '../api'
import { find } from '../builder'
import { Fail, fail, problemOf } from '../errors'
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
    const isSpec = (a: string): boolean => /[=:]/.test(a) || a.endsWith('-')
    const first = args.findIndex((a, i) => i > 0 && isSpec(a))
    const resources = first < 0 ? args : args.slice(0, first)
    const specs = first < 0 ? [] : args.slice(first)
    if (resources.length < 1) throw fail('one or more resources must be specified as <resource> <name>')
    if (specs.length < 1) throw fail('at least one taint update is required')
    const { add, remove } = parseTaints(cmd, specs)
    const type = mapper.find((resources[0] as string).split('/')[0] as string)
    if (type !== undefined && type.resource !== 'nodes') throw fail(`invalid resource type ${resources[0]}, only node types are supported`)
    const dryRun = dryRunOf(flags)
    const { infos, problems } = find({ args: resources, namespace: cmd.namespace, selector: flags.string('selector'), all: flags.bool('all'), fetch: true }, api, mapper)
    throwAll(problems)
    for (const { mapping, name, object } of infos) {
      const old = listAt<Taint>(object, 'spec', 'taints')
      const clash = add.find((t) => old.some((o) => o.key === t.key && o.effect === t.effect))
      if (clash !== undefined && !flags.bool('overwrite')) throw fail(`node ${name} already has ${add.filter((t) => old.some((o) => o.key === t.key && o.effect === t.effect)).map((t) => t.key).join(',')} taint(s) with same effect(s) and --overwrite is false`)
      const { taints, missing } = reorganize(old, add, remove)
      if (missing.length > 0) throw missing.length === 1 ? fail(missing[0] as string) : new Fail(missing.map((text) => ({ text })))
      const word = operation(old, taints, add, remove)
      let result = { ...(object as Thing), spec: { ...object?.spec, taints } } as Thing
      if (dryRun !== 'client' && !deepEqual(taints, old)) {
        const response = api.try({ verb: 'patch', path: pathOf(mapping, '', name), query: { fieldManager: flags.string('field-manager') || 'kubectl-taint', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) }, patchType: 'application/merge-patch+json', body: { spec: { taints: taints.length === 0 ? null : taints } } })
        if (response.code !== 200) throw new Fail([problemOf(response)])
        result = response.body as Thing
      }
      printResult(result, word, flags, io, dryRun)
    }
  },
}

function parseTaints(cmd: Invocation, specs: readonly string[]): { add: Taint[]; remove: Taint[] } {
  const add: Taint[] = []
  const remove: Taint[] = []
  for (const spec of specs) {
    if (spec.endsWith('-')) {
      const body = spec.slice(0, -1)
      const [kv = '', effect = ''] = body.split(':')
      if (effect !== '' && !EFFECTS.includes(effect)) throw cmd.usage(`invalid taint effect: ${effect}, unsupported taint effect`)
      remove.push({ key: kv.split('=')[0] as string, effect })
      continue
    }
    const [kv = '', effect, extra] = spec.split(':')
    if (extra !== undefined) throw cmd.usage(`invalid taint spec: ${spec}`)
    const [key = '', value, more] = kv.split('=')
    if (more !== undefined) throw cmd.usage(`invalid taint spec: ${spec}`)
    // Without an effect the whole word is the key, which then is none.
    const errors = effect === undefined ? qualifiedNameErrors(kv) : qualifiedNameErrors(key)
    if (errors.length > 0) throw cmd.usage(`invalid taint spec: ${spec}, ${errors.join('; ')}`)
    if (effect !== undefined && !EFFECTS.includes(effect)) throw cmd.usage(`invalid taint effect: ${effect}, unsupported taint effect`)
    if (effect === undefined) throw cmd.usage(`invalid taint spec: ${spec}`)
    if (value !== undefined && labelValueErrors(value).length > 0) throw cmd.usage(`invalid taint spec: ${spec}, ${labelValueErrors(value).join('; ')}`)
    if (add.some((t) => t.key === key && t.effect === effect)) throw cmd.usage(`duplicated taints with the same key and effect: {${key} ${value ?? ''} ${effect} <nil>}`)
    add.push({ key, ...(value === undefined || value === '' ? {} : { value }), effect })
  }
  return { add, remove }
}

/** Upstream: taint/utils.go reorganizeTaints */
function reorganize(old: readonly Taint[], add: readonly Taint[], remove: readonly Taint[]): { taints: Taint[]; missing: string[] } {
  const kept = old.filter((o) => !add.some((t) => t.key === o.key && t.effect === o.effect))
  const all = [...add, ...kept]
  const missing: string[] = []
  let taints = all
  for (const r of remove) {
    const before = taints.length
    taints = taints.filter((t) => !(t.key === r.key && (r.effect === '' || t.effect === r.effect)))
    if (taints.length === before) missing.push(r.effect === '' ? `taint "${r.key}" not found` : `taint "${r.key}:${r.effect}" not found`)
  }
  return { taints, missing }
}

/** Upstream: taint/utils.go addTaints, deleteTaints, MODIFIED … */
function operation(old: readonly Taint[], taints: readonly Taint[], add: readonly Taint[], remove: readonly Taint[]): string {
  if (add.length > 0 && remove.length > 0) return 'modified'
  if (remove.length > 0) return 'untainted'
  return add.some((t) => old.some((o) => o.key === t.key && o.effect === t.effect)) ? 'modified' : taints.length >= 0 ? 'tainted' : ''
}
