import { clockText } from '../../kit'
import { useKubeloop, useSession, useSteps } from '../../state'

/** The timeline for those who do not see it: the step at the playhead with its messages, the one before and the one after. */
export function StepsAround() {
  const { steps, send } = useKubeloop()
  const step = useSession((s) => s.step)
  useSteps()
  const current = steps.get(step)
  const before = steps.get(step - 1)
  const after = steps.get(step + 1)
  return (
    <section aria-label="Steps around the playhead" className="sr-only">
      {current && (
        <p>
          Step {current.n} at {clockText(current.at)}: {current.caption}
        </p>
      )}
      {current && current.hops.length > 0 && <ol>{current.hops.map((hop, i) => <li key={`${i}-${hop.label}`}>{hop.from} to {hop.to}: {hop.label}</li>)}</ol>}
      {before && <button type="button" tabIndex={-1} onClick={() => send({ type: 'seek', to: { step: before.n } })}>Step before: {before.caption}</button>}
      {after && <button type="button" tabIndex={-1} onClick={() => send({ type: 'seek', to: { step: after.n } })}>Step after: {after.caption}</button>}
    </section>
  )
}
