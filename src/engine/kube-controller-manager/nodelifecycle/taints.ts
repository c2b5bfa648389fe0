import type { Node, Taint } from '../../api'
import type { RequestIntent } from '../controller'
import { patchObject } from '../requests'

const notReady = 'node.kubernetes.io/not-ready'
const unreachable = 'node.kubernetes.io/unreachable'
const unschedulable = 'node.kubernetes.io/unschedulable'

/** The taints by which pods are evicted. */
export const notReadyTaint: Taint = Object.freeze({ key: notReady, effect: 'NoExecute' })
/** See notReadyTaint. */
export const unreachableTaint: Taint = Object.freeze({ key: unreachable, effect: 'NoExecute' })

/** Taint key of a condition and status. Upstream: nodeConditionToTaintKeyStatusMap */
const taintOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: notReady, Unknown: unreachable },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
}

const managed: ReadonlySet<string> = new Set([unschedulable, ...Object.values(taintOf).flatMap((m) => Object.values(m))])

const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect

/** Whether a node has a taint, by key and effect. */
export const hasTaint = (node: Node, t: Taint): boolean => node.spec?.taints?.some((x) => same(x, t)) ?? false

/** The NoSchedule taints that a node's conditions and its cordon ask for, against those it has. Upstream: doNoScheduleTaintingPass */
export function noScheduleTaints(node: Node): { readonly add: readonly Taint[]; readonly remove: readonly Taint[] } {
  const wanted: Taint[] = []
  for (const c of node.status?.conditions ?? []) {
    const key = taintOf[c.type]?.[c.status]
    if (key !== undefined) wanted.push({ key, effect: 'NoSchedule' })
  }
  if (node.spec?.unschedulable) wanted.push({ key: unschedulable, effect: 'NoSchedule' })
  const has = (node.spec?.taints ?? []).filter((t) => t.effect === 'NoSchedule' && managed.has(t.key))
  return { add: wanted.filter((t) => !has.some((h) => same(h, t))), remove: has.filter((h) => !wanted.some((t) => same(h, t))) }
}

/**
 * Adds taints, then takes others off: two patches, as upstream. The second follows the first's outcome.
 * Upstream: controllerutil.SwapNodeControllerTaint, controller.PatchNodeTaints
 */
export function swapTaints(node: Node, add: readonly Taint[], remove: readonly Taint[], time: string): RequestIntent[] {
  const out: RequestIntent[] = []
  let taints = node.spec?.taints ?? []
  const fresh = add.filter((t) => !taints.some((x) => same(x, t)))
  if (fresh.length > 0) {
    taints = [...taints, ...fresh.map((t) => ({ ...t, timeAdded: time }))]
    out.push(patchTaints(node, taints, out.length > 0))
  }
  const rest = taints.filter((t) => !remove.some((x) => same(x, t)))
  if (rest.length < taints.length) out.push(patchTaints(node, rest, out.length > 0))
  return out
}

function patchTaints(node: Node, taints: readonly Taint[], second: boolean): RequestIntent {
  // The version guards against taints added meanwhile; after our own patch it is not known.
  const metadata = second ? {} : { metadata: { resourceVersion: node.metadata.resourceVersion } }
  return patchObject('nodes', node, { ...metadata, spec: { taints: taints.length === 0 ? null : taints } }, { ignore: ['NotFound'] })
}
