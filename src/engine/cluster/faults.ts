import { SECOND, type Ctx, type Message, type Simulation } from '../sim'
import { cut, deadConnectionAfter, giveUp, mend } from '../network'
import type { ContainerdState, DiskState, HostFileMessage, ProcessEnded } from '../cri'
import { mayPowerOff, type KubeletState, type NodeShutdown } from '../kubelet'
import type { ClusterConfig, NodeConfig } from './config'
import type { ClusterState, ComponentState, NodeState } from './state'
import { componentNames, controlPlaneHost, manifestOf, startComponent, startNode } from './boot'

/** Something broken or mended. The names are those of the headless runner's scripts and of `bridge/protocol`. */
export type Fault =
  | { readonly kind: 'node-down' | 'node-up' | 'kubelet-stop' | 'kubelet-start' | 'partition' | 'heal' | 'node-remove' | 'kube-proxy-stop' | 'kube-proxy-start' | 'node-shutdown'; readonly node: string }
  /** Somebody on the machine writes a file, or removes it (null): a manifest of a static pod, say. */
  | { readonly kind: 'host-file'; readonly node: string; readonly path: string; readonly text: string | null }
  | { readonly kind: 'node-add'; readonly node?: string | undefined; readonly zone?: string | undefined }
  | { readonly kind: 'component-down' | 'component-up' | 'component-crash'; readonly component: string }
  | { readonly kind: 'probe'; readonly pod: string; readonly namespace?: string | undefined; readonly container?: string | undefined; readonly probe: 'liveness' | 'readiness' | 'startup'; readonly ok: boolean }

/** Message to the cluster's own process: a waiting period of a fault is over. */
export interface GiveUp extends Message {
  readonly type: 'cluster/give-up'
  readonly host: string
  readonly since: number
}

/** Message to the cluster's own process: a machine that shuts down is looked at. */
export interface PowerOff extends Message {
  readonly type: 'cluster/power-off'
  readonly node: string
}

/** A crashed component is started again by its supervisor. */
export interface Restart extends Message {
  readonly type: 'cluster/restart'
  readonly component: string
  readonly crash: number
}

/** First restart after 10 s, then doubling to 5 min, as the kubelet does for static pods. Units: µs. */
export function restartDelay(crashes: number): number {
  return Math.min(10 * SECOND * 2 ** Math.max(0, crashes - 1), 300 * SECOND)
}

/** Why a fault cannot be done, or undefined. */
export function refuseFault(sim: Simulation, state: ClusterState, config: ClusterConfig, fault: Fault): string | undefined {
  switch (fault.kind) {
    case 'component-down':
    case 'component-up':
    case 'component-crash':
      return state.components.has(fault.component) ? undefined : `no component named "${fault.component}"`
    case 'probe':
    case 'node-add':
      if (fault.kind === 'node-add') {
        if (state.nodes.size >= 200) return 'the cluster has its most nodes (200)'
        if (fault.node !== undefined && state.nodes.has(fault.node)) return `node "${fault.node}" exists already`
      }
      return undefined
    default:
      void sim
      void config
      if (!state.nodes.has(fault.node)) return `nodes "${fault.node}" not found`
      return fault.kind === 'node-remove' && fault.node === controlPlaneHost ? 'the control plane runs on this machine: power it off instead' : undefined
  }
}

