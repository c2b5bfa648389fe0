import { expect } from 'vitest'
import { Cluster, defaultPreset, outcomes, type ClientRef, type ClusterConfig, type GeneratorSpec, type Journey, type Outcome, type RequestSpec, type TrafficInput, type TrafficState } from '../cluster'
import { kubectl } from '../kubectl'

/** A second of simulated time. */
export const S = 1_000_000

/** Somebody outside the cluster. */
export const outside: ClientRef = { kind: 'outside' }

/** A node as a client. */
export const node = (name: string): ClientRef => ({ kind: 'node', name })

/** A pod of the namespace `default` as a client. */
export const pod = (name: string): ClientRef => ({ kind: 'pod', namespace: 'default', name })

/** A cluster and a person who types, sends requests, and looks. */
export class Bench {
  readonly c: Cluster

  constructor(more: Partial<ClusterConfig> = {}) {
    this.c = new Cluster({ ...defaultPreset(7), ...more }).install(kubectl).bootUp()
  }

  run(seconds: number): this {
    this.c.run(this.c.now + seconds * S)
    return this
  }

  /** Types lines, one a second. */
  type(...lines: readonly string[]): this {
    for (const line of lines) {
      expect(this.c.input({ type: 'kubectl', line })).not.toHaveProperty('error')
      this.run(1)
    }
    return this
  }

  apply(yaml: string): this {
    expect(this.c.input({ type: 'kubectl', line: 'kubectl apply -f -', stdin: yaml })).not.toHaveProperty('error')
    return this.run(1)
  }

  fault(kind: 'node-down' | 'node-up' | 'partition' | 'heal' | 'kube-proxy-stop' | 'kube-proxy-start', at: string): this {
    expect(this.c.input({ type: 'fault', fault: { kind, node: at } })).toEqual({})
    return this
  }

  get traffic(): TrafficState {
    return this.c.sim.stateOf<TrafficState>('traffic') as TrafficState
  }

  act(input: TrafficInput): void {
    expect(this.c.input(input)).toEqual({})
  }

  /** Sends one request and waits for its end. */
  ask(from: ClientRef, to: string, more: Partial<RequestSpec> = {}): Journey {
    const ended = this.c.sim.stateOf<TrafficState>('traffic')?.ended ?? 0
    this.act({ type: 'traffic', do: 'send', request: { from, to, ...more } })
    while ((this.c.sim.stateOf<TrafficState>('traffic')?.ended ?? 0) === ended) this.run(0.1)
    return this.traffic.journeys.at(-1) as Journey
  }

  /** Loads a target for some time; answers how often each outcome came. */
  load(from: ClientRef, to: string, rate: number, seconds: number, meanwhile?: () => void, more: Partial<GeneratorSpec> = {}): Partial<Record<Outcome, number>> {
    const id = `g${this.c.now}`
    this.act({ type: 'traffic', do: 'start', generator: { id, from, to, pattern: { kind: 'constant', rate }, timeoutMs: 1000, ...more } })
    this.run(0.02)
    const g = this.traffic.generators.get(id)
    meanwhile?.()
    this.run(seconds)
    this.act({ type: 'traffic', do: 'stop', id })
    const counts = (g?.counts ?? []).slice()
    return Object.fromEntries(outcomes.flatMap((o, i) => ((counts[i] as number) > 0 ? [[o, counts[i]]] : []))) as Partial<Record<Outcome, number>>
  }

  object<T>(resource: string, name: string, namespace = 'default'): T {
    return this.c.object(resource, namespace, name) as unknown as T
  }

  /** Pods of an application, by name. */
  pods(app: string, label = 'app', namespace = 'default'): readonly { readonly metadata: { readonly name: string }; readonly spec: { readonly nodeName: string }; readonly status: { readonly podIP: string } }[] {
    return ([...this.c.objects('pods')].filter((p) => p.metadata.namespace === namespace && p.metadata.labels?.[label] === app) as unknown as { metadata: { name: string }; spec: { nodeName: string }; status: { podIP: string } }[]).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  }

  ip(service: string): string {
    return this.object<{ spec: { clusterIP: string } }>('services', service).spec.clusterIP
  }
}

/** Hops of a kind, as text. */
export const said = (j: Journey, kind: string): readonly string[] => j.hops.filter((h) => h.kind === kind).map((h) => h.text)
