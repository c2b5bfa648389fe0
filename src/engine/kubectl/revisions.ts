import { applyStrategicMergePatch, controllerOf, formatSelector, labelSelector } from '../apimachinery'
import { structSchema } from '../api'
import { at, withField, type Api, type Thing } from './api'
import type { Info } from './builder'
import { describePodTemplate } from './describe/pod-template'

/** One revision of a workload: of a Deployment a ReplicaSet, of others a ControllerRevision. */
export interface Revision {
  readonly number: number
  readonly cause: string
  readonly object: Thing
  readonly template: unknown
  /** The template as `history --revision` describes it, when that differs. */
  readonly shown?: unknown
  /** What a ControllerRevision would patch back. */
  readonly patch?: unknown
}

const cause = (o: Thing): string => o.metadata.annotations?.['kubernetes.io/change-cause'] ?? ''

/** All revisions of a workload in order; undefined for kinds without history. Upstream: polymorphichelpers/history.go */
export function revisionsOf(api: Api, { mapping, namespace, object }: Info): readonly Revision[] | undefined {
  if (!['Deployment', 'DaemonSet', 'StatefulSet'].includes(mapping.kind)) return undefined
  const owner = object as Thing
  const selector = labelSelector(at(owner, 'spec', 'selector') ?? {})
  const resource = mapping.kind === 'Deployment' ? 'replicasets' : 'controllerrevisions'
  const text = selector === undefined ? '' : formatSelector(selector as never)
  const items = api.list(`/apis/apps/v1/namespaces/${namespace}/${resource}`, text === '' ? undefined : { labelSelector: text }).items
  const mine = items.filter((o) => controllerOf(o)?.uid === owner.metadata.uid)
  const revisions = mine.map((o): Revision => {
    if (mapping.kind === 'Deployment') {
      // Upstream puts the cause on the template that it shows.
      const template = at<Thing>(o, 'spec', 'template')
      const shown = cause(o) === '' ? template : withField(template, ['metadata', 'annotations', 'kubernetes.io/change-cause'], cause(o))
      return { number: Number(o.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0), cause: cause(o), object: o, template, shown }
    }
    const patch = o['data']
    return { number: Number(o['revision'] ?? 0), cause: cause(o), object: o, template: templateOf(mapping.kind, owner, patch), patch }
  })
  return revisions.filter((r) => r.number > 0).toSorted((a, b) => a.number - b.number)
}

function templateOf(kind: string, owner: Thing, patch: unknown): unknown {
  const schema = structSchema(kind)
  if (schema === undefined) return at(patch, 'spec', 'template')
  const applied = applyStrategicMergePatch(schema, owner as unknown as Record<string, unknown>, patch as Record<string, unknown>)
  return applied.error === undefined ? at(applied.value, 'spec', 'template') : at(patch, 'spec', 'template')
}

/** The template as `rollout history --revision` shows it: described, with its tabs. */
export function templateText(template: unknown): string {
  return describePodTemplate(template as Thing)
}
