/** Kinds of values that pflag checks; everything else is text. */
export type FlagKind = 'bool' | 'int' | 'duration' | 'float' | 'text'

type Table = Readonly<Partial<Record<FlagKind, string>>>

// Groups of flags that components share. Upstream: component-base logs and flags, apiserver/pkg/server/options
const logging: Table = {
  bool: 'help emulation-forward-compatible runtime-config-emulation-forward-compatible log-json-split-stream log-text-split-stream',
  int: 'v', duration: 'log-flush-frequency',
  text: 'allow-metric-labels allow-metric-labels-manifest disabled-metrics feature-gates emulated-version log-json-info-buffer-size log-text-info-buffer-size logging-format min-compatibility-version show-hidden-metrics-for-version version vmodule',
}
const serving: Table = {
  bool: 'disable-http2-serving permit-address-sharing permit-port-sharing', int: 'http2-max-streams-per-connection secure-port',
  text: 'bind-address cert-dir tls-cert-file tls-cipher-suites tls-curve-preferences tls-min-version tls-private-key-file tls-sni-cert-key',
}
const requestHeader = 'client-ca-file requestheader-allowed-names requestheader-client-ca-file requestheader-extra-headers-prefix requestheader-group-headers requestheader-uid-headers requestheader-username-headers'
const delegated: Table = {
  bool: 'authentication-skip-lookup authentication-tolerate-lookup-failure', duration: 'authentication-token-webhook-cache-ttl authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl',
  text: `authentication-kubeconfig authorization-always-allow-paths authorization-kubeconfig ${requestHeader}`,
}
const election: Table = { bool: 'leader-elect', duration: 'leader-elect-lease-duration leader-elect-renew-deadline leader-elect-retry-period', text: 'leader-elect-resource-lock leader-elect-resource-name leader-elect-resource-namespace' }
const client: Table = { int: 'kube-api-burst', float: 'kube-api-qps', text: 'kube-api-content-type kubeconfig master' }
const profiling: Table = { bool: 'contention-profiling profiling' }

const apiserver: Table = {
  bool: 'aggregator-reject-forwarding-redirect allow-privileged anonymous-auth audit-log-compress audit-log-batch-throttle-enable audit-log-truncate-enabled audit-webhook-batch-throttle-enable audit-webhook-truncate-enabled contention-profiling enable-aggregator-routing enable-bootstrap-token-auth enable-garbage-collector enable-logs-handler enable-priority-and-fairness encryption-provider-config-automatic-reload profiling service-account-extend-token-expiration service-account-lookup watch-cache emulation-forward-compatible runtime-config-emulation-forward-compatible shutdown-send-retry-after',
  int: 'apiserver-count audit-log-batch-buffer-size audit-log-batch-max-size audit-log-batch-throttle-burst audit-log-maxage audit-log-maxbackup audit-log-maxsize audit-log-truncate-max-batch-size audit-log-truncate-max-event-size audit-webhook-batch-buffer-size audit-webhook-batch-max-size audit-webhook-batch-throttle-burst audit-webhook-truncate-max-batch-size audit-webhook-truncate-max-event-size default-not-ready-toleration-seconds default-unreachable-toleration-seconds default-watch-cache-size delete-collection-workers kubelet-port kubelet-read-only-port kubernetes-service-node-port lease-reuse-duration-seconds max-connection-bytes-per-sec max-mutating-requests-inflight max-requests-inflight min-request-timeout',
  float: 'audit-log-batch-throttle-qps audit-webhook-batch-throttle-qps goaway-chance',
  duration: 'audit-log-batch-max-wait audit-webhook-batch-max-wait audit-webhook-initial-backoff authentication-token-webhook-cache-ttl authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl coordinated-leadership-lease-duration coordinated-leadership-renew-deadline coordinated-leadership-retry-period etcd-compaction-interval etcd-count-metric-poll-period etcd-db-metric-poll-interval etcd-healthcheck-timeout etcd-readycheck-timeout event-ttl kubelet-timeout livez-grace-period request-timeout service-account-max-token-expiration shutdown-delay-duration shutdown-watch-termination-grace-period storage-initialization-timeout',
  text: `admission-control admission-control-config-file advertise-address api-audiences audit-log-format audit-log-mode audit-log-path audit-log-version audit-policy-file audit-webhook-config-file audit-webhook-mode audit-webhook-version authentication-config authentication-token-webhook-config-file authentication-token-webhook-version authorization-config authorization-mode authorization-policy-file authorization-webhook-config-file authorization-webhook-version cors-allowed-origins debug-socket-path disable-admission-plugins egress-selector-config-file enable-admission-plugins encryption-provider-config endpoint-reconciler-type etcd-cafile etcd-certfile etcd-keyfile etcd-prefix etcd-servers etcd-servers-overrides external-hostname identity-lease-duration-seconds identity-lease-renew-interval-seconds kubelet-certificate-authority kubelet-client-certificate kubelet-client-key kubelet-preferred-address-types oidc-ca-file oidc-client-id oidc-groups-claim oidc-groups-prefix oidc-issuer-url oidc-required-claim oidc-signing-algs oidc-username-claim oidc-username-prefix peer-advertise-ip peer-advertise-port peer-ca-file proxy-client-cert-file proxy-client-key-file ${requestHeader} runtime-config service-account-issuer service-account-jwks-uri service-account-key-file service-account-signing-endpoint service-account-signing-key-file service-cluster-ip-range service-node-port-range storage-backend storage-media-type strict-transport-security-directives token-auth-file tracing-config-file watch-cache-sizes`,
}

