import { Glyph, TickText, durationText } from '../../kit'
import { useAnswer, useKubeloop, useSession, type Kubeloop, type Selection } from '../../state'
import { groupEvents, type ApiEvent, type EventGroup } from './group'

const mostGroups = 200

/** All Kubernetes Events of the cluster, grouped with counts. */
export function Events() {
  const kubeloop = useKubeloop()
  const offset = useSession((s) => s.clock.wall - s.clock.now)
  const { value, error } = useAnswer({ about: 'events', kind: '', namespace: '', name: '' })
  if (error) return <p className="p-3 text-12 text-text2">{error}</p>
  if (!Array.isArray(value)) return <p className="p-3 text-12 text-text3">Asking the API server…</p>
  const groups = groupEvents(value as readonly ApiEvent[])
  if (groups.length === 0) return <p className="p-3 text-12 text-text2">No events yet. Kubernetes keeps them for an hour.</p>
  return (
    <table className="w-full text-12">
      <caption className="sr-only">Events of the cluster, newest first</caption>
      <thead className="sticky top-0 bg-bg0 text-left text-11 text-text3">
        <tr><th className="w-12 py-1 pr-2 text-right font-medium">Count</th><th className="w-5"><span className="sr-only">Type</span></th><th className="w-px font-medium">Reason</th><th className="font-medium">Latest</th><th className="pr-3 text-right font-medium">Seen</th></tr>
      </thead>
      <tbody>
        {groups.slice(0, mostGroups).map((group) => (
          <tr key={group.id} className="border-t border-line1 align-top">
            <td className="mono py-1 pr-2 text-right font-semibold">{group.count}</td>
            <td className="py-1.5"><Glyph name={group.type === 'Warning' ? 'warn' : 'ok'} tone={group.type === 'Warning' ? 'warn' : 'unk'} /><span className="sr-only">{group.type}</span></td>
            <td className="py-1 pr-3 font-semibold whitespace-nowrap">{group.reason}</td>
            <td className="py-1 pr-3"><About group={group} kubeloop={kubeloop} /> <span className="break-words text-text2">{group.message}</span></td>
            <td className="py-1 pr-3 text-right text-11 whitespace-nowrap text-text3"><TickText text={(now) => `${durationText(now + offset - group.last)} ago`} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function About({ group: { kind, namespace, name, objects }, kubeloop }: { readonly group: EventGroup; readonly kubeloop: Kubeloop }) {
  const to = find(kubeloop, kind, namespace, name)
  const more = objects.size > 1 ? ` and ${objects.size - 1} more` : ''
  const words = <span className="mono text-11">{name}</span>
  return <>{to ? <button type="button" className="text-accent hover:underline" onClick={() => kubeloop.select(to)}>{words}</button> : words}<span className="text-text3">{more}</span></>
}

function find(kubeloop: Kubeloop, kind: string, namespace: string, name: string): Selection | null {
  if (kind === 'Node') return kubeloop.nodes.get(name) ? { kind: 'node', key: name } : null
  const table = kind === 'Pod' ? kubeloop.pods : kubeloop.workloads
  for (const row of table.rows.values()) if (row.name === name && row.namespace === namespace) return { kind: kind === 'Pod' ? 'pod' : 'workload', key: row.key }
  return null
}
