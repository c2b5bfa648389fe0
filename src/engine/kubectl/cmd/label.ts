import { createMergePatch, goQuote, labelValueErrors } from '../../apimachinery'
import { mapAt, withField, type Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf, type Problem } from '../errors'
import { flagSpecs, type FlagSpec } from '../flags'
import { dryRunOf, printFlags, printResult, type DryRun } from '../print-flags'
import { pathOf } from '../rest-mapper'
import { recorded } from '../record'
import type { Command, Invocation } from '../verb'
import { fileFlags, filesOf } from './apply'
import { throwAll } from './get'

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
    const changes = labelChanges(pairs)
    const { dryRun } = check(cmd, resources, pairs, 'label', 'pod')
    change(cmd, resources, (info, single) => {
      const object = info.object as Thing
      const labels = mapAt(object, 'metadata', 'labels')
      const local = dryRun === 'client' || cmd.flags.bool('local') || cmd.flags.bool('list')
      if (!local) for (const key of changes.remove) if (labels[key] === undefined) cmd.io.out(`label ${goQuote(key)} not found.\n`)
      const clashes = cmd.flags.bool('overwrite') ? [] : [...changes.set].filter(([k, v]) => labels[k] !== undefined && labels[k] !== v)
      if (clashes.length > 0) throw new Fail(clashes.map(([k]) => ({ text: `'${k}' already has a value (${labels[k]}), and --overwrite is false` })))
      const added = [...changes.set].some(([k, v]) => labels[k] !== v)
      const removed = changes.remove.some((k) => labels[k] !== undefined)
      const after = changedMap(object, 'labels', changes)
      if (!local && (added || removed)) sent(cmd, info, object, recorded(cmd, after), dryRun, 'kubectl-label')
      if (cmd.flags.bool('list')) return listPairs(cmd, info, mapAt(after, 'metadata', 'labels'), 'labels', single)
      printResult(after, added && removed ? 'modified' : added ? 'labeled' : removed ? 'unlabeled' : 'not labeled', cmd.flags, cmd.io, dryRun)
    })
  },
}

/** `kubectl annotate`. Upstream: kubectl/pkg/cmd/annotate/annotate.go */
export const annotate: Command = {
  name: 'annotate',
  complete: 'type/name',
  flags,
  run(cmd) {
    const { resources, pairs } = resourcesAndPairs(cmd.args, 'annotation')
    const changes = parsePairs(pairs, 'annotation', true)
    const { dryRun } = check(cmd, resources, pairs, 'annotation', 'rsrc')
    const both = changes.remove.filter((k) => changes.set.has(k))
    if (both.length > 0) throw fail(`can not both modify and remove the following annotation(s) in the same command: ${both.join(', ')}`)
    change(cmd, resources, (info, single) => {
      const object = info.object as Thing
      const annotations = mapAt(object, 'metadata', 'annotations')
      // Why something was changed may always be said anew.
      const clashes = cmd.flags.bool('overwrite') ? [] : [...changes.set].filter(([k, v]) => k !== 'kubernetes.io/change-cause' && annotations[k] !== undefined && annotations[k] !== v)
      if (clashes.length > 0) throw fail(`--overwrite is false but found the following declared annotation(s): ${clashes.map(([k]) => `'${k}' already has a value (${annotations[k]})`).join('; ')}`)
      const local = dryRun === 'client' || cmd.flags.bool('local') || cmd.flags.bool('list')
      const after = changedMap(local ? object : recorded(cmd, object), 'annotations', changes)
      if (cmd.flags.bool('list')) return listPairs(cmd, info, mapAt(after, 'metadata', 'annotations'), 'annotations', single)
      printResult(local ? after : sent(cmd, info, object, after, dryRun, 'kubectl-annotate'), 'annotated', cmd.flags, cmd.io, dryRun)
    })
  },
}

/** What is set and what is removed. */
interface Changes {
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
}

/** Upstream: label.go parseLabels */
function labelChanges(pairs: readonly string[]): Changes {
  const set = new Map<string, string>()
  const remove: string[] = []
  for (const pair of pairs) {
    const [key = '', value, more] = pair.split('=')
    if (more !== undefined) throw fail(`invalid label spec: ${pair}`)
    if (value !== undefined) {
      const errors = labelValueErrors(value)
      if (errors.length > 0) throw fail(`invalid label value: ${goQuote(pair)}: ${errors.join(';')}`)
      set.set(key, value)
    } else if (pair.endsWith('-')) remove.push(pair.slice(0, -1))
    else throw fail(`unknown label spec: ${pair}`)
  }
  if (remove.some((k) => set.has(k))) throw fail('can not both modify and remove a label in the same command')
  return { set, remove }
}

