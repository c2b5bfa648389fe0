import type { Namespace } from '../../api'
import type { KubeObject } from '../../apimachinery'
import { namespaceTerminates } from '../pod-control'
import type { Controller } from '../controller'
import { createObject } from '../requests'

const isActive = (ns: Namespace | undefined): boolean => ns !== undefined && ns.metadata.deletionTimestamp === undefined && ns.status?.phase !== 'Terminating'

/** A controller that keeps one object in every active namespace. */
function keeper(name: string, component: string, resource: string, object: string, make: (namespace: string) => KubeObject): Controller<null> {
  return {
    name, component, resource,
    informers: [{ resource: 'namespaces' }, { resource }],
    workers: 1,
    start: () => null,
    onDelta(delta, env) {
      if (delta.resource === 'namespaces') {
        if (delta.type !== 'deleted') env.enqueue(delta.object.metadata.name)
      } else if (delta.object.metadata.name === object && delta.type === 'deleted') env.enqueue(delta.object.metadata.namespace as string)
    },
    reconcile(namespace, env) {
      if (!isActive(env.cache<Namespace>('namespaces').get('', namespace)) || env.cache(resource).get(namespace, object) !== undefined) return []
      return [createObject(resource, make(namespace), { ignore: ['AlreadyExists', 'NotFound'], tag: 'create' })]
    },
    onResponse: (_key, _tag, response) => ({ handled: namespaceTerminates(response) }),
  }
}

/** A `default` ServiceAccount in every namespace. Upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go */
export const serviceAccountController: Controller<null> = keeper('serviceaccount', 'service-account-controller', 'serviceaccounts', 'default', (namespace) =>
  ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }))

const certificate = '-----BEGIN CERTIFICATE-----\nMIIDBTCCAe2gAwIBAgIIKubeloopSimulatedCA\n-----END CERTIFICATE-----\n'

/** The cluster's CA in every namespace. Upstream: pkg/controller/certificates/rootcacertpublisher */
export const rootCACertPublisher: Controller<null> = keeper('root-ca-certificate-publisher', 'root-ca-cert-publisher', 'configmaps', 'kube-root-ca.crt', (namespace) =>
  ({
    apiVersion: 'v1', kind: 'ConfigMap',
    metadata: {
      name: 'kube-root-ca.crt', namespace,
      annotations: { 'kubernetes.io/description': 'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.' },
    },
    data: { 'ca.crt': certificate },
  }) as KubeObject)
