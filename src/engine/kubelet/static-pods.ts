import { readYaml, sha256 } from '../apimachinery'
import type { Pod } from '../api'
import type { Ctx } from '../sim'
import { configAnnotations, podKey } from './pod'
import { addPod, podGone } from './pod-workers'
import type { KubeletState } from './state'

/** Most manifests that a node reads. */
const mostManifests = 100

/**
 * A file in the directory of manifests was found, changed, or is gone (null). A changed one is another pod: the old one is ended first.
 * A file that cannot be read as a pod stands for none, as upstream's log alone tells.
 * Upstream: pkg/kubelet/config/file.go, file_linux.go
 */
export function manifestChanged(state: KubeletState, path: string, text: string | null, ctx: Ctx): void {
  const pod = text === null || ignored(path) || state.manifests.size >= mostManifests ? undefined : podOf(state, path, text, ctx)
  const before = state.manifests.get(path)
  if (before === pod?.metadata.uid) return
  if (before !== undefined) removeStatic(state, path, before, ctx)
  if (pod === undefined) {
    // A file that is no pod: upstream tells only its own log.
    if (text !== null && !ignored(path)) ctx.trace({ kind: 'local', what: `Could not process manifest file ${path}` })
    return
  }
  const uid = pod.metadata.uid as string
  state.manifests.set(path, uid)
  // A pod of the same name is still ending: this one waits for its end. Upstream: pod_workers.go allowStaticPodStart
  if ([...state.workers.values()].some((w) => w.key === podKey(pod) && w.uid !== uid)) state.waitingStatic.set(uid, pod)
  else addPod(state, pod, ctx)
}

/** All manifests, after the runtime was reached: what is there is added, what is gone is ended. */
export function manifestsRead(state: KubeletState, files: readonly (readonly [string, string])[], ctx: Ctx): void {
  const found = new Set<string>()
  for (const [path, text] of files) {
    found.add(path)
    manifestChanged(state, path, text, ctx)
  }
  for (const path of state.manifests.keys()) if (!found.has(path)) manifestChanged(state, path, null, ctx)
}

function removeStatic(state: KubeletState, path: string, uid: string, ctx: Ctx): void {
  state.manifests.delete(path)
  state.waitingStatic.delete(uid)
  const worker = state.workers.get(uid)
  if (worker) podGone(state, worker.pod, ctx)
}

/** Files whose names begin with a dot are left alone; directories are not looked into. */
function ignored(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name === '' || name.startsWith('.')
}

/** A manifest as the pod that the kubelet runs. Undefined: it is none. Upstream: pkg/kubelet/config/common.go tryDecodeSinglePod, applyDefaults */
function podOf(state: KubeletState, path: string, text: string, ctx: Ctx): Pod | undefined {
  const read = readYaml(text)
  const given = read.error === undefined ? (read.value as Partial<Pod> | null) : null
  if (given === null || typeof given !== 'object' || given.apiVersion !== 'v1' || given.kind !== 'Pod' || !given.metadata?.name || !Array.isArray(given.spec?.containers) || given.spec.containers.length === 0) return undefined
  const uid = given.metadata.uid ?? hex(`${state.node}/${path}/${text}`)
  const annotations = { ...given.metadata.annotations, [configAnnotations.hash]: uid, [configAnnotations.seen]: ctx.wallMicroTime(), [configAnnotations.source]: 'file' }
  const spec = withDefaults(given.spec as Pod['spec'])
  return Object.freeze({
    apiVersion: 'v1', kind: 'Pod',
    metadata: { ...given.metadata, name: `${given.metadata.name}-${state.node}`, namespace: given.metadata.namespace ?? 'default', uid, annotations },
    // Nothing taints a static pod away.
    spec: { ...spec, nodeName: state.node, tolerations: [...(spec.tolerations ?? []), { effect: 'NoExecute', operator: 'Exists' }] },
    status: { phase: 'Pending' },
  }) as Pod
}

/** What the API server would fill in, and the kubelet works with. Upstream: pkg/apis/core/v1/defaults.go */
function withDefaults(spec: Pod['spec']): Pod['spec'] {
  const container = (c: Pod['spec']['containers'][number]) => ({
    ...c, imagePullPolicy: c.imagePullPolicy ?? (/:[^/]+$/.test(c.image ?? '') && !c.image?.endsWith(':latest') ? 'IfNotPresent' : 'Always'),
    ...(spec.hostNetwork && c.ports ? { ports: c.ports.map((p) => ({ ...p, hostPort: p.hostPort ?? p.containerPort, protocol: p.protocol ?? 'TCP' })) } : {}),
  })
  return {
    restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30, enableServiceLinks: true, ...spec,
    containers: spec.containers.map(container), ...(spec.initContainers ? { initContainers: spec.initContainers.map(container) } : {}),
  }
}

function hex(text: string): string {
  let out = ''
  for (const byte of sha256(text).slice(0, 16)) out += byte.toString(16).padStart(2, '0')
  return out
}
