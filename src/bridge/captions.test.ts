import { expect, test } from 'vitest'
import { captionOf, captionOfReads } from './captions'

test('a command that lists several kinds says them all, one that looks up and then lists says what it looked up', () => {
  expect(captionOfReads(['You list horizontalpodautoscalers', 'You list persistentvolumeclaims', 'You list services'])).toBe('You list horizontalpodautoscalers, persistentvolumeclaims, services')
  expect(captionOfReads(['You look up pod web', 'You list events'])).toBe('You look up pod web')
})

test('kinds are spelled as Kubernetes spells them', () => {
  const kind = (resource: string): string => captionOf('you', 'delete', resource, { resource, namespace: 'default', name: 'web' }, 1, undefined).split(' ')[2] as string
  const resources = ['pods', 'nodes', 'namespaces', 'services', 'replicasets', 'endpoints', 'endpointslices', 'serviceaccounts', 'persistentvolumeclaims', 'controllerrevisions', 'poddisruptionbudgets', 'networkpolicies', 'ingresses', 'storageclasses', 'horizontalpodautoscalers', 'clusterrolebindings', 'widgets']
  expect(resources.map(kind)).toEqual(['pod', 'node', 'namespace', 'Service', 'ReplicaSet', 'Endpoints', 'EndpointSlice', 'ServiceAccount', 'PersistentVolumeClaim', 'ControllerRevision', 'PodDisruptionBudget', 'NetworkPolicy', 'Ingress', 'StorageClass', 'HorizontalPodAutoscaler', 'ClusterRoleBinding', 'widget'])
})
