import { quotaResourcesOf, quotaScopes, quotaUsage, resources, plusAmounts, scopeFits, type PersistentVolumeClaim, type Pod, type ResourceInfo, type ResourceQuota, type Service } from '../../api'
import { compareQuantity, quantity, type KubeObject } from '../../apimachinery'
import { cacheKey } from '../../client-go'
import { MINUTE } from '../../sim'
import type { Controller, ControllerEnv } from '../controller'
import { isPodTerminal } from '../pods'
import { updateObject } from '../requests'

/** What can be counted. Upstream: quotainstall.DefaultIgnoredResources */
const counted: readonly ResourceInfo[] = resources.filter((r) => r.namespaced && r.resource !== 'events')
const byName = new Map(counted.map((r) => [r.resource, r]))

/**
 * Counts again what quotas limit: when a quota's limits change, when something counted goes away or shrinks, and every 5 minutes.
 * What is created is charged by admission. Upstream: pkg/controller/resourcequota/{resource_quota_controller,resource_quota_monitor}.go
 */
export const resourceQuotaController: Controller<null> = {
  name: 'resourcequota',
  component: 'resourcequota-controller',
  resource: 'resourcequotas',
  informers: counted.map((r) => ({ resource: r.resource })),
  workers: 5,
  period: 5 * MINUTE,
  start: () => null,

  onDelta(delta, env) {
    const { resource, type, object, old } = delta
    const quotas = env.cache<ResourceQuota>('resourcequotas')
    if (resource === 'resourcequotas' && type !== 'deleted') {
      const [now, before] = [object as ResourceQuota, old as ResourceQuota | undefined]
      if (before === undefined || !sameAmounts(now.spec?.hard, before.spec?.hard)) env.enqueue(cacheKey(object))
      return
    }
    if (quotas.size === 0 || (type !== 'deleted' && (old === undefined || !shrinks(resource, object, old)))) return
    const group = byName.get(resource)?.group ?? ''
    for (const q of quotas.list())
      if (q.metadata.namespace === object.metadata.namespace && quotaResourcesOf(group, resource, Object.keys(q.status?.hard ?? {})).length > 0) env.enqueue(cacheKey(q))
  },

  onPeriod(env) {
    for (const key of env.cache('resourcequotas').keys()) env.enqueue(key)
  },

  reconcile(key, env) {
    const q = env.cache<ResourceQuota>('resourcequotas').byKey(key)
    if (q === undefined) return []
    const hard = q.spec?.hard ?? {}
    const used = usage(q, env)
    for (const name in q.status?.used ?? {}) if (hard[name] !== undefined) used[name] ??= q.status?.used?.[name] as string
    if (sameAmounts(hard, q.status?.hard) && q.status?.hard !== undefined && sameAmounts(used, q.status.used)) return []
    return [updateObject('resourcequotas', { ...q, status: { hard, used } } as KubeObject, 'status', { ignore: ['NotFound'] })]
  },
}

/** Upstream: quota.CalculateUsage */
export function usage(q: ResourceQuota, env: Pick<ControllerEnv<null>, 'cache' | 'ctx'>): Record<string, string> {
  const names = Object.keys(q.spec?.hard ?? {})
  const now = env.ctx.wallMicros()
  const out: Record<string, string> = {}
  for (const { group, resource } of counted) {
    const mine = quotaResourcesOf(group, resource, names)
    if (mine.length === 0) continue
    let sum: Record<string, string> = Object.fromEntries(mine.map((n) => [n, '0']))
    for (const o of env.cache(resource).list()) {
      if (o.metadata.namespace !== q.metadata.namespace || !quotaScopes(q).every((s) => scopeFits(s, group, resource, o))) continue
      sum = plusAmounts(sum, quotaUsage(group, resource, o, now))
    }
    for (const n of mine) out[n] = sum[n] as string
  }
  return out
}

const sameAmounts = (a: Readonly<Record<string, string>> = {}, b: Readonly<Record<string, string>> = {}): boolean => {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((n) => b[n] !== undefined && compareQuantity(quantity(a[n]), quantity(b[n])) === 0)
}

/** Whether an update gives something back. Upstream: resource_quota_monitor.go DefaultUpdateFilter */
function shrinks(resource: string, o: KubeObject, old: KubeObject): boolean {
  switch (resource) {
    case 'pods':
      return isPodTerminal(o as Pod) && !isPodTerminal(old as Pod)
    case 'services':
      return (o as Service).spec.type !== (old as Service).spec.type
    case 'persistentvolumeclaims':
      return (o as PersistentVolumeClaim).spec.resources?.requests?.storage !== (old as PersistentVolumeClaim).spec.resources?.requests?.storage
    default:
      return false
  }
}
