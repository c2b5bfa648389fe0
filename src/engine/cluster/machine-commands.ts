import { formatTime, klogHead, type Message, type Micros } from '../sim'
import { goQuote, humanDuration } from '../apimachinery'
import { nodeUsage, type ContainerdState, type MachineAnswer, type MachineQuestion, type PodSandbox, type RunningContainer } from '../cri'
import type { KubeletState } from '../kubelet'
import { machineAddress } from './boot'
import type { Fault } from './faults'
import type { ClusterReaders } from './readers'

/** What the commands of a machine may look at. */
interface Machine {
  readonly cluster: ClusterReaders
  readonly node: string
  readonly args: readonly string[]
  readonly runtime: ContainerdState
  /** Undefined while it is down. */
  readonly kubelet: KubeletState | undefined
}

const answer = (stdout: string, code = 0, stderr = '', faults: readonly Fault[] = []): MachineAnswer => ({ code, stdout, stderr, inputs: faults.map((fault) => ({ type: 'cluster/input', input: Object.freeze({ type: 'fault', fault }) }) as unknown as Message) })
const refuse = (stderr: string, code = 1): MachineAnswer => answer('', code, stderr)

/** Runs a command of a machine for who is root there. Undefined: it has none of that name. */
export function askMachine(cluster: ClusterReaders, question: MachineQuestion): MachineAnswer | undefined {
  const [name = '', ...args] = question.words
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  const runtime = cluster.sim.stateOf<ContainerdState>(`containerd@${question.node}`)
  if (command === undefined || runtime === undefined) return undefined
  const up = cluster.sim.state.processes.get(`kubelet@${question.node}`)?.up === true
  return command({ cluster, node: question.node, args, runtime, kubelet: up ? cluster.sim.stateOf<KubeletState>(`kubelet@${question.node}`) : undefined })
}

const commands: Readonly<Record<string, (m: Machine) => MachineAnswer | undefined>> = {
  systemctl, journalctl, crictl,
  service: ({ args, ...m }) => systemctl({ ...m, args: [args[1] ?? '', args[0] ?? ''] }),
  kubelet: ({ args }) => (args[0] === '--version' ? answer('Kubernetes v1.36.2\n') : refuse('The kubelet is a service of this machine: systemctl status kubelet.\n')),
  kubeadm: ({ args }) => (args[0] === 'version' ? answer('kubeadm version: &version.Info{Major:"1", Minor:"36", GitVersion:"v1.36.2", GitTreeState:"clean", Compiler:"gc", Platform:"linux/amd64"}\n') : refuse('kubeadm has set this cluster up; nodes are added, removed and restarted on the map.\n')),
  hostname: (m) => answer(`${m.args.some((a) => /^-[iI]$/.test(a)) ? addressOf(m) : m.node}\n`),
  ip: (m) => answer(`1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\n    inet 127.0.0.1/8 scope host lo\n2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP\n    inet ${addressOf(m)}/16 scope global eth0\n`),
  ps, free,
  which: ({ args }) => (args.every((a) => Object.hasOwn(commands, a)) ? answer(args.map((a) => `/usr/bin/${a}\n`).join('')) : undefined),
  poweroff: ({ node }) => answer('', 0, '', [{ kind: 'node-shutdown', node }]),
}

function addressOf({ cluster, node }: Machine): string {
  const config = cluster.state.nodes.get(node)?.config
  return config === undefined ? '' : machineAddress(cluster.config, config)
}

