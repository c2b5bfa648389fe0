import { Minus, Plus } from 'lucide-react'
import type { WorkloadRow } from '../../../bridge/protocol'
import { IconButton, cx, useMenu } from '../../kit'
import { isScalable, progressOf, scaleTo, useKubeloop, useRow, useRows, useUi, workloadActions } from '../../state'

/** Most workloads listed here; the list view has them all. */
const mostListed = 12

/** The person's own workloads, with − and + to scale them. */
export function WorkloadList() {
  const { workloads } = useKubeloop()
  const rows = [...useRows(workloads).values()].filter((row) => row.owner === null && row.namespace !== 'kube-system').sort(byAge)
  if (rows.length === 0) return null
  return (
    <section className="px-3 pt-3 pb-1" aria-label="Scale workloads">
      <h2 className="mb-1.5 flex justify-between text-11 font-semibold text-text3">
        Workloads <span className="font-normal">ready / wanted</span>
      </h2>
      {rows.slice(0, mostListed).map((row) => <WorkloadLine key={row.key} workloadKey={row.key} />)}
      {rows.length > mostListed && <p className="text-11 text-text3">+{rows.length - mostListed} more in the list</p>}
    </section>
  )
}

function WorkloadLine({ workloadKey }: { readonly workloadKey: string }) {
  const kubeloop = useKubeloop()
  const showMenu = useMenu()
  const row = useRow(kubeloop.workloads, workloadKey)
  const selected = useUi((ui) => ui.selection?.kind === 'workload' && ui.selection.key === workloadKey)
  if (!row) return null
  const openMenu = (x: number, y: number): void =>
    showMenu({ label: `${row.kind} ${row.name}`, anchor: { left: x, right: x, top: y, bottom: y }, items: workloadActions(kubeloop, row).map(({ key, ...action }) => ({ ...action, hint: key })) })
  const scalable = isScalable(row)
  const progress = progressOf(row)
  return (
    <div className={cx('-mx-2 flex h-8 items-center rounded-2 pr-1 coarse:h-11', selected ? 'bg-accent-soft' : 'hover:bg-bg3')}>
      <button
        type="button" aria-pressed={selected} data-tip={`${row.kind} ${row.namespace}/${row.name}`}
        aria-label={`${row.kind} ${row.name}, ${progress.words}`}
        className="flex h-full min-w-0 flex-1 items-center gap-2 rounded-2 px-2 text-left"
        onClick={() => kubeloop.select({ kind: 'workload', key: row.key })}
        onContextMenu={(event) => { event.preventDefault(); openMenu(event.clientX, event.clientY) }}
        onKeyDown={(event) => {
          const action = workloadActions(kubeloop, row).find(({ key }) => key?.toLowerCase() === (event.key === '=' ? '+' : event.key.toLowerCase()))
          if (!action || event.ctrlKey || event.metaKey) return
          event.stopPropagation()
          action.run()
        }}
      >
        <span className="mono el text-12">{row.name}</span>
        <span className={cx('mono ml-auto shrink-0 text-11', progress.full ? 'text-text3' : 'text-warn')}>{progress.text}</span>
      </button>
      {scalable && (
        <>
          <IconButton size="sm" label={`One ${row.name} less`} disabled={row.desired === 0} onClick={() => scaleTo(kubeloop, row, row.desired - 1)}><Minus /></IconButton>
          <IconButton size="sm" label={`One ${row.name} more`} onClick={() => scaleTo(kubeloop, row, row.desired + 1)}><Plus /></IconButton>
        </>
      )}
    </div>
  )
}

function byAge(a: WorkloadRow, b: WorkloadRow): number {
  return a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1)
}
