import { SquareTerminal } from 'lucide-react'
import { Fragment, type ReactNode } from 'react'
import type { ComponentRow } from '../../../../bridge/protocol'
import { Glyph, Ring, cx, numberText, textWidth, type GlyphName, type StatusTone } from '../../../kit'
import { useComponent, useKubeloop, useOutput, useSession, useUi } from '../../../state'
import { activeControllers, takesPart } from '../actors'
import type { MapItem } from '../flow'
import { useLayout } from '../layout-context'

const shortNames: Readonly<Record<string, string>> = { 'kube-scheduler': 'scheduler', 'kube-controller-manager': 'controller-manager', 'cloud-controller-manager': 'cloud-controller' }

/** How a component's state looks. */
export function componentLook(row: ComponentRow): { readonly glyph: GlyphName; readonly tone?: StatusTone; readonly word: string; readonly className: string } {
  switch (row.state) {
    case 'up':
      return row.members?.some(({ role }) => role === 'down') ? { glyph: 'warn', word: '', className: 'pressure' } : { glyph: 'ok', word: '', className: '' }
    case 'standby': return { glyph: 'ok', tone: 'unk', word: 'standby', className: 'dim' }
    case 'down': return { glyph: 'off', word: 'stopped', className: 'stopped' }
    case 'crashed': return { glyph: 'err', word: 'crashed', className: 'down' }
    case 'no-quorum': return { glyph: 'err', word: 'no quorum', className: 'bad' }
  }
}

function Card({ row, item, children }: { readonly row: ComponentRow; readonly item: MapItem; readonly children?: ReactNode }) {
  const active = useSession((s) => takesPart(s.current, row.key))
  const selected = useUi((ui) => ui.selection?.kind === 'component' && ui.selection.key === row.key)
  const { compact } = useLayout()
  const look = componentLook(row)
  // The controllers speak for their manager where they are shown.
  // etcd's fact says its state, and its members need the room.
  const factsShown = compact ? (look.word && !row.members ? 0 : 1) : row.controllers && row.state === 'up' ? 0 : 3
  const name = item.width < 175 && (compact || row.key !== 'kube-scheduler') ? (shortNames[row.key] ?? row.key) : row.key
  return (
    <section className={cx('cp', look.className, compact && 'one', (selected || (active && row.key !== 'kube-controller-manager' && row.key !== 'etcd')) && 'on')} data-hit={`component:${row.key}`}>
      <button type="button" tabIndex={-1} className="hd" data-obj={`component:${row.key}`} data-level="0" aria-pressed={selected} aria-keyshortcuts="K S" aria-label={`${row.key}, ${look.word || row.state}${row.facts.length > 0 ? `, ${row.facts.join(', ')}` : ''}`}>
        <Glyph name={look.glyph} {...(look.tone ? { tone: look.tone } : {})} />
        <span className="el">{name}</span>
        {row.restart && compact && <><span className="flex-1" /><Ring size={16} span={row.restart} tone="err" /></>}
      </button>
      {look.word && !row.members && (
        <div className={cx('sub flex items-center gap-1.5', row.state === 'crashed' || row.state === 'no-quorum' ? 'err' : '')}>
          {row.restart && !compact && <Ring size={16} span={row.restart} tone="err" />}
          <span className="el">{look.word}{row.restart ? ', starts again' : ''}</span>
        </div>
      )}
      {row.facts.slice(0, factsShown).map((fact) => <div key={fact} className={cx('sub el', row.state === 'no-quorum' && 'err')}>{fact}</div>)}
      {!compact && children}
    </section>
  )
}

/** The person at the keyboard, with the last command. */
export function YouCard({ item }: { readonly item: MapItem }) {
  const output = useOutput()
  const { compact } = useLayout()
  const last = output.findLast((row) => row.stream === 'line')
  const active = useSession((s) => takesPart(s.current, 'you'))
  return (
    <section className={cx('cp', compact && 'one', active && 'on')} aria-label="You">
      <div className="hd"><SquareTerminal className="size-3.5 text-text3" aria-hidden="true" /><span>You</span></div>
      <div className="sub">kubectl</div>
      {!compact && last && <div className="sub mono mt-1 line-clamp-1 tracking-[-.2px] whitespace-normal! text-text2" style={{ WebkitLineClamp: linesIn(item.height) }} data-tip={last.text}>{words(last.text).map((word, i) => <Fragment key={`${i} ${word}`}><span className={word.length * 6.5 <= item.width - 22 ? 'whitespace-nowrap' : 'wrap-anywhere'}>{word}</span> </Fragment>)}</div>}
    </section>
  )
}

/** Whole lines of a command that fit under its head. */
const linesIn = (height: number): number => Math.max(1, Math.floor((height - 58) / 16))

/** The words of a command, so that it breaks between them and not within `--replicas=5`. */
function words(line: string): readonly string[] {
  return line.replace(/^kubectl /, '').split(/\s+/).slice(0, 16)
}

