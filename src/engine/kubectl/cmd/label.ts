import { createMergePatch, deepEqual, labelValueErrors } from '../../apimachinery'
import { mapAt, withField, type Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf, type Problem } from '../errors'
import { flagSpecs, type FlagSpec } from '../flags'
import { dryRunOf, printFlags, printResult, type DryRun } from '../print-flags'
import { pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { fileFlags, filesOf } from './apply'
import { nothingFound, throwAll } from './get'

const flags: readonly FlagSpec[] = [...printFlags, ...fileFlags, ...flagSpecs('all all-namespaces/A dry-run:string[=unchanged]=none field-manager:string field-selector:string list local record overwrite resource-version:string selector/l:string')]

/** Resources, and the changes after them: `k=v`, `k-`. Upstream: cmdutil GetResourcesAndPairs */
export function resourcesAndPairs(args: readonly string[], what: string): { readonly resources: readonly string[]; readonly pairs: readonly string[] } {
  const isPair = (a: string): boolean => (a.includes('=') && !a.startsWith('=')) || (a.endsWith('-') && a.length > 1)
  const first = args.findIndex(isPair)
  const resources = first < 0 ? args : args.slice(0, first)
  const pairs = first < 0 ? [] : args.slice(first)
  const stray = pairs.find((p) => !isPair(p))
  if (stray !== undefined) throw fail(`all resources must be specified before ${what} changes: ${stray}`)
  return { resources, pairs }
}

/** `kubectl label`. Upstream: kubectl/pkg/cmd/label/label.go */
export const label: Command = {
  name: 'label',
  complete: 'type/name',
  flags,
  run(cmd) {
    const { resources, pairs } = resourcesAndPairs(cmd.args, 'label')
    if (resources.length < 1 && !cmd.flags.has('filename')) throw fail('one or more resources must be specified as <resource> <name> or <resource>/<name>')
    if (pairs.length < 1 && !cmd.flags.bool('list')) throw fail('at least one label update is required')
    const { set, remove } = parsePairs(pairs, 'label')
    change(cmd, resources, (info, object, dryRun) => labelOne(cmd, info, object, set, remove, dryRun))
  },
}

/** `kubectl annotate`. Upstream: kubectl/pkg/cmd/annotate/annotate.go */
export const annotate: Command = {
  name: 'annotate',
  complete: 'type/name',
  flags,
  run(cmd) {
    const { resources, pairs } = resourcesAndPairs(cmd.args, 'annotation')
    if (resources.length < 1 && !cmd.flags.has('filename')) throw fail('one or more resources must be specified as <resource> <name> or <resource>/<name>')
    if (pairs.length < 1 && !cmd.flags.bool('list')) throw fail('at least one annotation update is required')
    const { set, remove } = parsePairs(pairs, 'annotation')
    change(cmd, resources, (info, object, dryRun) => annotateOne(cmd, info, object, set, remove, dryRun))
  },
}

function parsePairs(pairs: readonly string[], kind: 'label' | 'annotation'): { set: Map<string, string>; remove: readonly string[] } {
  const set = new Map<string, string>()
  const remove: string[] = []
  for (const pair of pairs) {
    const eq = pair.indexOf('=')
    if (eq >= 0) {
      const value = pair.slice(eq + 1)
      if (kind === 'label' && (value.includes('=') || labelValueErrors(value).length > 0)) throw fail(value.includes('=') ? `invalid label spec: ${pair}` : `invalid label value: ${JSON.stringify(pair)}: ${labelValueErrors(value).join(';')}`)
      set.set(pair.slice(0, eq), value)
    } else remove.push(pair.slice(0, -1))
  }
  const both = remove.find((k) => set.has(k))
  if (both !== undefined) throw fail(kind === 'label' ? 'can not both modify and remove a label in the same command' : 'can not both modify and remove the following annotation(s) in the same command: ' + both)
  return { set, remove }
}

function change(cmd: Invocation, args: readonly string[], one: (info: Info, object: Thing, dryRun: DryRun) => void): void {
  const { flags, io, api, mapper } = cmd
  const dryRun = dryRunOf(flags)
  const { infos, problems: bad } = find({
    args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'), all: flags.bool('all'), allNamespaces: flags.bool('all-namespaces'), fetch: !flags.bool('local'),
  }, api, mapper)
  const problems: Problem[] = [...bad]
  for (const info of infos) {
    try {
      one(info, info.object as Thing, dryRun)
    } catch (thrown) {
      if (!(thrown instanceof Fail)) throw thrown
      problems.push(...thrown.problems)
    }
  }
  if (infos.length === 0 && problems.length === 0) io.err(nothingFound(true, cmd.namespace))
  throwAll(problems)
}

/** Sends what changed in the metadata. */
function patchMetadata(cmd: Invocation, info: Info, before: Thing, after: Thing, dryRun: DryRun, manager: string): Thing {
  if (dryRun === 'client' || cmd.flags.bool('local')) return after
  const patch = createMergePatch(before as unknown as Record<string, unknown>, after as unknown as Record<string, unknown>)
  const response = cmd.api.try({
    verb: 'patch', path: pathOf(info.mapping, info.namespace, info.name), patchType: 'application/merge-patch+json', body: patch,
    query: { fieldManager: cmd.flags.string('field-manager') || manager, ...(dryRun === 'server' ? { dryRun: 'All' } : {}) },
  })
  if (response.code !== 200) throw new Fail([problemOf(response)])
  return response.body as Thing
}

function labelOne(cmd: Invocation, info: Info, object: Thing, set: ReadonlyMap<string, string>, remove: readonly string[], dryRun: DryRun): void {
  const { flags, io } = cmd
  const old = mapAt(object, 'metadata', 'labels')
  const clash = [...set].find(([k, v]) => !flags.bool('overwrite') && old[k] !== undefined && old[k] !== v)
  if (clash !== undefined) throw fail(`'${clash[0]}' already has a value (${old[clash[0]]}), and --overwrite is false`)
  for (const key of remove) if (old[key] === undefined) io.out(`label "${key}" not found.\n`)
  const labels: Record<string, string> = { ...old }
  for (const [k, v] of set) labels[k] = v
  for (const k of remove) delete labels[k]
  if (flags.bool('list')) return listPairs(cmd, info, labels, 'labels')
  const lost = Object.keys(old).some((k) => labels[k] === undefined)
  const gained = [...set].some(([k, v]) => old[k] !== v)
  const word = gained ? 'labeled' : lost ? 'unlabeled' : 'not labeled'
  const changed = !deepEqual(labels, old)
  const after = changed ? patchMetadata(cmd, info, object, withField(object, ['metadata', 'labels'], labels), dryRun, 'kubectl-label') : object
  printResult(after, word, flags, io, dryRun)
}

function annotateOne(cmd: Invocation, info: Info, object: Thing, set: ReadonlyMap<string, string>, remove: readonly string[], dryRun: DryRun): void {
  const { flags, io } = cmd
  const old = mapAt(object, 'metadata', 'annotations')
  // Why something was changed may always be said anew.
  const clashes = [...set].filter(([k, v]) => !flags.bool('overwrite') && k !== 'kubernetes.io/change-cause' && old[k] !== undefined && old[k] !== v).map(([k]) => k)
  if (clashes.length > 0) throw fail(`--overwrite is false but found the following declared annotation(s): ${clashes.map((k) => `'${k}' already has a value (${old[k]})`).join('; ')}`)
  const annotations: Record<string, string> = { ...old }
  for (const [k, v] of set) annotations[k] = v
  for (const k of remove) delete annotations[k]
  if (flags.bool('list')) return listPairs(cmd, info, annotations, 'annotations')
  const after = patchMetadata(cmd, info, object, withField(object, ['metadata', 'annotations'], annotations), dryRun, 'kubectl-annotate')
  printResult(after, 'annotated', flags, io, dryRun)
}

function listPairs({ io }: Invocation, { mapping, name }: Info, pairs: Readonly<Record<string, string>>, what: string): void {
  const group = mapping.group === '' ? '' : `.${mapping.group}`
  io.out(`Listing ${what} for ${mapping.kind}${group}/${name}:\n`)
  for (const k of Object.keys(pairs).sort()) io.out(` ${k}=${pairs[k]}\n`)
}

