import type { Thing } from '../api'
import { find } from '../builder'
import { Fail, problemOf, withSource, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { recorded } from '../record'
import { pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { annotated, changeFlags, fileFlags, requireFiles, writeQuery } from './apply'
import { generators } from './create-generators'
import { throwAll } from './get'

/** `kubectl create`. Upstream: kubectl/pkg/cmd/create */
export const create: Command = {
  name: 'create',
  short: 'Create a resource from a file or from stdin',
  usage: '-f FILENAME [options]',
  flags: [...printFlags, ...fileFlags, ...changeFlags, ...flagSpecs('edit raw:string record save-config selector/l:string windows-line-endings')],
  commands: generators,
  run(cmd) {
    const { flags, args } = cmd
    if (!flags.has('filename') && !flags.has('kustomize') && args.length > 0) throw cmd.usage(`Unexpected args: [${args.join(' ')}]`)
    const files = requireFiles(flags)
    if (args.length > 0) throw cmd.usage(`Unexpected args: [${args.join(' ')}]`)
    createFiles(cmd, files)
  },
}

function createFiles(cmd: Invocation, files: readonly string[]): void {
  const { flags, io, api, mapper } = cmd
  const dryRun = dryRunOf(flags)
  const { infos, problems: bad } = find({ files, recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace }, api, mapper)
  const problems: Problem[] = [...bad]
  for (const { mapping, namespace, object, source } of infos) {
    const wanted = recorded(cmd, object as Thing)
    const body = flags.bool('save-config') ? annotated(wanted) : wanted
    if (dryRun === 'client') {
      printResult(body, 'created', flags, io, dryRun)
      continue
    }
    const response = api.try({ verb: 'create', path: pathOf(mapping, namespace), query: writeQuery(flags, 'kubectl-create', dryRun), body })
    if (response.code >= 300 || response.code === 0) problems.push(withSource(problemOf(response), 'creating', source))
    else printResult(response.body as Thing, 'created', flags, io, dryRun)
  }
  if (infos.length === 0 && problems.length === 0) throw new Fail([{ text: 'no objects passed to create' }])
  throwAll(problems)
}
