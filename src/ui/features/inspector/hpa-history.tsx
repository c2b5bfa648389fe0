import { useMemo } from 'react'
import type { AutoscalerHistory } from '../../../bridge/protocol'
import { Chart, type Line } from '../../charts'
import { useAnswer, useSession } from '../../state'

/** Charts show this much; a window of the usual length and what led to it. Units: s. */
const shown = 600

/** What an autoscaler measured, wanted and did, with the stretch of time whose highest wish holds it back from scaling in. */
export function HpaHistory({ namespace, name, most, targets, window }: {
  readonly namespace: string
  readonly name: string
  readonly most: number
  readonly targets: readonly { readonly name: string; readonly target: number | undefined }[]
  /** Stabilization window of scaling in. Units: s. */
  readonly window: number
}) {
  const now = useSession((s) => Math.ceil(s.clock.now / 500_000)) / 2 // charts need not be drawn at each picture
  const { value } = useAnswer({ about: 'autoscaler', namespace, name }, true)
  const history = value as AutoscalerHistory | undefined
  const columns = useMemo(() => columnsOf(history, now, targets.length), [history, now, targets.length])
  if (!history) return null
  if (columns.times.length < 2) return <p className="text-12 text-text2">Nothing measured yet: it looks every 15 s.</p>
  const from = Math.max(0, now - Math.max(shown, window * 1.2), Math.min(columns.times[0] ?? 0, now - 60))
  const range = { times: columns.times, marks: [], from, to: now }
  const replicas: Line[] = [
    { label: 'wanted', color: 'text3', width: 1, steps: true, dash: [3, 3], values: columns.wanted },
    { label: 'current', color: 'info', width: 2, steps: true, values: columns.current },
    { label: 'desired', color: 'accent', steps: true, values: columns.desired },
  ]
  return (
    <>
      {targets.map((metric, i) => (
        <div key={`${metric.name} ${i}`}>
          <p className="flex justify-between text-11 text-text3"><span>{metric.name}</span>{metric.target !== undefined && <span>dashed: target {metric.target}%</span>}</p>
          <Chart
            {...range} height={84} title={`${metric.name} over time${metric.target === undefined ? '' : `, target ${metric.target}%`}`} format={(v) => (metric.target === undefined ? `${Math.round(v)}m` : `${Math.round(v)}%`)}
            lines={[{ label: 'measured', color: 'ok', steps: true, values: columns.metrics[i] ?? [] }, ...(metric.target === undefined ? [] : [{ label: 'target', color: 'text3', width: 1, dash: [4, 4], values: columns.times.map(() => metric.target ?? null) }])]}
          />
        </div>
      ))}
      <p className="mt-2 flex flex-wrap justify-between gap-x-2 text-11 text-text3"><span>Replicas: <span className="info">current</span>, <span className="text-accent">desired</span>, <span className="text-text2">wanted</span> (dashed)</span></p>
      <Chart {...range} height={104} title={`Replicas over time, ${columns.current.at(-1) ?? 0} now`} most={most + 0.5} format={(v) => String(Math.round(v))} lines={replicas} bands={window > 0 ? [{ from: now - window, to: now, text: `window, ${window} s` }] : []} />
      <p className="text-11 text-text3">{window > 0 ? 'It scales in to no less than the highest wish inside the window.' : 'It scales in at once.'}</p>
    </>
  )
}

interface Columns {
  readonly times: readonly number[]
  readonly current: readonly (number | null)[]
  readonly desired: readonly (number | null)[]
  readonly wanted: readonly (number | null)[]
  readonly metrics: readonly (readonly (number | null)[])[]
}

/** Columns over all moments at which something was written; each value holds until the next. Times in s. */
export function columnsOf(history: AutoscalerHistory | undefined, now: number, metrics: number): Columns {
  const { samples = [], wanted = [] } = history ?? {}
  const times = [...new Set([...samples.map(({ at }) => at / 1e6), ...wanted.map(({ at }) => at / 1e6)])].filter((t) => t <= now).sort((a, b) => a - b)
  if (times.length > 0 && (times.at(-1) ?? 0) < now) times.push(now)
  let [s, w] = [-1, -1]
  const rows = times.map((t) => {
    while (s + 1 < samples.length && (samples[s + 1]?.at ?? 0) / 1e6 <= t) s++
    while (w + 1 < wanted.length && (wanted[w + 1]?.at ?? 0) / 1e6 <= t) w++
    return { sample: samples[s], wish: wanted[w] }
  })
  return {
    times,
    current: rows.map(({ sample }) => sample?.current ?? null), desired: rows.map(({ sample }) => sample?.desired ?? null), wanted: rows.map(({ wish }) => wish?.replicas ?? null),
    metrics: Array.from({ length: metrics }, (_, i) => rows.map(({ sample }) => sample?.values[i] ?? null)),
  }
}
