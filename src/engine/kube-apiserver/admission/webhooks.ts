import type { EndpointSlice, MutatingWebhook, MutatingWebhookConfiguration, Service, ValidatingWebhook, ValidatingWebhookConfiguration } from '../../api'
import { forbiddenStatus, goQuote, internalError } from '../../apimachinery'
import { compilePolicy, type Program } from '../cel'
import { variablesOf } from './expressions'
import { fits } from './matching'
import type { AdmissionAttributes, AdmissionPlugin, Refusal } from './plugin'

type Webhook = MutatingWebhook | ValidatingWebhook
type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration

// What follows from a webhook, an immutable value: a memo, not state.
const conditions = new WeakMap<Webhook, readonly Program[]>()

/** Webhooks that may change an object. Upstream: apiserver/pkg/admission/plugin/webhook/mutating */
export const mutatingAdmissionWebhook: AdmissionPlugin = {
  name: 'MutatingAdmissionWebhook',
  admit: (a) => (a.write.changedAt('mutatingwebhookconfigurations') === 0 ? undefined : callAll(a, 'mutatingwebhookconfigurations')),
}

/** Webhooks that look at the finished object. Upstream: apiserver/pkg/admission/plugin/webhook/validating */
export const validatingAdmissionWebhook: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',
  validate: (a) => (a.write.changedAt('validatingwebhookconfigurations') === 0 ? undefined : callAll(a, 'validatingwebhookconfigurations')),
}

/** Asks the webhooks that a write concerns, in the order of their configurations' names. They are not asked about themselves. */
function callAll(a: AdmissionAttributes, resource: string): Refusal | undefined {
  if (a.served.info.group === 'admissionregistration.k8s.io') return undefined
  const configurations = [...a.write.list(resource) as Iterable<Configuration>].sort((x, y) => (x.metadata.name < y.metadata.name ? -1 : 1))
  for (const { webhooks } of configurations) {
    for (const webhook of webhooks ?? []) {
      const { namespaceSelector, objectSelector, matchPolicy, rules, failurePolicy } = webhook
      if ((rules ?? []).length === 0 || !fits({ namespaceSelector, objectSelector, matchPolicy, resourceRules: rules } as Parameters<typeof fits>[0], a)) continue
      const wanted = meets(webhook, a)
      if (wanted === false) continue
      if (typeof wanted === 'string') {
        if (failurePolicy !== 'Ignore') return forbiddenStatus(a.served.gr, a.name, wanted)
        continue
      }
      const failure = callFailure(webhook, a)
      if (failure !== undefined && failurePolicy !== 'Ignore') return internalError(`failed calling webhook ${goQuote(webhook.name)}: failed to call webhook: ${failure}`)
    }
  }
  return undefined
}

/** Whether all match conditions hold; a text when that cannot be told. Upstream: plugin/webhook/matchconditions/matcher.go */
function meets(webhook: Webhook, a: AdmissionAttributes): boolean | string {
  if ((webhook.matchConditions ?? []).length === 0) return true
  let programs = conditions.get(webhook)
  if (programs === undefined) {
    programs = webhook.matchConditions!.flatMap(({ expression }) => compilePolicy(expression.trim(), false, 'bool').program ?? [])
    conditions.set(webhook, programs)
  }
  const given = variablesOf(a, null)
  let wrong = ''
  for (const program of programs) {
    const { value, error } = program.run(given)
    if (error !== undefined) wrong ||= error
    else if (value !== true) return false
  }
  return wrong === '' || wrong
}

/**
 * Why a webhook cannot be asked, in the words of Go's HTTP client. One that has a ready backend and a CA is taken to allow everything: what it says
 * is not modelled. Upstream: apiserver/pkg/util/webhook/client.go, proxy.go ResolveCluster
 */
function callFailure({ clientConfig, timeoutSeconds }: Webhook, a: AdmissionAttributes): string | undefined {
  const { service: ref, url, caBundle } = clientConfig
  const query = `?timeout=${timeoutSeconds ?? 10}s`
  if (ref == null) return `Post "${url ?? ''}${query}": dial tcp: lookup ${/^https:\/\/([^/:]+)/.exec(url ?? '')?.[1] ?? ''}: no such host`
  const port = ref.port ?? 443
  const post = `Post "https://${ref.name}.${ref.namespace}.svc:${port}${ref.path || '/'}${query}"`
  const service = a.write.get('services', ref.namespace, ref.name) as Service | undefined
  if (service === undefined) return `${post}: service ${goQuote(ref.name)} not found`
  const { clusterIP = '', ports = [], type } = service.spec
  if (type === 'ExternalName') return `${post}: dial tcp: lookup ${service.spec.externalName ?? ''}: no such host`
  if (clusterIP === 'None') return `${post}: cannot route to service with ClusterIP "None"`
  if (!ports.some((p) => p.port === port)) return `${post}: no service port ${port} found for service ${goQuote(ref.name)}`
  if (!hasBackend(ref, a)) return `${post}: dial tcp ${clusterIP}:${port}: connect: connection refused`
  return caBundle ? undefined : `${post}: tls: failed to verify certificate: x509: certificate signed by unknown authority`
}

function hasBackend(ref: { readonly namespace: string; readonly name: string }, a: AdmissionAttributes): boolean {
  for (const o of a.write.list('endpointslices', ref.namespace)) {
    if (o.metadata.labels?.['kubernetes.io/service-name'] === ref.name && (o as EndpointSlice).endpoints?.some((e) => e.conditions?.ready !== false)) return true
  }
  return false
}
