import type { ComponentRow, NodeRow, PodRow, Ring, WorkloadRow } from '../../../bridge/protocol'
import type { GlyphName } from '../../kit'
import { progressOf, type Selection } from '../../state'

/** Something that is not fine, with how many pods it touches. */
export interface Attention {
  readonly id: string
  readonly glyph: GlyphName
  readonly title: string
  readonly note: string
  readonly pods: number
  /** A timer that `note` speaks of. */
  readonly ring?: Ring | null
  readonly to: Selection
}

const stateWords: Readonly<Record<string, string>> = { down: 'is stopped', crashed: 'crashed', 'no-quorum': 'has no quorum' }

/** What to say while nothing needs attention: whether all is there that is wanted. */
export function calmWords(pods: Iterable<PodRow>, workloads: Iterable<WorkloadRow>): { readonly glyph: GlyphName; readonly text: string } {
  const say = (n: number, what: string) => ({ glyph: 'prog', text: `${n} ${what}${n === 1 ? ' is' : 's are'} not ready yet.` }) as const
  const unready = [...pods].filter(({ glyph }) => glyph === 'run' || glyph === 'prog').length
  if (unready > 0) return say(unready, 'pod')
  const waiting = [...workloads].filter((row) => row.owner === null && !progressOf(row).full).length
  return waiting > 0 ? say(waiting, 'workload') : { glyph: 'ok', text: 'Everything is as wanted.' }
}

/** What needs attention, by affected pods. Pods of one owner in one state are one line. */
export function attentionOf(components: readonly ComponentRow[], nodes: Iterable<NodeRow>, pods: Iterable<PodRow>): readonly Attention[] {
  const list: Attention[] = []
  const onNode = new Map<string, number>()
  const groups = new Map<string, { readonly first: PodRow; count: number }>()
  for (const pod of pods) {
    if (pod.node !== null) onNode.set(pod.node, (onNode.get(pod.node) ?? 0) + 1)
    if (pod.glyph === 'ok' || pod.glyph === 'done' || pod.glyph === 'run' || pod.glyph === 'prog') continue
    const id = `${pod.namespace}/${pod.owner?.name ?? pod.name}/${pod.status}/${pod.glyph}`
    const group = groups.get(id)
    if (group) group.count++
    else groups.set(id, { first: pod, count: 1 })
  }
  for (const row of components) {
    const words = stateWords[row.state]
    if (words) list.push({ id: row.key, glyph: row.state === 'down' ? 'off' : 'err', title: `${row.key} ${words}`, note: 'control plane', pods: 0, to: { kind: 'component', key: row.key } })
  }
  for (const row of nodes) {
    if (row.glyph === 'ok') continue
    const note = !row.truth.power ? 'powered off' : !row.truth.link ? 'cut off from the API server' : !row.truth.kubelet ? 'kubelet stopped' : row.glyph === 'cord' ? 'cordoned: it gets no new pods' : row.reason
    list.push({ id: row.key, glyph: row.glyph, title: `${row.key} is ${row.status}`, note, pods: row.glyph === 'cord' ? 0 : (onNode.get(row.key) ?? 0), to: { kind: 'node', key: row.key } })
  }
  for (const [id, { first, count }] of groups)
    list.push({ id, glyph: first.glyph, title: `${first.owner?.name ?? first.name}: ${first.glyph === 'unk' ? 'unknown' : first.status}`, note: first.line, ring: first.ring, pods: count, to: { kind: 'pod', key: first.key } })
  const control = (a: Attention): number => (a.to.kind === 'component' ? 1 : 0)
  return list.sort((a, b) => control(b) - control(a) || b.pods - a.pods || (a.id < b.id ? -1 : 1))
}
