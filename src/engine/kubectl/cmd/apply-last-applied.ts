import { goJson, goQuote } from '../../apimachinery'
import { lastApplied, textAt, withField, type Thing } from '../api'
import { find, type Info } from '../builder'
import { fail, withSource, Fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { pathOf } from '../rest-mapper'
import { printYaml } from '../yaml-printer'
import type { Command, Invocation } from '../verb'
import { annotated, changeFlags, describeInfo, fileFlags, filesOf } from './apply'
import { editing } from './edit'
import { throwAll } from './get'

const appliedTo = (object: unknown): string => textAt(object, 'metadata', 'annotations', lastApplied)

function found(cmd: Invocation, fetch: boolean): readonly Info[] {
  const { flags, io, api, mapper } = cmd
  const { infos, problems } = find({
    args: cmd.args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'), all: flags.bool('all'), fetch,
  }, api, mapper)
  throwAll(problems)
  return infos
}

/** `kubectl apply view-last-applied`. Upstream: kubectl/pkg/cmd/apply/apply_view_last_applied.go */
export const viewLastApplied: Command = {
  name: 'view-last-applied',
  complete: 'type/name',
  flags: [...fileFlags, ...flagSpecs('all output/o:string=yaml selector/l:string')],
  run(cmd) {
    const { flags, io } = cmd
    const texts = found(cmd, true).map((info) => {
      const text = appliedTo(info.object)
      if (text === '') throw new Fail([withSource({ text: `no last-applied-configuration annotation found on resource: ${info.name}\n` }, '', '')])
      return text
    })
    for (const text of texts) {
      const output = flags.string('output')
      if (output === 'json') io.out(`${JSON.stringify(JSON.parse(text), null, 2)}\n`)
      else if (output === 'yaml') io.out(printYaml(JSON.parse(text)))
      else throw cmd.usage(`Unexpected -o output mode: ${output}, the flag 'output' must be one of yaml|json`)
    }
  },
}

/** `kubectl apply set-last-applied`. Upstream: kubectl/pkg/cmd/apply/apply_set_last_applied.go */
export const setLastApplied: Command = {
  name: 'set-last-applied',
  flags: [...printFlags, ...flagSpecs('create-annotation dry-run:string[=unchanged]=none filename/f:list')],
  run(cmd) {
    const { flags, io, api } = cmd
    const dryRun = dryRunOf(flags)
    const todo: { info: Info; now: Thing; text: string }[] = []
    for (const info of found({ ...cmd, args: [] }, false)) {
      const got = api.try({ verb: 'get', path: pathOf(info.mapping, info.namespace, info.name) })
      const problem = problemOf(got)
      if (got.code === 404) throw new Fail([problem])
      if (got.code !== 200) throw new Fail([withSource(problem, `retrieving current configuration of:\n${describeInfo(info)}\nfrom server for:`, info.source)])
      if (appliedTo(got.body) === '' && !flags.bool('create-annotation')) throw fail(`no last-applied-configuration annotation found on resource: ${info.name}, to create the annotation, run the command with --create-annotation`)
      const text = appliedTo(annotated(info.object as Thing))
      if (appliedTo(got.body).trim() === text.trim()) io.out(`set-last-applied ${info.name}: no changes required.\n`)
      else todo.push({ info, now: got.body as Thing, text })
    }
    for (const { info, now, text } of todo) {
      const wanted = withField(now, ['metadata', 'annotations', lastApplied], text)
      if (dryRun === 'client') {
        printResult(wanted, 'configured', flags, io, dryRun)
        continue
      }
      const response = api.try({ verb: 'patch', path: pathOf(info.mapping, info.namespace, info.name), patchType: 'application/merge-patch+json', body: { metadata: { annotations: { [lastApplied]: text } } }, ...(dryRun === 'server' ? { query: { dryRun: 'All' } } : {}) })
      if (response.code !== 200) throw new Fail([problemOf(response)])
      printResult(response.body as Thing, 'configured', flags, io, dryRun)
    }
  },
}

/** `kubectl apply edit-last-applied`. Upstream: kubectl/pkg/cmd/apply/apply_edit_last_applied.go, cmd/util/editor */
export const editLastApplied: Command = {
  name: 'edit-last-applied',
  complete: 'type/name',
  flags: [...printFlags, ...fileFlags, ...changeFlags.filter((f) => f.name !== 'dry-run'), ...flagSpecs('record windows-line-endings')],
  run(cmd) {
    editing(cmd, found(cmd, true), {
      shown: (info) => {
        const text = appliedTo(info.object)
        if (text === '') throw fail(`the last-applied-configuration annotation is missing on ${goQuote(info.name)}: nothing to edit`)
        return JSON.parse(text) as Thing
      },
      save: (info, edited) => {
        const response = cmd.api.try({
          verb: 'patch', path: pathOf(info.mapping, info.namespace, info.name), patchType: 'application/merge-patch+json', body: { metadata: { annotations: { [lastApplied]: `${goJson(edited)}\n` } } },
          query: { fieldManager: cmd.flags.string('field-manager') || 'kubectl-client-side-apply' },
        })
        if (response.code !== 200) throw new Fail([problemOf(response)])
        printResult(response.body as Thing, 'edited', cmd.flags, cmd.io)
      },
    })
  },
}
