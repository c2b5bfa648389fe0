import { cx } from '../../../kit'
import { useKubeloop, usePodKeys, useRow, useSession, useUi } from '../../../state'
import { activeAgents } from '../actors'
import type { MapItem } from '../flow'
import { Bars } from './bars'
import { NodeHead, stateClass } from './node-card'
import { PodDots } from './pod-dots'

/** A node among many: name, usage, pods as glyphs. */
export function SmallCard({ item }: { readonly item: MapItem }) {
  const kubeloop = useKubeloop()
  const key = item.id.slice('node:'.length)
  const node = useRow(kubeloop.nodes, key)
  const active = useSession((s) => activeAgents(s.current, key) !== '')
  const selected = useUi((ui) => ui.selection?.kind === 'node' && ui.selection.key === key)
  const count = usePodKeys(key).length
  if (!node) return null
  return (
    <section className={cx('node small', stateClass(node), (active || selected) && 'on')} data-hit={`node:${key}`}>
      <NodeHead node={node} selected={selected} wide={false} />
      <Bars node={node} />
      <PodDots node={key} width={item.width - 18} height={25} />
      <span className="sr-only">{count} pods</span>
    </section>
  )
}