/** etcd with a cell per member. */
export function EtcdCard({ item }: { readonly item: MapItem }) {
  const row = useComponent('etcd')
  const selectedMember = useUi((ui) => (ui.selection?.kind === 'member' ? ui.selection.key : ''))
  if (!row) return null
  const newest = Math.max(0, ...(row.members ?? []).map((member) => member.revision))
  return (
    <Card row={row} item={item}>
      <div className="mems">
        {row.members?.map(({ id, role, revision }) => {
          const lag = newest - revision
          return (
            <button
              key={id} type="button" tabIndex={-1} data-obj={`member:${id}`} data-level="1" aria-pressed={selectedMember === id} aria-label={`${id}, ${role}, revision ${revision}`} data-tip={`${id}, ${role}\nrevision ${numberText(revision)}${lag > 0 ? `, ${lag} behind` : ''}`}
              className={cx('mem', role === 'down' && 'stopped', selectedMember === id && 'on')}
            >
              <span className={cx('mono font-semibold', role === 'down' && 'line-through')}>{id.replace(/^etcd-/, 'e')}</span>
              <span className={role === 'candidate' ? 'warn' : 'text-text3'}>{role === 'follower' ? 'follow' : role}</span>
              <span className={cx('mono', lag > 0 ? 'warn' : 'text-text3')}>{lag > 0 ? `−${lag}` : numberText(revision)}</span>
            </button>
          )
        })}
      </div>
    </Card>
  )
}

/** A component without parts of its own. */
export function PlainCard({ item }: { readonly item: MapItem }) {
  const row = useComponent(item.id)
  return row ? <Card row={row} item={item} /> : null
}

/** The controllers: on while they take part in the step, warm for four steps after they reconciled. */
export function ManagerCard({ item }: { readonly item: MapItem }) {
  const row = useComponent('kube-controller-manager')
  const step = useSession((s) => s.step)
  const active = useSession((s) => activeControllers(s.current))
  if (!row) return null
  const controllers = row.controllers ?? []
  const lines = row.state === 'up' ? 0 : 1 + row.facts.length // a manager that does not lead says so above its controllers
  const rows = Math.max(1, Math.floor((item.height - 39 - 16 * lines) / 23))
  // Those at work come into sight in the order of the list; with few at work the first ones keep their places.
  const works = (controller: Controller): boolean => active.includes(` ${controller.name} `) || (controller.step > 0 && step - controller.step < 4)
  const room = (list: readonly Controller[]): number => fitting(list.map(({ name }) => textWidth(name, 11, 600) + 18.5), item.width - 22, rows)
  const shown = inSight(controllers, works, room)
  return (
    <Card row={row} item={item}>
      <div className="chips">
        {shown.map((controller) => (
          <ControllerChip key={controller.name} {...controller} on={active.includes(` ${controller.name} `) || controller.active} warm={controller.step > 0 && step - controller.step < 4} off={row.state !== 'up'} />
        ))}
        {shown.length < controllers.length && <span className="chip" data-tip={controllers.filter((controller) => !shown.includes(controller)).map(({ name }) => name).join('\n')}>+{controllers.length - shown.length}</span>}
      </div>
    </Card>
  )
}

type Controller = NonNullable<ComponentRow['controllers']>[number]

/** As many as there is room for: the first ones, of which idle ones at the end give way to those at work behind them. */
export function inSight<T>(all: readonly T[], works: (one: T) => boolean, room: (list: readonly T[]) => number): readonly T[] {
  const first = all.slice(0, room(all))
  const hidden = all.slice(first.length).filter(works)
  if (hidden.length === 0) return first
  const idle = first.filter((one) => !works(one))
  for (let given = 1; given <= idle.length; given++) {
    const gone = idle.slice(-given)
    const kept = [...first.filter((one) => !gone.includes(one)), ...hidden]
    const list = [...kept, ...all.filter((one) => !kept.includes(one))]
    const fitting = room(list)
    if (fitting >= kept.length) return list.slice(0, fitting)
  }
  const busyFirst = [...all.filter(works), ...all.filter((one) => !works(one))]
  return busyFirst.slice(0, room(busyFirst))
}

/** How many chips of these widths fit into so many rows, with room left for a "+n" when they do not all fit. */
function fitting(widths: readonly number[], rowWidth: number, rows: number): number {
  let row = 0
  let x = 0
  for (const [i, width] of widths.entries()) {
    if (x > 0 && x + width > rowWidth) {
      row++
      x = 0
    }
    const rest = row === rows - 1 && i < widths.length - 1 ? 40 : 0
    if (row >= rows || (rest > 0 && x + width + rest > rowWidth && x + widths.slice(i).reduce((sum, w) => sum + w, 0) > rowWidth)) return i
    x += width
  }
  return widths.length
}

function ControllerChip({ name, queue, on, warm, off }: { readonly name: string; readonly queue: number; readonly on: boolean; readonly warm: boolean; readonly off: boolean }) {
  const kubeloop = useKubeloop()
  const filtered = useUi((ui) => ui.controllerFilter === name)
  const className = cx('chip', on && !off ? 'on' : warm && !off && 'warm', filtered && 'outline-1 outline-accent')
  const text = <>{name}{queue > 0 && <b className="mono">{queue}</b>}</>
  const tip = `${name}${queue > 0 ? `\n${queue} waiting in its queue` : ''}`
  if (!kubeloop.slots.timeline) return <span className={className} data-tip={tip}>{text}</span>
  return (
    <button type="button" tabIndex={-1} data-obj={`controller:${name}`} data-level="1" aria-pressed={filtered} aria-label={`Controller ${name}, ${on ? 'reconciling' : 'idle'}${queue > 0 ? `, ${queue} waiting` : ''}; show its steps alone`} className={className} data-tip={`${tip}\nClick: its steps alone on the timeline`}>
      {text}
    </button>
  )
}