/** Does what the fault says. Things that are so already are left as they are. `ctx` is the cluster's own process. */
export function applyFault(sim: Simulation, state: ClusterState, config: ClusterConfig, fault: Fault, ctx: Ctx): void {
  const subject = 'node' in fault ? fault.node : 'component' in fault ? fault.component : 'pod' in fault ? fault.pod : ''
  ctx.trace({ kind: 'fault', what: fault.kind, object: { resource: 'node' in fault ? 'nodes' : 'pod' in fault ? 'pods' : '', namespace: 'namespace' in fault ? (fault.namespace ?? '') : '', name: subject ?? '' }, detail: Object.freeze({ ...fault }) })
  switch (fault.kind) {
    case 'node-down': {
      const node = state.nodes.get(fault.node) as NodeState
      if (!node.power) return
      node.power = false
      // No RST is sent: the machine is dark, its peers find out by silence.
      isolate(sim, fault.node, ctx)
      for (const p of sim.state.processes.values()) if (p.host === fault.node && p.up && p.kind !== 'disk') ctx.kill(p.id)
      return
    }
    case 'node-shutdown': {
      // `systemctl poweroff`: who holds an inhibitor lock is told, and waited for.
      if (!(state.nodes.get(fault.node) as NodeState).power) return
      const shutdown: NodeShutdown = { type: 'kubelet/shutdown' }
      sim.post(`kubelet@${fault.node}`, shutdown, ctx.cause)
      const look: PowerOff = { type: 'cluster/power-off', node: fault.node }
      ctx.after(powerOffLook, look)
      return
    }
    case 'node-up': {
      const node = state.nodes.get(fault.node) as NodeState
      if (node.power) return
      node.power = true
      if (node.link) mend(sim, fault.node)
      startNode(sim, config, node.config, ctx)
      if (fault.node === controlPlaneHost)
        for (const name of componentNames(config)) if (manifestOf(config, name) === undefined && state.components.get(name)?.up && !ctx.isUp(name)) startComponent(config, name, ctx)
      return
    }
    case 'host-file':
      return writeFile(sim, fault.node, fault.path, fault.text, ctx)
    case 'partition': {
      const node = state.nodes.get(fault.node) as NodeState
      if (!node.link) return
      node.link = false
      isolate(sim, fault.node, ctx)
      return
    }
    case 'heal': {
      const node = state.nodes.get(fault.node) as NodeState
      if (node.link) return
      node.link = true
      if (node.power) mend(sim, fault.node)
      return
    }
    case 'kubelet-stop':
      ctx.kill(`kubelet@${fault.node}`)
      return
    case 'kubelet-start': {
      const node = state.nodes.get(fault.node) as NodeState
      if (node.power && !ctx.isUp(`kubelet@${fault.node}`)) startNode(sim, config, node.config, ctx)
      return
    }
    case 'kube-proxy-stop':
      // It hangs: its container still seems to run, and the rules stay as they are.
      ctx.kill(`kube-proxy@${fault.node}`)
      return
    case 'kube-proxy-start': {
      const id = `kube-proxy@${fault.node}`
      const params = ctx.paramsOf(id)
      const runtime = sim.stateOf<ContainerdState>(`containerd@${fault.node}`)
      const contained = [...(runtime?.pods.values() ?? [])].some((p) => p.containers.some((x) => x.process === id && x.view.state === 'running'))
      if (contained && params !== undefined && !ctx.isUp(id)) ctx.spawn(id, 'kube-proxy', fault.node, params)
      return
    }
    case 'node-add': {
      let i = 1
      while (state.nodes.has(`node-${i}`)) i++
      const name = fault.node ?? `node-${i}`
      const model = [...state.nodes.values()].findLast((n) => !n.config.taints?.length)?.config ?? config.nodes[0]
      const zones = [...new Set([...state.nodes.values()].filter((n) => !n.config.taints?.length).map((n) => n.config.zone))]
      const zone = fault.zone ?? zones[(state.nodes.size - 1) % Math.max(1, zones.length)] ?? 'zone-a'
      const node: NodeConfig = { ...(model as NodeConfig), name, zone, labels: { 'topology.kubernetes.io/zone': zone }, taints: [], images: [] }
      state.nodes.set(name, { config: node, power: true, link: true })
      startNode(sim, config, node, ctx)
      return
    }
    case 'node-remove': {
      const node = state.nodes.get(fault.node) as NodeState
      if (node.power) applyFault(sim, state, config, { kind: 'node-down', node: fault.node }, ctx)
      state.nodes.delete(fault.node)
      return
    }
    case 'component-down':
    case 'component-crash': {
      const component = state.components.get(fault.component)
      if (component === undefined) return
      if (!component.up) {
        // Who stops what has crashed takes it from its supervisor too.
        if (fault.kind === 'component-down') component.restartAt = 0
        return
      }
      if (manifestOf(config, fault.component) !== undefined) return breakContained(sim, config, fault.component, component, fault.kind === 'component-crash', ctx)
      component.up = false
      ctx.kill(fault.component)
      if (fault.kind === 'component-crash') {
        component.crashes++
        component.restartAt = ctx.now + restartDelay(component.crashes)
        component.crashedAt = ctx.now
        const restart: Restart = { type: 'cluster/restart', component: fault.component, crash: component.crashes }
        ctx.after(component.restartAt - ctx.now, restart)
      }
      return
    }
    case 'component-up':
      startAgain(sim, state, config, fault.component, ctx)
      return
    case 'probe':
      for (const node of state.nodes.keys())
        sim.post(`kubelet@${node}`, { type: 'kubelet/probe-override', namespace: fault.namespace ?? config.namespace, pod: fault.pod, container: fault.container, probe: fault.probe, ok: fault.ok } as Message, ctx.cause)
      return
  }
}

