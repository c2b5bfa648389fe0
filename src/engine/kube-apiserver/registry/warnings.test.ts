import { expect, test } from 'vitest'
import type { KubeObject } from '../../apimachinery'
import { warningsFor } from './warnings'

const deployment = (name: string, spec: object): KubeObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { template: { metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'x' } }, spec } } }) as unknown as KubeObject

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
    'spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead',
    'spec.template.spec.containers[0].env[2].name: hides previous definition of "X", which may be dropped when using apply',
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
