import { Minus, Plus } from 'lucide-react'
import type { PodRow, WorkloadRow } from '../../../bridge/protocol'
import { IconButton, TickText, clockText, durationText, numberText } from '../../kit'
import { isScalable, progressOf, scaleTo, useKubeloop, useRows, workloadActions } from '../../state'
import { useObject } from './api-object'
import { ActionBar, Body, Conditions, Facts, Go, Section, States } from './parts'
import { PodLines } from './pod-lines'
import { findObject, refOf } from './subject'

/** A workload: how many pods it wants and has, who owns it, and its pods. */
export function WorkloadSummary({ row }: { readonly row: WorkloadRow }) {
  const kubeloop = useKubeloop()
  const { object } = useObject(refOf({ kind: 'workload', row }))
  const workloads = [...useRows(kubeloop.workloads).values()]
  const children = workloads.filter((w) => w.owner === row.name && w.namespace === row.namespace && owns(row.kind, w.kind))
  const names = new Set([row, ...children].map((w) => `${w.kind}/${w.name}`))
  const pods = [...useRows(kubeloop.pods).values()].filter((pod: PodRow) => pod.namespace === row.namespace && pod.owner !== null && names.has(`${pod.owner.kind}/${pod.owner.name}`))
  const job = row.kind === 'Job'
  const ownerKind = object?.metadata?.ownerReferences?.find(({ controller }) => controller)?.kind ?? 'Deployment'
  return (
    <Body actions={<ActionBar label={row.name} actions={workloadActions(kubeloop, row).filter(({ id }) => !id.startsWith('scale-'))} />}>
      <States
        items={row.kind === 'CronJob' ? [{ label: 'Active Jobs', value: String(row.current) }] : [
          { label: job ? 'Completions' : 'Wanted', value: String(row.desired) },
          { label: job ? 'Active' : 'Created', value: String(row.current) },
          { label: job ? 'Succeeded' : 'Ready', value: String(job ? row.available : row.ready), tone: (job ? row.available : row.ready) < row.desired ? 'warn' : 'ok' },
        ]}
      />
      {isScalable(row) && (
        <div className="mt-3 flex items-center gap-2 text-12">
          <span className="text-text3">Replicas</span>
          <IconButton size="sm" label={`One replica less of ${row.name}`} disabled={row.desired === 0} onClick={() => scaleTo(kubeloop, row, row.desired - 1)}><Minus /></IconButton>
          <output className="mono font-semibold">{row.desired}</output>
          <IconButton size="sm" label={`One replica more of ${row.name}`} onClick={() => scaleTo(kubeloop, row, row.desired + 1)}><Plus /></IconButton>
        </div>
      )}
      <Conditions conditions={object?.status?.conditions} bad={(type) => type === 'ReplicaFailure' || type === 'Failed'} />
      <Section title="Details">
        <Facts
          rows={[
            row.owner !== null && ['Owner', <Go key="o" to={findObject(kubeloop, ownerKind, row.namespace, row.owner)}>{ownerKind} {row.owner}</Go>],
            children.length > 0 && ['Owns', <span key="c" className="flex flex-col items-start">{children.toSorted((a, b) => b.createdAt - a.createdAt).slice(0, 8).map((c) => <Go key={c.key} to={{ kind: 'workload', key: c.key }}>{c.kind} {c.name} ({progressOf(c).text})</Go>)}</span>],
            ...row.images.map(({ container, image }) => [row.images.length > 1 ? `Image ${container}` : 'Image', image, true] as const),
            !job && row.kind !== 'CronJob' && ['Updated', `${row.updated} of ${row.desired}, ${row.available} available`],
            row.paused && ['Rollout', 'paused'],
            strategyText(object?.spec?.strategy) !== null && ['Strategy', strategyText(object?.spec?.strategy)],
            object?.spec?.selector?.matchLabels !== undefined && ['Selector', Object.entries(object.spec.selector.matchLabels).map(([k, v]) => `${k}=${v}`).join(', '), true],
            ['Age', <span key="a"><TickText text={(now) => durationText(now - row.createdAt)} />, since {clockText(row.createdAt, 0)}</span>],
            ['UID', row.key, true],
            object?.metadata?.resourceVersion !== undefined && ['Version', `revision ${numberText(Number(object.metadata.resourceVersion))}, generation ${object.metadata.generation ?? 1}`, true],
          ]}
        />
      </Section>
      <PodLines title="Pods" pods={pods} />
    </Body>
  )
}

function owns(owner: WorkloadRow['kind'], child: WorkloadRow['kind']): boolean {
  return (owner === 'Deployment' && child === 'ReplicaSet') || (owner === 'CronJob' && child === 'Job')
}

function strategyText(strategy: { readonly type?: string; readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string } } | undefined): string | null {
  if (!strategy?.type) return null
  const { rollingUpdate: r } = strategy
  return r ? `${strategy.type}, ${r.maxSurge ?? '25%'} surge, ${r.maxUnavailable ?? '25%'} unavailable` : strategy.type
}
