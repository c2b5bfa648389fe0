import { useEffect, type ReactNode } from 'react'
import { Group, Panel, Separator } from 'react-resizable-panels'
import { Hammer, SquareTerminal } from 'lucide-react'
import { IconButton } from '../kit'
import { useKubeloop, useUi } from '../state'
import { Caption } from '../features/caption'
import { TransportBar } from '../features/transport'
import { BottomStrip, Dock, Inspector, MainView, Rail, RailStrip, TabbedBottom, Timeline } from './regions'
import { ViewSwitch } from './top-bar'

/** The middle: the caption over the view. */
function Middle() {
  return (
    <div className="relative flex h-full min-h-0 min-w-0 flex-col overflow-hidden">
      <div className="pointer-events-none absolute inset-x-4 top-3 z-10 *:pointer-events-auto"><Caption /></div>
      <MainView />
    </div>
  )
}

const across = 'w-px bg-line1 data-[separator=hover]:bg-accent data-[separator=active]:bg-accent'
const along = 'h-px bg-line1 data-[separator=hover]:bg-accent data-[separator=active]:bg-accent'

function useParts() {
  const { slots } = useKubeloop()
  const rail = useUi((ui) => ui.rail) && slots.railTabs.length > 0
  const inspector = useUi((ui) => ui.inspector) && slots.inspectorTabs.length > 0
  const bottom = useUi((ui) => ui.bottom)
  return { slots, rail, inspector, bottom, hasRail: slots.railTabs.length > 0, hasDock: slots.dockTabs.length > 0, hasBottom: slots.timeline !== null || slots.dockTabs.length > 0 }
}

/** ≥ 1280: rail, map and inspector side by side, timeline and dock below; all can be resized. */
export function WideLayout() {
  const { rail, inspector, bottom, hasRail, hasDock, hasBottom, slots } = useParts()
  return (
    <main className="flex min-h-0 flex-col">
      <Group orientation="vertical" className="min-h-0 flex-1">
        <Panel id="upper" minSize={240}>
          <div className="flex h-full min-h-0">
            {hasRail && !rail && <RailStrip />}
            <Group orientation="horizontal" className="min-w-0 flex-1">
              {rail && <><Panel id="rail" defaultSize={232} minSize={200} maxSize={420} groupResizeBehavior="preserve-pixel-size"><Rail /></Panel><Separator className={across} aria-label="Width of the tools" /></>}
              <Panel id="middle" minSize={360}><Middle /></Panel>
              {inspector && <><Separator className={across} aria-label="Width of the inspector" /><Panel id="inspector" defaultSize={344} minSize={300} maxSize={720} groupResizeBehavior="preserve-pixel-size"><Inspector /></Panel></>}
            </Group>
          </div>
        </Panel>
        {hasBottom && bottom && (
          <>
            <Separator className={along} aria-label="Height of the bottom panel" />
            <Panel id="bottom" defaultSize={216} minSize={120} maxSize="60%" groupResizeBehavior="preserve-pixel-size">
              {slots.timeline && hasDock ? (
                <Group orientation="horizontal">
                  <Panel id="timeline" minSize={320}><Timeline /></Panel>
                  <Separator className={across} aria-label="Width of the dock" />
                  <Panel id="dock" defaultSize={536} minSize={280} groupResizeBehavior="preserve-pixel-size"><Dock /></Panel>
                </Group>
              ) : slots.timeline ? <Timeline /> : <Dock />}
            </Panel>
          </>
        )}
      </Group>
      {hasBottom && !bottom && <BottomStrip />}
    </main>
  )
}

/** Something that lies over the map. */
function Overlay({ children, className }: { readonly children: ReactNode; readonly className: string }) {
  return <div className={`absolute z-20 overflow-hidden border-line2 bg-bg1 shadow-(--shadow) ${className}`}>{children}</div>
}

/** 900 to 1279: rail as icons, inspector over the map when something is selected, one tabbed panel below. */
export function MediumLayout() {
  const { rail, inspector, bottom, hasRail, hasBottom } = useParts()
  const { setUi, select } = useKubeloop()
  const selected = useUi((ui) => ui.selection !== null)
  return (
    <main className="flex min-h-0 flex-col">
      <div className="relative flex min-h-0 flex-1">
        {hasRail && <RailStrip />}
        <div className="min-w-0 flex-1"><Middle /></div>
        {rail && <Overlay className="inset-y-0 left-12 w-[232px] border-r"><Rail onClose={() => setUi({ rail: false })} /></Overlay>}
        {inspector && selected && <Overlay className="inset-y-0 right-0 w-[344px] max-w-full border-l"><Inspector onClose={() => select(null)} /></Overlay>}
      </div>
      {hasBottom && (bottom ? <div className="h-[200px] shrink-0 border-t border-line1"><TabbedBottom /></div> : <BottomStrip />)}
    </main>
  )
}

/** Under 900: one column; tools and inspector are sheets, the transport stands along the bottom. */
export function NarrowLayout({ phone }: { readonly phone: boolean }) {
  const { rail, inspector, bottom, hasBottom } = useParts()
  const { setUi, select } = useKubeloop()
  const selection = useUi((ui) => ui.selection)
  // Sheets lie over one another here: what was asked for last is what is seen.
  useEffect(() => {
    if (selection) setUi({ rail: false, bottom: false })
  }, [selection, setUi])
  return (
    <main className="flex min-h-0 flex-col">
      {phone && <div className="shrink-0 space-y-2 border-b border-line1 px-3 py-2"><Caption /><ViewSwitch className="flex w-full *:flex-1" /></div>}
      <div className="relative min-h-0 flex-1">
        {phone ? <div className="flex h-full min-h-0 flex-col overflow-hidden"><MainView /></div> : <Middle />}
        {rail && <Overlay className="inset-y-0 left-0 w-[min(320px,100%)] border-r"><Rail onClose={() => setUi({ rail: false })} /></Overlay>}
        {inspector && selection && !bottom && !rail && <Overlay className="inset-x-0 bottom-0 max-h-[70%] h-[420px] rounded-t-3 border-t"><Inspector onClose={() => select(null)} /></Overlay>}
        {hasBottom && bottom && <Overlay className="inset-x-0 bottom-0 h-[min(320px,70%)] border-t"><TabbedBottom /></Overlay>}
      </div>
      <div className={`flex shrink-0 items-center border-t border-line1 bg-bg1 pb-[env(safe-area-inset-bottom)] ${phone ? 'h-15' : 'h-12 coarse:h-14'}`}>
        <div className="min-w-0 flex-1"><TransportBar scrubber={!phone} /></div>
        {!phone && hasBottom && <IconButton label="Timeline and terminal" keys="`" onClick={() => setUi({ bottom: !bottom })}><SquareTerminal /></IconButton>}
        <div className="pr-3"><IconButton label="Tools" onClick={() => setUi({ rail: !rail })}><Hammer /></IconButton></div>
      </div>
    </main>
  )
}
