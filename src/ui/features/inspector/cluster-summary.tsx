import type { PodRow, WorkloadRow } from '../../../bridge/protocol'
import { Glyph, TickText, countdownText, glyphTone, numberText, type GlyphName, type StatusTone } from '../../kit'
import { progressOf, useKubeloop, useRows, useSession } from '../../state'
import { attentionOf, calmWords } from './attention'
import { Body, Section } from './parts'

const mostAttention = 12
const mostWorkloads = 8

/** The cluster when nothing is selected: pods by STATUS, what needs attention, workloads. */
export function ClusterSummary() {
  const kubeloop = useKubeloop()
  const components = useSession((s) => s.components)
  const pods = useRows(kubeloop.pods)
  const attention = attentionOf(components, useRows(kubeloop.nodes).values(), pods.values())
  const calm = calmWords(pods.values(), useRows(kubeloop.workloads).values())
  const workloads = [...useRows(kubeloop.workloads).values()].filter((row) => row.owner === null).sort((a, b) => own(b) - own(a) || b.desired - a.desired || (a.name < b.name ? -1 : 1))
  return (
    <Body>
      <PodStatuses pods={[...pods.values()]} />
      <Section title="Needs attention" note={attention.length > 0 ? attention.length : undefined}>
        {attention.length === 0 && <p className="flex items-center gap-2 text-12 text-text2"><Glyph name={calm.glyph} /> {calm.text}</p>}
        <ul>
          {attention.slice(0, mostAttention).map(({ id, glyph, title, note, ring, pods: count, to }) => (
            <li key={id}>
              <button type="button" className="-mx-1.5 flex w-[calc(100%+12px)] items-start gap-2 rounded-1 px-1.5 py-1 text-left text-12 hover:bg-bg3 coarse:min-h-11" onClick={() => kubeloop.select(to)}>
                <span className="mt-0.5"><Glyph name={glyph} tone={to.kind === 'node' && glyph === 'unk' ? 'err' : glyphTone[glyph]} size={14} /></span>
                <span className="min-w-0 flex-1"><span className="block font-semibold break-words">{title}</span><span className="block text-text3"><TickText text={(now) => (ring?.endsAt && ring.endsAt > now ? `${note} ${countdownText(ring.endsAt - now)}` : note)} /></span></span>
                {count > 0 && <span className="mono shrink-0 text-text2" data-tip={`${count} pod${count === 1 ? '' : 's'} affected`}>{count}</span>}
              </button>
            </li>
          ))}
        </ul>
        {attention.length > mostAttention && <p className="text-11 text-text3">+{attention.length - mostAttention} more</p>}
      </Section>
      {workloads.length > 0 && (
        <Section title="Workloads" note="ready / wanted">
          <ul>{workloads.slice(0, mostWorkloads).map((row) => <WorkloadLine key={row.key} row={row} />)}</ul>
          {workloads.length > mostWorkloads && <p className="text-11 text-text3">+{workloads.length - mostWorkloads} more in the list view</p>}
        </Section>
      )}
    </Body>
  )
}

const own = (row: WorkloadRow): number => (row.namespace === 'kube-system' ? 0 : 1)

function WorkloadLine({ row }: { readonly row: WorkloadRow }) {
  const { select } = useKubeloop()
  const { have, full, text, words, glyph } = progressOf(row)
  return (
    <li>
      <button type="button" className="-mx-1.5 grid h-6 w-[calc(100%+12px)] grid-cols-[12px_minmax(0,1fr)_72px_minmax(46px,auto)] items-center gap-2 rounded-1 px-1.5 text-left text-12 hover:bg-bg3 coarse:h-11" aria-label={`${row.name}, ${words}`} onClick={() => select({ kind: 'workload', key: row.key })}>
        <Glyph name={glyph} />
        <span className="mono el text-11">{row.name}</span>
        <span className="h-1.5 overflow-hidden rounded-[2px] bg-bg3" aria-hidden="true"><span className={`block h-full ${full ? 'bg-ok' : 'bg-warn'}`} style={{ width: `${row.desired > 0 ? Math.min(100, (have / row.desired) * 100) : 100}%` }} /></span>
        <span className="mono text-right text-11 text-text2">{text}</span>
      </button>
    </li>
  )
}

const order: readonly GlyphName[] = ['ok', 'run', 'prog', 'pend', 'warn', 'err', 'term', 'unk', 'done']
const toneColour: Readonly<Record<StatusTone, string>> = { ok: 'var(--ok)', info: 'var(--info)', warn: 'var(--warn)', err: 'var(--err)', term: 'var(--term)', unk: 'var(--unk)' }

function PodStatuses({ pods }: { readonly pods: readonly PodRow[] }) {
  const counts = new Map<string, { readonly glyph: GlyphName; readonly status: string; n: number }>()
  for (const { glyph, status } of pods) {
    const id = `${glyph} ${status}`
    const entry = counts.get(id)
    if (entry) entry.n++
    else counts.set(id, { glyph, status, n: 1 })
  }
  const rows = [...counts.values()].sort((a, b) => order.indexOf(a.glyph) - order.indexOf(b.glyph) || b.n - a.n)
  return (
    <section aria-label="Pods by kubectl STATUS">
      <h3 className="mb-1.5 flex justify-between text-11 font-semibold text-text3">Pods by kubectl STATUS <span className="mono font-normal">{numberText(pods.length)}</span></h3>
      {pods.length > 0 && (
        <div className="mb-2 flex h-2.5 gap-px overflow-hidden rounded-[2px]" aria-hidden="true">
          {rows.map(({ glyph, status, n }) => <span key={glyph + status} style={{ flexGrow: n, background: toneColour[glyphTone[glyph]] }} />)}
        </div>
      )}
      <ul className="grid grid-cols-2 gap-x-4">
        {rows.map(({ glyph, status, n }) => (
          <li key={glyph + status} className="flex items-center gap-2 text-12/5"><Glyph name={glyph} /><span className="el">{status}{glyph === 'run' && status === 'Running' ? ', not ready' : glyph === 'unk' && status === 'Running' ? '?' : status !== 'Pending' ? '' : glyph === 'prog' ? ', on a node' : ', no node'}</span><span className="mono ml-auto">{numberText(n)}</span></li>
        ))}
      </ul>
    </section>
  )
}
