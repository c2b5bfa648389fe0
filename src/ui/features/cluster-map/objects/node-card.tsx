import { useCallback, useSyncExternalStore } from 'react'
import { Power } from 'lucide-react'
import type { NodeRow } from '../../../../bridge/protocol'
import { Button, Glyph, Ring, TickText, isCoarsePointer, cx, durationText, glyphTone, type StatusTone } from '../../../kit'
import { nodeActions, useKubeloop, usePodKeys, useRow, useSession, useUi } from '../../../state'
import { activeAgents } from '../actors'
import type { MapItem } from '../flow'
import { Bars } from './bars'
import { PodTile } from './pod-tile'

/** A worker node at full size: agents, usage, pods. */
export function NodeCard({ item }: { readonly item: MapItem }) {
  const kubeloop = useKubeloop()
  const key = item.id.slice('node:'.length)
  const node = useRow(kubeloop.nodes, key)
  const active = useSession((s) => activeAgents(s.current, key))
  const selected = useUi((ui) => ui.selection?.kind === 'node' && ui.selection.key === key)
  const podKeys = usePodKeys(key)
  const chosen = useUi((ui) => (ui.selection?.kind === 'pod' ? ui.selection.key : ''))
  if (!node) return null
  const notice = noticeOf(node)
  const podPitch = isCoarsePointer() ? 48 : 42 // fingers press on taller ones
  const low = item.height < 200
  const inner = item.width - 22
  const columns = Math.max(inner >= 236 || (low && inner >= 200) ? 2 : 1, Math.floor((inner + 6) / 142))
  const rows = Math.max(1, Math.floor((item.height - (low ? 84 : 106) + 4) / podPitch))
  const shown = shownPods(podKeys, columns * rows, chosen)
  const hidden = podKeys.length - shown.length
  const full = Math.ceil((shown.length + (hidden > 0 ? 1 : 0)) / columns) >= rows
  return (
    <section className={cx('node', stateClass(node), (active || selected) && 'on')} data-hit={`node:${key}`}>
      <NodeHead node={node} selected={selected} wide={item.width >= 200} />
      {!low && <Agents node={node} active={active} wide={item.width >= 250} />}
      {notice ? <div className={cx('ban', notice.tone)}>
        <div className="el"><b>{notice.title}</b> {notice.detail}</div>
        <div className="el text-text3">{notice.more}</div>
      </div> : <Bars node={node} />}
      <div className="pods" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
        {shown.map((podKey) => <PodTile key={podKey} podKey={podKey} />)}
        {hidden > 0 && <div className="more">+{hidden} more</div>}
      </div>
      <Counts node={key} keys={podKeys} />
      <QuickActions node={node} over={full} />
    </section>
  )
}

/** What a card says when it is too small to read: how many pods, and how many of them are not fine. */
function Counts({ node, keys }: { readonly node: string; readonly keys: readonly string[] }) {
  const { pods, podGroups } = useKubeloop()
  const odd = useSyncExternalStore(
    useCallback((wake: () => void) => podGroups.subscribePods(node, wake), [podGroups, node]),
    () => keys.filter((key) => !['ok', 'done'].includes(pods.get(key)?.glyph ?? 'ok')).length,
  )
  return <p className="far" aria-hidden="true">{keys.length} pods{odd > 0 && <b className="warn">{odd} not ready</b>}</p>
}

/** The pods that fit; the last cell counts the rest. The selected one is always among them. */
function shownPods(keys: readonly string[], room: number, chosen: string): readonly string[] {
  if (keys.length <= room) return keys
  const shown = keys.slice(0, Math.max(0, room - 1))
  return chosen && keys.includes(chosen) && !shown.includes(chosen) ? [...shown.slice(0, -1), chosen] : shown
}

/** Glyph, name, zone and how fresh the API's knowledge is: the button that stands for the node. */
export function NodeHead({ node, selected, wide = true }: { readonly node: NodeRow; readonly selected: boolean; readonly wide?: boolean }) {
  return (
    <button
      type="button" tabIndex={-1} className="hd" data-obj={`node:${node.key}`} data-level="0" aria-label={nodeLabel(node)} aria-pressed={selected}
      aria-keyshortcuts="K C D" data-tip={`${node.key}${node.zone ? `, ${node.zone}` : ''}\nkubectl: ${node.status}${node.taints.length > 0 ? `\n${node.taints.join('\n')}` : ''}`}
    >
      <Glyph name={node.glyph} tone={nodeTone(node)} size={14} />
      <span className="el text-13 font-semibold">{node.key}</span>
      {wide && <span className="zone-name shrink-0 text-11 text-text3">{node.zone}</span>}
      {node.unschedulable && node.glyph !== 'cord' && <Glyph name="cord" />}
      <span className="flex-1" />
      {(wide || stateClass(node) !== '') && <Heard node={node} />}
      <Ring size={16} span={node.ring ?? undefined} tone={nodeTone(node)} />
    </button>
  )
}

