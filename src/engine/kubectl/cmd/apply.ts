import { applyMergePatch, applyStrategicMergePatch, createThreeWayMergePatch, createThreeWayStrategicPatch, goJson, goQuote, matches, parseSelector, sortKeys } from '../../apimachinery'
import { structSchema } from '../../api'
import type { RequestInit } from '../../client-go'
import { at, lastApplied, textAt, withField, type Thing } from '../api'
import { find, kustomization, type Info } from '../builder'
import { Fail, fail, problemOf, withSource, wordsOf, type Problem } from '../errors'
import { flagSpecs, type Flags } from '../flags'
import { dryRunOf, outputFormat, printFlags, printResult, type DryRun } from '../print-flags'
import { recorded } from '../record'
import { apiVersionOf, pathOf, type Mapping } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { checkPrune, prune } from './apply-prune'
import { propagationOf } from './cascade'

/** Flags of verbs that read files. */
export const fileFlags = flagSpecs('filename/f:list kustomize/k:string recursive/R')

/** Flags of verbs that change things. */
export const changeFlags = flagSpecs('dry-run:string[=unchanged]=none field-manager:string validate:string[=strict]=strict')

/** Values of -f, or the directory of -k as one. Upstream: resource.FilenameOptions.RequireFilenameOrKustomize */
export function requireFiles(flags: Flags): readonly string[] {
  if (flags.has('kustomize')) {
    if (flags.has('filename')) throw fail('only one of -f or -k can be specified')
    return [kustomization + flags.string('kustomize')]
  }
  const files = flags.list('filename')
  if (files.length === 0) throw fail('must specify one of -f and -k')
  return files
}

/** Values of -f and -k of verbs that need none. */
export function filesOf(flags: Flags): readonly string[] {
  return flags.has('kustomize') ? requireFiles(flags) : flags.list('filename')
}

/** Query parameters of a write. */
export function writeQuery(flags: Flags, manager: string, dryRun: DryRun): Record<string, string> {
  return { fieldManager: flags.string('field-manager') || manager, fieldValidation: validationOf(flags), ...(dryRun === 'server' ? { dryRun: 'All' } : {}) }
}

/** Upstream: cmdutil GetValidationDirective */
function validationOf(flags: Flags): string {
  const value = flags.string('validate').toLowerCase()
  if (value === '' || value === 'strict' || value === 'true') return 'Strict'
  if (value === 'warn') return 'Warn'
  if (value === 'ignore' || value === 'false') return 'Ignore'
  throw fail(`invalid --validate value "${flags.string('validate')}", must be one of: strict (or true), warn, ignore (or false)`)
}

/** `kubectl apply`. Upstream: kubectl/pkg/cmd/apply/apply.go */
export const apply: Command = {
  name: 'apply',
  flags: [
    ...printFlags, ...fileFlags, ...changeFlags,
    ...flagSpecs(`all cascade:string[=background]=background force force-conflicts grace-period:int=-1 openapi-patch=true overwrite=true record prune prune-allowlist:array selector/l:string
      server-side subresource:string timeout:duration wait`),
  ],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    if (args.length > 0) throw cmd.usage(`Unexpected args: [${args.join(' ')}]`)
    const serverSide = flags.bool('server-side')
    const dryRun = dryRunOf(flags)
    propagationOf(cmd)
    const files = requireFiles(flags)
    validationOf(flags)
    if (flags.bool('force-conflicts') && !serverSide) throw fail('--force-conflicts only works with --server-side')
    if (dryRun === 'client' && serverSide) throw fail('--dry-run=client doesn\'t work with --server-side (did you mean --dry-run=server instead?)')
    if (serverSide && flags.bool('force')) throw fail('--force cannot be used with --server-side')
    if (dryRun === 'server' && flags.bool('force')) throw fail('--dry-run=server cannot be used with --force')
    checkPrune(cmd)
    if (flags.string('subresource') !== '' && !serverSide) throw fail('--subresource can only be specified for --server-side')
    const { infos: read, problems: bad } = find({ files, recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace }, api, mapper)
    const infos = flags.has('selector') ? read.filter((i) => selects(flags.string('selector'), i.object)) : read
    const problems: Problem[] = [...bad]
    if (infos.length === 0 && problems.length === 0) throw fail('no objects passed to apply')
    const results: Thing[] = []
    const visited: Thing[] = []
    for (const info of infos) {
      try {
        const result = serverSide ? applyOnServer(cmd, info, dryRun) : applyOne(cmd, info, dryRun)
        visited.push(result.object)
        if (result.keep) results.push(result.object)
      } catch (thrown) {
        if (!(thrown instanceof Fail)) throw thrown
        problems.push(...thrown.problems)
      }
    }
    // With an error nothing is printed, nor pruned. Upstream: PrintAndPrunePostProcessor
    if (problems.length > 0) throw new Fail(problems)
    const [only] = results
    if (only !== undefined) printResult(results.length === 1 ? only : ({ apiVersion: 'v1', kind: 'List', metadata: {}, items: results } as unknown as Thing), '', flags, io, dryRun)
    if (flags.bool('prune')) prune(cmd, visited, [...new Set([...(cmd.explicitNamespace ? [cmd.namespace] : []), ...infos.map((i) => i.namespace).filter((n) => n !== '')])])
  },
}

