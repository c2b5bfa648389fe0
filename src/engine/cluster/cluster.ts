import { SECOND, Simulation, type Behaviour, type Checkpoint, type Ctx, type Micros, type Observer } from '../sim'
import { newNetwork, transport } from '../network'
import type { KubectlParams, KubectlState } from '../kubectl'
import { exchange, refuseTraffic, trafficBehaviour, trafficProcess, type TrafficInput, type TrafficMessage, type TrafficState } from '../traffic'
import type { ComponentQuestion, MachineQuestion } from '../cri'
import { bootCluster, kubeadm } from './boot'
import { behaviours } from './behaviours'
import { askComponent } from './component-answers'
import type { ClusterConfig } from './config'
import { applyFault, breakConnections, powerOff, refuseFault, startAgain, type Fault, type GiveUp, type PowerOff, type Restart } from './faults'
import { askMachine } from './machine-commands'
import { ClusterReaders } from './readers'
import type { ClusterState } from './state'
import { trafficWorld } from './traffic-world'

/** Something a person does to the cluster. */
export type Input = { readonly type: 'kubectl'; readonly line: string; readonly stdin?: string | undefined } | { readonly type: 'fault'; readonly fault: Fault } | TerminalInput | TrafficInput

/** What reaches the machine that lines are typed on, beside the lines: Ctrl-C (`hangup`: the terminal was closed), the text of an edit (null: given up), a file. */
export type TerminalInput =
  | { readonly type: 'interrupt'; readonly command: number; readonly hangup?: true }
  | { readonly type: 'edited'; readonly command: number; readonly text: string | null }
  | { readonly type: 'file'; readonly path: string; readonly text: string }

/** The behaviour of kubectl's processes: `kubectl` of the room of that name. */
export type KubectlBehaviour = Behaviour<KubectlState, KubectlParams>

/** A moment of a cluster to come back to. */
export interface ClusterCheckpoint {
  readonly simulation: Checkpoint
}

/** A whole simulated cluster: boots the rooms, takes inputs, runs slices. Times are session time: 0 is when the boot is over. */
export class Cluster extends ClusterReaders {
  readonly sim: Simulation
  readonly boot: Micros
  private readonly clusterBehaviour: Behaviour<ClusterState, null>

  constructor(
    readonly config: ClusterConfig,
    checkpoint?: ClusterCheckpoint,
  ) {
    super()
    this.boot = config.bootSeconds * SECOND
    this.clusterBehaviour = {
      kind: 'cluster',
      start: () => ({ nodes: new Map(), components: new Map(), nextCommand: 1, namespace: config.namespace }),
      handle: (state, message, ctx) => {
        if (message.type === 'cluster/input') this.perform(state, (message as unknown as { input: Input }).input, ctx)
        else if (message.type === 'cluster/context') state.namespace = (message as unknown as { namespace: string }).namespace
        else if (message.type === 'cluster/give-up') breakConnections(this.sim, message as GiveUp, ctx)
        else if (message.type === 'cluster/power-off') powerOff(this.sim, state, this.config, message as PowerOff, ctx)
        else if (message.type === 'cluster/restart') {
          const { component, crash } = message as Restart
          const crashed = state.components.get(component)
          if (crashed?.crashes === crash && crashed.restartAt > 0) {
            ctx.trace({ kind: 'boot', what: 'restart', object: { resource: '', namespace: '', name: component } })
            startAgain(this.sim, state, this.config, component, ctx)
          }
        }
      },
    }
    const outer = trafficWorld(this)
    this.sim = new Simulation({ seed: config.seed, epoch: config.start - this.boot, behaviours: [this.clusterBehaviour as Behaviour<never, never>, kubeadm as Behaviour<never, never>, trafficBehaviour(outer) as Behaviour<never, never>, ...behaviours], transport: { ...transport, exchange: (ctx, question) => (question.type === 'cri/component' ? askComponent(this, question as ComponentQuestion) : question.type === 'cri/machine' ? askMachine(this, question as MachineQuestion) : exchange(outer(), ctx, question)) }, network: newNetwork(config.links) })
    if (checkpoint) {
      this.restore(checkpoint)
      return
    }
    // On no machine of the cluster: it must outlive them all.
    this.sim.act(0, (ctx) => ctx.spawn('cluster', 'cluster', 'world', null))
    this.sim.act(0, (ctx) => bootCluster(this.sim, config, this.state, ctx))
  }

