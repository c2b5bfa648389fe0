import { nftChain } from './chains'
import type { EndpointRule, ServicePortRules } from './rules'

/** nft list table ip kube-proxy: sets, maps and chains of Services; the base chains that lead to them are left out. Upstream: pkg/proxy/nftables/proxier.go syncProxyRules */
export function renderNft(all: readonly ServicePortRules[], address: string): string {
  const [clusterIPs, ips, ports, none, noneAtPorts, firewall, sets, chains]: string[][] = [[], [], [], [], [], [], [], []]
  const chain = (name: string, lines: readonly string[]): void => void (chains as string[]).push(`\tchain ${name} {\n${lines.map((l) => `\t\t${l}\n`).join('')}\t}`)
  for (const r of all) {
    const what = `${r.namespace}/${r.service}/${r.protocol}/${r.name.split(':')[1] ?? ''}`
    const [service, local, external, fence] = [nftChain('service', what), nftChain('local', what), nftChain('external', what), nftChain('firewall', what)]
    const inside = r.internalLocal ? local : service
    const outside = r.externalLocal ? local : service
    const outsideIPs = [...r.externalIPs, ...r.loadBalancerIPs]
    const says = `comment "${r.name}"`
    clusterIPs?.push(r.clusterIP)
    if (r.endpoints.length > 0) ips?.push(`${r.clusterIP} . ${r.protocol} . ${r.port} : goto ${inside}`)
    else none?.push(`${r.clusterIP} . ${r.protocol} . ${r.port} ${says} : ${r.hasEndpoints ? 'drop' : 'goto reject-chain'}`)
    if (r.hasEndpoints) {
      for (const ip of outsideIPs) ips?.push(`${ip} . ${r.protocol} . ${r.port} : goto ${external}`)
      if (r.nodePort) ports?.push(`${r.protocol} . ${r.nodePort} : goto ${external}`)
    }
    if (r.externalEndpoints.length === 0) {
      for (const ip of outsideIPs) none?.push(`${ip} . ${r.protocol} . ${r.port} ${says} : ${r.hasEndpoints ? 'drop' : 'goto reject-chain'}`)
      if (r.nodePort) noneAtPorts?.push(`${r.protocol} . ${r.nodePort} ${says} : ${r.hasEndpoints ? 'drop' : 'goto reject-chain'}`)
    }
    if (r.sourceRanges.length > 0 && r.loadBalancerIPs.length > 0) {
      for (const ip of r.loadBalancerIPs) firewall?.push(`${ip} . ${r.protocol} . ${r.port} ${says} : goto ${fence}`)
      chain(fence, [`ip saddr != { ${r.sourceRanges.join(', ')} } drop`])
    }
    const choice = (name: string, list: readonly EndpointRule[]): void => {
      if (list.length === 0) return
      const to = (e: EndpointRule): string => nftChain('endpoint', `${what}__${e.ip}/${e.port}`)
      chain(name, [
        ...(name === inside ? [`ip daddr ${r.clusterIP} ip saddr != 10.244.0.0/16 jump mark-for-masquerade`] : []),
        ...(r.affinitySeconds > 0 ? list.map((e) => `ip saddr @${nftChain('affinity', `${what}__${e.ip}/${e.port}`)} goto ${to(e)}`) : []),
        `numgen random mod ${list.length} vmap { ${list.map((e, i) => `${i} : goto ${to(e)}`).join(', ')} }`,
      ])
    }
    choice(service, r.clusterEndpoints)
    const here = r.internalLocal ? r.endpoints : r.externalLocal ? r.externalEndpoints : []
    choice(local, here)
    if (r.hasEndpoints && (r.nodePort > 0 || outsideIPs.length > 0))
      chain(external, r.externalLocal
        ? [
            `ip saddr 10.244.0.0/16 goto ${service} comment "short-circuit pod traffic"`, 'fib saddr type local jump mark-for-masquerade comment "masquerade local traffic"', `fib saddr type local goto ${service} comment "short-circuit local traffic"`,
            ...(r.externalEndpoints.length > 0 ? [`goto ${outside}`] : []),
          ]
        : ['jump mark-for-masquerade', `goto ${outside}`])
    for (const e of r.clusterEndpoints.concat(here.filter((h) => !r.clusterEndpoints.some((x) => x.chain === h.chain)))) {
      const end = `${what}__${e.ip}/${e.port}`
      if (r.affinitySeconds > 0) sets?.push(`\tset ${nftChain('affinity', end)} {\n\t\ttype ipv4_addr\n\t\tflags dynamic,timeout\n\t\ttimeout ${r.affinitySeconds}s\n\t}`)
      chain(nftChain('endpoint', end), [`ip saddr ${e.ip} jump mark-for-masquerade`, ...(r.affinitySeconds > 0 ? [`update @${nftChain('affinity', end)} { ip saddr }`] : []), `meta l4proto ${r.protocol} dnat to ${e.ip}:${e.port}`])
    }
  }
  const elements = (rows: readonly string[]): string => (rows.length === 0 ? '' : `\t\telements = { ${rows.join(',\n\t\t\t     ')} }\n`)
  const map = (name: string, type: string, comment: string, rows: readonly string[] | undefined): string => `\tmap ${name} {\n\t\ttype ${type} : verdict\n\t\tcomment "${comment}"\n${elements(rows ?? [])}\t}`
  const [byAddress, byPort] = ['ipv4_addr . inet_proto . inet_service', 'inet_proto . inet_service']
  const parts = [
    '\tcomment "rules for kube-proxy"', `\tset cluster-ips {\n\t\ttype ipv4_addr\n\t\tcomment "Active ClusterIPs"\n${elements([...new Set(clusterIPs)])}\t}`,
    `\tset nodeport-ips {\n\t\ttype ipv4_addr\n\t\tcomment "IPs that accept NodePort traffic"\n${elements(address === '' ? [] : [address])}\t}`, ...(sets ?? []),
    map('firewall-ips', byAddress, 'destinations that are subject to LoadBalancerSourceRanges', firewall), map('no-endpoint-nodeports', byPort, 'vmap to drop or reject packets to service nodeports with no endpoints', noneAtPorts),
    map('no-endpoint-services', byAddress, 'vmap to drop or reject packets to services with no endpoints', none), map('service-ips', byAddress, 'ClusterIP, ExternalIP and LoadBalancer IP traffic', ips), map('service-nodeports', byPort, 'NodePort traffic', ports),
    '\tchain cluster-ips-check {\n\t\tip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"\n\t\tip daddr { 10.96.0.0/12 } drop comment "Drop traffic to unallocated ClusterIPs"\n\t}',
    '\tchain mark-for-masquerade {\n\t\tmeta mark set meta mark | 0x00004000\n\t}', '\tchain reject-chain {\n\t\tcomment "helper for @no-endpoint-services / @no-endpoint-nodeports"\n\t\treject\n\t}',
    '\tchain services {\n\t\tip daddr . meta l4proto . th dport vmap @service-ips\n\t\tip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports\n\t}', ...(chains ?? []),
  ]
  return `table ip kube-proxy {\n${parts.join('\n\n')}\n}\n`
}
