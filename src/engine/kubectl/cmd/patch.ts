import { deepEqual, readYaml } from '../../apimachinery'
import type { PatchType } from '../../client-go'
import type { Thing } from '../api'
import { find } from '../builder'
import { Fail, fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { pathOf } from '../rest-mapper'
import type { Command } from '../verb'
import { fileFlags, filesOf } from './apply'
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
    const text = flags.string('patch') || (file === '-' ? (io.stdin ?? '') : file === '' ? '' : io.machine.read(file))
    if (text === undefined) throw fail(`unable to read patch file: open ${file}: no such file or directory`)
    if (text === '') throw fail('must specify --patch or --patch-file containing the contents of the patch')
    const type = TYPES[flags.string('type').toLowerCase()]
    if (type === undefined) throw fail(`--type must be one of [json merge strategic], not ${JSON.stringify(flags.string('type'))}`)
    const dryRun = dryRunOf(flags)
    const { infos, problems } = find({ args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, fetch: false }, api, mapper)
    throwAll(problems)
    const body = parsed(text)
    for (const { mapping, namespace, name } of infos) {
      const path = pathOf(mapping, namespace, name)
      const before = api.get(path)
      if (typeof body === 'string') throw badRequest(body)
      if (dryRun === 'client') {
        printResult(before, 'patched', flags, io, dryRun)
        continue
      }
      const response = api.try({ verb: 'patch', path: pathOf(mapping, namespace, name, flags.string('subresource')), patchType: mapping.custom && type === TYPES['strategic'] ? (TYPES['merge'] as PatchType) : type, body: body.value, query: { fieldManager: flags.string('field-manager') || 'kubectl-patch', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) } })
      if (response.code !== 200) throw new Fail([problemOf(response)])
      const after = response.body as Thing
      const same = after.metadata.resourceVersion === before.metadata.resourceVersion || deepEqual(after, before)
      printResult(after, same ? 'patched (no change)' : 'patched', flags, io, dryRun)
    }
  },
}

/** The patch as JSON; a string is what the server would say of it. Upstream: yaml.ToJSON, then the apiserver's decoder */
function parsed(text: string): { readonly value: unknown } | string {
  try {
    return { value: JSON.parse(text) }
  } catch {
    if (/^\s*[[{]/.test(text)) {
      const yaml = readYaml(text)
      if (yaml.error === undefined && typeof yaml.value === 'object') return { value: yaml.value }
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
