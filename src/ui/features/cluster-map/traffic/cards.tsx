import type { ReactNode } from 'react'
import { Globe, Network } from 'lucide-react'
import type { ServiceOnNode } from '../../../../bridge/protocol'
import { Button, Glyph, cx, numberText } from '../../../kit'
import { useComponent, useKubeloop, useRow, useRows, useSession, useTrafficPart, useUi, type TrafficLog } from '../../../state'
import type { MapItem } from '../flow'
import { NodeHead, stateClass } from '../objects/node-card'
import { useTrafficView } from './context'
import { RulesBox, staleText } from './rules-box'
import { serviceOfBalancer } from './ways'

/** kube-apiserver, folded: requests never pass it. */
export function FoldedSpine({ item }: { readonly item: MapItem }) {
  const row = useComponent('kube-apiserver')
  const revision = useSession((s) => s.clock.revision)
  const selected = useUi((ui) => ui.selection?.kind === 'component' && ui.selection.key === 'kube-apiserver')
  if (!row) return null
  const down = row.state === 'down' || row.state === 'crashed'
  return (
    <section className={cx('spine folded', down && 'down', selected && 'on')} data-hit="component:kube-apiserver">
      <button type="button" tabIndex={-1} className="hd" data-obj="component:kube-apiserver" data-level="0" aria-pressed={selected} aria-label={`kube-apiserver, ${row.state}`}>
        <span className="text-13 font-semibold">kube-apiserver</span><Glyph name={down ? 'err' : 'ok'} />
      </button>
      <span className="el text-11 text-text2">{item.width > 700 ? 'Control plane is folded. ' : ''}It is not in the data path: it only programs the rules.</span>
      <span className="flex-1" />
      <span className="chip">rev {numberText(revision)}</span>
    </section>
  )
}

/** What is sent from outside. */
function ownWords({ generators }: TrafficLog): string {
  const own = generators.filter(({ spec }) => spec.from.kind === 'outside')
  const rate = own.reduce((sum, g) => sum + g.rate, 0)
  if (own.length === 0) return 'sends nothing by itself'
  return rate > 0 ? `${numberText(Math.round(rate * 10) / 10)} requests a second` : `${own.length} load generator${own.length > 1 ? 's' : ''}`
}

/** You, outside the cluster, and what you send. */
export function ClientCard() {
  const kubeloop = useKubeloop()
  const { journey, hop } = useTrafficView()
  const words = useTrafficPart(ownWords)
  const on = journey?.client === 'outside' && (!hop || hop.kind === 'client' || hop.kind === 'dns' || (hop.kind === 'end' && hop.ok))
  return (
    <section className={cx('cp tcard', on && 'on')} aria-label="Client">
      <div className="tt"><Globe aria-hidden="true" />Client, outside</div>
      <p className="sub mono el">198.51.100.10</p>
      <p className="sub el">{words}</p>
      <Button size="sm" className="mt-1.5 nodrag nopan" onClick={(event) => { event.stopPropagation(); kubeloop.setUi({ dialog: { name: 'send-request', key: 'outside' } }) }}>Send…</Button>
    </section>
  )
}

