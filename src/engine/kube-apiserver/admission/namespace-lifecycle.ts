import { notFound } from '../../apimachinery'
import type { AdmissionPlugin } from './plugin'

const immortal = new Set(['default', 'kube-system', 'kube-public'])

/** Nothing is created in a namespace that does not exist or is being deleted, and three namespaces cannot be deleted. Upstream: apiserver/pkg/admission/plugin/namespace/lifecycle */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  admit({ served, operation, namespace, name, write, subresource, object }) {
    if (served.storage === 'namespaces') {
      return operation === 'DELETE' && immortal.has(name) && subresource === '' ? 'this namespace may not be deleted' : undefined
    }
    if (operation !== 'CREATE' || namespace === '' || subresource !== '') return undefined
    const ns = write.get('namespaces', '', namespace)
    if (ns === undefined) return notFound({ group: '', resource: 'namespaces' }, namespace)
    const phase = (ns as { status?: { phase?: string } }).status?.phase
    if (phase !== 'Terminating' && ns.metadata.deletionTimestamp === undefined) return undefined
    const text = `unable to create new content in namespace ${namespace} because it is being terminated`
    const causes = [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }]
    const shown = name || object?.metadata.name || object?.metadata.generateName || ''
    const { group, resource } = served.gr
    const head = group === '' ? resource : `${resource}.${group}`
    return {
      apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code: 403, reason: 'Forbidden',
      message: `${head} "${shown}" is forbidden: ${text}`, details: { name: shown, ...(group === '' ? {} : { group }), kind: resource, causes },
    }
  },
}
