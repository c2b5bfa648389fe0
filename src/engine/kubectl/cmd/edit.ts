import { createMergePatch, createTwoWayStrategicPatch, deepEqual, goQuote } from '../../apimachinery'
import { listAt, textAt, withField, type Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf, wordsOf } from '../errors'
import { flagSpecs } from '../flags'
import { readDocuments } from '../manifest'
import { printFlags, printResult, withoutManagedFields } from '../print-flags'
import { groupResource, pathOf } from '../rest-mapper'
import { recorded } from '../record'
import type { Command, Invocation } from '../verb'
import { printYaml } from '../yaml-printer'
import { annotated, fileFlags, filesOf, schemaOf } from './apply'
import { throwAll } from './get'

const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`
const HEADER_APPLIED = `# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
`

/** Why a file is opened again. Upstream: editReason */
interface Reason {
  readonly head: string
  readonly other: readonly string[]
}

/** Thrown by `save` for what the server found invalid: the person may mend it. */
export class Mendable {
  constructor(readonly reason: Reason) {}
}

/** What is edited, and what is done with it. */
export interface Editing {
  readonly applied?: boolean
  shown(info: Info): Thing
  save(info: Info, edited: Thing): void
}

const stripped = (text: string): string => text.split('\n').filter((l) => !l.trimStart().startsWith('#')).join('\n').trim()

/** Lets the person edit objects until what they made of them is taken, or they give up. Upstream: kubectl/pkg/cmd/util/editor EditOptions.Run */
export function editing({ io }: Invocation, infos: readonly Info[], { shown, save, applied = false }: Editing): void {
  const originals = infos.map(shown)
  const original = printYaml(infos.length === 1 ? (originals[0] as Thing) : { apiVersion: 'v1', items: originals, kind: 'List', metadata: {} })
  const path = '/tmp/kubectl-edit-1.yaml'
  const cancel = (text: string, why: string): never => {
    io.machine.write(path, text)
    io.err(`A copy of your changes has been stored to "${path}"\n`)
    throw fail(why)
  }
  let body = original
  let reasons: Reason[] = []
  for (;;) {
    const head = (applied ? HEADER_APPLIED : HEADER) + reasons.map((r) => `# ${r.head.replace(/\n(?!#|$)/g, '\n# ')}${r.other.length > 0 ? ':' : ''}\n${r.other.map((o) => `# * ${o.replace(/\n(?!#|$)/g, '\n# ')}\n`).join('')}#\n`).join('')
    const edited = io.edit(path, head + body)
    if (edited === null) throw fail('there was a problem with the editor "vi"')
    if (reasons.length > 0 && stripped(edited) === stripped(body)) return cancel(edited, 'Edit cancelled, no valid changes were saved.')
    if (stripped(edited) === stripped(original)) return io.err('Edit cancelled, no changes made.\n')
    if (stripped(edited) === '') return io.err('Edit cancelled, saved file was empty.\n')
    body = edited.split('\n').filter((l) => !l.startsWith('#')).join('\n')
    reasons = []
    const { docs, error } = readDocuments(body)
    if (error !== undefined) {
      reasons.push({ head: `The edited file had a syntax error: error parsing edited-file: ${error}`, other: [] })
      continue
    }
    const wanted = docs.flatMap((d) => (d['kind'] === 'List' && Array.isArray(d['items']) ? (d['items'] as Thing[]) : [d as unknown as Thing]))
    for (const object of wanted) {
      // Objects are known by their uid; last applied configurations and new objects have none, as upstream finds the first.
      const uid = textAt(object, 'metadata', 'uid')
      const at = uid === '' ? Math.max(0, originals.findIndex((o) => o.kind === object.kind && o.metadata.name === object.metadata?.name)) : originals.findIndex((o) => textAt(o, 'metadata', 'uid') === uid)
      const info = infos[at]
      if (info === undefined) return cancel(edited, 'no original object found for the edited one')
      try {
        save(info, object)
      } catch (thrown) {
        if (thrown instanceof Mendable) reasons.push(thrown.reason)
        else if (thrown instanceof Fail) {
          io.machine.write(path, edited)
          io.err(`A copy of your changes has been stored to "${path}"\n`)
          throw thrown
        } else throw thrown
      }
    }
    if (reasons.length === 0) return undefined
  }
}

