import type { Job, Pod } from '../../api'
import { cacheKey } from '../../client-go'

/** What a job's podFailurePolicy says of a failed pod. */
export interface Verdict {
  readonly action: 'FailJob' | 'Ignore' | 'Count' | 'FailIndex' | undefined
  /** Of FailJob. */
  readonly message: string
}

const known: ReadonlySet<string> = new Set(['FailJob', 'Ignore', 'Count', 'FailIndex'])

/** The first rule that matches; rules of unknown actions do not count. Upstream: pkg/controller/job/pod_failure_policy.go matchPodFailurePolicy */
export function matchFailurePolicy(job: Job, pod: Pod): Verdict {
  for (const [i, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const action = rule.action as Verdict['action']
    if (!known.has(rule.action)) continue
    const codes = rule.onExitCodes
    if (codes) {
      const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
      const hit = statuses.find((s) => {
        const t = s.state?.terminated
        if (t === undefined || t.exitCode === 0 || (codes.containerName && codes.containerName !== s.name)) return false
        return codes.operator === 'In' ? codes.values.includes(t.exitCode) : !codes.values.includes(t.exitCode)
      })
      if (hit) return { action, message: `Container ${hit.name} for pod ${cacheKey(pod)} failed with exit code ${hit.state?.terminated?.exitCode} matching ${action} rule at index ${i}` }
    } else {
      const hit = (rule.onPodConditions ?? []).find((p) => pod.status?.conditions?.some((c) => c.type === p.type && c.status === (p.status ?? 'True')))
      if (hit) return { action, message: `Pod ${cacheKey(pod)} has condition ${hit.type} matching ${action} rule at index ${i}` }
    }
  }
  return { action: undefined, message: '' }
}
