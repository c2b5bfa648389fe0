import { lastApplied, type Thing } from '../api'
import { find } from '../builder'
import { Fail, problemOf, withSource, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { pathOf } from '../rest-mapper'
import type { Command } from '../verb'
import { annotated, changeFlags, fileFlags, requireFiles, writeQuery } from './apply'
import { throwAll } from './get'

/** `kubectl replace`. Upstream: kubectl/pkg/cmd/replace/replace.go */
export const replace: Command = {
  name: 'replace',
  flags: [...printFlags, ...fileFlags, ...changeFlags, ...flagSpecs('cascade:string[=background]=background force grace-period:int=-1 raw:string save-config subresource:string timeout:duration wait')],
  run(cmd) {
    const { flags, io, api, mapper } = cmd
    const files = requireFiles(flags)
    const dryRun = dryRunOf(flags)
    const { infos, problems: bad } = find({ files, recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace }, api, mapper)
    const problems: Problem[] = [...bad]
    for (const { mapping, namespace, name, object, source } of infos) {
      const body = flags.bool('save-config') || object?.metadata.annotations?.[lastApplied] !== undefined ? annotated(object as Thing) : (object as Thing)
      if (dryRun === 'client') {
        printResult(body, 'replaced', flags, io, dryRun)
        continue
      }
      const path = pathOf(mapping, namespace, name)
      if (flags.bool('force')) {
        const gone = api.try({ verb: 'delete', path, body: { propagationPolicy: 'Background', gracePeriodSeconds: 0 } })
        if (gone.code < 300) io.out(`${mapping.kind.toLowerCase()}${mapping.group === '' ? '' : `.${mapping.group}`} "${name}" deleted${mapping.namespaced ? ` from ${namespace} namespace` : ''}\n`)
        api.until(pathOf(mapping, namespace), name, 0, (o) => (o === undefined ? true : undefined))
      }
      const response = flags.bool('force') ? api.try({ verb: 'create', path: pathOf(mapping, namespace), query: writeQuery(flags, 'kubectl-replace', dryRun), body })
        : api.try({ verb: 'update', path, query: writeQuery(flags, 'kubectl-replace', dryRun), body })
      if (response.code >= 300 || response.code === 0) problems.push(withSource(problemOf(response), 'replacing', source))
      else printResult(response.body as Thing, 'replaced', flags, io, dryRun)
    }
    if (infos.length === 0 && problems.length === 0) throw new Fail([{ text: 'no objects passed to replace' }])
    throwAll(problems)
  },
}

