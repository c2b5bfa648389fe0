import type { PriorityLevelConfiguration } from '../../../api'
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'

type Queuing = NonNullable<NonNullable<PriorityLevelConfiguration['spec']['limited']>['limitResponse']>['queuing']

/** Upstream: flowcontrol validation ValidatePriorityLevelConfigurationSpec */
function validate({ metadata, spec }: PriorityLevelConfiguration): FieldError[] {
  const { type, limited, exempt } = spec
  const errors: FieldError[] = []
  if ((metadata.name === 'exempt') !== (type === 'Exempt')) {
    errors.push(invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"))
  }
  if (type === 'Exempt') {
    if (limited != null) errors.push(forbidden('spec.limited', "must be nil if the type is not 'Limited'"))
    errors.push(...shares(exempt, 'spec.exempt'))
  } else if (type === 'Limited') {
    if (exempt != null) errors.push(forbidden('spec.exempt', "must be nil if the type is 'Limited'"))
    if (limited == null) return [...errors, required('spec.limited', 'must not be empty when type is Limited')]
    errors.push(...shares(limited, 'spec.limited'))
    const percent = limited.borrowingLimitPercent
    if (percent != null && percent < 0) errors.push(invalid('spec.limited.borrowingLimitPercent', percent, 'if specified, must be a non-negative integer'))
    const { type: response, queuing } = limited.limitResponse ?? {}
    if (response === 'Queue') {
      if (queuing == null) errors.push(required('spec.limited.limitResponse.queuing', 'must not be empty if limited.limitResponse.type is Queue'))
      else errors.push(...queuingErrors(queuing, 'spec.limited.limitResponse.queuing'))
    } else if (response !== 'Reject') errors.push(notSupported('spec.limited.limitResponse.type', response ?? '', ['Queue', 'Reject']))
    else if (queuing != null) errors.push(forbidden('spec.limited.limitResponse.queuing', "must be nil if limited.limitResponse.type is not Limited"))
  } else errors.push(notSupported('spec.type', type, ['Exempt', 'Limited']))
  return errors
}

function shares(o: { readonly nominalConcurrencyShares?: number; readonly lendablePercent?: number } | null | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { nominalConcurrencyShares: n, lendablePercent: percent } = o ?? {}
  if (n != null && n < 0) errors.push(invalid(`${path}.nominalConcurrencyShares`, n, 'must be a non-negative integer'))
  if (percent != null && (percent < 0 || percent > 100)) errors.push(invalid(`${path}.lendablePercent`, percent, 'must be between 0 and 100, inclusive'))
  return errors
}

const MOST_QUEUES = 10_000_000

function queuingErrors(queuing: NonNullable<Queuing>, path: string): FieldError[] {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing
  const errors: FieldError[] = []
  if (queueLengthLimit <= 0) errors.push(invalid(`${path}.queueLengthLimit`, queueLengthLimit, 'must be positive'))
  if (queues <= 0) errors.push(invalid(`${path}.queues`, queues, 'must be positive'))
  else if (queues > MOST_QUEUES) errors.push(invalid(`${path}.queues`, queues, `must not be greater than ${MOST_QUEUES}`))
  if (handSize <= 0) errors.push(invalid(`${path}.handSize`, handSize, 'must be positive'))
  else if (handSize > queues) errors.push(invalid(`${path}.handSize`, handSize, `should not be greater than queues (${queues})`))
  return errors
}

const ofQueue = (o: PriorityLevelConfiguration, field: keyof NonNullable<Queuing>): string | number => o.spec.limited?.limitResponse?.queuing?.[field] ?? '<none>'

/** PriorityLevelConfiguration: a share of the server. Kept; this server queues nothing. Upstream: pkg/registry/flowcontrol/prioritylevelconfiguration */
export const priorityLevelConfiguration = define<PriorityLevelConfiguration>({
  resource: 'prioritylevelconfigurations',
  subresources: ['status'],
  hasGeneration: true,
  defaults({ spec }) {
    const { exempt, limited } = spec
    if (exempt != null) {
      exempt.nominalConcurrencyShares ??= 0
      exempt.lendablePercent ??= 0
    }
    if (limited == null) return
    limited.nominalConcurrencyShares ??= 30
    limited.lendablePercent ??= 0
    const queuing = limited.limitResponse?.queuing
    if (queuing == null) return
    queuing.handSize ||= 8
    queuing.queues ||= 64
    queuing.queueLengthLimit ||= 50
  },
  prepareForCreate(o) {
    o.status = {}
  },
  validate,
  validateUpdate: (o) => validate(o),
  columns: [
    nameColumn, column('Type', (o) => o.spec.type), column('NominalConcurrencyShares', (o) => (o.spec.limited ?? o.spec.exempt)?.nominalConcurrencyShares ?? '<none>'),
    column('Queues', (o) => ofQueue(o, 'queues')), column('HandSize', (o) => ofQueue(o, 'handSize')), column('QueueLengthLimit', (o) => ofQueue(o, 'queueLengthLimit')), ageColumn,
  ],
})
