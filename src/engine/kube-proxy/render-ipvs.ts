import type { EndpointRule, ServicePortRules } from './rules'

/** ipvsadm -Ln. Upstream: pkg/proxy/ipvs */
export function renderIpvs(all: readonly ServicePortRules[], address: string): string {
  const out = ['IP Virtual Server version 1.2.1 (size=4096)', 'Prot LocalAddress:Port Scheduler Flags', '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn']
  for (const r of all) {
    const persistent = r.affinitySeconds > 0 ? ` persistent ${r.affinitySeconds}` : ''
    const server = (address: string, list: readonly EndpointRule[]) => {
      out.push(`${r.protocol.toUpperCase().padEnd(4)} ${address} rr${persistent}`)
      for (const e of list) out.push(`  -> ${`${e.ip}:${e.port}`.padEnd(28)} Masq    1      0          0`)
    }
    server(`${r.clusterIP}:${r.port}`, r.endpoints)
    for (const ip of [...r.externalIPs, ...r.loadBalancerIPs]) server(`${ip}:${r.port}`, r.externalEndpoints)
    if (r.nodePort && address !== '') server(`${address}:${r.nodePort}`, r.externalEndpoints)
  }
  return `${out.join('\n')}\n`
}
