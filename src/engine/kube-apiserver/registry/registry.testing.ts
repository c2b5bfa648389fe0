import { decodeStrict, resourceOfKind, type ResourceInfo } from '../../api'
import { fieldErrorText, parseApiVersion, parseTime, translateTimestamp, type FieldError, type KubeObject } from '../../apimachinery'
import { strategyOf } from './index'
import type { PrintContext, ResourceStrategy, WriteContext } from './strategy'
import { validateObjectMeta, validateObjectMetaUpdate } from './validation/object-meta'

/** µs of the moment at which upstream's printer tests ran. */
export const TEST_NOW = parseTime('2026-11-20T07:35:18.9Z')!

/** A write as the pipeline sees it, alone in an empty cluster. */
export function writeContext(objects: Readonly<Record<string, readonly KubeObject[]>> = {}): WriteContext {
  return {
    now: TEST_NOW, time: '2026-11-20T07:35:18Z', user: 'kubernetes-admin', subresource: '',
    get: (resource, namespace, name) => objects[resource]?.find((o) => o.metadata.name === name && (o.metadata.namespace ?? '') === namespace),
    list: (resource) => objects[resource] ?? [],
    changedAt: () => 0,
    draw: () => 0,
    warn: () => undefined,
  }
}

/** Ages at the test's moment. */
export const printContext: PrintContext = { now: TEST_NOW, wide: true, age: (t) => translateTimestamp(t ?? undefined, TEST_NOW) }

function kindOf(manifest: { apiVersion?: string; kind?: string }): { info: ResourceInfo; strategy: ResourceStrategy } | undefined {
  const info = resourceOfKind(parseApiVersion(manifest.apiVersion ?? '').group, manifest.kind ?? '')
  const strategy = info === undefined ? undefined : strategyOf(info.resource)
  return info === undefined || strategy === undefined ? undefined : { info, strategy }
}

/** Creates an object without admission and storage: decode, default, prepare, check, allocate. */
export function create(manifest: any, write = writeContext()): { object: any; errors: FieldError[] } | { error: string } {
  const found = kindOf(manifest)
  if (found === undefined) return { error: 'no such kind' }
  const { info, strategy } = found
  const decoded = decodeStrict(info.kind, structuredClone(manifest))
  if (decoded.error !== undefined || decoded.unknown.length > 0) return { error: decoded.error ?? decoded.unknown.join(', ') }
  const object = decoded.object as unknown as KubeObject
  object.apiVersion = manifest.apiVersion
  object.kind = manifest.kind
  object.metadata ??= { name: '' }
  if (object.metadata.generateName !== undefined && !object.metadata.name) object.metadata.name = `${object.metadata.generateName}bcdfg`
  if (info.namespaced) object.metadata.namespace ??= 'default'
  object.metadata.uid = '00000000-0000-4000-8000-000000000001'
  strategy.defaults?.(object)
  strategy.prepareForCreate?.(object, write)
  if (strategy.hasGeneration) object.metadata.generation = 1
  const errors = [...validateObjectMeta(object, info.namespaced, strategy.validateName), ...(strategy.validate?.(object, write) ?? [])]
  if (errors.length === 0) errors.push(...(strategy.afterValidation?.(object, undefined, write) ?? []))
  return { object, errors }
}

/** Changes a stored object; `next` is the whole new object. */
export function update(next: any, old: any, write = writeContext()): FieldError[] {
  const { info, strategy } = kindOf(old)!
  const object = decodeStrict(info.kind, structuredClone(next)).object as unknown as KubeObject
  object.metadata.resourceVersion = '1'
  strategy.defaults?.(object)
  strategy.prepareForUpdate?.(object, old, write)
  const errors = [...validateObjectMetaUpdate(object, old), ...(strategy.validateUpdate?.(object, old, write) ?? [])]
  if (errors.length === 0) errors.push(...(strategy.afterValidation?.(object, old, write) ?? []))
  return errors
}

/** What kubectl prints of an Invalid answer. */
export function kubectlText(kind: string, name: string, errors: readonly FieldError[]): string {
  const texts = errors.map(fieldErrorText)
  return `The ${kind} "${name}" is invalid: ${texts.length === 1 ? texts[0]! : texts.map((t) => `\n* ${t}`).join('')}\n`
}
