import { createMergePatch, createTwoWayStrategicPatch, deepEqual } from '../../apimachinery'
import { withField, type Thing } from '../api'
import { find, type Info } from '../builder'
import { errorText, Fail, fail, problemOf, withSource } from '../errors'
import { flagSpecs } from '../flags'
import { readDocuments } from '../manifest'
import { printResult, withoutManagedFields } from '../print-flags'
import { kindDotGroup, pathOf } from '../rest-mapper'
import type { Command } from '../verb'
import { printYaml } from '../yaml-printer'
import { annotated, fileFlags, filesOf, lastApplied, schemaOf } from './apply'
import { throwAll } from './get'

const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`

/** `kubectl edit`: the person edits the YAML in the page; what differs is patched. Upstream: kubectl/pkg/cmd/util/editor/editoptions.go */
export const edit: Command = {
  name: 'edit',
  short: 'Edit a resource on the server',
  usage: '(RESOURCE/NAME | -f FILENAME) [options]',
  complete: 'type/name',
  flags: [...fileFlags, ...flagSpecs('allow-missing-template-keys=true field-manager:string output/o:string output-patch record save-config show-managed-fields subresource:string template:string validate:string[=strict]=strict windows-line-endings')],
  run(cmd) {
    const { io, api, flags, args } = cmd
    if (args.length === 0 && !flags.has('filename') && !flags.has('kustomize')) throw fail('must specify one of -f and -k')
    const { infos, problems } = find({ args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, fetch: true, typesMeanAll: true }, api, cmd.mapper)
    throwAll(problems)
    if (infos.length === 0) throw fail('edit cancelled, no objects found')
    const original = (i: Info): Thing => {
      const o = i.object as Thing
      return flags.bool('show-managed-fields') ? o : withoutManagedFields(o)
    }
    const shown = printYaml(infos.length === 1 ? original(infos[0] as Info) : { apiVersion: 'v1', items: infos.map(original), kind: 'List', metadata: {} })
    let text = HEADER + shown
    let said = ''
    for (;;) {
      const path = '/tmp/kubectl-edit-1.yaml'
      const edited = io.edit(path, text)
      if (edited === null) throw fail('there was a problem with the editor "vi"')
      const plain = edited.split('\n').filter((l) => !l.startsWith('#')).join('\n')
      if (plain.trim() === '') return io.err('Edit cancelled, saved file was empty.\n')
      if (plain.trimEnd() === shown.trimEnd()) return io.err('Edit cancelled, no changes made.\n')
      // The same mistake twice: upstream gives up, and keeps the text.
      if (edited === text && said !== '') {
        io.machine.write(path, edited)
        io.err(`error: ${said}\nA copy of your changes has been stored to "${path}"\n`)
        throw fail('Edit cancelled, no valid changes were saved.')
      }
      const { docs, error } = readDocuments(plain)
      const wanted = docs.flatMap((d) => (d['kind'] === 'List' && Array.isArray(d['items']) ? (d['items'] as Thing[]) : [d as unknown as Thing]))
      const mistakes: string[] = error === undefined ? [] : [`The edited file had a syntax error: error parsing edited-file: ${error}`]
      if (error === undefined) for (const o of wanted) {
        const info = infos.find((i) => i.name === o.metadata?.name && i.object?.kind === o.kind)
        if (info === undefined) {
          io.err(`error: At least one of apiVersion, kind and name was changed\n`)
          mistakes.push('At least one of apiVersion, kind and name was changed')
          continue
        }
        try {
          save(info, o)
        } catch (thrown) {
          if (!(thrown instanceof Fail)) throw thrown
          mistakes.push(errorText(thrown.problems).trimEnd())
        }
      }
      if (mistakes.length === 0) return undefined
      said = mistakes.join('\n')
      if (error === undefined) io.err(`${mistakes.filter((m) => !m.startsWith('At least')).map((m) => `${m}\n`).join('')}`)
      text = `${HEADER.trimEnd()}\n${mistakes.map((m) => m.split('\n').map((l) => `# ${l}\n`).join('')).join('')}#\n${plain}`
    }

    function save(info: Info, wanted: Thing): void {
      const { mapping, namespace, name } = info
      const before = original(info)
      const saved = flags.bool('save-config') || (before.metadata.annotations?.[lastApplied] !== undefined && flags.bool('save-config')) ? annotated(wanted) : wanted
      if (deepEqual(before, saved)) {
        io.out(`${kindDotGroup(mapping)}/${name} skipped\n`)
        return
      }
      const schema = schemaOf(mapping)
      const a = withField(before, ['metadata', 'managedFields'], undefined) as unknown as Record<string, unknown>
      const b = withField(saved, ['metadata', 'managedFields'], undefined) as unknown as Record<string, unknown>
      const made = schema === undefined ? { value: createMergePatch(a, b), error: undefined } : createTwoWayStrategicPatch(schema, a, b)
      if (made.error !== undefined) throw fail(made.error)
      const response = api.try({
        verb: 'patch', path: pathOf(mapping, namespace, name, flags.string('subresource')), body: made.value, query: { fieldManager: flags.string('field-manager') || 'kubectl-edit', fieldValidation: 'Strict' },
        patchType: schema === undefined ? 'application/merge-patch+json' : 'application/strategic-merge-patch+json',
      })
      if (response.code !== 200) throw new Fail([withSource(problemOf(response), '', '')])
      if (flags.bool('output-patch')) io.out(`Patch: ${JSON.stringify(made.value)}\n`)
      printResult(response.body as Thing, 'edited', flags, io)
    }
  },
}