/** A machine that shuts down: as soon as the kubelet lets go, its processes are ended, which their peers notice, and its power goes. */
export function powerOff(sim: Simulation, state: ClusterState, config: ClusterConfig, message: PowerOff, ctx: Ctx): void {
  const node = state.nodes.get(message.node)
  if (!node?.power) return
  const kubelet = sim.stateOf<KubeletState>(`kubelet@${message.node}`)
  if (kubelet !== undefined && !mayPowerOff(kubelet)) return void ctx.after(powerOffLook, message)
  for (const p of sim.state.processes.values()) if (p.host === message.node && p.up && p.kind !== 'disk') ctx.kill(p.id)
  applyFault(sim, state, config, { kind: 'node-down', node: message.node }, ctx)
}

/** How often it is looked whether a machine may lose its power. */
const powerOffLook = SECOND / 2

/** Starts a component that is down. */
export function startAgain(sim: Simulation, state: ClusterState, config: ClusterConfig, name: string, ctx: Ctx): void {
  const component = state.components.get(name)
  if (component === undefined || component.up) return
  component.up = true
  component.restartAt = 0
  const path = manifestOf(config, name)
  if (path !== undefined) {
    writeFile(sim, controlPlaneHost, path, component.moved, ctx)
    component.moved = ''
    return
  }
  startComponent(config, name, ctx)
}

/**
 * A component in a static pod: a crash ends its process, and the kubelet starts the container again; to stop it, its manifest is moved
 * out of the kubelet's directory, as one does on such a machine. The process is ended at once, though the kubelet may be down.
 */
function breakContained(sim: Simulation, config: ClusterConfig, name: string, component: ComponentState, crash: boolean, ctx: Ctx): void {
  const up = ctx.isUp(name)
  if (!crash) {
    const path = manifestOf(config, name) as string
    component.up = false
    component.moved = fileOf(sim, controlPlaneHost, path) ?? ''
    writeFile(sim, controlPlaneHost, path, null, ctx)
  } else if (up) {
    component.crashes++
    component.crashedAt = ctx.now
  }
  if (!up) return
  // A panic of a Go program ends with 2.
  const ended: ProcessEnded = { type: 'cri/process-ended', process: name, code: crash ? 2 : 0 }
  sim.post(`containerd@${controlPlaneHost}`, ended, ctx.cause)
  ctx.kill(name)
}

/** A file of a machine, whether it has power or not. */
function fileOf(sim: Simulation, node: string, path: string): string | undefined {
  return sim.stateOf<ContainerdState>(`containerd@${node}`)?.hostFiles.files?.get(path) ?? sim.stateOf<DiskState>(`disk@${node}`)?.volumes.get('')?.get(path)
}

function writeFile(sim: Simulation, node: string, path: string, text: string | null, ctx: Ctx): void {
  const runtime = `containerd@${node}`
  if (ctx.isUp(runtime)) return sim.post(runtime, { type: 'cri/host-file', path, text } as HostFileMessage, ctx.cause)
  sim.post(`disk@${node}`, { type: 'disk/volume-write', id: '', path, text, from: '' } as Message, ctx.cause)
}

function isolate(sim: Simulation, host: string, ctx: Ctx): void {
  cut(sim.state, host)
  const giveUpLater: GiveUp = { type: 'cluster/give-up', host, since: ctx.now }
  ctx.after(deadConnectionAfter, giveUpLater)
}

/** The connections over a lasting cut break at both ends. */
export function breakConnections(sim: Simulation, message: GiveUp, ctx: Ctx): void {
  const cuts = (sim.state.network as { cut: Map<string, number> }).cut
  if (cuts.get(message.host) !== message.since) return
  for (const { tell, peer } of giveUp(sim, message.host)) sim.post(tell, { type: 'disconnected', peer } as Message, ctx.cause)
}

/** Host on which the control plane runs. */
export { controlPlaneHost }
