import type { ObjectRow, ServiceRow, StepRow } from '../../../bridge/protocol'
import { Button, TickText, clockText, durationText, lazily, numberText } from '../../kit'
import { inNamespace, requestActions, runKubectl, useKubeloop, type ObjectAction } from '../../state'
import { useObject } from './api-object'
import { ActionBar, Body, Conditions, Facts, Go, Section, States } from './parts'
import { findObject, refOf } from './subject'

const HpaSection = lazily(() => import('./hpa-section').then((m) => m.HpaSection))

/** A Service: a rule on every node, not a box on the way. */
export function ServiceSummary({ row }: { readonly row: ServiceRow }) {
  const kubeloop = useKubeloop()
  const { object } = useObject(refOf({ kind: 'service', row }))
  const selector = object?.spec?.selector
  return (
    <Body actions={<ActionBar label={row.name} actions={[...requestActions(kubeloop, `service/${row.key}`), deleteAction(kubeloop, 'service', row)]} />}>
      <States
        items={[
          { label: 'Type', value: row.type },
          { label: 'Cluster IP', value: row.clusterIP || 'none' },
          { label: 'Endpoints ready', value: `${row.endpointsReady} of ${row.endpoints}`, tone: row.endpointsReady === 0 ? 'warn' : row.endpointsReady < row.endpoints ? 'info' : 'ok' },
        ]}
      />
      <Section title="Details">
        <Facts
          rows={[
            ['Ports', row.ports || 'none', true],
            row.externalIP !== '' && ['External IP', row.externalIP, true],
            selector !== undefined && ['Selector', Object.entries(selector).map(([k, v]) => `${k}=${String(v)}`).join(', '), true],
            ['Age', <span key="a"><TickText text={(now) => durationText(now - row.createdAt)} />, since {clockText(row.createdAt, 0)}</span>],
            ['UID', row.key, true],
            object?.metadata?.resourceVersion !== undefined && ['Version', `revision ${numberText(Number(object.metadata.resourceVersion))}`, true],
          ]}
        />
      </Section>
    </Body>
  )
}

/** Any other object. */
export function ObjectSummary({ row }: { readonly row: ObjectRow }) {
  const kubeloop = useKubeloop()
  const { object } = useObject(refOf({ kind: 'object', row }))
  const { labels, finalizers, ownerReferences } = object?.metadata ?? {}
  const owner = ownerReferences?.find(({ controller }) => controller) ?? ownerReferences?.[0]
  return (
    <Body actions={<ActionBar label={row.name} actions={[deleteAction(kubeloop, row.kind.toLowerCase(), row)]} />}>
      {row.kind === 'HorizontalPodAutoscaler' && object && <HpaSection object={object} namespace={row.namespace} name={row.name} />}
      <Conditions conditions={object?.status?.conditions} />
      <Section title="Details">
        <Facts
          rows={[
            ['Kind', row.kind],
            row.namespace !== '' && ['Namespace', row.namespace],
            owner !== undefined && ['Owner', <Go key="o" to={findObject(kubeloop, owner.kind, row.namespace, owner.name)}>{owner.kind} {owner.name}</Go>],
            object?.data !== undefined && ['Keys', Object.keys(object.data).join(', ') || 'none', true],
            labels !== undefined && ['Labels', Object.entries(labels).map(([k, v]) => `${k}=${v}`).join(', '), true],
            finalizers !== undefined && ['Finalizers', finalizers.join(', '), true],
            ['Age', <span key="a"><TickText text={(now) => durationText(now - row.createdAt)} />, since {clockText(row.createdAt, 0)}</span>],
            object?.metadata?.uid !== undefined && ['UID', object.metadata.uid, true],
            object?.metadata?.resourceVersion !== undefined && ['Version', `revision ${numberText(Number(object.metadata.resourceVersion))}`, true],
          ]}
        />
      </Section>
    </Body>
  )
}

function deleteAction(kubeloop: ReturnType<typeof useKubeloop>, kind: string, { name, namespace }: { readonly name: string; readonly namespace: string }): ObjectAction {
  const command = `kubectl delete ${kind} ${name}${namespace === '' ? '' : inNamespace(namespace)}`
  return { id: 'delete', label: 'Delete', danger: true, command, run: () => runKubectl(kubeloop, `Deleting ${name}`, command, { undo: true }) }
}

/** A step: who did what to which object, and every message of it in its order. */
export function StepSummary({ row }: { readonly row: StepRow }) {
  const kubeloop = useKubeloop()
  const { object } = row
  return (
    <Body>
      <p className="text-13">{row.caption}</p>
      <Section title="Details">
        <Facts
          rows={[
            ['When', clockText(row.at), true],
            object !== null && ['Object', <Go key="o" to={findObject(kubeloop, object.resource.split('/')[0] ?? '', object.namespace, object.name)}>{object.resource} {object.name}</Go>],
            row.revision > 0 && ['Revision', numberText(row.revision), true],
            row.count > 1 && ['Stands for', `${row.count} identical writes`],
          ]}
        />
      </Section>
      {row.hops.length > 0 && (
        <Section title="Messages">
          <ol className="space-y-1 text-12">
            {row.hops.map((hop, i) => (
              <li key={`${i}-${hop.to}`} className="grid grid-cols-[36px_minmax(0,1fr)] gap-2">
                <span className="mono text-11/[18px] text-text3">{row.n}.{i + 1}</span>
                <span className="break-words"><span className={hop.code === undefined ? 'mono text-11' : 'mono text-11 text-err'}>{hop.label}{hop.code === undefined ? '' : ` refused ${hop.code}${hop.stage ? ` at ${hop.stage}` : ''}`}</span><br /><span className="text-text3">{hop.from} → {hop.to}, {clockText(hop.at)}</span></span>
              </li>
            ))}
          </ol>
        </Section>
      )}
      <div className="mt-3"><Button onClick={() => kubeloop.send({ type: 'seek', to: { step: row.n } })}>Go to step {row.n}</Button></div>
    </Body>
  )
}
