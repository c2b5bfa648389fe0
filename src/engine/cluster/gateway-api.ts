import type { CustomResourceDefinition, JSONSchemaProps } from '../api'

/** The group of Gateway API. */
const group = 'gateway.networking.k8s.io'

// Schemas in short: what is said often has a name.
type Schema = JSONSchemaProps
type Fields = Readonly<Record<string, Schema>>

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const dns = `${label}(\\.${label})*`
const str = (more: object = {}): Schema => ({ type: 'string', ...more })
const sized = (minLength: number, maxLength: number, pattern?: string, more: object = {}): Schema => str({ minLength, maxLength, ...(pattern ? { pattern } : {}), ...more })
const int = (minimum: number, maximum?: number, more: object = {}): Schema => ({ type: 'integer', format: 'int32', minimum, ...(maximum === undefined ? {} : { maximum }), ...more })
const obj = (properties: Fields, required: readonly string[] = [], more: object = {}): Schema => ({ type: 'object', properties, ...(required.length > 0 ? { required: [...required] } : {}), ...more })
const list = (items: Schema, maxItems: number, more: object = {}): Schema => ({ type: 'array', items, maxItems, 'x-kubernetes-list-type': 'atomic', ...more })
const keyed = (items: Schema, maxItems: number, key: string, more: object = {}): Schema => ({ type: 'array', items, maxItems, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key], ...more })
const map = (values: Schema, maxProperties?: number): Schema => ({ type: 'object', additionalProperties: values, ...(maxProperties ? { maxProperties } : {}) })
const rules = (...pairs: readonly (readonly [message: string, rule: string])[]): object => ({ 'x-kubernetes-validations': pairs.map(([message, rule]) => ({ message, rule })) })

const aName = sized(1, 253)
const dnsName = sized(1, 253, `^${dns}$`)
const hostname = sized(1, 253, `^(\\*\\.)?${dns}$`)
const namespace = sized(1, 63, `^${label}$`)
const groupName = (more: object = {}): Schema => str({ maxLength: 253, pattern: `^$|^${dns}$`, ...more })
const kindName = (more: object = {}): Schema => sized(1, 63, '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$', more)
const controllerName = sized(1, 253, `^${dns}\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+$`)
const port = int(1, 65_535)
const condition = obj({
  lastTransitionTime: str({ format: 'date-time' }), message: str({ maxLength: 32_768 }), observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
  reason: sized(1, 1024, '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$'), status: str({ enum: ['True', 'False', 'Unknown'] }), type: str({ maxLength: 316, pattern: `^(${dns}/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$` }),
}, ['lastTransitionTime', 'message', 'reason', 'status', 'type'])
const conditions = (more: object = {}): Schema => keyed(condition, 8, 'type', more)
const pending = (...types: readonly string[]): object[] => types.map((type) => ({ lastTransitionTime: '1970-01-01T00:00:00Z', message: 'Waiting for controller', reason: 'Pending', status: 'Unknown', type }))
const selector = obj({
  matchExpressions: list(obj({ key: str(), operator: str(), values: list(str(), 1000) }, ['key', 'operator']), 1000), matchLabels: map(str()),
}, [], { 'x-kubernetes-map-type': 'atomic' })
const parametersRef = (more: Fields = {}): Schema => obj({ group: groupName(), kind: kindName(), name: aName, ...more }, ['group', 'kind', 'name'])
const routeKind = obj({ group: groupName({ default: group }), kind: kindName() }, ['kind'])
const parentRef = obj({ group: groupName({ default: group }), kind: kindName({ default: 'Gateway' }), name: aName, namespace, port, sectionName: dnsName }, ['name'])

const gatewayClass = obj({
  spec: obj({ controllerName: { ...controllerName, ...rules(['field is immutable', 'self == oldSelf']) }, description: str({ maxLength: 64 }), parametersRef: parametersRef({ namespace }) }, ['controllerName']),
  status: obj({ conditions: conditions({ default: pending('Accepted') }), supportedFeatures: keyed(obj({ name: str() }, ['name']), 64, 'name') }, [], { default: { conditions: pending('Accepted') } }),
}, ['spec'])

