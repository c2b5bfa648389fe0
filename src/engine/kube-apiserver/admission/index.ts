import { forbiddenStatus, type Status } from '../../apimachinery'
import type { Served } from '../served'
import { alwaysPullImages } from './always-pull-images'
import { defaultIngressClass } from './default-ingress-class'
import { defaultStorageClass } from './default-storage-class'
import { defaultTolerationSeconds } from './default-toleration-seconds'
import { limitRanger } from './limit-ranger'
import { mutatingAdmissionPolicy } from './mutating-admission-policy'
import { namespaceLifecycle } from './namespace-lifecycle'
import { nodeRestriction } from './node-restriction'
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize'
import { podSecurity } from './pod-security'
import { podTopologyLabels } from './pod-topology-labels'
import type { AdmissionAttributes, AdmissionPlugin, Refusal } from './plugin'
import { priority } from './priority'
import { rbacEscalation } from './rbac-escalation'
import { resourceQuota } from './resource-quota'
import { runtimeClass } from './runtime-class'
import { serviceAccount } from './service-account'
import { storageObjectInUseProtection } from './storage-object-in-use-protection'
import { taintNodesByCondition } from './taint-nodes-by-condition'
import { validatingAdmissionPolicy } from './validating-admission-policy'
import { mutatingAdmissionWebhook, validatingAdmissionWebhook } from './webhooks'

/** The plugins in the order in which they run. Upstream: pkg/kubeapiserver/options/plugins.go AllOrderedPlugins */
export const admissionPlugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  alwaysPullImages,
  nodeRestriction,
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  persistentVolumeClaimResize,
  runtimeClass,
  defaultIngressClass,
  podTopologyLabels,
  rbacEscalation,
  mutatingAdmissionPolicy,
  mutatingAdmissionWebhook,
  validatingAdmissionPolicy,
  validatingAdmissionWebhook,
  resourceQuota,
]

/** Runs the mutating plugins; returns the first refusal. */
export function admit(a: AdmissionAttributes): Status | undefined {
  const { mutating } = chainOf(a)
  for (let i = 0; i < mutating.length; i++) {
    const refused = mutating[i]?.admit?.(a)
    if (refused !== undefined) return status(a, refused)
  }
  return undefined
}

/** Runs the validating plugins; returns the first refusal. */
export function validateAdmission(a: AdmissionAttributes): Status | undefined {
  const { validating } = chainOf(a)
  for (let i = 0; i < validating.length; i++) {
    const refused = validating[i]?.validate?.(a)
    if (refused !== undefined) return status(a, refused)
  }
  return undefined
}

/** The plugins that look at one resource. */
interface Chain {
  readonly mutating: readonly AdmissionPlugin[]
  readonly validating: readonly AdmissionPlugin[]
}

/** Chains of the server as it is without flags, and by the list of plugins that a flag made. */
const chains = new WeakMap<Served, Chain>()
const otherChains = new WeakMap<readonly string[], WeakMap<Served, Chain>>()

function chainOf({ served, write }: AdmissionAttributes): Chain {
  const names = write.settings?.plugins
  if (names === undefined) return chainIn(chains, served, (p) => !offByDefault.has(p))
  let known = otherChains.get(names)
  if (known === undefined) otherChains.set(names, (known = new WeakMap()))
  return chainIn(known, served, (p) => !upstreamPlugin(p) || names.includes(p.name))
}

/** Plugins that a flag has to ask for. */
const offByDefault = new Set<AdmissionPlugin>([alwaysPullImages])

/** Not a plugin upstream, but a part of the registry: no flag turns it off. */
function upstreamPlugin(plugin: AdmissionPlugin): boolean {
  return plugin !== rbacEscalation
}

function chainIn(known: WeakMap<Served, Chain>, served: Served, isOn: (plugin: AdmissionPlugin) => boolean): Chain {
  let chain = known.get(served)
  if (chain === undefined) {
    const plugins = admissionPlugins.filter((p) => isOn(p) && (p.resources?.includes(served.storage) ?? true))
    known.set(served, (chain = { mutating: plugins.filter((p) => p.admit !== undefined), validating: plugins.filter((p) => p.validate !== undefined) }))
  }
  return chain
}

function status(a: AdmissionAttributes, refused: Refusal): Status {
  if (typeof refused !== 'string') return refused
  return forbiddenStatus(a.served.gr, a.name || a.object?.metadata.generateName || '', refused)
}
