import type { Pod } from '../api'
import type { EtcFiles } from '../cri'

const hostsHeader = '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n'

/** The hosts file that the kubelet writes for a pod. Upstream: kubelet_pods.go managedHostsFileContent, hostsEntriesFromHostAliases */
export function hostsFile(ips: readonly string[], hostname: string, domain: string, aliases: Pod['spec']['hostAliases']): string {
  let text = hostsHeader
  for (const ip of ips) text += domain ? `${ip}\t${hostname}.${domain}\t${hostname}\n` : `${ip}\t${hostname}\n`
  return text + aliasLines(aliases)
}

const hostHeader = '# Kubernetes-managed hosts file (host network).\n'

/** The hosts file of a pod in its machine's network: the machine's own, with what the pod adds. Upstream: kubelet_pods.go nodeHostsFileContent */
export function nodeHostsFile(own: string, aliases: Pod['spec']['hostAliases']): string {
  return hostHeader + own + aliasLines(aliases)
}

function aliasLines(aliases: Pod['spec']['hostAliases']): string {
  if (!aliases || aliases.length === 0) return ''
  let text = '\n# Entries added by HostAliases.\n'
  for (const a of aliases) text += `${a.ip}\t${(a.hostnames ?? []).join('\t')}\n`
  return text
}

/** Whose name servers a pod uses. Undefined: there is no such policy. Upstream: pkg/kubelet/network/dns/dns.go getPodDNSType */
export function podDNSType(pod: Pick<Pod, 'spec'>): 'cluster' | 'host' | 'none' | undefined {
  switch (pod.spec.dnsPolicy ?? 'ClusterFirst') {
    case 'None':
      return 'none'
    case 'ClusterFirstWithHostNet':
      return 'cluster'
    case 'ClusterFirst':
      return pod.spec.hostNetwork ? 'host' : 'cluster'
    case 'Default':
      return 'host'
    default:
      return undefined
  }
}

const most = { searches: 32, searchCharacters: 2048, searchDomain: 253, nameservers: 3 }

/** What the resolver takes of a list of search domains. Upstream: dns.go formDNSSearchFitsLimits */
export function fittingSearches(list: readonly string[]): readonly string[] {
  const out = list.slice(0, most.searches).filter((s) => s.length <= most.searchDomain)
  while (out.join(' ').length > most.searchCharacters) out.pop()
  return out
}

interface ResolvConf {
  readonly text: string
  readonly limits: readonly string[]
}

/** The last one that the namespace and the policy alone decided: what pods have in common. A memo, not state. */
let usual: { readonly namespace: string; readonly type: string | undefined; readonly made: ResolvConf } | undefined

/** What a pod's resolv.conf says, and what of it was too much. Upstream: dns.go GetPodDNS */
function resolver(pod: Pod): ResolvConf {
  const type = podDNSType(pod)
  if (pod.spec.dnsConfig !== undefined) return resolvConf(pod, type)
  const namespace = pod.metadata.namespace ?? ''
  if (usual?.namespace !== namespace || usual.type !== type) usual = { namespace, type, made: resolvConf(pod, type) }
  return usual.made
}

function resolvConf(pod: Pod, type: ReturnType<typeof podDNSType>): ResolvConf {
  const config = pod.spec.dnsConfig
  const ns = pod.metadata.namespace ?? ''
  const all = [...(type === 'cluster' ? [`${ns}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'] : []), ...(config?.searches ?? [])]
  const search = fittingSearches([...new Set(all)])
  const servers = [...new Set([...(type === 'cluster' ? ['10.96.0.10'] : type === 'none' ? [] : ['10.0.0.1']), ...(config?.nameservers ?? [])])]
  const named = servers.slice(0, most.nameservers)
  const limits: string[] = []
  if (search.length < new Set(all).size) limits.push(`Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${search.join(' ')}`)
  if (named.length < servers.length) limits.push(`Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${named.join(' ')}`)
  const given = (config?.options ?? []).map((o) => (o.value === undefined ? (o.name ?? '') : `${o.name ?? ''}:${o.value}`))
  const options = type === 'cluster' && !given.some((o) => o.startsWith('ndots')) ? ['ndots:5', ...given] : given
  return { text: `${search.length > 0 ? `search ${search.join(' ')}\n` : ''}${named.map((s) => `nameserver ${s}\n`).join('')}${options.length > 0 ? `options ${options.join(' ')}\n` : ''}`, limits }
}

/** Messages of what of a pod's DNS settings was left out. */
export function dnsLimits(pod: Pod): readonly string[] {
  return pod.spec.dnsConfig === undefined ? [] : resolver(pod).limits
}

/** What a pod's containers find in /etc. */
export function etcFiles(pod: Pod, hostname: string, ip: string): EtcFiles {
  const domain = pod.spec.subdomain ? `${pod.spec.subdomain}.${pod.metadata.namespace ?? ''}.svc.cluster.local` : ''
  const hosts = pod.spec.hostNetwork ? nodeHostsFile(`127.0.0.1\tlocalhost\n${ip}\t${pod.spec.nodeName ?? ''}\n`, pod.spec.hostAliases) : hostsFile([ip], hostname, domain, pod.spec.hostAliases)
  return Object.freeze({ hostname, hosts, resolv: resolver(pod).text })
}
