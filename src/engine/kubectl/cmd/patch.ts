import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch, deepEqual, goQuote, readYaml, type JsonPatchOperation } from '../../apimachinery'
import type { PatchType } from '../../client-go'
import type { Thing } from '../api'
import { find } from '../builder'
import { Fail, fail, problemOf, wordsOf, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { recorded } from '../record'
import { pathOf, type Mapping } from '../rest-mapper'
import type { Command } from '../verb'
import { fileFlags, filesOf, schemaOf } from './apply'
import { throwAll } from './get'

const TYPES: Record<string, PatchType> = { json: 'application/json-patch+json', merge: 'application/merge-patch+json', strategic: 'application/strategic-merge-patch+json' }

/** `kubectl patch`. Upstream: kubectl/pkg/cmd/patch/patch.go */
export const patch: Command = {
  name: 'patch',
  complete: 'type/name',
  flags: [...printFlags, ...fileFlags, ...flagSpecs('dry-run:string[=unchanged]=none field-manager:string local patch/p:string record patch-file:string subresource:string type:string=strategic')],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const file = flags.string('patch-file')
    const given = flags.string('patch')
    const local = flags.bool('local')
    const dryRun = dryRunOf(flags)
    if (given !== '' && file !== '') throw fail('cannot specify --patch and --patch-file together')
    if (given === '' && file === '') throw fail('must specify --patch or --patch-file containing the contents of the patch')
    if (local && args.length > 0) throw fail('cannot specify --local and server resources')
    if (local && dryRun === 'server') throw fail('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
    const typeName = flags.string('type').toLowerCase() || 'strategic'
    const type = TYPES[typeName]
    if (type === undefined) throw fail(`--type must be one of [json merge strategic], not ${goQuote(flags.string('type'))}`)
    const text = file === '' ? given : io.machine.read(file)
    if (text === undefined) throw fail(`unable to read patch file: open ${file}: no such file or directory`)
    const body = parsed(text)
    const subresource = flags.string('subresource')
    const { infos, problems: bad } = find({ args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, fetch: false }, api, mapper)
    const problems: Problem[] = [...bad]
    for (const { mapping, namespace, name, object } of infos) {
      try {
        const before = local ? (object as Thing) : args.length === 0 ? (object as Thing) : api.get(pathOf(mapping, namespace, name, subresource))
        if (typeof body === 'string') throw badRequest(body)
        if (local || dryRun === 'client') {
          const after = patchedLocally(mapping, typeName, before, body.value)
          printResult(after, deepEqual(after, before) ? 'patched (no change)' : 'patched', flags, io, dryRun)
          continue
        }
        const response = api.try({ verb: 'patch', path: pathOf(mapping, namespace, name, subresource), patchType: type, body: body.value, query: { fieldManager: flags.string('field-manager') || 'kubectl-patch', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) } })
        if (response.code === 415) throw fail(`${type} is not supported by ${gvk(mapping)}: ${wordsOf(problemOf(response))}`)
        if (response.code !== 200) throw new Fail([problemOf(response)])
        let after = response.body as Thing
        const same = deepEqual(after, before)
        if (flags.bool('record')) {
          const noted = api.try({ verb: 'patch', path: pathOf(mapping, namespace, name, subresource), patchType: 'application/merge-patch+json', body: { metadata: { annotations: recorded(cmd, { metadata: {} } as Thing).metadata.annotations } } })
          if (noted.code === 200) after = noted.body as Thing
        }
        printResult(after, same ? 'patched (no change)' : 'patched', flags, io, dryRun)
      } catch (thrown) {
        if (!(thrown instanceof Fail)) throw thrown
        problems.push(...thrown.problems)
      }
    }
    throwAll(problems)
    if (infos.length === 0) throw fail('no objects passed to patch')
  },
}

const gvk = (mapping: Mapping): string => `${mapping.group}/${mapping.version}, Kind=${mapping.kind}`

/** What the patch makes of the object here. Upstream: patch.go getPatchedJSON */
function patchedLocally(mapping: Mapping, type: string, before: Thing, patch: unknown): Thing {
  const object = before as unknown as Record<string, unknown>
  const schema = schemaOf(mapping)
  if (type === 'strategic' && schema === undefined) throw fail(`strategic merge patch is not supported for ${gvk(mapping)} locally, try --type merge`)
  const made =
    type === 'json' ? applyJsonPatch(object, patch as JsonPatchOperation[])
    : type === 'merge' || schema === undefined ? { value: applyMergePatch(object, patch as Record<string, unknown>) }
    : applyStrategicMergePatch(schema, object, patch as Record<string, unknown>)
  if (made.error !== undefined) throw fail(made.error)
  return made.value as unknown as Thing
}

/** The patch as JSON; a string is what the server would say of it. Upstream: yaml.ToJSON, then the apiserver's decoder */
export function parsed(text: string): { readonly value: unknown } | string {
  try {
    return { value: JSON.parse(text) }
  } catch {
    // What begins like JSON goes to the server as it is.
    if (/^\s*\{/.test(text)) {
      const second = /^\s*\{\s*([^\s"}])/.exec(text)
      return second ? `invalid character '${second[1]}' looking for beginning of object key string` : 'unexpected end of JSON input'
    }
    const yaml = readYaml(text)
    if (yaml.error !== undefined) throw fail(`unable to parse ${JSON.stringify(text)}: ${yaml.error}`)
    if (typeof yaml.value === 'object' && yaml.value !== null) return { value: yaml.value }
    return `json: cannot unmarshal ${typeof yaml.value === 'boolean' ? 'bool' : typeof yaml.value} into Go value of type map[string]interface {}`
  }
}

function badRequest(message: string): Fail {
  return new Fail([{ status: { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', reason: 'BadRequest', message, code: 400 } }])
}
