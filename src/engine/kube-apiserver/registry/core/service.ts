import type { Service } from '../../../api'
import { ageColumn, column, define, nameColumn, wide } from '../define'
import { formatLabels } from '../print'
import { nameIsLabel } from '../validation/object-meta'
import { allocateService, patchAllocated } from './service-allocation'
import { validateLoadBalancerStatus, validateService, validateServiceUpdate } from './service-validation'

const LOAD_BALANCER_WIDTH = 16

function clusterIP(s: Service): string {
  return s.spec.clusterIPs?.[0] || s.spec.clusterIP || '<none>'
}

/** The EXTERNAL-IP column. Upstream: printers getServiceExternalIP. */
export function externalIP(s: Service, isWide = true): string {
  const external = s.spec.externalIPs ?? []
  switch (s.spec.type) {
    case 'ClusterIP': case 'NodePort': return external.length > 0 ? external.join(',') : '<none>'
    case 'LoadBalancer': {
      const set = [...new Set((s.status?.loadBalancer?.ingress ?? []).map((i) => i.ip || i.hostname || '').filter((t) => t !== ''))].sort()
      let text = set.join(',')
      if (!isWide && text.length > LOAD_BALANCER_WIDTH) text = `${text.slice(0, LOAD_BALANCER_WIDTH - 3)}...`
      if (external.length > 0) return [...(text === '' ? [] : text.split(',')), ...external].join(',')
      return text === '' ? '<pending>' : text
    }
    case 'ExternalName': return s.spec.externalName ?? ''
    default: return '<unknown>'
  }
}

function ports(s: Service): string {
  const text = (s.spec.ports ?? []).map((p) => (p.nodePort ? `${p.port}:${p.nodePort}/${p.protocol}` : `${p.port}/${p.protocol}`)).join(',')
  return text === '' ? '<none>' : text
}

/** An address of a load balancer is a virtual one unless it says otherwise. What is there may be shared: it is replaced. */
function defaultIPMode(o: Service): void {
  const ingress = o.status?.loadBalancer?.ingress
  if (o.spec.type !== 'LoadBalancer' || !ingress?.some((i) => i.ip && i.ipMode == null)) return
  o.status = { ...o.status, loadBalancer: { ...o.status?.loadBalancer, ingress: ingress.map((i) => (i.ip && i.ipMode == null ? { ...i, ipMode: 'VIP' } : i)) } }
}

/** Service. Upstream: pkg/registry/core/service, SetDefaults_Service. */
export const service = define<Service>({
  resource: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  subresources: ['status', 'proxy'],
  validateName: nameIsLabel,
  defaults(o) {
    const spec = o.spec
    spec.sessionAffinity ||= 'None'
    if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
    if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds == null) {
      spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10_800 } }
    }
    spec.type ||= 'ClusterIP'
    for (const port of spec.ports ?? []) {
      port.protocol ||= 'TCP'
      if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port
    }
    const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
    if (external) spec.externalTrafficPolicy ||= 'Cluster'
    if (external || spec.type === 'ClusterIP') spec.internalTrafficPolicy ??= 'Cluster'
    if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true
    defaultIPMode(o)
  },
  prepareForCreate(o) {
    o.status = { loadBalancer: {} }
    if (o.spec.clusterIP && (o.spec.clusterIPs ?? []).length === 0) o.spec.clusterIPs = [o.spec.clusterIP]
  },
  prepareForUpdate(o, old) {
    patchAllocated(o, old)
  },
  prepareForStatusUpdate: defaultIPMode,
  validate: (o) => validateService(o),
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: (o) => validateLoadBalancerStatus(o.status?.loadBalancer?.ingress ?? [], 'status.loadBalancer.ingress', o.spec.type === 'LoadBalancer'),
  afterValidation: allocateService,
  fields: { 'spec.clusterIP': (o) => o.spec.clusterIP ?? '', 'spec.type': (o) => o.spec.type ?? '' },
  columns: [
    nameColumn,
    column('Type', (o) => o.spec.type ?? ''),
    column('Cluster-IP', clusterIP),
    column('External-IP', (o, print) => externalIP(o, print.wide)),
    column('Port(s)', ports),
    ageColumn,
    wide('Selector', (o) => formatLabels(o.spec.selector)),
  ],
})
