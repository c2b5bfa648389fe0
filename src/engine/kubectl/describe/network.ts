import { at, listAt, mapAt, textAt, type Thing } from '../api'
import type { Describer, Describing } from './describer'
import { mapText, rfc1123z, selectorText } from './writer'

/** Ready addresses of a service's slices for one port. Upstream: describe.go formatEndpointSlices */
function endpoints(slices: readonly Thing[], portName: string): string {
  if (slices.length === 0) return '<none>'
  const list: string[] = []
  let count = 0
  let more = false
  const see = (slice: Thing, port: string): void => {
    for (const e of listAt(slice, 'endpoints')) {
      // Upstream counts what is not ready here too.
      if (list.length === 3) more = true
      if (at(e, 'conditions', 'ready') === false) continue
      const [address = ''] = listAt<string>(e, 'addresses')
      if (!more) list.push(port === '' ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`)
      count++
    }
  }
  for (const slice of slices) {
    const ports = listAt(slice, 'ports')
    if (ports.length === 0) see(slice, '')
    for (const p of ports) if (textAt(p, 'name') === portName) see(slice, textAt(p, 'port'))
  }
  return more ? `${list.join(',')} + ${count - 3} more...` : list.join(',')
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
    if (at(p, 'appProtocol') !== undefined) w.field('AppProtocol', textAt(p, 'appProtocol'))
    if (Number(textAt(p, 'nodePort')) > 0) w.line(0, `NodePort:\t${name}\t${textAt(p, 'nodePort')}/${textAt(p, 'protocol')}`)
    w.field('Endpoints', endpoints(slices, textAt(p, 'name')))
  }
  w.field('Session Affinity', textAt(spec, 'sessionAffinity'))
  if (textAt(spec, 'externalTrafficPolicy') !== '') w.field('External Traffic Policy', textAt(spec, 'externalTrafficPolicy'))
  if (textAt(spec, 'internalTrafficPolicy') !== '') w.field('Internal Traffic Policy', textAt(spec, 'internalTrafficPolicy'))
  if (Number(textAt(spec, 'healthCheckNodePort')) > 0) w.field('HealthCheck NodePort', textAt(spec, 'healthCheckNodePort'))
  if (listAt(spec, 'loadBalancerSourceRanges').length > 0) w.field('LoadBalancer Source Ranges', listAt<string>(spec, 'loadBalancerSourceRanges').join(','))
  if (textAt(spec, 'trafficDistribution') !== '') w.field('Traffic Distribution', textAt(spec, 'trafficDistribution'))
  w.events(d.events())
}

/** `web:80 (10.0.0.1:80,…)`, or why there is none. Upstream: describe.go describeBackendV1 */
function backendText({ api, object }: Describing, backend: Thing | undefined): string {
  const resource = at(backend, 'resource')
  if (resource !== undefined) return `APIGroup: ${textAt(resource, 'apiGroup') || '<none>'}, Kind: ${textAt(resource, 'kind')}, Name: ${textAt(resource, 'name')}`
  const name = textAt(backend, 'service', 'name')
  const [number, named] = [textAt(backend, 'service', 'port', 'number'), textAt(backend, 'service', 'port', 'name')]
  const text = `${name}:${number || named}`
  const slices = api.listOrNone(`/apis/discovery.k8s.io/v1/namespaces/${object.metadata.namespace}/endpointslices`, { labelSelector: `kubernetes.io/service-name=${name}` })
  const found = api.try({ verb: 'get', path: `/api/v1/namespaces/${object.metadata.namespace}/services/${name}` })
  if (found.code !== 200) return `${text} (<error: ${(found.body as { message?: string }).message ?? 'unknown'}>)`
  const port = listAt(found.body, 'spec', 'ports').findLast((p) => (number !== '' && textAt(p, 'port') === number) || (named !== '' && textAt(p, 'name') === named))
  return `${text} (${endpoints(slices, textAt(port, 'name'))})`
}

/** Upstream: describe.go describeIngressV1 */
export const ingress: Describer = (d) => {
  const { w, object } = d
  const { spec } = object
  w.field('Name', object.metadata.name)
  w.labels('Labels', mapAt(object, 'metadata', 'labels'))
  w.field('Namespace', object.metadata.namespace)
  w.field('Address', [...new Set(listAt(object, 'status', 'loadBalancer', 'ingress').map((i) => textAt(i, 'ip') || textAt(i, 'hostname')).filter(Boolean))].toSorted().join(','))
  w.field('Ingress Class', textAt(spec, 'ingressClassName') || '<none>')
  const fallback = at<Thing>(spec, 'defaultBackend')
  const otherwise = fallback === undefined ? '<default>' : backendText(d, fallback)
  w.field('Default backend', otherwise)
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
      w.line(2, `\t${textAt(path, 'path')} \t${backendText(d, at<Thing>(path, 'backend'))}`)
    }
  }
  if (rules.length === 0) w.line(1, `*\t*\t${otherwise}`)
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
  const parameters = at(object, 'spec', 'parameters')
  if (parameters !== undefined) {
    w.line(0, 'Parameters:')
    if (at(parameters, 'apiGroup') !== undefined) w.field('APIGroup', textAt(parameters, 'apiGroup'), 1)
    w.field('Kind', textAt(parameters, 'kind'), 1)
    w.field('Name', textAt(parameters, 'name'), 1)
  }
  w.events(d.events())
}

function policyPeers(d: Describing, title: string, rules: readonly Thing[], peersKey: string, otherwise: string): void {
  const { w } = d
  if (rules.length === 0) return w.line(2, `<none> (${otherwise})`)
  for (const [i, rule] of rules.entries()) {
    const ports = listAt(rule, 'ports')
    if (ports.length === 0) w.line(2, 'To Port: <any> (traffic allowed to all ports)')
    for (const p of ports) w.line(2, `${at(p, 'endPort') === undefined ? `To Port: ${textAt(p, 'port') || '<nil>'}` : `To Port Range: ${textAt(p, 'port')}-${textAt(p, 'endPort')}`}/${textAt(p, 'protocol') || 'TCP'}`)
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
  w.line(1, `PodSelector:     ${selector === '<none>' ? '<none> (Allowing the specific traffic to all pods in this namespace)' : selector}`)
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
    w.line(1, `- Addresses:\t${listAt<string>(e, 'addresses').join(', ') || '<none>'}`)
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
    if (listAt(s, 'ports').length > 0) w.text += '  Ports:\n    Name\tPort\tProtocol\n    ----\t----\t--------\n'
    for (const p of listAt(s, 'ports')) w.line(2, `${textAt(p, 'name') || '<unset>'}\t${textAt(p, 'port')}\t${textAt(p, 'protocol')}`)
    w.line(0, '')
  }
  w.events(d.events())
}

/** Upstream: describe.go describeServiceCIDRV1 */
export const serviceCidr: Describer = (d) => {
  const { w, object } = d
  w.meta(object, false)
  w.field('CIDRs', listAt<string>(object, 'spec', 'cidrs').join(', '))
  const conditions = listAt(object, 'status', 'conditions')
  if (conditions.length > 0) {
    w.text += 'Status:\nConditions:\n  Type\tStatus\tLastTransitionTime\tReason\tMessage\n  ----\t------\t------------------\t------\t-------\n'
    for (const c of conditions) w.line(1, [textAt(c, 'type'), textAt(c, 'status'), rfc1123z(textAt(c, 'lastTransitionTime')), textAt(c, 'reason'), textAt(c, 'message')].join('\t'))
  }
  w.events(d.events())
}

/** Upstream: describe.go describeIPAddressV1 */
export const ipAddress: Describer = (d) => {
  const { w, object } = d
  w.meta(object, false)
  const parent = at(object, 'spec', 'parentRef')
  if (parent !== undefined) {
    w.line(0, 'Parent Reference:')
    for (const [title, key] of [['Group', 'group'], ['Resource', 'resource'], ['Namespace', 'namespace'], ['Name', 'name']] as const) w.field(title, textAt(parent, key), 1)
  }
  w.events(d.events())
}
