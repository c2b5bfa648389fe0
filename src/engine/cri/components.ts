import { parseImage, type ContainerSpec } from '../workloads'
import type { PodSandbox } from './state'

/** A cluster component that runs in a container: its container spawns a process of the simulation. */
export interface ContainerComponent {
  readonly kind: string
  process(node: string, pod: string): string
  params(node: string, pod: PodSandbox, spec: ContainerSpec): unknown
}

/** Components by the last part of their image's name. One line for each. */
const components: Readonly<Record<string, ContainerComponent>> = {
  'kube-proxy': { kind: 'kube-proxy', process: (node) => `kube-proxy@${node}`, params: (node, _pod, spec) => ({ node, mode: flag(spec, '--proxy-mode') }) },
  coredns: { kind: 'coredns', process: (_node, pod) => `coredns@${pod}`, params: (node, pod) => ({ node, pod: pod.name, ip: pod.ip }) },
  'metrics-server': { kind: 'metrics-server', process: (_node, pod) => `metrics-server@${pod}`, params: (_node, pod) => ({ pod: pod.name }) },
  'local-path-provisioner': { kind: 'local-path-provisioner', process: (_node, pod) => `local-path-provisioner@${pod}`, params: (_node, pod) => ({ pod: pod.name }) },
  'ingress-nginx-controller': { kind: 'ingress-controller', process: (_node, pod) => `ingress-controller@${pod}`, params: (node, pod, spec) => ({ node, namespace: pod.namespace, pod: pod.name, ip: pod.ip, publishService: flag(spec, '--publish-service'), ingressClass: flag(spec, '--ingress-class') }) },
}

/** The value of a flag of a container's command line. */
function flag(spec: ContainerSpec, name: string): string | undefined {
  return [...spec.command, ...spec.args].find((a) => a.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** The component that an image is, if any. */
export function componentOf(image: string): ContainerComponent | undefined {
  const { base, repository } = parseImage(image)
  return components[repository.endsWith('ingress-nginx/controller') ? 'ingress-nginx-controller' : base]
}
