import { describe, expect, test } from 'vitest'
import { Checks } from '../engine/checkers'
import { Cluster, presets, type Deployment, type EndpointSlice, type Node, type Pod } from '../engine/cluster'
import { kubectl } from '../engine/kubectl'
import { EventQueue, Rng, type QueuedEvent } from '../engine/sim'
import { timedScenarios, type TimedScenario } from './timed'

/**
 * A queue that hands out the events of one instant in another order: which process goes next is drawn by lot, and each
 * process still hears what it was told in the order in which it was told, as over a real connection.
 */
class ShuffledQueue extends EventQueue {
  private readonly rng: Rng
  private instant: QueuedEvent[] = []
  /** Index into `instant` of what comes next. */
  private next = -1
  /** Pops that were not the lowest sequence of their instant. */
  permuted = 0

  constructor(seed: number) {
    super()
    this.rng = new Rng(seed, 'shuffle')
  }

  override get size(): number {
    return super.size + this.instant.length
  }

  override peek(): QueuedEvent | undefined {
    if (this.next === -1) this.draw()
    return this.instant[this.next]
  }

  override pop(): QueuedEvent | undefined {
    const event = this.peek()
    if (event === undefined) return undefined
    if (this.instant.some((e) => e.seq < event.seq)) this.permuted++
    this.instant.splice(this.next, 1)
    this.next = -1
    return event
  }

  override push(event: QueuedEvent): void {
    // An input may come before what was drawn and not yet taken.
    for (const e of this.instant) super.push(e)
    this.instant = []
    this.next = -1
    super.push(event)
  }

  private draw(): void {
    const first = this.instant[0] ?? super.peek()
    if (first === undefined) return
    while (super.peek()?.at === first.at) this.instant.push(super.pop() as QueuedEvent)
    this.instant.sort((a, b) => a.seq - b.seq)
    const { to } = this.instant[this.rng.below(this.instant.length)] as QueuedEvent
    this.next = this.instant.findIndex((e) => e.to === to)
  }
}

/** What a person would call the result: how many of each workload are ready, what Services reach, which nodes are well. Not names, places and times. */
function outcome(cluster: Cluster): unknown {
  const list = <T>(resource: string) => [...cluster.objects(resource)] as unknown as T[]
  const isTrue = (conditions: readonly { readonly type: string; readonly status: string }[] | undefined, type: string) => conditions?.some((c) => c.type === type && c.status === 'True') === true
  const counted = (words: string[]) => Object.fromEntries(words.sort().map((w) => [w, words.filter((x) => x === w).length]))
  return {
    deployments: list<Deployment>('deployments').map((d) => `${d.metadata.name}: ${d.status?.readyReplicas ?? 0} of ${d.spec.replicas} ready, ${d.status?.updatedReplicas ?? 0} updated`).sort(),
    pods: counted(list<Pod>('pods').map((p) => `${p.metadata.generateName ?? p.metadata.name} ${p.metadata.deletionTimestamp ? 'Terminating' : p.status?.phase}`)),
    endpoints: list<EndpointSlice>('endpointslices').map((s) => `${s.metadata.labels?.['kubernetes.io/service-name']}: ${s.endpoints?.filter((e) => e.conditions?.ready !== false).length ?? 0} ready`).sort(),
    nodes: list<Node>('nodes').map((n) => `${n.metadata.name} ${isTrue(n.status?.conditions, 'Ready') ? 'Ready' : 'not ready'} ${(n.spec?.taints ?? []).map((t) => `${t.key}:${t.effect}`).sort().join()}`).sort(),
  }
}

function play(scenario: TimedScenario, shuffle?: ShuffledQueue): unknown {
  const preset = presets.find((p) => p.id === scenario.preset) as (typeof presets)[number]
  const cluster = new Cluster(preset.make(42)).install(kubectl)
  if (shuffle) {
    for (const event of cluster.sim.state.queue.entries()) shuffle.push(event)
    Object.assign(cluster.sim.state, { queue: shuffle })
  }
  cluster.bootUp()
  const checks = new Checks()
  const runTo = (t: number) => {
    for (let at = Math.ceil(cluster.now / 1e6); at <= t; at++) {
      cluster.run(at * 1e6)
      checks.see(cluster.sim.state)
    }
  }
  for (const { t, input } of scenario.steps) {
    runTo(t)
    expect(cluster.input(input).error).toBeUndefined()
  }
  // Then a rest: which node a pod is on is drawn by lot, and with it what a fault has hit.
  runTo(scenario.end + 60)
  return outcome(cluster)
}

describe('what comes out does not depend on who hears first of what happened at one instant', () => {
  for (const scenario of timedScenarios)
    test(scenario.id, () => {
      const usual = play(scenario)
      for (const seed of [1, 2, 3]) {
        const queue = new ShuffledQueue(seed)
        expect(play(scenario, queue), `shuffled by ${seed}`).toEqual(usual)
        expect(queue.permuted).toBeGreaterThan(100)
      }
    })
})
