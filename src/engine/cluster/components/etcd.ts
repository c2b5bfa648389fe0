import type { LaunchVerdict } from '../../cri'
import { fails, type Launch } from './launch'

/** Port at which the nth member of etcd serves its clients, and its peers. */
export const clientPort = (n: number): number => 2379 + 10 * n
export const peerPort = (n: number): number => 2380 + 10 * n

/** A line of etcd's log. Upstream: zap, with etcd's encoder */
const line = (level: string, caller: string, message: string, fields = ''): string => `{"level":"${level}","ts":"$TIME","caller":"${caller}","msg":${JSON.stringify(message)}${fields}}`

/** The end of an etcd that cannot start. Upstream: server/etcdmain/etcd.go startEtcdOrProxyV2 */
function fatal(error: string): LaunchVerdict {
  return fails(line('fatal', 'etcdmain/etcd.go:204', 'discovery failed', `,"error":${JSON.stringify(error)},"stacktrace":"go.etcd.io/etcd/server/v3/etcdmain.startEtcdOrProxyV2\\n\\tgo.etcd.io/etcd/server/v3/etcdmain/etcd.go:204\\ngo.etcd.io/etcd/server/v3/etcdmain.Main\\n\\tgo.etcd.io/etcd/server/v3/etcdmain/main.go:40\\nmain.main\\n\\tgo.etcd.io/etcd/server/v3/main.go:31\\nruntime.main\\n\\truntime/proc.go:283"`), 500_000)
}

/** What etcd does with its command line. The member's disk lies in its process. Upstream: server/etcdmain, server/embed */
export function launchEtcd(launch: Launch): LaunchVerdict {
  const { values } = launch.line
  for (const [cert, key, ca] of [['peer-cert-file', 'peer-key-file', 'peer-trusted-ca-file'], ['cert-file', 'key-file', 'trusted-ca-file']] as const)
    for (const flag of [cert, key, ca]) {
      const path = values.get(flag)
      if (path !== undefined && launch.read(path) === undefined) return fatal(`open ${path}: no such file or directory`)
    }
  const advertised = values.get('initial-advertise-peer-urls') ?? ''
  const name = values.get('name') ?? 'default'
  const cluster = (values.get('initial-cluster') ?? '').split(',').map((m) => m.split('='))
  const own = cluster.filter(([n]) => n === name).map(([, url]) => url)
  if (own.length === 0) return fatal(`couldn't find local name "${name}" in the initial cluster configuration`)
  if (!advertised.split(',').some((url) => own.includes(url))) return fatal(`--initial-cluster has ${own.map((u) => `${name}=${u}`).join(',')} but missing from --initial-advertise-peer-urls=${advertised} (resolved urls: "${own.join(',')}" != "${advertised}")`)
  const bad = [...(values.get('listen-client-urls') ?? '').split(','), ...(values.get('listen-peer-urls') ?? '').split(',')].find((url) => !/^https?:\/\/[^/:]+:\d+$/.test(url))
  if (bad !== undefined) return { ...fatal(''), lines: [line('warn', 'etcdmain/etcd.go:75', 'failed to verify flags', `,"error":${JSON.stringify(/^https?:\/\//.test(bad) ? `URL address does not have the form "host:port": ${bad}` : `URL scheme must be http, https, unix, or unixs: ${bad}`)}`)] }
  const elsewhere = (values.get('listen-peer-urls') ?? '').split(',').map((url) => /\/\/([^:]+):/.exec(url)?.[1] ?? '').find((host) => ![launch.address, '127.0.0.1', '0.0.0.0'].includes(host))
  if (elsewhere !== undefined) return fatal(`listen tcp ${elsewhere}:2380: bind: cannot assign requested address`)
  // Its own data, and no other: a member that begins anew is none of the others' cluster.
  const data = values.get('data-dir') ?? `${name}.etcd`
  const fresh = data !== '/var/lib/etcd' || launch.volumeAt(data) !== '/var/lib/etcd'
  if (fresh && launch.members.length > 1) return fatal('member 8e9e05c52164694d has already been bootstrapped')
  const clients = (values.get('listen-client-urls') ?? 'http://localhost:2379').split(',').map((url) => Number(/:(\d+)$/.exec(url)?.[1]))
  const metrics = (values.get('listen-metrics-urls') ?? '').split(',').filter(Boolean).map((url) => Number(/:(\d+)$/.exec(url)?.[1]))
  // Its peers find it at their port; the API server asks the others when its clients' port is another.
  return { ports: [...clients, ...metrics, peerPort(0)] }
}