  /** Lets people type: kubectl comes apart from the cluster, so that a page can show the cluster before it has loaded kubectl. */
  install(kubectl: KubectlBehaviour): this {
    this.sim.install(kubectl as Behaviour)
    return this
  }

  /** Runs the boot to its end. */
  bootUp(observer?: Observer): this {
    this.sim.run(this.boot, undefined, observer)
    return this
  }

  /** Session time. Units: µs; negative while it boots. */
  get now(): Micros {
    return this.sim.now - this.boot
  }

  /** Runs to a session time; at most `mostEvents` events. True when it got there. */
  run(until: Micros, mostEvents?: number, observer?: Observer): boolean {
    return this.sim.run(until + this.boot, mostEvents, observer).finished
  }

  /** Session time of the next event that waits. */
  nextAt(): Micros | undefined {
    const at = this.sim.nextAt()
    return at === undefined ? undefined : at - this.boot
  }

  /** Does an input now: it is the next event. Errors: a fault that cannot be done is answered by its reason, and nothing happens. */
  input(input: Input): { readonly command?: number; readonly error?: string } {
    if (input.type === 'fault') {
      const error = refuseFault(this.sim, this.state, this.config, input.fault)
      if (error !== undefined) return { error }
    } else if (input.type === 'traffic') {
      const error = refuseTraffic(this.sim.stateOf<TrafficState>(trafficProcess), input)
      if (error !== undefined) return { error }
    } else if (!this.sim.knows('kubectl')) return { error: 'kubectl is not loaded' }
    const command = input.type === 'kubectl' ? this.state.nextCommand++ : undefined
    this.sim.post('cluster', { type: 'cluster/input', input: Object.freeze(command === undefined ? { ...input } : { ...input, command }) } as never)
    return command === undefined ? {} : { command }
  }

  private perform(state: ClusterState, input: Input & { readonly command?: number }, ctx: Ctx): void {
    if (input.type === 'fault') return applyFault(this.sim, state, this.config, input.fault, ctx)
    if (input.type === 'traffic') {
      ctx.trace({ kind: 'input', what: input.do === 'send' ? `request ${input.request.to}` : input.do === 'start' ? `traffic to ${input.generator.to}` : `stop ${input.id}`, detail: input })
      if (!ctx.isUp(trafficProcess)) ctx.spawn(trafficProcess, 'traffic', 'you', null)
      const message: TrafficMessage = { type: 'traffic/input', input }
      return this.sim.post(trafficProcess, message, ctx.cause)
    }
    if (input.type === 'interrupt' || input.type === 'edited' || input.type === 'file') return this.atTerminal(state, input, ctx)
    // curl and its like ask it.
    if (!ctx.isUp(trafficProcess)) ctx.spawn(trafficProcess, 'traffic', 'you', null)
    const command = input.command as number
    ctx.trace({ kind: 'input', what: input.line })
    const params: KubectlParams = { command, line: input.line, stdin: input.stdin, namespace: state.namespace, explicitNamespace: this.config.explicitNamespace }
    ctx.spawn(`kubectl/${command}`, 'kubectl', 'you', params)
  }

  private atTerminal(state: ClusterState, input: TerminalInput, ctx: Ctx): void {
    if (input.type === 'file') {
      ctx.trace({ kind: 'input', what: `file ${input.path}` })
      if (!ctx.isUp('shell')) ctx.spawn('shell', 'kubectl', 'you', { shell: true, namespace: this.config.explicitNamespace ? '' : state.namespace })
      // Not a packet of the network: the person sits at that machine.
      this.sim.post('shell', { type: 'shell/file', path: input.path.startsWith('/') ? input.path : `/home/you/${input.path}`, text: input.text } as never, ctx.cause)
      return
    }
    ctx.trace({ kind: 'input', what: input.type === 'interrupt' ? '^C' : 'edited' })
    this.sim.post(`kubectl/${input.command}`, (input.type === 'interrupt' ? { type: 'kubectl/interrupt', ...(input.hangup ? { hangup: true } : {}) } : { type: 'kubectl/edited', text: input.text }) as never, ctx.cause)
  }

  checkpoint(): ClusterCheckpoint {
    return { simulation: this.sim.checkpoint() }
  }

  restore(checkpoint: ClusterCheckpoint): void {
    this.sim.restore(checkpoint.simulation)
  }
}
