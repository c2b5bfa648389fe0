import { volumeFiles, type Volume } from '../workloads'

/** What lies at a path of a machine. */
export type HostPathKind = 'directory' | 'file' | 'socket' | 'character device' | 'block device' | 'nothing'

/** Directories that every machine has, whatever its volume of files says. Those above them are there too. */
const directories = new Set(['/bin', '/boot', '/dev/net', '/dev/pts', '/dev/shm', '/etc/cni/net.d', '/etc/containerd', '/etc/ssl/certs', '/etc/systemd/system', '/home', '/lib/modules', '/lib64', '/media', '/mnt', '/opt/cni/bin', '/root', '/run/containerd', '/run/flannel', '/run/lock', '/run/systemd', '/sbin', '/srv', '/tmp', '/usr/bin', '/usr/lib', '/usr/libexec', '/usr/local/bin', '/usr/sbin', '/usr/share', '/usr/src', '/var/cache', '/var/lib/cni', '/var/lib/containerd', '/var/lib/kubelet/device-plugins', '/var/lib/kubelet/plugins', '/var/lib/kubelet/plugins_registry', '/var/lib/kubelet/pods', '/var/log/containers', '/var/log/pods', '/var/run', '/var/spool', '/var/tmp'])
const files = new Set(['/etc/fstab', '/etc/group', '/etc/hostname', '/etc/hosts', '/etc/localtime', '/etc/machine-id', '/etc/os-release', '/etc/passwd', '/etc/resolv.conf', '/etc/timezone'])
const sockets = new Set(['/run/containerd/containerd.sock', '/run/systemd/private', '/run/dbus/system_bus_socket'])
const characterDevices = new Set(['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/tty', '/dev/console', '/dev/fuse', '/dev/kmsg', '/dev/net/tun'])
const blockDevices = new Set(['/dev/vda', '/dev/vda1', '/dev/loop0'])

/** What lies there: on every machine of this kind, or by what was written to this one. */
export function hostPathKind(machine: Volume, given: string): HostPathKind {
  const path = given.replace(/^\/var\/run(?=\/|$)/, '/run').replace(/(.)\/+$/, '$1')
  if (files.has(path)) return 'file'
  if (sockets.has(path)) return 'socket'
  if (characterDevices.has(path)) return 'character device'
  if (blockDevices.has(path)) return 'block device'
  // The kernel's own trees are not listed.
  if (path === '/' || /^\/(proc|sys)(\/|$)/.test(path) || directories.has(path)) return 'directory'
  const below = `${path}/`
  for (const d of directories) if (d.startsWith(below)) return 'directory'
  const own = volumeFiles(machine)
  if (own.has(below)) return 'directory'
  if (own.has(path)) return 'file'
  for (const key of own.keys()) if (key.startsWith(below)) return 'directory'
  return 'nothing'
}
