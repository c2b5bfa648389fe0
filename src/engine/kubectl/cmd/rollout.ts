import { applyStrategicMergePatch, createTwoWayStrategicPatch, deepEqual, formatTime } from '../../apimachinery'
import { at, lastApplied, withField, type Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf, wordsOf, type Problem } from '../errors'
import { flagSpecs, type FlagSpec } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { groupResource, kindName, pathOf } from '../rest-mapper'
import { revisionsOf, templateText, type Revision } from '../revisions'
import { rolloutStatus } from '../rollout-status'
import { tabwrite } from '../tabwriter'
import type { Command, Invocation } from '../verb'
import { fileFlags, schemaOf, filesOf } from './apply'
import { throwAll } from './get'

/** `Deployment.apps`, `Pod`. */
const groupKind = ({ kind, group }: Info['mapping']): string => (group === '' ? kind : `${kind}.${group}`)

const WEEK = 168 * 3_600_000_000

function targets(cmd: Invocation, fetch = true): { infos: readonly Info[]; problems: readonly Problem[] } {
  const { args, flags, io, api, mapper } = cmd
  if (args.length === 0 && !flags.has('filename')) throw fail('required resource not specified')
  return find({ args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'), fetch, typesMeanAll: true }, api, mapper)
}

const status: Command = {
  name: 'status',
  flags: [...fileFlags, ...flagSpecs('revision:int selector/l:string timeout:duration watch/w=true')],
  run(cmd) {
    const { flags, io, api } = cmd
    const { infos, problems } = targets(cmd)
    throwAll(problems)
    const revision = flags.int('revision')
    if (revision < 0) throw fail(`revision must be a positive integer: ${revision}`)
    for (const { mapping, namespace, name } of infos) {
      const view = (object: Thing): { message: string; done: boolean } => {
        const seen = rolloutStatus(mapping.kind, object, revision)
        if (seen === undefined) throw fail(`no status viewer has been implemented for ${groupKind(mapping)}`)
        if (seen.error !== undefined) throw fail(seen.error)
        return seen
      }
      const done = api.until(pathOf(mapping, namespace), name, flags.duration('timeout') || WEEK, (object, event) => {
        if (object === undefined) throw fail(event === 'DELETED' ? 'object has been deleted' : `${groupResource(mapping)} "${name}" not found`)
        const { message, done: finished } = view(object)
        io.out(message)
        return finished || !flags.bool('watch') ? true : undefined
      })
      if (done === undefined) throw fail('timed out waiting for the condition')
    }
    if (infos.length === 0) io.err(`No resources found in ${cmd.namespace} namespace.\n`)
  },
}

const history: Command = {
  name: 'history',
  flags: [...printFlags, ...fileFlags, ...flagSpecs('revision:int selector/l:string')],
  run(cmd) {
    const { flags, io } = cmd
    const wanted = flags.int('revision')
    if (wanted < 0) throw fail(`revision must be a positive integer: ${wanted}`)
    const { infos, problems } = targets(cmd)
    throwAll(problems)
    for (const info of infos) {
      const { mapping, name } = info
      const revisions = revisionsOf(cmd.api, info)
      if (revisions === undefined) throw fail(`no history viewer has been implemented for "${groupKind(mapping)}"`)
      if (flags.string('output') !== '') {
        const shown = wanted === 0 ? revisions : revisions.filter((r) => r.number === wanted)
        if (wanted > 0 && shown.length === 0) throw fail('unable to find the specified revision')
        for (const one of shown) printResult(one.object, '', flags, io)
        continue
      }
      if (wanted > 0 && revisions.length > 0) {
        const one = revisions.find((r) => r.number === wanted)
        if (one === undefined) throw fail('unable to find the specified revision')
        io.out(`${kindName(mapping, name)} with revision #${wanted}\n${templateText(one.shown ?? one.template)}\n`)
        continue
      }
      if (revisions.length === 0) {
        io.out(`${kindName(mapping, name)} ${wanted > 0 ? `with revision #${wanted}` : ''}\nNo rollout history found.\n`)
        continue
      }
      const rows = revisions.map((r) => `${r.number}\t${r.cause || '<none>'}\n`).join('')
      io.out(`${kindName(mapping, name)} \n${tabwrite(`REVISION\tCHANGE-CAUSE\n${rows}`, 0, 2)}\n`)
    }
  },
}

const undo: Command = {
  name: 'undo',
  flags: [...printFlags, ...fileFlags, ...flagSpecs('dry-run:string[=unchanged]=none selector/l:string to-revision:int')],
  run(cmd) {
    const { flags, io, api } = cmd
    const { infos, problems } = targets(cmd)
    throwAll(problems)
    const dryRun = dryRunOf(flags)
    const to = flags.int('to-revision')
    for (const info of infos) {
      const { mapping, namespace, name } = info
      const object = info.object as Thing
      if (object.metadata.annotations?.[lastApplied] !== undefined) {
        io.err(`Warning: resource ${mapping.resource}/${name} was previously managed with 'kubectl apply'. Rolling back will not update the ${lastApplied} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n`)
      }
      const revisions = revisionsOf(api, info)
      if (revisions === undefined) throw fail(`no rollbacker has been implemented for "${groupKind(mapping)}"`)
      const target = choose(revisions, to, mapping.kind, name)
      if (dryRun === 'client') {
        io.out(`${kindName(mapping, name)} ${templateText(target.template)} (dry run)\n`)
        continue
      }
      const body = mapping.kind === 'Deployment' ? deploymentPatch(object, target) : target.patch
      if (body === undefined || matchesNow(info, target)) {
        printResult(object, `skipped rollback (current template already matches revision ${to})`, flags, io, dryRun)
        continue
      }
      const response = api.try({
        verb: 'patch', path: pathOf(mapping, namespace, name), body, patchType: mapping.kind === 'Deployment' ? 'application/json-patch+json' : 'application/strategic-merge-patch+json',
        query: { fieldManager: 'kubectl-rollout', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) },
      })
      if (response.code !== 200) throw fail(`failed restoring revision ${to}: ${wordsOf(problemOf(response))}`)
      printResult(response.body as Thing, 'rolled back', flags, io, dryRun)
    }
  },
}

/** Upstream: polymorphichelpers/rollback.go deploymentRevision, findHistory */
function choose(revisions: readonly Revision[], to: number, kind: string, name: string): Revision {
  if (to < 0) throw fail(`unable to find specified revision ${to} in history`)
  const found = to === 0 ? revisions.at(-2) : revisions.find((r) => r.number === to)
  if (found !== undefined) return found
  if (to !== 0) throw fail(`unable to find specified revision ${to} in history`)
  throw fail(kind === 'Deployment' ? `no rollout history found for deployment ${JSON.stringify(name)}` : 'no last revision to roll back to')
}

const SKIPPED = [lastApplied, 'deployment.kubernetes.io/revision', 'deployment.kubernetes.io/revision-history', 'deployment.kubernetes.io/desired-replicas', 'deployment.kubernetes.io/max-replicas', 'deprecated.deployment.rollback.to']

const withoutHash = (template: unknown): unknown => withField(template as object, ['metadata', 'labels', 'pod-template-hash'], undefined)

function deploymentPatch(object: Thing, target: Revision): unknown {
  if (at(object, 'spec', 'paused') === true) throw fail("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again")
  if (deepEqual(withoutHash(at(object, 'spec', 'template')), withoutHash(target.template))) return undefined
  const own = object.metadata.annotations ?? {}
  const annotations = { ...Object.fromEntries(SKIPPED.filter((k) => own[k] !== undefined).map((k) => [k, own[k]])), ...Object.fromEntries(Object.entries(target.object.metadata.annotations ?? {}).filter(([k]) => !SKIPPED.includes(k))) }
  return [{ op: 'replace', path: '/spec/template', value: withoutHash(target.template) }, { op: 'replace', path: '/metadata/annotations', value: annotations }]
}

function matchesNow({ mapping, object }: Info, target: Revision): boolean {
  if (mapping.kind === 'Deployment') return false
  const schema = schemaOf(mapping)
  if (schema === undefined || target.patch === undefined) return false
  const applied = applyStrategicMergePatch(schema, object as unknown as Record<string, unknown>, target.patch as Record<string, unknown>)
  return applied.error === undefined && deepEqual(at(applied.value, 'spec', 'template'), at(object, 'spec', 'template'))
}

/** pause, resume and restart: each changes the object and sends the difference. Upstream: kubectl/pkg/cmd/rollout, cmd/set/helper.go */
function changing(name: string, word: string, doing: string, change: (object: Thing, cmd: Invocation) => Thing | string): Command {
  const flags: readonly FlagSpec[] = [...printFlags, ...fileFlags, ...flagSpecs('field-manager:string selector/l:string')]
  return {
    name, flags,
    run(cmd) {
      const { infos, problems: bad } = targets(cmd)
      const problems: Problem[] = [...bad]
      for (const info of infos) {
        const { mapping, namespace, object } = info
        const made = change(object as Thing, cmd)
        const named = `error: ${groupResource(mapping)} "${info.name}"`
        if (typeof made === 'string') {
          problems.push({ text: `${named} ${made || `${doing} is not supported`}` })
          continue
        }
        const schema = schemaOf(mapping)
        const patch = schema === undefined ? undefined : createTwoWayStrategicPatch(schema, object as unknown as Record<string, unknown>, made as unknown as Record<string, unknown>)
        if (patch?.value === undefined || Object.keys(patch.value).length === 0) {
          problems.push({ text: `failed to create patch for ${info.name}: if restart has already been triggered within the past second, please wait before attempting to trigger another` })
          continue
        }
        const response = cmd.api.try({ verb: 'patch', path: pathOf(mapping, namespace, info.name), body: patch.value, patchType: 'application/strategic-merge-patch+json', query: { fieldManager: cmd.flags.string('field-manager') || 'kubectl-rollout' } })
        if (response.code !== 200) problems.push({ text: `failed to patch: ${wordsOf(problemOf(response))}` })
        else printResult(response.body as Thing, word, cmd.flags, cmd.io)
      }
      if (infos.length === 0 && bad.length === 0) cmd.io.err(`No resources found in ${cmd.namespace} namespace.\n`)
      if (problems.length > 0) throw new Fail(problems)
    },
  }
}

const pause = changing('pause', 'paused', 'pausing', (o) => (o.kind !== 'Deployment' ? '' : at(o, 'spec', 'paused') === true ? 'is already paused' : withField(o, ['spec', 'paused'], true)))
const resume = changing('resume', 'resumed', 'resuming', (o) => (o.kind !== 'Deployment' ? '' : at(o, 'spec', 'paused') !== true ? 'is not paused' : withField(o, ['spec', 'paused'], undefined)))
const restart = changing('restart', 'restarted', 'restarting', (o, { io }) => {
  if (!['Deployment', 'DaemonSet', 'StatefulSet'].includes(o.kind ?? '')) return ''
  if (at(o, 'spec', 'paused') === true) return "can't restart paused deployment (run rollout resume first)"
  return withField(o, ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt'], formatTime(io.now()))
})

/** `kubectl rollout`. Upstream: kubectl/pkg/cmd/rollout */
export const rollout: Command = {
  name: 'rollout',
  flags: [],
  helpToStdout: true,
  commands: [history, pause, restart, resume, status, undo],
}

