import type { Container, Pod } from '../api'
import { runsAsRoot, type ContainerHost, type ContainerSpec, type VolumeGiven } from '../cri'
import { expand } from './env'
import { etcFiles } from './etc-files'
import { formatPod } from './pod'
import { limitsOf } from './resize'

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Hostname of a pod's containers. Upstream: kubelet_pods.go GeneratePodHostNameAndDomain; 63 characters at most */
function hostnameOf(pod: Pod): string {
  if (pod.spec.hostNetwork) return pod.spec.nodeName ?? ''
  const name = pod.spec.hostname || pod.metadata.name
  return name.length > 63 ? name.slice(0, 63).replace(/[-.]+$/, '') : name
}

const noGroups = {}

/** What the runtime is given to start a container. */
export function containerSpec(pod: Pod, container: Container, env: Record<string, string>): ContainerSpec {
  const ports: number[] = []
  for (const p of container.ports ?? []) ports.push(p.containerPort)
  const hostname = hostnameOf(pod)
  const ofPod = pod.spec.securityContext
  const user = container.securityContext?.runAsUser ?? ofPod?.runAsUser
  return Object.freeze({
    image: container.image ?? '', command: (container.command ?? []).map((c) => expand(c, env)), args: (container.args ?? []).map((c) => expand(c, env)),
    env: Object.freeze({ PATH: path, HOSTNAME: hostname, ...env, HOME: env.HOME ?? (user ? '/' : '/root') }),
    ports, hostname, workingDir: container.workingDir || '/', stdin: container.stdin === true, user,
    ...(ofPod === undefined && container.securityContext === undefined ? noGroups : { group: container.securityContext?.runAsGroup ?? ofPod?.runAsGroup, groups: ofPod?.supplementalGroups, fsGroup: ofPod?.fsGroup }),
  })
}

/** Volumes, limits and files of the machine for a container. */
export function containerHost(pod: Pod, container: Container, env: Readonly<Record<string, string>>, ip: string, volumes: readonly VolumeGiven[]): ContainerHost {
  const wanted = container.volumeMounts ?? []
  return Object.freeze({
    volumes: wanted.length === 0 ? [] : volumes.filter((v) => wanted.some((m) => m.name === v.name)),
    mounts: wanted.map((m) => {
      const sub = m.subPathExpr ? expand(m.subPathExpr, env) : (m.subPath ?? '')
      return { volume: m.name, path: m.mountPath, sub: sub === '' ? '' : `/${sub.replace(/^\/+|\/+$/g, '')}`, readOnly: m.readOnly === true }
    }),
    etc: etcFiles(pod, hostnameOf(pod), ip),
    readOnlyRoot: container.securityContext?.readOnlyRootFilesystem === true,
    ...limitsOf(container),
    terminationPath: container.terminationMessagePath ?? '/dev/termination-log', fallbackToLogs: container.terminationMessagePolicy === 'FallbackToLogsOnError',
  })
}

/** Why a container may not run as the user it would run as; undefined when it may. Upstream: pkg/kubelet/kuberuntime/security_context.go verifyRunAsNonRoot */
export function rootRefused(pod: Pod, container: Container): string | undefined {
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot
  if (nonRoot !== true) return undefined
  const user = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser
  if (user === 0) return `container's runAsUser breaks non-root policy (pod: "${formatPod(pod)}", container: ${container.name})`
  if (user === undefined && runsAsRoot(container.image ?? '')) return `container has runAsNonRoot and image will run as root (pod: "${formatPod(pod)}", container: ${container.name})`
  return undefined
}