/** `ps`: the machine's daemons, and the first process of each container. */
function ps({ runtime, kubelet, args }: Machine): MachineAnswer {
  const rows: (readonly [string, number, string])[] = [['root', 1, '/sbin/init'], ['root', 731, '/usr/local/bin/containerd']]
  if (kubelet !== undefined) rows.push(['root', 1042, '/usr/bin/kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml'])
  let pid = 2000
  for (const pod of runtime.pods.values())
    for (const { view, spec } of pod.containers) {
      pid += 7
      if (view.state === 'running') rows.push([spec.user ? String(spec.user) : 'root', pid, [...spec.command, ...spec.args].join(' ').replace(/\s+/g, ' ') || (view.image.split('/').at(-1) ?? '').replace(/:.*$/, '')])
    }
  const letters = args.join('')
  if (/^a|u/.test(letters) && !letters.startsWith('-')) return answer(`USER         PID TTY      STAT   TIME COMMAND\n${rows.map(([user, id, line]) => `${user.padEnd(8)} ${String(id).padStart(7)} ?        Ss     0:00 ${line}\n`).join('')}`)
  if (/^-\w*[ef]/.test(letters)) return answer(`UID          PID TTY          TIME CMD\n${rows.map(([user, id, line]) => `${user.padEnd(8)} ${String(id).padStart(7)} ?        00:00:00 ${line}\n`).join('')}`)
  return answer('    PID TTY          TIME CMD\n   3001 pts/0    00:00:00 bash\n   3002 pts/0    00:00:00 ps\n')
}

/** `free`: the machine's memory, as its containers use it. Units: KiB; MiB with -m. */
function free({ runtime, cluster, args }: Machine): MachineAnswer {
  const unit = args.includes('-m') ? 1024 ** 2 : 1024
  const total = Math.round((runtime.params.node.memoryBytes ?? 4 * 1024 ** 3) / unit)
  const used = Math.min(total, Math.round(nodeUsage(runtime, cluster.sim.state.now).memoryBytes / unit))
  const column = (...values: (string | number)[]): string => values.map((v) => String(v).padStart(12)).join('')
  return answer(`       ${column('total', 'used', 'free', 'available')}\nMem:   ${column(total, used, total - used, total - used)}\nSwap:  ${column(0, 0, 0, '')}\n`.replace(/ +\n/g, '\n'))
}

const units: Readonly<Record<string, string>> = { kubelet: 'kubelet: The Kubernetes Node Agent', containerd: 'containerd container runtime' }

const unitOf = (text: string | undefined): string => (text ?? '').replace(/\.service$/, '')

/** `systemctl`: the kubelet is started and stopped; the container runtime is shown. */
function systemctl(m: Machine): MachineAnswer {
  const [verb = 'list-units', ...rest] = m.args.filter((a) => !a.startsWith('-'))
  const unit = unitOf(rest[0])
  if (verb === 'daemon-reload') return answer('')
  if (verb === 'poweroff') return answer('', 0, '', [{ kind: 'node-shutdown', node: m.node }])
  if (verb === 'list-units') return answer(Object.keys(units).map((u) => `  ${`${u}.service`.padEnd(20)} loaded ${isActive(m, u) ? 'active   running' : 'inactive dead   '} ${units[u]}\n`).join(''))
  if (unit === '') return refuse('Too few arguments.\n')
  if (!Object.hasOwn(units, unit)) return verb === 'status' ? refuse(`Unit ${unit}.service could not be found.\n`, 4) : refuse(`Failed to ${verb} ${unit}.service: Unit ${unit}.service not found.\n`, 5)
  const active = isActive(m, unit)
  const stop: Fault = { kind: 'kubelet-stop', node: m.node }
  const start: Fault = { kind: 'kubelet-start', node: m.node }
  switch (verb) {
    case 'status': return answer(status(m, unit), active ? 0 : 3)
    case 'is-active': return answer(active ? 'active\n' : 'inactive\n', active ? 0 : 3)
    case 'is-enabled': return answer('enabled\n')
    case 'cat': return answer(unit === 'kubelet' ? kubeletUnit : '# /usr/lib/systemd/system/containerd.service\n[Service]\nExecStart=/usr/local/bin/containerd\n')
    case 'enable':
      return answer('', 0, '', m.args.includes('--now') && unit === 'kubelet' && !active ? [start] : [])
    case 'start':
    case 'stop':
    case 'restart':
    case 'try-restart':
    case 'reload-or-restart':
      if (unit !== 'kubelet') return verb === 'start' ? answer('') : refuse(`Failed to ${verb} ${unit}.service: the container runtime keeps this machine's files here and cannot be stopped; power the node off on the map instead.\n`)
      return answer('', 0, '', verb === 'start' ? [start] : verb === 'stop' ? [stop] : [stop, start])
    default: return refuse(`Unknown command verb '${verb}'.\n`)
  }
}

