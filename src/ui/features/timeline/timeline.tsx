import { useEffect, useMemo, useRef, useState } from 'react'
import { GitBranch, X, ZoomIn, ZoomOut } from 'lucide-react'
import { Button, IconButton, Segmented, useMenu } from '../../kit'
import { useKubeloop, useRows, useSession, useSteps, useUi } from '../../state'
import { BranchStrip, branchRowsHeight } from './branch-strip'
import { lanesFor } from './lanes'
import { layOut, type Mode } from './layout'
import { rulerHeight } from './paint'
import { StepsAround } from './steps-around'
import { Track } from './track'

const modes = [{ id: 'steps', title: 'Steps' }, { id: 'time', title: 'Time' }] as const
const hints: Readonly<Record<Mode, string>> = {
  steps: 'Each step gets equal width; idle gaps are folded',
  time: 'True to time; idle gaps are folded',
}

/** Px per step, and px per µs; each zoom doubles. */
const scales: Readonly<Record<Mode, { readonly least: number; readonly most: number; readonly first: number }>> = {
  steps: { least: 2, most: 128, first: 32 },
  time: { least: 2e-6, most: 0.08, first: 4e-5 },
}

/** The timeline: a header, lane names, the track with its ticks and playhead, branches below. */
export function Timeline() {
  const kubeloop = useKubeloop()
  const [mode, setMode] = useState<Mode>('steps')
  const [zoom, setZoom] = useState({ steps: scales.steps.first, time: scales.time.first })
  const nodes = [...useRows(kubeloop.nodes).values()]
  const nodeNames = nodes.map(({ key, zone }) => `${key}=${zone}`).sort().join()
  const lanes = useMemo(() => lanesFor(nodeNames === '' ? [] : nodeNames.split(',').map((pair) => { const [key = '', zone = ''] = pair.split('='); return { key, zone } })), [nodeNames])
  const steps = useSteps()
  const branches = useSession((s) => s.branches.length)
  const { version } = kubeloop.steps
  const scale = zoom[mode]
  // `steps` is amended in place; `version` says when.
  // oxlint-disable-next-line react/exhaustive-deps
  const layout = useMemo(() => layOut(steps, mode, scale), [steps, version, mode, scale])
  const body = useRef<HTMLDivElement>(null)
  const height = useHeight(body)
  const laneHeight = Math.min(16, Math.max(11, Math.floor((height - rulerHeight - branchRowsHeight(branches)) / lanes.lanes.length)))
  const { least, most } = scales[mode]
  const zoomBy = (factor: number): void => setZoom((z) => ({ ...z, [mode]: Math.min(most, Math.max(least, z[mode] * factor)) }))
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-8 shrink-0 items-center gap-2 border-b border-line1 px-3 text-12 coarse:h-13">
        <h2 className="font-semibold max-[1279px]:sr-only">Timeline</h2>
        <Segmented small label="Timeline mode" options={modes} value={mode} onChange={setMode} />
        <span className="el min-w-0 flex-1 text-text3">{hints[mode]}</span>
        <FilterChip />
        <span className="flex">
          <IconButton size="sm" label="Zoom out timeline" disabled={scale <= least} onClick={() => zoomBy(0.5)}><ZoomOut /></IconButton>
          <IconButton size="sm" label="Zoom in timeline" disabled={scale >= most} onClick={() => zoomBy(2)}><ZoomIn /></IconButton>
        </span>
        <BranchMenu />
      </div>
      <div ref={body} className="flex min-h-0 flex-1 overflow-x-hidden overflow-y-auto">
        <div aria-hidden="true" className="w-31 shrink-0 border-r border-line1 text-11 text-text2 max-[599px]:w-22" style={{ paddingTop: rulerHeight }}>
          {lanes.lanes.map(({ id, label }) => <div key={id} className="el px-3" style={{ height: laneHeight, lineHeight: `${laneHeight}px` }}>{label}</div>)}
        </div>
        <Track layout={layout} lanes={lanes} laneHeight={laneHeight} onZoom={zoomBy}>
          <BranchStrip layout={layout} top={rulerHeight + lanes.lanes.length * laneHeight} />
        </Track>
      </div>
      <StepsAround />
    </div>
  )
}

/** Says that a controller's steps are picked out, and lets go of it. */
function FilterChip() {
  const { setUi } = useKubeloop()
  const filter = useUi((ui) => ui.controllerFilter)
  if (filter === null) return null
  return (
    <button type="button" className="chip on" aria-label={`Steps of the ${filter} controller; show all again`} onClick={() => setUi({ controllerFilter: null })}>
      {filter} <X className="size-3" aria-hidden="true" />
    </button>
  )
}

function BranchMenu() {
  const { send } = useKubeloop()
  const showMenu = useMenu()
  const branches = useSession((s) => s.branches)
  const current = useSession((s) => s.clock.branch)
  if (branches.length < 2) return null
  const items = branches.map(({ id, label, steps }) => ({ id: String(id), label, hint: `${steps} steps`, checked: id === current, run: () => send({ type: 'branch', id }) }))
  return (
    <Button size="sm" aria-haspopup="menu" onClick={(event) => showMenu({ label: 'Branches', items, anchor: event.currentTarget.getBoundingClientRect() })}>
      <GitBranch aria-hidden="true" /> {branches.length} branches
    </Button>
  )
}

function useHeight(element: React.RefObject<HTMLElement | null>): number {
  const [height, setHeight] = useState(184)
  useEffect(() => {
    if (!element.current) return
    const observer = new ResizeObserver(([entry]) => entry && setHeight(entry.contentRect.height))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return height
}
