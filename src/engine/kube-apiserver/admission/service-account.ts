import type { Pod, ServiceAccount, Volume } from '../../api'
import { randomSuffix } from '../../apimachinery'
import type { AdmissionPlugin } from './plugin'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** Gives each pod a service account and the token volume of it. Upstream: plugin/pkg/admission/serviceaccount */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  resources: ['pods'],
  admit({ operation, subresource, object, namespace, write }) {
    if (operation !== 'CREATE' || subresource !== '') return undefined
    const pod = object as Pod
    if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) {
      return pod.spec.serviceAccountName ? 'a mirror pod may not reference service accounts' : undefined
    }
    const { spec } = pod
    spec.serviceAccountName ||= 'default'
    const name = spec.serviceAccountName
    const account = write.get('serviceaccounts', namespace, name) as ServiceAccount | undefined
    if (account === undefined) return `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`
    spec.serviceAccount = name
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod, (n) => write.draw(n))
    if ((spec.imagePullSecrets?.length ?? 0) === 0 && account.imagePullSecrets?.length) spec.imagePullSecrets = [...account.imagePullSecrets]
    return undefined
  },
  validate({ operation, subresource, object }) {
    if (operation !== 'CREATE' || subresource !== '') return undefined
    const { spec, metadata } = object as Pod
    if (metadata.annotations?.[mirrorAnnotation] === undefined) return undefined
    if (spec.volumes?.some((v) => v.secret != null) || [...(spec.initContainers ?? []), ...spec.containers].some((c) => c.env?.some((e) => e.valueFrom?.secretKeyRef != null) || c.envFrom?.some((e) => e.secretRef != null))) {
      return 'a mirror pod may not reference secrets'
    }
    if (spec.volumes?.some((v) => v.projected?.sources?.some((s) => s.serviceAccountToken != null))) return 'a mirror pod may not use ServiceAccountToken volume projections'
    return undefined
  },
}

function mountToken({ spec }: Pod, draw: (n: number) => number): void {
  const existing = spec.volumes?.find((v) => v.name.startsWith('kube-api-access-'))
  let name = existing?.name
  let needed = false
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    if (container.volumeMounts?.some((m) => m.mountPath === mountPath)) continue
    name ??= `kube-api-access-${randomSuffix(draw)}`
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }]
    needed = true
  }
  if (needed && existing === undefined) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name as string)]
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
      defaultMode: 420,
    },
  }
}
