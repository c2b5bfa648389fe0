import { parseImage } from './image'

/** Images of plain systems: without a command they run a shell, which ends at once for want of input. */
export const systems = new Set(['busybox', 'alpine', 'ubuntu', 'debian', 'bash', 'centos', 'fedora', 'amazonlinux', 'rockylinux', 'netshoot', 'dnsutils', 'jessie-dnsutils', 'network-multitool', 'multitool', 'python', 'perl', 'alpine-curl'])

/** True for images all of whose commands are known: what they do not have is not there. */
export function isKnownSystem(image: string): boolean {
  const { base } = parseImage(image)
  return systems.has(base) || base === 'nginx' || base === 'httpd'
}

/** Images that hold their own programs and nothing else, by the last part of their names. Upstream: the images' Dockerfiles */
const contents: Readonly<Record<string, readonly string[]>> = {
  'kube-apiserver': ['kube-apiserver', 'go-runner', 'kube-log-runner'], 'kube-controller-manager': ['kube-controller-manager', 'go-runner', 'kube-log-runner'], 'kube-scheduler': ['kube-scheduler', 'go-runner', 'kube-log-runner'],
  etcd: ['etcd', 'etcdctl', 'etcdutl', 'sh', 'bash', 'cp', 'cat', 'ls', 'mkdir', 'rm', 'echo'], coredns: ['coredns'], pause: ['pause'], 'metrics-server': ['metrics-server'],
}

/** What runc says of a program that an image is known not to have. */
export function notInside(image: string, executable: string): string | undefined {
  const { base, registry, repository, tag } = parseImage(image)
  const has = registry === 'registry.k8s.io' && Object.hasOwn(contents, base) ? contents[base] : repository.includes('distroless') && !tag.includes('debug') ? [] : undefined
  const name = executable.slice(executable.lastIndexOf('/') + 1)
  return has === undefined || has.includes(name) ? undefined : noSuchProgram(executable)
}

/** runc's words for a program that is not there. */
export const noSuchProgram = (executable: string): string => (executable.includes('/') ? `exec: "${executable}": stat ${executable}: no such file or directory` : `exec: "${executable}": executable file not found in $PATH`)
