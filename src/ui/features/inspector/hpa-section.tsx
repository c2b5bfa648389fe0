import { Glyph, TickText, cx, durationText, lazily } from '../../kit'
import { useSession } from '../../state'
import type { ApiObject, Condition } from './api-object'
import { Facts, Section, States } from './parts'

interface MetricValue {
  readonly averageUtilization?: number
  readonly averageValue?: string
  readonly value?: string
}

interface Metric {
  readonly type: string
  readonly resource?: { readonly name: string; readonly target?: MetricValue; readonly current?: MetricValue }
  readonly containerResource?: { readonly name: string; readonly target?: MetricValue; readonly current?: MetricValue }
}

interface ScalingRules {
  readonly stabilizationWindowSeconds?: number
  readonly selectPolicy?: string
  readonly policies?: readonly { readonly type: string; readonly value: number; readonly periodSeconds: number }[]
}

/** uPlot comes when a chart is shown. */
const HpaHistory = lazily(() => import('./hpa-history').then((m) => m.HpaHistory), <div className="h-48" />)

/** As much of a HorizontalPodAutoscaler (autoscaling/v2) as is shown. */
interface Autoscaler {
  readonly spec?: { readonly scaleTargetRef?: { readonly kind: string; readonly name: string }; readonly minReplicas?: number; readonly maxReplicas?: number; readonly metrics?: readonly Metric[]; readonly behavior?: { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules } }
  readonly status?: { readonly currentReplicas?: number; readonly desiredReplicas?: number; readonly lastScaleTime?: string | null; readonly currentMetrics?: readonly Metric[]; readonly conditions?: readonly Condition[] }
}

/** How far a metric may be off before anything is done. Upstream: --horizontal-pod-autoscaler-tolerance */
const tolerance = 0.1

/** Defaults of the API server. Units: s. */
const upWindow = 0
const downWindow = 300

/** What an autoscaler reads, the formula with its numbers, and what holds it back. */
export function HpaSection({ object, namespace, name }: { readonly object: ApiObject; readonly namespace: string; readonly name: string }) {
  const { spec, status } = object as unknown as Autoscaler
  const offset = useSession((s) => s.clock.wall - s.clock.now)
  const current = status?.currentReplicas ?? 0
  const desired = status?.desiredReplicas ?? 0
  const [least, most] = [spec?.minReplicas ?? 1, spec?.maxReplicas ?? 1]
  const scaledAt = status?.lastScaleTime ? Date.parse(status.lastScaleTime) * 1000 - offset : undefined
  const limited = status?.conditions?.find(({ type, status: s }) => type === 'ScalingLimited' && s === 'True')
  const able = status?.conditions?.find(({ type }) => type === 'AbleToScale')
  const held = able?.reason?.includes('Stabilized') ? able : undefined
  return (
    <>
      <States items={[{ label: 'Current', value: String(current) }, { label: 'Desired', value: String(desired), tone: desired > current ? 'info' : desired < current ? 'warn' : 'ok' }, { label: 'From … to', value: `${least} … ${most}` }]} />
      <Replicas current={current} desired={desired} least={least} most={most} />
      <Section title="Metrics">
        {(spec?.metrics ?? []).map((metric, i) => <Formula key={`${metric.type}-${i}`} metric={metric} now={status?.currentMetrics?.[i]} current={current} least={least} most={most} />)}
        <p className="mt-1 text-11 text-text3">The highest of all metrics counts. Within ±{100 * tolerance}% of the target nothing is done.</p>
      </Section>
      <Section title="Over time">
        <HpaHistory
          namespace={namespace} name={name} most={most}
          targets={(spec?.metrics ?? []).map((metric) => ({ name: (metric.resource ?? metric.containerResource)?.name ?? metric.type, target: (metric.resource ?? metric.containerResource)?.target?.averageUtilization }))}
          window={spec?.behavior?.scaleDown?.stabilizationWindowSeconds ?? downWindow}
        />
      </Section>
      <Section title="Held back">
        {held && <p className="flex items-start gap-1.5 text-12"><span className="pt-0.5"><Glyph name="pend" /></span>{held.message ?? held.reason}</p>}
        {limited && <p className="flex items-start gap-1.5 text-12"><span className="pt-0.5"><Glyph name="warn" /></span>{limited.message ?? limited.reason}</p>}
        {!held && !limited && <p className="text-12 text-text2">By nothing now.</p>}
        <Facts
          rows={[
            ['Scale out', rulesText(spec?.behavior?.scaleUp, upWindow)],
            ['Scale in', rulesText(spec?.behavior?.scaleDown, downWindow)],
            ['Last scaled', scaledAt === undefined ? 'never' : <TickText key="s" text={(now) => `${durationText(now - scaledAt)} ago`} />],
          ]}
        />
      </Section>
    </>
  )
}

