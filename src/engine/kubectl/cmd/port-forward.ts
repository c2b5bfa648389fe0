import { goQuote } from '../../apimachinery'
import { at, listAt, textAt, type Thing } from '../api'
import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { podNamed } from '../pods'
import type { LocalPort } from '../process'
import type { Command, Invocation } from '../verb'

function listen({ io }: Invocation, ports: readonly LocalPort[]): readonly number[] {
  const answer = io.ask('shell', { type: 'shell/forward', ports })
  return (answer?.['taken'] as readonly number[] | undefined) ?? []
}

function portOf(text: string, which: 'local' | 'remote'): number {
  if (/^\d+$/.test(text)) {
    if (Number(text) > 65_535) throw fail(`error parsing ${which} port '${text}': strconv.ParseUint: parsing ${goQuote(text)}: value out of range`)
    return Number(text)
  }
  throw fail(`error parsing ${which} port '${text}': strconv.ParseUint: parsing ${goQuote(text)}: invalid syntax`)
}

/** The pod's port behind a port, or port name, of the Service or the pod that was named. Upstream: translateServicePortToTargetPort, convertPodNamedPortToNumber */
function remotePort(text: string, object: Thing, pod: Thing): string {
  const named = (name: string): string | undefined => listAt(pod, 'spec', 'containers').flatMap((c) => listAt(c, 'ports')).filter((p) => p['name'] === name).map((p) => textAt(p, 'containerPort'))[0]
  if (object.kind === 'Service') {
    const port = listAt(object, 'spec', 'ports').find((p) => textAt(p, 'port') === text || p['name'] === text)
    if (port === undefined) throw fail(`Service ${object.metadata.name} does not have a service port ${text}`)
    if (at(object, 'spec', 'clusterIP') === 'None') return textAt(port, 'port')
    const target = textAt(port, 'targetPort') || textAt(port, 'port')
    const number = /^\d+$/.test(target) ? target : named(target)
    if (number === undefined) throw fail(`Service ${object.metadata.name} does not have a named port '${target}'`)
    return number
  }
  if (/^\d+$/.test(text)) return text
  const number = named(text)
  if (number === undefined) throw fail(`Pod '${pod.metadata.name}' does not have a named port '${text}'`)
  return number
}

/** Upstream: portforward.go checkUDPPorts */
function refuseUdp(object: Thing, port: string): void {
  const all = object.kind === 'Service' ? listAt(object, 'spec', 'ports') : listAt(object, 'spec', 'containers').flatMap((c) => listAt(c, 'ports'))
  const own = all.filter((p) => [textAt(p, 'port'), textAt(p, 'containerPort'), textAt(p, 'name')].includes(port))
  if (own.length > 0 && own.every((p) => p['protocol'] === 'UDP')) throw fail(`UDP protocol is not supported for ${port}`)
}

/** `kubectl port-forward`: holds its ports open until it is interrupted. Upstream: kubectl/pkg/cmd/portforward */
export const portForward: Command = {
  name: 'port-forward',
  complete: 'type/name',
  flags: flagSpecs('address:list=[localhost] pod-running-timeout:duration=1m0s'),
  run(cmd) {
    const { io } = cmd
    const [name, ...ports] = cmd.args
    if (name === undefined || ports.length === 0) throw cmd.usage('TYPE/NAME and list of ports are required for port-forward')
    const { pod, object } = podNamed(cmd, name)
    const pairs = ports.map((text) => {
      const parts = text.split(':')
      if (parts.length > 2) throw fail(`invalid port format '${text}'`)
      if (parts.at(-1) === '') throw fail('remote port cannot be empty')
      refuseUdp(object.kind === 'Service' ? object : pod, parts.at(-1) as string)
      const remote = portOf(remotePort(parts.at(-1) as string, object, pod), 'remote')
      if (remote === 0) throw fail('remote port must be > 0')
      const local = parts.length === 1 ? (/^\d+$/.test(text) ? portOf(text, 'local') : remote) : parts[0] === '' ? 0 : portOf(parts[0] as string, 'local')
      return { local: local === 0 ? 30_000 + io.draw(10_000) : local, remote }
    })
    const phase = textAt(pod, 'status', 'phase')
    if (phase !== 'Running') throw fail(`unable to forward port because pod is not running. Current status=${phase}`)
    const where = { namespace: pod.metadata.namespace ?? cmd.namespace, pod: pod.metadata.name, node: textAt(pod, 'spec', 'nodeName'), ip: textAt(pod, 'status', 'podIP') }
    const taken = listen(cmd, pairs.map((p) => ({ ...p, ...where })))
    for (const { local, remote } of pairs) {
      if (taken.includes(local)) io.err(`Unable to listen on port ${local}: LocalPorts failed to create with the following errors: [unable to create listener: Error listen tcp4 127.0.0.1:${local}: bind: address already in use unable to create listener: Error listen tcp6 [::1]:${local}: bind: address already in use]\n`)
      else for (const host of cmd.flags.has('address') ? cmd.flags.list('address') : ['127.0.0.1', '[::1]']) io.out(`Forwarding from ${host === 'localhost' ? '127.0.0.1' : host}:${local} -> ${remote}\n`)
    }
    if (taken.length === pairs.length) throw fail(`unable to listen on any of the requested ports: [${pairs.map((p) => `{${p.local} ${p.remote}}`).join(' ')}]`)
    // The connection goes through the kubelet: when the pod goes, so does it.
    const ended = cmd.api.until(`/api/v1/namespaces/${where.namespace}/pods`, where.pod, 0, (o, event) => (event === 'DELETED' || o === undefined || (o.status?.['phase'] !== 'Running') ? true : undefined))
    if (ended) throw fail('lost connection to pod')
  },
}

/** `kubectl proxy`. Upstream: kubectl/pkg/cmd/proxy */
export const proxy: Command = {
  name: 'proxy',
  flags: flagSpecs('accept-hosts:string accept-paths:string address:string=127.0.0.1 api-prefix:string=/ append-server-path disable-filter keepalive:duration port/p:int=8001 reject-methods:string reject-paths:string unix-socket/u:string www/w:string www-prefix/P:string=/static/'),
  run(cmd) {
    if (cmd.flags.int('port') !== 8001 && cmd.flags.string('unix-socket') !== '') throw fail('cannot set --unix-socket and --port at the same time')
    const port = cmd.flags.int('port') || 30_000 + cmd.io.draw(10_000)
    const taken = listen(cmd, [{ local: port, namespace: '', pod: '', node: '', ip: '', remote: 6443 }])
    if (taken.length > 0) throw fail(`listen tcp 127.0.0.1:${port}: bind: address already in use`)
    cmd.io.out(`Starting to serve on ${cmd.flags.string('address')}:${port}\n`)
    cmd.io.forever()
  },
}
