import { Ring, cx, glyphTone } from '../../../kit'
import { useKubeloop, usePodKeys, useRow, useSession, useUi } from '../../../state'
import { activeAgents } from '../actors'
import type { MapItem } from '../flow'
import { Agents, NodeHead, stateClass } from './node-card'
import { podLabel, ringSpan } from './pod-tile'

/** The machine of the control plane: a node like the others, but nothing of the person's runs there, so it is drawn flat. */
export function NodeStrip({ item }: { readonly item: MapItem }) {
  const kubeloop = useKubeloop()
  const key = item.id.slice('node:'.length)
  const node = useRow(kubeloop.nodes, key)
  const active = useSession((s) => activeAgents(s.current, key))
  const selected = useUi((ui) => ui.selection?.kind === 'node' && ui.selection.key === key)
  const podKeys = usePodKeys(key)
  if (!node) return null
  const room = Math.max(0, Math.floor((item.width - 590) / 26))
  return (
    <section className={cx('node strip', stateClass(node), (active || selected) && 'on')} data-hit={`node:${key}`}>
      <div className="w-66 shrink-0"><NodeHead node={node} selected={selected} /></div>
      <div className="w-72 shrink-0"><Agents node={node} active={active} wide /></div>
      <div className="flex min-w-0 items-center gap-1">
        {podKeys.slice(0, room).map((podKey) => <PodDot key={podKey} podKey={podKey} />)}
        {podKeys.length > room && <span className="text-11 text-text3">+{podKeys.length - room}</span>}
      </div>
    </section>
  )
}

function PodDot({ podKey }: { readonly podKey: string }) {
  const { pods } = useKubeloop()
  const pod = useRow(pods, podKey)
  const selected = useUi((ui) => ui.selection?.kind === 'pod' && ui.selection.key === podKey)
  if (!pod) return null
  return (
    <button
      type="button" tabIndex={-1} data-obj={`pod:${pod.key}`} data-level="1" aria-label={podLabel(pod)} aria-pressed={selected} data-tip={`${pod.name}\n${pod.status} ${pod.ready}`}
      className={cx('rounded-full p-px', selected && 'bg-accent-soft outline-2 outline-accent')}
    >
      <Ring size={20} glyph={pod.glyph} tone={glyphTone[pod.glyph]} span={ringSpan(pod)} />
    </button>
  )
}
