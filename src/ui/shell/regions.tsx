import type { ReactNode } from 'react'
import { ChevronDown, PanelLeftClose, X } from 'lucide-react'
import { ErrorBoundary, IconButton, Tabs } from '../kit'
import { useKubeloop, useUi, type Slot } from '../state'

function Fill({ slot }: { readonly slot: Slot | undefined }) {
  return slot ? <ErrorBoundary key={slot.id} what={slot.title}><slot.Component /></ErrorBoundary> : null
}

/** The view in the middle. */
export function MainView() {
  const { slots } = useKubeloop()
  const view = useUi((ui) => ui.view)
  return <Fill slot={slots.views.find(({ id }) => id === view) ?? slots.views[0]} />
}

/** The left rail with its tabs. */
export function Rail({ onClose }: { readonly onClose?: () => void }) {
  const { slots, setUi } = useKubeloop()
  const tab = useUi((ui) => ui.railTab)
  const slot = slots.railTabs.find(({ id }) => id === tab) ?? slots.railTabs[0]
  if (!slot) return null
  const close = onClose ?? (() => setUi({ rail: false }))
  return (
    <section aria-label="Tools" className="flex h-full min-h-0 flex-col bg-bg1 contain-strict">
      <Tabs
        label="Tools" tabs={slots.railTabs} value={slot.id} onChange={(id) => setUi({ railTab: id })} panelClassName="min-h-0 flex-1 overflow-y-auto"
        trailing={<span className="flex items-center"><IconButton size="sm" label="Hide tools" keys="[" onClick={close}><PanelLeftClose /></IconButton></span>}
      >
        <Fill slot={slot} />
      </Tabs>
    </section>
  )
}

/** The rail as icons; each opens its tab. */
export function RailStrip() {
  const { slots, setUi } = useKubeloop()
  return (
    <nav aria-label="Tools" className="flex w-12 shrink-0 flex-col items-center gap-1 border-r border-line1 bg-bg1 py-2">
      {slots.railTabs.map(({ id, title, Icon }) => (
        <IconButton key={id} label={title} onClick={() => setUi({ rail: true, railTab: id })}>{Icon ? <Icon /> : title.slice(0, 1)}</IconButton>
      ))}
    </nav>
  )
}

/** What is selected, or the cluster when nothing is. Features fill its tabs; the header belongs to them too. */
export function Inspector({ onClose }: { readonly onClose?: () => void }) {
  const { slots, setUi } = useKubeloop()
  const selection = useUi((ui) => ui.selection)
  const tab = useUi((ui) => ui.inspectorTab)
  const tabs = slots.inspectorTabs.filter((slot) => slot.for(selection))
  const slot = tabs.find(({ id }) => id === tab) ?? tabs[0]
  const Header = slots.inspectorHeader
  return (
    <section aria-label="Inspector" className="flex h-full min-h-0 flex-col bg-bg1 contain-strict">
      <div className="flex shrink-0 items-center gap-2 pt-3 pr-3 pb-2 pl-3">
        <div className="min-w-0 flex-1">{Header && <Header />}</div>
        <IconButton size="sm" label="Close inspector" keys="]" onClick={onClose ?? (() => setUi({ inspector: false }))}><X /></IconButton>
      </div>
      {slot && (
        <Tabs label="Inspector" tabs={tabs} value={slot.id} onChange={(id) => setUi({ inspectorTab: id })} panelClassName="min-h-0 flex-1 overflow-y-auto">
          <Fill slot={slot} />
        </Tabs>
      )}
    </section>
  )
}

/** Terminal, YAML, events, … */
export function Dock({ trailing }: { readonly trailing?: ReactNode }) {
  const { slots, setUi } = useKubeloop()
  const tab = useUi((ui) => ui.dockTab)
  const slot = slots.dockTabs.find(({ id }) => id === tab) ?? slots.dockTabs[0]
  if (!slot) return null
  return (
    <section aria-label="Dock" className="flex h-full min-h-0 min-w-0 flex-col bg-bg1 contain-strict">
      <Tabs label="Dock" className="h-8! coarse:h-[46px]!" tabs={slots.dockTabs} value={slot.id} onChange={(id) => setUi({ dockTab: id })} trailing={trailing ?? <HideBottom />} panelClassName="min-h-0 flex-1 overflow-auto bg-bg0">
        <Fill slot={slot} />
      </Tabs>
    </section>
  )
}

function HideBottom() {
  const { setUi } = useKubeloop()
  return <span className="flex items-center"><IconButton size="sm" label="Hide bottom panel" keys="`" onClick={() => setUi({ bottom: false })}><ChevronDown /></IconButton></span>
}

/** The timeline alone. */
export function Timeline() {
  const { slots } = useKubeloop()
  return <section aria-label="Timeline" className="h-full min-h-0 min-w-0 overflow-hidden bg-bg1 contain-strict"><Fill slot={slots.timeline ?? undefined} /></section>
}

/** Timeline and dock as tabs of one panel, for screens where they do not fit side by side. */
export function TabbedBottom() {
  const { slots, setUi } = useKubeloop()
  const tab = useUi((ui) => ui.bottomTab)
  const all: Slot[] = [...(slots.timeline ? [{ ...slots.timeline, id: 'timeline' }] : []), ...slots.dockTabs]
  const slot = all.find(({ id }) => id === tab) ?? all[0]
  if (!slot) return null
  const choose = (id: string): void => setUi(id === 'timeline' ? { bottomTab: id } : { bottomTab: id, dockTab: id })
  return (
    <section aria-label="Timeline and dock" className="flex h-full min-h-0 flex-col bg-bg1 contain-strict">
      <Tabs label="Timeline and dock" className="h-8! coarse:h-[46px]!" tabs={all} value={slot.id} onChange={choose} trailing={<HideBottom />} panelClassName="min-h-0 flex-1 overflow-auto">
        <Fill slot={slot} />
      </Tabs>
    </section>
  )
}

/** What is left of the hidden bottom panel: its tabs, each of which opens it. */
export function BottomStrip() {
  const { slots, setUi } = useKubeloop()
  const all: readonly Slot[] = [...(slots.timeline ? [{ ...slots.timeline, id: 'timeline' }] : []), ...slots.dockTabs]
  if (all.length === 0) return null
  return (
    <nav aria-label="Timeline and dock" className="flex h-8 shrink-0 items-center gap-1 border-t border-line1 bg-bg1 px-2">
      {all.map(({ id, title }) => (
        <button key={id} type="button" className="h-full px-2 text-12 font-medium text-text3 hover:text-text" onClick={() => setUi({ bottom: true, bottomTab: id, ...(id === 'timeline' ? {} : { dockTab: id }) })}>
          {title}
        </button>
      ))}
    </nav>
  )
}

/** The open dialog, if any. */
export function DialogHost({ own }: { readonly own: readonly { readonly id: string; readonly Component: Slot['Component'] }[] }) {
  const { slots } = useKubeloop()
  const name = useUi((ui) => ui.dialog?.name)
  const slot = [...own, ...slots.dialogs].find(({ id }) => id === name)
  return slot ? <ErrorBoundary key={slot.id} what="This dialog"><slot.Component /></ErrorBoundary> : null
}
