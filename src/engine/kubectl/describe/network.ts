import { at, listAt, mapAt, textAt, type Thing } from '../api'
import type { Describer, Describing } from './describer'
import { mapText, selectorText } from './writer'

/** Ready addresses of a service's slices for one port. Upstream: describe.go formatEndpointSlices */
function endpoints(slices: readonly Thing[], port: Thing): string {
  const out: string[] = []
  for (const slice of slices) {
    for (const p of listAt(slice, 'ports')) {
      if ((textAt(p, 'name') || '') !== (textAt(port, 'name') || '')) continue
      for (const e of listAt(slice, 'endpoints')) if (at(e, 'conditions', 'ready') !== false) for (const a of listAt<string>(e, 'addresses')) out.push(`${a}:${textAt(p, 'port')}`)
    }
  }
  return out.length > 3 ? `${out.slice(0, 3).join(',')} + ${out.length - 3} more...` : out.join(',')
}

/** Upstream: describe.go describeService */
export const service: Describer = (d) => {
  const { w, api, object } = d
  const { spec, status } = object
  const slices = api.listOrNone(`/apis/discovery.k8s.io/v1/namespaces/${object.metadata.namespace}/endpointslices`, { labelSelector: `kubernetes.io/service-name=${object.metadata.name}` })
  w.meta(object)
  w.field('Selector', mapText(mapAt(spec, 'selector')))
  w.field('Type', textAt(spec, 'type'))
  if (textAt(spec, 'ipFamilyPolicy') !== '') w.field('IP Family Policy', textAt(spec, 'ipFamilyPolicy'))
  w.field('IP Families', listAt<string>(spec, 'ipFamilies').join(',') || '<none>')
  w.field('IP', textAt(spec, 'clusterIP'))
  w.field('IPs', listAt<string>(spec, 'clusterIPs').join(',') || '<none>')
  if (listAt(spec, 'externalIPs').length > 0) w.field('External IPs', listAt<string>(spec, 'externalIPs').join(','))
  if (textAt(spec, 'loadBalancerIP') !== '') w.field('Desired LoadBalancer IP', textAt(spec, 'loadBalancerIP'))
  if (textAt(spec, 'externalName') !== '') w.field('External Name', textAt(spec, 'externalName'))
  const ingress = listAt(status, 'loadBalancer', 'ingress')
  if (ingress.length > 0) w.field('LoadBalancer Ingress', ingress.map((i) => (textAt(i, 'ip') === '' ? textAt(i, 'hostname') : `${textAt(i, 'ip')}${textAt(i, 'ipMode') === '' ? '' : ` (${textAt(i, 'ipMode')})`}`)).join(', '))
  for (const p of listAt(spec, 'ports')) {
    const name = textAt(p, 'name') || '<unset>'
    w.line(0, `Port:\t${name}\t${textAt(p, 'port')}/${textAt(p, 'protocol')}`)
    w.field('TargetPort', `${textAt(p, 'targetPort')}/${textAt(p, 'protocol')}`)
    if (Number(textAt(p, 'nodePort')) > 0) w.line(0, `NodePort:\t${name}\t${textAt(p, 'nodePort')}/${textAt(p, 'protocol')}`)
    w.field('Endpoints', endpoints(slices, p))
  }
  w.field('Session Affinity', textAt(spec, 'sessionAffinity'))
  if (textAt(spec, 'externalTrafficPolicy') !== '') w.field('External Traffic Policy', textAt(spec, 'externalTrafficPolicy'))
  if (textAt(spec, 'internalTrafficPolicy') !== '') w.field('Internal Traffic Policy', textAt(spec, 'internalTrafficPolicy'))
  if (Number(textAt(spec, 'healthCheckNodePort')) > 0) w.field('HealthCheck NodePort', textAt(spec, 'healthCheckNodePort'))
  if (listAt(spec, 'loadBalancerSourceRanges').length > 0) w.field('LoadBalancer Source Ranges', listAt<string>(spec, 'loadBalancerSourceRanges').join(','))
  if (textAt(spec, 'trafficDistribution') !== '') w.field('Traffic Distribution', textAt(spec, 'trafficDistribution'))
  w.events(d.events())
}

