import { memo } from 'react'
import { Glyph, Ring, cx, glyphTone, numberText } from '../../../kit'
import { useKubeloop, useRow, useUi } from '../../../state'
import type { MapItem } from '../flow'
import { NodeHead, stateClass } from '../objects/node-card'
import { PodName, podLabel, ringSpan } from '../objects/pod-tile'
import { useTrafficView } from './context'

/** A node as requests see it: kube-proxy's rule for the Service, the CNI's routes, its pods. */
export function TrafficNode({ item }: { readonly item: MapItem }) {
  const kubeloop = useKubeloop()
  const key = item.id.slice('node:'.length)
  const node = useRow(kubeloop.nodes, key)
  const selected = useUi((ui) => ui.selection?.kind === 'node' && ui.selection.key === key)
  const { geometry, journey, facts } = useTrafficView()
  if (!node) return null
  const { plan } = geometry
  const pods = geometry.shown.get(key) ?? []
  const all = kubeloop.podGroups.of(key).length
  return (
    <section className={cx('node tnode', stateClass(node), (selected || journey?.entry === key) && 'on')} data-hit={`node:${key}`}>
      <NodeHead node={node} selected={selected} wide={item.width >= 320} />
      {plan.rules.rows > 0 && <RulesBox node={key} width={item.width - 22} />}
      {plan.routes.rows > 0 && <RoutesBox node={key} />}
      <div className="tpods" style={{ top: plan.podsY }}>
        <span>Pods</span><span className="mono">{facts.get(key)?.podCIDR ?? ''}</span>
      </div>
      <div className="tgrid" style={{ top: plan.podsY + 20, gridTemplateColumns: `repeat(${plan.columns}, minmax(0, 1fr))`, gridAutoRows: plan.tile }}>
        {pods.map((pod) => <Tile key={pod} podKey={pod} low={plan.tile < 30} />)}
        {all > pods.length && <div className="el self-center pl-1 text-11 text-text3">+{all - pods.length} more</div>}
      </div>
    </section>
  )
}

function RulesBox({ node, width }: { readonly node: string; readonly width: number }) {
  const { geometry, rules, journey, hop, places, service } = useTrafficView()
  const { pods } = useKubeloop()
  const { plan } = geometry
  const known = rules.get(node)
  const port = known?.port
  const decision = journey?.entry === node ? journey.hops.find((h) => h.depth === 0 && h.kind === 'rules')?.rule : undefined
  const own = decision && `${service}` === decision.service ? decision : undefined
  const stale = port !== undefined && port.currentRevision > port.revision
  const list = port ? (port.endpoints.length > 0 ? port.endpoints : port.externalEndpoints) : []
  const hidden = list.length - plan.rules.rows
  const dnat = own && own.picked >= 0 ? own.endpoints[own.picked] : undefined
  const lit = own !== undefined && (!hop || hop.kind === 'rules')
  return (
    <div className={cx('tbox', lit && 'lit')} style={{ top: plan.rules.y, height: plan.rules.height }}>
      <div className="th"><b>kube-proxy rules</b><span className={cx(known && !known.proxyUp ? 'err' : stale ? 'warn' : '')}>{known && !known.proxyUp ? 'stopped' : stale ? `stale, rev ${numberText(port.revision)}` : (known?.mode ?? '')}</span></div>
      <div className="tm mono el">{port ? `${port.nodePort > 0 && width > 200 ? `:${port.nodePort} or ` : ''}${port.clusterIP}:${port.port}` : known ? 'no rule for it' : 'no rules'}</div>
      {port && list.length === 0 && <div className="tr err">{port.hasEndpoints ? 'no local endpoint: DROP' : 'no endpoints: REJECT'}</div>}
      {list.slice(0, hidden > 0 ? Math.max(1, plan.rules.rows - 1) : plan.rules.rows).map((e, i) => {
        const name = podName(pods.rows.values(), e.ip)
        return (
          <div key={e.chain} className={cx('tr mono', dnat === `${e.ip}:${e.port}` && 'on')} data-tip={`${e.ip}:${e.port}\n${name || 'no pod has this address now'} on ${e.node}`}>
            <span className={name ? '' : 'err'}>{e.ip}</span>{width > 190 && <span className="el text-text3">{name.slice(-5)}</span>}<span className="ml-auto">{list.length === 1 ? 'always' : i === list.length - 1 ? 'rest' : known?.mode === 'iptables' ? `p ${Number(e.probability).toFixed(2)}` : `1/${list.length}`}</span>
          </div>
        )
      })}
      {hidden > 0 && plan.rules.rows > 1 && <div className="tr text-text3">+{hidden + 1} more endpoints</div>}
      {plan.rules.height > 24 + 26 + 20 * plan.rules.rows + 20 && (
        <div className="tf mono">
          {dnat ? <><div className="el"><b>DNAT</b> {dnat}</div><div className="el">{own?.masquerade ? <><b>SNAT</b> {places.isNode(node) ? node : ''}</> : <span className="text-text3">source stays</span>}</div></>
            : own ? <div className="el err">turned away</div> : <><div className="el text-text3">no packet shown</div><div className="el text-text3">same rules on all</div></>}
        </div>
      )}
    </div>
  )
}

