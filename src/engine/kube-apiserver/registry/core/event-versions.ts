/** Fields of core/v1 Events and their names in events.k8s.io/v1. Upstream: pkg/apis/core/v1 and pkg/apis/events/v1 conversions */
const NAMES: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'], ['message', 'note'], ['source', 'deprecatedSource'], ['firstTimestamp', 'deprecatedFirstTimestamp'], ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'], ['reportingComponent', 'reportingController'],
]
const toEvents = new Map(NAMES)
const toCore = new Map(NAMES.map(([core, events]) => [events, core] as const))

function renamed(o: Readonly<Record<string, unknown>>, names: ReadonlyMap<string, string>, apiVersion: string): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(o)) out[names.get(key) ?? key] = o[key]
  if (out.apiVersion !== undefined) out.apiVersion = apiVersion
  return out
}

/** An Event of events.k8s.io/v1, or a patch of one, as it is stored. */
export function eventToCore(o: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return renamed(o, toCore, 'v1')
}

/** A stored Event as events.k8s.io/v1 has it. */
export function eventFromCore(o: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return renamed(o, toEvents, 'events.k8s.io/v1')
}
