import type { Job, JobSpec } from '../../../api'
import { deepEqual, humanDuration, parseTime } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { defaultPodSpec } from '../defaults/pod-spec'
import { templateColumns } from '../print'
import type { PrintContext } from '../strategy'
import { validateJob, validateJobUpdate } from './job-validation'

const UID = 'batch.kubernetes.io/controller-uid'
const OLD_UID = 'controller-uid'
const NAME = 'batch.kubernetes.io/job-name'
const OLD_NAME = 'job-name'
const MAX_INT32 = 2_147_483_647

/** Defaults of a job's spec, also inside a CronJob. In place. Upstream: SetDefaults_Job. */
export function defaultJobSpec(spec: JobSpec): void {
  if (spec.completions == null && spec.parallelism == null) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex == null ? 6 : MAX_INT32
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  for (const rule of spec.podFailurePolicy?.rules ?? []) for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True'
  spec.podReplacementPolicy ??= spec.podFailurePolicy == null ? 'TerminatingOrFailed' : 'Failed'
  spec.manualSelector ??= false
}

/** A job finds its pods by its own uid; the user may not choose. Upstream: batch/job strategy generateSelector. */
function generateSelector(o: Job): void {
  const { spec } = o
  if (spec.manualSelector === true) return
  const uid = o.metadata.uid ?? ''
  const template = (spec.template.metadata ??= {})
  const labels: Record<string, string> = { ...template.labels }
  labels[NAME] ??= o.metadata.name
  labels[OLD_NAME] ??= o.metadata.name
  labels[UID] ??= uid
  labels[OLD_UID] ??= uid
  template.labels = labels
  spec.selector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, [UID]: spec.selector?.matchLabels?.[UID] ?? uid } }
}

/** The STATUS column. Upstream: printJob. */
export function jobStatus(o: Job): string {
  const is = (type: string): boolean => o.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false
  if (is('Complete')) return 'Complete'
  if (is('Failed')) return 'Failed'
  if (o.metadata.deletionTimestamp !== undefined) return 'Terminating'
  if (is('Suspended')) return 'Suspended'
  if (is('FailureTarget')) return 'FailureTarget'
  if (is('SuccessCriteriaMet')) return 'SuccessCriteriaMet'
  return 'Running'
}

function completions(o: Job): string {
  const done = o.status?.succeeded ?? 0
  if (o.spec.completions != null) return `${done}/${o.spec.completions}`
  const parallelism = o.spec.parallelism ?? 0
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`
}

function duration(o: Job, print: PrintContext): string {
  const start = o.status?.startTime == null ? undefined : parseTime(o.status.startTime)
  if (start === undefined) return ''
  const end = o.status?.completionTime == null ? print.now : parseTime(o.status.completionTime) ?? print.now
  return humanDuration((end - start) / 1_000_000)
}

/** Job. Upstream: pkg/registry/batch/job. */
export const job = define<Job>({
  resource: 'jobs',
  categories: ['all'],
  subresources: ['status'],
  hasGeneration: true,
  defaults(o) {
    defaultJobSpec(o.spec)
    defaultPodSpec(o.spec.template.spec!)
    copyLabels(o)
  },
  prepareForCreate(o) {
    o.status = {}
    generateSelector(o)
    copyLabels(o)
  },
  validate: (o) => validateJob(o),
  validateUpdate: validateJobUpdate,
  fields: { 'status.successful': (o) => String(o.status?.succeeded ?? 0) },
  columns: [
    nameColumn,
    column('Status', jobStatus),
    column('Completions', completions),
    column('Duration', duration),
    ageColumn,
    ...templateColumns<Job>((o) => o.spec.template, (o) => o.spec.selector),
  ],
})

/** A job without labels takes those of its pods. */
function copyLabels(o: Job): void {
  const labels = o.spec.template.metadata?.labels
  if (labels !== undefined && deepEqual(o.metadata.labels ?? {}, {})) o.metadata.labels = { ...labels }
}
