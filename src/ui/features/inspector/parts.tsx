import type { ReactNode } from 'react'
import type { Ring as RingRow } from '../../../bridge/protocol'
import { Button, Glyph, Ring, TickText, clockText, countdownText, cx, useMenu, type GlyphName, type StatusTone } from '../../kit'
import { useKubeloop, useSession, type ObjectAction, type Selection } from '../../state'
import type { Condition } from './api-object'

/** A titled part of the summary. */
export function Section({ title, note, children }: { readonly title: string; readonly note?: ReactNode; readonly children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mt-3.5 mb-1.5 flex justify-between text-11 font-semibold text-text3">
        {title} {note !== undefined && <span className="font-normal">{note}</span>}
      </h3>
      {children}
    </section>
  )
}

/** Fields that are often mistaken for one another, side by side. */
export function States({ items }: { readonly items: readonly { readonly label: string; readonly value: string; readonly tone?: StatusTone | undefined }[] }) {
  return (
    <dl className="grid overflow-hidden rounded-2 border border-line1 bg-bg2" style={{ gridTemplateColumns: `repeat(${items.length - 1}, minmax(min-content, 1fr)) minmax(0, 1.3fr)` }}>
      {items.map(({ label, value, tone }) => (
        <div key={label} className="min-w-0 border-r border-line1 px-2 py-1.5 last:border-0">
          <dt className="text-11/4 whitespace-nowrap text-text3">{label}</dt>
          <dd className={cx('el text-12 font-semibold', tone)} data-tip={value}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Names and values of an object. */
export function Facts({ rows }: { readonly rows: readonly (readonly [label: string, value: ReactNode, mono?: boolean] | false | null | undefined)[] }) {
  return (
    <dl className="grid grid-cols-[96px_minmax(0,1fr)] gap-x-2 gap-y-1 text-12/[18px]">
      {rows.map((row) =>
        row ? (
          <div key={row[0]} className="contents">
            <dt className="text-text3">{row[0]}</dt>
            <dd className={cx('min-w-0 break-words', row[2] && 'mono text-11/[18px]')}>{row[1]}</dd>
          </div>
        ) : null,
      )}
    </dl>
  )
}

/** Words that select something. */
export function Go({ to, children }: { readonly to: Selection | null; readonly children: ReactNode }) {
  const { select } = useKubeloop()
  if (!to) return <>{children}</>
  return <button type="button" className="max-w-full text-left break-words text-accent underline-offset-2 hover:underline coarse:min-h-11" onClick={() => select(to)}>{children}</button>
}

const timerWords: Readonly<Record<RingRow['kind'], readonly [title: string, forever: string]>> = {
  pull: ['Pulling the image', 'Pulling the image'],
  probe: ['Next probe', 'No probe will run'],
  backoff: ['Back-off before the next try', 'Will not be tried again'],
  grace: ['Grace period', 'Waits for a kubelet that cannot answer'],
  toleration: ['Evicted when the toleration ends', 'Tolerates the taint and stays'],
  scheduler: ['The scheduler tries again', 'Waits for a change in the cluster'],
  lease: ['Lease is valid', 'Lease expired'],
  monitor: ['Silent: NotReady when the grace period ends', 'Silent'],
}

/** A running timer as a large ring with its words. */
export function Timer({ ring, tone }: { readonly ring: RingRow; readonly tone: StatusTone }) {
  const { endsAt, startedAt } = ring
  const words = timerWords[ring.kind][endsAt === null ? 1 : 0]
  return (
    <div className="flex items-center gap-2.5 rounded-2 border border-line1 bg-bg2 p-2.5">
      <span className="shrink-0"><Ring span={ring} tone={tone} size={36} print /></span>
      <div className="min-w-0 text-12">
        <div className="font-semibold">{words}</div>
        <div className="text-text2">
          {endsAt === null ? `since ${clockText(startedAt, 1)}` : <><TickText text={(now) => `${countdownText(endsAt - now)} left`} />, until {clockText(endsAt, 1)}</>}
        </div>
      </div>
    </div>
  )
}

/** Conditions in the object's order. `bad`: those of which True is the bad news. */
export function Conditions({ conditions, bad }: { readonly conditions: readonly Condition[] | undefined; readonly bad?: (type: string) => boolean }) {
  const offset = useSession((s) => s.clock.wall - s.clock.now)
  if (!conditions || conditions.length === 0) return null
  return (
    <Section title="Conditions">
      <ul>
        {conditions.map((c) => {
          const wrong = bad?.(c.type) ?? false
          const glyph: GlyphName = c.status === 'Unknown' ? 'unk' : (c.status === 'True') !== wrong ? 'ok' : wrong ? 'warn' : 'pend'
          return (
            <li key={c.type} className="grid grid-cols-[14px_auto_minmax(0,1fr)] items-center gap-x-2 text-12/5">
              <Glyph name={glyph} />
              <span>{c.type}</span>
              <span className="mono el text-right text-11 text-text3" data-tip={[c.reason, c.message].filter(Boolean).join('\n') || undefined}>
                {c.status}{c.status !== 'True' && c.reason ? ` ${c.reason}` : ''} {sinceText(c.lastTransitionTime, offset)}
              </span>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}

/** When it last changed; what was so before the session began has no time on its clock. */
function sinceText(time: string | null | undefined, offset: number): string {
  const at = Date.parse(time ?? '') * 1000 - offset
  return at >= 0 ? clockText(at, 0) : ''
}

/** What can be done to the object: the first as buttons, the rest in a menu. */
export function ActionBar({ label, actions, shown = 2 }: { readonly label: string; readonly actions: readonly ObjectAction[]; readonly shown?: number }) {
  const showMenu = useMenu()
  const buttons = actions.filter(({ id }) => id !== 'yaml')
  if (buttons.length === 0) return null
  const rest = buttons.slice(shown)
  const items = rest.map(({ key, ...action }) => ({ ...action, hint: key }))
  return (
    <div role="toolbar" aria-label={`Actions for ${label}`} className="sticky bottom-0 mt-auto flex flex-wrap gap-1.5 border-t border-line1 bg-bg1 px-3 py-2.5">
      {buttons.slice(0, shown).map((action, i) => (
        <Button key={action.id} tone={action.danger ? 'danger' : i === 0 ? 'primary' : 'plain'} data-tip={action.command ? `$ ${action.command}` : undefined} onClick={action.run}>{action.label}</Button>
      ))}
      {rest.length > 0 && (
        <Button aria-haspopup="menu" className="ml-auto" onClick={(event) => showMenu({ label, items, anchor: event.currentTarget.getBoundingClientRect() })}>More actions</Button>
      )}
    </div>
  )
}

/** The frame of a summary: its body scrolls, its actions stay. */
export function Body({ children, actions }: { readonly children: ReactNode; readonly actions?: ReactNode }) {
  return (
    <div className="flex min-h-full flex-col">
      <div className="p-3">{children}</div>
      {actions}
    </div>
  )
}
