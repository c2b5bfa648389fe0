import { parseImage } from './image'

/** Images of plain systems: without a command they run a shell, which ends at once for want of input. */
export const systems = new Set(['busybox', 'alpine', 'ubuntu', 'debian', 'bash', 'centos', 'fedora', 'amazonlinux', 'rockylinux', 'netshoot', 'dnsutils', 'jessie-dnsutils', 'network-multitool', 'multitool', 'python', 'perl', 'alpine-curl'])

/** True for images all of whose commands are known: what they do not have is not there. */
export function isKnownSystem(image: string): boolean {
  const { base } = parseImage(image)
  return systems.has(base) || base === 'nginx' || base === 'httpd'
}
