import type { Job, Pod, PodTemplateSpec } from '../../api'
import { podFromTemplate } from '../pod-control'
import { indexAnnotation, podNameWithIndex } from './indexes'
import { trackingFinalizer } from './job-pods'
import { failureAnnotations } from './per-index'

/** A pod of the job; `index` of an Indexed one, in place of `replaced` when the index failed before. Upstream: manageJob, addCompletionIndexAnnotation */
export function podOf(job: Job, index: number | undefined, replaced: Pod | undefined): Pod {
  const ref = { apiVersion: 'batch/v1', kind: 'Job', name: job.metadata.name, uid: job.metadata.uid as string, controller: true, blockOwnerDeletion: true }
  const { template } = job.spec
  const finalizers = [...(template.metadata?.finalizers ?? []).filter((f) => f !== trackingFinalizer), trackingFinalizer]
  const made = podFromTemplate({ ...template, metadata: { ...template.metadata, finalizers } } as PodTemplateSpec, job, ref)
  if (index === undefined) return made
  const text = String(index)
  const env = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexAnnotation}']` } } }
  const withEnv = <C extends { env?: { name: string }[] }>(c: C): C => (c.env?.some((e) => e.name === env.name) ? c : { ...c, env: [...(c.env ?? []), env] })
  const { metadata: m, spec } = made
  const annotations = { ...m.annotations, [indexAnnotation]: text, ...(job.spec.backoffLimitPerIndex != null && failureAnnotations(job, replaced)) }
  return {
    ...made,
    metadata: { ...m, generateName: podNameWithIndex(job.metadata.name, index), annotations, labels: { ...m.labels, [indexAnnotation]: text } },
    spec: { ...spec, hostname: `${job.metadata.name}-${text}`, containers: spec.containers.map(withEnv), ...(spec.initContainers && { initContainers: spec.initContainers.map(withEnv) }) },
  }
}