const manager: Table = {
  bool: 'enable-leader-migration allocate-node-cidrs allow-untagged-cloud configure-cloud-routes enable-dynamic-provisioning enable-garbage-collector enable-hostpath-provisioner use-service-account-credentials disable-attach-detach-reconcile-sync disable-force-detach-on-timeout',
  int: 'concurrent-cron-job-syncs concurrent-daemonset-syncs concurrent-deployment-syncs concurrent-device-taint-eviction-syncs concurrent-endpoint-syncs concurrent-ephemeralvolume-syncs concurrent-gc-syncs concurrent-horizontal-pod-autoscaler-syncs concurrent-job-syncs concurrent-namespace-syncs concurrent-node-syncs concurrent-rc-syncs concurrent-replicaset-syncs concurrent-resource-quota-syncs concurrent-resource-claim-syncs concurrent-service-endpoint-syncs concurrent-service-syncs concurrent-serviceaccount-token-syncs concurrent-statefulset-syncs concurrent-ttl-after-finished-syncs concurrent-validating-admission-policy-status-syncs large-cluster-size-threshold max-endpoints-per-slice mirroring-concurrent-service-endpoint-syncs mirroring-max-endpoints-per-subset node-cidr-mask-size node-cidr-mask-size-ipv4 node-cidr-mask-size-ipv6 pv-recycler-increment-timeout-nfs pv-recycler-minimum-timeout-hostpath pv-recycler-minimum-timeout-nfs pv-recycler-timeout-increment-hostpath terminated-pod-gc-threshold',
  float: 'horizontal-pod-autoscaler-tolerance node-eviction-rate secondary-node-eviction-rate unhealthy-zone-threshold',
  duration: 'attach-detach-reconcile-sync-period cluster-signing-duration controller-start-interval endpoint-updates-batch-period endpointslice-updates-batch-period horizontal-pod-autoscaler-cpu-initialization-period horizontal-pod-autoscaler-downscale-stabilization horizontal-pod-autoscaler-initial-readiness-delay horizontal-pod-autoscaler-sync-period legacy-service-account-token-clean-up-period min-resync-period mirroring-endpointslice-updates-batch-period namespace-sync-period node-monitor-grace-period node-monitor-period node-startup-grace-period node-sync-period pvclaimbinder-sync-period resource-quota-sync-period route-reconciliation-period',
  text: 'cidr-allocator-type cloud-config cloud-provider cluster-cidr cluster-name cluster-signing-cert-file cluster-signing-key-file cluster-signing-kube-apiserver-client-cert-file cluster-signing-kube-apiserver-client-key-file cluster-signing-kubelet-client-cert-file cluster-signing-kubelet-client-key-file cluster-signing-kubelet-serving-cert-file cluster-signing-kubelet-serving-key-file cluster-signing-legacy-unknown-cert-file cluster-signing-legacy-unknown-key-file controllers external-cloud-volume-plugin flex-volume-plugin-dir leader-migration-config pv-recycler-pod-template-filepath-hostpath pv-recycler-pod-template-filepath-nfs root-ca-file service-account-private-key-file service-cluster-ip-range',
}

const scheduler: Table = { duration: 'pod-max-in-unschedulable-pods-duration', text: 'config write-config-to' }

const etcd: Table = {
  bool: 'unsafe-no-fsync client-cert-auth peer-client-cert-auth auto-tls peer-auto-tls force-new-cluster strict-reconfig-check pre-vote enable-pprof enable-grpc-gateway socket-reuse-port socket-reuse-address initial-election-tick-advance enable-log-rotation version help h',
  int: 'snapshot-count heartbeat-interval election-timeout max-snapshots max-wals quota-backend-bytes max-txn-ops max-request-bytes max-concurrent-streams max-learners backend-batch-limit self-signed-cert-validity',
  duration: 'grpc-keepalive-min-time grpc-keepalive-interval grpc-keepalive-timeout backend-batch-interval warning-apply-duration warning-unary-request-duration corrupt-check-time watch-progress-notify-interval downgrade-check-time compact-hash-check-time',
  text: 'name data-dir wal-dir listen-peer-urls listen-client-urls listen-client-http-urls listen-metrics-urls metrics initial-advertise-peer-urls initial-cluster initial-cluster-state initial-cluster-token advertise-client-urls discovery-token discovery-endpoints discovery-srv discovery-srv-name auto-compaction-retention auto-compaction-mode cert-file key-file client-cert-allowed-hostname client-cert-file client-key-file client-crl-file trusted-ca-file peer-cert-file peer-key-file peer-trusted-ca-file peer-cert-allowed-cn peer-cert-allowed-hostname peer-client-cert-file peer-client-key-file peer-crl-file cipher-suites tls-min-version tls-max-version cors host-whitelist auth-token bcrypt-cost auth-token-ttl log-level logger log-outputs log-format log-rotation-config-json config-file feature-gates bootstrap-defrag-threshold-megabytes',
}

function merged(...tables: readonly Table[]): ReadonlyMap<string, FlagKind> {
  const out = new Map<string, FlagKind>()
  for (const table of tables) for (const kind of ['bool', 'int', 'duration', 'float', 'text'] as const) for (const name of (table[kind] ?? '').split(' ')) if (name !== '') out.set(name, kind)
  return out
}

/** The flags of each component, with what their values must be. Upstream: cmd/<component>/app/options; etcd server/etcdmain/config.go */
export const componentFlags: Readonly<Record<string, ReadonlyMap<string, FlagKind>>> = {
  'kube-apiserver': merged(logging, serving, apiserver),
  'kube-controller-manager': merged(logging, serving, delegated, election, client, profiling, manager),
  'kube-scheduler': merged(logging, serving, delegated, election, client, profiling, scheduler),
  etcd: merged(etcd),
}