const kubeletUnit = `# /usr/lib/systemd/system/kubelet.service
[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`

const isActive = (m: Machine, unit: string): boolean => unit !== 'kubelet' || (m.kubelet !== undefined && (m.kubelet.failed === null || !m.kubelet.failed.restarts))

/** `2026-01-01 09:00:00 UTC` */
const stamp = (cluster: ClusterReaders, at: Micros): string => `${['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'][Math.floor((cluster.sim.state.epoch + at) / 86_400_000_000) % 7] ?? ''} ${isoOf(cluster, at).replace('T', ' ').replace('Z', ' UTC')}`
const isoOf = (cluster: ClusterReaders, at: Micros): string => formatTime(cluster.sim.state.epoch + at)

const monthOf = (iso: string): string => 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')[Number(iso.slice(5, 7)) - 1] ?? ''

function status(m: Machine, unit: string): string {
  const since = unit === 'kubelet' ? m.kubelet?.startedAt : 0
  const { cluster } = m
  const ago = since === undefined ? '' : `since ${stamp(cluster, since)}; ${humanDuration((cluster.sim.state.now - since) / 1_000_000)} ago`
  const lines = [
    `${since === undefined ? '○' : '●'} ${unit}.service - ${units[unit]}`,
    `     Loaded: loaded (/usr/lib/systemd/system/${unit}.service; enabled; preset: enabled)`,
    ...(unit === 'kubelet' ? ['    Drop-In: /usr/lib/systemd/system/kubelet.service.d', '             └─10-kubeadm.conf'] : []),
    since === undefined ? '     Active: inactive (dead)' : unit === 'kubelet' && !isActive(m, unit) ? `     Active: activating (auto-restart) (Result: exit-code) ${ago}` : `     Active: active (running) ${ago}`,
    `       Docs: ${unit === 'kubelet' ? 'https://kubernetes.io/docs/' : 'https://containerd.io'}`,
    ...(since === undefined ? [] : [`   Main PID: ${unit === 'kubelet' ? 1042 : 731} (${unit})`]),
  ]
  const said = unit === 'kubelet' ? journal(m).slice(-10) : []
  return `${lines.join('\n')}\n${said.length > 0 ? `\n${said.join('\n')}\n` : ''}`
}

