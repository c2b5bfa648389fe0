import type { Node, Taint } from '../../../api'
import { duplicate, forbidden, invalid, labelValueErrors, notSupported, qualifiedNameErrors, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn, wide } from '../define'
import { textOr } from '../print'
import { internalValue } from '../validation/internal-diff'
import { isDualStack, validateCIDR } from '../validation/ip-errors'
import { quantityErrors } from '../validation/resources'

const ROLE_PREFIX = 'node-role.kubernetes.io/'

/** The STATUS column: `Ready`, `NotReady,SchedulingDisabled`, `Unknown`. Upstream: printNode. */
export function nodeStatus(node: Node): string {
  const ready = node.status?.conditions?.find((c) => c.type === 'Ready')
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return node.spec?.unschedulable === true ? `${text},SchedulingDisabled` : text
}

/** The ROLES column from labels: `control-plane`, `<none>`. Upstream: findNodeRoles. */
export function nodeRoles(node: Node): string {
  const labels = node.metadata.labels ?? {}
  const roles = new Set<string>()
  for (const name of Object.keys(labels)) {
    if (name.startsWith(ROLE_PREFIX)) { if (name.length > ROLE_PREFIX.length) roles.add(name.slice(ROLE_PREFIX.length)) }
    else if (name === 'kubernetes.io/role' && labels[name] !== '') roles.add(labels[name]!)
  }
  return roles.size === 0 ? '<none>' : [...roles].sort().join(',')
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function validateTaints(taints: readonly Taint[]): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  taints.forEach((taint, i) => {
    // Upstream's path, though taints are of the spec.
    const path = `metadata.taints[${i}]`
    for (const message of qualifiedNameErrors(taint.key)) errors.push(invalid(`${path}.key`, taint.key, message))
    const wrong = labelValueErrors(taint.value ?? '')
    if (wrong.length > 0) errors.push(invalid(`${path}.value`, taint.value, wrong.join(';')))
    if (!taint.effect) errors.push(required(`${path}.effect`))
    else if (!EFFECTS.includes(taint.effect)) errors.push(notSupported(`${path}.effect`, taint.effect, EFFECTS))
    const id = `${taint.effect}/${taint.key}`
    if (seen.has(id)) errors.push({ ...duplicate(path, internalValue('Taint', taint)), detail: 'taints must be unique by key and effect pair' })
    seen.add(id)
  })
  return errors
}

/** Upstream: ValidateNodeResources, and the addresses of ValidateNodeUpdate. */
function validateStatus(o: Node): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['capacity', 'allocatable'] as const) {
    for (const name in o.status?.[field]) errors.push(...quantityErrors(name, o.status![field]![name]!, `status.${field}.${name}`))
  }
  const addresses = o.status?.addresses ?? []
  addresses.forEach((address, i) => {
    if (addresses.findIndex((a) => a.type === address.type && a.address === address.address) < i) errors.push(duplicate(`status.addresses[${i}]`, { Type: address.type, Address: address.address }))
  })
  return errors
}

function validateNode(o: Node): FieldError[] {
  const errors = [...validateTaints(o.spec.taints ?? []), ...validateStatus(o)]
  const ranges = o.spec.podCIDRs ?? []
  ranges.forEach((range, i) => errors.push(...validateCIDR(range, `spec.podCIDRs[${i}]`)))
  if (ranges.length > 1) {
    if (!isDualStack(ranges)) errors.push(invalid('spec.podCIDRs', ranges, 'may specify no more than one CIDR for each IP family'))
    ranges.forEach((range, i) => { if (ranges.indexOf(range) < i) errors.push(duplicate(`spec.podCIDRs[${i}]`, range)) })
  }
  return errors
}

/** Node. Upstream: pkg/registry/core/node, ValidateNode, ValidateNodeUpdate. */
export const node = define<Node>({
  resource: 'nodes',
  defaults(o) {
    // Upstream: SetDefaults_NodeStatus
    if (o.status?.capacity !== undefined && o.status.allocatable === undefined) o.status = { ...o.status, allocatable: { ...o.status.capacity } }
  },
  shortNames: ['no'],
  subresources: ['status', 'proxy'],
  validate: validateNode,
  validateUpdate(o, old) {
    const errors = [...(o.spec.taints === old.spec.taints ? [] : validateTaints(o.spec.taints ?? [])), ...(o.status === old.status ? [] : validateStatus(o))]
    if (old.spec.podCIDRs !== undefined && old.spec.podCIDRs.length > 0 && (o.spec.podCIDRs ?? []).join() !== old.spec.podCIDRs.join()) {
      errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'))
    }
    if (old.spec.providerID && o.spec.providerID !== old.spec.providerID) {
      errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'))
    }
    return errors
  },
  fields: { 'spec.unschedulable': (o) => String(o.spec.unschedulable ?? false) },
  columns: [
    nameColumn,
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    ageColumn,
    column('Version', (o) => o.status?.nodeInfo?.kubeletVersion ?? ''),
    wide('Internal-IP', (o) => address(o, 'InternalIP')),
    wide('External-IP', (o) => address(o, 'ExternalIP')),
    wide('OS-Image', (o) => textOr(o.status?.nodeInfo?.osImage, '<unknown>')),
    wide('Kernel-Version', (o) => {
      const info = o.status?.nodeInfo
      const kernel = textOr(info?.kernelVersion, '<unknown>')
      return info?.architecture ? `${kernel} (${info.architecture})` : kernel
    }),
    wide('Container-Runtime', (o) => textOr(o.status?.nodeInfo?.containerRuntimeVersion, '<unknown>')),
  ],
})

function address(o: Node, type: string): string {
  return o.status?.addresses?.find((a) => a.type === type)?.address ?? '<none>'
}
