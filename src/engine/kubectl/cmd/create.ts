import type { Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, problemOf, withSource, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { recorded } from '../record'
import { pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { annotated, changeFlags, fileFlags, requireFiles, selects, writeQuery } from './apply'
import { generators } from './create-generators'
import { editing } from './edit'
import { throwAll } from './get'
import { raw } from './raw'

/** `kubectl create`. Upstream: kubectl/pkg/cmd/create */
export const create: Command = {
  name: 'create',
  flags: [...printFlags, ...fileFlags, ...changeFlags, ...flagSpecs('edit raw:string record save-config selector/l:string windows-line-endings')],
  commands: generators,
  run(cmd) {
    const { flags, args } = cmd
    if (args.length > 0) throw cmd.usage(`Unexpected args: [${args.join(' ')}]`)
    const files = requireFiles(flags)
    if (flags.string('raw') !== '') raw(cmd, 'create')
    else createFiles(cmd, files)
  },
}

function createFiles(cmd: Invocation, files: readonly string[]): void {
  const { flags, io, api, mapper } = cmd
  const dryRun = dryRunOf(flags)
  const { infos: read, problems: bad } = find({ files, recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace }, api, mapper)
  const problems: Problem[] = [...bad]
  const infos = flags.string('selector') === '' ? read : read.filter((i) => selects(flags.string('selector'), i.object))
  if (flags.bool('edit')) {
    throwAll(problems)
    for (const info of infos) editing(cmd, [info], { shown: (i) => i.object as Thing, save: (i, edited) => made(i, edited) })
    return
  }
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

  /** What was edited is created as it is. Upstream: editoptions.go visitToCreate */
  function made({ mapping, namespace }: Info, edited: Thing): void {
    const body = recorded(cmd, flags.bool('save-config') ? annotated(edited) : edited)
    const response = api.try({ verb: 'create', path: pathOf(mapping, namespace), query: writeQuery(flags, 'kubectl-create', 'none'), body })
    if (response.code >= 300 || response.code === 0) throw new Fail([problemOf(response)])
    printResult(response.body as Thing, 'created', flags, io)
  }
}