const secretRef = obj({ group: groupName({ default: '' }), kind: kindName({ default: 'Secret' }), name: aName, namespace }, ['name'])
const listener = obj({
  allowedRoutes: obj({ kinds: list(routeKind, 8), namespaces: obj({ from: str({ default: 'Same', enum: ['All', 'Selector', 'Same'] }), selector }, [], { default: { from: 'Same' } }) }, [], { default: { namespaces: { from: 'Same' } } }),
  hostname, name: dnsName, port, protocol: sized(1, 255, `^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|${dns}\\/[A-Za-z0-9]+$`),
  tls: obj({ certificateRefs: list(secretRef, 64), mode: str({ default: 'Terminate', enum: ['Terminate', 'Passthrough'] }), options: map(str({ maxLength: 4096 }), 16) }, [], rules(['certificateRefs or options must be specified when mode is Terminate', "self.mode == 'Terminate' ? size(self.certificateRefs) > 0 || size(self.options) > 0 : true"])),
}, ['name', 'port', 'protocol'])
const address = (...required: readonly string[]): Schema => obj({ type: sized(1, 253, undefined, { default: 'IPAddress' }), value: str({ maxLength: 253 }) }, required)
const gateway = obj({
  spec: obj({
    addresses: list(address(), 16), gatewayClassName: aName,
    infrastructure: obj({ annotations: map(str({ maxLength: 4096 }), 16), labels: map(str({ maxLength: 63 }), 8), parametersRef: parametersRef() }),
    listeners: keyed(listener, 64, 'name', {
      minItems: 1,
      ...rules(
        ["tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']", "self.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)"],
        ['tls mode must be Terminate for protocol HTTPS', "self.all(l, (l.protocol == 'HTTPS' && has(l.tls)) ? (l.tls.mode == '' || l.tls.mode == 'Terminate') : true)"],
        ["hostname must not be specified for protocols ['TCP', 'UDP']", "self.all(l, l.protocol in ['TCP', 'UDP']  ? (!has(l.hostname) || l.hostname == '') : true)"],
        ['Listener name must be unique within the Gateway', 'self.all(l1, self.exists_one(l2, l1.name == l2.name))'],
        ['Combination of port, protocol and hostname must be unique for each listener', 'self.all(l1, self.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))'],
      ),
    }),
  }, ['gatewayClassName', 'listeners']),
  status: obj({
    addresses: list(address('value'), 16), conditions: conditions({ default: pending('Accepted', 'Programmed') }),
    listeners: keyed(obj({ attachedRoutes: { type: 'integer', format: 'int32' }, conditions: conditions(), name: dnsName, supportedKinds: list(routeKind, 8) }, ['attachedRoutes', 'conditions', 'name']), 64, 'name'),
  }, [], { default: { conditions: pending('Accepted', 'Programmed') } }),
}, ['spec'])

