import type { PodRow } from '../../../bridge/protocol'
import { TickText, clockText, durationText, glyphTone, numberText, type StatusTone } from '../../kit'
import { podActions, useKubeloop } from '../../state'
import { useObject, type ApiObject } from './api-object'
import { ActionBar, Body, Conditions, Facts, Go, Section, States, Timer } from './parts'
import { findObject, refOf } from './subject'

const phaseTone: Readonly<Record<string, StatusTone>> = { Pending: 'warn', Running: 'ok', Succeeded: 'unk', Failed: 'err', Unknown: 'unk' }

/** A pod: phase, container state and kubectl's STATUS as three fields; timers; conditions; facts. */
export function PodSummary({ row }: { readonly row: PodRow }) {
  const kubeloop = useKubeloop()
  const { object } = useObject(refOf({ kind: 'pod', row }))
  const tone = glyphTone[row.glyph]
  return (
    <Body actions={<ActionBar label={row.name} actions={podActions(kubeloop, row)} />}>
      <States
        items={[
          { label: 'Phase', value: row.phase, tone: phaseTone[row.phase] },
          { label: 'Container', value: containerText(row), tone: row.container.startsWith('Waiting') ? 'info' : undefined },
          { label: 'kubectl STATUS', value: row.status, tone: row.glyph === 'ok' ? undefined : tone },
        ]}
      />
      {row.ring && <div className="mt-3"><Timer ring={row.ring} tone={tone} /></div>}
      {row.ghost && row.node !== null && <p className="mt-3 text-12 text-text2">{row.phase === 'Pending' ? 'The record exists; nothing runs for it yet.' : 'What the API says. Its node is silent, so no one knows whether it still runs.'}</p>}
      {object?.status?.message && <p className="mt-3 text-12 text-text2">{object.status.message}</p>}
      <Conditions conditions={object?.status?.conditions} />
      <Containers object={object} />
      <Section title="Details">
        <Facts
          rows={[
            ['Node', row.node === null ? 'none yet, the scheduler chooses it' : <Go key="n" to={findObject(kubeloop, 'Node', '', row.node)}>{row.node}</Go>],
            ['Pod IP', row.ip || 'none yet, CNI assigns it', row.ip !== ''],
            ['Owner', row.owner ? <Go key="o" to={findObject(kubeloop, row.owner.kind, row.namespace, row.owner.name)}>{row.owner.kind} {row.owner.name}</Go> : 'none; nothing will replace it'],
            ['Ready', `${row.ready}, ${row.restarts} restart${row.restarts === 1 ? '' : 's'}`],
            ['Age', <span key="a"><TickText text={(now) => durationText(now - row.createdAt)} />, since {clockText(row.createdAt, 0)}</span>],
            ['QoS class', object?.status?.qosClass ?? '…'],
            ['Requests', requestsText(object), true],
            ['Tolerations', tolerationsText(object)],
            object?.metadata?.finalizers && object.metadata.finalizers.length > 0 && ['Finalizers', object.metadata.finalizers.join(', '), true],
            ['UID', object?.metadata?.uid ?? row.key, true],
            ['Version', object?.metadata?.resourceVersion ? `revision ${numberText(Number(object.metadata.resourceVersion))}` : '…', true],
          ]}
        />
      </Section>
    </Body>
  )
}

/** `none` says nothing to a person: when all is fine the container runs. */
function containerText({ container, phase }: PodRow): string {
  if (container !== 'none') return container
  return phase === 'Running' ? 'Running' : 'none'
}

function Containers({ object }: { readonly object: ApiObject | undefined }) {
  const containers = object?.spec?.containers
  if (!containers) return null
  const statuses = object.status?.containerStatuses ?? []
  return (
    <Section title={containers.length === 1 ? 'Container' : 'Containers'}>
      <ul className="space-y-1.5">
        {containers.map(({ name, image }) => {
          const status = statuses.find((s) => s.name === name)
          const [state, detail] = Object.entries(status?.state ?? {}).find(([, value]) => value !== undefined && value !== null) ?? []
          return (
            <li key={name} className="text-12">
              <div className="flex gap-2"><span className="mono el font-semibold">{name}</span><span className="ml-auto shrink-0 text-text2">{state ? `${state}${detail?.reason ? `: ${detail.reason}` : ''}${detail?.exitCode !== undefined ? ` (exit ${detail.exitCode})` : ''}` : 'not started'}</span></div>
              <div className="mono el text-11 text-text3" data-tip={image}>{image}</div>
              {detail?.message && <div className="text-11 break-words text-text2">{detail.message}</div>}
            </li>
          )
        })}
      </ul>
    </Section>
  )
}

function requestsText(object: ApiObject | undefined): string {
  const containers = object?.spec?.containers
  if (!containers) return '…'
  const parts = containers.flatMap(({ name, resources }) => {
    const requests = Object.entries(resources?.requests ?? {}).map(([resource, amount]) => `${resource} ${amount}`)
    return requests.length === 0 ? [] : [containers.length > 1 ? `${name}: ${requests.join(', ')}` : requests.join(', ')]
  })
  return parts.length > 0 ? parts.join('; ') : 'none'
}

function tolerationsText(object: ApiObject | undefined): string {
  const tolerations = object?.spec?.tolerations
  if (!object) return '…'
  if (!tolerations || tolerations.length === 0) return 'none'
  const short = (key: string | undefined): string => (key ?? 'everything').replace('node.kubernetes.io/', '').replace('node-role.kubernetes.io/', '')
  return tolerations.map(({ key, tolerationSeconds, effect }) => `${short(key)}${tolerationSeconds === undefined ? (effect ? ` ${effect}` : '') : ` ${tolerationSeconds} s`}`).join(', ')
}