function Heard({ node }: { readonly node: NodeRow }) {
  if (node.joining) return <span className="text-11 text-info">joining</span>
  if (node.ready === 'True' && !reaches(node)) return <span className="chip c-warn h-4.5!">API says Ready</span>
  if (node.ready === 'Unknown') return <TickText className="text-11 font-semibold text-err" text={(now) => `${durationText(now - node.heardAt)} silent`} />
  if (node.unschedulable) return <span className="text-11 text-text3">no new pods</span>
  return <TickText className="shrink-0 text-11 text-text3" text={(now) => `heard ${durationText(now - node.heardAt)} ago`} />
}

/** kubelet, runtime and CNI talk to each other; kube-proxy stands alone. */
export function Agents({ node, active, wide }: { readonly node: NodeRow; readonly active: string; readonly wide: boolean }) {
  const on = new Set(active.split(' '))
  const { power, kubelet, runtime, cni, kubeProxy } = node.truth
  const agent = (name: string, runs: boolean, names: readonly string[] = [name]) => (
    <span className={cx('agc', names.some((n) => on.has(n)) && 'on', !(runs && power) && 'struck')}>{name}<span className="sr-only">{runs && power ? '' : ' not running'}</span></span>
  )
  const localRuntime = on.has('kubelet') && (on.has('containerd') || on.has('cri'))
  const localNet = on.has('cni') || on.has('CNI')
  return (
    <div className={cx('ag', !wide && 'tight')}>
      {agent('kubelet', kubelet)}<span className={cx('agl', localRuntime && 'on')} />
      {agent(wide ? 'containerd' : 'runtime', runtime, ['containerd', 'cri', 'runtime'])}<span className={cx('agl', localNet && 'on')} />
      {agent('CNI', cni, ['CNI', 'cni'])}<span className="flex-1" />{agent('kube-proxy', kubeProxy)}
    </div>
  )
}

function QuickActions({ node, over }: { readonly node: NodeRow; readonly over: boolean }) {
  const kubeloop = useKubeloop()
  const actions = nodeActions(kubeloop, node).filter(({ key }) => key === 'K' || key === 'C' || key === 'D')
  return (
    <div className={cx('qa nodrag nopan', over && 'over')}>
      {actions.map((action) => (
        <Button key={action.id} tabIndex={-1} data-tip={action.command} onClick={(event) => { event.stopPropagation(); action.run() }}>
          {action.id === 'power' && <Power aria-hidden="true" />}{action.label} <kbd className="kbd" aria-hidden="true">{action.key}</kbd>
        </Button>
      ))}
    </div>
  )
}

/** True when the API server can hear the node's kubelet. */
export function reaches(node: NodeRow): boolean {
  return node.truth.power && node.truth.link && node.truth.kubelet
}

/** The colour of a node's glyph: red hexagons for nodes, grey while the API does not know yet. */
export function nodeTone(node: NodeRow): StatusTone {
  if (node.glyph === 'unk') return node.ready === 'True' ? 'warn' : 'err'
  if (node.glyph === 'ok' && !reaches(node)) return 'unk'
  return glyphTone[node.glyph]
}

/** How the card is framed. */
export function stateClass(node: NodeRow): string {
  if (node.joining) return 'joining'
  if (node.ready === 'Unknown') return 'down'
  if (node.ready === 'False') return 'bad'
  if (!reaches(node)) return 'stale'
  return node.glyph === 'warn' ? 'pressure' : ''
}

/** What stands in place of the bars when usage is not known, or truth and API differ. */
function noticeOf(node: NodeRow): { readonly tone: string; readonly title: string; readonly detail: string; readonly more: string } | null {
  const { power, kubelet, link } = node.truth
  if (node.ready !== 'True' && !node.joining) {
    return { tone: 'e', title: node.status.split(',')[0] ?? '', detail: `Ready=${node.ready}${node.reason ? `, ${node.reason}` : ''}`, more: node.taints.length > 0 ? `taint ${node.taints.map((t) => t.replace(/^node\.kubernetes\.io\//, '')).join(', ')}` : node.message }
  }
  if (!power) return { tone: 'w', title: 'Power is off', detail: '', more: 'The API still shows Ready. Nobody has told it.' }
  if (!kubelet) return { tone: 'w', title: 'The kubelet is stopped', detail: '', more: 'Pods run on. The API still shows Ready.' }
  if (!link) return { tone: 'w', title: 'Cut off from the API', detail: '', more: 'Pods run; the API hears nothing.' }
  return null
}

/** The accessible name of a node. */
export function nodeLabel(node: NodeRow): string {
  const truth = node.truth.power ? (node.truth.kubelet ? (node.truth.link ? '' : ', cut off from the API') : ', kubelet stopped') : ', powered off'
  return `Node ${node.key}, ${node.status}${truth}${node.zone ? `, ${node.zone}` : ''}`
}
