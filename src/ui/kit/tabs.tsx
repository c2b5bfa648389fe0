import { useId, type KeyboardEvent, type ReactNode } from 'react'
import { cx } from './button'

/** Tabs over one panel: arrows move, Home and End jump. The panel holds `children`. */
export function Tabs({ label, tabs, value, onChange, children, trailing, className, panelClassName }: {
  readonly label: string
  readonly tabs: readonly { readonly id: string; readonly title: ReactNode }[]
  readonly value: string
  readonly onChange: (id: string) => void
  readonly children: ReactNode
  /** Stands at the right end of the bar. */
  readonly trailing?: ReactNode
  readonly className?: string
  readonly panelClassName?: string
}) {
  const id = useId()
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.id === value)
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key]
    const tab = next === undefined ? undefined : tabs[(next + tabs.length) % tabs.length]
    if (!tab) return
    event.preventDefault()
    onChange(tab.id)
    document.getElementById(`${id}-${tab.id}`)?.focus()
  }
  return (
    <>
      <div className={cx('tabs', className)}>
        <div role="tablist" aria-label={label} tabIndex={-1} className="flex gap-0.5" onKeyDown={onKeyDown}>
          {tabs.map((tab) => (
            <button
              key={tab.id} id={`${id}-${tab.id}`} type="button" role="tab" aria-selected={tab.id === value} aria-controls={`${id}-panel`}
              tabIndex={tab.id === value ? 0 : -1} onClick={() => onChange(tab.id)}
            >
              {tab.title}
            </button>
          ))}
        </div>
        {trailing && <><span className="flex-1" />{trailing}</>}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`} tabIndex={-1} className={panelClassName}>
        {children}
      </div>
    </>
  )
}