/** `kubectl edit`: the person edits the YAML in the page; what differs is patched. Upstream: kubectl/pkg/cmd/edit */
export const edit: Command = {
  name: 'edit',
  complete: 'type/name',
  flags: [...printFlags, ...fileFlags, ...flagSpecs('field-manager:string output-patch record save-config subresource:string validate:string[=strict]=strict windows-line-endings')],
  run(cmd) {
    const { io, api, flags, args } = cmd
    if (args.length === 0 && !flags.has('filename') && !flags.has('kustomize')) throw fail('must specify one of -f and -k')
    const { infos, problems } = find({ args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, fetch: true, typesMeanAll: true }, api, cmd.mapper)
    throwAll(problems)
    if (infos.length === 0) throw fail('edit cancelled, no objects found')
    const shown = (info: Info): Thing => (flags.bool('show-managed-fields') ? (info.object as Thing) : withoutManagedFields(info.object as Thing))
    editing(cmd, infos, { shown, save: (info, edited) => patchEdited(cmd, info, shown(info), edited) })
  },
}

/** Upstream: editoptions.go visitToPatch, addError */
function patchEdited(cmd: Invocation, info: Info, before: Thing, edited: Thing): void {
  const { flags, io, api } = cmd
  const { mapping, namespace, name } = info
  const saved = recorded(cmd, flags.bool('save-config') ? annotated(edited) : edited)
  if (deepEqual(before, saved)) return printResult(saved, 'skipped', flags, io)
  if (before.kind !== saved.kind || before.apiVersion !== saved.apiVersion || before.metadata.name !== saved.metadata?.name) throw fail('At least one of apiVersion, kind and name was changed')
  const schema = schemaOf(mapping)
  const a = withField(before, ['metadata', 'managedFields'], undefined) as unknown as Record<string, unknown>
  const b = withField(saved, ['metadata', 'managedFields'], undefined) as unknown as Record<string, unknown>
  const made = schema === undefined ? { value: createMergePatch(a, b), error: undefined } : createTwoWayStrategicPatch(schema, a, b)
  if (made.error !== undefined) throw fail(made.error)
  if (flags.bool('output-patch')) io.out(`Patch: ${JSON.stringify(made.value)}\n`)
  const response = api.try({
    verb: 'patch', path: pathOf(mapping, namespace, name, flags.string('subresource')), body: made.value, query: { fieldManager: flags.string('field-manager') || 'kubectl-edit', fieldValidation: 'Strict' },
    patchType: schema === undefined ? 'application/merge-patch+json' : 'application/strategic-merge-patch+json',
  })
  if (response.code === 200) return printResult(response.body as Thing, 'edited', flags, io)
  const problem = problemOf(response)
  const what = `${groupResource(mapping)} ${goQuote(name)}`
  if ('status' in problem && problem.status.reason === 'Invalid') {
    io.err(`error: ${what} is invalid\n`)
    throw new Mendable({ head: `${what} was not valid`, other: listAt<{ field?: string; message?: string }>(problem.status, 'details', 'causes').map((c) => `${c.field ?? ''}: ${c.message ?? ''}`) })
  }
  const path = '/tmp/kubectl-edit-1.yaml'
  io.machine.write(path, printYaml(edited))
  if ('status' in problem && problem.status.reason === 'NotFound') io.err(`error: ${what} could not be found on the server\nThe edits you made on deleted resources have been saved to "${path}"\n`)
  else io.err(`error: ${what} could not be patched: ${wordsOf(problem)}\nYou can run \`kubectl replace -f ${path}\` to try this update again.\n`)
  throw new Fail([])
}
