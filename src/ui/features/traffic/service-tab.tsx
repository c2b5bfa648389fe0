import { useMemo, useState, type ReactNode } from 'react'
import { Activity, Send } from 'lucide-react'
import type { SecondStats, ServiceRow } from '../../../bridge/protocol'
import { Chart, type Mark } from '../../charts'
import { Button, Glyph, cx, durationText, numberText } from '../../kit'
import { outcomeWords, outcomes, useAnswer, useKubeloop, useRow, useSteps, useTrafficMoment, useUi } from '../../state'
import { Generators } from './generators'
import { rolloutsOf, seriesOf, totals } from './series'
import { podSuffix, rateText, shareText } from './words'

/** Charts show this much. Units: µs. */
const spans = [60_000_000, 180_000_000, 600_000_000] as const

/** How a Service does: success, rate and latencies over simulated time, endpoints, error budget, load. */
export function ServiceTab() {
  const kubeloop = useKubeloop()
  const row = useRow(kubeloop.services, useUi((ui) => ui.selection?.key ?? ''))
  if (!row) return <p className="p-3 text-12 text-text2">The Service does not exist at this moment.</p>
  return <ServiceTraffic row={row} />
}

function ServiceTraffic({ row }: { readonly row: ServiceRow }) {
  const kubeloop = useKubeloop()
  const { now } = useTrafficMoment()
  const steps = useSteps()
  const [span, setSpan] = useState<number>(spans[0])
  const { value } = useAnswer({ about: 'service-stats', namespace: row.namespace, name: row.name }, true)
  const seconds = useMemo(() => (Array.isArray(value) ? (value as readonly SecondStats[]) : []), [value])
  const from = Math.max(0, now - span)
  const series = useMemo(() => seriesOf(seconds, from, now), [seconds, from, now])
  const sum = totals(seconds, from, now)
  const marks = steps.flatMap((step): Mark[] => (step.milestone !== null && step.at >= from && step.at <= now ? [{ at: step.at / 1e6, text: step.milestone }] : []))
  const range = { from: from / 1e6, to: now / 1e6, times: series.times, marks }
  return (
    <div className="p-3">
      <div className="mb-2 flex flex-wrap items-center gap-1.5">
        <Button onClick={() => kubeloop.setUi({ dialog: { name: 'send-request', key: `service/${row.key}` } })}><Send aria-hidden="true" />Send a request</Button>
        <Button onClick={() => kubeloop.setUi({ dialog: { name: 'load', key: `service/${row.key}` } })}><Activity aria-hidden="true" />Generate load</Button>
        <label className="ml-auto text-11 text-text3">last <select className="h-6 rounded-1 border border-line2 bg-bg0 px-1 text-text coarse:h-11" value={span} aria-label="Time shown" onChange={(event) => setSpan(Number(event.target.value))}>{spans.map((s) => <option key={s} value={s}>{durationText(s)}</option>)}</select></label>
      </div>
      <Generators service={row} />
      {sum.finished === 0 && seconds.length === 0 ? <p className="mt-3 text-12 text-text2">No traffic yet.</p> : (
        <>
          <Metric label="Success rate" value={shareText(sum.ok, sum.finished)} tone={sum.ok < sum.finished ? 'err' : 'ok'} note={`worst second ${sum.worst.toFixed(0)}%`}>
            <Chart {...range} title={`Success rate, ${shareText(sum.ok, sum.finished)}`} most={105} format={(v) => (v > 100 ? '' : `${Math.round(v)}%`)} lines={[{ label: 'success', color: 'ok', values: series.success }]} />
          </Metric>
          <Metric label="Rate" value={`${rateText(sum.rate)}/s`} note={`${numberText(sum.finished)} requests`}>
            <Chart {...range} title={`Requests a second, ${rateText(sum.rate)}`} height={76} format={(v) => numberText(Math.round(v * 10) / 10)} lines={[{ label: 'rate', color: 'text2', values: series.rate }]} />
          </Metric>
          <Metric label="Latency p95" value={`${sum.p95.toFixed(1)} ms`} tone="info" note={<>p50 {sum.p50.toFixed(1)} ms. Lines: <span className="text-text2">p50</span>, <span className="info">p95</span>, <span className="warn">p99</span></>}>
            <Chart {...range} title={`Latency, p95 ${sum.p95.toFixed(1)} ms`} format={(v) => (v >= 1000 ? `${(v / 1000).toFixed(1)} s` : `${v < 10 ? v.toFixed(1) : Math.round(v)} ms`)} lines={[{ label: 'p50', color: 'text2', values: series.p50 }, { label: 'p95', color: 'info', values: series.p95 }, { label: 'p99', color: 'warn', width: 1, values: series.p99 }]} />
          </Metric>
          <Failures seconds={seconds} from={from} now={now} />
          <Shares service={`${row.namespace}/${row.name}`} />
          <Budget row={row} seconds={seconds} now={now} from={from} />
        </>
      )}
    </div>
  )
}

function Metric({ label, value, note, tone, children }: { readonly label: string; readonly value: string; readonly note: ReactNode; readonly tone?: string; readonly children: ReactNode }) {
  return (
    <section aria-label={label} className="mt-3">
      <h3 className="flex items-baseline justify-between text-12 text-text2">{label}<span className="text-11 text-text3">{note}</span></h3>
      <p className={cx('mono text-[18px]/6 font-semibold', tone)}>{value}</p>
      {children}
    </section>
  )
}