/** Upstream: cmdutil ParsePairs */
export function parsePairs(pairs: readonly string[], what: string, removes: boolean): Changes {
  const set = new Map<string, string>()
  const remove: string[] = []
  const invalid: string[] = []
  for (const pair of pairs) {
    const eq = pair.indexOf('=')
    if (eq > 0) set.set(pair.slice(0, eq), pair.slice(eq + 1))
    else if (removes && pair.endsWith('-') && pair !== '-') remove.push(pair.slice(0, -1))
    else invalid.push(pair)
  }
  if (invalid.length > 0) throw fail(`invalid ${what} format: ${invalid.join(', ')}`)
  return { set, remove }
}

/** What both verbs want of their flags. */
function check({ flags }: Invocation, resources: readonly string[], pairs: readonly string[], what: string, example: string): { readonly dryRun: DryRun } {
  const dryRun = dryRunOf(flags)
  const files = flags.has('filename') || flags.has('kustomize')
  if (flags.bool('list') && flags.string('output') !== '') throw fail('--list and --output may not be specified together')
  if (flags.bool('all') && flags.string('selector') !== '') throw fail('cannot set --all and --selector at the same time')
  if (flags.bool('all') && flags.string('field-selector') !== '') throw fail('cannot set --all and --field-selector at the same time')
  if (!flags.bool('local')) {
    if (resources.length < 1 && !files) throw fail('one or more resources must be specified as <resource> <name> or <resource>/<name>')
  } else {
    if (dryRun === 'server') throw fail('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
    if (resources.length > 0) throw fail(`can only use local files by -f ${example}.yaml or --filename=${example}.json when --local=true is set`)
    if (!files) throw fail(`one or more files must be specified as -f ${example}.yaml or --filename=${example}.json`)
  }
  if (pairs.length < 1 && !flags.bool('list')) throw fail(`at least one ${what} update is required`)
  return { dryRun }
}

function change(cmd: Invocation, args: readonly string[], one: (info: Info, single: boolean) => void): void {
  const { flags, io, api, mapper } = cmd
  const { infos, problems: bad, single } = find({
    args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'), all: flags.bool('all'), allNamespaces: flags.bool('all-namespaces'), fetch: !flags.bool('local'),
  }, api, mapper)
  if (!single && flags.string('resource-version') !== '') throw fail('--resource-version may only be used with a single resource')
  const problems: Problem[] = [...bad]
  for (const info of infos) {
    try {
      one(info, single)
    } catch (thrown) {
      if (!(thrown instanceof Fail)) throw thrown
      problems.push(...thrown.problems)
    }
  }
  throwAll(problems)
}

/** The object with its labels or annotations changed. */
function changedMap(object: Thing, field: 'labels' | 'annotations', { set, remove }: Changes): Thing {
  const map: Record<string, string> = { ...mapAt(object, 'metadata', field) }
  for (const [k, v] of set) map[k] = v
  for (const k of remove) delete map[k]
  return withField(object, ['metadata', field], map)
}

/** Sends what changed in the metadata. */
function sent(cmd: Invocation, info: Info, before: Thing, after: Thing, dryRun: DryRun, manager: string): Thing {
  const version = cmd.flags.string('resource-version')
  const patch = createMergePatch(before as unknown as Record<string, unknown>, after as unknown as Record<string, unknown>)
  const response = cmd.api.try({
    verb: 'patch', path: pathOf(info.mapping, info.namespace, info.name), patchType: 'application/merge-patch+json',
    body: version === '' ? patch : { ...patch, metadata: { ...(patch['metadata'] as object | undefined), resourceVersion: version } },
    query: { fieldManager: cmd.flags.string('field-manager') || manager, ...(dryRun === 'server' ? { dryRun: 'All' } : {}) },
  })
  if (response.code !== 200) throw new Fail([problemOf(response)])
  return response.body as Thing
}

/** `--list`: of one object without a headline. */
function listPairs({ io }: Invocation, { mapping, name }: Info, pairs: Readonly<Record<string, string>>, what: string, single: boolean): void {
  if (!single) io.out(`Listing ${what} for ${mapping.kind}.${mapping.group}/${name}:\n`)
  for (const k of Object.keys(pairs).sort()) io.out(`${single ? '' : ' '}${k}=${pairs[k]}\n`)
}
