import type { ComponentRow } from '../../../bridge/protocol'
import { Glyph, cx, numberText } from '../../kit'
import { componentActions, useKubeloop, useUi } from '../../state'
import { ActionBar, Body, Section, States, Timer } from './parts'

const stateWords: Readonly<Record<ComponentRow['state'], string>> = { up: 'Runs', standby: 'Runs, does not lead', down: 'Stopped', crashed: 'Crashed', 'no-quorum': 'No quorum' }

/** What stops when it stops: said, because the picture alone would not tell. */
const without: Readonly<Record<string, string>> = {
  'kube-apiserver': 'No one can read or change anything; pods that run keep running.',
  etcd: 'Without a quorum nothing can be written or read.',
  'kube-scheduler': 'New pods stay Pending: no one chooses a node for them.',
  'kube-controller-manager': 'Nothing is replaced, scaled or rolled out; nodes that fall silent stay Ready.',
}

/** A control-plane component. */
export function ComponentSummary({ row }: { readonly row: ComponentRow }) {
  const kubeloop = useKubeloop()
  const fine = row.state === 'up' || row.state === 'standby'
  return (
    <Body actions={row.key === 'etcd' ? undefined : <ActionBar label={row.key} actions={componentActions(kubeloop, row.key, row.state)} />}>
      <States items={[{ label: 'Process', value: stateWords[row.state], tone: fine ? undefined : 'err' }, { label: 'Leads', value: row.state === 'up' ? 'Yes' : 'No' }]} />
      {row.restart && <div className="mt-3"><Timer ring={row.restart} tone="err" /></div>}
      {!fine && without[row.key] && <p className="mt-3 rounded-2 border border-line1 border-l-3 border-l-err bg-bg2 px-2.5 py-2 text-12 text-text2">{without[row.key]}</p>}
      {(row.facts.length > 0 || row.watches !== undefined) && fine && (
        <Section title="Now">
          <ul className="text-12/5 text-text2">
            {row.watches !== undefined && <li>{numberText(row.watches)} watches are open</li>}
            {row.facts.flatMap((fact) => fact.split(/, (?=[a-z])/)).map((fact) => <li key={fact}>{fact}</li>)}
          </ul>
        </Section>
      )}
      {row.members && <Members members={row.members} />}
      {row.controllers && <Controllers controllers={row.controllers} />}
    </Body>
  )
}

function Members({ members }: { readonly members: NonNullable<ComponentRow['members']> }) {
  const { select } = useKubeloop()
  const newest = Math.max(...members.map(({ revision }) => revision))
  return (
    <Section title="Members">
      <table className="w-full text-12">
        <thead><tr className="text-left text-11 text-text3"><th className="py-1 font-medium">Member</th><th className="font-medium">Role</th><th className="text-right font-medium">Revision</th></tr></thead>
        <tbody>
          {members.map(({ id, role, revision }) => (
            <tr key={id} className="border-t border-line1">
              <td className="py-1"><button type="button" className="mono text-accent hover:underline coarse:min-h-11" onClick={() => select({ kind: 'member', key: id })}>{id}</button></td>
              <td>{role}</td>
              <td className={cx('mono text-right', revision < newest && 'text-warn')}>{numberText(revision)}{revision < newest ? ` (−${numberText(newest - revision)})` : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

function Controllers({ controllers }: { readonly controllers: NonNullable<ComponentRow['controllers']> }) {
  const { setUi } = useKubeloop()
  const filter = useUi((ui) => ui.controllerFilter)
  return (
    <Section title="Controllers" note="click picks out their steps">
      <ul>
        {controllers.map(({ name, queue, active, step }) => (
          <li key={name}>
            <button
              type="button" aria-pressed={filter === name} onClick={() => setUi({ controllerFilter: filter === name ? null : name })}
              className={cx('-mx-1.5 flex h-6 w-[calc(100%+12px)] items-center gap-2 rounded-1 px-1.5 text-left text-12 coarse:h-11', filter === name ? 'bg-accent-soft text-accent' : 'hover:bg-bg3')}
            >
              <Glyph name={active ? 'run' : 'ok'} tone={active ? 'info' : 'unk'} />
              <span className="el">{name}</span>
              <span className="ml-auto shrink-0 text-11 text-text3">{queue > 0 ? `${queue} in queue, ` : ''}{step > 0 ? `step ${step}` : 'not yet'}</span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** One member of etcd. */
export function MemberSummary({ row }: { readonly row: NonNullable<ComponentRow['members']>[number] }) {
  const kubeloop = useKubeloop()
  return (
    <Body actions={<ActionBar label={row.id} actions={componentActions(kubeloop, row.id, row.role === 'down' ? 'down' : 'up')} />}>
      <States items={[{ label: 'Role', value: row.role, tone: row.role === 'down' ? 'err' : undefined }, { label: 'Revision', value: numberText(row.revision) }]} />
      <p className="mt-3 text-12 text-text2">A write counts when most members have it. The leader takes writes; followers copy them and elect another leader when it falls silent.</p>
    </Body>
  )
}
