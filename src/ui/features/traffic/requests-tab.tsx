import { useEffect, useRef, useState } from 'react'
import { Send } from 'lucide-react'
import type { Journey, Outcome } from '../../../bridge/protocol'
import { Button, Glyph, clockText, cx, numberText } from '../../kit'
import { outcomeWords, outcomes, useKubeloop, useTrafficMoment, useUi } from '../../state'
import { endGlyph, endText, latencyText, podSuffix } from './words'

/** Lines shown; more are counted. */
const mostLines = 300

/** The requests that were looked at closely, newest first; a click shows the journey. */
export function RequestsTab() {
  const kubeloop = useKubeloop()
  const { traffic, now } = useTrafficMoment()
  const selected = useUi((ui) => (ui.selection?.kind === 'request' ? Number(ui.selection.key) : 0))
  const [filter, setFilter] = useState<Outcome | 'all' | 'failed'>('all')
  useEarlier()
  const known = traffic.journeys.filter((j) => j.at + j.latency <= now)
  const counts = new Map<Outcome, number>()
  for (const { outcome } of known) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const shown: Journey[] = []
  for (let i = known.length - 1; i >= 0 && shown.length < mostLines; i--) {
    const j = known[i] as Journey
    if (filter === 'all' || (filter === 'failed' ? j.outcome !== 'ok' : j.outcome === filter)) shown.push(j)
  }
  const send = (): void => kubeloop.setUi({ dialog: { name: 'send-request', key: '' } })
  if (known.length === 0) {
    return (
      <div className="flex flex-wrap items-center gap-3 p-3 text-12 text-text2">
        <span>No requests yet.</span>
        <Button onClick={send}><Send aria-hidden="true" />Send one request</Button>
        <Button onClick={() => kubeloop.setUi({ dialog: { name: 'load', key: '' } })}>Generate load</Button>
      </div>
    )
  }
  return (
    <div>
      <div className="sticky top-0 z-1 flex flex-wrap items-center gap-2 border-b border-line1 bg-bg1 px-3 py-1.5 text-11">
        <label className="flex items-center gap-1.5 text-text3">
          Outcome
          <select className="h-6 rounded-1 border border-line2 bg-bg0 px-1 text-text coarse:h-11" value={filter} onChange={(event) => setFilter(event.target.value as Outcome | 'all' | 'failed')}>
            <option value="all">all ({known.length})</option>
            <option value="failed">failed ({known.length - (counts.get('ok') ?? 0)})</option>
            {outcomes.filter((o) => counts.has(o) || o === filter).map((o) => <option key={o} value={o}>{outcomeWords[o]} ({counts.get(o) ?? 0})</option>)}
          </select>
        </label>
        <span className="text-text3">{known.length} of {numberText(Math.max(known.length, traffic.ended))} sampled requests</span>
        <Button size="sm" className="ml-auto" onClick={send}><Send aria-hidden="true" />Send one request</Button>
      </div>
      <table className="w-full text-12">
        <caption className="sr-only">Requests, newest first</caption>
        <thead className="text-left text-11 text-text3">
          <tr><th className="py-1 pl-3 font-medium">Request</th><th className="w-5"><span className="sr-only">Outcome</span></th><th className="font-medium">Code</th><th className="font-medium max-[599px]:hidden">From</th><th className="font-medium">Entry</th><th className="font-medium">Pod</th><th className="pr-3 text-right font-medium">Latency</th></tr>
        </thead>
        <tbody>
          {shown.map((j) => (
            <tr key={j.id} className={cx('border-t border-line1 whitespace-nowrap hover:bg-bg3', j.id === selected && 'bg-accent-soft')}>
              <td className="py-0 pl-3">
                <button type="button" aria-label={`Request ${j.id}, ${endText(j)}`} aria-pressed={j.id === selected} data-tip={`${j.asked}\nsent at ${clockText(j.at)}`} className="mono h-6 text-11 text-accent hover:underline coarse:h-11" onClick={() => kubeloop.select(j.id === selected ? null : { kind: 'request', key: String(j.id) })}>{j.id}</button>
              </td>
              <td><Glyph name={endGlyph(j)} /></td>
              <td className={j.outcome === 'ok' ? '' : 'text-err'}>{endText(j)}</td>
              <td className="mono el max-w-28 text-11 text-text2 max-[599px]:hidden">{j.client === 'outside' ? 'outside' : podSuffix(j.client)}</td>
              <td className="mono text-11 text-text2">{j.entry || '–'}</td>
              <td className="mono text-11 text-text2" data-tip={j.pod || undefined}>{j.pod ? podSuffix(j.pod) : '–'}</td>
              <td className="mono pr-3 text-right text-11">{latencyText(j.latency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p className="p-3 text-12 text-text2">None of the sampled requests ended so.</p>}
    </div>
  )
}

/** Frames bring the newest; once, the earlier ones of the engine's 1,000 are asked for. */
function useEarlier(): void {
  const kubeloop = useKubeloop()
  const asked = useRef(false)
  useEffect(() => {
    if (asked.current) return
    asked.current = true
    void kubeloop.ask({ about: 'journeys', most: 1000 }).then((value) => {
      if (Array.isArray(value)) kubeloop.traffic.add(value as readonly Journey[])
    }, () => {})
  }, [kubeloop])
}
