import { dns1123SubdomainErrors, goQuote, portNameErrors, portNumberErrors } from '../../apimachinery'
import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { createGenerated, generatedMeta, generatorFlags, oneName } from '../generated'
import type { Command, Invocation } from '../verb'

type Port = Record<string, string | number>

/** `80`, `80:8080`, `80:http`. Upstream: create_service.go parsePorts */
function parsePort(text: string, nodePort: number): Port {
  const [first = '', second] = text.split(':')
  if (!/^\d+$/.test(first)) throw fail(`strconv.ParseUint: parsing ${goQuote(first)}: invalid syntax`)
  const port = Number(first)
  if (port > 65_535) throw fail(`strconv.ParseUint: parsing ${goQuote(first)}: value out of range`)
  const numbered = second !== undefined && /^[-+]?\d+$/.test(second)
  const errors = second === undefined ? [] : numbered ? portNumberErrors(Number(second)) : portNameErrors(second)
  if (errors.length > 0) throw fail(errors.join(','))
  return { name: text.replaceAll(':', '-'), ...(nodePort > 0 ? { nodePort } : {}), port, protocol: 'TCP', targetPort: second === undefined ? port : numbered ? Number(second) : second }
}

function make(cmd: Invocation, type: string, spec: Record<string, unknown>): void {
  const name = oneName(cmd)
  const labels = { app: name }
  createGenerated(cmd, {
    apiVersion: 'v1', kind: 'Service', metadata: { labels, ...generatedMeta(cmd, name) },
    spec: { ...spec, selector: labels, type }, status: { loadBalancer: {} },
  }, `failed to create ${type} service:`)
}

function ports(cmd: Invocation, nodePort = 0): Port[] {
  return cmd.flags.list('tcp').map((t) => parsePort(t, nodePort))
}

function needPorts(cmd: Invocation): void {
  if (cmd.flags.list('tcp').length === 0) throw fail('at least one tcp port specifier must be provided')
}

const clusterIp: Command = {
  name: 'clusterip',
  flags: [...generatorFlags, ...flagSpecs('clusterip:string tcp:list')],
  run(cmd) {
    oneName(cmd)
    const ip = cmd.flags.string('clusterip')
    if (ip === 'None') {
      if (cmd.flags.list('tcp').length === 0) return make(cmd, 'ClusterIP', { clusterIP: 'None' })
    } else needPorts(cmd)
    return make(cmd, 'ClusterIP', { ...(ip === '' ? {} : { clusterIP: ip }), ports: ports(cmd) })
  },
}

const nodePort: Command = {
  name: 'nodeport',
  flags: [...generatorFlags, ...flagSpecs('node-port:int tcp:list')],
  run(cmd) {
    oneName(cmd)
    needPorts(cmd)
    make(cmd, 'NodePort', { ports: ports(cmd, cmd.flags.int('node-port')) })
  },
}

const loadBalancer: Command = {
  name: 'loadbalancer',
  flags: [...generatorFlags, ...flagSpecs('tcp:list')],
  run(cmd) {
    oneName(cmd)
    needPorts(cmd)
    make(cmd, 'LoadBalancer', { ports: ports(cmd) })
  },
}

const externalName: Command = {
  name: 'externalname',
  flags: [...generatorFlags, ...flagSpecs('external-name:string tcp:list')],
  required: ['external-name'],
  run(cmd) {
    const host = cmd.flags.string('external-name')
    if (dns1123SubdomainErrors(host).length > 0) throw fail(`invalid service external name ${host}`)
    const list = ports(cmd)
    make(cmd, 'ExternalName', { externalName: host, ...(list.length > 0 ? { ports: list } : {}) })
  },
}

/** `kubectl create service`. Upstream: kubectl/pkg/cmd/create/create_service.go */
export const service: Command = {
  name: 'service',
  aliases: ['svc'],
  flags: [],
  commands: [clusterIp, externalName, loadBalancer, nodePort],
}
