import { useState } from 'react'
import type { NodeRules } from '../../../bridge/protocol'
import { Button, Glyph, Segmented, TickText, cx, durationText, numberText } from '../../kit'
import { useAnswer, useKubeloop, useUi, type Kubeloop } from '../../state'
import { podSuffix } from './words'

/** What is in the kernel of a node: kube-proxy's rules as a table, and as the node's own tool prints them. */
export function RulesTab() {
  const node = useUi((ui) => ui.selection?.key ?? '')
  const [form, setForm] = useState<'table' | 'text'>('table')
  const { value, error } = useAnswer({ about: 'rules', node }, true)
  const rules = value as NodeRules | null | undefined
  if (error) return <p className="p-3 text-12 text-text2">{error}</p>
  if (rules === undefined) return <p className="p-3 text-12 text-text3">Reading the node’s rules…</p>
  if (rules === null || rules.writtenAt === null) return <p className="p-3 text-12 text-text2">kube-proxy has written no rules on {node}: the machine has no power, or kube-proxy has never run there.</p>
  const { writtenAt } = rules
  return (
    <div className="p-3">
      <div className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-12">
        <Segmented small label="Form of the rules" options={[{ id: 'table', title: 'Table' }, { id: 'text', title: tools[rules.mode] }]} value={form} onChange={setForm} />
        <span className="text-text3">written <TickText text={(now) => `${durationText(now - writtenAt)} ago`} /></span>
      </div>
      {!rules.proxyUp && <p className="mb-2 flex items-start gap-1.5 rounded-2 bg-warn-soft px-2 py-1.5 text-12"><span className="pt-0.5"><Glyph name="warn" /></span>kube-proxy does not run here. Its rules stay in the kernel and miss every change.</p>}
      {form === 'table' ? <Table rules={rules} /> : <pre className="mono overflow-x-auto rounded-2 border border-line1 bg-bg0 p-2 text-11/[16px]" aria-label={`${tools[rules.mode]} on ${node}`}>{rules.text}</pre>}
    </div>
  )
}

const tools: Readonly<Record<NodeRules['mode'], string>> = { iptables: 'iptables-save', ipvs: 'ipvsadm -Ln', nftables: 'nft list' }

function Table({ rules }: { readonly rules: NodeRules }) {
  const kubeloop = useKubeloop()
  const pods = podsByIp(kubeloop)
  return (
    <ul className="space-y-2" aria-label={`Rules of ${rules.node}`}>
      {rules.ports.map((port) => {
        const stale = port.currentRevision > port.revision
        const external = port.nodePort > 0 || port.loadBalancerIPs.length + port.externalIPs.length > 0
        return (
          <li key={`${port.name}/${port.protocol}`} className="rounded-2 border border-line1 bg-bg2 text-11/[18px]">
            <div className="flex items-baseline gap-2 border-b border-line1 px-2 py-1">
              <b className="el text-12 font-semibold">{port.name}</b>
              <span className={cx('mono ml-auto shrink-0', stale ? 'text-warn' : 'text-text3')} data-tip={stale ? `The API has revision ${port.currentRevision}` : undefined}>rev {numberText(port.revision)}{stale ? `, API ${numberText(port.currentRevision)}` : ''}</span>
            </div>
            <div className="mono px-2 py-1 text-text2 wrap-anywhere">
              {port.clusterIP}:{port.port}/{port.protocol}
              {port.nodePort > 0 && <> or :{port.nodePort}</>}
              {[...port.loadBalancerIPs, ...port.externalIPs].map((ip) => ` or ${ip}:${port.port}`).join('')}
            </div>
            <Endpoints label={external && port.externalLocal ? 'From inside' : ''} list={port.endpoints} mode={rules.mode} pods={pods} none={port.internalLocal && port.hasEndpoints ? 'none on this node: DROP' : 'no endpoints: REJECT'} />
            {external && port.externalLocal && <Endpoints label="From outside, only local ones" list={port.externalEndpoints} mode={rules.mode} pods={pods} none={port.hasEndpoints ? 'none on this node: DROP' : 'no endpoints: REJECT'} />}
            {(port.affinitySeconds > 0 || port.leftOut > 0) && (
              <p className="border-t border-line1 px-2 py-1 text-text3">
                {port.affinitySeconds > 0 ? `Session affinity: a client keeps its pod for ${numberText(port.affinitySeconds)} s. ` : ''}{port.leftOut > 0 ? `${port.leftOut} left out: not ready, or terminating` : ''}
              </p>
            )}
            {port.service !== 'kubernetes' && (
              <div className="border-t border-line1 px-1 py-1">
                <Button size="sm" className="border-transparent! bg-transparent! text-accent!" onClick={() => kubeloop.setUi({ dialog: { name: 'send-request', key: `node/${rules.node}` } })}>Send a request from here</Button>
              </div>
            )}
          </li>
        )
      })}
    </ul>
  )
}

function Endpoints({ label, list, mode, pods, none }: { readonly label: string; readonly list: NodeRules['ports'][number]['endpoints']; readonly mode: NodeRules['mode']; readonly pods: ReadonlyMap<string, string>; readonly none: string }) {
  return (
    <div className="border-t border-line1 px-2 py-1">
      {label && <p className="text-text3">{label}</p>}
      {list.length === 0 && <p className="text-err">{none}</p>}
      {list.map((e, i) => (
        <div key={e.chain} className="mono grid grid-cols-[auto_minmax(0,1fr)_auto] gap-2" data-tip={`${e.chain}\non ${e.node}`}>
          <span>{e.ip}:{e.port}</span>
          <span className="el text-text3">{pods.get(e.ip) ? podSuffix(pods.get(e.ip) ?? '') : e.node === '' ? 'no pod: an address of its own' : 'no such pod now'} {e.node}</span>
          <span>{list.length === 1 ? 'always' : mode !== 'iptables' ? `1/${list.length}` : i === list.length - 1 ? 'rest' : `p ${Number(e.probability).toFixed(2)}`}</span>
        </div>
      ))}
    </div>
  )
}

/** Names of pods by their address. */
function podsByIp(kubeloop: Kubeloop): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const pod of kubeloop.pods.rows.values()) if (pod.ip !== '' && pod.phase !== 'Succeeded' && pod.phase !== 'Failed') names.set(pod.ip, pod.name)
  return names
}
