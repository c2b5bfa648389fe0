import type { Hop, StepRow } from '../../../bridge/protocol'
import type { Layout } from './layout'

/** The item of the map that stands for an actor of a hop; undefined when it is not on the map. */
export function itemOf(layout: Layout, actor: string): string | undefined {
  const at = actor.indexOf('@')
  if (at >= 0) return layout.ofNode.get(actor.slice(at + 1))
  const head = actor.split('/')[0] ?? actor
  const id = head === 'you' || head === 'kubectl' ? 'you' : /^etcd(-\d+)?$/.test(head) ? 'etcd' : head
  return layout.byId.has(id) ? id : undefined
}

/** The node that an actor lives on. */
export function nodeOf(actor: string): string | undefined {
  const at = actor.indexOf('@')
  return at < 0 ? undefined : actor.slice(at + 1)
}

/** Agents of a node that take part in a step, as one string, so that it compares cheaply: `kubelet containerd`. */
export function activeAgents(step: StepRow | null, node: string): string {
  if (!step) return ''
  const names = new Set<string>()
  for (const hop of step.hops) for (const actor of [hop.from, hop.to]) if (nodeOf(actor) === node) names.add(actor.slice(0, actor.indexOf('@')))
  return [...names].sort().join(' ')
}

/** Controllers that take part in a step, as one string between spaces. */
export function activeControllers(step: StepRow | null): string {
  if (!step) return ''
  const prefix = 'kube-controller-manager/'
  const names = new Set<string>()
  for (const hop of step.hops) for (const actor of [hop.from, hop.to]) if (actor.startsWith(prefix)) names.add(actor.slice(prefix.length))
  return ` ${[...names].join(' ')} `
}

/** True when a component sends or gets a message in this step. */
export function takesPart(step: StepRow | null, key: string): boolean {
  return step?.hops.some((hop) => isOf(hop, key)) ?? false
}

function isOf(hop: Hop, key: string): boolean {
  return [hop.from, hop.to].some((actor) => actor === key || actor.startsWith(`${key}/`) || actor.startsWith(`${key}-`))
}
