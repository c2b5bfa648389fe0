import { lastApplied, type Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf, withSource, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { recorded } from '../record'
import { kindDotGroup, pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { annotated, changeFlags, fileFlags, requireFiles, writeQuery } from './apply'
import { propagationOf } from './cascade'
import { throwAll } from './get'
import { raw } from './raw'

const SECOND = 1_000_000

/** `kubectl replace`. Upstream: kubectl/pkg/cmd/replace/replace.go */
export const replace: Command = {
  name: 'replace',
  flags: [...printFlags, ...fileFlags, ...changeFlags, ...flagSpecs('cascade:string[=background]=background force grace-period:int=-1 raw:string save-config subresource:string timeout:duration wait')],
  run(cmd) {
    const { flags, io, api, mapper } = cmd
    const dryRun = dryRunOf(flags)
    const files = requireFiles(flags)
    const force = flags.bool('force')
    if (flags.int('grace-period') >= 0 && !force) throw fail('--grace-period must have --force specified')
    if (flags.duration('timeout') !== 0 && !force) throw fail('--timeout must have --force specified')
    if (force && dryRun !== 'none') throw fail('--dry-run can not be used when --force is set')
    if (flags.string('raw') !== '') return raw(cmd, 'update')
    const { infos, problems: bad } = find({ files, recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace }, api, mapper)
    const problems: Problem[] = [...bad]
    if (force) {
      throwAll(bad)
      removeAll(cmd, infos)
    }
    for (const { mapping, namespace, name, object, source } of infos) {
      const body = recorded(cmd, annotatedAsBefore(object as Thing, flags.bool('save-config')))
      if (dryRun === 'client') {
        printResult(body, 'replaced', flags, io, dryRun)
        continue
      }
      const query = writeQuery(flags, 'kubectl-replace', dryRun)
      const response = force ? api.try({ verb: 'create', path: pathOf(mapping, namespace), query, body })
        : api.try({ verb: 'update', path: pathOf(mapping, namespace, name, flags.string('subresource')), query, body })
      if (response.code >= 300 || response.code === 0) problems.push(force ? problemOf(response) : withSource(problemOf(response), 'replacing', source))
      else printResult(response.body as Thing, 'replaced', flags, io, dryRun)
    }
    throwAll(problems)
    if (infos.length === 0) throw fail('no objects passed to replace')
  },
}

/** The annotation of what was applied last follows the object that has it. Upstream: util.CreateOrUpdateAnnotation */
const annotatedAsBefore = (object: Thing, always: boolean): Thing => (always || object.metadata.annotations?.[lastApplied] !== undefined ? annotated(object) : object)

/** `--force`: everything goes, gracefully, before anything comes. Upstream: forceReplace */
function removeAll(cmd: Invocation, infos: readonly Info[]): void {
  const { flags, io, api } = cmd
  const grace = flags.int('grace-period') === 0 ? 1 : flags.int('grace-period')
  for (const { mapping, namespace, name, source } of infos) {
    const gone = api.try({ verb: 'delete', path: pathOf(mapping, namespace, name), body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: propagationOf(cmd), ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}) } })
    if (gone.code === 404) continue
    if (gone.code >= 300 || gone.code === 0) throw new Fail([withSource(problemOf(gone), 'deleting', source)])
    io.out(flags.string('output') === 'name' ? `${kindDotGroup(mapping)}/${name}\n` : `${kindDotGroup(mapping)} "${name}" deleted${mapping.namespaced ? ` from ${namespace} namespace` : ''}\n`)
  }
  const timeout = flags.duration('timeout') || 300 * SECOND
  for (const { mapping, namespace, name } of infos) {
    const deadline = io.now() + timeout
    for (;;) {
      const response = api.try({ verb: 'get', path: pathOf(mapping, namespace, name) })
      if (response.code === 404) break
      if (response.code !== 200) throw new Fail([problemOf(response)])
      if (io.now() + SECOND > deadline) throw fail('context deadline exceeded')
      io.sleep(SECOND)
    }
  }
}
