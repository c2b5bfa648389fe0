import type { ConfigMap, Namespace } from '../../api'
import { deepEqual, type KubeObject } from '../../apimachinery'
import { namespaceTerminates } from '../pod-control'
import type { Controller, ManagerSettings } from '../controller'
import { createObject, updateObject } from '../requests'

const isActive = (ns: Namespace | undefined): boolean => ns !== undefined && ns.metadata.deletionTimestamp === undefined && ns.status?.phase !== 'Terminating'

/** A controller that keeps one object in every active namespace, and as it should be where `mend` says so. */
function keeper(name: string, component: string, resource: string, object: string, make: (namespace: string, settings: ManagerSettings) => KubeObject, mend?: (found: KubeObject, settings: ManagerSettings) => KubeObject): Controller<null> {
  return {
    name, component, resource,
    informers: [{ resource: 'namespaces' }, { resource }],
    workers: 1,
    start: () => null,
    onDelta(delta, env) {
      if (delta.resource === 'namespaces') {
        if (delta.type !== 'deleted') env.enqueue(delta.object.metadata.name)
      } else if (delta.object.metadata.name === object && (delta.type === 'deleted' || mend !== undefined)) env.enqueue(delta.object.metadata.namespace as string)
    },
    reconcile(namespace, env) {
      if (!isActive(env.cache<Namespace>('namespaces').get('', namespace))) return []
      const found = env.cache(resource).get(namespace, object)
      if (found !== undefined) {
        const mended = mend?.(found, env.settings) ?? found
        return mended === found ? [] : [updateObject(resource, mended)]
      }
      return [createObject(resource, make(namespace, env.settings), { ignore: ['AlreadyExists', 'NotFound'], tag: 'create' })]
    },
    onResponse: (_key, _tag, response) => ({ handled: namespaceTerminates(response) }),
  }
}

/** A `default` ServiceAccount in every namespace. Upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go */
export const serviceAccountController: Controller<null> = keeper('serviceaccount', 'service-account-controller', 'serviceaccounts', 'default', (namespace) =>
  ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }))

/** The cluster's authority, as it is published. */
export const certificate = '-----BEGIN CERTIFICATE-----\nMIIDBTCCAe2gAwIBAgIIKubeloopSimulatedCA\n-----END CERTIFICATE-----\n'

const descriptionKey = 'kubernetes.io/description'
const description = 'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'
const rootCA = Object.freeze({ 'ca.crt': certificate })
const selfSigned = Object.freeze({ 'ca.crt': certificate + certificate })
const dataFor = (settings: ManagerSettings) => (settings.selfSigned ? selfSigned : rootCA)

/** The cluster's CA in every namespace; what people change in it is put right. Upstream: pkg/controller/certificates/rootcacertpublisher */
export const rootCACertPublisher: Controller<null> = keeper('root-ca-certificate-publisher', 'root-ca-cert-publisher', 'configmaps', 'kube-root-ca.crt', (namespace, settings) =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt', namespace, annotations: { [descriptionKey]: description } }, data: dataFor(settings) }) as KubeObject,
(found, settings) => {
  const data = dataFor(settings)
  const { annotations } = found.metadata
  if (deepEqual((found as ConfigMap).data, data) && annotations?.[descriptionKey]) return found
  return { ...found, data, metadata: { ...found.metadata, annotations: { ...annotations, [descriptionKey]: description } } } as KubeObject
})
