import type { CustomResourceDefinition, ResourceInfo } from '../api'
import { condition } from './conditions'
import type { ControllerEnv } from './controller'

/** Addresses of a definition's resource, one for each version that is served, the preferred first; none until it is established. */
export function customResourcesOf(crd: CustomResourceDefinition): readonly ResourceInfo[] {
  if (condition(crd.status?.conditions, 'Established')?.status !== 'True') return []
  const { group, names, scope, versions } = crd.spec
  return versions.filter((v) => v.served).map((v) => ({ resource: names.plural, kind: names.kind, group, version: v.name, namespaced: scope === 'Namespaced' }))
}

/** Name of a custom resource in caches, graphs and informers. */
export const customName = (info: Pick<ResourceInfo, 'resource' | 'group'>): string => `${info.resource}.${info.group}`

/** One address of each custom resource that is served. Needs the informer `customresourcedefinitions`. */
export function customResources(env: Pick<ControllerEnv, 'cache'>): readonly ResourceInfo[] {
  const crds = env.cache<CustomResourceDefinition>('customresourcedefinitions')
  if (crds.size === 0) return []
  return [...crds.list()].flatMap((crd) => customResourcesOf(crd).slice(0, 1))
}

/** Address of a custom kind, as the cache of definitions tells it. Needs the informer `customresourcedefinitions`. Upstream: RESTMapper over discovery */
export function customResourceOfKind(env: Pick<ControllerEnv, 'cache'>, group: string, kind: string): ResourceInfo | undefined {
  for (const crd of env.cache<CustomResourceDefinition>('customresourcedefinitions').list()) {
    if (crd.spec.group === group && crd.spec.names.kind === kind) return customResourcesOf(crd)[0]
  }
  return undefined
}
