import type { Pod } from '../api'
import type { EtcFiles } from '../cri'

const hostsHeader = '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n'

/** The hosts file that the kubelet writes for a pod. Upstream: kubelet_pods.go managedHostsFileContent, hostsEntriesFromHostAliases */
export function hostsFile(ips: readonly string[], hostname: string, domain: string, aliases: Pod['spec']['hostAliases']): string {
  let text = hostsHeader
  for (const ip of ips) text += domain ? `${ip}\t${hostname}.${domain}\t${hostname}\n` : `${ip}\t${hostname}\n`
  if (aliases && aliases.length > 0) {
    text += '\n# Entries added by HostAliases.\n'
    for (const a of aliases) text += `${a.ip}\t${(a.hostnames ?? []).join('\t')}\n`
  }
  return text
}

/** Upstream: pkg/kubelet/network/dns/dns.go GetPodDNS */
function resolvFile(pod: Pod): string {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst'
  const config = pod.spec.dnsConfig
  const cluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.spec.hostNetwork)
  const ns = pod.metadata.namespace ?? ''
  const search = [...(cluster ? [`${ns}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'] : []), ...(config?.searches ?? [])]
  const servers = [...(cluster ? ['10.96.0.10'] : policy === 'None' ? [] : ['10.0.0.1']), ...(config?.nameservers ?? [])]
  const given = (config?.options ?? []).map((o) => (o.value === undefined ? (o.name ?? '') : `${o.name ?? ''}:${o.value}`))
  const options = cluster && !given.some((o) => o.startsWith('ndots')) ? ['ndots:5', ...given] : given
  return `${search.length > 0 ? `search ${search.join(' ')}\n` : ''}${servers.map((s) => `nameserver ${s}\n`).join('')}${options.length > 0 ? `options ${options.join(' ')}\n` : ''}`
}

/** What a pod's containers find in /etc. */
export function etcFiles(pod: Pod, hostname: string, ip: string): EtcFiles {
  const domain = pod.spec.subdomain ? `${pod.spec.subdomain}.${pod.metadata.namespace ?? ''}.svc.cluster.local` : ''
  return Object.freeze({ hostname, hosts: hostsFile([ip], hostname, domain, pod.spec.hostAliases), resolv: resolvFile(pod) })
}