/** What the kubelet's journal would end with, as far as its state tells: its start, its registration, and what it cannot do now. */
function journal(m: Machine): readonly string[] {
  const { kubelet, cluster, node } = m
  if (kubelet === undefined) return []
  const wall = (at: Micros): Micros => cluster.sim.state.epoch + at
  const line = (at: Micros, who: string, text: string): string => `${monthOf(isoOf(cluster, at))} ${isoOf(cluster, at).slice(8, 19).replace('T', ' ')} ${node} ${who}: ${text}`
  const head = (at: Micros, level = 'I'): string => klogHead(wall(at), 1042, level)
  const start = kubelet.startedAt
  const out = [line(start, 'systemd[1]', 'Started kubelet.service - kubelet: The Kubernetes Node Agent.'), line(start, 'kubelet[1042]', `${head(start)} server.go:530] "Kubelet version" kubeletVersion="v1.36.2"`)]
  if (kubelet.failed) {
    const { at, where, text } = kubelet.failed
    out.push(line(at, 'kubelet[1042]', `${head(at, 'E')} ${where}] ${text}`))
    if (kubelet.failed.restarts) out.push(line(at, 'systemd[1]', 'kubelet.service: Main process exited, code=exited, status=1/FAILURE'), line(at, 'systemd[1]', "kubelet.service: Failed with result 'exit-code'."))
    return out
  }
  if (!kubelet.registered) out.push(line(cluster.sim.state.now, 'kubelet[1042]', `${head(cluster.sim.state.now, 'E')} kubelet_node_status.go:107] "Unable to register node with API server" err="Post \\"https://10.0.0.10:6443/api/v1/nodes\\": dial tcp 10.0.0.10:6443: connect: connection refused" node="${node}"`))
  else out.push(line(start, 'kubelet[1042]', `${head(start)} kubelet_node_status.go:78] "Successfully registered node" node="${node}"`))
  for (const [path, { at, text }] of kubelet.manifestErrors) out.push(line(at, 'kubelet[1042]', `${head(at, 'E')} file.go:187] "Could not process manifest file" err=${goQuote(text)} path="${path}"`))
  for (const worker of kubelet.workers.values())
    for (const [name, { reason, message }] of worker.reasons) {
      if (name.startsWith('\0') || !/BackOff|Err|Error/.test(reason)) continue
      const pod = `${worker.pod.metadata.name}_${worker.pod.metadata.namespace}(${worker.uid})`
      const now = cluster.sim.state.now
      out.push(line(now, 'kubelet[1042]', `${head(now, 'E')} pod_workers.go:1324] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"${name}\\" with ${reason}: \\"${message.replaceAll('"', '\\\\\\"')}\\"" pod="${worker.key}" podUID="${worker.uid}"${reason === 'CrashLoopBackOff' ? '' : ` pod_id="${pod}"`}`))
    }
  return out
}

/** `journalctl -u kubelet`, with -n; what it follows does not come by itself. */
function journalctl(m: Machine): MachineAnswer {
  const { args } = m
  const at = args.findIndex((a) => a === '-u' || a === '--unit')
  const unit = unitOf(at >= 0 ? args[at + 1] : (args.find((a) => /^(-u|--unit=)./.test(a))?.replace(/^(-u|--unit=)/, '') ?? args.map((a) => /^-\w*u$/.exec(a) && args[args.indexOf(a) + 1]).find((u) => typeof u === 'string') ?? 'kubelet'))
  if (unit !== 'kubelet') return answer('-- No entries --\n')
  const lines = journal(m)
  const n = args.findIndex((a) => a === '-n' || a === '--lines')
  const most = n >= 0 ? Number(args[n + 1]) : Number(args.find((a) => /^(-n|--lines=)\d+$/.test(a))?.replace(/^\D+/, '') ?? Infinity)
  return answer(lines.length === 0 ? '-- No entries --\n' : `${(most === Infinity ? lines : lines.slice(-most)).join('\n')}\n`)
}

interface Listed {
  readonly pod: PodSandbox
  readonly container: RunningContainer
}

const short = (id: string): string => id.slice(0, 13)

