import type { KubeObject } from '../apimachinery'
import type { ServerState } from './state'

/** Parts of the server that say whether they are well, in its order. Upstream: apiserver/pkg/server/healthz */
const HOOKS = [
  'start-apiserver-admission-initializer', 'generic-apiserver-start-informers', 'priority-and-fairness-config-consumer', 'priority-and-fairness-filter', 'storage-object-count-tracker-hook',
  'start-apiextensions-informers', 'start-apiextensions-controllers', 'crd-informer-synced', 'start-system-namespaces-controller', 'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller', 'start-kube-apiserver-identity-lease-garbage-collector', 'start-legacy-token-tracking-controller', 'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles', 'scheduling/bootstrap-system-priority-classes', 'priority-and-fairness-config-producer', 'bootstrap-controller', 'start-kubernetes-service-cidr-controller',
  'aggregator-reload-proxy-client-cert', 'start-kube-aggregator-informers', 'apiservice-status-local-available-controller', 'apiservice-status-remote-available-controller',
  'apiservice-registration-controller', 'apiservice-discovery-controller', 'kube-apiserver-autoregistration', 'apiservice-openapi-controller', 'apiservice-openapiv3-controller',
].map((name) => `poststarthook/${name}`)

function checksOf(kind: string): string[] {
  const at = HOOKS.indexOf('poststarthook/apiservice-openapi-controller')
  const common = [...HOOKS.slice(0, at), 'autoregister-completion', ...HOOKS.slice(at)]
  return kind === 'readyz' ? ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...common, 'shutdown'] : ['ping', 'log', 'etcd', ...common]
}

/** What `/healthz`, `/livez` and `/readyz` say of a server that answers; `?verbose` names every check, a path below one of them. */
export function healthOf(path: string, query: Readonly<Record<string, string>> | undefined): string | undefined {
  const [, kind, ...rest] = path.split('/')
  if (kind !== 'healthz' && kind !== 'livez' && kind !== 'readyz') return undefined
  const checks = checksOf(kind)
  if (rest.length > 0) return checks.includes(rest.join('/')) ? 'ok' : undefined
  if (query?.verbose === undefined) return 'ok'
  const excluded = (query.exclude ?? '').split(',')
  return `${checks.map((name) => (excluded.includes(name) ? `[+]${name} excluded: ok\n` : `[+]${name} ok\n`)).join('')}${kind} check passed\n`
}

/** The few metrics that the model can tell. Upstream: apiserver/pkg/storage/etcd3/metrics, component-base/metrics */
export function metricsOf(state: ServerState, version: string, resources: readonly string[]): string {
  const [major, minor] = version.slice(1).split('.')
  const lines = [
    '# HELP apiserver_storage_objects [STABLE] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
    '# TYPE apiserver_storage_objects gauge',
    ...resources.map((resource) => `apiserver_storage_objects{resource="${resource}"} ${state.cache.of(resource).sorted().length}`),
    '# HELP kubernetes_build_info [ALPHA] A metric with a constant \'1\' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.',
    '# TYPE kubernetes_build_info gauge',
    `kubernetes_build_info{build_date="2026-06-01T00:00:00Z",compiler="gc",git_commit="",git_tree_state="clean",git_version="${version}",go_version="go1.26.0",major="${major}",minor="${minor}",platform="linux/amd64"} 1`,
  ]
  return `${lines.join('\n')}\n`
}

/** A text where a Kubernetes object is expected. */
export const asBody = (text: string): KubeObject => text as unknown as KubeObject
