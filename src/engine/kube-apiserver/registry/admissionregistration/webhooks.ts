import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '../../../api'
import { ageColumn, column, define, nameColumn } from '../define'

type Webhook = NonNullable<MutatingWebhookConfiguration['webhooks'] | ValidatingWebhookConfiguration['webhooks']>[number]

function defaultWebhooks(list: readonly Webhook[] | undefined | null): void {
  for (const webhook of list ?? []) {
    webhook.failurePolicy ??= 'Fail'
    webhook.matchPolicy ??= 'Equivalent'
    webhook.namespaceSelector ??= {}
    webhook.objectSelector ??= {}
    webhook.timeoutSeconds ??= 10
    for (const rule of webhook.rules ?? []) rule.scope ??= '*'
  }
}

/** MutatingWebhookConfiguration: kept, but no webhook is called. Upstream: pkg/registry/admissionregistration. */
export const mutatingWebhookConfiguration = define<MutatingWebhookConfiguration>({
  resource: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  hasGeneration: true,
  defaults(o) {
    defaultWebhooks(o.webhooks)
    for (const webhook of o.webhooks ?? []) webhook.reinvocationPolicy ??= 'Never'
  },
  columns: [nameColumn, column('Webhooks', (o) => o.webhooks?.length ?? 0, 'integer'), ageColumn],
})

/** ValidatingWebhookConfiguration: kept, but no webhook is called. */
export const validatingWebhookConfiguration = define<ValidatingWebhookConfiguration>({
  resource: 'validatingwebhookconfigurations',
  categories: ['api-extensions'],
  hasGeneration: true,
  defaults(o) {
    defaultWebhooks(o.webhooks)
  },
  columns: [nameColumn, column('Webhooks', (o) => o.webhooks?.length ?? 0, 'integer'), ageColumn],
})
