import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { Search } from 'lucide-react'
import type { NodeRow, PodRow } from '../../../bridge/protocol'
import { useKubeloop, useRows, useSession, useUi } from '../../state'
import { itemsOf, type Item } from './items'
import { Line } from './line'
import { StepMessages } from './step-messages'
import { VirtualList } from './virtual-list'

/** With more pods than this, nodes begin closed, except those that need attention. */
const openAllBelow = 60

/** Everything in the cluster in sections, with a namespace filter and a find box. */
export function ListView() {
  const kubeloop = useKubeloop()
  const [namespace, setNamespace] = useState('')
  const [find, setFind] = useState('')
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const components = useSession((s) => s.components)
  const nodes = [...useRows(kubeloop.nodes).values()]
  const pods = useRows(kubeloop.pods)
  const workloads = [...useRows(kubeloop.workloads).values()]
  const services = [...useRows(kubeloop.services).values()]
  const objects = [...useRows(kubeloop.objects).values()]
  const touch = useMemo(() => matchMedia('(pointer: coarse)').matches, [])
  const reveal = useUi((ui) => (ui.selection ? (ui.selection.kind === 'node' || ui.selection.kind === 'member' ? `${ui.selection.kind} ${ui.selection.key}` : ui.selection.key) : null))
  const few = pods.size <= openAllBelow
  const items = itemsOf(
    {
      components, nodes: nodes.sort(byKey), workloads, services, objects,
      podsOf: (node) => kubeloop.podGroups.of(node).flatMap((key): readonly PodRow[] => { const row = pods.get(key); return row ? [row] : [] }),
    },
    {
      namespace, find: find.toLowerCase(),
      isOpen: (key) => (few || needsAttention(kubeloop.nodes.get(key))) !== toggled.has(key),
    },
  )
  const toggle = useCallback((node: string): void => {
    setToggled((before) => {
      const after = new Set(before)
      if (!after.delete(node)) after.add(node)
      return after
    })
  }, [])
  const rows = [...pods.values(), ...workloads, ...services, ...objects]
  const namespaces = [...new Set(rows.map((row) => row.namespace).filter((name) => name !== ''))].sort()
  return (
    <section aria-label="List" className="@container flex h-full min-h-0 flex-col bg-bg1 pt-14 max-[599px]:pt-0">
      <div className="flex shrink-0 items-center gap-2 border-b border-line1 px-3 py-2">
        <FindBox value={find} onChange={setFind} />
        <label className="flex items-center gap-1.5 text-12 text-text3">
          <span className="max-[599px]:sr-only">Namespace</span>
          <select className="h-7 max-w-36 rounded-2 border border-line2 bg-bg2 px-1.5 text-12 text-text coarse:h-11" value={namespace} onChange={(event) => setNamespace(event.target.value)}>
            <option value="">all</option>
            {namespaces.map((name) => <option key={name}>{name}</option>)}
          </select>
        </label>
      </div>
      <StepMessages />
      {items.length === 0 && <p className="p-3 text-12 text-text2">Nothing is called “{find}”.</p>}
      <VirtualList label="Cluster" items={items} heightOf={(item) => heightOf(item, touch)} reveal={reveal} render={(item) => <ItemLine item={item} toggle={toggle} />} />
    </section>
  )
}

function ItemLine({ item, toggle }: { readonly item: Item; readonly toggle: (node: string) => void }) {
  if (item.kind === 'section')
    return (
      <h2 className="flex h-full items-end justify-between px-3 pb-1 text-11 font-semibold text-text3">
        {item.title} <span className="font-normal">{item.note}</span>
      </h2>
    )
  if (item.kind === 'empty') return <p className="px-3 pt-1 text-12 text-text2">{item.text}</p>
  return <Line item={item} toggle={toggle} />
}

const heightOf = (item: Item, touch: boolean): number => (item.kind === 'section' ? 30 : item.kind === 'empty' ? 28 : touch ? 48 : 38)

const byKey = (a: NodeRow, b: NodeRow): number => (a.key < b.key ? -1 : 1)

function needsAttention(node: NodeRow | undefined): boolean {
  return node !== undefined && node.glyph !== 'ok'
}

/** Finds by name, status, IP or namespace; `/` goes there from anywhere. */
function FindBox({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const { setUi } = useKubeloop()
  const wanted = useUi((ui) => ui.focus === 'find')
  useEffect(() => {
    if (!wanted) return
    input.current?.focus()
    setUi({ focus: null }) // or the list would take the focus whenever it is shown again
  }, [wanted, setUi])
  return (
    <label className="relative flex min-w-0 flex-1 items-center">
      <Search className="pointer-events-none absolute left-2 size-3.5 text-text3" aria-hidden="true" />
      <input
        ref={input} type="search" value={value} onChange={(event) => onChange(event.target.value)} aria-label="Find by name, status, IP or namespace" placeholder="Name, status or IP" spellCheck={false} autoCapitalize="off"
        className="h-7 w-full rounded-2 border border-line2 bg-bg0 pr-2 pl-7 text-12 placeholder:text-text3 coarse:h-11"
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.stopPropagation()
          onChange('')
          event.currentTarget.blur()
        }}
      />
    </label>
  )
}
