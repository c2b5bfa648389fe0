import type { LaunchVerdict, RunningContainer } from '../../cri'
import { controlPlaneHost, etcdMembers, machineAddress } from '../boot'
import type { ClusterConfig } from '../config'
import { readCommandLine } from './command-line'
import { launchControllerManager } from './controller-manager'
import { launchEtcd } from './etcd'
import { componentFlags } from './flags'
import { launchApiserver } from './kube-apiserver'
import { launchScheduler } from './kube-scheduler'
import { fails, type Launch } from './launch'

/** Components by their process; etcd's first member is the one with a container. */
const components: Readonly<Record<string, { readonly program: string; readonly start: (launch: Launch) => LaunchVerdict }>> = {
  'kube-apiserver': { program: 'kube-apiserver', start: launchApiserver },
  'kube-controller-manager': { program: 'kube-controller-manager', start: launchControllerManager },
  'kube-scheduler': { program: 'kube-scheduler', start: launchScheduler },
  'etcd-0': { program: 'etcd', start: launchEtcd },
}

/** What becomes of a component of the control plane that a container is: its command line is read, its files are looked for. Undefined: it is none. */
export function launch(config: ClusterConfig, process: string, { spec, files }: RunningContainer): LaunchVerdict | undefined {
  const component = Object.hasOwn(components, process) ? components[process] : undefined
  const node = config.nodes.find((n) => n.name === controlPlaneHost)
  if (component === undefined || node === undefined) return undefined
  const { program, start } = component
  const words = spec.command.length > 0 ? [...spec.command.slice(1), ...spec.args] : spec.args
  const line = readCommandLine(words, componentFlags[program] ?? new Map(), program)
  if ('error' in line) return wrongLine(program, line.error)
  const volumeAt = (path: string): string | undefined => {
    const mount = files.mountOf(path)
    return mount?.volume.source.kind === 'host' ? mount.sub + path.slice(mount.path.length) : undefined
  }
  return start({ line, read: (path) => files.get(path), volumeAt, address: machineAddress(config, node), node: node.name, members: etcdMembers(config) })
}

/** kube-apiserver says what is wrong and no more, the others show their usage before it. Upstream: component-base/cli/run.go, Go's flag package */
function wrongLine(program: string, error: string): LaunchVerdict {
  if (program === 'etcd') return { ...fails(error, 50_000, 2), lines: [error, 'Usage:', '', '  etcd [OPTIONS]', '    Start an etcd server.'] }
  if (program === 'kube-apiserver') return fails(`Error: ${error}`)
  return { ...fails(''), lines: ['Usage:', `  ${program} [flags]`, '', `Error: ${error}`] }
}
