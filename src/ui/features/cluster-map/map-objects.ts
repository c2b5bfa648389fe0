import { componentActions, isScalable, nodeActions, podActions, scaleTo, type Kubeloop, type ObjectAction, type Selection } from '../../state'

/** What an element on the map stands for, as written in its `data-obj`. */
export interface MapObject {
  readonly kind: 'pod' | 'node' | 'component' | 'member' | 'controller' | 'step'
  readonly key: string
}

/** The object that an element, or the one around it, stands for. */
export function objectAt(target: EventTarget | null): MapObject | null {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-obj], [data-hit]') : null
  const text = element?.dataset.obj ?? element?.dataset.hit
  const colon = text?.indexOf(':') ?? -1
  return text && colon > 0 ? { kind: text.slice(0, colon) as MapObject['kind'], key: text.slice(colon + 1) } : null
}

/** What can be done to it now. */
export function actionsOf(kubeloop: Kubeloop, { kind, key }: MapObject): { readonly title: string; readonly actions: readonly ObjectAction[] } {
  const { components } = kubeloop.session.getState()
  switch (kind) {
    case 'pod': {
      const pod = kubeloop.pods.get(key)
      return { title: pod ? `Pod ${pod.name}` : '', actions: pod ? [...podActions(kubeloop, pod), ...scaleActions(kubeloop, key)] : [] }
    }
    case 'node': {
      const node = kubeloop.nodes.get(key)
      return { title: `Node ${key}`, actions: node ? nodeActions(kubeloop, node) : [] }
    }
    case 'component': {
      const row = components.find((c) => c.key === key)
      return { title: key, actions: row && key !== 'etcd' ? componentActions(kubeloop, key, row.state) : [] }
    }
    case 'member': {
      const member = components.find((c) => c.key === 'etcd')?.members?.find(({ id }) => id === key)
      return { title: key, actions: member ? componentActions(kubeloop, key, member.role === 'down' ? 'down' : 'up') : [] }
    }
    case 'controller':
    case 'step':
      return { title: '', actions: [] }
  }
}

/** More or fewer pods like this one: its workload's − and +. */
function scaleActions(kubeloop: Kubeloop, podKey: string): readonly ObjectAction[] {
  const pod = kubeloop.pods.get(podKey)
  const rows = [...kubeloop.workloads.rows.values()].filter((row) => row.namespace === pod?.namespace)
  const direct = rows.find((row) => row.kind === pod?.owner?.kind && row.name === pod.owner.name)
  const top = direct?.owner ? rows.find((row) => row.owner === null && (row.name === direct.owner || `${row.kind}/${row.name}` === direct.owner)) : direct
  if (!top || !isScalable(top)) return []
  const to = (replicas: number, label: string, key: string): ObjectAction => ({ id: `scale${key}`, label, key, run: () => scaleTo(kubeloop, top, replicas) })
  return [to(top.desired + 1, `${top.name}: one replica more`, '+'), ...(top.desired > 0 ? [to(top.desired - 1, `${top.name}: one replica less`, '-')] : [])]
}

/** Click or Enter. */
export function activate(kubeloop: Kubeloop, { kind, key }: MapObject): void {
  if (kind === 'controller') kubeloop.setUi({ controllerFilter: kubeloop.ui.getState().controllerFilter === key ? null : key })
  else if (kind !== 'step') kubeloop.select({ kind, key } satisfies Selection)
}
