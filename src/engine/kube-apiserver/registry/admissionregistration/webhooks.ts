import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '../../../api'
import { dns1035LabelErrors, dns1123SubdomainErrors, duplicate, invalid, notSupported, portNumberErrors, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { validateLabelSelector } from '../validation/label-selector'
import { conditionErrors, ruleErrors } from './policies'

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration
type Webhook = NonNullable<Configuration['webhooks']>[number]

const REVIEWS = ['v1', 'v1beta1']
const EFFECTS = ['None', 'NoneOnDryRun']

function defaultWebhooks(list: readonly Webhook[] | undefined | null): void {
  for (const webhook of list ?? []) {
    webhook.failurePolicy ??= 'Fail'
    webhook.matchPolicy ??= 'Equivalent'
    webhook.namespaceSelector ??= {}
    webhook.objectSelector ??= {}
    webhook.timeoutSeconds ??= 10
    for (const rule of webhook.rules ?? []) rule.scope ??= '*'
    if (webhook.clientConfig?.service != null) webhook.clientConfig.service.port ??= 443
  }
}

/** Upstream: admissionregistration validation validateValidatingWebhook, validateMutatingWebhook */
function validate(o: Configuration): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  ;(o.webhooks ?? []).forEach((webhook, i) => {
    const at = `webhooks[${i}]`
    errors.push(...nameErrors(webhook.name ?? '', `${at}.name`))
    ;(webhook.rules ?? []).forEach((rule, j) => errors.push(...ruleErrors(rule, `${at}.rules[${j}]`)))
    const oneOf = (field: 'failurePolicy' | 'matchPolicy' | 'sideEffects', values: readonly string[]): void => {
      if (webhook[field] != null && !values.includes(webhook[field])) errors.push(notSupported(`${at}.${field}`, webhook[field], values))
    }
    oneOf('failurePolicy', ['Fail', 'Ignore'])
    oneOf('matchPolicy', ['Equivalent', 'Exact'])
    if (webhook.sideEffects == null) errors.push(required(`${at}.sideEffects`, `must specify one of ${EFFECTS.join(', ')}`))
    oneOf('sideEffects', EFFECTS)
    const seconds = webhook.timeoutSeconds
    if (seconds != null && (seconds > 30 || seconds < 1)) errors.push(invalid(`${at}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds'))
    errors.push(...validateLabelSelector(webhook.namespaceSelector, `${at}.namespaceSelector`), ...validateLabelSelector(webhook.objectSelector, `${at}.objectSelector`))
    errors.push(...clientErrors(webhook.clientConfig ?? {}, `${at}.clientConfig`), ...conditionErrors(webhook.matchConditions, false, `${at}.matchConditions`))
    if ('reinvocationPolicy' in webhook && webhook.reinvocationPolicy !== 'Never' && webhook.reinvocationPolicy !== 'IfNeeded') errors.push(notSupported(`${at}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never']))
    errors.push(...reviewErrors(webhook.admissionReviewVersions ?? [], `${at}.admissionReviewVersions`))
    if (names.has(webhook.name)) errors.push(duplicate(`${at}.name`, webhook.name))
    names.add(webhook.name)
  })
  return errors
}

/** Upstream: util/validation IsFullyQualifiedName */
function nameErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)]
  const wrong = dns1123SubdomainErrors(name)
  if (wrong.length > 0) return [invalid(path, name, wrong.join(','))]
  return name.split('.').length < 3 ? [invalid(path, name, 'should be a domain with at least three segments separated by dots')] : []
}

/** Upstream: apiserver/pkg/util/webhook/validation.go */
function clientErrors({ url, service }: Partial<Webhook['clientConfig']>, path: string): FieldError[] {
  if ((url == null) === (service == null)) return [required(path, 'exactly one of url or service is required')]
  if (url != null) return urlErrors(url, `${path}.url`)
  const { name, namespace, path: route, port } = service!
  const at = `${path}.service`
  const errors: FieldError[] = []
  if (!name) errors.push(required(`${at}.name`, 'service name is required'))
  if (!namespace) errors.push(required(`${at}.namespace`, 'service namespace is required'))
  for (const message of portNumberErrors(port ?? 443)) errors.push(invalid(`${at}.port`, port ?? 443, `port is not valid: ${message}`))
  if (route == null || route === '/') return errors
  if (!route.startsWith('/')) return [...errors, invalid(`${at}.path`, route, "must start with a '/'")]
  const steps = route.slice(1).split('/')
  steps.forEach((step, i) => {
    if (step === '' && i < steps.length - 1) errors.push(invalid(`${at}.path`, route, `segment[${i}] may not be empty`))
  })
  return errors
}

function urlErrors(url: string, path: string): FieldError[] {
  const form = '; desired format: https://host[/path]'
  const [, scheme = '', user, host = '', query, fragment] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^/@]*)@)?([^/?#]*)[^?#]*(\?[^#]*)?(#.*)?$/.exec(url) ?? []
  const errors: FieldError[] = []
  if (scheme !== 'https') errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${form}`))
  if (host === '') errors.push(invalid(path, host, `host must be specified${form}`))
  if (user !== undefined) errors.push(invalid(path, user, 'user information is not permitted in the URL'))
  if (fragment !== undefined) errors.push(invalid(path, fragment.slice(1), 'fragments are not permitted in the URL'))
  if (query !== undefined) errors.push(invalid(path, query.slice(1), 'query parameters are not permitted in the URL'))
  return errors
}

/** Upstream: validateAdmissionReviewVersions */
function reviewErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path, `must specify one of ${REVIEWS.join(', ')}`)]
  const errors: FieldError[] = []
  versions.forEach((version, i) => {
    if (versions.indexOf(version) < i) errors.push(invalid(`${path}[${i}]`, version, 'duplicate version'))
    else for (const message of dns1035LabelErrors(version)) errors.push(invalid(`${path}[${i}]`, version, message))
  })
  return versions.some((version) => REVIEWS.includes(version)) ? errors : [...errors, invalid(path, versions, `must include at least one of ${REVIEWS.join(', ')}`)]
}

/** MutatingWebhookConfiguration. Upstream: pkg/registry/admissionregistration/mutatingwebhookconfiguration */
export const mutatingWebhookConfiguration = define<MutatingWebhookConfiguration>({
  resource: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  hasGeneration: true,
  defaults(o) {
    defaultWebhooks(o.webhooks)
    for (const webhook of o.webhooks ?? []) webhook.reinvocationPolicy ??= 'Never'
  },
  validate,
  validateUpdate: (o) => validate(o),
  columns: [nameColumn, column('Webhooks', (o) => o.webhooks?.length ?? 0, 'integer'), ageColumn],
})

/** ValidatingWebhookConfiguration. Upstream: pkg/registry/admissionregistration/validatingwebhookconfiguration */
export const validatingWebhookConfiguration = define<ValidatingWebhookConfiguration>({
  resource: 'validatingwebhookconfigurations',
  categories: ['api-extensions'],
  hasGeneration: true,
  defaults(o) {
    defaultWebhooks(o.webhooks)
  },
  validate,
  validateUpdate: (o) => validate(o),
  columns: [nameColumn, column('Webhooks', (o) => o.webhooks?.length ?? 0, 'integer'), ageColumn],
})
