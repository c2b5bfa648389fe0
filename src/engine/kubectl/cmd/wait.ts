import { parseJsonPath, relaxedJsonPath } from '../../apimachinery'
import { listAt, type Thing } from '../api'
import { find } from '../builder'
import { fail, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { printFlags, printResult } from '../print-flags'
import { apiVersionOf, pathOf } from '../rest-mapper'
import type { Command } from '../verb'
import { filesOf } from './apply'
import { nothingFound, throwAll } from './get'

const WEEK = 168 * 3_600_000_000

/** Whether an object is what was waited for; undefined says gone. */
type Condition = (object: Thing | undefined) => boolean

/** Upstream: wait.go conditionFuncFor */
function conditionOf(text: string): Condition {
  const lower = text.toLowerCase()
  if (lower === 'delete') return (o) => o === undefined
  if (lower === 'create') return (o) => o !== undefined
  if (text.startsWith('condition=')) {
    const [, name = '', value = 'true'] = text.split('=')
    return (o) => listAt<{ type: string; status: string; observedGeneration?: number }>(o, 'status', 'conditions').some((c) => {
      const generation = (o?.metadata as { generation?: number } | undefined)?.generation ?? 0
      return c.type.toLowerCase() === name.toLowerCase() && !(c.observedGeneration !== undefined && c.observedGeneration < generation) && c.status.toLowerCase() === value.toLowerCase()
    })
  }
  if (text.startsWith('jsonpath=')) return jsonPathCondition(text.slice('jsonpath='.length))
  throw fail(`unrecognized condition: ${JSON.stringify(text)}`)
}

function jsonPathCondition(text: string): Condition {
  const m = /^('?\{.*\}'?|[^=]+?)(?:={1,2}(.*))?$/s.exec(text)
  const expression = (m?.[1] ?? '').replace(/^'|'$/g, '')
  const wanted = m?.[2]?.replace(/^'(.*)'$|^"(.*)"$/s, '$1$2')
  if (expression === '') throw fail('jsonpath expression cannot be empty')
  if (wanted === '') throw fail('jsonpath wait value cannot be empty')
  const path = relaxedJsonPath(expression)
  if (path.error !== undefined) throw fail(path.error)
  const check = parseJsonPath(path.value)
  if (check.error !== undefined) throw fail(check.error)
  return (o) => {
    if (o === undefined) return false
    const parsed = parseJsonPath(path.value, { allowMissingKeys: true })
    const found = parsed.error === undefined ? parsed.value.find(o) : parsed
    if (found.error !== undefined) return false
    const values = found.value.flat()
    if (values.length === 0) return false
    if (wanted === undefined) return true
    if (values.length > 1) throw fail('given jsonpath expression matches more than one value')
    if (typeof values[0] === 'object') throw fail('jsonpath leads to a nested object or an array, it can only match a string, a number or a boolean')
    return String(values[0]) === wanted
  }
}

/** `kubectl wait`. Upstream: kubectl/pkg/cmd/wait/wait.go */
export const wait: Command = {
  name: 'wait',
  complete: 'type/name',
  flags: [...printFlags, ...flagSpecs('filename/f:list recursive/R=true all all-namespaces/A field-selector:string for:array local selector/l:string timeout:duration=30s')],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const wanted = flags.list('for')
    if (wanted.length === 0) throw fail('unrecognized condition: []')
    const text = wanted.at(-1) as string
    const condition = conditionOf(text)
    const timeout = flags.duration('timeout') < 0 ? WEEK : flags.duration('timeout')
    const gone = text.toLowerCase() === 'delete'
    const created = text.toLowerCase() === 'create'
    const { infos, problems: bad } = find({
      args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'),
      fieldSelector: flags.string('field-selector'), all: flags.bool('all'), allNamespaces: flags.bool('all-namespaces'), fetch: !gone && !created,
    }, api, mapper)
    const problems: Problem[] = [...bad]
    if (infos.length === 0 && bad.length === 0) {
      if (gone) return io.err(nothingFound(true, cmd.namespace))
      throw fail('no matching resources found')
    }
    const deadline = io.now() + timeout
    for (const { mapping, namespace, name, object } of infos) {
      const named = object ?? ({ apiVersion: apiVersionOf(mapping), kind: mapping.kind, metadata: { name } } as Thing)
      let seen = false
      const left = Math.max(1, deadline - io.now())
      const met = api.until(pathOf(mapping, namespace), name, left, (o, event) => {
        if (o === undefined && !gone && !created && event === 'DELETED') return 'deleted' as const
        if (!condition(o)) {
          seen = true
          return undefined
        }
        return 'met' as const
      })
      if (met === 'met') {
        if (!(gone && !seen)) printResult(named, 'condition met', flags, io)
      } else if (met === 'deleted') problems.push({ text: `${mapping.resource} "${name}" deleted while waiting` })
      else problems.push({ text: `timed out waiting for the condition on ${mapping.resource}/${name}` })
    }
    throwAll(problems)
  },
}
