import { ChevronDown, Ellipsis, Moon, Sun } from 'lucide-react'
import { Button, IconButton, Segmented, TickText, clockText, useMenu } from '../kit'
import { useKubeloop, useSession, useUi } from '../state'
import { Clocks, Transport } from '../features/transport'
import { Logo } from './logo'
import type { Breakpoint } from './breakpoint'

/** Name and version; transport; views and theme. On narrow screens the transport stands along the bottom instead. */
export function TopBar({ breakpoint }: { readonly breakpoint: Breakpoint }) {
  const roomy = breakpoint === 'wide' || breakpoint === 'medium'
  const version = useSession((s) => s.hello?.kubernetes)
  return (
    <header className={`grid items-center border-b border-line1 bg-bg1 px-3 ${roomy ? 'grid-cols-[1fr_auto_1fr]' : 'grid-cols-[1fr_auto]'}`}>
      <div className="flex min-w-0 items-center gap-1">
        <h1 className="flex items-center gap-2 text-14 font-semibold tracking-tight"><Logo /> Kubeloop</h1>
        {breakpoint !== 'phone' && <span className="mx-2 h-5 w-px bg-line2" />}
        {breakpoint !== 'phone' && <ClusterMenu />}
        {version && breakpoint === 'wide' && <span className="chip">Kubernetes {version}</span>}
      </div>
      {roomy && <div className="flex items-center"><Transport compact={breakpoint === 'medium'} /><Clocks /></div>}
      <div className="flex items-center justify-end gap-2">
        {!roomy && <TickText className="mono text-12 text-text2" text={(now) => clockText(now, 1)} />}
        {breakpoint !== 'phone' && <ViewSwitch />}
        {breakpoint === 'phone' ? <MoreMenu /> : <ThemeButton />}
      </div>
    </header>
  )
}

/** Map, list, …: as many as there are. */
export function ViewSwitch({ className }: { readonly className?: string }) {
  const kubeloop = useKubeloop()
  const view = useUi((ui) => ui.view)
  const { views } = kubeloop.slots
  if (views.length < 2) return null
  return <Segmented label="View" className={className ?? ''} options={views} value={view} onChange={(id) => kubeloop.setUi({ view: id })} />
}

function ThemeButton() {
  const kubeloop = useKubeloop()
  const theme = useUi((ui) => ui.theme)
  const other = theme === 'dark' ? 'light' : 'dark'
  return <IconButton label={`Switch to ${other} theme`} onClick={() => kubeloop.setUi({ theme: other })}>{theme === 'dark' ? <Sun /> : <Moon />}</IconButton>
}

function useClusterItems() {
  const kubeloop = useKubeloop()
  const presets = useSession((s) => s.hello?.presets)
  return [
    ...(presets ?? []).map(({ id, title }) => ({ id: `preset-${id}`, label: `Begin anew: ${title}`, run: () => kubeloop.setUi({ dialog: { name: 'reset', key: id } }) })),
    null,
    { id: 'keys', label: 'Keyboard shortcuts', hint: '?', run: () => kubeloop.setUi({ dialog: { name: 'shortcuts', key: '' } }) },
    ...(kubeloop.slots.dialogs.some(({ id }) => id === 'left-out') ? [{ id: 'left-out', label: 'What this model leaves out', run: () => kubeloop.setUi({ dialog: { name: 'left-out', key: '' } }) }] : []),
  ]
}

function ClusterMenu() {
  const showMenu = useMenu()
  const items = useClusterItems()
  return (
    <Button className="border-transparent! bg-transparent! text-text2!" aria-haspopup="menu" onClick={(event) => showMenu({ label: 'Cluster', items, anchor: event.currentTarget.getBoundingClientRect() })}>
      Cluster <ChevronDown aria-hidden="true" />
    </Button>
  )
}

function MoreMenu() {
  const kubeloop = useKubeloop()
  const showMenu = useMenu()
  const cluster = useClusterItems()
  const theme = useUi((ui) => ui.theme)
  const other = theme === 'dark' ? 'light' : 'dark'
  const items = [
    ...kubeloop.slots.railTabs.map(({ id, title }) => ({ id, label: title, run: () => kubeloop.setUi({ rail: true, railTab: id }) })),
    ...(kubeloop.slots.timeline || kubeloop.slots.dockTabs.length > 0 ? [{ id: 'bottom', label: 'Timeline and terminal', run: () => kubeloop.setUi({ bottom: true }) }] : []),
    { id: 'theme', label: `Switch to ${other} theme`, run: () => kubeloop.setUi({ theme: other }) },
    null,
    ...cluster,
  ]
  return <IconButton label="More" aria-haspopup="menu" onClick={(event) => showMenu({ label: 'More', items, anchor: event.currentTarget.getBoundingClientRect() })}><Ellipsis /></IconButton>
}
