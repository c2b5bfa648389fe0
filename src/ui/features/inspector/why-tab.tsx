import { useState } from 'react'
import { Button, clockText, cx } from '../../kit'
import { useAnswer, useKubeloop, useSession } from '../../state'
import { causesOf, withSilence, type Cause, type CauseRecord } from './causes'
import { useKnownRef, type ObjectRef } from './subject'

/** Why the object is as it is: the newest effect on top, below it what caused it, down to what began it. */
export function WhyTab() {
  const ref = useKnownRef()
  return ref ? <Chain key={`${ref.resource}/${ref.namespace}/${ref.name}`} about={ref} /> : <p className="p-3 text-12 text-text2">It does not exist at this moment.</p>
}

/** While one looks back at a cause, the chain stays that of the step at which one asked. */
interface Asked {
  readonly causes: readonly Cause[]
  readonly step: number
  readonly chosen: number
}

function Chain({ about }: { readonly about: ObjectRef }) {
  const { send, steps, session } = useKubeloop()
  const [asked, setAsked] = useState<Asked | null>(null)
  const step = useSession((s) => s.step)
  const { value, error } = useAnswer(asked ? null : { about: 'why', resource: about.resource, namespace: about.namespace, name: about.name })
  const all = asked?.causes ?? (Array.isArray(value) ? withSilence(causesOf(value as readonly CauseRecord[]), about, steps.rows) : undefined)
  // How the cluster was set up explains nothing of what one sees.
  const causes = all?.filter(({ at }, i) => at >= 0 || i === 0)
  if (error && !asked) return <p className="p-3 text-12 text-text2">{error}</p>
  if (!causes) return <p className="p-3 text-12 text-text3">Following the causes…</p>
  if (causes.length === 0) return <p className="p-3 text-12 text-text2">Nothing has changed it since the session began: it was made when the cluster was set up.</p>
  const total = (causes[0]?.at ?? 0) - (causes.at(-1)?.at ?? 0)
  const choose = (cause: Cause): void => {
    const own = steps.rows.find(({ record }) => cause.records.includes(record))
    setAsked({ causes, step: asked?.step ?? session.getState().step, chosen: cause.id })
    send({ type: 'seek', to: own ? { step: own.n } : { at: Math.max(0, cause.at) } })
  }
  const back = (): void => {
    if (asked) send({ type: 'seek', to: { step: asked.step } })
    setAsked(null)
  }
  return (
    <div className="p-3">
      <div className="mb-2 flex min-h-8 items-center gap-2">
        <h3 className="text-14 font-semibold">Effect to cause</h3>
        <span className="ml-auto text-12 text-text3">{delayText(total)} in total</span>
        {asked && asked.step !== step && <Button size="sm" onClick={back}>Back to step {asked.step}</Button>}
      </div>
      <ol>
        {causes.map((cause, i) => {
          const before = causes[i + 1]
          const chosen = asked?.chosen === cause.id
          return (
            <li key={cause.id} className="relative pb-2 pl-7">
              {before && <span aria-hidden="true" className="absolute top-5 bottom-0 left-2 w-px bg-line3" />}
              <span aria-hidden="true" className={cx('mono absolute top-2 left-0 flex size-[17px] items-center justify-center rounded-full border text-11/none font-semibold', chosen ? 'border-accent bg-accent text-on-accent' : 'border-line3 bg-bg2 text-text2')}>{causes.length - i}</span>
              <button type="button" aria-pressed={chosen} onClick={() => choose(cause)} className={cx('block w-full rounded-2 border px-2.5 py-1.5 text-left text-12', chosen ? 'border-accent bg-accent-soft' : 'border-line1 bg-bg2 hover:bg-bg3')}>
                <span className="block font-semibold break-words">{cause.title}</span>
                <span className="block text-text3">{cause.note}</span>
              </button>
              <div className="mono mt-1 flex justify-between px-2 text-11 text-text3"><span>{cause.at < 0 ? 'before the session' : clockText(cause.at)}</span>{before && <span>{delayText(cause.at - before.at)} later</span>}</div>
            </li>
          )
        })}
      </ol>
      {all && causes.length < all.length && <p className="pl-7 text-12 text-text3">What came before that is the set-up of the cluster.</p>}
    </div>
  )
}

/** `16 ms`, `50.0 s`, `5m 0s`. */
function delayText(us: number): string {
  if (us < 1000) return `${us} µs`
  if (us < 1_000_000) return `${Math.round(us / 1000)} ms`
  if (us < 60_000_000) return `${(us / 1_000_000).toFixed(1)} s`
  return `${Math.floor(us / 60_000_000)}m ${Math.floor(us / 1_000_000) % 60}s`
}
