import { readConfigYaml } from '../../apimachinery'
import type { Launch } from './launch'

interface Given {
  readonly clusters?: readonly { readonly name?: string; readonly cluster?: { readonly server?: string } }[]
  readonly contexts?: readonly { readonly name?: string; readonly context?: { readonly cluster?: string; readonly user?: string } }[]
  readonly users?: readonly { readonly name?: string }[]
  readonly 'current-context'?: string
}

/** Port of kube-apiserver's on the control plane's machine. */
export const apiserverPort = 6443

/** A kubeconfig of a component: the server that it names, or why it cannot be used. Upstream: client-go/tools/clientcmd */
export function readKubeconfig(launch: Pick<Launch, 'read'>, path: string): { readonly server: string } | { readonly error: string } {
  const text = launch.read(path)
  if (text === undefined) return { error: `stat ${path}: no such file or directory` }
  const read = readConfigYaml(text)
  if (read.error !== undefined) return { error: `error loading config file "${path}": ${read.error}` }
  const config = (read.value ?? {}) as Given
  const none = { error: 'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable' }
  if (typeof config !== 'object' || !config.clusters?.length) return none
  const current = config['current-context'] ?? ''
  const context = config.contexts?.find((c) => c.name === current)?.context
  if (context === undefined) return current === '' ? none : { error: `invalid configuration: context was not found for specified context: ${current}` }
  const cluster = config.clusters.find((c) => c.name === context.cluster)?.cluster
  if (cluster === undefined) return { error: `invalid configuration: [context was not found for specified context: ${current}, cluster has no server defined]` }
  return cluster.server ? { server: cluster.server } : { error: 'invalid configuration: cluster has no server defined' }
}

/** What a client of this server meets instead of kube-apiserver, which is known by these names, as Go's net package says it; undefined: it gets through. */
export function unreachable(hosts: readonly string[], server: string): string | undefined {
  const m = /^(https?):\/\/(\[[^\]]*\]|[^:/]+)(?::(\d+))?/.exec(server)
  if (m === null) return `dial tcp: address ${server}: missing port in address`
  const [, scheme, host = '', port] = m
  const at = `${host}:${port ?? (scheme === 'https' ? 443 : 80)}`
  if (!hosts.includes(host) && (host === '127.0.0.1' || host === 'localhost')) return `dial tcp 127.0.0.1:${port ?? 443}: connect: connection refused`
  if (!hosts.includes(host)) return /^[\d.]+$/.test(host) ? `dial tcp ${at}: i/o timeout` : `dial tcp: lookup ${host}: no such host`
  if (Number(port) !== apiserverPort) return `dial tcp ${at}: connect: connection refused`
  return scheme === 'https' ? undefined : 'the server rejected our request for an unknown reason'
}
