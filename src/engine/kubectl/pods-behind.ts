import { formatSelector, labelSelector, labelSelectorError, selectorFromSet, type LabelSelector } from '../apimachinery'
import { at, listAt, textAt, type Thing } from './api'
import { fail } from './errors'
import type { Invocation } from './verb'

const SELECTED = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job']

/**
 * The selector of an object's pods, as text.
 * Errors: kinds without pods, Services without selector; `doing` is what the sentence begins with (`cannot attach to`).
 * Upstream: kubectl/pkg/polymorphichelpers/helpers.go SelectorsForObject
 */
export function selectorOf(object: Thing, doing: string): string {
  const type = `*${(object.apiVersion ?? 'v1').replace(/^.*\//, '')}.${object.kind}`
  const selector = at(object, 'spec', 'selector')
  const refuse = (why: string) => fail(`${doing} ${type}: ${why}`)
  if (object.kind === 'ReplicationController' || object.kind === 'Service') {
    const set = (selector ?? {}) as Readonly<Record<string, string>>
    if (object.kind === 'Service' && Object.keys(set).length === 0) throw refuse(`invalid service '${object.metadata.name}': Service is defined without a selector`)
    return formatSelector(selectorFromSet(set))
  }
  if (!SELECTED.includes(object.kind as string)) throw refuse(`selector for ${type} not implemented`)
  const wrong = labelSelectorError(selector as LabelSelector)
  if (wrong !== undefined) throw refuse(`invalid label selector: ${wrong}`)
  return formatSelector(labelSelector(selector as LabelSelector))
}

/**
 * The pods that a selector finds, the best first; when there is none yet, the first that comes.
 * Errors: none came in `timeout` (µs). Upstream: helpers.go GetPodList
 */
export function podsSelected({ api, io, namespace }: Invocation, labelSelector: string, order: (a: Thing, b: Thing) => number, timeout: number): readonly Thing[] {
  const path = `/api/v1/namespaces/${namespace}/pods`
  const query = { labelSelector }
  const list = api.list(path, query)
  if (list.items.length > 0) return list.items.toSorted(order)
  const deadline = io.now() + timeout
  const watch = io.watch({ verb: 'watch', path, query: { ...query, resourceVersion: list.metadata.resourceVersion ?? '' } })
  for (;;) {
    const event = watch.next(Math.max(1, deadline - io.now()))
    if (event.type === 'ADDED' || event.type === 'MODIFIED') return [event.object as Thing]
    if (event.type === 'timeout') throw fail('timed out waiting for the condition')
    if (event.type === 'closed' || event.type === 'refused') throw fail('watch closed before UntilWithoutRetry timeout')
  }
}

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const LOGGING_PHASES: Readonly<Record<string, number>> = { Running: 0, Unknown: 1, Pending: 2 }
const phase = (p: Thing): string => textAt(p, 'status', 'phase')
const readySince = (p: Thing): string | undefined => {
  const c = listAt<{ type: string; status: string; lastTransitionTime?: string }>(p, 'status', 'conditions').find((d) => d.type === 'Ready')
  return c?.status === 'True' ? (c.lastTransitionTime ?? '') : undefined
}
const created = (p: Thing): string => p.metadata.creationTimestamp ?? ''

/** Times in order; one that is missing is the last. */
const earlier = (a: string, b: string): number => (a === b ? 0 : a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1)

/** The pod that restarted most first. Upstream: compareMaxContainerRestarts */
function byRestarts(a: Thing, b: Thing): number {
  const most = (pod: Thing, field: string, names?: readonly string[]): number =>
    Math.max(0, ...listAt<{ name: string; restartCount?: number }>(pod, 'status', field).filter((s) => names === undefined || names.includes(s.name)).map((s) => s.restartCount ?? 0))
  const sidecars = (pod: Thing): readonly string[] => listAt<{ name: string; restartPolicy?: string }>(pod, 'spec', 'initContainers').filter((c) => c.restartPolicy === 'Always').map((c) => c.name)
  return most(b, 'containerStatuses') - most(a, 'containerStatuses') || most(b, 'initContainerStatuses', sidecars(b)) - most(a, 'initContainerStatuses', sidecars(a))
}

/** Which pod's log is asked for first. Upstream: kubectl/pkg/util/podutils ByLogging */
export function byLogging(a: Thing, b: Thing): number {
  const assigned = (p: Thing): number => (textAt(p, 'spec', 'nodeName') === '' ? 1 : 0)
  const [x, y] = [readySince(a), readySince(b)]
  return (
    assigned(a) - assigned(b) || (LOGGING_PHASES[phase(a)] ?? 0) - (LOGGING_PHASES[phase(b)] ?? 0) || Number(x === undefined) - Number(y === undefined) ||
    (x === undefined || y === undefined ? 0 : earlier(x, y)) || byRestarts(a, b) || earlier(created(a), created(b)) || byName(a, b)
  )
}

/** Which pod a command attaches to first: the one that a controller would delete last. Upstream: podutils ActivePods, reversed */
export function byActivity(a: Thing, b: Thing): number {
  const assigned = (p: Thing): number => (textAt(p, 'spec', 'nodeName') === '' ? 1 : 0)
  const [x, y] = [readySince(a), readySince(b)]
  const [d, e] = [a.metadata.deletionTimestamp, b.metadata.deletionTimestamp]
  return (
    assigned(a) - assigned(b) || (PHASES[phase(b)] ?? 0) - (PHASES[phase(a)] ?? 0) || Number(x === undefined) - Number(y === undefined) ||
    Number(d !== undefined) - Number(e !== undefined) || (d === undefined || e === undefined ? 0 : -earlier(d, e)) ||
    (x === undefined || y === undefined ? 0 : earlier(x, y)) || -byRestarts(a, b) || earlier(created(a), created(b)) || byName(a, b)
  )
}

/** Upstream's sort leaves equals as they came, here they come by name. */
const byName = (a: Thing, b: Thing): number => (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0)
