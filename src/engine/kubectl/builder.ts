import { goQuote, jsonKind } from '../apimachinery'
import { at, textAt, type Api, type Thing } from './api'
import { webPage } from './docs'
import { Fail, fail, problemOf, type Problem } from './errors'
import { readDocuments, type Doc } from './manifest'
import { kustomize } from './kustomize'
import { apiVersionOf, pathOf, type Mapper, type Mapping } from './rest-mapper'

/** One object that a command is about. Upstream: cli-runtime/resource Info */
export interface Info {
  readonly mapping: Mapping
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string
  readonly name: string
  /** What the file says, or what the server answered. */
  readonly object?: Thing | undefined
  /** `STDIN`, a path, or '' when it was named by type and name. */
  readonly source: string
}

/** What a command looks for. Upstream: cli-runtime/resource Builder */
export interface Query {
  readonly args?: readonly string[]
  /** Values of -f. */
  readonly files?: readonly string[]
  readonly stdin?: string | undefined
  readonly namespace: string
  /** The namespace was given by flag: objects of files must be in it. */
  readonly enforceNamespace?: boolean
  readonly selector?: string
  readonly fieldSelector?: string
  /** `--all`, or that types without names mean all of them. */
  readonly all?: boolean
  /** Types without names mean all of them (get, describe). */
  readonly typesMeanAll?: boolean
  readonly allNamespaces?: boolean
  /** Fetch what is given by name. */
  readonly fetch?: boolean
  /** The kind when only names are given. */
  readonly defaultType?: string
  /** Directories of -f with all below. */
  readonly recursive?: boolean
}

/** What was found, and what went wrong on the way. */
export interface Found {
  readonly infos: readonly Info[]
  readonly problems: readonly Problem[]
  /** One object was asked for by name. Upstream: singleItemImplied */
  readonly single: boolean
}

const MISSING = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`

/** Type and name pairs, or types alone, that arguments stand for. */
export interface Target {
  readonly mapping: Mapping
  readonly name?: string
}

/** Upstream: Builder.ResourceTypeOrNameArgs */
export function targets(args: readonly string[], mapper: Mapper): readonly Target[] {
  if (args.some((a) => a.includes('/'))) {
    if (args.some((a) => !a.includes('/'))) throw fail(`there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'`)
    return args.map((arg) => {
      const parts = arg.split('/')
      if (parts.length > 2) throw fail('arguments in resource/name form may not have more than one slash')
      const [type = '', name = ''] = parts
      if (type === '' || name === '') throw fail('arguments in resource/name form must have a single resource and name')
      if (type.includes(',')) throw fail('arguments in resource/name form must have a single resource and name')
      return { mapping: mapper.must(type), name }
    })
  }
  const [types = '', ...names] = args
  const mappings = types.split(',').filter(Boolean).flatMap((t) => mapper.category(t) ?? [mapper.must(t)])
  if (names.length === 0) return mappings.map((mapping) => ({ mapping }))
  return mappings.flatMap((mapping) => names.filter(Boolean).map((name) => ({ mapping, name })))
}

/** Finds everything a command is about; goes on after errors. Upstream: Builder.Do with ContinueOnError */
export function find(query: Query, api: Api, mapper: Mapper): Found {
  const { args = [], files = [], selector = '', fieldSelector = '' } = query
  if (files.length > 0) {
    if (args.length > 0) throw fail('when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well')
    return fromFiles(query, api, mapper)
  }
  if (args.length === 0) throw fail(MISSING)
  if (query.all && selector !== '') throw fail("setting 'all' parameter but found a non empty selector. ")
  const wanted = targets(args, mapper)
  if (wanted.some((t) => t.name !== undefined)) {
    if (selector !== '' || fieldSelector !== '') throw fail('name cannot be provided when a selector is specified')
    if (query.allNamespaces) throw fail('a resource cannot be retrieved by name across all namespaces')
    return { ...byName(wanted, query, api), single: wanted.length === 1 }
  }
  if (selector === '' && fieldSelector === '' && !query.all && !query.typesMeanAll) throw fail('resource(s) were provided, but no name was specified')
  const infos: Info[] = []
  const problems: Problem[] = []
  for (const { mapping } of wanted) {
    const response = api.try(listRequest(mapping, query))
    if (response.code !== 200) problems.push(problemOf(response))
    else for (const item of (response.body as unknown as { items: Thing[] }).items) infos.push(infoOf(mapping, item))
  }
  return { infos, problems, single: false }
}

/** The list request of a kind. */
export function listRequest(mapping: Mapping, { namespace, allNamespaces, selector = '', fieldSelector = '' }: Query, more?: Record<string, string>): { verb: 'list'; path: string; query: Record<string, string> } {
  return {
    verb: 'list',
    path: pathOf(mapping, allNamespaces ? '' : namespace),
    query: { ...(selector === '' ? {} : { labelSelector: selector }), ...(fieldSelector === '' ? {} : { fieldSelector }), limit: '500', ...more },
  }
}

/** An object of a list as an Info; lists leave out kind and apiVersion. */
export function infoOf(mapping: Mapping, item: Thing, source = ''): Info {
  const object = item.kind === undefined || item.apiVersion === undefined ? { apiVersion: apiVersionOf(mapping), kind: mapping.kind, ...item } : item
  return { mapping, namespace: item.metadata.namespace ?? '', name: item.metadata.name, object, source }
}

