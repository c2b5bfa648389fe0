import { apiVersionOf, gatedResources, resources, type CustomResourceSubresourceScale, type JSONSchemaProps, type ResourceInfo } from '../api'
import type { GroupResource, KubeObject } from '../apimachinery'
import { gatedStrategies, strategies } from './registry'
import type { ResourceStrategy } from './registry/strategy'

/** What is known of a custom kind besides its address. */
export interface CustomKind {
  readonly schema: JSONSchemaProps | undefined
  readonly isServed: boolean
  readonly scale: CustomResourceSubresourceScale | undefined
}

/** A resource that the server serves: its address and its behaviour. Functions inside: never part of the state. */
export interface Served {
  readonly info: ResourceInfo
  readonly strategy: ResourceStrategy
  readonly apiVersion: string
  readonly gr: GroupResource
  /** Name in the watch cache and second part of its keys in etcd. */
  readonly storage: string
  /** Set for a resource of a CustomResourceDefinition. */
  readonly custom?: CustomKind | undefined
}

let builtIn: Map<string, Served> | undefined

function table(): Map<string, Served> {
  if (builtIn) return builtIn
  const byResource = new Map([...strategies, ...gatedStrategies].map((s) => [s.resource, s]))
  builtIn = new Map([...resources, ...gatedResources.map(([info]) => info)].map((info) => [info.resource, serve(info, byResource.get(info.resource) ?? generic(info), info.resource)]))
  return builtIn
}

/** Puts an address and a behaviour together. */
export function serve(info: ResourceInfo, strategy: ResourceStrategy, storage: string): Served {
  return { info, strategy, apiVersion: apiVersionOf(info), gr: { group: info.group, resource: info.resource }, storage }
}

const gated = new Set(gatedResources.map(([info]) => info))

/** The built-in resources that every server has, in discovery order. */
export function servedResources(): Served[] {
  return [...table().values()].filter(({ info }) => !gated.has(info))
}

/** What flags turned on besides, by `settings.gated`. */
export function gatedServed(names: readonly string[] | undefined): Served[] {
  return (names ?? []).flatMap((name) => table().get(name) ?? [])
}

/** A built-in resource by its plural name. */
export function servedByName(resource: string): Served | undefined {
  return table().get(resource)
}

/** The resource of a path; undefined when this group and version does not have it. */
export function findServed(group: string, version: string, resource: string): Served | undefined {
  const found = table().get(resource)
  return found !== undefined && found.info.group === group && found.info.version === version ? found : undefined
}

/** Whether a resource waits for a flag that was not given. */
export function isOff({ info }: Served, names: readonly string[] | undefined): boolean {
  return info.version === 'v1beta1' && gated.has(info) && names?.includes(info.resource) !== true
}

/** Key of an object in etcd. */
export function storageKey(served: Served, namespace: string, name: string): string {
  return served.info.namespaced ? `/registry/${served.storage}/${namespace}/${name}` : `/registry/${served.storage}/${name}`
}

/** Key of an object's storage in etcd that holds all of a resource. */
export function storagePrefix(served: Served): string {
  return `/registry/${served.storage}/`
}

/** Storage name in a key. */
export function storageOfKey(key: string): string {
  return key.slice(10, key.indexOf('/', 10))
}

/** Behaviour of a kind that has no file in the registry: nothing is defaulted, everything is accepted. */
export function generic(info: ResourceInfo): ResourceStrategy {
  return {
    resource: info.resource, singular: info.kind.toLowerCase(), shortNames: [], subresources: ['status'], hasStatus: true, hasGeneration: false,
    columns: [
      { name: 'Name', type: 'string', format: 'name', priority: 0, value: (o) => o.metadata.name },
      { name: 'Age', type: 'string', priority: 0, value: (o, print) => print.age(o.metadata.creationTimestamp) },
    ],
  }
}

/** The kinds that a PUT may create. Upstream: AllowCreateOnUpdate of the strategies */
export function createsOnUpdate(resource: string): boolean {
  return createdByPut.has(resource)
}

const createdByPut = new Set(['endpoints', 'endpointslices', 'events', 'leases', 'limitranges', 'roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'])

/** `status` and the like: everything of an object but its metadata. */
export type Body = KubeObject & Record<string, unknown>
