import type { ParamKind, ParamRef } from '../../api'
import { labelSelector, matches, parseApiVersion, type KubeObject } from '../../apimachinery'
import { toDynamic, type Program } from '../cel'
import { servedResources } from '../served'
import type { AdmissionAttributes } from './plugin'

/** What expressions may speak of. Upstream: plugin/cel */
export function variablesOf(a: AdmissionAttributes, param: KubeObject | null): Record<string, unknown> {
  const { info } = a.served
  const kind = { group: info.group, version: info.version, kind: info.kind }
  const resource = { group: info.group, version: info.version, resource: info.resource }
  const namespace = info.namespaced ? a.write.get('namespaces', '', a.namespace) : undefined
  const object = (o: KubeObject | undefined): unknown => (o === undefined ? null : toDynamic({ apiVersion: a.served.apiVersion, kind: info.kind, ...o }))
  return {
    object: object(a.object), oldObject: object(a.old), params: param === null ? null : toDynamic(param), namespaceObject: namespace === undefined ? null : toDynamic(namespace),
    request: toDynamic({
      kind, resource, subResource: a.subresource, requestKind: kind, requestResource: resource, requestSubResource: a.subresource, name: a.name, namespace: info.namespaced ? a.namespace : '',
      operation: a.operation, userInfo: { username: a.user.name, uid: a.user.uid ?? '', groups: a.user.groups, extra: a.user.extra ?? {} }, dryRun: false,
    }),
  }
}

/** Gives expressions a policy's own variables: each is worked out when it is asked for, at most once. */
export function bindVariables(given: Record<string, unknown>, variables: readonly { readonly name: string; readonly program: Program }[]): void {
  const values: Record<string, unknown> = {}
  given.variables = values
  for (const { name, program } of variables) {
    let done: ReturnType<Program['run']> | undefined
    Object.defineProperty(values, name, {
      enumerable: true,
      get() {
        done ??= program.run(given)
        if (done.error !== undefined) throw new Error(`composited variable "${name}" fails to evaluate: ${done.error}`)
        return done.value
      },
    })
  }
}

/** Objects that a binding gives to its policy, [null] when it has none to give; a text when they cannot be had. */
export function findParams(paramKind: ParamKind | undefined, ref: ParamRef | undefined, a: AdmissionAttributes): readonly (KubeObject | null)[] | string {
  if (paramKind == null || ref == null) return [null]
  const { apiVersion = '', kind = '' } = paramKind
  const { group } = parseApiVersion(apiVersion)
  const storage = servedResources().find((s) => s.info.kind === kind && s.info.group === group) ?? definedKind(a, group, kind)
  if (storage === undefined) return `failed to configure policy: failed to find resource referenced by paramKind: '${apiVersion}, Kind=${kind}'`
  const from = storage.info.namespaced ? ref.namespace ?? a.namespace : ''
  const wanted = labelSelector(ref.selector)
  const one = ref.name ? a.write.get(storage.storage, from, ref.name) : undefined
  const found = ref.name ? (one === undefined ? [] : [one]) : [...a.write.list(storage.storage, storage.info.namespaced ? from : undefined)].filter((o) => matches(wanted, o.metadata.labels))
  return found.length > 0 || ref.parameterNotFoundAction === 'Allow' ? found : 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'
}

function definedKind(a: AdmissionAttributes, group: string, kind: string): { readonly storage: string; readonly info: { readonly namespaced: boolean } } | undefined {
  type Definition = KubeObject & { readonly spec: { readonly group: string; readonly scope: string; readonly names: { readonly kind: string; readonly plural: string } } }
  for (const { spec } of a.write.list('customresourcedefinitions') as Iterable<Definition>) {
    if (spec.group === group && spec.names.kind === kind) return { storage: `${spec.names.plural}.${group}`, info: { namespaced: spec.scope === 'Namespaced' } }
  }
  return undefined
}
