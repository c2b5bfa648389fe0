import { Checks } from '../engine/checkers'
import { Cluster, recordedPreset, type CommandOutput, type Fault, type KubeObject } from '../engine/cluster'
import { kubectl } from '../engine/kubectl'

/** What a command printed. */
export interface Printed {
  rc: number
  stdout: string
  stderr: string
}

/** A change of an object: when, and what it became. */
export interface Change {
  readonly t: number
  readonly resource: string
  readonly name: string
  readonly deleted: boolean
  readonly object: any
}

const nodes = ['node-1', 'node-2', 'node-3']
const images = ['nginx:1.25', 'nginx:1.26', 'nginx:1.27', 'busybox:1.36', 'fluentd:1', 'fluentd:2']

/**
 * The cluster of the recordings (three nodes, images there, containers that obey `sleep N` and `exit N`), judged by all checkers after each write.
 * Used as a recorder uses a real one: type at a time, then read what was printed and how objects changed. Times in seconds.
 */
export class Recording {
  readonly changes: Change[] = []
  private readonly cluster: Cluster
  private readonly checks = new Checks()
  private readonly printed = new Map<number, Printed>()
  private read = 0
  private revision = 0

  constructor(readonly namespace = 'g-test', seed = 1) {
    const there = Object.fromEntries(images.map((i) => [i, nodes]))
    this.cluster = new Cluster(recordedPreset(seed, there, undefined, namespace)).install(kubectl)
    this.cluster.bootUp()
    this.read = this.cluster.sim.trace.nextId
    this.revision = this.cluster.store.revision
  }

  get now(): number {
    return this.cluster.now / 1e6
  }

  /** Runs to a time. */
  to(t: number): this {
    const look = () => {
      const { store } = this.cluster
      if (store.revision === this.revision) return
      for (const e of store.since(this.revision + 1) ?? []) {
        const object = e.kv.value as KubeObject
        this.changes.push({ t: this.now, resource: e.kv.key.split('/')[2] as string, name: object.metadata.name, deleted: e.type === 'delete', object })
      }
      this.revision = store.revision
      this.checks.see(this.cluster.sim.state)
    }
    for (let at = Math.floor(this.now) + 1; ; at++) {
      this.cluster.run(Math.min(at, t) * 1e6, undefined, look)
      this.cluster.sim.trace.forEach(this.read, (record) => {
        if (record.kind !== 'output') return
        const { command, stream, text } = record.detail as CommandOutput
        const p = this.printed.get(command)
        if (p === undefined) return
        if (stream === 'exit') p.rc = Number(text)
        else if (stream === 'stdout' || stream === 'stderr') p[stream] += text
      })
      this.read = this.cluster.sim.trace.nextId
      this.checks.see(this.cluster.sim.state)
      if (at >= t) return this
    }
  }

  /** Types a line at a time and goes on to one second later; its output grows while it runs on. */
  type(t: number, line: string, stdin?: string): Printed {
    this.to(t)
    const { command, error } = this.cluster.input({ type: 'kubectl', line, stdin })
    if (error !== undefined) throw new Error(error)
    const printed: Printed = { rc: -1, stdout: '', stderr: '' }
    this.printed.set(command as number, printed)
    this.to(t + 1)
    return printed
  }

  apply(t: number, ...objects: object[]): Printed {
    const printed = this.type(t, 'kubectl apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
    if (printed.rc !== 0) throw new Error(printed.stderr)
    return printed
  }

  fault(t: number, fault: Fault): void {
    this.to(t)
    const { error } = this.cluster.input({ type: 'fault', fault })
    if (error !== undefined) throw new Error(error)
  }

  /** The newest state of an object; undefined when it is gone or never was. */
  object(resource: string, name: string): any {
    const last = this.changes.findLast((c) => c.resource === resource && c.name === name)
    return last === undefined || last.deleted ? undefined : last.object
  }

  /** Names of the living objects of a resource. */
  names(resource: string): string[] {
    return [...new Set(this.changes.filter((c) => c.resource === resource).map((c) => c.name))].filter((n) => this.object(resource, n) !== undefined).sort()
  }

  /** What an object was, without repetitions, as `of` tells it. */
  story<T>(resource: string, name: string, of: (object: any) => T): T[] {
    const out: T[] = []
    for (const c of this.changes) {
      if (c.resource !== resource || c.name !== name || c.deleted) continue
      const told = of(c.object)
      if (out.length === 0 || JSON.stringify(told) !== JSON.stringify(out.at(-1))) out.push(told)
    }
    return out
  }

  /** Kubernetes Events about an object, in their order: `Reason: message`. */
  events(kind: string, name: RegExp | string): string[] {
    const about = (c: Change) => c.object.involvedObject?.kind === kind && (typeof name === 'string' ? c.object.involvedObject.name === name : name.test(c.object.involvedObject.name))
    return this.changes.filter((c) => c.resource === 'events' && !c.deleted && c.object.metadata.resourceVersion === this.first(c.name) && about(c)).map((c) => `${c.object.reason}: ${c.object.message}`)
  }

  private first(event: string): string {
    return this.changes.find((c) => c.resource === 'events' && c.name === event)?.object.metadata.resourceVersion
  }
}

const labelled = (name: string) => ({ metadata: { labels: { app: name } } })

/** A workload with one container. */
export function workload(kind: string, name: string, spec: object, container: object = { image: 'nginx:1.25' }, pod: object = {}): object {
  return { apiVersion: 'apps/v1', kind, metadata: { name }, spec: { ...spec, selector: { matchLabels: { app: name } }, template: { ...labelled(name), spec: { ...pod, containers: [{ name: 'c', ...container }] } } } }
}

/** A pod with one container. */
export function aPod(name: string, spec: object = {}, container: object = { image: 'nginx:1.25' }): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec: { ...spec, containers: [{ name: 'c', ...container }] } }
}

/** A Job whose pods run a shell command. */
export function aJob(name: string, spec: object, command: string): object {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { ...spec, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', command] }] } } } }
}