/** `(10.0.0.1:80,…)` of a backend, or why there is none. */
function backendText({ api, object }: Describing, backend: Thing | undefined): { name: string; where: string } {
  const name = textAt(backend, 'service', 'name')
  const port = textAt(backend, 'service', 'port', 'name') || textAt(backend, 'service', 'port', 'number')
  const found = api.try({ verb: 'get', path: `/api/v1/namespaces/${object.metadata.namespace}/services/${name}` })
  if (found.code !== 200) return { name: `${name}:${port}`, where: `<error: ${(found.body as { message?: string }).message ?? 'unknown'}>` }
  const slices = api.listOrNone(`/apis/discovery.k8s.io/v1/namespaces/${object.metadata.namespace}/endpointslices`, { labelSelector: `kubernetes.io/service-name=${name}` })
  const servicePort = listAt(found.body, 'spec', 'ports').find((p) => textAt(p, 'name') === port || textAt(p, 'port') === port)
  return { name: `${name}:${port}`, where: servicePort === undefined ? '' : endpoints(slices, servicePort) }
}

/** Upstream: describe.go describeIngressV1 */
export const ingress: Describer = (d) => {
  const { w, object } = d
  const { spec } = object
  w.field('Name', object.metadata.name)
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.field('Namespace', object.metadata.namespace)
  w.field('Address', listAt(object, 'status', 'loadBalancer', 'ingress').map((i) => textAt(i, 'ip') || textAt(i, 'hostname')).join(','))
  w.field('Ingress Class', textAt(spec, 'ingressClassName') || '<none>')
  const fallback = at<Thing>(spec, 'defaultBackend')
  if (fallback === undefined) w.field('Default backend', '<default>')
  else {
    const { name, where } = backendText(d, fallback)
    w.field('Default backend', `${name} (${where})`)
  }
  const tls = listAt(spec, 'tls')
  if (tls.length > 0) {
    w.line(0, 'TLS:')
    for (const t of tls) w.line(1, `${textAt(t, 'secretName') === '' ? 'SNI routes' : `${textAt(t, 'secretName')} terminates`} ${listAt<string>(t, 'hosts').join(',')}`)
  }
  w.text += 'Rules:\n  Host\tPath\tBackends\n  ----\t----\t--------\n'
  const rules = listAt(spec, 'rules').filter((r) => at(r, 'http') !== undefined)
  for (const rule of rules) {
    w.line(1, `${textAt(rule, 'host') || '*'}\t`)
    for (const path of listAt(rule, 'http', 'paths')) {
      const { name, where } = backendText(d, at<Thing>(path, 'backend'))
      w.line(2, `\t${textAt(path, 'path')} \t${name} (${where})`)
    }
  }
  if (rules.length === 0) {
    const { name, where } = fallback === undefined ? { name: '<default>', where: '' } : backendText(d, fallback)
    w.line(1, `*\t* \t${name}${where === '' && fallback === undefined ? '' : ` (${where})`}`)
  }
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  w.events(d.events())
}

/** Upstream: describe.go describeIngressClassV1 */
export const ingressClass: Describer = (d) => {
  const { w, object } = d
  w.field('Name', object.metadata.name)
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  w.field('Controller', textAt(object, 'spec', 'controller'))
  w.events(d.events())
}

function policyPeers(d: Describing, title: string, rules: readonly Thing[], peersKey: string, otherwise: string): void {
  const { w } = d
  if (rules.length === 0) return w.line(2, `<none> (${otherwise})`)
  for (const [i, rule] of rules.entries()) {
    const ports = listAt(rule, 'ports')
    if (ports.length === 0) w.line(2, 'To Port: <any> (traffic allowed to all ports)')
    for (const p of ports) w.line(2, `To Port: ${textAt(p, 'port')}${at(p, 'endPort') === undefined ? '' : `-${textAt(p, 'endPort')}`}/${textAt(p, 'protocol') || 'TCP'}`)
    const peers = listAt(rule, peersKey)
    if (peers.length === 0) w.line(2, `${title}: <any> (traffic not restricted by ${title === 'From' ? 'source' : 'destination'})`)
    for (const p of peers) {
      w.line(2, `${title}:`)
      const [ns, pods, block] = [at(p, 'namespaceSelector'), at(p, 'podSelector'), at<Thing>(p, 'ipBlock')]
      if (ns !== undefined) w.line(3, `NamespaceSelector: ${selectorText(ns)}`)
      if (pods !== undefined) w.line(3, `PodSelector: ${selectorText(pods)}`)
      if (block !== undefined) {
        w.line(3, 'IPBlock:')
        w.line(4, `CIDR: ${textAt(block, 'cidr')}`)
        w.line(4, `Except: ${listAt<string>(block, 'except').join(', ')}`)
      }
    }
    if (i < rules.length - 1) w.line(2, '----------')
  }
}

