import { useKubeloop, useSession, useSteps } from '../../state'

/** The steps of the branch as one line to drag along; milestones are marks. */
export function Scrubber() {
  const { send } = useKubeloop()
  const step = useSession((s) => s.step)
  const last = useSession((s) => s.lastStep)
  const steps = useSteps()
  const first = steps[0]?.n ?? 0
  return (
    <div className="relative flex h-11 min-w-0 flex-1 items-center">
      <input
        type="range" aria-label="Step" aria-valuetext={`Step ${step} of ${last}`} min={Math.max(0, first - 1)} max={Math.max(1, last)} value={step}
        onChange={(event) => send({ type: 'seek', to: { step: Number(event.target.value) } })} className="w-full accent-(--accent)"
      />
      <div className="pointer-events-none absolute inset-x-2 top-1 h-2" aria-hidden="true">
        {steps.filter((s) => s.milestone !== null).slice(-40).map((s) => (
          <span key={s.n} className="absolute h-2 w-0.5 bg-warn" style={{ left: `${((s.n - first + 1) / Math.max(1, last - first + 1)) * 100}%` }} />
        ))}
      </div>
    </div>
  )
}
