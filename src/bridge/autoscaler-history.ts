import { quantityMilliValue, type KubeObject } from '../engine/cluster'
import type { AutoscalerHistory } from './protocol'
import type { Session } from './session'

interface Value {
  readonly averageUtilization?: number
  readonly averageValue?: string
  readonly value?: string
}

interface Metric {
  readonly type: string
  readonly [source: string]: unknown
}

interface Autoscaler extends KubeObject {
  readonly spec?: { readonly metrics?: readonly Metric[] }
  readonly status?: { readonly currentReplicas?: number; readonly desiredReplicas?: number; readonly currentMetrics?: readonly (Metric | null)[] }
}

/** Statuses told at most; older ones are left out. */
const mostSamples = 400

/** What an autoscaler wrote into its status, change by change, out of the story's steps and etcd's old revisions. */
export function autoscalerHistory({ branch, cluster, now }: Session, namespace: string, name: string): AutoscalerHistory {
  const samples: AutoscalerHistory['samples'][number][] = []
  const { steps } = branch.story
  for (let i = steps.length - 1; i >= 0 && samples.length < mostSamples; i--) {
    const step = steps[i]
    if (!step || step.at > now || step.object?.name !== name || step.object.namespace !== namespace || !step.object.resource.startsWith('horizontalpodautoscalers')) continue
    const hpa = step.revision > 0 ? (cluster.objectAt(step.revision) as Autoscaler | undefined) : undefined
    if (hpa === undefined || hpa.metadata.name !== name) continue
    const { status } = hpa
    if (status) samples.push({ at: step.endedAt, current: status.currentReplicas ?? 0, desired: status.desiredReplicas ?? 0, values: (hpa.spec?.metrics ?? []).map((_, n) => valueOf(status.currentMetrics?.[n])) })
  }
  return { samples: samples.reverse(), wanted: cluster.recommendations(namespace, name) }
}

/** What is compared with the target: utilization in percent, else the average or the value in thousandths. */
function valueOf(metric: Metric | null | undefined): number | null {
  const source = metric ? Object.values(metric).find((v): v is { readonly current: Value } => typeof v === 'object' && v !== null && 'current' in v) : undefined
  const { averageUtilization, averageValue, value } = source?.current ?? {}
  if (averageUtilization !== undefined) return averageUtilization
  const text = averageValue ?? value
  return text === undefined ? null : quantityMilliValue(text)
}
