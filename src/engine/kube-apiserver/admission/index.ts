import { forbiddenStatus, type Status } from '../../apimachinery'
import { defaultTolerationSeconds } from './default-toleration-seconds'
import { namespaceLifecycle } from './namespace-lifecycle'
import { podTopologyLabels } from './pod-topology-labels'
import type { AdmissionAttributes, AdmissionPlugin, Refusal } from './plugin'
import { priority } from './priority'
import { serviceAccount } from './service-account'
import { storageObjectInUseProtection } from './storage-object-in-use-protection'
import { taintNodesByCondition } from './taint-nodes-by-condition'

/** The plugins in the order in which they run. Upstream: pkg/kubeapiserver/options/plugins.go AllOrderedPlugins */
export const admissionPlugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  serviceAccount,
  taintNodesByCondition,
  priority,
  defaultTolerationSeconds,
  storageObjectInUseProtection,
  podTopologyLabels,
]

/** Runs the mutating plugins; returns the first refusal. */
export function admit(a: AdmissionAttributes): Status | undefined {
  for (const p of admissionPlugins) {
    const refused = p.admit?.(a)
    if (refused !== undefined) return status(a, refused)
  }
  return undefined
}

/** Runs the validating plugins; returns the first refusal. */
export function validateAdmission(a: AdmissionAttributes): Status | undefined {
  for (const p of admissionPlugins) {
    const refused = p.validate?.(a)
    if (refused !== undefined) return status(a, refused)
  }
  return undefined
}

function status(a: AdmissionAttributes, refused: Refusal): Status {
  if (typeof refused !== 'string') return refused
  return forbiddenStatus(a.served.gr, a.name || a.object?.metadata.generateName || '', refused)
}
