import type { KubeObject } from '../apimachinery'
import { kubectl } from '../kubectl'
import { Cluster, defaultPreset, type ClusterConfig, type CommandOutput, type Fault } from './index'

/** A cluster with somebody at its terminal, for tests. */
export class Terminal {
  readonly cluster: Cluster

  constructor(config: ClusterConfig = defaultPreset(5)) {
    this.cluster = new Cluster(config).install(kubectl).bootUp()
  }

  /** Lets time pass. Units: s. */
  run(seconds: number): this {
    this.cluster.run(this.cluster.now + Math.round(seconds * 1_000_000))
    return this
  }

  /** Lets time pass until something holds; at most so many seconds. Answers whether it does. */
  until(holds: () => boolean, seconds: number): boolean {
    for (let i = 0; i < seconds * 2 && !holds(); i++) this.run(0.5)
    return holds()
  }

  fault(fault: Fault): this {
    const { error } = this.cluster.input({ type: 'fault', fault })
    if (error !== undefined) throw new Error(error)
    return this
  }

  /** Begins a command. */
  begin(line: string, stdin?: string): number {
    return this.cluster.input({ type: 'kubectl', line, stdin }).command as number
  }

  /** Types a command and waits for its end. Answers what it printed. */
  type(line: string, stdin?: string, seconds = 30): string {
    const command = this.begin(line, stdin)
    this.until(() => this.printed(command).rc >= 0, seconds)
    return this.printed(command).text
  }

  /** What a command has printed so far; rc -1: it still runs. */
  printed(command: number): { readonly rc: number; readonly text: string } {
    let rc = -1
    let text = ''
    this.cluster.sim.trace.forEach(this.cluster.sim.trace.oldest, (r) => {
      if (r.kind !== 'output' || (r.detail as CommandOutput).command !== command) return
      const o = r.detail as CommandOutput
      if (o.stream === 'exit') rc = Number(o.text)
      else if (o.stream === 'stdout' || o.stream === 'stderr') text += o.text
    })
    return { rc, text }
  }

  object<T extends KubeObject = KubeObject>(resource: string, namespace: string, name: string): T | undefined {
    return this.cluster.object(resource, namespace, name) as T | undefined
  }

  /** `reason: message` of the events about an object, oldest first. */
  events(name: string): string[] {
    return ([...this.cluster.objects('events')] as (KubeObject & { involvedObject: { name: string }; reason: string; message: string })[]).filter((e) => e.involvedObject?.name === name).map((e) => `${e.reason}: ${e.message}`)
  }
}
