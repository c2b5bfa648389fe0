import { structSchema } from '../api'
import { sha256, type KubeObject, type StructSchema, type TypeSchema } from '../apimachinery'
import type { Served } from './served'

type Json = Readonly<Record<string, unknown>>

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'
/** Packages whose definitions are not named `io.k8s.api.<group>.<version>`. */
const PACKAGES: Readonly<Record<string, string>> = { 'meta/v1': META, 'apiextensions/v1': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1', 'apiregistration/v1': 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1' }

/** Types with their own form. */
const LEAVES: Readonly<Record<string, readonly [name: string, schema: Json]>> = {
  time: [`${META}.Time`, { type: 'string', format: 'date-time' }],
  microTime: [`${META}.MicroTime`, { type: 'string', format: 'date-time' }],
  duration: [`${META}.Duration`, { type: 'string' }],
  fields: [`${META}.FieldsV1`, { type: 'object' }],
  quantity: ['io.k8s.apimachinery.pkg.api.resource.Quantity', { type: 'string' }],
  intOrString: ['io.k8s.apimachinery.pkg.util.intstr.IntOrString', { type: 'string', format: 'int-or-string' }],
  raw: ['io.k8s.apimachinery.pkg.runtime.RawExtension', { type: 'object' }],
}

function nameOf({ pkg = 'core/v1', goName }: StructSchema): string {
  return `${PACKAGES[pkg] ?? `io.k8s.api.${pkg.replace('/', '.')}`}.${goName.slice(goName.indexOf('.') + 1)}`
}

/** Collects definitions. `at`: where references point to. */
class Definitions {
  readonly found = new Map<string, Json>()

  constructor(private readonly at: string) {}

  private ref(name: string): Json {
    return { $ref: `${this.at}${name}` }
  }

  type(type: TypeSchema): Json {
    const leaf = LEAVES[type.kind]
    if (leaf !== undefined) {
      this.found.set(leaf[0], leaf[1])
      return this.ref(leaf[0])
    }
    switch (type.kind) {
      case 'pointer': return this.type(type.elem!)
      case 'list': return { type: 'array', items: this.type(type.elem!) }
      case 'map': return { type: 'object', additionalProperties: this.type(type.elem!) }
      case 'struct': return this.struct(type.struct!())
      case 'bool': return { type: 'boolean' }
      case 'int': case 'uint': return { type: 'integer', format: type.bits === 64 ? 'int64' : 'int32' }
      case 'float': return { type: 'number', format: 'double' }
      case 'bytes': return { type: 'string', format: 'byte' }
      case 'string': return { type: 'string' }
      default: return {}
    }
  }

  struct(schema: StructSchema, kind?: Served['info']): Json {
    const name = nameOf(schema)
    if (this.found.has(name)) return this.ref(name)
    // Known before its fields are: some types hold themselves.
    this.found.set(name, {})
    const properties: Record<string, Json> = {}
    for (const key of [...schema.byName.keys()].sort()) {
      const { field } = schema.byName.get(key)!
      const list = field.listType === undefined ? {} : { 'x-kubernetes-list-type': field.listType, ...(field.listMapKeys.length > 0 ? { 'x-kubernetes-list-map-keys': field.listMapKeys } : {}) }
      const patch = { ...(field.patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }), ...(field.patchStrategy.length === 0 ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategy.join(',') }) }
      properties[key] = { ...this.type(field.type), ...list, ...patch }
    }
    const required = [...schema.byName.values()].filter((f) => f.field.required).map((f) => f.field.name).sort()
    this.found.set(name, {
      type: 'object', properties, ...(required.length > 0 ? { required } : {}),
      ...(kind === undefined ? {} : { 'x-kubernetes-group-version-kind': [{ group: kind.group, kind: kind.kind, version: kind.version }] }),
    })
    return this.ref(name)
  }

  kind({ info, custom }: Served): void {
    if (custom === undefined) {
      const schema = structSchema(info.kind)
      if (schema !== undefined) this.struct(schema, info)
      return
    }
    const { properties, ...rest } = custom.schema ?? { type: 'object' }
    const metadata = this.struct(structSchema('ObjectMeta') as StructSchema)
    this.found.set(`${info.group.split('.').reverse().join('.')}.${info.version}.${info.kind}`, {
      ...rest, properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata, ...withoutTypeMeta(properties) },
      'x-kubernetes-group-version-kind': [{ group: info.group, kind: info.kind, version: info.version }],
    })
  }

  all(): Json {
    return Object.fromEntries([...this.found].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}

function withoutTypeMeta(properties: object | undefined): object {
  const { apiVersion: _a, kind: _k, metadata: _m, ...rest } = (properties ?? {}) as Record<string, unknown>
  return rest
}

const METHODS: readonly (readonly [method: string, action: string, named: boolean])[] = [
  ['get', 'list', false], ['post', 'post', false], ['delete', 'deletecollection', false], ['get', 'get', true], ['put', 'put', true], ['patch', 'patch', true], ['delete', 'delete', true],
]

function pathsOf({ info }: Served): [string, Json][] {
  const base = `${rootOf(info)}${info.namespaced ? '/namespaces/{namespace}' : ''}/${info.resource}`
  const tag = `${info.group === '' ? 'core' : info.group.split('.')[0]}_${info.version}`
  const kind = { group: info.group, kind: info.kind, version: info.version }
  const operations = (named: boolean): Json => Object.fromEntries(METHODS.filter((m) => m[2] === named)
    .map(([method, action]) => [method, { tags: [tag], responses: { 200: { description: 'OK' } }, 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': kind }]))
  return [[base, operations(false)], [`${base}/{name}`, operations(true)]]
}

const rootOf = (info: { readonly group: string; readonly version: string }): string => (info.group === '' ? `/api/${info.version}` : `/apis/${info.group}/${info.version}`)

function hashOf(served: readonly Served[]): string {
  return sha256(served.map((s) => `${s.info.resource}/${JSON.stringify(s.custom?.schema ?? '')}`).join(',')).map((b) => b.toString(16).padStart(2, '0')).join('').toUpperCase()
}

/** The server's OpenAPI documents, without descriptions and parameters. Upstream: kube-openapi pkg/handler, handler3 */
export function openApi(path: string, all: readonly Served[], version: string): KubeObject | undefined {
  const info = { title: 'Kubernetes', version }
  const document = (body: object): KubeObject => Object.freeze(body) as KubeObject
  const paths = (served: readonly Served[]): Json => Object.fromEntries(served.flatMap(pathsOf))
  if (path === '/openapi/v2') {
    const definitions = new Definitions('#/definitions/')
    for (const served of all) definitions.kind(served)
    return document({ swagger: '2.0', info, paths: paths(all), definitions: definitions.all() })
  }
  const roots = [...new Set(all.map((s) => rootOf(s.info)))].sort()
  const under = (root: string): Served[] => all.filter((s) => rootOf(s.info) === root)
  if (path === '/openapi/v3') return document({ paths: Object.fromEntries(roots.map((root) => [root.slice(1), { serverRelativeURL: `/openapi/v3${root}?hash=${hashOf(under(root))}` }])) })
  const served = under(path.slice('/openapi/v3'.length))
  if (served.length === 0) return undefined
  const schemas = new Definitions('#/components/schemas/')
  for (const one of served) schemas.kind(one)
  return document({ openapi: '3.0.0', info, paths: paths(served), components: { schemas: schemas.all() } })
}
