import type { Fault, NodeRow } from '../../../bridge/protocol'
import type { MenuItem } from '../../kit'
import { causeFault, type Kubeloop, type Selection } from '../../state'

/** Most targets listed; a long list is no choice. The selected one comes first. */
const mostTargets = 40

/** Nodes that a fault can hit now. */
export function nodeTargets(
  kubeloop: Kubeloop, fits: (node: NodeRow) => boolean, kind: 'node-down' | 'partition' | 'kubelet-stop', done: (name: string) => string, selection: Selection | null,
): readonly MenuItem[] {
  const rows = kubeloop.nodes.keys.map((key) => kubeloop.nodes.get(key)).filter((row): row is NodeRow => row !== undefined && fits(row))
  const item = ({ key, zone }: NodeRow): MenuItem => ({ id: key, label: zone ? `${key}, ${zone}` : key, danger: true, run: () => causeFault(kubeloop, done(key), { kind, node: key }) })
  return first(rows, (row) => selection?.kind === 'node' && row.key === selection.key).map(item)
}

/** Ready pods, whose readiness probe can be made to fail. */
export function podTargets(kubeloop: Kubeloop, selection: Selection | null): readonly MenuItem[] {
  const rows = [...kubeloop.pods.rows.values()].filter((pod) => pod.glyph === 'ok' && !pod.deleting && pod.namespace !== 'kube-system')
  return first(rows, (row) => selection?.kind === 'pod' && row.key === selection.key).map((pod) => ({
    id: pod.key, label: pod.name, danger: true,
    run: () => causeFault(kubeloop, `The readiness probe of ${pod.name} fails from now on`, { kind: 'probe', pod: pod.name, namespace: pod.namespace, probe: 'readiness', ok: false }),
  }))
}

/** Members of etcd that run. */
export function memberTargets(kubeloop: Kubeloop): readonly MenuItem[] {
  const etcd = kubeloop.session.getState().components.find((row) => row.key === 'etcd')
  return (etcd?.members ?? []).filter((member) => member.role !== 'down').map(({ id, role }) => ({
    id, label: `${id}, ${role}`, danger: true, run: () => causeFault(kubeloop, `${id} was stopped`, stop(id)),
  }))
}

const stop = (component: string): Fault => ({ kind: 'component-down', component })

/** Components that run and would be started again. */
export function componentTargets(kubeloop: Kubeloop): readonly MenuItem[] {
  const { components } = kubeloop.session.getState()
  return components.filter((row) => row.key !== 'etcd' && row.state !== 'down' && row.state !== 'crashed').map(({ key }) => ({
    id: key, label: key, danger: true, run: () => causeFault(kubeloop, `${key} crashed; it is started again`, { kind: 'component-crash', component: key }),
  }))
}

function first<T>(rows: readonly T[], selected: (row: T) => boolean): readonly T[] {
  return [...rows.filter(selected), ...rows.filter((row) => !selected(row))].slice(0, mostTargets)
}
