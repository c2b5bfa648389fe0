import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../../api'
import { formatLabelSelector, forbidden, invalid, notSupported, portNameErrors, portNumberErrors, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { contains, parseCIDR, sizeOf } from '../validation/ip'
import { validateLabelSelector } from '../validation/label-selector'

const CIDR_ERROR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const PROTOCOLS = ['TCP', 'UDP', 'SCTP']

function portErrors(port: NetworkPolicyPort, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (port.protocol != null && !PROTOCOLS.includes(port.protocol)) errors.push(notSupported(`${path}.protocol`, port.protocol, PROTOCOLS))
  if (port.port != null) {
    const { port: value } = port
    if (typeof value === 'number') {
      for (const message of portNumberErrors(value)) errors.push(invalid(`${path}.port`, value, message))
      if (port.endPort != null) {
        if (port.endPort < value) errors.push(invalid(`${path}.endPort`, port.endPort, 'must be greater than or equal to `port`'))
        for (const message of portNumberErrors(port.endPort)) errors.push(invalid(`${path}.endPort`, port.endPort, message))
      }
    } else {
      if (port.endPort != null) errors.push(invalid(`${path}.endPort`, port.endPort, 'may not be specified when `port` is non-numeric'))
      for (const message of portNameErrors(value)) errors.push(invalid(`${path}.port`, value, message))
    }
  } else if (port.endPort != null) errors.push(invalid(`${path}.endPort`, port.endPort, 'may not be specified when `port` is not specified'))
  return errors
}

function peerErrors(peer: NetworkPolicyPeer, path: string): FieldError[] {
  const errors: FieldError[] = []
  let count = 0
  if (peer.podSelector != null) {
    count++
    errors.push(...validateLabelSelector(peer.podSelector, `${path}.podSelector`))
  }
  if (peer.namespaceSelector != null) {
    count++
    errors.push(...validateLabelSelector(peer.namespaceSelector, `${path}.namespaceSelector`))
  }
  if (peer.ipBlock != null) {
    count++
    const { cidr, except = [] } = peer.ipBlock
    const block = cidr ? parseCIDR(cidr) : undefined
    if (!cidr) errors.push(required(`${path}.ipBlock.cidr`))
    else if (block === undefined) errors.push(invalid(`${path}.ipBlock.cidr`, cidr, CIDR_ERROR))
    if (block !== undefined) {
      except.forEach((text, i) => {
        const hole = parseCIDR(text)
        if (hole === undefined) errors.push(invalid(`${path}.ipBlock.except[${i}]`, text, CIDR_ERROR))
        else if (!contains(block, hole.ip) || sizeOf(hole) >= sizeOf(block)) errors.push(invalid(`${path}.ipBlock.except[${i}]`, text, 'must be a strict subset of `cidr`'))
      })
    }
  }
  if (count === 0) errors.push(required(path, 'must specify a peer'))
  else if (count > 1 && peer.ipBlock != null) errors.push(forbidden(path, 'may not specify both ipBlock and another peer'))
  return errors
}

function validate(o: NetworkPolicy): FieldError[] {
  const spec = o.spec ?? {}
  const errors = validateLabelSelector(spec.podSelector, 'spec.podSelector')
  for (const [field, list] of [['ingress', spec.ingress ?? []], ['egress', spec.egress ?? []]] as const) {
    list.forEach((rule, i) => {
      const path = `spec.${field}[${i}]`
      const side = field === 'ingress' ? 'from' : 'to'
      const peers = (rule as { from?: NetworkPolicyPeer[]; to?: NetworkPolicyPeer[] })[side] ?? []
      ;(rule.ports ?? []).forEach((port, j) => errors.push(...portErrors(port, `${path}.ports[${j}]`)))
      peers.forEach((peer, j) => errors.push(...peerErrors(peer, `${path}.${side}[${j}]`)))
    })
  }
  const types = spec.policyTypes ?? []
  if (types.length > 2) return [...errors, invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
  types.forEach((type, i) => {
    if (type !== 'Ingress' && type !== 'Egress') errors.push(notSupported(`spec.policyTypes[${i}]`, type, ['Ingress', 'Egress']))
  })
  return errors
}

/** NetworkPolicy. Upstream: pkg/registry/networking/networkpolicy, SetDefaults_NetworkPolicy. */
export const networkPolicy = define<NetworkPolicy>({
  resource: 'networkpolicies',
  shortNames: ['netpol'],
  hasGeneration: true,
  defaults(o) {
    const spec = (o.spec ??= {})
    if ((spec.policyTypes ?? []).length === 0) spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) for (const port of rule.ports ?? []) port.protocol ??= 'TCP'
  },
  validate,
  validateUpdate: validate,
  columns: [nameColumn, column('Pod-Selector', (o) => formatLabelSelector(o.spec?.podSelector ?? {})), ageColumn],
})
