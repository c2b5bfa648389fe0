import { goQuote, parseJsonPath, relaxedJsonPath } from '../../apimachinery'
import { at, listAt, textAt, type Api, type Thing } from '../api'
import { find, type Found, type Info } from '../builder'
import { Fail, fail, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { printFlags, printResult } from '../print-flags'
import { pathOf } from '../rest-mapper'
import type { Command } from '../verb'
import { filesOf } from './apply'
import { throwAll } from './get'

const WEEK = 168 * 3_600_000_000
const HALF_SECOND = 500_000
const TIMED_OUT = 'timed out waiting for the condition'

/** What is waited for: that an object is there, is gone, or is as a check says. */
type Condition = 'create' | 'delete' | ((object: Thing) => boolean)

/** Upstream: wait.go conditionFuncsFor */
function conditionsOf(texts: readonly string[]): readonly Condition[] {
  if (texts.length === 0) throw fail('unrecognized condition: []')
  return texts.map((text) => {
    const lower = text.toLowerCase()
    if (lower === 'delete' || lower === 'create') return lower
    if (text.startsWith('condition=')) {
      const [, name = '', value] = /^condition=([^=]*)(?:=(.*))?$/s.exec(text) as RegExpExecArray
      return hasCondition(name.toLowerCase(), (value ?? 'true').toLowerCase())
    }
    if (text.startsWith('jsonpath=')) return jsonPathCondition(text.slice('jsonpath='.length))
    throw fail(`unrecognized condition: ${goQuote(text)}`)
  })
}

/** Upstream: condition.go checkCondition */
const hasCondition = (name: string, value: string) => (o: Thing): boolean => {
  const found = listAt<{ type?: unknown; status?: unknown; observedGeneration?: number }>(o, 'status', 'conditions').find((c) => typeof c?.type === 'string' && c.type.toLowerCase() === name && typeof c.status === 'string')
  if (found === undefined) return false
  const generation = at<number>(o, 'metadata', 'generation')
  const observed = found.observedGeneration ?? at<number>(o, 'status', 'observedGeneration')
  if (generation !== undefined && observed !== undefined && observed < generation) return false
  return String(found.status).toLowerCase() === value
}

/** Upstream: wait.go processJSONPathInput, splitJSONPathInput; json.go */
function jsonPathCondition(input: string): (object: Thing) => boolean {
  const parts = input.replace(/==/g, '\0').split('=').map((p) => p.replace(/\0/g, '=='))
  if (parts.length > 2) throw fail("jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'")
  const path = relaxedJsonPath(parts[0] as string)
  if (path.error !== undefined) throw fail(path.error)
  const wanted = parts[1]?.replace(/^['"]+|['"]+$/g, '')
  if (wanted === '') throw fail("jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3")
  if (path.value === '') throw fail('jsonpath expression cannot be empty')
  const parsed = parseJsonPath(path.value, { allowMissingKeys: true })
  if (parsed.error !== undefined) throw fail(parsed.error)
  return (o) => {
    const found = parsed.value.find(o)
    if (found.error !== undefined) throw fail(found.error)
    const [values] = found.value
    if (values === undefined || values.length === 0) return false
    if (found.value.length > 1) throw fail('given jsonpath expression matches more than one list')
    if (values.length > 1) throw fail('given jsonpath expression matches more than one value')
    if (wanted === undefined) return true
    if (typeof values[0] === 'object' && values[0] !== null) throw fail('jsonpath leads to a nested object or list which is not supported')
    return String(values[0]).trim() === wanted.trim()
  }
}

/** `kubectl wait`. Upstream: kubectl/pkg/cmd/wait/wait.go */
export const wait: Command = {
  name: 'wait',
  complete: 'type/name',
  flags: [...printFlags, ...flagSpecs('filename/f:list recursive/R=true all all-namespaces/A field-selector:string for:array local selector/l:string timeout:duration=30s')],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const conditions = conditionsOf(flags.list('for'))
    const timeout = flags.duration('timeout') < 0 ? WEEK : flags.duration('timeout')
    const deadline = io.now() + timeout
    const gone = conditions.includes('delete')
    const objects = (): Found =>
      find({
        args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'),
        fieldSelector: flags.string('field-selector'), all: flags.bool('all'), allNamespaces: flags.bool('all-namespaces'), fetch: true,
      }, api, mapper)
    let { infos, problems: bad } = objects()
    if (conditions.includes('create')) {
      while (bad.every(isMissing) && infos.length === 0) {
        if (io.now() + HALF_SECOND > deadline) throw fail(TIMED_OUT)
        io.sleep(HALF_SECOND)
        ;({ infos, problems: bad } = objects())
      }
    }
    const problems: Problem[] = gone ? bad.filter((p) => !isMissing(p)) : [...bad]
    for (const info of infos) {
      try {
        for (const condition of conditions) printResult(met(api, info, condition, timeout, deadline), 'condition met', flags, io)
      } catch (thrown) {
        if (!(thrown instanceof Fail)) throw thrown
        problems.push(...thrown.problems)
      }
    }
    if (infos.length === 0 && bad.length === 0 && !gone) throw fail('no matching resources found')
    throwAll(problems)
  },
}

const isMissing = (p: Problem): boolean => 'status' in p && p.status.reason === 'NotFound'

/** The object once a condition is met. Upstream: wait.go IsDeleted, getObjAndCheckCondition */
function met(api: Api, { mapping, namespace, name, object }: Info, condition: Condition, timeout: number, deadline: number): Thing {
  const start = object as Thing
  if (name === '') throw fail('resource name must be provided')
  if (condition === 'create') return start
  const named = `${mapping.resource}/${name}`
  const path = pathOf(mapping, namespace, name)
  const now = api.io.now()
  if (timeout === 0) {
    const response = api.try({ verb: 'get', path })
    if (condition === 'delete' && response.code === 404) return start
    if (response.code !== 200) throw new Fail([{ status: response.body as never }])
    if (condition !== 'delete' && condition(response.body as Thing)) return response.body as Thing
    throw fail(`condition not met for ${named}`)
  }
  if (now >= deadline) throw fail(`${TIMED_OUT} on ${named}`)
  const uid = textAt(start, 'metadata', 'uid')
  const done = api.until<Thing | 'missing'>(pathOf(mapping, namespace), name, deadline - now, (o, event) => {
    if (condition === 'delete') return o === undefined || textAt(o, 'metadata', 'uid') !== uid ? start : undefined
    if (o === undefined) return event === 'DELETED' ? undefined : 'missing'
    return condition(o) ? o : undefined
  })
  if (done === undefined) throw fail(`${TIMED_OUT} on ${named}`)
  if (done === 'missing') throw new Fail([{ status: { reason: 'NotFound', message: `${mapping.group === '' ? mapping.resource : `${mapping.resource}.${mapping.group}`} ${goQuote(name)} not found` } as never }])
  return done
}
