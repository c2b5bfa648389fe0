import { at, type Thing } from '../api'
import { find, uidOf, type Info, type Query } from '../builder'
import { Fail, fail, problemOf, withSource, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf } from '../print-flags'
import { kindDotGroup, kindName, pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { fileFlags, filesOf } from './apply'
import { throwAll } from './get'

const WEEK = 168 * 3_600_000_000
const IMMEDIATE = 'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n'

/** `kubectl delete`. Upstream: kubectl/pkg/cmd/delete/delete.go */
export const del: Command = {
  name: 'delete',
  short: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  usage: '([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)]) [options]',
  complete: 'type/name',
  flags: [
    ...fileFlags,
    ...flagSpecs(`all all-namespaces/A cascade:string[=background]=background dry-run:string[=unchanged]=none field-selector:string force grace-period:int=-1 ignore-not-found
      interactive/i now output/o:string raw:string selector/l:string timeout:duration wait=true`),
  ],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const dryRun = dryRunOf(flags)
    const propagation = propagationOf(flags.string('cascade'))
    const output = flags.string('output')
    if (output !== '' && output !== 'name') throw fail(`unexpected -o output mode: ${output}. We only support '-o name'`)
    let grace = flags.int('grace-period')
    if (flags.bool('now')) {
      if (grace !== -1) throw fail('--now and --grace-period cannot be specified together')
      grace = 1
    }
    const force = flags.bool('force')
    let wait = flags.bool('wait')
    if (grace === 0 && !force) {
      // Waits for the graceful end, as close to at once as is safe.
      grace = 1
    } else if (force && grace < 0) grace = 0
    if (force && grace > 0) throw fail('--force and --grace-period greater than 0 cannot be specified together')
    if (force && !flags.has('wait')) wait = false
    const query: Query = {
      args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'),
      fieldSelector: flags.string('field-selector'), all: flags.bool('all'), allNamespaces: flags.bool('all-namespaces'),
    }
    const { infos, problems: bad } = find(query, api, mapper)
    if (force && grace === 0) io.err(IMMEDIATE)
    const ignore = flags.bool('ignore-not-found') || flags.bool('all')
    const problems: Problem[] = [...bad]
    const gone: { info: Info; uid: string }[] = []
    let warned = !cmd.explicitNamespace || flags.bool('all-namespaces')
    let found = 0
    for (const info of infos) {
      found++
      if (!warned && !info.mapping.namespaced) {
        io.err('Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n')
        warned = true
      }
      if (dryRun === 'client') {
        announce(cmd, info, ' (dry run)', force && grace === 0)
        continue
      }
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: propagation, ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}), ...(dryRun === 'server' ? { dryRun: ['All'] } : {}) }
      const response = api.try({ verb: 'delete', path: pathOf(info.mapping, info.namespace, info.name), body, ...(dryRun === 'server' ? { query: { dryRun: 'All' } } : {}) })
      if (response.code === 404 && ignore && at(response.body, 'details', 'name') !== undefined) {
        found--
        continue
      }
      if (response.code >= 300 || response.code === 0) {
        problems.push(withSource(problemOf(response), 'deleting', info.source))
        continue
      }
      announce(cmd, info, dryRun === 'server' ? ' (server dry run)' : '', force && grace === 0)
      gone.push({ info, uid: String(at(response.body, 'details', 'uid') ?? uidOf(response.body)) })
    }
    throwAll(problems)
    if (found === 0 && !ignore) io.out('No resources found\n')
    else if (found === 0 && flags.bool('all') && !flags.bool('ignore-not-found')) io.out('No resources found\n')
    if (wait && dryRun === 'none') waitForAll(cmd, gone)
  },
}

function propagationOf(cascade: string): string {
  switch (cascade) {
    case 'background':
    case 'true':
      return 'Background'
    case 'foreground':
      return 'Foreground'
    case 'orphan':
    case 'false':
      return 'Orphan'
    default:
      throw fail(`invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`)
  }
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