/** Why requests failed, in the shown time. */
function Failures({ seconds, from, now }: { readonly seconds: readonly SecondStats[]; readonly from: number; readonly now: number }) {
  const sums = outcomes.map((_, i) => seconds.reduce((sum, s) => sum + (s.at >= from && s.at < now ? (s.counts[i] ?? 0) : 0), 0))
  const failed = outcomes.map((o, i) => [o, sums[i] ?? 0] as const).filter(([o, n]) => o !== 'ok' && n > 0)
  if (failed.length === 0) return null
  return (
    <section aria-label="Failures" className="mt-3">
      <h3 className="mb-1 text-11 font-semibold text-text3">Failed</h3>
      <ul className="text-12">
        {failed.map(([outcome, n]) => <li key={outcome} className="flex items-center gap-2"><Glyph name="err" />{outcomeWords[outcome]}<span className="mono ml-auto text-11">{numberText(n)}</span></li>)}
      </ul>
    </section>
  )
}

/** How requests were spread over the endpoints, since the traffic began. */
function Shares({ service }: { readonly service: string }) {
  const { pods } = useKubeloop()
  const { traffic } = useTrafficMoment()
  const sums = new Map<string, number>()
  let all = 0
  for (const flow of traffic.flows.values()) {
    if (flow.service !== service || flow.pod === '') continue
    sums.set(flow.pod, (sums.get(flow.pod) ?? 0) + flow.sent)
    all += flow.sent
  }
  if (all === 0) return null
  const names = new Set<string>()
  for (const pod of pods.rows.values()) names.add(`${pod.namespace}/${pod.name}`)
  const rows = [...sums].sort((a, b) => b[1] - a[1])
  return (
    <section aria-label="Share by endpoint" className="mt-3">
      <h3 className="mb-1 flex justify-between text-11 font-semibold text-text3">Share by endpoint <span className="font-normal">{numberText(all)} requests in all</span></h3>
      {rows.slice(0, 12).map(([pod, n]) => (
        <div key={pod} className="grid grid-cols-[64px_minmax(0,1fr)_48px] items-center gap-2 text-12/5" data-tip={pod}>
          <span className={cx('mono el text-11', !names.has(pod) && 'text-text3 line-through')}>{podSuffix(pod)}</span>
          <span className="h-2 overflow-hidden rounded-[2px] bg-bg3 inset-ring inset-ring-line2" aria-hidden="true"><span className="block h-full bg-info" style={{ width: `${(100 * n) / all}%` }} /></span>
          <span className="mono text-right text-11">{shareText(n, all)}</span>
        </div>
      ))}
      {rows.length > 12 && <p className="text-11 text-text3">+{rows.length - 12} more</p>}
    </section>
  )
}

const objectives = [99, 99.9, 99.99] as const

/** How many failures an objective allows, and what of it each rollout has used. */
function Budget({ row, seconds, now, from }: { readonly row: ServiceRow; readonly seconds: readonly SecondStats[]; readonly now: number; readonly from: number }) {
  const steps = useSteps()
  const [objective, setObjective] = useState<number>(99.9)
  const rollouts = rolloutsOf(steps, row.namespace, now).filter((r) => totals(seconds, r.from, r.to + 5_000_000).finished > 0).slice(0, 4)
  const windows = [{ label: 'Time shown', from, to: now }, ...rollouts.map((r) => ({ label: `Rollout of ${r.name}, ${durationText(r.to - r.from)}`, from: r.from, to: r.to + 5_000_000 }))]
  return (
    <section aria-label="Error budget" className="mt-3">
      <h3 className="mb-1 flex items-center justify-between text-11 font-semibold text-text3">
        Error budget
        <label className="font-normal">objective <select className="h-6 rounded-1 border border-line2 bg-bg0 px-1 text-text coarse:h-11" aria-label="Objective" value={objective} onChange={(event) => setObjective(Number(event.target.value))}>{objectives.map((o) => <option key={o} value={o}>{o}%</option>)}</select></label>
      </h3>
      {windows.map((w) => {
        const { finished, ok } = totals(seconds, w.from, w.to)
        const failed = finished - ok
        const allowed = (finished * (100 - objective)) / 100
        const used = allowed > 0 ? failed / allowed : 0
        return (
          <div key={w.label + w.from} className="mb-1.5 text-12">
            <div className="flex justify-between"><span>{w.label}</span><span className={cx('mono text-11', used > 1 ? 'err' : 'text-text2')}>{used > 1 ? 'spent ' : ''}{used >= 10 ? `${numberText(Math.round(used))} times` : `${(100 * used).toFixed(0)}%`}</span></div>
            <div className="h-2 overflow-hidden rounded-[2px] bg-bg3 inset-ring inset-ring-line2" aria-hidden="true"><div className={cx('h-full', used > 1 ? 'bg-err' : used > 0.5 ? 'bg-warn' : 'bg-ok')} style={{ width: `${Math.min(100, 100 * used)}%` }} /></div>
            <p className="text-11 text-text3">{numberText(failed)} of {numberText(finished)} failed; {allowed < 10 ? allowed.toFixed(1) : numberText(Math.floor(allowed))} allowed</p>
          </div>
        )
      })}
    </section>
  )
}
