import { listAt, type Thing } from '../api'
import { flagSpecs } from '../flags'
import { outputFormat, printerFor, printFlags } from '../print-flags'
import type { Command, Invocation } from '../verb'
import { textOf } from './logs'

/** Lists of a namespace that are dumped, their files and their paths. */
const LISTS: readonly (readonly [file: string, path: (ns: string) => string, kind: string, apiVersion: string])[] = [
  ['events', (ns) => `/api/v1/namespaces/${ns}/events`, 'EventList', 'v1'], ['replication-controllers', (ns) => `/api/v1/namespaces/${ns}/replicationcontrollers`, 'ReplicationControllerList', 'v1'],
  ['services', (ns) => `/api/v1/namespaces/${ns}/services`, 'ServiceList', 'v1'], ['daemonsets', (ns) => `/apis/apps/v1/namespaces/${ns}/daemonsets`, 'DaemonSetList', 'apps/v1'],
  ['deployments', (ns) => `/apis/apps/v1/namespaces/${ns}/deployments`, 'DeploymentList', 'apps/v1'], ['replicasets', (ns) => `/apis/apps/v1/namespaces/${ns}/replicasets`, 'ReplicaSetList', 'apps/v1'],
  ['pods', (ns) => `/api/v1/namespaces/${ns}/pods`, 'PodList', 'v1'],
]

/** `kubectl cluster-info dump`. Upstream: kubectl/pkg/cmd/clusterinfo/clusterinfo_dump.go */
export const dump: Command = {
  name: 'dump',
  flags: [...printFlags.map((f) => (f.name === 'output' ? { ...f, fallback: 'json' } : f)), ...flagSpecs('all-namespaces/A namespaces:list output-directory:string pod-running-timeout:duration=20s')],
  run(cmd) {
    const { flags, io, api } = cmd
    const directory = flags.string('output-directory')
    const toFiles = directory !== '' && directory !== '-'
    const { format } = outputFormat(flags)
    const extension = format === 'json' ? '.json' : format === 'yaml' ? '.yaml' : '.txt'
    const write = (name: string, print: () => void): void => (toFiles ? intoFile(cmd, `${directory}/${name}`, print) : print())
    const whole = (name: string, list: Thing, kind: string, apiVersion: string): void => {
      // Each is a command of its own to its printer.
      const printer = printerFor(flags, io, false)
      write(name + extension, () => {
        printer?.print({ ...list, apiVersion, kind })
        printer?.finish?.()
      })
    }
    whole('nodes', api.must({ verb: 'list', path: '/api/v1/nodes' }), 'NodeList', 'v1')
    const namespaces = flags.bool('all-namespaces') ? api.list('/api/v1/namespaces').items.map((n) => n.metadata.name) : flags.list('namespaces').length > 0 ? flags.list('namespaces') : ['kube-system', cmd.namespace]
    for (const ns of namespaces) {
      let pods: readonly Thing[] = []
      for (const [file, path, kind, apiVersion] of LISTS) {
        const list = api.must({ verb: 'list', path: path(ns) })
        if (file === 'pods') pods = listAt(list, 'items')
        whole(`${ns}/${file}`, list, kind, apiVersion)
      }
      for (const pod of pods) write(`${ns}/${pod.metadata.name}/logs.txt`, () => logs(cmd, ns, pod))
    }
    if (toFiles) io.out(`Cluster info dumped to ${directory}\n`)
  },
}

function logs({ io, api }: Invocation, namespace: string, pod: Thing): void {
  for (const container of [...listAt<{ name: string }>(pod, 'spec', 'initContainers'), ...listAt<{ name: string }>(pod, 'spec', 'containers')]) {
    io.out(`==== START logs for container ${container.name} of pod ${namespace}/${pod.metadata.name} ====\n`)
    const response = api.try({ verb: 'get', path: `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/log`, query: { container: container.name } })
    io.out(response.code === 200 ? textOf(response.body) : `Request log error: ${String((response.body as { message?: string }).message ?? '')}\n`)
    io.out(`==== END logs for container ${container.name} of pod ${namespace}/${pod.metadata.name} ====\n`)
  }
}

/** What is printed goes into a file, its directories are made. */
function intoFile({ io }: Invocation, path: string, print: () => void): void {
  const before = io.stdout
  io.stdout = ''
  try {
    print()
  } finally {
    const text = io.stdout
    io.stdout = before
    io.machine.makeDir(path.slice(0, path.lastIndexOf('/')), true)
    io.machine.write(path, text)
  }
}
