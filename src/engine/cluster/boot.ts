import { SECOND, type Behaviour, type Ctx, type Message, type Simulation } from '../sim'
import { Client } from '../client-go'
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

function etcdMembers(config: ClusterConfig): readonly string[] {
  return Array.from({ length: config.etcdMembers }, (_, i) => `etcd-${i}`)
}

/** Starts one component of the control plane as its supervisor would. */
export function startComponent(_sim: Simulation, config: ClusterConfig, name: string, ctx: Ctx): void {
  const members = etcdMembers(config)
  // A member's disk lives in its params, which outlive the process.
  if (name.startsWith('etcd-')) return ctx.spawn(name, 'etcd', controlPlaneHost, ctx.paramsOf(name) ?? etcdParams(name, members))
  if (name === 'kube-apiserver') return ctx.spawn(name, name, controlPlaneHost, { members })
  ctx.spawn(name, name, controlPlaneHost, {})
}

/** Starts what is not running of a node's agents: containerd, then the kubelet. */
export function startNode(_sim: Simulation, config: ClusterConfig, node: NodeConfig, ctx: Ctx): void {
  const params = { node, syncSeconds: config.kubeletSyncSeconds, pull: config.pull, immediateStop: config.immediateStop }
  if (!ctx.isUp(`containerd@${node.name}`)) ctx.spawn(`containerd@${node.name}`, 'containerd', node.name, params)
  if (!ctx.isUp(`kubelet@${node.name}`)) ctx.spawn(`kubelet@${node.name}`, 'kubelet', node.name, params)
  if (config.networkPolicy && !ctx.isUp(`cni@${node.name}`)) ctx.spawn(`cni@${node.name}`, 'cni-policy', node.name, { node: node.name })
}

/** Starts everything; the cluster then comes up by itself. */
export function bootCluster(sim: Simulation, config: ClusterConfig, state: ClusterState, ctx: Ctx): void {
  for (const name of componentNames(config)) {
    state.components.set(name, { up: true, crashes: 0, crashedAt: 0, restartAt: 0 })
    startComponent(sim, config, name, ctx)
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
