import { goJson } from '../../apimachinery'
import { textAt } from '../api'
import { flagSpecs, globalFlags } from '../flags'
import type { Command } from '../verb'
import { printYaml } from '../yaml-printer'
import { fail } from '../errors'

/** `kubectl cluster-info`. Upstream: kubectl/pkg/cmd/clusterinfo */
export const clusterInfo: Command = {
  name: 'cluster-info',
  short: 'Display cluster information',
  flags: [],
  run({ api, io }) {
    const services = api.list('/api/v1/namespaces/kube-system/services', { labelSelector: 'kubernetes.io/cluster-service=true' }).items
    const server = 'https://10.0.0.10:6443'
    io.out(`Kubernetes control plane is running at ${server}\n`)
    for (const s of services) {
      const name = s.metadata.labels?.['kubernetes.io/name'] ?? s.metadata.name
      const port = textAt((s.spec?.['ports'] as unknown[] | undefined)?.[0], 'name')
      io.out(`${name} is running at ${server}/api/v1/namespaces/kube-system/services/${s.metadata.name}${port === '' ? '' : `:${port}`}/proxy\n`)
    }
    io.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n")
  },
}

const CLIENT = { buildDate: '2026-06-01T00:00:00Z', compiler: 'gc', gitCommit: '8e16b12fda5b1dccc41a6de48b3e356cc7d5048b', gitTreeState: 'clean', gitVersion: 'v1.36.2', goVersion: 'go1.26.10', major: '1', minor: '36', platform: 'linux/amd64' }

/** `kubectl version`. Upstream: kubectl/pkg/cmd/version */
export const version: Command = {
  name: 'version',
  short: 'Print the client and server version information',
  flags: flagSpecs('client output/o:string'),
  run({ api, io, flags }) {
    const output = flags.string('output')
    if (!['', 'yaml', 'json'].includes(output)) throw fail("--output must be 'yaml' or 'json'")
    const server = flags.bool('client') ? undefined : api.get('/version')
    if (output !== '') {
      const value = { clientVersion: CLIENT, kustomizeVersion: 'v5.7.1', ...(server === undefined ? {} : { serverVersion: server }) }
      return io.out(output === 'yaml' ? printYaml(value) : `${JSON.stringify(JSON.parse(goJson(value)), null, 2)}\n`)
    }
    io.out(`Client Version: ${CLIENT.gitVersion}\nKustomize Version: v5.7.1\n`)
    if (server !== undefined) io.out(`Server Version: ${textAt(server, 'gitVersion')}\n`)
  },
}

const OPTIONS: Record<string, string> = {
  as: 'Username to impersonate for the operation. User could be a regular user or a service account in a namespace.', 'as-group': 'Group to impersonate for the operation, this flag can be repeated to specify multiple groups.',
  'as-uid': 'UID to impersonate for the operation.', 'as-user-extra': 'User extras to impersonate for the operation, this flag can be repeated to specify multiple values for the same key.',
  'cache-dir': 'Default cache directory', 'certificate-authority': 'Path to a cert file for the certificate authority', 'client-certificate': 'Path to a client certificate file for TLS', 'client-key': 'Path to a client key file for TLS',
  cluster: 'The name of the kubeconfig cluster to use', context: 'The name of the kubeconfig context to use', 'disable-compression': 'If true, opt-out of response compression for all requests to the server',
  'insecure-skip-tls-verify': "If true, the server's certificate will not be checked for validity. This will make your HTTPS connections insecure", kubeconfig: 'Path to the kubeconfig file to use for CLI requests.',
  kuberc: 'Path to the kuberc file to use for preferences. This can be disabled by exporting KUBECTL_KUBERC=false feature gate or turning off the feature KUBERC=off.', 'log-flush-frequency': 'Maximum number of seconds between log flushes',
  'match-server-version': 'Require server version to match client version', namespace: 'If present, the namespace scope for this CLI request', password: 'Password for basic authentication to the API server',
  profile: 'Name of profile to capture. One of (none|cpu|heap|goroutine|threadcreate|block|mutex|trace)', 'profile-output': 'Name of the file to write the profile to',
  'request-timeout': "The length of time to wait before giving up on a single server request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means don't timeout requests.",
  server: 'The address and port of the Kubernetes API server', 'tls-server-name': 'Server name to use for server certificate validation. If it is not provided, the hostname used to contact the server is used', token: 'Bearer token for authentication to the API server',
  user: 'The name of the kubeconfig user to use', username: 'Username for basic authentication to the API server', v: 'number for the log level verbosity', vmodule: 'comma-separated list of pattern=N settings for file-filtered logging (only works for the default text log format)',
  'warnings-as-errors': 'Treat warnings received from the server as errors and exit with a non-zero exit code',
}

const FALLBACKS: Record<string, string> = { 'cache-dir': "'/root/.kube/cache'", 'log-flush-frequency': '5s', profile: "'none'", 'profile-output': "'profile.pprof'", 'request-timeout': "'0'", v: '0', vmodule: '' }

/** `kubectl options`. */
export const options: Command = {
  name: 'options',
  short: 'Print the list of flags inherited by all commands',
  flags: [],
  run({ io }) {
    io.out('The following options can be passed to any command:\n\n')
    for (const f of globalFlags) {
      const help = OPTIONS[f.name]
      if (help === undefined) continue
      const value = FALLBACKS[f.name] ?? (f.type === 'bool' ? 'false' : f.type === 'array' ? '[]' : "''")
      io.out(`    ${f.short ? `-${f.short}, ` : ''}--${f.name}=${value}:\n\t${help}\n\n`)
    }
  },
}
