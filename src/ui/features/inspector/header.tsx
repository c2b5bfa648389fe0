import { Glyph, Ring, glyphTone, type GlyphName } from '../../kit'
import type { PodRow } from '../../../bridge/protocol'
import { isBad, outcomeWords, progressOf, useKubeloop, useRows, useSession, useTrafficPart, useUi } from '../../state'
import { useKnownRef, useSubject, type Subject } from './subject'

/** Ring or glyph, name, kind and namespace of what is selected; the cluster's own when nothing is. */
export function InspectorHeader() {
  const subject = useSubject()
  const request = useUi((ui) => (ui.selection?.kind === 'request' ? Number(ui.selection.key) : 0))
  const known = useKnownRef()
  if (request > 0) return <RequestHeader id={request} />
  if (!subject) return <ClusterHeader />
  const title = titleOf(subject)
  const [name, note] = subject.kind === 'gone' && known ? [known.name, `${known.kind}, does not exist at this moment`] : [title.name, title.note]
  return (
    <div className="flex min-w-0 items-center gap-2.5">
      <Mark subject={subject} />
      <div className="min-w-0">
        <h2 className="mono el text-13 font-semibold" data-tip={name}>{name}</h2>
        <p className="el text-12 text-text3">{note}</p>
      </div>
    </div>
  )
}

function RequestHeader({ id }: { readonly id: number }) {
  const journey = useTrafficPart((traffic) => traffic.journey(id))
  const ok = journey?.outcome === 'ok'
  return (
    <div className="flex min-w-0 items-center gap-2.5">
      {journey && <span className="shrink-0"><Glyph name={ok ? 'ok' : 'err'} size={24} /></span>}
      <div className="min-w-0">
        <h2 className="el text-13 font-semibold">Request {id}{journey ? `, ${journey.status > 0 ? `${journey.status} ` : ''}${ok ? (journey.status === 200 ? 'OK' : '') : outcomeWords[journey.outcome]}` : ''}</h2>
        <p className="el text-12 text-text3" data-tip={journey?.asked}>{journey ? `${journey.asked}${journey.service ? ` through Service ${journey.service.replace(/^default\//, '')}` : ''}` : 'Request'}</p>
      </div>
    </div>
  )
}

function ClusterHeader() {
  const { nodes, pods, workloads } = useKubeloop()
  const preset = useSession((s) => s.hello?.kubernetes)
  const counts = `${useRows(nodes).size} nodes, ${useRows(pods).size} pods, ${[...useRows(workloads).values()].filter(({ owner }) => owner === null).length} workloads`
  return (
    <div className="min-w-0">
      <h2 className="text-13 font-semibold">Cluster</h2>
      <p className="el text-12 text-text3">{counts}{preset ? `, Kubernetes ${preset}` : ''}</p>
    </div>
  )
}

function Mark({ subject }: { readonly subject: Subject }) {
  if (subject.kind === 'pod') return <span className="shrink-0"><Ring span={ringOf(subject.row)} glyph={subject.row.glyph} size={28} /></span>
  const glyph = glyphOf(subject)
  return glyph ? <span className="shrink-0"><Glyph name={glyph} tone={subject.kind === 'node' && glyph === 'unk' ? 'err' : glyphTone[glyph]} size={20} /></span> : null
}

function ringOf({ ring, glyph }: PodRow) {
  return ring ?? (glyph === 'ok' || glyph === 'done' ? ('full' as const) : undefined)
}

/** The status of something that is no pod, as a shape. */
export function glyphOf(subject: Subject): GlyphName | undefined {
  switch (subject.kind) {
    case 'pod':
    case 'node':
      return subject.row.glyph
    case 'workload':
      return progressOf(subject.row).glyph
    case 'service':
      return subject.row.endpoints > 0 && subject.row.endpointsReady === 0 ? 'warn' : subject.row.endpointsReady > 0 ? 'ok' : 'pend'
    case 'component':
      return { up: 'ok', standby: 'pend', down: 'off', crashed: 'err', 'no-quorum': 'err' }[subject.row.state] as GlyphName
    case 'member':
      return subject.row.role === 'down' ? 'off' : subject.row.role === 'candidate' ? 'prog' : 'ok'
    case 'step':
      return isBad(subject.row) ? 'err' : undefined
    default:
      return undefined
  }
}

function titleOf(subject: Subject): { readonly name: string; readonly note: string } {
  switch (subject.kind) {
    case 'pod':
      return { name: subject.row.name, note: `Pod in ${subject.row.namespace}` }
    case 'node':
      return { name: subject.row.key, note: subject.row.zone ? `Node in ${subject.row.zone}` : 'Node' }
    case 'workload':
    case 'object':
      return { name: subject.row.name, note: subject.row.namespace ? `${subject.row.kind} in ${subject.row.namespace}` : subject.row.kind }
    case 'service':
      return { name: subject.row.name, note: `Service in ${subject.row.namespace}` }
    case 'component':
      return { name: subject.row.key, note: 'Control-plane component' }
    case 'member':
      return { name: subject.row.id, note: `etcd member, ${subject.row.role}` }
    case 'step':
      return { name: `Step ${subject.row.n}`, note: subject.row.verb ? `${subject.row.verb} ${subject.row.object?.resource ?? ''}` : 'Step' }
    default:
      return { name: subject.selection.kind === 'node' ? subject.selection.key : `This ${subject.selection.kind}`, note: 'Does not exist at this moment' }
  }
}
