import { at, type Thing } from '../api'
import { find, uidOf, type Info, type Query } from '../builder'
import { Fail, fail, problemOf, withSource, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf } from '../print-flags'
import { kindDotGroup, kindName, pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { fileFlags, filesOf } from './apply'
import { propagationOf } from './cascade'
import { throwAll } from './get'
import { raw } from './raw'

const WEEK = 168 * 3_600_000_000
const IMMEDIATE = 'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n'

/** `kubectl delete`. Upstream: kubectl/pkg/cmd/delete/delete.go */
export const del: Command = {
  name: 'delete',
  complete: 'type/name',
  flags: [
    ...fileFlags,
    ...flagSpecs(`all all-namespaces/A cascade:string[=background]=background dry-run:string[=unchanged]=none field-selector:string force grace-period:int=-1 ignore-not-found
      interactive/i now output/o:string raw:string selector/l:string timeout:duration wait=true`),
  ],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const propagation = propagationOf(cmd)
    const output = flags.string('output')
    let grace = flags.int('grace-period')
    if (flags.bool('now')) {
      if (grace !== -1) throw fail('--now and --grace-period cannot be specified together')
      grace = 1
    }
    const force = flags.bool('force')
    // Waits for the graceful end, as close to at once as is safe.
    if (grace === 0 && !force) grace = 1
    else if (force && grace < 0) grace = 0
    const dryRun = dryRunOf(flags)
    const query: Query = {
      args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'),
      fieldSelector: flags.string('field-selector'), all: flags.bool('all'), allNamespaces: flags.bool('all-namespaces'),
    }
    const { infos, problems: bad } = flags.string('raw') === '' ? find(query, api, mapper) : { infos: [], problems: [] }
    if (output !== '' && output !== 'name') throw fail(`unexpected -o output mode: ${output}. We only support '-o name'`)
    for (const flag of ['selector', 'field-selector']) if (flags.bool('all') && flags.string(flag) !== '') throw fail(`cannot set --all and --${flag} at the same time`)
    if (force && grace === 0) io.err(IMMEDIATE)
    if (force && grace > 0) throw fail('--force and --grace-period greater than 0 cannot be specified together')
    if (flags.string('raw') !== '') return raw(cmd, 'delete')
    const ignore = flags.has('ignore-not-found') ? flags.bool('ignore-not-found') : flags.bool('all') || flags.string('selector') !== '' || flags.string('field-selector') !== ''
    if (flags.bool('interactive') && !confirmed(cmd, infos)) return io.out(infos.length === 0 ? 'No resources found\n' : 'deletion is cancelled\n')
    const problems: Problem[] = ignore ? bad.filter((p) => !('status' in p && p.status.reason === 'NotFound')) : [...bad]
    const gone: { info: Info; uid: string }[] = []
    let warned = !cmd.explicitNamespace || flags.bool('all-namespaces')
    for (const info of infos) {
      if (!warned && !info.mapping.namespaced) {
        io.err('Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n')
        warned = true
      }
      if (dryRun === 'client') {
        announce(cmd, info, ' (dry run)', force && grace === 0)
        continue
      }
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: propagation, ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}), ...(dryRun === 'server' ? { dryRun: ['All'] } : {}) }
      const response = api.try({ verb: 'delete', path: pathOf(info.mapping, info.namespace, info.name), body })
      if (response.code === 404 && ignore && at(response.body, 'details', 'name') !== undefined) continue
      if (response.code >= 300 || response.code === 0) {
        problems.push(withSource(problemOf(response), 'deleting', info.source))
        continue
      }
      announce(cmd, info, dryRun === 'server' ? ' (server dry run)' : '', force && grace === 0)
      gone.push({ info, uid: String(at(response.body, 'details', 'uid') ?? uidOf(response.body)) })
    }
    throwAll(problems)
    if (infos.length === 0) return io.out('No resources found\n')
    const wait = force && !flags.has('wait') ? false : flags.bool('wait')
    if (wait && dryRun === 'none') waitForAll(cmd, gone)
  },
}

/** `--interactive`: says what would be deleted and asks. */
function confirmed({ io }: Invocation, infos: readonly Info[]): boolean {
  if (infos.length === 0) return false
  io.out(`You are about to delete the following ${infos.length} resource(s):\n${infos.map(({ mapping, name }) => `${kindName(mapping, name)}\n`).join('')}`)
  const question = 'Do you want to continue? (y/N): '
  if (io.stdin !== undefined) io.out(question)
  return /^y$/i.test((io.stdin ?? io.prompt(question) ?? '').trim())
}

function announce({ io, flags }: Invocation, { mapping, name, namespace }: Info, suffix: string, forced: boolean): void {
  if (flags.string('output') === 'name') io.out(`${kindName(mapping, name)}\n`)
  else io.out(`${kindDotGroup(mapping)} "${name}" ${forced ? 'force ' : ''}deleted${mapping.namespaced ? ` from ${namespace} namespace` : ''}${suffix}\n`)
}

/** Waits until each is gone, or another of its name has come. Upstream: kubectl/pkg/cmd/wait/delete.go IsDeleted */
function waitForAll({ api, io, flags }: Invocation, gone: readonly { info: Info; uid: string }[]): void {
  const timeout = flags.duration('timeout')
  const deadline = timeout === 0 ? undefined : io.now() + timeout
  const problems: Problem[] = []
  for (const { info, uid } of gone) {
    const left = deadline === undefined ? WEEK : Math.max(1, deadline - io.now())
    const done = api.until(pathOf(info.mapping, info.namespace), info.name, left, (o: Thing | undefined) => (o === undefined || (uid !== '' && uidOf(o) !== uid) ? true : undefined))
    if (done === undefined) problems.push({ text: `timed out waiting for the condition on ${info.mapping.resource}/${info.name}` })
  }
  if (problems.length > 0) throw new Fail(problems)
}