/** Whether a label selector chooses an object of a file. Errors: what the selector's grammar says. */
export function selects(selector: string, object: Thing | undefined): boolean {
  const parsed = parseSelector(selector)
  if (typeof parsed === 'string') throw fail(parsed)
  return matches(parsed, object?.metadata.labels ?? {})
}

/** The object with the annotation that holds what is applied, and that text. Upstream: util.GetModifiedConfiguration */
export function annotated(object: Thing): Thing {
  const bare = Object.fromEntries(Object.entries(object.metadata.annotations ?? {}).filter(([k]) => k !== lastApplied))
  const text = `${goJson(sortKeys(withField(object, ['metadata', 'annotations'], bare)))}\n`
  return withField(object, ['metadata', 'annotations'], { ...bare, [lastApplied]: text })
}

/** What became of one object; `keep`: it is to be printed whole in the end. */
interface Applied {
  readonly object: Thing
  readonly keep: boolean
}

/** Prints what became of one object now, unless whole objects are to be printed in the end. */
function report(cmd: Invocation, object: Thing, operation: string, dryRun: DryRun): Applied {
  const { format } = outputFormat(cmd.flags)
  if (format !== '' && format !== 'name') return { object, keep: true }
  printResult(object, operation, cmd.flags, cmd.io, dryRun)
  return { object, keep: false }
}

function applyOne(cmd: Invocation, info: Info, dryRun: DryRun): Applied {
  const { api, flags, io } = cmd
  const { mapping, namespace, name, source } = info
  const object = recorded(cmd, info.object as Thing)
  if (name === '' && textAt(object, 'metadata', 'generateName') !== '') throw fail(`from ${textAt(object, 'metadata', 'generateName')}: cannot use generate name with apply`)
  const path = pathOf(mapping, namespace, name)
  const modified = annotated(object)
  const got = name === '' ? undefined : api.try({ verb: 'get', path })
  if (got === undefined || (got.code !== 200 && got.code !== 404)) {
    const problem: Problem = got === undefined ? { text: 'resource name may not be empty' } : problemOf(got)
    const where = `retrieving current configuration of:\n${describeInfo(info)}\nfrom server for: ${goQuote(source)}`
    if ('status' in problem) throw new Fail([{ status: { ...problem.status, message: `error when ${where}: ${problem.status.message ?? ''}` } }])
    throw 'url' in problem ? new Fail([problem]) : fail(`error when ${where}: ${wordsOf(problem)}`)
  }
  if (got.code === 404) {
    if (dryRun === 'client') return report(cmd, modified, 'created', dryRun)
    const made = api.try({ verb: 'create', path: pathOf(mapping, namespace), query: writeQuery(flags, 'kubectl-client-side-apply', dryRun), body: modified })
    if (made.code >= 300 || made.code === 0) throw new Fail([withSource(problemOf(made), 'creating', source)])
    return report(cmd, made.body as Thing, 'created', dryRun)
  }
  let current = got.body as Thing
  const known = current.metadata.annotations?.[lastApplied]
  if (known === undefined) io.err(missingAnnotation(info))
  if (current.metadata.deletionTimestamp !== undefined) {
    io.err(`Warning: Detected changes to resource ${name} which is currently being deleted.\n`)
  }
  const patch = patchFor(mapping, known, modified, current, info)
  if (dryRun === 'client') return report(cmd, patchedLocally(mapping, patch, current), Object.keys(patch).length === 0 ? 'unchanged' : 'configured', dryRun)
  if (Object.keys(patch).length === 0) return report(cmd, current, 'unchanged', dryRun)
  for (let attempt = 0; ; attempt++) {
    const request: RequestInit = {
      verb: 'patch', path, query: writeQuery(flags, 'kubectl-client-side-apply', dryRun), patchType: strategic(mapping) ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json',
      body: attempt === 0 ? patch : patchFor(mapping, current.metadata.annotations?.[lastApplied], modified, current, info),
    }
    const response = api.try(request)
    if (response.code === 409 && attempt < 5) {
      io.sleep(1_000_000)
      current = api.get(path)
      continue
    }
    if (response.code !== 200) {
      if (flags.bool('force') && (response.code === 409 || response.code === 422)) return recreate(cmd, info, modified, path)
      const problem = problemOf(response)
      const text = `applying patch:\n${goJson(sortKeys(request.body))}\nto:\n${describeInfo(info)}\nfor: ${goQuote(source)}: error when patching ${goQuote(source)}`
      throw new Fail(['status' in problem ? { status: { ...problem.status, message: problem.status.reason === 'Invalid' ? (problem.status.message ?? '') : `error when ${text}: ${problem.status.message ?? ''}` } } : problem])
    }
    const result = response.body as Thing
    return report(cmd, result, 'configured', dryRun)
  }
}