const token = "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$"
const header = obj({ name: sized(1, 256, token), value: sized(1, 4096) }, ['name', 'value'])
const headerChanges = obj({ add: keyed(header, 16, 'name'), remove: { type: 'array', items: str(), maxItems: 16, 'x-kubernetes-list-type': 'set' }, set: keyed(header, 16, 'name') })
const newPath = obj({ replaceFullPath: str({ maxLength: 1024 }), replacePrefixMatch: str({ maxLength: 1024 }), type: str({ enum: ['ReplaceFullPath', 'ReplacePrefixMatch'] }) }, ['type'], rules(
  ["replaceFullPath must be specified when type is set to 'ReplaceFullPath'", "self.type == 'ReplaceFullPath' ? has(self.replaceFullPath) : true"],
  ["replacePrefixMatch must be specified when type is set to 'ReplacePrefixMatch'", "self.type == 'ReplacePrefixMatch' ? has(self.replacePrefixMatch) : true"],
))
const backend = { group: groupName({ default: '' }), kind: kindName({ default: 'Service' }), name: aName, namespace, port }
const needsPort = rules(['Must have port for Service reference', "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true"])
const filterTypes = { cors: 'CORS', requestHeaderModifier: 'RequestHeaderModifier', responseHeaderModifier: 'ResponseHeaderModifier', requestMirror: 'RequestMirror', requestRedirect: 'RequestRedirect', urlRewrite: 'URLRewrite', extensionRef: 'ExtensionRef' }
const filters = list(obj({
  cors: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, extensionRef: parametersRef(), requestHeaderModifier: headerChanges, responseHeaderModifier: headerChanges,
  requestMirror: obj({ backendRef: obj(backend, ['name'], needsPort), percent: int(0, 100), fraction: obj({ denominator: int(1, undefined, { default: 100 }), numerator: int(0) }, ['numerator']) }, ['backendRef']),
  requestRedirect: obj({ hostname: dnsName, path: newPath, port, scheme: str({ enum: ['http', 'https'] }), statusCode: { type: 'integer', default: 302, enum: [301, 302, 303, 307, 308] } }),
  type: str({ enum: ['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'RequestRedirect', 'URLRewrite', 'ExtensionRef', 'CORS'] }), urlRewrite: obj({ hostname: dnsName, path: newPath }),
}, ['type'], rules(...Object.entries(filterTypes).flatMap(([field, type]): [string, string][] => [
  [`filter.${field} must be nil if the filter.type is not ${type}`, `!(has(self.${field}) && self.type != '${type}')`], [`filter.${field} must be specified for ${type} filter.type`, `!(!has(self.${field}) && self.type == '${type}')`],
]))), 16, rules(
  ['May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both', "!(self.exists(f, f.type == 'RequestRedirect') && self.exists(f, f.type == 'URLRewrite'))"],
  ...['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite'].map((type): [string, string] => [`${type} filter cannot be repeated`, `self.filter(f, f.type == '${type}').size() <= 1`]),
))
const plainPath = "self.type in ['Exact','PathPrefix']"
const not = (what: string, test: string): [string, string] => [`must not ${what} when type one of ['Exact', 'PathPrefix']`, `(${plainPath}) ? !self.value.${test} : true`]
const matchKind = str({ default: 'Exact', enum: ['Exact', 'RegularExpression'] })
const match = obj({
  headers: keyed(obj({ name: sized(1, 256, token), type: matchKind, value: sized(1, 4096) }, ['name', 'value']), 16, 'name'),
  method: str({ enum: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] }),
  path: obj({ type: str({ default: 'PathPrefix', enum: ['Exact', 'PathPrefix', 'RegularExpression'] }), value: str({ default: '/', maxLength: 1024 }) }, [], {
    default: { type: 'PathPrefix', value: '/' },
    ...rules(["value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']", `(${plainPath}) ? self.value.startsWith('/') : true`], not("contain '//'", "contains('//')"), not("contain '/./'", "contains('/./')"), not("contain '/../'", "contains('/../')"), not("contain '%2f'", "contains('%2f')"), not("contain '%2F'", "contains('%2F')"), not("contain '#'", "contains('#')"), not("end with '/..'", "endsWith('/..')"), not("end with '/.'", "endsWith('/.')")),
  }),
  queryParams: keyed(obj({ name: sized(1, 256, token), type: matchKind, value: sized(1, 1024) }, ['name', 'value']), 16, 'name'),
})
const duration = str({ pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' })
const everything = [{ path: { type: 'PathPrefix', value: '/' } }]
const httpRoute = obj({
  spec: obj({
    hostnames: list(hostname, 16), parentRefs: list(parentRef, 32),
    rules: list(obj({
      backendRefs: list(obj({ ...backend, filters, weight: int(0, 1_000_000, { default: 1 }) }, ['name'], needsPort), 16), filters, matches: list(match, 64, { default: everything }), name: dnsName, timeouts: obj({ backendRequest: duration, request: duration }),
    }, [], rules(['RequestRedirect filter must not be used together with backendRefs', "(has(self.backendRefs) && size(self.backendRefs) > 0) ? (!has(self.filters) || self.filters.all(f, !has(f.requestRedirect))): true"])), 16, { minItems: 1, default: [{ matches: everything }] }),
  }),
  status: obj({ parents: list(obj({ conditions: conditions({ minItems: 1 }), controllerName, parentRef }, ['conditions', 'controllerName', 'parentRef']), 32) }, ['parents']),
}, ['spec'])

const referenceGrant = obj({
  spec: obj({
    from: list(obj({ group: groupName(), kind: kindName(), namespace }, ['group', 'kind', 'namespace']), 16, { minItems: 1 }), to: list(obj({ group: groupName(), kind: kindName(), name: aName }, ['group', 'kind']), 16, { minItems: 1 }),
  }, ['from', 'to']),
}, ['spec'])

interface Column {
  readonly name: string
  readonly jsonPath: string
  readonly type: string
  readonly priority?: number
}

const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }
const text = (name: string, jsonPath: string, priority = 0): Column => ({ name, type: 'string', jsonPath, ...(priority > 0 ? { priority } : {}) })

function define(kind: string, plural: string, scope: 'Cluster' | 'Namespaced', shortNames: readonly string[], openAPIV3Schema: Schema, columns: readonly Column[]): CustomResourceDefinition {
  const hasStatus = openAPIV3Schema.properties?.status !== undefined
  // v1beta1 is served still, as v1 is; grants are stored as v1beta1 upstream.
  const versions = ['v1', 'v1beta1'].map((name) => ({ name, served: true, storage: (name === 'v1') === hasStatus, ...(hasStatus ? { subresources: { status: {} } } : {}), additionalPrinterColumns: columns, schema: { openAPIV3Schema } }))
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/4530', [`${group}/bundle-version`]: 'v1.6.1', [`${group}/channel`]: 'standard' } },
    spec: { group, scope, names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), categories: ['gateway-api'], ...(shortNames.length > 0 ? { shortNames } : {}) }, versions },
  } as unknown as CustomResourceDefinition
}

/**
 * GatewayClass, Gateway, HTTPRoute and ReferenceGrant of the standard channel, without the descriptions.
 * Upstream: kubernetes-sigs/gateway-api v1.6, config/crd/standard
 */
export function gatewayApiDefinitions(): readonly CustomResourceDefinition[] {
  return [
    define('GatewayClass', 'gatewayclasses', 'Cluster', ['gc'], gatewayClass, [text('Controller', '.spec.controllerName'), text('Accepted', '.status.conditions[?(@.type=="Accepted")].status'), age, text('Description', '.spec.description', 1)]),
    define('Gateway', 'gateways', 'Namespaced', ['gtw'], gateway, [text('Class', '.spec.gatewayClassName'), text('Address', '.status.addresses[*].value'), text('Programmed', '.status.conditions[?(@.type=="Programmed")].status'), age]),
    define('HTTPRoute', 'httproutes', 'Namespaced', [], httpRoute, [text('Hostnames', '.spec.hostnames'), age]),
    define('ReferenceGrant', 'referencegrants', 'Namespaced', ['refgrant'], referenceGrant, [age]),
  ]
}
