import { memo, type KeyboardEvent, type ReactNode } from 'react'
import { ChevronDown, ChevronRight, Ellipsis, Minus, Plus } from 'lucide-react'
import type { NodeRow, PodRow } from '../../../bridge/protocol'
import { Glyph, IconButton, Ring, TickText, countdownText, cx, durationText, glyphTone, numberText, useMenu, type GlyphName, type StatusTone } from '../../kit'
import {
  componentActions, inNamespace, isScalable, nodeActions, podActions, progressOf, runKubectl, scaleTo, useKubeloop, useUi, workloadActions, type Kubeloop, type ObjectAction, type Selection,
} from '../../state'
import type { Item } from './items'
import { useTrafficWords } from './traffic-words'

type ObjectItem = Exclude<Item, { kind: 'section' | 'empty' }>

/** One line of the list: a press selects, its keys and its menu act, as on the map. */
export const Line = memo(function Line({ item, toggle }: { readonly item: ObjectItem; readonly toggle: (node: string) => void }) {
  const kubeloop = useKubeloop()
  const showMenu = useMenu()
  const selection = selectionOf(item)
  const selected = useUi((ui) => ui.selection?.kind === selection.kind && ui.selection.key === selection.key)
  const traffic = useTrafficWords(item)
  const { name, glyph, tone, status, facts: plain, detail, title } = wordsOf(item)
  const facts = [traffic, plain].filter(Boolean).join(', ')
  const actions = (): readonly ObjectAction[] => actionsOf(kubeloop, item)
  const openMenu = (anchor: { left: number; right: number; top: number; bottom: number }): void => {
    const items = actions().map(({ key, ...action }) => ({ ...action, hint: key }))
    if (items.length > 0) showMenu({ label: title, items, anchor })
  }
  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const rect = event.currentTarget.getBoundingClientRect()
    if ((event.key === 'F10' && event.shiftKey) || event.key === 'ContextMenu') openMenu(rect)
    else if (item.kind === 'node' && ((event.key === 'ArrowRight' && !item.open) || (event.key === 'ArrowLeft' && item.open))) toggle(item.row.key)
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') moveFocus(event.currentTarget, event.key === 'ArrowDown' ? 1 : -1)
    else {
      const action = actions().find(({ key }) => key?.toLowerCase() === (event.key === '=' ? '+' : event.key.toLowerCase()))
      if (!action) return
      action.run()
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const nested = item.kind === 'member' || ('level' in item && item.level === 1)
  return (
    <div className={cx('relative flex h-full items-center border-b border-line1', nested ? 'ml-8 [--in:20px]' : 'ml-3 [--in:0px]', selected ? 'bg-accent-soft' : 'hover:bg-bg2')}>
      {nested && <span aria-hidden="true" className="absolute inset-y-0 -left-2 w-px bg-line2" />}
      <button
        type="button" aria-pressed={selected} aria-label={traffic ? `${title}, ${traffic}` : title} data-line={item.key} onKeyDown={onKeyDown} onClick={() => kubeloop.select(selection)}
        onContextMenu={(event) => {
          event.preventDefault()
          openMenu({ left: event.clientX, right: event.clientX, top: event.clientY, bottom: event.clientY })
        }}
        className="grid h-full min-w-0 flex-1 grid-cols-[16px_minmax(0,1fr)] items-center gap-x-2.5 pl-1 text-left focus-visible:-outline-offset-2 @2xl:grid-cols-[16px_calc((100cqw-170px)*0.37-var(--in))_calc((100cqw-170px)*0.3)_minmax(0,1fr)]"
      >
        <Glyph name={glyph} tone={tone} size={14} />
        <span className="min-w-0">
          <span className={cx('el block text-13/[18px]', item.kind !== 'node' && item.kind !== 'component' ? 'mono text-12/[18px]' : 'font-semibold')}>{name}</span>
          <span className="el block text-11/4 text-text3 @2xl:hidden"><span className={status.tone}><Words of={status.text} /></span>{facts !== '' && `, ${facts}`}</span>
        </span>
        <span className={cx('el hidden text-12 @2xl:block', status.tone ?? 'text-text2')}><Words of={status.text} /></span>
        <span className="el hidden text-12 text-text3 @2xl:block">{[facts, detail].filter(Boolean).join(', ')}</span>
      </button>
      {item.kind === 'pod' && item.row.ring && <span className="ml-2 shrink-0"><Ring span={item.row.ring} tone={glyphTone[glyph]} size={32} print /></span>}
      {item.kind === 'workload' && isScalable(item.row) && (
        <>
          <IconButton size="sm" label={`One replica less of ${item.row.name}`} disabled={item.row.desired === 0} onClick={() => scaleTo(kubeloop, item.row, item.row.desired - 1)}><Minus /></IconButton>
          <IconButton size="sm" label={`One replica more of ${item.row.name}`} onClick={() => scaleTo(kubeloop, item.row, item.row.desired + 1)}><Plus /></IconButton>
        </>
      )}
      <IconButton size="sm" label={`Actions for ${kindOf(item)} ${name}`} aria-haspopup="menu" className="ml-1" onClick={(event) => openMenu(event.currentTarget.getBoundingClientRect())}><Ellipsis /></IconButton>
      {item.kind === 'node' ? (
        <IconButton size="sm" label={`${item.open ? 'Hide' : 'Show'} pods of ${name}`} aria-expanded={item.open} className="mr-2" onClick={() => toggle(item.row.key)}>{item.open ? <ChevronDown /> : <ChevronRight />}</IconButton>
      ) : <span className="w-8 shrink-0 max-[599px]:w-2" />}
    </div>
  )
}, (a, b) => a.toggle === b.toggle && sameItem(a.item, b.item))

/** Items are made anew whenever any row changes; a line changes only with its own. */
function sameItem(a: ObjectItem, b: ObjectItem): boolean {
  if (a.key !== b.key || a.row !== b.row) return false
  if (a.kind === 'node' && b.kind === 'node') return a.pods === b.pods && a.open === b.open
  return !('level' in a) || !('level' in b) || a.level === b.level
}

/** Words that may count time. */
function Words({ of }: { readonly of: string | ((now: number) => string) }): ReactNode {
  return typeof of === 'string' ? of : <TickText text={of} />
}

function moveFocus(from: HTMLElement, by: 1 | -1): void {
  const lines = [...(from.closest('ul')?.querySelectorAll<HTMLElement>('[data-line]') ?? [])]
  lines[lines.indexOf(from) + by]?.focus()
}

function selectionOf(item: ObjectItem): Selection {
  if (item.kind === 'member') return { kind: 'member', key: item.row.id }
  return { kind: item.kind, key: item.row.key }
}

function actionsOf(kubeloop: Kubeloop, item: ObjectItem): readonly ObjectAction[] {
  switch (item.kind) {
    case 'node':
      return nodeActions(kubeloop, item.row)
    case 'pod':
      return podActions(kubeloop, item.row)
    case 'workload':
      return workloadActions(kubeloop, item.row)
    case 'component':
      return item.row.key === 'etcd' ? [] : componentActions(kubeloop, item.row.key, item.row.state)
    case 'member':
      return componentActions(kubeloop, item.row.id, item.row.role === 'down' ? 'down' : 'up')
    case 'service':
    case 'object': {
      const { name, namespace } = item.row
      const command = `kubectl delete ${item.kind === 'service' ? 'service' : item.row.kind.toLowerCase()} ${name}${namespace === '' ? '' : inNamespace(namespace)}`
      return [{ id: 'delete', label: 'Delete', danger: true, command, run: () => runKubectl(kubeloop, `Deleting ${name}`, command, { undo: true }) }]
    }
  }
}

/** `node`, `pod`, `Deployment`: what tells apart things of one name. */
function kindOf(item: ObjectItem): string {
  return 'row' in item && 'kind' in item.row ? item.row.kind : item.kind
}

interface LineWords {
  readonly name: string
  readonly title: string
  readonly glyph: GlyphName
  readonly tone: StatusTone
  readonly status: { readonly text: string | ((now: number) => string); readonly tone?: StatusTone | undefined }
  readonly facts: string
  readonly detail?: string | undefined
}

const states = { up: ['Up', 'ok'], standby: ['Standby', 'pend'], down: ['Stopped', 'off'], crashed: ['Crashed', 'err'], 'no-quorum': ['No quorum', 'err'] } as const

function wordsOf(item: ObjectItem): LineWords {
  switch (item.kind) {
    case 'component': {
      const { key, state, watches, controllers } = item.row
      const busy = controllers?.filter(({ active, queue }) => active || queue > 0).map(({ name, queue }) => (queue > 0 ? `${name} (${queue} in queue)` : name)) ?? []
      const facts = busy.length > 0 ? [...item.row.facts, `at work: ${busy.join(', ')}`] : item.row.facts
      const [text, glyph] = states[state]
      return { name: key, title: `${key}, ${text}`, glyph, tone: glyphTone[glyph], status: { text, tone: glyph === 'ok' ? undefined : glyphTone[glyph] }, facts: facts.join(', ') || (watches === undefined ? '' : `${watches} watches`) }
    }
    case 'member': {
      const { id, role, revision } = item.row
      const glyph = role === 'down' ? 'off' : role === 'candidate' ? 'prog' : 'ok'
      return { name: id, title: `etcd member ${id}, ${role}`, glyph, tone: glyphTone[glyph], status: { text: role }, facts: `revision ${numberText(revision)}` }
    }
    case 'node':
      return nodeWords(item.row, item.pods)
    case 'pod':
      return podWords(item.row)
    case 'workload': {
      const { kind, name, namespace, images, paused } = item.row
      const { full, words, glyph } = progressOf(item.row)
      return {
        name, title: `${kind} ${name}, ${words}`, glyph, tone: glyphTone[glyph], status: { text: `${words}${paused ? ', paused' : ''}`, tone: full ? undefined : 'warn' },
        facts: `${kind} in ${namespace}`, detail: images.map(({ image }) => image).join(', '),
      }
    }
    case 'service': {
      const { name, type, clusterIP, externalIP, ports, endpoints, endpointsReady, namespace } = item.row
      const glyph = endpointsReady > 0 ? 'ok' : endpoints > 0 ? 'warn' : 'pend'
      return {
        name, title: `Service ${name}, ${endpointsReady} of ${endpoints} endpoints ready`, glyph, tone: glyphTone[glyph], status: { text: `${endpointsReady}/${endpoints} endpoints`, tone: endpointsReady === 0 ? 'warn' : undefined },
        facts: `${type} ${clusterIP} ${ports}`, detail: [externalIP, namespace].filter(Boolean).join(', '),
      }
    }
    case 'object':
      return { name: item.row.name, title: `${item.row.kind} ${item.row.name}`, glyph: 'done', tone: 'unk', status: { text: item.row.kind }, facts: item.row.namespace }
  }
}

function nodeWords(row: NodeRow, pods: number): LineWords {
  const { key, status, zone, cpu, memory, taints, truth, heardAt, ring } = row
  const truthText = !truth.power ? 'powered off' : !truth.link ? 'cut off from the API' : !truth.kubelet ? 'kubelet stopped' : ''
  const silent = row.ready !== 'True' || truthText !== ''
  const glyph = row.glyph
  const tone = glyph === 'unk' ? 'err' : glyphTone[glyph]
  const podsText = `${pods} pod${pods === 1 ? '' : 's'}`
  const state = [status, truthText].filter(Boolean).join(', ')
  const heard = ring === null ? '' : (now: number) => `${state}, heard ${durationText(now - heardAt)} ago`
  return {
    name: key, title: `Node ${key}, ${state}, ${podsText}`, glyph, tone, status: { text: heard === '' ? state : heard, tone: silent ? 'err' : row.unschedulable ? 'unk' : undefined },
    facts: `CPU ${(cpu.requested / 1000).toFixed(2)} of ${(cpu.allocatable / 1000).toFixed(2)}, ${podsText}`,
    detail: [`memory ${(memory.requested / 2 ** 30).toFixed(1)} of ${(memory.allocatable / 2 ** 30).toFixed(1)} Gi`, zone, taints.join(' ')].filter(Boolean).join(', '),
  }
}

function podWords(row: PodRow): LineWords {
  const { name, namespace, node, line, ring, glyph, ready, restarts, ip, status } = row
  const endsAt = ring?.endsAt
  const timed = endsAt !== null && endsAt !== undefined && ring?.kind === 'toleration'
  const fine = glyph === 'ok' || glyph === 'done'
  return {
    name, title: `Pod ${name}, ${status} ${ready}${node ? `, on ${node}` : ', without a node'}`, glyph, tone: glyphTone[glyph],
    status: { text: timed ? (now) => `${line} ${countdownText(endsAt - now)}, API says ${status}` : line, tone: fine ? undefined : glyphTone[glyph] },
    facts: [namespace === 'default' ? '' : namespace, restarts > 0 ? `${restarts} restart${restarts === 1 ? '' : 's'}` : ''].filter(Boolean).join(', '), detail: ip,
  }
}
