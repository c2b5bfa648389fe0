import { humanDuration, parseTime, type KubeList, type KubeObject } from '../apimachinery'
import type { Ctx } from '../sim'
import type { Flight } from './flight'
import type { PrintContext } from './registry/strategy'
import type { Served } from './served'

interface Row {
  readonly cells: readonly (string | number)[]
  readonly object: unknown
}

/** The rows that kubectl get prints. Upstream: apiserver/pkg/endpoints/handlers/response.go asTable, pkg/printers */
export function toTable(served: Served, items: readonly KubeObject[], metadata: KubeList['metadata'], flight: Flight, ctx: Ctx): KubeObject {
  const { columns } = served.strategy
  const print = printContext(ctx.wallMicros())
  const include = flight.request.query?.includeObject ?? 'Metadata'
  const rows: Row[] = items.map((o) => ({
    cells: columns.map((c) => c.value(o, print)),
    object: include === 'Object' ? o : include === 'None' ? undefined : { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: o.metadata },
  }))
  const columnDefinitions = columns.map((c) => ({ name: c.name, type: c.type, format: c.format ?? '', description: c.description ?? '', priority: c.priority }))
  return Object.freeze({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions, rows }) as unknown as KubeObject
}

/** How cells print ages at a moment. */
export function printContext(now: number): PrintContext {
  return {
    now,
    age(timestamp) {
      const then = timestamp == null || timestamp === '' ? undefined : parseTime(timestamp)
      return then === undefined ? '<unknown>' : humanDuration(Math.floor((now - then) / 1_000_000))
    },
  }
}
