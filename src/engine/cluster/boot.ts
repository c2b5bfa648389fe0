import { SECOND, type Behaviour, type Ctx, type Message, type Simulation } from '../sim'
import { Client } from '../client-go'
import { kubeadmFiles, kubeletFiles } from './machine-files'
import { controlPlaneImages, controlPlaneManifests, manifestPath } from './manifests'
import { nodeAddress } from '../kubelet'
import { isEmulated, type HostComponent } from '../cri'
import { etcdParams } from '../etcd'
import { addonObjects, type AddonObject } from './addons'
import type { ClusterConfig, NodeConfig } from './config'
import type { ClusterState } from './state'

/** Machine of the control plane's processes. */
export const controlPlaneHost = 'control-plane'

/** Names of the control plane's components with these settings, in start order. */
export function componentNames(config: ClusterConfig): readonly string[] {
  return [...etcdMembers(config), 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', ...(config.cloud ? ['cloud-controller-manager'] : [])]
}

/** Ids of etcd's members. */
export function etcdMembers(config: ClusterConfig): readonly string[] {
  return Array.from({ length: config.etcdMembers }, (_, i) => `etcd-${i}`)
}

/** True where a node of the cluster is the control plane's machine: its kubelet runs the components in static pods, as kubeadm lays it out. */
export function hasStaticPods(config: ClusterConfig): boolean {
  return config.nodes.some((n) => n.name === controlPlaneHost)
}

/** The manifest of a component that runs in a static pod; undefined for those that a supervisor keeps: all where the control plane has no node, further members of etcd, the cloud's controllers. */
export function manifestOf(config: ClusterConfig, name: string): string | undefined {
  if (!hasStaticPods(config)) return undefined
  return name === 'etcd-0' ? manifestPath('etcd') : name.startsWith('etcd-') || name === 'cloud-controller-manager' ? undefined : manifestPath(name)
}

/** The machine of the control plane: its manifests, the images that kubeadm pulled before, and what its containers are. */
function controlPlaneMachine(config: ClusterConfig, node: NodeConfig): { readonly node: NodeConfig & { readonly files: Readonly<Record<string, string>> }; readonly components: Readonly<Record<string, HostComponent>> } {
  return {
    node: { ...node, images: [...(node.images ?? []), ...controlPlaneImages], files: { ...kubeletFiles(machineAddress(config, node), node.name, true), ...kubeadmFiles(machineAddress(config, node)), ...controlPlaneManifests({ address: machineAddress(config, node), node: node.name, members: etcdMembers(config) }) } },
    components: {
      etcd: { process: 'etcd-0', kind: 'etcd' },
      ...Object.fromEntries(['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => [name, { process: name, kind: name }])),
    },
  }
}

/** Address of the API server's machine, as its kubelets know it. */
function serverAddress(config: ClusterConfig): string {
  const machine = config.nodes.find((n) => n.name === controlPlaneHost)
  return machine ? machineAddress(config, machine) : '10.0.0.10'
}

/** Address of a machine. */
export function machineAddress(config: ClusterConfig, node: NodeConfig): string {
  return nodeAddress(agentParams(config, node))
}

function agentParams(config: ClusterConfig, node: NodeConfig) {
  return { node, syncSeconds: config.kubeletSyncSeconds, pull: config.pull, immediateStop: config.immediateStop, eviction: config.eviction }
}

/** Starts one component of the control plane as its supervisor would. */
export function startComponent(config: ClusterConfig, name: string, ctx: Ctx): void {
  // A member's disk lives in its params, which outlive the process.
  ctx.spawn(name, kindOf(name), controlPlaneHost, ctx.paramsOf(name) ?? paramsOf(config, name))
}

function kindOf(name: string): string {
  return name.startsWith('etcd-') ? 'etcd' : name
}

function paramsOf(config: ClusterConfig, name: string): unknown {
  const members = etcdMembers(config)
  if (name.startsWith('etcd-')) return etcdParams(name, members)
  if (name === 'kube-apiserver') return { members }
  // Nobody made certificates where kubeadm did not.
  if (name === 'kube-controller-manager' && !hasStaticPods(config)) return { settings: { selfSigned: true } }
  return { contained: manifestOf(config, name) !== undefined }
}

/** Starts what is not running of a node's agents: containerd, then the kubelet. */
export function startNode(_sim: Simulation, config: ClusterConfig, node: NodeConfig, ctx: Ctx): void {
  const agent = agentParams(config, node)
  const params = node.name === controlPlaneHost ? { ...agent, ...controlPlaneMachine(config, node) } : isEmulated(agent) ? agent : { ...agent, node: { ...node, files: kubeletFiles(serverAddress(config), node.name) } }
  if (!ctx.isUp(`containerd@${node.name}`)) ctx.spawn(`containerd@${node.name}`, 'containerd', node.name, params)
  if (!ctx.isUp(`kubelet@${node.name}`)) ctx.spawn(`kubelet@${node.name}`, 'kubelet', node.name, params)
  if (config.networkPolicy && !ctx.isUp(`cni@${node.name}`)) ctx.spawn(`cni@${node.name}`, 'cni-policy', node.name, { node: node.name })
}

/** Starts everything; the cluster then comes up by itself. */
export function bootCluster(sim: Simulation, config: ClusterConfig, state: ClusterState, ctx: Ctx): void {
  for (const name of componentNames(config)) {
    state.components.set(name, { up: true, crashes: 0, crashedAt: 0, restartAt: 0, moved: '' })
    // What the kubelet will start is known before: who calls it too early is refused.
    if (manifestOf(config, name) !== undefined) sim.declare(name, kindOf(name), controlPlaneHost, paramsOf(config, name))
    else startComponent(config, name, ctx)
  }
  for (const node of config.nodes) {
    state.nodes.set(node.name, { config: node, power: true, link: true })
    startNode(sim, config, node, ctx)
  }
  ctx.spawn('kubeadm', 'kubeadm', controlPlaneHost, { config } satisfies KubeadmParams)
}

interface KubeadmParams {
  readonly config: ClusterConfig
}

interface KubeadmState {
  readonly client: Client
  todo: readonly AddonObject[]
}

interface Next extends Message {
  readonly type: 'kubeadm/next'
}

/** kubeadm's last phase: creates the add-ons and the context's namespace, retrying until the API server answers, and ends. Upstream: cmd/kubeadm/app/phases/addons */
export const kubeadm: Behaviour<KubeadmState, KubeadmParams> = {
  kind: 'kubeadm',
  start(ctx, { config }) {
    const next: Next = { type: 'kubeadm/next' }
    ctx.after(6 * SECOND, next)
    return { client: new Client('kubernetes-admin', 'kubeadm'), todo: addonObjects(config) }
  },
  handle(state, message, ctx) {
    const next: Next = { type: 'kubeadm/next' }
    if (message.type === 'kubeadm/next') {
      const [first] = state.todo
      if (first === undefined) return ctx.kill(ctx.self)
      if (first.at !== undefined && ctx.now < first.at) {
        ctx.after(first.at - ctx.now, next)
        return
      }
      state.client.send(ctx, { verb: 'create', path: first.path, body: first.object }, next)
      return
    }
    for (const { response } of state.client.receive(message, ctx)) {
      const done = response.code === 201 || response.code === 409
      if (done) state.todo = state.todo.slice(1)
      ctx.after(done ? 0 : SECOND, next)
    }
  },
}
