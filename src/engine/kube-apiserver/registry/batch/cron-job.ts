import type { CronJob } from '../../../api'
import { isTimeZone } from '../../../sim'
import { invalid, maxLengthError, notSupported, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { defaultPodSpec } from '../defaults/pod-spec'
import { templateColumns } from '../print'
import { cronError } from '../validation/cron'
import { nonNegative } from '../validation/numbers'
import { validateJobSpec } from './job-validation'

const MAX_NAME = 52

function validate(o: CronJob, old?: CronJob): FieldError[] {
  const { spec } = o
  const errors: FieldError[] = []
  if (!spec.schedule) errors.push(required('spec.schedule'))
  else {
    const wrong = cronError(spec.schedule)
    if (wrong !== undefined) errors.push(invalid('spec.schedule', spec.schedule, wrong))
    const isKept = old?.spec.schedule.includes('TZ') === true
    if (spec.schedule.includes('TZ') && isKept && spec.timeZone != null) errors.push(invalid('spec.schedule', spec.schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'))
    else if (spec.schedule.includes('TZ') && !isKept) errors.push(invalid('spec.schedule', spec.schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
  }
  errors.push(...nonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'))
  if (spec.timeZone != null && spec.timeZone !== old?.spec.timeZone) {
    const zone = spec.timeZone
    if (zone === '') errors.push(invalid('spec.timeZone', zone, 'timeZone must be nil or non-empty string'))
    else if (zone.toLowerCase() === 'local') errors.push(invalid('spec.timeZone', zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'))
    else if (!isTimeZone(zone)) errors.push(invalid('spec.timeZone', zone, `unknown time zone ${zone}`))
  }
  const policies = ['Allow', 'Forbid', 'Replace']
  if (!spec.concurrencyPolicy) errors.push(required('spec.concurrencyPolicy'))
  else if (!policies.includes(spec.concurrencyPolicy)) errors.push(notSupported('spec.concurrencyPolicy', spec.concurrencyPolicy, policies))
  const inner = spec.jobTemplate.spec!
  errors.push(...validateJobSpec(inner, 'spec.jobTemplate.spec'))
  if (inner.selector != null) errors.push(invalid('spec.jobTemplate.spec.selector', inner.selector, '`selector` will be auto-generated'))
  if (inner.manualSelector === true) errors.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']))
  errors.push(...nonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'), ...nonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'))
  return errors
}

/** CronJob; its name leaves room for the eleven characters its jobs add. Upstream: pkg/registry/batch/cronjob. */
export const cronJob = define<CronJob>({
  resource: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  subresources: ['status'],
  hasGeneration: true,
  defaults(o) {
    const { spec } = o
    spec.concurrencyPolicy ||= 'Allow'
    spec.suspend ??= false
    spec.successfulJobsHistoryLimit ??= 3
    spec.failedJobsHistoryLimit ??= 1
    const inner = spec.jobTemplate.spec!
    if (inner.template.spec !== undefined) defaultPodSpec(inner.template.spec)
  },
  prepareForCreate(o) {
    o.status = {}
  },
  validate(o) {
    const errors = validate(o)
    const { name } = o.metadata
    if (name !== undefined && name.length > MAX_NAME) errors.push(invalid('metadata.name', name, maxLengthError(MAX_NAME)))
    return errors
  },
  validateUpdate: validate,
  columns: [
    nameColumn,
    column('Schedule', (o) => o.spec.schedule),
    column('Timezone', (o) => o.spec.timeZone ?? '<none>'),
    column('Suspend', (o) => (o.spec.suspend == null ? '<unset>' : o.spec.suspend ? 'True' : 'False')),
    column('Active', (o) => o.status?.active?.length ?? 0, 'integer'),
    column('Last Schedule', (o, print) => (o.status?.lastScheduleTime == null ? '<none>' : print.age(o.status.lastScheduleTime))),
    ageColumn,
    ...templateColumns<CronJob>((o) => o.spec.jobTemplate.spec?.template, (o) => o.spec.jobTemplate.spec?.selector),
  ],
})
