import { serviceChain } from './chains'
import type { KernelState } from './kernel'
import { renderIpvs } from './render-ipvs'
import { renderNft } from './render-nft'
import type { EndpointRule, ServicePortRules } from './rules'

/** The rules of a node with this address as its tools print them: `iptables-save`, `ipvsadm -Ln` or `nft list ruleset`. */
export function renderRules(state: KernelState, address = ''): string {
  if (state.writtenAt < 0) return ''
  const all = [...state.rules.values()].flat().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return state.mode === 'ipvs' ? renderIpvs(all, address) : state.mode === 'nftables' ? renderNft(all, address) : iptables(all)
}

/** iptables-save of table nat, and of filter as far as kube-proxy writes it. Upstream: pkg/proxy/iptables/proxier.go syncProxyRules */
function iptables(all: readonly ServicePortRules[]): string {
  const filter: string[] = []
  const firewall: string[] = []
  const services: string[] = []
  const nodePorts: string[] = []
  const chains: string[] = []
  const rules: string[] = []
  const chain = (name: string) => chains.push(`:${name} - [0:0]`)
  for (const r of all) {
    const to = (ip: string) => `-d ${ip}/32 -p ${r.protocol} -m ${r.protocol} --dport ${r.port}`
    const says = (text: string) => `-m comment --comment "${r.name} ${text}"`
    const ext = serviceChain('KUBE-EXT-', r.name, r.protocol)
    const fw = serviceChain('KUBE-FW-', r.name, r.protocol)
    const svl = serviceChain('KUBE-SVL-', r.name, r.protocol)
    const internal = r.internalLocal ? svl : r.chain
    const isExternal = r.nodePort > 0 || r.externalIPs.length + r.loadBalancerIPs.length > 0
    if (r.endpoints.length > 0) services.push(`-A KUBE-SERVICES ${to(r.clusterIP)} ${says('cluster IP')} -j ${internal}`)
    else filter.push(`-A KUBE-SERVICES ${to(r.clusterIP)} ${says(r.internalLocal && r.hasEndpoints ? 'has no local endpoints' : 'has no endpoints')} -j ${r.internalLocal && r.hasEndpoints ? 'DROP' : 'REJECT --reject-with icmp-port-unreachable'}`)
    const external = r.hasEndpoints
    for (const ip of r.externalIPs) if (external) services.push(`-A KUBE-SERVICES ${to(ip)} ${says('external IP')} -j ${ext}`)
    for (const ip of r.loadBalancerIPs) if (external) services.push(`-A KUBE-SERVICES ${to(ip)} ${says('loadbalancer IP')} -j ${r.sourceRanges.length > 0 ? fw : ext}`)
    if (r.nodePort && external) nodePorts.push(`-A KUBE-NODEPORTS -p ${r.protocol} -m ${r.protocol} --dport ${r.nodePort} -m comment --comment ${r.name} -j ${ext}`)
    if (isExternal && r.externalEndpoints.length === 0)
      for (const where of [...r.externalIPs, ...r.loadBalancerIPs].map(to).concat(r.nodePort ? [`-p ${r.protocol} -m addrtype --dst-type LOCAL -m ${r.protocol} --dport ${r.nodePort}`] : []))
        filter.push(`-A KUBE-EXTERNAL-SERVICES ${where} ${says(r.hasEndpoints ? 'has no local endpoints' : 'has no endpoints')} -j ${r.hasEndpoints ? 'DROP' : 'REJECT --reject-with icmp-port-unreachable'}`)
    if (isExternal && external) {
      chain(ext)
      if (r.externalLocal) {
        rules.push(`-A ${ext} -s 10.244.0.0/16 -m comment --comment "pod traffic for ${r.name} external destinations" -j ${r.chain}`)
        rules.push(`-A ${ext} -m comment --comment "masquerade LOCAL traffic for ${r.name} external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`)
        rules.push(`-A ${ext} -m comment --comment "route LOCAL traffic for ${r.name} external destinations" -m addrtype --src-type LOCAL -j ${r.chain}`)
        if (r.externalEndpoints.length > 0) rules.push(`-A ${ext} -j ${svl}`)
      } else {
        rules.push(`-A ${ext} -m comment --comment "masquerade traffic for ${r.name} external destinations" -j KUBE-MARK-MASQ`)
        rules.push(`-A ${ext} -j ${r.chain}`)
      }
    }
    if (r.sourceRanges.length > 0 && r.loadBalancerIPs.length > 0 && external) {
      chain(fw)
      for (const range of r.sourceRanges) rules.push(`-A ${fw} -s ${range} ${says('loadbalancer IP')} -j ${ext}`)
      rules.push(`-A ${fw} -m comment --comment "other traffic to ${r.name} will be dropped by KUBE-PROXY-FIREWALL"`)
      for (const ip of r.loadBalancerIPs) firewall.push(`-A KUBE-PROXY-FIREWALL ${to(ip)} -m comment --comment "${r.name} traffic not accepted by ${fw}" -j DROP`)
    }
    const list = (name: string, endpoints: readonly EndpointRule[]) => {
      if (endpoints.length === 0) return
      chain(name)
      if (name === internal) rules.push(`-A ${name} ! -s 10.244.0.0/16 ${to(r.clusterIP)} ${says('cluster IP')} -j KUBE-MARK-MASQ`)
      if (r.affinitySeconds > 0) for (const e of endpoints) rules.push(`-A ${name} -m comment --comment "${r.name} -> ${e.ip}:${e.port}" -m recent --rcheck --seconds ${r.affinitySeconds} --reap --name ${e.chain} --mask 255.255.255.255 --rsource -j ${e.chain}`)
      endpoints.forEach((e, i) => {
        const chance = i < endpoints.length - 1 ? ` -m statistic --mode random --probability ${(Math.floor((Number(e.probability) * 2147483648)) / 2147483648).toFixed(11)}` : ''
        rules.push(`-A ${name} -m comment --comment "${r.name} -> ${e.ip}:${e.port}"${chance} -j ${e.chain}`)
      })
    }
    list(r.chain, r.clusterEndpoints)
    const local = r.internalLocal ? r.endpoints : r.externalLocal ? r.externalEndpoints : []
    list(svl, local)
    const seen = new Set<string>()
    for (const e of [...r.clusterEndpoints, ...local]) {
      if (seen.has(e.chain)) continue
      seen.add(e.chain)
      chain(e.chain)
      rules.push(`-A ${e.chain} -s ${e.ip}/32 -m comment --comment "${r.name}" -j KUBE-MARK-MASQ`)
      rules.push(`-A ${e.chain} -p ${r.protocol} -m comment --comment "${r.name}"${r.affinitySeconds > 0 ? ` -m recent --set --name ${e.chain} --mask 255.255.255.255 --rsource` : ''} -m ${r.protocol} -j DNAT --to-destination ${e.ip}:${e.port}`)
    }
  }
  const last = '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS'
  return [
    '*filter', ':KUBE-EXTERNAL-SERVICES - [0:0]', ':KUBE-FORWARD - [0:0]', ':KUBE-PROXY-FIREWALL - [0:0]', ':KUBE-SERVICES - [0:0]', ...filter,
    '-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', ...firewall, 'COMMIT',
    '*nat', ':KUBE-MARK-MASQ - [0:0]', ':KUBE-NODEPORTS - [0:0]', ':KUBE-POSTROUTING - [0:0]', ':KUBE-SERVICES - [0:0]', ...chains,
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000', ...nodePorts, '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN', '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully', ...services, last, ...rules, 'COMMIT', '',
  ].join('\n')
}