function byName(wanted: readonly Target[], query: Query, api: Api): { infos: readonly Info[]; problems: readonly Problem[] } {
  const infos: Info[] = []
  const problems: Problem[] = []
  for (const { mapping, name = '' } of wanted) {
    const namespace = mapping.namespaced ? query.namespace : ''
    if (!query.fetch) {
      infos.push({ mapping, namespace, name, source: '' })
      continue
    }
    const response = api.try({ verb: 'get', path: pathOf(mapping, namespace, name) })
    if (response.code === 200) infos.push({ mapping, namespace, name, object: response.body as Thing, source: '' })
    else problems.push(problemOf(response))
  }
  return { infos, problems }
}

function fromFiles(query: Query, api: Api, mapper: Mapper): Found {
  const infos: Info[] = []
  const problems: Problem[] = []
  const { machine } = api.io
  const source = (name: string, text: string): void => {
    const { docs, error } = readDocuments(text)
    for (const doc of docs) read(doc, name)
    if (error !== undefined) problems.push({ text: `error parsing ${name}: ${error}` })
  }
  const directory = (dir: string): void => {
    const names = machine.list(dir)
    const files = names.filter((n) => /\.(json|ya?ml)$/.test(n))
    if (files.length === 0 && !query.recursive) throw fail(`error reading [${dir}]: recognized file extensions are [.json .yaml .yml]`)
    const base = dir.replace(/\/+$/, '')
    for (const n of files) source(`${base}/${n}`, machine.read(`${base}/${n}`) ?? '')
    if (query.recursive) for (const n of names) if (n.endsWith('/')) directory(`${base}/${n.slice(0, -1)}`)
  }
  for (const file of query.files ?? []) {
    const url = /^https?:\/\//.test(file)
    const text = file === '-' ? (query.stdin ?? '') : url ? webPage(machine, file) : machine.read(file)
    if (file.startsWith(kustomization)) for (const doc of kustomize(machine, file.slice(kustomization.length))) read(doc as unknown as Doc, file.slice(kustomization.length))
    else if (file === '-') source('STDIN', query.stdin ?? '')
    else if (text === null) throw fail(`unable to read URL "${file}", server reported 404 Not Found, status code=404`)
    else if (text !== undefined) source(file, text)
    else if (url) throw fail(`unable to read URL "${file}": dial tcp: lookup failed: the simulated machine has no way to the internet`)
    else if (machine.isDir(file)) directory(file)
    else throw fail(`the path ${goQuote(file)} does not exist`)
  }
  function read(doc: Doc, name: string): void {
    try {
      for (const info of fromDoc(doc, query, mapper, name)) infos.push(query.fetch ? fetched(info, api) : info)
    } catch (thrown) {
      if (!(thrown instanceof Fail)) throw thrown
      problems.push(...thrown.problems)
    }
  }
  return { infos, problems, single: infos.length === 1 }
}

/** What stands before the directory of a -k among files. */
export const kustomization = '\u0000kustomize:'

/** What has no name yet (`generateName`) stays as the file says. Upstream: cli-runtime/resource visitor.go RetrieveLatest */
function fetched(info: Info, api: Api): Info {
  if (info.name === '') return info
  return { ...info, object: api.get(pathOf(info.mapping, info.namespace, info.name)) }
}

/** Upstream: cli-runtime/resource mapper.go infoForData, visitor.go RequireNamespace, FlattenListVisitor */
function fromDoc(doc: Doc, query: Query, mapper: Mapper, source: string): Info[] {
  const { kind, apiVersion } = doc
  const unset = [...(typeof apiVersion === 'string' && apiVersion !== '' ? [] : ['apiVersion not set']), ...(typeof kind === 'string' && kind !== '' ? [] : ['kind not set'])]
  if (unset.length > 0) {
    const what = unset.length === 1 ? unset[0] : `[${unset.join(', ')}]`
    throw fail(`error validating "${source}": error validating data: ${what}; if you choose to ignore these errors, turn validation off with --validate=false`)
  }
  if (String(kind).endsWith('List') && Array.isArray(doc['items'])) return (doc['items'] as Doc[]).flatMap((item) => fromDoc(item ?? {}, query, mapper, source))
  const metadata = doc['metadata']
  if (metadata !== undefined && metadata !== null && (typeof metadata !== 'object' || Array.isArray(metadata))) {
    throw fail(`unable to decode "${source}": json: cannot unmarshal ${jsonKind(metadata)} into Go struct field ObjectMeta.metadata of type v1.ObjectMeta`)
  }
  const object = (metadata == null ? { ...doc, metadata: {} } : doc) as unknown as Thing
  const name = textAt(object, 'metadata', 'name')
  const own = textAt(object, 'metadata', 'namespace')
  const mapping = mapper.ofKind(String(apiVersion), String(kind))
  if (mapping === undefined) {
    throw fail(`resource mapping not found for name: ${goQuote(name)} namespace: ${goQuote(own)} from "${source}": no matches for kind ${goQuote(String(kind))} in version ${goQuote(String(apiVersion))}\nensure CRDs are installed first`)
  }
  if (!mapping.namespaced) return [{ mapping, namespace: '', name, object, source }]
  if (own !== '' && query.enforceNamespace && own !== query.namespace) {
    throw fail(`the namespace from the provided object ${goQuote(own)} does not match the namespace ${goQuote(query.namespace)}. You must pass '--namespace=${own}' to perform this operation.`)
  }
  const namespace = own === '' ? query.namespace : own
  return [{ mapping, namespace, name, object: own === '' ? { ...object, metadata: { ...object.metadata, namespace } } : object, source }]
}


/** Whether an object was fetched with this uid. */
export const uidOf = (object: unknown): string => String(at(object, 'metadata', 'uid') ?? '')
