import type { CustomResourceDefinition, ResourceInfo } from '../api'
import { condition } from './conditions'
import type { ControllerEnv } from './controller'

/** Addresses of a definition's resource, one for each version that is served, the preferred first; none until it is established. */
export function customResourcesOf(crd: CustomResourceDefinition): readonly ResourceInfo[] {
  if (condition(crd.status?.conditions, 'Established')?.status !== 'True') return []
  const { group, names, scope, versions } = crd.spec
  return versions.filter((v) => v.served).map((v) => ({ resource: names.plural, kind: names.kind, group, version: v.name, namespaced: scope === 'Namespaced' }))
}

/** Address of a custom kind, as the cache of definitions tells it. Needs the informer `customresourcedefinitions`. Upstream: RESTMapper over discovery */
export function customResourceOfKind(env: Pick<ControllerEnv, 'cache'>, group: string, kind: string): ResourceInfo | undefined {
  for (const crd of env.cache<CustomResourceDefinition>('customresourcedefinitions').list()) {
    if (crd.spec.group === group && crd.spec.names.kind === kind) return customResourcesOf(crd)[0]
  }
  return undefined
}
