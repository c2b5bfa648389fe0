import type { ComponentRow, NodeRow, ObjectRow, PodRow, ServiceRow, StepRow, WorkloadRow } from '../../../bridge/protocol'
import { useState } from 'react'
import { useKubeloop, useRow, useSession, useUi, type Kubeloop, type Selection } from '../../state'

type Member = NonNullable<ComponentRow['members']>[number]

/** What the inspector is about, with its newest row. `gone`: it was selected but does not exist at this moment. */
export type Subject =
  | { readonly kind: 'pod'; readonly row: PodRow }
  | { readonly kind: 'node'; readonly row: NodeRow }
  | { readonly kind: 'workload'; readonly row: WorkloadRow }
  | { readonly kind: 'service'; readonly row: ServiceRow }
  | { readonly kind: 'object'; readonly row: ObjectRow }
  | { readonly kind: 'component'; readonly row: ComponentRow }
  | { readonly kind: 'member'; readonly row: Member }
  | { readonly kind: 'step'; readonly row: StepRow }
  | { readonly kind: 'gone'; readonly selection: Selection }

/** The selected thing; null when nothing is. */
export function useSubject(): Subject | null {
  const kubeloop = useKubeloop()
  const selection = useUi((ui) => ui.selection)
  const key = (kind: Selection['kind']): string => (selection?.kind === kind ? selection.key : '')
  const pod = useRow(kubeloop.pods, key('pod'))
  const node = useRow(kubeloop.nodes, key('node'))
  const workload = useRow(kubeloop.workloads, key('workload'))
  const service = useRow(kubeloop.services, key('service'))
  const object = useRow(kubeloop.objects, key('object'))
  const component = useSession((s) => s.components.find((row) => row.key === key('component')))
  const member = useSession((s) => s.components.find((row) => row.key === 'etcd')?.members?.find(({ id }) => id === key('member')))
  useSession((s) => (selection?.kind === 'step' ? s.frame : 0))
  if (!selection) return null
  if (pod) return { kind: 'pod', row: pod }
  if (node) return { kind: 'node', row: node }
  if (workload) return { kind: 'workload', row: workload }
  if (service) return { kind: 'service', row: service }
  if (object) return { kind: 'object', row: object }
  if (component) return { kind: 'component', row: component }
  if (member) return { kind: 'member', row: member }
  const step = selection.kind === 'step' ? kubeloop.steps.get(Number(selection.key)) : undefined
  return step ? { kind: 'step', row: step } : { kind: 'gone', selection }
}

/** How the API names an object. */
export interface ObjectRef {
  readonly resource: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** The API object that a subject is; null when it is none. */
export function refOf(subject: Subject | null): ObjectRef | null {
  switch (subject?.kind) {
    case 'pod':
      return { resource: 'pods', kind: 'Pod', namespace: subject.row.namespace, name: subject.row.name }
    case 'node':
      return { resource: 'nodes', kind: 'Node', namespace: '', name: subject.row.key }
    case 'workload':
      return { resource: `${subject.row.kind.toLowerCase()}s`, kind: subject.row.kind, namespace: subject.row.namespace, name: subject.row.name }
    case 'service':
      return { resource: 'services', kind: 'Service', namespace: subject.row.namespace, name: subject.row.name }
    case 'object':
      return { resource: subject.row.resource, kind: subject.row.kind, namespace: subject.row.namespace, name: subject.row.name }
    default:
      return null
  }
}

/** The selected API object, also at moments at which it does not exist: what it was when it was last seen. */
export function useKnownRef(): ObjectRef | null {
  const selection = useUi((ui) => ui.selection)
  const ref = refOf(useSubject())
  const id = selection ? `${selection.kind} ${selection.key}` : ''
  const [known, setKnown] = useState<{ readonly id: string; readonly ref: ObjectRef } | null>(null)
  if (ref && known?.id !== id) setKnown({ id, ref })
  return ref ?? (known?.id === id ? known.ref : null)
}

/** The selection that shows an object of a kind, when there is a row of it. */
export function findObject(kubeloop: Kubeloop, kind: string, namespace: string, name: string): Selection | null {
  if (kind === 'Node' || kind === 'nodes') return kubeloop.nodes.get(name) ? { kind: 'node', key: name } : null
  const same = (row: { readonly namespace: string; readonly name: string }): boolean => row.name === name && row.namespace === namespace
  if (kind === 'Pod' || kind === 'pods') return keyed('pod', find(kubeloop.pods.rows, same))
  if (kind === 'Service' || kind === 'services') return keyed('service', find(kubeloop.services.rows, same))
  const workload = find(kubeloop.workloads.rows, (row) => same(row) && (row.kind === kind || `${row.kind.toLowerCase()}s` === kind))
  if (workload) return { kind: 'workload', key: workload.key }
  return keyed('object', find(kubeloop.objects.rows, (row) => same(row) && (row.kind === kind || row.resource === kind)))
}

function find<T>(rows: ReadonlyMap<string, T>, fits: (row: T) => boolean): T | undefined {
  for (const row of rows.values()) if (fits(row)) return row
  return undefined
}

function keyed(kind: Selection['kind'], row: { readonly key: string } | undefined): Selection | null {
  return row ? { kind, key: row.key } : null
}
