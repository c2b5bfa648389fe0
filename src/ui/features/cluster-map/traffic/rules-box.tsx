import type { ServiceOnNode } from '../../../../bridge/protocol'
import { cx, numberText } from '../../../kit'
import { useKubeloop, useUi } from '../../../state'
import { useTrafficView } from './context'

/** How far a node's rules for the Service are behind; empty: not at all. */
export function staleText(known: ServiceOnNode | undefined): string {
  if (!known || known.mode === null || known.endpoints < 0) return ''
  return known.currentRevision > known.revision ? `stale, rev ${numberText(known.revision)}` : ''
}

/** kube-proxy's rule for the Service on a node: what matches, which endpoints by which chance, and what became of the packet that is shown. */
export function RulesBox({ node, width, top, height, rows, foot }: {
  readonly node: string; readonly width: number; readonly top: number; readonly height: number
  /** Endpoints that have room, and whether the line on what was rewritten has. */
  readonly rows: number
  readonly foot: boolean
}) {
  const { rules, journey, hop, places, service } = useTrafficView()
  const kubeloop = useKubeloop()
  const chosen = useUi((ui) => (ui.selection?.kind === 'pod' ? kubeloop.pods.get(ui.selection.key)?.ip : undefined))
  const known = rules.get(node)
  const port = known?.port ?? undefined
  const decision = journey?.entry === node ? journey.hops.find((h) => h.depth === 0 && h.kind === 'rules')?.rule : undefined
  const own = decision && service === decision.service ? decision : undefined
  const stale = staleText(known)
  const list = port ? (port.endpoints.length > 0 ? port.endpoints : port.externalEndpoints) : []
  const hidden = list.length - rows
  const dnat = own && own.picked >= 0 ? own.endpoints[own.picked] : undefined
  const lit = own !== undefined && (!hop || hop.kind === 'rules')
  const stopped = known !== undefined && known.mode !== null && !known.proxyUp
  return (
    <div className={cx('tbox', lit && 'lit')} style={{ top, height }}>
      <div className="th"><b>kube-proxy rules</b><span className={cx('el', stopped ? 'err' : stale !== '' && 'warn')} data-tip={stale !== '' && known ? `Made from revision ${numberText(known.revision)}; the API has ${numberText(known.currentRevision)}` : undefined}>{stopped ? 'stopped' : stale !== '' ? (width > 200 ? stale : 'stale') : known?.mode}</span></div>
      <div className="tm mono el">{port ? `${port.nodePort > 0 && width > 200 ? `:${port.nodePort} or ` : ''}${port.clusterIP}:${port.port}` : known?.mode ? 'no rule for it' : 'no rules'}</div>
      {port && list.length === 0 && <div className="tr err">{port.hasEndpoints ? 'no local endpoint: DROP' : 'no endpoints: REJECT'}</div>}
      {list.slice(0, hidden > 0 ? Math.max(1, rows - 1) : rows).map((e, i) => {
        const pod = podAt(kubeloop.pods.rows.values(), e.ip)
        const chance = list.length === 1 ? 'always' : i === list.length - 1 ? 'rest' : known?.mode === 'iptables' ? `p ${Number(e.probability).toFixed(2)}` : `1/${list.length}`
        const name = pod?.name ?? (e.node === '' ? 'no pod' : '')
        return (
          <button
            key={e.chain} type="button" tabIndex={-1} className={cx('tr mono', (dnat === `${e.ip}:${e.port}` || chosen === e.ip) && 'on')} {...(pod ? { 'data-obj': `pod:${pod.key}`, 'data-level': '1', 'aria-pressed': chosen === e.ip } : { disabled: true })}
            aria-label={`Rule on ${node}: ${e.ip}, ${chance}, ${name || 'no pod has this address now'}`} data-tip={`${e.ip}:${e.port}, ${chance}\n${name || 'no pod has this address now'}${e.node ? ` on ${e.node}` : ''}`}
          >
            <span className={name ? '' : 'err'}>{e.ip}</span>{width > 190 && <span className="el text-text3">{name.slice(-5)}</span>}<span className="ml-auto">{chance}</span>
          </button>
        )
      })}
      {hidden > 0 && rows > 1 && <div className="tr text-text3">+{hidden + 1} more endpoints</div>}
      {foot && dnat && <div className="tf mono"><div className="el"><b>DNAT</b> {dnat}</div><div className="el">{own?.masquerade ? <><b>SNAT</b> {places.isNode(node) ? node : ''}</> : <span className="text-text3">source stays</span>}</div></div>}
      {foot && !dnat && <div className={cx('tf', own && 'mono')}>{own ? <div className="el err">turned away</div> : <div className="text-text3">{footText(known, list.length, kubeloop.nodes.get(node)?.truth.power ?? true)}</div>}</div>}
    </div>
  )
}

/** What there is to say of rules that no shown packet passes. */
function footText(known: ServiceOnNode | undefined, endpoints: number, power: boolean): string {
  if (!known) return ''
  if (known.mode === null) return power ? 'kube-proxy has not written here yet.' : 'No power: its rules are gone.'
  if (known.endpoints < 0) return 'kube-proxy has not heard of it.'
  const left = known.port?.leftOut ?? 0
  if (left > 0) return `${left} left out: not ready, or terminating`
  return endpoints < 2 ? '' : known.mode === 'iptables' ? 'Tried from top to bottom; the first hit takes it.' : known.mode === 'ipvs' ? 'One after the other, in turn.' : 'One of them by a random number.'
}

function podAt<T extends { readonly ip: string; readonly phase: string }>(pods: Iterable<T>, ip: string): T | undefined {
  for (const pod of pods) if (pod.ip === ip && pod.phase !== 'Succeeded' && pod.phase !== 'Failed') return pod
  return undefined
}
