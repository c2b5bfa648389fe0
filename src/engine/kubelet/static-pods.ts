import { jsonKind, readYaml, sha256 } from '../apimachinery'
import { decodeStrict, type Pod } from '../api'
import type { Ctx } from '../sim'
import { configAnnotations, podKey } from './pod'
import { addPod, podGone } from './pod-workers'
import type { KubeletState } from './state'

/** Most manifests that a node reads. */
const mostManifests = 100

/**
 * A file in the directory of manifests was found, changed, or is gone (null). A changed one is another pod: the old one is ended first.
 * A file that cannot be read as a pod stands for none; the kubelet's log tells why, and nothing else does.
 * Upstream: pkg/kubelet/config/file.go, file_linux.go
 */
export function manifestChanged(state: KubeletState, path: string, text: string | null, ctx: Ctx): void {
  const read = text === null || ignored(path) || state.manifests.size >= mostManifests ? undefined : podOf(state, path, text, ctx)
  const pod = typeof read === 'object' ? read : undefined
  if (typeof read === 'string') complain(state, path, read, ctx)
  else state.manifestErrors.delete(path)
  const before = state.manifests.get(path)
  if (before === pod?.metadata.uid) return
  if (before !== undefined) removeStatic(state, path, before, ctx)
  if (pod === undefined) return
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

/** Upstream: file.go, common.go; the whole directory is read again every 20 s, and each time it is told. */
function complain(state: KubeletState, path: string, why: string, ctx: Ctx): void {
  const text = why.startsWith('invalid pod: ') ? why : `${path}: couldn't parse as pod(${why}), please check config file`
  ctx.trace({ kind: 'local', what: `Could not process manifest file ${path}: ${text}` })
  state.manifestErrors.set(path, Object.freeze({ at: ctx.now, text }))
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

/** A manifest as the pod that the kubelet runs, or why it is none. Upstream: pkg/kubelet/config/common.go tryDecodeSinglePod, applyDefaults */
function podOf(state: KubeletState, path: string, text: string, ctx: Ctx): Pod | string {
  const read = readYaml(text)
  if (read.error !== undefined) return read.error
  const given = read.value as Partial<Pod> | null
  if (given === null || typeof given !== 'object' || Array.isArray(given)) return `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonKind(given)} into Go value of type struct { APIVersion string "json:"apiVersion,omitempty""; Kind string "json:"kind,omitempty"" }`
  if (!given.kind) return `Object 'Kind' is missing in '${JSON.stringify(given)}'`
  if (!given.apiVersion) return `Object 'apiVersion' is missing in '${JSON.stringify(given)}'`
  if (given.apiVersion !== 'v1' || given.kind !== 'Pod') return given.apiVersion === 'v1' && /^(ConfigMap|Secret|Service|Namespace|Node|PersistentVolume(Claim)?|ServiceAccount|ReplicationController|Endpoints|Event|LimitRange|ResourceQuota)$/.test(given.kind) ? `invalid pod: &core.${given.kind}{}` : `no kind "${given.kind}" is registered for version "${given.apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`
  // As the kubelet's decoder does: what does not fit is an error, what it does not know is left out.
  const decoded = decodeStrict('Pod', given)
  if (decoded.error !== undefined) return decoded.error
  return runnable(state, path, text, decoded.object as Partial<Pod>, ctx)
}

/** The pod of a decoded manifest. Upstream: pkg/kubelet/config/common.go applyDefaults */
function runnable(state: KubeletState, path: string, text: string, given: Partial<Pod>, ctx: Ctx): Pod | string {
  const problems = problemsOf(given)
  if (problems.length > 0) return `invalid pod: ${problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`}`
  if (given.metadata === undefined || given.spec === undefined) return 'invalid pod'
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

/** The faults without which there is nothing to run; all others are the API server's to find. Upstream: pkg/apis/core/validation ValidatePodCreate */
function problemsOf({ metadata, spec }: Partial<Pod>): string[] {
  const out: string[] = []
  if (!metadata?.name) out.push('metadata.name: Required value: name or generateName is required')
  const containers = spec?.containers
  if (!Array.isArray(containers) || containers.length === 0) return [...out, 'spec.containers: Required value']
  const names = new Set<string>()
  const volumes = new Set<string>()
  for (const [i, v] of (spec?.volumes ?? []).entries()) {
    if (!v.name) out.push(`spec.volumes[${i}].name: Required value`)
    else if (volumes.has(v.name)) out.push(`spec.volumes[${i}].name: Duplicate value: "${v.name}"`)
    volumes.add(v.name)
    if (v.hostPath && !v.hostPath.path) out.push(`spec.volumes[${i}].hostPath.path: Required value`)
    if (v.nfs && !v.nfs.path) out.push(`spec.volumes[${i}].nfs.path: Required value`)
    if (v.persistentVolumeClaim && !v.persistentVolumeClaim.claimName) out.push(`spec.volumes[${i}].persistentVolumeClaim.claimName: Required value`)
  }
  for (const field of ['initContainers', 'containers'] as const)
    for (const [i, c] of (spec?.[field] ?? []).entries()) {
      const at = `spec.${field}[${i}]`
      if (!c.name) out.push(`${at}.name: Required value`)
      else if (names.has(c.name)) out.push(`${at}.name: Duplicate value: "${c.name}"`)
      names.add(c.name)
      if (!c.image) out.push(`${at}.image: Required value`)
      for (const [j, m] of (c.volumeMounts ?? []).entries()) {
        if (!m.name) out.push(`${at}.volumeMounts[${j}].name: Required value`)
        else if (!volumes.has(m.name)) out.push(`${at}.volumeMounts[${j}].name: Not found: "${m.name}"`)
        if (!m.mountPath) out.push(`${at}.volumeMounts[${j}].mountPath: Required value`)
      }
      for (const which of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
        const probe = c[which]
        if (probe && !probe.exec && !probe.httpGet && !probe.tcpSocket && !probe.grpc) out.push(`${at}.${which}: Required value: must specify a handler type`)
        if (probe?.httpGet && !probe.httpGet.port) out.push(`${at}.${which}.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive`)
        if (probe?.exec && !probe.exec.command?.length) out.push(`${at}.${which}.exec.command: Required value`)
      }
      for (const [j, p] of (c.ports ?? []).entries()) if (!p.containerPort) out.push(`${at}.ports[${j}].containerPort: Required value`)
    }
  return out
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
