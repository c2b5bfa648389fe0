import type { Thing } from './api'
import { annotated, changeFlags } from './cmd/apply'
import { Fail, fail, problemOf, wordsOf } from './errors'
import { flagSpecs, type FlagSpec } from './flags'
import { dryRunOf, printFlags, printResult } from './print-flags'
import { pathOf } from './rest-mapper'
import type { Invocation } from './verb'

/** Flags that every generator takes. */
export const generatorFlags: readonly FlagSpec[] = [...printFlags, ...changeFlags, ...flagSpecs('save-config')]

/** The one name of a generator. Errors: `exactly one NAME is required, got 0`. Upstream: create.NameFromCommandArgs */
export function oneName(cmd: Invocation): string {
  const count = cmd.flags.dash >= 0 ? cmd.flags.dash : cmd.args.length
  if (count !== 1) throw cmd.usage(`exactly one NAME is required, got ${count}`)
  return cmd.args[0] as string
}

/** Words after `--`. */
export const afterDash = (cmd: Invocation): readonly string[] => (cmd.flags.dash >= 0 ? cmd.args.slice(cmd.flags.dash) : [])

/** Metadata of a generated object: the namespace only where it was given by flag. */
export function generatedMeta(cmd: Invocation, name: string, namespaced = true): Record<string, unknown> {
  return { name, ...(namespaced && cmd.explicitNamespace ? { namespace: cmd.namespace } : {}) }
}

/** Creates a generated object, or only prints it. `what` words the failure; without it the server's words stand alone. */
export function createGenerated(cmd: Invocation, object: Record<string, unknown>, what = ''): void {
  const { flags, io, api, mapper } = cmd
  const dryRun = dryRunOf(flags)
  let thing = object as unknown as Thing
  const mapping = mapper.ofKind(String(object['apiVersion']), String(object['kind']))
  if (mapping === undefined) throw fail(`no matches for kind "${String(object['kind'])}"`)
  if (flags.bool('save-config')) thing = annotated(thing)
  if (dryRun !== 'client') {
    const query = { fieldManager: flags.string('field-manager') || 'kubectl-create', fieldValidation: 'Strict', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) }
    const response = api.try({ verb: 'create', path: pathOf(mapping, cmd.namespace), query, body: thing })
    if (response.code >= 300 || response.code === 0) {
      const problem = problemOf(response)
      throw what === '' || 'url' in problem ? new Fail([problem]) : fail(`${what} ${wordsOf(problem)}`)
    }
    thing = response.body as Thing
  }
  printResult(thing, 'created', flags, io, dryRun)
}