/** `crictl`: pods, ps, images, logs of the runtime's own records. */
function crictl(m: Machine): MachineAnswer {
  const { runtime, cluster } = m
  const args = m.args.filter((a, i) => !/^(-r|--runtime-endpoint|-i|--image-endpoint)$/.test(a) && !/^(-r|--runtime-endpoint|-i|--image-endpoint)$/.test(m.args[i - 1] ?? ''))
  const [verb = ''] = args.filter((a) => !a.startsWith('-'))
  const value = (...names: string[]): string | undefined => args[args.findIndex((a) => names.includes(a)) + 1 || -1] ?? args.find((a) => names.some((n) => a.startsWith(`${n}=`)))?.replace(/^[^=]*=/, '')
  const all = [...runtime.pods.values()].flatMap((pod) => pod.containers.map((container): Listed => ({ pod, container }))).toSorted((a, b) => b.container.view.startedAt - a.container.view.startedAt)
  const ago = (at: Micros): string => `${crictlAge((cluster.sim.state.now - at) / 1_000_000)} ago`
  const name = value('--name')
  const quiet = args.includes('-q') || args.includes('--quiet')
  switch (verb) {
    case 'ps': {
      const wide = args.some((a) => /^-\w*a/.test(a) || a === '--all')
      const pod = value('--pod', '-p')
      const rows = all.filter(({ container: { view }, pod: p }) => (wide || view.state === 'running') && (name === undefined || view.name.includes(name)) && (pod === undefined || p.id.startsWith(pod)))
      if (quiet) return answer(rows.map(({ container }) => `${container.view.id}\n`).join(''))
      return answer(table([['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'], ...rows.map(({ pod: p, container: { view } }) => [short(view.id), view.image.replace(/^(docker\.io\/library\/|docker\.io\/)/, ''), ago(view.startedAt), view.state === 'running' ? 'Running' : 'Exited', view.name, String(view.attempt), short(p.id), p.name, p.namespace])]))
    }
    case 'pods': {
      const rows = [...runtime.pods.values()].filter((p) => name === undefined || p.name.includes(name)).toSorted((a, b) => b.createdAt - a.createdAt)
      if (quiet) return answer(rows.map((p) => `${p.id}\n`).join(''))
      return answer(table([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...rows.map((p) => [short(p.id), ago(p.createdAt), p.ready ? 'Ready' : 'NotReady', p.name, p.namespace, String(p.attempt), '(default)'])]))
    }
    case 'images':
    case 'img':
      return answer(table([['IMAGE', 'TAG', 'SIZE'], ...[...runtime.images].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([image, size]) => [image.replace(/:[^/:]*$/, ''), /:([^/:]*)$/.exec(image)?.[1] ?? 'latest', `${(size / 1_000_000).toFixed(1)}MB`])]))
    case 'logs': {
      const id = args.filter((a, i) => !a.startsWith('-') && args[i - 1] !== '--tail' && args[i - 1] !== '-n')[1]
      if (id === undefined) return refuse('crictl: ID cannot be empty\n')
      const found = all.find(({ container }) => container.view.id.startsWith(id))
      if (found === undefined) return refuse(`E log.go:32] "ContainerStatus from runtime service failed" err="rpc error: code = NotFound desc = an error occurred when try to find container \\"${id}\\": not found" containerID="${id}"\nfatal: rpc error: code = NotFound desc = an error occurred when try to find container "${id}": not found\n`)
      const tail = Number(value('--tail', '-n') ?? Infinity)
      const lines = found.container.log.map((l) => l.text + (l.partial ? '' : '\n'))
      return answer((tail === Infinity ? lines : lines.slice(-tail)).join(''))
    }
    case 'version': return answer('Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  2.1.4\nRuntimeApiVersion:  v1\n')
    case '': return answer('NAME:\n   crictl - client for CRI\n\nCOMMANDS here:\n   images, logs, pods, ps, version\n')
    default: return refuse(`crictl: ${verb} is not known here; ps, pods, images, logs and version are\n`)
  }
}

/** `5 minutes`, `About an hour`, as crictl says how long ago something was. Upstream: docker/go-units HumanDuration */
function crictlAge(seconds: number): string {
  if (seconds < 1) return 'Less than a second'
  if (seconds < 2) return '1 second'
  if (seconds < 60) return `${Math.floor(seconds)} seconds`
  const minutes = Math.floor(seconds / 60)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  return hours < 24 * 7 * 2 ? `${Math.floor(hours / 24)} days` : `${Math.floor(hours / 24 / 7)} weeks`
}

function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const r of rows) for (const [i, c] of r.entries()) widths[i] = Math.max(widths[i] ?? 0, c.length)
  return rows.map((r) => `${r.map((c, i) => (i === r.length - 1 ? c : c.padEnd((widths[i] as number) + 4))).join('').trimEnd()}\n`).join('')
}