/** Upstream: describe.go describeNetworkPolicy */
export const networkPolicy: Describer = (d) => {
  const { w, object } = d
  const { spec } = object
  const created = (object.metadata.creationTimestamp ?? '').replace('T', ' ').replace('Z', ' +0000 UTC')
  w.field('Name', object.metadata.name)
  w.field('Namespace', object.metadata.namespace)
  w.field('Created on', created)
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.annotations('Annotations', mapAt(object, 'metadata', 'annotations'))
  w.line(0, 'Spec:')
  const selector = selectorText(at(spec, 'podSelector'))
  w.line(1, `PodSelector: ${selector === '<none>' ? '<none> (Allowing the specific traffic to all pods in this namespace)' : `    ${selector}`}`)
  const types = listAt<string>(spec, 'policyTypes')
  if (types.includes('Ingress')) {
    w.line(1, 'Allowing ingress traffic:')
    policyPeers(d, 'From', listAt(spec, 'ingress'), 'from', 'Selected pods are isolated for ingress connectivity')
  } else w.line(1, 'Not affecting ingress traffic')
  if (types.includes('Egress')) {
    w.line(1, 'Allowing egress traffic:')
    policyPeers(d, 'To', listAt(spec, 'egress'), 'to', 'Selected pods are isolated for egress connectivity')
  } else w.line(1, 'Not affecting egress traffic')
  w.line(1, `Policy Types: ${types.join(', ')}`)
}

/** Upstream: describe.go describeEndpointSliceV1 */
export const endpointSlice: Describer = (d) => {
  const { w, object } = d
  w.meta(object)
  w.field('AddressType', textAt(object, 'addressType'))
  const ports = listAt(object, 'ports')
  if (ports.length === 0) w.line(0, 'Ports: <unset>')
  else {
    w.text += 'Ports:\n  Name\tPort\tProtocol\n  ----\t----\t--------\n'
    for (const p of ports) w.line(1, `${textAt(p, 'name') || '<unset>'}\t${textAt(p, 'port') || '<unset>'}\t${textAt(p, 'protocol')}`)
  }
  const list = listAt(object, 'endpoints')
  if (list.length === 0) w.line(0, 'Endpoints: <none>')
  else w.line(0, 'Endpoints:')
  for (const e of list) {
    w.line(1, `- Addresses:\t${listAt<string>(e, 'addresses').join(', ')}`)
    w.line(2, 'Conditions:')
    w.line(3, `Ready:\t${at(e, 'conditions', 'ready') === undefined ? '<unset>' : String(at(e, 'conditions', 'ready'))}`)
    w.field('Hostname', textAt(e, 'hostname') || '<unset>', 2)
    if (at(e, 'targetRef') !== undefined) w.field('TargetRef', `${textAt(e, 'targetRef', 'kind')}/${textAt(e, 'targetRef', 'name')}`, 2)
    w.field('NodeName', textAt(e, 'nodeName') || '<unset>', 2)
    w.field('Zone', textAt(e, 'zone') || '<unset>', 2)
  }
  w.events(d.events())
}

/** Upstream: describe.go describeEndpoints */
export const endpointsObject: Describer = (d) => {
  const { w, object } = d
  w.meta(object)
  w.line(0, 'Subsets:')
  for (const s of listAt(object, 'subsets')) {
    w.field('Addresses', listAt(s, 'addresses').map((a) => textAt(a, 'ip')).join(',') || '<none>', 1)
    w.field('NotReadyAddresses', listAt(s, 'notReadyAddresses').map((a) => textAt(a, 'ip')).join(',') || '<none>', 1)
    w.text += '  Ports:\n    Name\tPort\tProtocol\n    ----\t----\t--------\n'
    for (const p of listAt(s, 'ports')) w.line(2, `${textAt(p, 'name') || '<unset>'}\t${textAt(p, 'port')}\t${textAt(p, 'protocol')}`)
    w.line(0, '')
  }
  w.events(d.events())
}
