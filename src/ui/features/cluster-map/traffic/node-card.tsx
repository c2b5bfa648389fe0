import { memo } from 'react'
import { Glyph, Ring, cx, glyphTone } from '../../../kit'
import { useKubeloop, useRow, useUi } from '../../../state'
import type { MapItem } from '../flow'
import { NodeHead, stateClass } from '../objects/node-card'
import { PodName, podLabel, ringSpan } from '../objects/pod-tile'
import { useTrafficView } from './context'
import { podsHead } from './geometry'
import { RulesBox } from './rules-box'

/** A node as requests see it: kube-proxy's rule for the Service, the CNI's routes, its pods. */
export function TrafficNode({ item }: { readonly item: MapItem }) {
  const kubeloop = useKubeloop()
  const key = item.id.slice('node:'.length)
  const node = useRow(kubeloop.nodes, key)
  const selected = useUi((ui) => ui.selection?.kind === 'node' && ui.selection.key === key)
  const { geometry, journey, rules } = useTrafficView()
  if (!node) return null
  const { plan } = geometry
  const pods = geometry.shown.get(key) ?? []
  const all = kubeloop.podGroups.of(key).length
  const box = plan.rules
  return (
    <section className={cx('node tnode', stateClass(node), (selected || journey?.entry === key) && 'on')} data-hit={`node:${key}`}>
      <NodeHead node={node} selected={selected} wide={item.width >= 300} />
      {box.rows > 0 && <RulesBox node={key} width={item.width - 22} top={box.y} height={box.height} rows={box.rows} foot={box.foot} />}
      {plan.routes.rows > 0 && <RoutesBox node={key} />}
      <div className="tpods" style={{ top: plan.podsY }}>
        <span>Pods{all > pods.length && `, ${all - pods.length} more`}</span><span className="mono">{rules.get(key)?.podCIDR ?? ''}</span>
      </div>
      <div className="tgrid" style={{ top: plan.podsY + podsHead, gridTemplateColumns: `repeat(${plan.columns}, minmax(0, 1fr))`, gridAutoRows: plan.tile }}>
        {pods.map((pod) => <Tile key={pod} podKey={pod} low={plan.tile < 30} />)}
      </div>
    </section>
  )
}

function RoutesBox({ node }: { readonly node: string }) {
  const { geometry, rules, journey, hop } = useTrafficView()
  const { plan } = geometry
  const trip = hop ? journey?.trips[hop.trip] : journey?.trips[0]
  const leaves = trip && (trip.entry !== '' ? trip.entry : trip.from)
  const target = trip && leaves === node ? trip.node : ''
  return (
    <div className={cx('tbox', target !== '' && hop?.kind === 'network' && hop.where === node && 'lit')} style={{ top: plan.routes.y, height: plan.routes.height }}>
      <div className="th"><b>CNI routes</b></div>
      {[...rules.values()].slice(0, plan.routes.rows).map((row) => (
        <div key={row.node} className={cx('tr routes mono', row.node === target && 'on')}>
          <span className="el">{row.podCIDR || '–'}</span><span className="el ml-auto text-text3">{row.node === node ? 'local' : `${row.address || row.node}`}</span>
        </div>
      ))}
    </div>
  )
}

const Tile = memo(function Tile({ podKey, low }: { readonly podKey: string; readonly low: boolean }) {
  const { pods } = useKubeloop()
  const pod = useRow(pods, podKey)
  const selected = useUi((ui) => ui.selection?.kind === 'pod' && ui.selection.key === podKey)
  const { journey, hop } = useTrafficView()
  if (!pod) return null
  const name = `${pod.namespace}/${pod.name}`
  const trip = hop ? journey?.trips[hop.trip] : undefined
  const part = journey !== undefined && (trip ? trip.pod === name || trip.client === name : journey.pod === name || journey.client === name)
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
