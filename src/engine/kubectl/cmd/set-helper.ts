import { createTwoWayStrategicPatch } from '../../apimachinery'
import { at, listAt, withField, type Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf, wordsOf, type Problem } from '../errors'
import { flagSpecs, type FlagSpec } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { recorded } from '../record'
import { pathOf } from '../rest-mapper'
import type { Invocation } from '../verb'
import { fileFlags, filesOf, schemaOf } from './apply'
import { throwAll } from './get'

/** Flags of all subcommands of `set`. */
export const setFlags: readonly FlagSpec[] = [...printFlags, ...fileFlags, ...flagSpecs('all dry-run:string[=unchanged]=none field-manager:string local record')]

/** The same with `-l`. */
export const selectingFlags: readonly FlagSpec[] = [...setFlags, ...flagSpecs('selector/l:string')]

/** A container of a pod template. */
export type Container = Readonly<Record<string, unknown>> & { readonly name: string; readonly image?: string }

/** Where a kind keeps its pod spec; undefined when it has none. Upstream: polymorphichelpers/updatepodspecforobject.go */
export function podSpecPath(kind: string): readonly string[] | undefined {
  if (kind === 'Pod') return ['spec']
  if (kind === 'CronJob') return ['spec', 'jobTemplate', 'spec', 'template', 'spec']
  return ['Deployment', 'DaemonSet', 'ReplicaSet', 'StatefulSet', 'Job', 'ReplicationController'].includes(kind) ? ['spec', 'template', 'spec'] : undefined
}

/** What --all, --local and --dry-run may not be together with. Answers the words, if any. */
export function clashes({ flags }: Invocation): readonly string[] {
  return [
    ...(flags.bool('all') && flags.string('selector') !== '' ? ['cannot set --all and --selector at the same time'] : []),
    ...(flags.bool('local') && dryRunOf(flags) === 'server' ? ['cannot specify --local and --dry-run=server - did you mean --dry-run=client?'] : []),
  ]
}

const LOCAL = "error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'"

/** The objects that are to be changed. Errors: all that went wrong on the way. */
export function select(cmd: Invocation, args: readonly string[]): readonly Info[] {
  const { flags, io, api, mapper } = cmd
  const local = flags.bool('local')
  if (local && args.length > 0) throw fail(LOCAL)
  const { infos, problems } = find({
    args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'), all: flags.bool('all'), fetch: !local,
  }, api, mapper)
  throwAll(problems)
  return infos
}

/** Changes each object and sends the difference; `failed` words what the server refuses. Errors: kept until all are done. */
export function changeEach(cmd: Invocation, infos: readonly Info[], word: string, failed: string, change: (object: Thing, info: Info) => Thing | undefined, options: { readonly evenSame?: boolean } = {}): void {
  const problems: Problem[] = []
  for (const info of infos) {
    try {
      const after = change(info.object as Thing, info)
      if (after !== undefined) send(cmd, info, recorded(cmd, after), word, failed, options.evenSame === true)
    } catch (thrown) {
      if (!(thrown instanceof Fail)) throw thrown
      problems.push(...thrown.problems)
    }
  }
  throwAll(problems)
}

/** As `changeEach`, for the pod spec of each object. */
export function changePods(cmd: Invocation, infos: readonly Info[], word: string, failed: string, change: (spec: Thing, info: Info) => Thing | undefined, options?: { readonly evenSame?: boolean }): void {
  changeEach(cmd, infos, word, failed, (object, info) => {
    const path = podSpecPath(info.mapping.kind)
    if (path === undefined) throw named(info, `the object is not a pod or does not have a pod template: *${info.mapping.group === '' ? 'v1' : info.mapping.version}.${info.mapping.kind}`)
    const after = change(at(object, ...path) as Thing, info)
    return after === undefined ? undefined : withField(object, path, after)
  }, options)
}

/** An error that names the object, as upstream's patches carry it. */
export const named = ({ mapping, name }: Info, text: string): Fail => fail(`error: ${mapping.resource}/${name} ${text}\n`)

function send(cmd: Invocation, info: Info, after: Thing, word: string, failed: string, evenSame: boolean): void {
  const { flags, io, api } = cmd
  const dryRun = dryRunOf(flags)
  const schema = schemaOf(info.mapping)
  const patch = schema === undefined ? undefined : createTwoWayStrategicPatch(schema, info.object as unknown as Record<string, unknown>, after as unknown as Record<string, unknown>)
  if (patch?.error !== undefined) throw fail(patch.error)
  const body = patch?.value ?? {}
  if (!evenSame && Object.keys(body).length === 0) return
  if (dryRun === 'client' || flags.bool('local')) return printResult(after, word, flags, io, dryRun)
  const response = api.try({ verb: 'patch', path: pathOf(info.mapping, info.namespace, info.name), body, patchType: 'application/strategic-merge-patch+json', query: { fieldManager: flags.string('field-manager') || 'kubectl-set', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) } })
  if (response.code !== 200) {
    const problem = problemOf(response)
    throw failed === '' ? new Fail([problem]) : fail(`${failed}${wordsOf(problem)}`)
  }
  printResult(response.body as Thing, word, flags, io, dryRun)
}

/** Whether a name fits a pattern with `*`. Upstream: set/helper.go selectString */
const fits = (name: string, pattern: string): boolean => new RegExp(`^${pattern.split('*').map((p) => p.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(name)

/** A pod spec whose containers, init containers too, that fit a pattern are changed; undefined when none fits. */
export function withContainers(spec: Thing, pattern: string, change: (c: Container) => Container): Thing | undefined {
  let next = spec
  let found = false
  for (const key of ['initContainers', 'containers']) {
    const list = listAt<Container>(spec, key)
    if (!list.some((c) => fits(c.name, pattern))) continue
    found = true
    next = withField(next, [key], list.map((c) => (fits(c.name, pattern) ? change(c) : c)))
  }
  return found ? next : undefined
}

/** Containers that fit a pattern, as upstream goes through them: init containers last. */
export const containersOf = (spec: Thing, pattern: string): readonly Container[] => [...listAt<Container>(spec, 'containers'), ...listAt<Container>(spec, 'initContainers')].filter((c) => fits(c.name, pattern))
