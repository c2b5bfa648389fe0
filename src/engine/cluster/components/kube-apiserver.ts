import { gatedResources } from '../../api'
import { goQuote } from '../../apimachinery'
import type { LaunchVerdict } from '../../cri'
import type { ApiServerSettings } from '../../kube-apiserver'
import { isOn, listOf, type CommandLine } from './command-line'
import { clientPort } from './etcd'
import { apiserverPort } from './kubeconfig'
import { commandFailed, fails, pemProblem, securePort, type Launch } from './launch'

/** Admission plugins that are on unless they are disabled, and the others. Upstream: pkg/kubeapiserver/options/plugins.go */
const usual = ['NamespaceLifecycle', 'LimitRanger', 'ServiceAccount', 'TaintNodesByCondition', 'PodSecurity', 'Priority', 'DefaultTolerationSeconds', 'DefaultStorageClass', 'StorageObjectInUseProtection', 'PersistentVolumeClaimResize', 'RuntimeClass', 'CertificateApproval', 'CertificateSigning', 'ClusterTrustBundleAttest', 'CertificateSubjectRestriction', 'DefaultIngressClass', 'PodTopologyLabels', 'NodeDeclaredFeatureValidator', 'MutatingAdmissionPolicy', 'MutatingAdmissionWebhook', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionWebhook', 'ResourceQuota']
const others = ['AlwaysAdmit', 'NamespaceAutoProvision', 'NamespaceExists', 'LimitPodHardAntiAffinityTopology', 'AlwaysPullImages', 'ImagePolicyWebhook', 'PodNodeSelector', 'EventRateLimit', 'ExtendedResourceToleration', 'PodTolerationRestriction', 'OwnerReferencesPermissionEnforcement', 'DenyServiceExternalIPs', 'AlwaysDeny', 'NodeRestriction']

const modes = ['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook']

/** Certificates and keys that it opens, in its order, with what it says of one that it cannot. Upstream: apiserver/pkg/server/options, pkg/kubeapiserver/options */
const files: readonly (readonly [flag: string, kind: 'CERTIFICATE' | 'KEY', says: (problem: string, path: string) => string])[] = [
  ['tls-cert-file', 'CERTIFICATE', (p) => p], ['tls-private-key-file', 'KEY', (p) => p],
  ['client-ca-file', 'CERTIFICATE', (p) => `unable to load client CA provider: ${p}`],
  ['requestheader-client-ca-file', 'CERTIFICATE', (p) => `unable to load requestheader client CA provider: ${p}`],
  ['service-account-signing-key-file', 'KEY', (p) => `failed to build token generator: ${p}`],
  ['service-account-key-file', 'KEY', (p, path) => `error reading public key file ${path}: ${p}`],
  ['proxy-client-cert-file', 'CERTIFICATE', (p) => `error loading proxy client certificate: ${p}`], ['proxy-client-key-file', 'KEY', (p) => `error loading proxy client certificate: ${p}`],
]

/** What is wrong with the values alone, in upstream's order; all of it is told at once. Upstream: cmd/kube-apiserver/app/options/validation.go */
function invalid({ line }: Launch): readonly string[] {
  const { values } = line
  const errors: string[] = []
  if (!values.get('etcd-servers')) errors.push('--etcd-servers must be specified')
  const port = securePort(line, apiserverPort)
  if (port < 1 || port > 65535) errors.push(`--secure-port ${port} must be between 1 and 65535, inclusive. It cannot be turned off with 0`)
  const ranges = values.get('service-cluster-ip-range')
  if (ranges !== undefined) for (const range of ranges.split(',')) if (!/^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$|:.*\/\d{1,3}$/.test(range)) errors.push(`--service-cluster-ip-range must contain at least one valid cidr: invalid CIDR address: ${range}`)
  const authorization = values.has('authorization-mode') ? listOf(line, 'authorization-mode') : ['AlwaysAllow']
  if (authorization.length === 0) errors.push('at least one authorization-mode must be passed')
  for (const mode of authorization) if (!modes.includes(mode)) errors.push(`authorization-mode ${goQuote(mode)} is not a valid mode`)
  if (authorization.includes('ABAC') && !values.get('authorization-policy-file')) errors.push("authorization-mode ABAC's authorization policy file not passed")
  if (authorization.includes('Webhook') && !values.get('authorization-webhook-config-file')) errors.push("authorization-mode Webhook's authorization config file not passed")
  for (const mode of new Set(authorization)) if (authorization.filter((m) => m === mode).length > 1) errors.push(`authorization-mode ${goQuote(mode)} has mode specified more than once`)
  const issuer = values.get('service-account-issuer')
  if (!issuer) errors.push('service-account-issuer is a required flag, --service-account-signing-key-file and --service-account-issuer are required flags')
  else if (!values.get('service-account-signing-key-file')) errors.push('service-account-signing-key-file and service-account-issuer are required flags')
  const enabled = listOf(line, 'enable-admission-plugins')
  const off = listOf(line, 'disable-admission-plugins')
  const known = (name: string): boolean => usual.includes(name) || others.includes(name)
  for (const name of enabled) if (!known(name)) errors.push(`enable-admission-plugins plugin ${goQuote(name)} is unknown`)
  for (const name of off) if (!known(name)) errors.push(`disable-admission-plugins plugin ${goQuote(name)} is unknown`)
  for (const name of enabled) if (off.includes(name)) errors.push(`${name} in enable-admission-plugins and disable-admission-plugins overlapped`)
  return errors
}

/** Members of etcd that the named servers are. A member listens at its own port of the control plane's machine. */
function membersNamed({ line, address, node, members }: Launch): readonly string[] {
  const hosts = [address, '127.0.0.1', 'localhost', node]
  const servers = listOf(line, 'etcd-servers')
  return members.filter((_, i) => servers.some((s) => hosts.some((h) => s === `https://${h}:${clientPort(i)}`)))
}

/** No store answers: it tries for 20 s, then ends. Upstream: pkg/controlplane/instance.go */
function withoutStore(launch: Launch): LaunchVerdict {
  const server = listOf(launch.line, 'etcd-servers')[0] ?? ''
  const m = /^(https?):\/\/([^/]+)$/.exec(server)
  const at = m?.[2] ?? server
  const here = [launch.address, '127.0.0.1', 'localhost', launch.node].some((h) => at.startsWith(`${h}:`))
  const why = m === null ? `dial tcp: address ${at}: too many colons in address` : here ? `dial tcp ${at.replace('localhost', '127.0.0.1')}: connect: connection refused` : `dial tcp ${at}: i/o timeout`
  const says = m?.[1] === 'http' && here ? `error reading server preface: EOF` : `transport: Error while dialing: ${why}`
  const warning = (channel: number, sub: number) => `W$HEAD logging.go:55] [core] [Channel #${channel} SubChannel #${sub}]grpc: addrConn.createTransport failed to connect to {Addr: "${at}", ServerName: "${at}", }. Err: connection error: desc = ${goQuote(says)}`
  return { lines: [warning(1, 3), warning(2, 4)], last: 'F$HEAD instance.go:232] Error creating leases: error creating storage factory: context deadline exceeded', exit: 255, after: 20_000_000, ports: [] }
}

/** Resources of beta versions that are asked for: by their version (or all of them) and by their feature gate. Upstream: apiserver/pkg/server/resourceconfig, pkg/features */
function gatedOf(line: CommandLine): readonly string[] {
  const pairs = (flag: string) => new Map(listOf(line, flag).map((text) => [text.split('=')[0] as string, !/=(0|f|false)$/i.test(text)] as const))
  const [versions, gates] = [pairs('runtime-config'), pairs('feature-gates')]
  return gatedResources.filter(([{ group, version, resource }, gate]) => {
    const isServed = versions.get(`${group}/${version}/${resource}`) ?? versions.get(`${group}/${version}`) ?? versions.get('api/beta') ?? versions.get('api/all') ?? false
    return isServed && (gates.get(gate) ?? gates.get('AllBeta') ?? false)
  }).map(([info]) => info.resource)
}

/** Settings that this model has a meaning for. */
function settingsOf(line: CommandLine): ApiServerSettings {
  const { values } = line
  const number = (name: string): number | undefined => (values.has(name) ? Number(values.get(name)) : undefined)
  const off = listOf(line, 'disable-admission-plugins')
  return {
    plugins: [...usual.filter((p) => !off.includes(p)), ...listOf(line, 'enable-admission-plugins').filter((p) => !usual.includes(p))],
    authorizationModes: values.has('authorization-mode') ? listOf(line, 'authorization-mode') : ['AlwaysAllow'],
    notReadySeconds: number('default-not-ready-toleration-seconds'), unreachableSeconds: number('default-unreachable-toleration-seconds'),
    serviceCIDR: values.get('service-cluster-ip-range')?.split(',')[0], anonymousAuth: isOn(line, 'anonymous-auth', true),
    gated: gatedOf(line),
  }
}

/** What kube-apiserver does with its command line. Upstream: cmd/kube-apiserver/app */
export function launchApiserver(launch: Launch): LaunchVerdict {
  const { line } = launch
  const errors = invalid(launch)
  if (errors.length > 0) return commandFailed(errors.length === 1 ? (errors[0] as string) : `[${errors.join(', ')}]`)
  for (const [flag, kind, says] of files)
    for (const path of listOf(line, flag)) {
      const problem = pemProblem(launch, path, kind)
      if (problem !== undefined) return commandFailed(says(problem, path))
    }
  for (const flag of ['audit-policy-file', 'encryption-provider-config', 'admission-control-config-file', 'authentication-config', 'authorization-config', 'token-auth-file']) {
    const path = line.values.get(flag)
    if (path && launch.read(path) === undefined) return commandFailed(flag === 'audit-policy-file' ? `failed to load audit policy file: failed to read file path ${goQuote(path)}: open ${path}: no such file or directory` : `open ${path}: no such file or directory`)
  }
  for (const [flag, kind] of [['etcd-cafile', 'CERTIFICATE'], ['etcd-certfile', 'CERTIFICATE'], ['etcd-keyfile', 'KEY']] as const) {
    const path = line.values.get(flag)
    const problem = path && pemProblem(launch, path, kind)
    if (problem) return fails(`F$HEAD instance.go:232] Error creating leases: error creating storage factory: ${problem}`, 500_000, 255)
  }
  if (membersNamed(launch).length === 0) return withoutStore(launch)
  const port = securePort(line, apiserverPort)
  // Nobody finds it at another port, or from elsewhere when it listens to its own machine alone.
  const bind = line.values.get('bind-address')
  if (port !== apiserverPort || (bind !== undefined && !['0.0.0.0', '::', launch.address].includes(bind))) return { lines: [`I$HEAD secure_serving.go:211] Serving securely on ${bind ?? '[::]'}:${port}`], exit: -1, after: 0, ports: [port] }
  // Any member leads to the leader: its followers pass on what they are asked.
  return { ports: [port], params: { members: launch.members, settings: Object.freeze(settingsOf(line)) } }
}
