import { expect, test } from 'vitest'
import type { KubeObject } from '../../apimachinery'
import { warningsFor } from './warnings'

const deployment = (name: string, spec: object): KubeObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { template: { metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'x' } }, spec } } }) as unknown as KubeObject

test('old node labels, hidden variables and doubled ports of a template are warned of', () => {
  const spec = {
    nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
    topologySpreadConstraints: [{ topologyKey: 'failure-domain.beta.kubernetes.io/zone' }],
    containers: [{ name: 'a', env: [{ name: 'X', value: '1' }, { name: 'X', value: '$(X)2' }, { name: 'X', value: '3' }], ports: [{ containerPort: 80 }] }, { name: 'b', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] }],
  }
  expect(warningsFor('deployments', deployment('web', spec), true)).toEqual([
    'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.template.spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    'spec.template.spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
    'spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]: deprecated since v1.30; use the "appArmorProfile" field instead',
    'spec.template.spec.containers[0].env[2]: hides previous definition of "X", which may be dropped when using apply',
    'spec.template.spec.containers[1].ports[0]: duplicate port definition with spec.template.spec.containers[0].ports[0]',
  ])
})

test('a name with a dot is warned of once, when it is given', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a.b' }, spec: { containers: [] } } as unknown as KubeObject
  expect(warningsFor('pods', pod, true)[0]).toMatch(/^metadata\.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: \[/)
  expect(warningsFor('pods', pod, false)).toEqual([])
})

test('an ingress that names its class in the old way is warned of', () => {
  const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'i', annotations: { 'kubernetes.io/ingress.class': 'nginx' } }, spec: {} } as unknown as KubeObject
  expect(warningsFor('ingresses', ingress, true)).toEqual([`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`])
})

test('volumes, addresses and amounts of the past are warned of', () => {
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c', annotations: { 'volume.beta.kubernetes.io/storage-class': 'x' } }, spec: { resources: { requests: { storage: '1500m' } } } } as unknown as KubeObject
  expect(warningsFor('persistentvolumeclaims', claim, true)).toEqual([
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
  ])
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { type: 'ClusterIP', clusterIP: 'None', externalIPs: ['010.0.0.1'], sessionAffinity: 'ClientIP', loadBalancerSourceRanges: ['10.0.0.1/8'], trafficDistribution: 'PreferClose' } } as unknown as KubeObject
  expect(warningsFor('services', service, true)).toEqual([
    'spec.externalIPs is ignored for headless services', 'spec.SessionAffinity is ignored for headless services',
    'spec.externalIPs[0]: non-standard IP address "010.0.0.1" will be considered invalid in a future Kubernetes release: use "10.0.0.1"',
    'spec.loadBalancerSourceRanges[0]: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
    'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
  ])
})
