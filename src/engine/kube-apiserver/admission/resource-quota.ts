import { plusAmounts, quotaConstraint, quotaDelta, quotaMatches, quotaResourcesOf, quotaUsage, type ResourceAmounts, type ResourceQuota } from '../../api'
import { addQuantity, quantity, type KubeObject } from '../../apimachinery'
import type { AdmissionAttributes, AdmissionPlugin, Refusal } from './plugin'

const ignored = new Set(['events', 'leases'])
const chargedOnUpdate = new Set(['services', 'persistentvolumeclaims'])

/**
 * Refuses what a namespace's quotas do not allow. What it allows is added to their status in the transaction of the object itself
 * (upstream: a write of its own before it). Upstream: apiserver/pkg/admission/plugin/resourcequota/controller.go
 */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  validate(a) {
    const { served, operation, namespace, subresource, write } = a
    if (namespace === '' || !served.info.namespaced || ignored.has(served.storage) || operation === 'DELETE') return undefined
    const resize = served.storage === 'pods' && subresource === 'resize'
    if (subresource !== '' && !resize) return undefined
    if (operation === 'UPDATE' && !resize && !chargedOnUpdate.has(served.storage)) return undefined
    const quotas = [...write.list('resourcequotas', namespace)] as ResourceQuota[]
    if (quotas.length === 0) return undefined
    quotas.sort((x, y) => (x.metadata.name < y.metadata.name ? -1 : 1))
    const charged = checkQuotas(quotas, a)
    if (!Array.isArray(charged)) return charged
    for (const object of charged) a.alongside.push({ storage: 'resourcequotas', object: object as KubeObject })
    return undefined
  },
}

/** The quotas with what the request uses added to them (only those that change), or the refusal. Upstream: CheckRequest. */
export function checkQuotas(quotas: readonly ResourceQuota[], a: Pick<AdmissionAttributes, 'served' | 'object' | 'old' | 'write'>): Refusal | ResourceQuota[] {
  const { served: { gr: { group, resource } }, old, write } = a
  const object = a.object as KubeObject
  const interesting: { quota: ResourceQuota; names: string[] }[] = []
  for (const quota of quotas) {
    const hard = Object.keys(quota.status?.hard ?? {})
    if (!quotaMatches(quota, group, resource, object, hard)) continue
    const names = quotaResourcesOf(group, resource, hard)
    const failed = quotaConstraint(resource, object, names)
    if (failed !== undefined) return `failed quota: ${quota.metadata.name}: ${failed}`
    if (names.some((n) => quota.status?.used?.[n] === undefined)) return `status unknown for quota: ${quota.metadata.name}, resources: ${names.sort().join(',')}`
    interesting.push({ quota, names })
  }
  if (interesting.length === 0) return []
  const usage = quotaUsage(group, resource, object, write.now)
  const before = old === undefined ? undefined : quotaUsage(group, resource, old, write.now)
  const charged: ResourceQuota[] = []
  for (const { quota } of interesting) {
    const hard = quota.status?.hard ?? {}
    const used = quota.status?.used ?? {}
    const isDelta = before !== undefined && quotaMatches(quota, group, resource, old as KubeObject, Object.keys(hard))
    const all = isDelta ? quotaDelta(usage, before) : usage
    const requested: ResourceAmounts = {}
    for (const k in all) if (hard[k] !== undefined && all[k]!.nano !== 0n) requested[k] = all[k]!
    const names = Object.keys(requested).sort()
    if (names.length === 0) continue
    const exceeded = names.filter((k) => addQuantity(quantity(used[k]), requested[k]!).nano > quantity(hard[k]).nano)
    if (exceeded.length > 0) {
      const list = (text: (k: string) => string): string => exceeded.map((k) => `${k}=${text(k)}`).join(',')
      return `exceeded quota: ${quota.metadata.name}, requested: ${list((k) => requested[k]!.text)}, used: ${list((k) => used[k] ?? '0')}, limited: ${list((k) => hard[k]!)}`
    }
    charged.push({ ...quota, status: { ...quota.status, used: plusAmounts(used, requested) } })
  }
  return charged
}
