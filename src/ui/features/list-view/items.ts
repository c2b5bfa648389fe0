import type { ComponentRow, NodeRow, ObjectRow, PodRow, ServiceRow, WorkloadRow } from '../../../bridge/protocol'

type Member = NonNullable<ComponentRow['members']>[number]

/** One line of the list. `level` 1 stands under the line before it. */
export type Item =
  | { readonly kind: 'section'; readonly key: string; readonly title: string; readonly note: string }
  | { readonly kind: 'component'; readonly key: string; readonly row: ComponentRow }
  | { readonly kind: 'member'; readonly key: string; readonly row: Member }
  | { readonly kind: 'node'; readonly key: string; readonly row: NodeRow; readonly pods: number; readonly open: boolean }
  | { readonly kind: 'pod'; readonly key: string; readonly row: PodRow; readonly level: 0 | 1 }
  | { readonly kind: 'workload'; readonly key: string; readonly row: WorkloadRow; readonly level: 0 | 1 }
  | { readonly kind: 'service'; readonly key: string; readonly row: ServiceRow }
  | { readonly kind: 'object'; readonly key: string; readonly row: ObjectRow }
  | { readonly kind: 'empty'; readonly key: string; readonly text: string }

/** What the list is made from. */
export interface ListSource {
  readonly components: readonly ComponentRow[]
  readonly nodes: readonly NodeRow[]
  /** Keys of pods by node, in the map's order; `''` has those without a node. */
  podsOf(node: string): readonly PodRow[]
  readonly workloads: readonly WorkloadRow[]
  readonly services: readonly ServiceRow[]
  readonly objects: readonly ObjectRow[]
}

/** What the person wants to see of it. */
export interface ListFilter {
  /** Empty: all namespaces. */
  readonly namespace: string
  /** Lower case; every word must be found. */
  readonly find: string
  /** Nodes whose pods are hidden. */
  isOpen(node: string): boolean
}

/** The lines of the list in their order. Cost: one pass over all rows. */
export function itemsOf(source: ListSource, filter: ListFilter): readonly Item[] {
  const items: Item[] = []
  const words = filter.find.split(/\s+/).filter((word) => word !== '')
  const found = (...texts: readonly string[]): boolean => words.every((word) => texts.some((text) => text.toLowerCase().includes(word)))
  const inside = (namespace: string): boolean => filter.namespace === '' || namespace === filter.namespace
  const section = (title: string, note: string, rows: readonly Item[], whenEmpty?: string): void => {
    if (rows.length === 0 && (whenEmpty === undefined || words.length > 0)) return
    items.push({ kind: 'section', key: `section ${title}`, title, note })
    if (rows.length === 0 && whenEmpty) items.push({ kind: 'empty', key: `empty ${title}`, text: whenEmpty })
    for (const row of rows) items.push(row)
  }
  const podFits = (pod: PodRow): boolean => inside(pod.namespace) && found(pod.name, pod.status, pod.ip, pod.namespace, pod.node ?? 'no node')

  const control = source.components.flatMap((row): Item[] => [
    ...(found(row.key) ? [{ kind: 'component', key: row.key, row } as const] : []),
    ...(row.members ?? []).filter(({ id }) => found(id)).map((member) => ({ kind: 'member', key: `member ${member.id}`, row: member }) as const),
  ])
  const notUp = source.components.filter(({ state }) => state !== 'up' && state !== 'standby').length
  section('Control plane', notUp === 0 ? 'all up' : `${notUp} not up`, control)

  const nodes = source.nodes.flatMap((row): Item[] => {
    const pods = source.podsOf(row.key).filter(podFits)
    const own = found(row.key, row.zone, row.status)
    if (!own && pods.length === 0) return []
    const open = words.length > 0 ? pods.length > 0 : filter.isOpen(row.key)
    return [{ kind: 'node', key: `node ${row.key}`, row, pods: pods.length, open }, ...(open ? pods.map((pod) => ({ kind: 'pod', key: pod.key, row: pod, level: 1 }) as const) : [])]
  })
  section('Nodes', `${source.nodes.filter(({ ready }) => ready === 'True').length} of ${source.nodes.length} Ready`, nodes)

  const shelf = source.podsOf('').filter(podFits)
  section('Pods without a node', String(shelf.length), shelf.map((row) => ({ kind: 'pod', key: row.key, row, level: 0 })))

  section('Workloads', 'ready / wanted', workloadItems(source.workloads.filter((row) => inside(row.namespace)), (row) => found(row.name, row.kind, row.namespace)), 'Nothing is deployed. Paste YAML, or pick a sample app.')
  section('Services', 'endpoints ready', source.services.filter((row) => inside(row.namespace) && found(row.name, row.type, row.clusterIP, row.namespace)).sort(byName).map((row) => ({ kind: 'service', key: row.key, row })))

  const kinds = groupBy(source.objects.filter((row) => inside(row.namespace) && found(row.name, row.kind, row.namespace)), (row) => row.kind)
  for (const kind of [...kinds.keys()].sort()) {
    const rows = kinds.get(kind) ?? []
    section(kind, String(rows.length), rows.toSorted(byName).map((row) => ({ kind: 'object', key: row.key, row })))
  }
  return items
}

/** Workloads with those they own under them. */
function workloadItems(rows: readonly WorkloadRow[], fits: (row: WorkloadRow) => boolean): readonly Item[] {
  const children = groupBy(rows.filter(({ owner }) => owner !== null), (row) => `${row.namespace}/${row.owner}`)
  const tops = rows.filter(({ owner }) => owner === null).sort((a, b) => Number(a.namespace === 'kube-system') - Number(b.namespace === 'kube-system') || byName(a, b))
  return tops.flatMap((row): Item[] => {
    const owned = (children.get(`${row.namespace}/${row.name}`) ?? []).filter((child) => (child.desired > 0 || child.current > 0) && fits(child))
    if (!fits(row) && owned.length === 0) return []
    return [{ kind: 'workload', key: row.key, row, level: 0 }, ...owned.toSorted((a, b) => b.createdAt - a.createdAt).map((child) => ({ kind: 'workload', key: child.key, row: child, level: 1 }) as const)]
  })
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(keyOf(row))
    if (group) group.push(row)
    else groups.set(keyOf(row), [row])
  }
  return groups
}

function byName(a: { readonly namespace: string; readonly name: string }, b: { readonly namespace: string; readonly name: string }): number {
  return a.namespace === b.namespace ? (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) : a.namespace < b.namespace ? -1 : 1
}