/** A load balancer of the cloud, in front of the nodes. */
export function BalancerCard({ item }: { readonly item: MapItem }) {
  const { geometry, journey, hop } = useTrafficView()
  const { services, nodes } = useKubeloop()
  const name = item.id.slice('balancer:'.length)
  const row = [...useRows(services).values()].find((s) => `${s.namespace}/${s.name}` === name)
  const nodePort = /:(\d+)\//.exec(row?.ports ?? '')?.[1]
  const keys = [...geometry.cells].filter(([, cell]) => cell.row >= 0).map(([key]) => key)
  const trip = journey?.trips.find(({ balancer }) => serviceOfBalancer(balancer) === name)
  const chosen = trip?.entry ?? ''
  const room = Math.floor((item.height - 52) / 22)
  const shown = keys.length <= room ? keys : [...keys.slice(0, room - 1), ...keys.slice(room - 1).filter((key) => key === chosen).slice(0, 1)]
  return (
    <section className={cx('cp tcard', trip !== undefined && (!hop || hop.kind === 'balancer') && 'on')} aria-label={`Load balancer of ${name}`}>
      <div className="tt"><Network aria-hidden="true" /><span className="el">{room > 0 ? 'Load balancer' : `Balancer of ${row?.name ?? name}`}</span></div>
      <p className="sub mono el" data-tip={`Made by the cloud controller manager for Service ${name}`}>{row?.externalIP ?? ''}</p>
      {room > 0 && (
        <ul className="mt-1 text-12">
          {shown.map((key) => (
            <li key={key} className={cx('flex items-center gap-1.5 rounded-1 px-1 text-11/[22px]', key === chosen && 'bg-accent-soft inset-ring inset-ring-accent')}>
              <Glyph name={nodes.get(key)?.ready === 'True' ? 'ok' : 'err'} size={10} /><span className="el">{key}</span>{nodePort && <span className="mono ml-auto text-text3">:{nodePort}</span>}
            </li>
          ))}
          {shown.length < keys.length && <li className="px-1 text-11/[22px] text-text3">+{keys.length - shown.length} more nodes</li>}
        </ul>
      )}
    </section>
  )
}