const missingAnnotation = ({ mapping, name }: Info): string =>
  `Warning: resource ${mapping.resource}/${name} is missing the ${lastApplied} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`

/** Upstream: resource.Info.String */
export function describeInfo({ mapping, namespace, name }: Info): string {
  return `Resource: "${apiVersionOf(mapping)}, Resource=${mapping.resource}", GroupVersionKind: "${apiVersionOf(mapping)}, Kind=${mapping.kind}"\nName: ${goQuote(name)}, Namespace: ${goQuote(namespace)}`.replace(/"v1, /g, '"/v1, ')
}

/** Whether a kind's patches are strategic merge patches. */
export const strategic = (mapping: Mapping): boolean => schemaOf(mapping) !== undefined

/** The schema that says how a kind's lists merge; custom resources have none. */
export function schemaOf(mapping: Mapping): ReturnType<typeof structSchema> {
  if (mapping.custom) return undefined
  return structSchema(mapping.group === 'autoscaling' && mapping.version === 'v1' ? 'HorizontalPodAutoscalerV1' : mapping.kind)
}

/** What apply sends for an object that exists. Upstream: apply/patcher.go buildStrategicMergePatch, buildMergePatch */
export function patchFor(mapping: Mapping, known: string | undefined, modified: Thing, current: Thing, info: Info): Record<string, unknown> {
  let original: Record<string, unknown> = {}
  try {
    if (known !== undefined) original = JSON.parse(known) as Record<string, unknown>
  } catch {
    throw fail(`error when applying patch:\n${describeInfo(info)}\nfor: ${goQuote(info.source)}: the annotation ${lastApplied} is no JSON`)
  }
  const schema = schemaOf(mapping)
  const want = modified as unknown as Record<string, unknown>
  const have = current as unknown as Record<string, unknown>
  if (schema === undefined) return createThreeWayMergePatch(original, want, have)
  const made = createThreeWayStrategicPatch(schema, original, want, have)
  if (made.error !== undefined) throw fail(`error when applying patch:\n${describeInfo(info)}\nfor: ${goQuote(info.source)}: creating patch with:\n${made.error}`)
  return made.value
}

/** What a client-side dry run shows: the patch put on what the server has. Upstream: patcher.go PatchLocal */
function patchedLocally(mapping: Mapping, patch: Record<string, unknown>, current: Thing): Thing {
  const schema = schemaOf(mapping)
  const have = current as unknown as Record<string, unknown>
  const out = schema === undefined ? { value: applyMergePatch(have, patch) } : applyStrategicMergePatch(schema, have, patch)
  if (out.error !== undefined) throw fail(out.error)
  return out.value as unknown as Thing
}

/** `--force`: delete, then create. */
function recreate(cmd: Invocation, info: Info, modified: Thing, path: string): Applied {
  const { api, flags } = cmd
  api.must({ verb: 'delete', path, body: { propagationPolicy: 'Background' } })
  api.until(pathOf(info.mapping, info.namespace), info.name, 0, (o) => (o === undefined ? true : undefined))
  return report(cmd, api.must({ verb: 'create', path: pathOf(info.mapping, info.namespace), query: writeQuery(flags, 'kubectl-client-side-apply', 'none'), body: modified }), 'configured', 'none')
}

const CONFLICT_HELP = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`

/** Server-side apply: one PATCH; the server keeps who manages what. */
function applyOnServer(cmd: Invocation, info: Info, dryRun: DryRun): Applied {
  const { api, flags } = cmd
  const manager = flags.string('field-manager') || 'kubectl'
  const query = { ...writeQuery(flags, manager, dryRun), force: flags.bool('force-conflicts') ? 'true' : 'false' }
  const response = api.try({ verb: 'patch', path: pathOf(info.mapping, info.namespace, info.name, flags.string('subresource')), query, body: info.object, patchType: 'application/apply-patch+yaml' })
  if (response.code === 409 && at(response.body, 'details', 'causes') !== undefined) throw fail(`${textAt(response.body, 'message')}\n${CONFLICT_HELP}`)
  if (response.code >= 300 || response.code === 0) throw new Fail([problemOf(response)])
  return report(cmd, response.body as Thing, 'serverside-applied', dryRun)
}