/** The range as a bar: current solid, desired as a mark. */
function Replicas({ current, desired, least, most }: { readonly current: number; readonly desired: number; readonly least: number; readonly most: number }) {
  const place = (n: number): string => `${Math.max(0, Math.min(100, (100 * n) / Math.max(1, most)))}%`
  return (
    <figure className="mt-2" aria-label={`${current} replicas, ${desired} wanted, of at most ${most}`}>
      <div className="relative h-3 rounded-[2px] bg-bg3 inset-ring inset-ring-line2">
        <div className="absolute inset-y-0 left-0 rounded-[2px] bg-info" style={{ width: place(current) }} />
        <div className="absolute -inset-y-1 w-0.5 bg-accent" style={{ left: place(desired) }} />
        <div className="absolute inset-y-0 w-px bg-text2" style={{ left: place(least) }} />
      </div>
      <figcaption className="flex justify-between text-11 text-text3"><span>0</span><span>bar: current, line: desired</span><span className="mono">{most}</span></figcaption>
    </figure>
  )
}

function Formula({ metric, now, current, least, most }: { readonly metric: Metric; readonly now: Metric | undefined; readonly current: number; readonly least: number; readonly most: number }) {
  const aim = metric.resource ?? metric.containerResource
  const seen = (now?.resource ?? now?.containerResource)?.current
  const target = aim?.target?.averageUtilization
  const value = seen?.averageUtilization
  if (target === undefined) return <p className="mono text-11/[18px]">{aim?.name ?? metric.type}: {seen?.averageValue ?? seen?.value ?? '<unknown>'} of {aim?.target?.averageValue ?? aim?.target?.value ?? '?'}</p>
  const ratio = value === undefined ? undefined : value / target
  const wanted = ratio === undefined ? undefined : Math.abs(ratio - 1) <= tolerance ? current : Math.ceil(current * ratio)
  const kept = wanted === undefined ? undefined : Math.max(least, Math.min(most, wanted))
  return (
    <div className="mb-1.5 text-12">
      <div className="flex justify-between"><span>{aim?.name} utilization{seen?.averageValue ? <span className="text-text3">, {seen.averageValue} a pod</span> : ''}</span><span className={cx('mono text-11', ratio !== undefined && ratio > 1 + tolerance && 'warn')}>{value === undefined ? '<unknown>' : `${value}%`} of {target}%</span></div>
      <div className="relative h-2 overflow-hidden rounded-[2px] bg-bg3 inset-ring inset-ring-line2" aria-hidden="true">
        <div className="absolute inset-y-0 left-0 bg-info" style={{ width: `${Math.min(100, ((value ?? 0) / Math.max(target * 2, 1)) * 100)}%` }} />
        <div className="absolute inset-y-0 left-1/2 w-0.5 bg-text2" />
      </div>
      <p className="mono mt-1 text-11/[17px] text-text2">
        {value === undefined ? 'No metric yet: nothing is done.' : ratio !== undefined && Math.abs(ratio - 1) <= tolerance
          ? `${value} / ${target} = ${ratio.toFixed(2)}, within tolerance: stays at ${current}`
          : `ceil(${current} × ${value} / ${target}) = ${wanted}${kept !== wanted ? `, limited to ${kept}` : ''}`}
      </p>
    </div>
  )
}

function rulesText(rules: ScalingRules | undefined, window: number): string {
  const wait = rules?.stabilizationWindowSeconds ?? window
  const policies = (rules?.policies ?? []).map((p) => `${p.value}${p.type === 'Percent' ? '%' : ' pods'} in ${p.periodSeconds} s`)
  const rest = rules?.selectPolicy === 'Disabled' ? 'disabled' : policies.length > 0 ? `${rules?.selectPolicy === 'Min' ? 'least' : 'most'} of ${policies.join(', ')}` : 'usual policies'
  return `${wait === 0 ? 'at once' : `by the highest wish of the last ${wait} s`}; ${rest}`
}
