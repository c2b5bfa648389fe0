import { Globe, Network } from 'lucide-react'
import { Button, Glyph, cx, numberText } from '../../../kit'
import { useComponent, useKubeloop, useRow, useRows, useSession, useTraffic, useUi } from '../../../state'
import type { MapItem } from '../flow'
import { NodeHead, stateClass } from '../objects/node-card'
import { useTrafficView } from './context'

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

/** You, outside the cluster, and what you send. */
export function ClientCard() {
  const kubeloop = useKubeloop()
  const { journey, hop } = useTrafficView()
  const traffic = useTraffic()
  const own = traffic.generators.filter(({ spec }) => spec.from.kind === 'outside')
  const rate = own.reduce((sum, g) => sum + g.rate, 0)
  const on = journey?.client === 'outside' && (!hop || hop.kind === 'client' || hop.kind === 'dns' || (hop.kind === 'end' && hop.ok))
  return (
    <section className={cx('cp tcard', on && 'on')} aria-label="Client">
      <h3><Globe aria-hidden="true" />Client, outside</h3>
      <p className="sub mono el">198.51.100.10</p>
      <p className="sub el">{own.length > 0 ? `${rate > 0 ? `${numberText(Math.round(rate * 10) / 10)} requests a second` : `${own.length} load generator${own.length > 1 ? 's' : ''}`}` : 'sends nothing by itself'}</p>
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
  const chosen = journey?.service === name && journey.hops.some(({ kind }) => kind === 'balancer') ? journey.entry : ''
  return (
    <section className={cx('cp tcard', chosen !== '' && (!hop || hop.kind === 'balancer') && 'on')} aria-label={`Load balancer of ${name}`}>
      <h3><Network aria-hidden="true" />Load balancer</h3>
      <p className="sub mono el" data-tip={`Made by the cloud controller manager for Service ${name}`}>{row?.externalIP ?? ''}</p>
      <ul className="mt-1 text-12">
        {keys.slice(0, 4).map((key) => (
          <li key={key} className={cx('flex items-center gap-1.5 rounded-1 px-1 text-11/[22px]', key === chosen && 'bg-accent-soft inset-ring inset-ring-accent')}>
            <Glyph name={nodes.get(key)?.ready === 'True' ? 'ok' : 'err'} size={10} /><span className="el">{key}</span>{nodePort && <span className="mono ml-auto text-text3">:{nodePort}</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The Service that is looked at: an object of the API, off the path. */
export function ServiceCard() {
  const kubeloop = useKubeloop()
  const { service, services } = useTrafficView()
  const rows = useRows(kubeloop.services)
  const row = [...rows.values()].find((s) => `${s.namespace}/${s.name}` === service)
  return (
    <section className="cp tcard dashed" aria-label="Service">
      <h3 className="gap-1!">
        <span>Service</span>
        <select
          className="nodrag nopan mono h-5 min-w-0 flex-1 rounded-1 border border-line2 bg-bg0 text-11 coarse:h-11" aria-label="Service whose rules are shown" value={service}
          onChange={(event) => kubeloop.setUi({ trafficService: event.target.value })} onClick={(event) => event.stopPropagation()}
        >
          {services.map((name) => <option key={name} value={name}>{name.replace(/^default\//, '')}</option>)}
        </select>
      </h3>
      <p className="mt-1 text-11/[16px] text-text3">An API object, not a box on the path. It exists as the same rule on every node{row && row.clusterIP && row.clusterIP !== 'None' ? <>: <span className="mono text-text2">{row.clusterIP}</span></> : ''}</p>
      {row && <Button size="sm" className="mt-1 nodrag nopan" onClick={(event) => { event.stopPropagation(); kubeloop.select({ kind: 'service', key: row.key }); kubeloop.setUi({ inspectorTab: 'traffic' }) }}>How it does</Button>}
    </section>
  )
}

/** A node of many: its name, and what comes in. */
export function SmallNode({ item }: { readonly item: MapItem }) {
  const kubeloop = useKubeloop()
  const { journey } = useTrafficView()
  const key = item.id.slice('node:'.length)
  const node = useRow(kubeloop.nodes, key)
  const selected = useUi((ui) => ui.selection?.kind === 'node' && ui.selection.key === key)
  if (!node) return null
  return (
    <section className={cx('node small', stateClass(node), (selected || journey?.entry === key || journey?.node === key) && 'on')} data-hit={`node:${key}`}>
      <NodeHead node={node} selected={selected} />
    </section>
  )
}

/** A machine of the control plane: it has the same rules. */
export function StripNode({ item }: { readonly item: MapItem }) {
  const kubeloop = useKubeloop()
  const { rules, journey } = useTrafficView()
  const key = item.id.slice('node:'.length)
  const node = useRow(kubeloop.nodes, key)
  const selected = useUi((ui) => ui.selection?.kind === 'node' && ui.selection.key === key)
  if (!node) return null
  const port = rules.get(key)?.port
  return (
    <section className={cx('node strip tstrip', stateClass(node), (selected || journey?.entry === key || journey?.node === key) && 'on')} data-hit={`node:${key}`}>
      <div className="w-56 min-w-0 shrink"><NodeHead node={node} selected={selected} /></div>
      <span className="el text-11 text-text3">{port ? `kube-proxy rules: the same, ${port.endpoints.length} endpoint${port.endpoints.length === 1 ? '' : 's'}` : 'kube-proxy rules'}</span>
    </section>
  )
}
