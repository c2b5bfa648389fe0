import { useEffect, useRef, type ReactNode } from 'react'
import { ErrorBoundary, isCoarsePointer, MenuProvider, SimClockProvider, TooltipHost } from '../kit'
import { KubeloopProvider, type Kubeloop } from '../state'
import { DropTarget, EditRequests } from '../features/apply'
import { CrashBanner } from '../features/crash-banner'
import { Toasts } from '../features/toasts'
import { useBreakpoint, type Breakpoint } from './breakpoint'
import { ResetDialog, ShortcutsDialog } from './dialogs'
import { listenToKeys } from './keys'
import { MediumLayout, NarrowLayout, WideLayout } from './layouts'
import { DialogHost } from './regions'
import { TopBar } from './top-bar'

const ownDialogs = [{ id: 'shortcuts', Component: ShortcutsDialog }, { id: 'reset', Component: ResetDialog }]

const order: readonly Breakpoint[] = ['wide', 'medium', 'small', 'phone']

/** The page of one cluster. */
export function App({ kubeloop }: { readonly kubeloop: Kubeloop }) {
  return (
    <KubeloopProvider value={kubeloop}>
      <SimClockProvider value={kubeloop.clock}>
        <MenuProvider>
          <ErrorBoundary what="The page"><Frame kubeloop={kubeloop} /></ErrorBoundary>
          <Toasts />
          <DropTarget />
          <EditRequests />
          <DialogHost own={ownDialogs} />
          <TooltipHost />
        </MenuProvider>
      </SimClockProvider>
    </KubeloopProvider>
  )
}

function Frame({ kubeloop }: { readonly kubeloop: Kubeloop }) {
  const breakpoint = useBreakpoint()
  const before = useRef(breakpoint)
  // A window that has become narrower begins as one of that width does: what lay beside the map would lie over it.
  useEffect(() => {
    const narrower = order.indexOf(breakpoint) > order.indexOf(before.current)
    before.current = breakpoint
    if (narrower) kubeloop.setUi({ rail: false, ...(breakpoint === 'medium' ? {} : { bottom: false }) })
  }, [breakpoint, kubeloop])
  useEffect(() => listenToKeys(kubeloop), [kubeloop])
  const layouts: Readonly<Record<typeof breakpoint, ReactNode>> = {
    wide: <WideLayout />, medium: <MediumLayout />, small: <NarrowLayout phone={false} />, phone: <NarrowLayout phone />,
  }
  const bar = isCoarsePointer() ? 56 : breakpoint === 'small' ? 40 : 48
  return (
    <div className="grid h-dvh min-h-0" style={{ gridTemplateRows: `${bar}px auto minmax(0, 1fr)` }}>
      <TopBar breakpoint={breakpoint} />
      <div><CrashBanner /></div>
      {layouts[breakpoint]}
    </div>
  )
}