function RoutesBox({ node }: { readonly node: string }) {
  const { geometry, facts, journey, hop } = useTrafficView()
  const { plan } = geometry
  const names = [...facts.keys()]
  const target = journey && (journey.entry === node || (journey.entry === '' && journey.hops.some((h) => h.where === node))) ? journey.node : ''
  return (
    <div className={cx('tbox', target !== '' && hop?.kind === 'network' && hop.where === node && 'lit')} style={{ top: plan.routes.y, height: plan.routes.height }}>
      <div className="th"><b>CNI routes</b></div>
      {names.slice(0, plan.routes.rows).map((name) => (
        <div key={name} className={cx('tr routes mono', name === target && 'on')}>
          <span className="el">{facts.get(name)?.podCIDR || '–'}</span><span className="el ml-auto text-text3">{name === node ? 'local' : `${facts.get(name)?.address || name}`}</span>
        </div>
      ))}
    </div>
  )
}

const Tile = memo(function Tile({ podKey, low }: { readonly podKey: string; readonly low: boolean }) {
  const { pods } = useKubeloop()
  const pod = useRow(pods, podKey)
  const selected = useUi((ui) => ui.selection?.kind === 'pod' && ui.selection.key === podKey)
  const { journey } = useTrafficView()
  if (!pod) return null
  const part = journey !== undefined && (journey.pod === `${pod.namespace}/${pod.name}` || journey.client === `${pod.namespace}/${pod.name}`)
  return (
    <button
      type="button" tabIndex={-1} data-obj={`pod:${pod.key}`} data-level="1" aria-label={podLabel(pod)} aria-pressed={selected} data-tip={`${pod.name}\n${pod.namespace}, ${pod.ip || 'no IP yet'}\n${pod.status} ${pod.ready}`}
      className={cx('pod tpod', pod.deleting && 'termg', (selected || part) && 'sel', low && 'low')}
    >
      {low ? <Glyph name={pod.glyph} /> : <Ring size={20} glyph={pod.glyph} tone={glyphTone[pod.glyph]} span={ringSpan(pod)} />}
      <span className="min-w-0 flex-1 text-left"><PodName pod={pod} />{!low && <span className="st mono el">{pod.ip || pod.status}</span>}</span>
      {low && <span className="mono shrink-0 text-11 text-text3">{pod.ip.split('.').slice(2).map((part) => `.${part}`).join('')}</span>}
    </button>
  )
})

function podName(pods: Iterable<{ readonly ip: string; readonly name: string; readonly phase: string }>, ip: string): string {
  for (const pod of pods) if (pod.ip === ip && pod.phase !== 'Succeeded' && pod.phase !== 'Failed') return pod.name
  return ''
}
