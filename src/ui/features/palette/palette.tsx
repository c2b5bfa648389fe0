import { Activity, BatteryWarning, CalendarX2, CircleAlert, Database, Ellipsis, FileCode, Plus, Power, Send, Server, Unplug, Workflow, X } from 'lucide-react'
import type { ComponentType, ReactNode } from 'react'
import type { Hello } from '../../../bridge/protocol'
import { useMenu, type MenuItem } from '../../kit'
import { causeFault, runKubectl, useKubeloop, useSession, useUi } from '../../state'
import { onMap, onTarget, startDrag, type FindDrop } from './drag'
import { componentTargets, memberTargets, nodeTargets, podTargets } from './targets'
import { TrafficList } from './traffic-list'
import { WorkloadList } from './workload-list'

/** Sample apps that have a line of their own. */
const atOnce = 4

/** The Build tab: add nodes and sample apps, scale what runs, break things. */
export function Palette() {
  const kubeloop = useKubeloop()
  const samples = useSession((s) => s.hello?.samples)
  return (
    <div className="pb-3">
      <Section title="Add">
        <Item Icon={Server} title="Worker node" meta="joins the cluster" onPick={() => causeFault(kubeloop, 'A worker node joins', { kind: 'node-add' })} />
        {kubeloop.slots.dialogs.some(({ id }) => id === 'apply') && <Item Icon={FileCode} title="YAML" meta="paste or drop" onPick={() => kubeloop.setUi({ dialog: { name: 'apply', key: '' } })} />}
      </Section>
      {samples && samples.length > 0 && <Samples samples={samples} />}
      <WorkloadList />
      <Traffic />
      <Faults />
    </div>
  )
}

/** The first few are one click away; the others, and those that are in trouble, are in menus that say what each is for. */
function Samples({ samples }: { readonly samples: Hello['samples'] }) {
  const kubeloop = useKubeloop()
  const showMenu = useMenu()
  const deploy = ({ title, yaml }: Hello['samples'][number]): void => runKubectl(kubeloop, `Deploying ${title}`, 'kubectl apply -f -', { stdin: yaml })
  const healthy = samples.filter((s) => !s.trouble)
  const menu = (Icon: ItemProps['Icon'], title: string, list: Hello['samples']) =>
    list.length > 0 && (
      <Item
        Icon={Icon} title={title} menu
        onPick={(anchor) => showMenu({ label: title, anchor, items: list.map((sample) => ({ id: sample.id, label: sample.title, note: sample.summary, run: () => deploy(sample) })) })}
      />
    )
  return (
    <Section title="Sample apps">
      {healthy.slice(0, atOnce).map((sample) => <Item key={sample.id} Icon={Plus} title={sample.title} tip={sample.summary} onPick={() => deploy(sample)} />)}
      {menu(Ellipsis, 'More apps', healthy.slice(atOnce))}
      {menu(CircleAlert, 'Apps in trouble', samples.filter((s) => s.trouble))}
    </Section>
  )
}

function Traffic() {
  const kubeloop = useKubeloop()
  const open = (name: string): void => kubeloop.setUi({ dialog: { name, key: '' } })
  if (!kubeloop.slots.dialogs.some(({ id }) => id === 'load')) return null
  return (
    <Section title="Traffic">
      <Item Icon={Send} title="Send a request" onPick={() => open('send-request')} />
      <Item Icon={Activity} title="Generate load" onPick={() => open('load')} />
      <TrafficList />
    </Section>
  )
}

function Faults() {
  const kubeloop = useKubeloop()
  const selection = useUi((ui) => ui.selection)
  return (
    <Section title="Faults" note="choose a target">
      <Targeted Icon={Power} title="Power off node" targets={() => nodeTargets(kubeloop, (node) => node.truth.power, 'node-down', (n) => `${n} was powered off`, selection)} />
      <Targeted Icon={Unplug} title="Partition node from API" targets={() => nodeTargets(kubeloop, (node) => node.truth.power && node.truth.link, 'partition', (n) => `${n} was cut off from the API server`, selection)} />
      <Targeted Icon={X} title="Crash kubelet" targets={() => nodeTargets(kubeloop, (node) => node.truth.power && node.truth.kubelet, 'kubelet-stop', (n) => `The kubelet of ${n} was stopped`, selection)} />
      <ComponentFaults />
      <Targeted Icon={Database} title="Lose an etcd member" targets={() => memberTargets(kubeloop)} />
      <Targeted Icon={BatteryWarning} title="Fail readiness probe" targets={() => podTargets(kubeloop, selection)} />
    </Section>
  )
}

function ComponentFaults() {
  const kubeloop = useKubeloop()
  const schedulerDown = useSession((s) => s.components.find((c) => c.key === 'kube-scheduler')?.state === 'down')
  return (
    <>
      <Item
        Icon={CalendarX2} title={schedulerDown ? 'Start scheduler' : 'Stop scheduler'}
        onPick={() => causeFault(kubeloop, schedulerDown ? 'kube-scheduler was started' : 'kube-scheduler was stopped', { kind: schedulerDown ? 'component-up' : 'component-down', component: 'kube-scheduler' })}
      />
      <Targeted Icon={Workflow} title="Crash a component" targets={() => componentTargets(kubeloop)} />
    </>
  )
}

function Section({ title, note, children }: { readonly title: string; readonly note?: string; readonly children: ReactNode }) {
  return (
    <section className="px-3 pt-3 pb-1" aria-label={title}>
      <h2 className="mb-1.5 flex justify-between text-11 font-semibold text-text3">
        {title}
        {note && <span className="font-normal">{note}</span>}
      </h2>
      {children}
    </section>
  )
}

interface ItemProps {
  readonly Icon: ComponentType<{ className?: string }>
  readonly title: string
  readonly meta?: string
  readonly tip?: string
}

function Item({ Icon, title, meta, tip, onPick, menu, drop }: ItemProps & { readonly onPick: (at: DOMRect) => void; readonly menu?: boolean; readonly drop?: () => FindDrop }) {
  return (
    <button
      type="button" data-tip={tip} aria-haspopup={menu ? 'menu' : undefined} draggable onDragStart={(event) => startDrag(event, title, drop ? drop() : onMap(() => onPick(new DOMRect(event.clientX, event.clientY, 0, 0))))} onClick={(event) => onPick(event.currentTarget.getBoundingClientRect())}
      className="-mx-2 flex h-8 w-[calc(100%+16px)] items-center gap-2 rounded-2 px-2 text-left text-13 hover:bg-bg3 coarse:h-11"
    >
      <Icon className="size-4 text-text3" />
      <span className="el">{title}</span>
      {meta && <span className="ml-auto shrink-0 text-11 text-text3">{meta}</span>}
    </button>
  )
}

/** An item that asks which one. When nothing can be chosen it says so and does nothing. */
function Targeted({ targets, ...item }: ItemProps & { readonly targets: () => readonly MenuItem[] }) {
  const kubeloop = useKubeloop()
  const showMenu = useMenu()
  const pick = (anchor: DOMRect): void => {
    const items = targets()
    if (items.length > 0) showMenu({ label: item.title, items, anchor })
    else kubeloop.toast({ tone: 'plain', text: `${item.title}: there is none to choose now` })
  }
  return <Item {...item} menu onPick={pick} drop={() => onTarget(targets())} />
}
