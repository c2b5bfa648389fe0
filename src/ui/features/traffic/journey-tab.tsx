import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { ChevronLeft, ChevronRight, Play, Square } from 'lucide-react'
import type { Journey, JourneyHop } from '../../../bridge/protocol'
import { Button, Glyph, IconButton, clockText, cx, reducedMotion } from '../../kit'
import { outcomeReasons, outcomeWords, useAnswer, useKubeloop, useUi } from '../../state'
import { Decision } from './decision'
import { endText, hopTitle, latencyText } from './words'

/** Real time that a station takes when a request is played. Units: ms. */
const hopMs = 900

/** One request: each station with its decision, playable step by step; the map shows the same station. */
export function JourneyTab() {
  const kubeloop = useKubeloop()
  const id = useUi((ui) => Number(ui.selection?.key ?? 0))
  const known = kubeloop.traffic.journey(id)
  const { value, error } = useAnswer(known ? null : { about: 'journey', id })
  const journey = known ?? (value as Journey | undefined)
  if (error) return <p className="p-3 text-12 text-text2">{error}</p>
  if (!journey) return <p className="p-3 text-12 text-text3">Looking it up…</p>
  return <JourneyView key={journey.id} journey={journey} />
}

function JourneyView({ journey }: { readonly journey: Journey }) {
  const kubeloop = useKubeloop()
  const hop = useUi((ui) => ui.hop)
  const { playing, toggle } = usePlay(journey.hops.length)
  const at = (n: number): void => kubeloop.setUi({ hop: Math.max(0, Math.min(journey.hops.length - 1, n)) })
  const again = (): void => kubeloop.setUi({ dialog: { name: 'send-request', key: `again/${journey.id}` } })
  const { outcome } = journey
  const top = useRef<HTMLDivElement>(null)
  useEffect(() => { top.current?.parentElement?.scrollTo({ top: 0 }) }, []) // the panel stays; another request is read from its beginning
  return (
    <div ref={top} className="flex min-h-full flex-col">
      <div className="p-3">
        <dl className="grid grid-cols-[64px_minmax(0,1fr)] gap-x-2 gap-y-0.5 text-12/[18px]">
          <dt className="text-text3">Asked</dt><dd className="mono text-11/[18px] break-all">{journey.asked}</dd>
          <dt className="text-text3">From</dt><dd className="mono text-11/[18px] break-all">{journey.client === 'outside' ? 'outside the cluster' : journey.client}{journey.generator ? `, ${journey.generator}` : ''}</dd>
          <dt className="text-text3">Sent at</dt><dd className="mono text-11/[18px]">{clockText(journey.at)}</dd>
          <dt className="text-text3">Took</dt><dd className="mono text-11/[18px]">{latencyText(journey.latency)}{journey.kept ? ', over a kept connection' : ''}</dd>
        </dl>
        {outcome !== 'ok' && (
          <p className="mt-2 flex items-start gap-2 rounded-2 bg-err-soft px-2 py-1.5 text-12 text-text">
            <span className="pt-0.5"><Glyph name="err" /></span><span><b className="font-semibold text-err">{outcomeWords[outcome]}</b>: {outcomeReasons[outcome]}</span>
          </p>
        )}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys of the buttons in it */}
        <ol className="mt-3" aria-label={`Journey of request ${journey.id}`} onKeyDown={(event) => walk(event, hop, journey.hops.length, at)}>
          {journey.hops.map((h, i) => <HopLine key={`${i}-${h.kind}`} hop={h} before={journey.hops[i - 1]} n={i} last={i === journey.hops.length - 1} current={hop === i} journey={journey} onPick={() => kubeloop.setUi({ hop: hop === i ? -1 : i })} />)}
        </ol>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- its buttons have the focus */}
      <div role="toolbar" aria-label="Play the request" onKeyDown={(event) => walk(event, hop, journey.hops.length, at)} className="sticky bottom-0 mt-auto flex flex-wrap items-center gap-1.5 border-t border-line1 bg-bg1 px-3 py-2.5">
        {!reducedMotion() && <Button tone="primary" onClick={toggle}>{playing ? <Square aria-hidden="true" /> : <Play aria-hidden="true" />}{playing ? 'Stop' : 'Replay request'}</Button>}
        <IconButton label="Station before" onClick={() => at(hop < 0 ? journey.hops.length - 1 : hop - 1)} aria-disabled={hop === 0}><ChevronLeft /></IconButton>
        <IconButton label="Next station" onClick={() => at(hop + 1)} aria-disabled={hop === journey.hops.length - 1}><ChevronRight /></IconButton>
        <Button className="ml-auto" onClick={again}>Send another</Button>
      </div>
      <output className="sr-only" aria-live="polite">{hop >= 0 && journey.hops[hop] ? `Station ${hop + 1}: ${journey.hops[hop].text}` : ''}</output>
      <span className="sr-only">{endText(journey)}</span>
    </div>
  )
}

