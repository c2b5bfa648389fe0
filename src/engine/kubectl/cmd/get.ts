import { filesOf } from './apply'
import { find, infoOf, listRequest, targets, type Query, type Target } from '../builder'
import type { Thing } from '../api'
import { Fail, fail, problemOf, withSource, wordsOf, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { outputFormat, printerFor, printFlags, type Printer } from '../print-flags'
import { pathOf, type Mapping } from '../rest-mapper'
import { sortByPath } from '../sorter'
import { TablePrinter, type Table } from '../table-printer'
import type { Command, Invocation } from '../verb'
import { raw } from './raw'

const NO_RESOURCE = `You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n`

/** `kubectl get`. Upstream: kubectl/pkg/cmd/get/get.go */
export const get: Command = {
  name: 'get',
  complete: 'type/name',
  flags: [
    ...printFlags,
    ...flagSpecs(`all-namespaces/A chunk-size:int=500 field-selector:string filename/f:list ignore-not-found kustomize/k:string label-columns/L:list no-headers
      output-watch-events raw:string recursive/R selector/l:string server-print=true show-kind show-labels sort-by:string subresource:string watch/w watch-only`),
  ],
  run(cmd) {
    const { flags, io, args } = cmd
    if (flags.string('raw') !== '') {
      if (args.length > 0 || flags.has('filename')) throw fail('arguments may not be passed when --raw is specified')
      if (flags.bool('watch') || flags.bool('watch-only') || flags.string('selector') !== '') throw fail('--raw may not be specified with other flags that filter the server request or alter the output')
      return raw(cmd, 'get')
    }
    const watching = flags.bool('watch') || flags.bool('watch-only')
    if (watching && flags.string('sort-by') !== '') io.err(flags.bool('watch') ? 'warning: --watch requested, --sort-by will be ignored for watch events received\n' : 'warning: --watch-only requested, --sort-by will be ignored\n')
    const files = filesOf(flags)
    const { format } = outputFormat(flags)
    if (args.length === 0 && files.length === 0 && !watching) {
      io.err(NO_RESOURCE)
      throw cmd.usage(`Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).`)
    }
    if (flags.bool('show-labels') && flags.string('output') !== '' && flags.string('output') !== 'wide') throw fail(`--show-labels option cannot be used with ${flags.string('output')} printer`)
    if (flags.bool('output-watch-events') && !watching) throw fail('--output-watch-events option can only be used with --watch or --watch-only')
    const printer = printerFor(flags, io)
    const query: Query = {
      args, files, stdin: io.stdin, namespace: cmd.namespace, selector: flags.string('selector'), fieldSelector: flags.string('field-selector'),
      allNamespaces: flags.bool('all-namespaces'), typesMeanAll: true, fetch: true, enforceNamespace: cmd.explicitNamespace,
    }
    if (watching) return watch(cmd, query, printer)
    return printer === undefined || format === 'wide' ? tables(cmd, query) : objects(cmd, query, printer)
  },
}

interface Part {
  readonly mapping: Mapping
  readonly table: Table
}

/** One table for each kind or name asked for. */
function tables(cmd: Invocation, query: Query): void {
  const { flags, io, api } = cmd
  const sortBy = flags.string('sort-by')
  const more: Record<string, string> = sortBy === '' ? {} : { includeObject: 'Object' }
  const parts: Part[] = []
  const problems: Problem[] = []
  const wanted = query.files?.length ? fileTargets(cmd, query) : checkedTargets(cmd, query)

  for (const { mapping, name, namespace = mapping.namespaced ? query.namespace : '' } of wanted) {
    for (let token = ''; ; ) {
      const list = listRequest(mapping, query, { ...more, ...(token === '' ? {} : { continue: token }) })
      // To be sorted all must be there at once.
      if (sortBy !== '') delete list.query['limit']
      const request = name === undefined ? { ...list, accept: 'table' as const }
        : { verb: 'get' as const, path: pathOf(mapping, namespace, name, flags.string('subresource')), query: more, accept: 'table' as const }
      const response = api.try(request)
      if (response.code !== 200) {
        const problem = problemOf(response)
        if (!(flags.bool('ignore-not-found') && response.code === 404 && name !== undefined)) problems.push(name === undefined ? explained(problem, mapping, query) : problem)
        break
      }
      const table = response.body as Table
      parts.push({ mapping, table })
      token = (table.metadata as { continue?: string }).continue ?? ''
      if (token === '') break
    }
  }

  // What was asked for counts, not what was found: `get all` of a lone Service says service/kubernetes. Upstream: multipleGVKsRequested
  const kinds = new Set(parts.map((p) => p.mapping.kind + p.mapping.group))
  const printer = new TablePrinter(io, {
    wide: outputFormat(flags).format === 'wide', withNamespace: query.allNamespaces === true, withKind: flags.bool('show-kind') || kinds.size > 1,
    noHeaders: flags.bool('no-headers'), showLabels: flags.bool('show-labels'), labelColumns: flags.list('label-columns'),
  })
  for (const { mapping, table } of sortBy === '' ? parts : sorted(parts, sortBy)) printer.add(table, mapping)
  printer.flush()
  if (printer.written === 0 && problems.length === 0 && !flags.bool('ignore-not-found')) io.err(nothingFound(wanted.every((t) => t.mapping.namespaced) && !query.allNamespaces, query.namespace))
  throwAll(problems)
}

/** `No resources found in default namespace.` */
export function nothingFound(namespaced: boolean, namespace: string): string {
  return namespaced ? `No resources found in ${namespace} namespace.\n` : 'No resources found\n'
}

/** Throws the problems, each text once. */
export function throwAll(problems: readonly Problem[]): void {
  const seen = new Set<string>()
  const distinct = problems.filter((p) => !seen.has(wordsOf(p)) && seen.add(wordsOf(p)))
  if (distinct.length > 0) throw new Fail(distinct)
}

interface Wanted extends Target {
  readonly namespace?: string
}

function checkedTargets(cmd: Invocation, query: Query): readonly Wanted[] {
  const wanted = targets(query.args ?? [], cmd.mapper)
  if (wanted.some((t) => t.name !== undefined)) {
    if (query.selector || query.fieldSelector) throw fail('name cannot be provided when a selector is specified')
    if (query.allNamespaces) throw fail('a resource cannot be retrieved by name across all namespaces')
  }
  return wanted
}

function fileTargets(cmd: Invocation, query: Query): readonly Wanted[] {
  const { infos, problems } = find({ ...query, fetch: false }, cmd.api, cmd.mapper)
  throwAll(problems)
  return infos
}

/** A list that the server refused for its selectors says which. Upstream: cli-runtime/resource selector.go EnhanceListError */
function explained(problem: Problem, mapping: Mapping, query: Query): Problem {
  if (!('status' in problem) || !(query.selector || query.fieldSelector)) return problem
  const { status } = problem
  if (status.reason !== 'BadRequest' && status.reason !== 'NotFound') return problem
  if (status.message?.startsWith('Unable to find')) return problem
  return { status: { ...status, message: `Unable to find ${JSON.stringify(`${mapping.group}/${mapping.version}, Resource=${mapping.resource}`)} that match label selector ${JSON.stringify(query.selector ?? '')}, field selector ${JSON.stringify(query.fieldSelector ?? '')}: ${status.message ?? ''}` } }
}

/**
 * Rows in order of a field. What cannot be sorted is not shown at all, and several answers are ordered by the field of their own tables
 * (which most often have none): so does upstream. Upstream: get.go RuntimeSorter, sorter.go SortingPrinter
 */
function sorted(parts: readonly Part[], field: string): readonly Part[] {
  const ordered = parts.length > 1 ? sortByPath(parts, field, (p) => p.table) : parts
  return ordered.flatMap(({ mapping, table }) => {
    if (table.rows.length < 2) return [{ mapping, table }]
    try {
      return [{ mapping, table: { ...table, rows: sortByPath(table.rows, field, (r) => r.object) } as Table }]
    } catch (thrown) {
      if (!(thrown instanceof Fail)) throw thrown
      return []
    }
  })
}

/** yaml, json, name, templates: whole objects. Upstream: GetOptions.printGeneric */
function objects(cmd: Invocation, query: Query, printer: Printer): void {
  const { flags, api, mapper } = cmd
  const { infos, problems, single } = find(query, api, mapper)
  const kept = flags.bool('ignore-not-found') ? problems.filter((p) => !('status' in p && p.status.reason === 'NotFound')) : problems.map((p) => explainedAny(p, query))
  if (single) {
    throwAll(kept)
    if (infos[0]?.object === undefined) return
    printer.print(infos[0].object)
  } else {
    if (infos.length === 0 && kept.length > 0) throwAll(kept)
    if (infos.length === 0 && flags.bool('ignore-not-found') && query.args?.length !== 1) return
    const items = infos.map((i) => i.object as Thing)
    const sortBy = flags.string('sort-by')
    printer.print({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: sortBy === '' ? items : sortByPath(items, sortBy, (i) => i) } as unknown as Thing)
  }
  printer.finish?.()
  throwAll(kept)
}

const explainedAny = (problem: Problem, query: Query): Problem => (query.selector || query.fieldSelector ? withSource(problem, '', '') : problem)

/** `-w`: the list, then a row for each change. Upstream: GetOptions.watch */
function watch(cmd: Invocation, query: Query, printer: Printer | undefined): void {
  const { flags, io, api } = cmd
  const wanted = checkedTargets(cmd, query)
  const [target] = wanted
  if (target === undefined || new Set(wanted.map((t) => t.mapping.resource)).size > 1 || wanted.length > 1) throw fail(wanted.length > 1 ? 'watch is only supported on individual resources and resource collections - more than 1 resource was found' : 'you may only specify a single resource type')
  const { mapping, name } = target
  const only: Query = name === undefined ? query : { ...query, fieldSelector: `metadata.name=${name}` }
  const asTable = printer === undefined
  const events = flags.bool('output-watch-events')
  const table = new TablePrinter(io, {
    wide: outputFormat(flags).format === 'wide', withNamespace: query.allNamespaces === true, withKind: flags.bool('show-kind'), noHeaders: flags.bool('no-headers'),
    showLabels: flags.bool('show-labels'), labelColumns: flags.list('label-columns'), ...(events ? { event: '' } : {}),
  })
  const request = listRequest(mapping, only)
  const { limit, ...selectors } = request.query
  void limit
  const show = (object: Thing, type: string): void => {
    if (asTable) {
      table.add(object as Table, mapping, type)
      table.flush()
    } else {
      printer.print(infoOf(mapping, object).object as Thing)
      printer.finish?.()
    }
  }
  if (name !== undefined) {
    const first = api.try({ verb: 'get', path: pathOf(mapping, mapping.namespaced ? query.namespace : '', name) })
    if (first.code !== 200) throw new Fail([problemOf(first)])
  }
  for (let again = false; ; again = true) {
    const list = api.must({ ...request, query: selectors, ...(asTable ? { accept: 'table' as const } : {}) })
    if (!again && !flags.bool('watch-only')) {
      if (asTable) show(list, 'ADDED')
      else for (const item of (list as unknown as { items: Thing[] }).items) show(item, 'ADDED')
    }
    const stream = io.watch({ verb: 'watch', path: request.path, query: { ...selectors, resourceVersion: (list.metadata as { resourceVersion?: string }).resourceVersion ?? '' }, ...(asTable ? { accept: 'table' as const } : {}) })
    for (;;) {
      const event = stream.next()
      if (event.type === 'timeout') return
      if (event.type === 'refused' && event.response !== undefined && event.response.code !== 410) throw new Fail([problemOf(event.response)])
      if (!('object' in event) || event.type === 'ERROR') break
      if (event.type !== 'BOOKMARK') show(event.object as Thing, event.type)
    }
    // A real kubectl ends when its watch ends; here the API server may have been restarted by the learner, and it picks up again.
  }
}