/** The Service that is looked at: an object of the API, off the path. */
export function ServiceCard({ item }: { readonly item: MapItem }) {
  const kubeloop = useKubeloop()
  const { service, services } = useTrafficView()
  const rows = useRows(kubeloop.services)
  const row = [...rows.values()].find((s) => `${s.namespace}/${s.name}` === service)
  return (
    <section className="cp tcard dashed" aria-label="Service">
      <div className="tt gap-1!">
        <span>Service</span>
        <select
          className="nodrag nopan mono h-5 min-w-0 flex-1 rounded-1 border border-line2 bg-bg0 text-11 coarse:h-11" aria-label="Service whose rules are shown" value={service}
          onChange={(event) => kubeloop.setUi({ trafficService: event.target.value })} onClick={(event) => event.stopPropagation()}
        >
          {services.map((name) => <option key={name} value={name}>{name.replace(/^default\//, '')}</option>)}
        </select>
      </div>
      <p className="mt-1 text-11/[16px] text-text3">{item.height > 140 && item.width > 150 ? 'An API object, not a box on the path: the same rule on every node.' : 'The same rule on every node.'}</p>
      {row && <p className="mono el text-11/[18px] text-text2">{row.clusterIP && row.clusterIP !== 'None' ? row.clusterIP : row.type}</p>}
      {row && <p className="el text-11/[16px] text-text3"><span className={cx(row.endpointsReady < row.endpoints && 'warn', row.endpoints === 0 && 'err')}>{row.endpointsReady} of {row.endpoints}</span> endpoints ready</p>}
      {row && <Button size="sm" className="mt-1.5 nodrag nopan" onClick={(event) => { event.stopPropagation(); kubeloop.select({ kind: 'service', key: row.key }); kubeloop.setUi({ inspectorTab: 'traffic' }) }}>Statistics</Button>}
    </section>
  )
}

/** The node of a card, and whether it is selected or lies on the way of the journey that is followed. */
function useNodeOf(item: MapItem) {
  const kubeloop = useKubeloop()
  const { journey } = useTrafficView()
  const key = item.id.slice('node:'.length)
  const node = useRow(kubeloop.nodes, key)
  const selected = useUi((ui) => ui.selection?.kind === 'node' && ui.selection.key === key)
  return { key, node, selected, involved: journey?.trips.some((trip) => trip.entry === key || trip.node === key) === true }
}

/** A node of many: its name, and how its rules stand. */
export function SmallNode({ item }: { readonly item: MapItem }) {
  const { rules, closeUp } = useTrafficView()
  const { key, node, selected, involved } = useNodeOf(item)
  if (!node) return null
  return (
    <section className={cx('node small tsmall', stateClass(node), (selected || involved) && 'on', closeUp === key && 'close')} data-hit={`node:${key}`}>
      <NodeHead node={node} selected={selected} wide={false} />
      <p className="sub el">{rulesText(rules.get(key))}</p>
    </section>
  )
}

function rulesText(known: ServiceOnNode | undefined): ReactNode {
  if (!known) return ''
  if (known.mode === null) return <span className="text-text3">no rules</span>
  if (!known.proxyUp) return <span className="warn">kube-proxy stopped</span>
  if (known.endpoints < 0) return <span className="warn">no rule for it</span>
  const stale = staleText(known)
  return stale ? <span className="warn">{stale}</span> : <span className={known.endpoints === 0 ? 'err' : 'text-text3'}>{known.endpoints} endpoint{known.endpoints === 1 ? '' : 's'}</span>
}

/** Beside many small cards: the rules of the node that is looked at, or what those of all have in common. */
export function RulesCard({ item }: { readonly item: MapItem }) {
  const { rules, closeUp, service } = useTrafficView()
  const all = [...rules.values()]
  if (closeUp === '') {
    const [none, stopped, stale] = [all.filter(({ mode }) => mode === null).length, all.filter(({ mode, proxyUp }) => mode !== null && !proxyUp).length, all.filter((row) => row.proxyUp && staleText(row) !== '').length]
    const unknown = all.filter(({ mode, endpoints, proxyUp }) => mode !== null && proxyUp && endpoints < 0).length
    const same = all.length - none - stopped - stale - unknown
    const most = Math.max(0, ...all.map(({ endpoints }) => endpoints))
    const rows: readonly (readonly [string, number, string])[] = [['have its newest rule', same, 'ok'], ['have a stale one', stale, 'warn'], ['have not heard of it', unknown, 'warn'], ['kube-proxy stopped', stopped, 'warn'], ['have no rules', none, 'err']]
    return (
      <section className="cp tcard" aria-label="Rules on all nodes">
        <div className="tt">Rules for {service.slice(service.indexOf('/') + 1)}</div>
        <p className="sub el">{all.length} nodes, {most} endpoint{most === 1 ? '' : 's'}</p>
        <ul className="mt-1 text-11/[20px]">{rows.filter(([, n]) => n > 0).map(([label, n, tone]) => <li key={label} className="flex items-center gap-1.5"><Glyph name={tone === 'ok' ? 'ok' : tone === 'warn' ? 'warn' : 'err'} size={10} /><span className="mono">{numberText(n)}</span><span className="el">{label}</span></li>)}</ul>
        <p className="mt-1 text-11/[15px] text-text3">Point at a node to read its rules.</p>
      </section>
    )
  }
  const rows = Math.max(1, Math.floor((item.height - 42 - 24 - 26 - 42) / 20))
  return (
    <section className="cp tcard trules" aria-label={`Rules of ${closeUp}`}>
      <div className="tt">{closeUp}</div>
      <RulesBox node={closeUp} width={item.width - 20} top={32} height={item.height - 42} rows={rows} foot />
    </section>
  )
}

/** A machine of the control plane: it has the same rules. */
export function StripNode({ item }: { readonly item: MapItem }) {
  const { rules } = useTrafficView()
  const { key, node, selected, involved } = useNodeOf(item)
  if (!node) return null
  return (
    <section className={cx('node strip tstrip', stateClass(node), (selected || involved) && 'on')} data-hit={`node:${key}`}>
      <div className="w-44 min-w-0 shrink-0"><NodeHead node={node} selected={selected} wide={false} /></div>
      <span className="el text-11 text-text3">kube-proxy rules: {rulesText(rules.get(key))}</span>
    </section>
  )
}