/** Arrow keys go from station to station, wherever in the journey the focus is. */
function walk(event: KeyboardEvent, hop: number, count: number, at: (n: number) => void): void {
  const to = { ArrowRight: hop + 1, ArrowDown: hop + 1, ArrowLeft: hop < 0 ? count - 1 : hop - 1, ArrowUp: hop < 0 ? count - 1 : hop - 1, Home: 0, End: count - 1 }[event.key]
  if (to === undefined) return
  event.preventDefault()
  at(to)
}

/** Walks the stations one after the other, in real time: the request itself is over. */
function usePlay(stations: number): { readonly playing: boolean; readonly toggle: () => void } {
  const kubeloop = useKubeloop()
  const [playing, setPlaying] = useState(false)
  useEffect(() => {
    if (!playing) return
    const timer = setInterval(() => {
      const { hop } = kubeloop.ui.getState()
      if (hop >= stations - 1) setPlaying(false)
      else kubeloop.setUi({ hop: hop + 1 })
    }, hopMs)
    return () => clearInterval(timer)
  }, [playing, kubeloop, stations])
  const toggle = (): void => {
    if (!playing) kubeloop.setUi({ hop: 0 })
    setPlaying(!playing)
  }
  return { playing, toggle }
}

function HopLine({ hop, before, n, last, current, journey, onPick }: {
  readonly hop: JourneyHop; readonly before: JourneyHop | undefined; readonly n: number; readonly last: boolean; readonly current: boolean; readonly journey: Journey; readonly onPick: () => void
}) {
  const failed = !hop.ok
  const line = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (current) line.current?.scrollIntoView({ block: 'nearest', behavior: reducedMotion() ? 'auto' : 'smooth' })
  }, [current])
  return (
    <li ref={line} className="relative scroll-mb-16 pb-3 last:pb-0" style={{ paddingLeft: 28 + 12 * Math.min(3, hop.depth) }}>
      {!last && <span aria-hidden="true" className="absolute top-5 bottom-0 left-[9px] w-px bg-line2" />}
      <button type="button" aria-pressed={current} onClick={onPick} className="flex w-full items-baseline gap-2 rounded-1 text-left coarse:min-h-11">
        <span aria-hidden="true" className={cx('mono absolute top-0 left-0 grid size-[19px] place-items-center rounded-full border text-11 font-semibold', current ? 'border-accent bg-accent text-on-accent' : failed ? 'border-err text-err' : 'border-line3 text-text2')}>{failed ? '×' : n + 1}</span>
        <b className={cx('min-w-0 flex-1 text-12/5 font-semibold', failed && 'text-err')}>{hopTitle(hop)}</b>
        <span className="mono shrink-0 text-11 text-text3">{n === 0 ? latencyText(hop.after) : `+${latencyText(Math.max(0, hop.after - (before?.after ?? 0)))}`}</span>
      </button>
      <p className="text-12 break-words text-text2">{hop.text}</p>
      {hop.rule && <Decision rule={hop.rule} at={journey.at} open={current} short={hop.kind === 'dns' && !current} />}
    </li>
  )
}
