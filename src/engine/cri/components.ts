import { parseImage } from '../workloads'
import type { PodSandbox } from './state'

/** A cluster component that runs in a container: its container spawns a process of the simulation. */
export interface ContainerComponent {
  readonly kind: string
  process(node: string, pod: string): string
  params(node: string, pod: PodSandbox): unknown
}

/** Components by the last part of their image's name. One line for each. */
const components: Readonly<Record<string, ContainerComponent>> = {
  'kube-proxy': { kind: 'kube-proxy', process: (node) => `kube-proxy@${node}`, params: (node) => ({ node }) },
  coredns: { kind: 'coredns', process: (_node, pod) => `coredns@${pod}`, params: (node, pod) => ({ node, pod: pod.name, ip: pod.ip }) },
}

/** The component that an image is, if any. */
export function componentOf(image: string): ContainerComponent | undefined {
  return components[parseImage(image).base]
}
