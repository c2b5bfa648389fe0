import type { NodeRow, Usage } from '../../../bridge/protocol'
import { TickText, durationText, glyphTone, numberText } from '../../kit'
import { nodeActions, useKubeloop, usePodKeys } from '../../state'
import { useObject } from './api-object'
import { ActionBar, Body, Conditions, Facts, Section, States, Timer } from './parts'
import { PodLines } from './pod-lines'
import { refOf } from './subject'

/** A node: what the API knows beside what is true. */
export function NodeSummary({ row }: { readonly row: NodeRow }) {
  const kubeloop = useKubeloop()
  const { object } = useObject(row.status === 'Not registered' ? null : refOf({ kind: 'node', row }))
  const pods = usePodKeys(row.key).flatMap((key) => kubeloop.pods.get(key) ?? [])
  const truth = truthOf(row)
  const tone = row.glyph === 'unk' ? 'err' : glyphTone[row.glyph]
  const addresses = object?.status?.addresses
  return (
    <Body actions={<ActionBar label={row.key} actions={nodeActions(kubeloop, row)} shown={3} />}>
      <States
        items={[
          { label: 'Condition Ready', value: row.ready, tone: row.ready === 'True' ? undefined : 'err' },
          { label: 'kubectl STATUS', value: row.status, tone: row.ready === 'True' ? undefined : tone },
          { label: 'In reality', value: truth.text, tone: truth.fine ? undefined : 'err' },
        ]}
      />
      {row.ring && <div className="mt-3"><Timer ring={row.ring} tone={row.ring.kind === 'lease' ? 'ok' : 'err'} /></div>}
      {row.message && row.ready !== 'True' && <p className="mt-3 text-12 text-text2">{row.message}</p>}
      <Section title="Resources">
        <Bar label="CPU" usage={row.cpu} format={(milli) => (milli / 1000).toFixed(2)} unit="" />
        <Bar label="Memory" usage={row.memory} format={(bytes) => (bytes / 2 ** 30).toFixed(1)} unit=" Gi" />
        <Bar label="Pods" usage={{ requested: pods.length, used: 0, allocatable: row.podCapacity }} format={String} unit="" />
      </Section>
      <Conditions conditions={object?.status?.conditions} bad={(type) => type !== 'Ready'} />
      <PodLines title="Pods recorded here" pods={pods} />
      <Section title="Details">
        <Facts
          rows={[
            ['Zone', row.zone || 'none'],
            ['Roles', row.roles],
            ['Last heard', Number.isFinite(row.heardAt) && row.status !== 'Not registered' ? <TickText key="h" text={(now) => `${durationText(now - row.heardAt)} ago`} /> : 'never'],
            ['Taints', row.taints.length > 0 ? row.taints.join(', ') : 'none', row.taints.length > 0],
            ['Agents', Object.entries(row.truth).filter(([name]) => name !== 'power' && name !== 'link').map(([name, up]) => `${agentNames[name] ?? name} ${up ? 'runs' : 'stopped'}`).join(', ')],
            addresses && addresses.length > 0 && ['Address', addresses.map(({ address }) => address).join(', '), true],
            object?.spec?.podCIDR !== undefined && ['Pod CIDR', object.spec.podCIDR, true],
            object?.status?.nodeInfo?.kubeletVersion !== undefined && ['Kubelet', object.status.nodeInfo.kubeletVersion, true],
            object?.metadata?.uid !== undefined && ['UID', object.metadata.uid, true],
            object?.metadata?.resourceVersion !== undefined && ['Version', `revision ${numberText(Number(object.metadata.resourceVersion))}`, true],
          ]}
        />
      </Section>
    </Body>
  )
}

const agentNames: Readonly<Record<string, string>> = { kubelet: 'kubelet', runtime: 'containerd', cni: 'CNI', kubeProxy: 'kube-proxy' }

function truthOf({ truth }: NodeRow): { readonly text: string; readonly fine: boolean } {
  if (!truth.power) return { text: 'Powered off', fine: false }
  if (!truth.link) return { text: 'Runs, cut off from the API', fine: false }
  if (!truth.kubelet) return { text: 'Runs, kubelet stopped', fine: false }
  return { text: 'Runs', fine: true }
}

/** Requested (hatched) and used (solid) of what can be given out. */
function Bar({ label, usage, format, unit }: { readonly label: string; readonly usage: Usage; readonly format: (n: number) => string; readonly unit: string }) {
  const part = (n: number): string => `${usage.allocatable > 0 ? Math.min(100, (n / usage.allocatable) * 100) : 0}%`
  const text = `${format(usage.requested)}/${format(usage.allocatable)}${unit}`
  return (
    <div className="grid grid-cols-[52px_minmax(0,1fr)_auto] items-center gap-2 text-12/5">
      <span className="text-text3">{label}</span>
      <div className="relative h-2 overflow-hidden rounded-[2px] bg-bg3 inset-ring inset-ring-line2" aria-hidden="true">
        <div className="absolute inset-y-0 left-0 border-r-2 border-text2" style={{ width: part(usage.requested), background: 'repeating-linear-gradient(135deg, var(--line3) 0 2px, transparent 2px 4px)' }} />
        <div className="absolute inset-y-0.5 left-0 rounded-[1px] bg-info" style={{ width: part(usage.used) }} />
      </div>
      <span className="mono text-11 text-text2" data-tip={usage.used > 0 ? `${format(usage.used)}${unit} used` : undefined}>{text}</span>
    </div>
  )
}
