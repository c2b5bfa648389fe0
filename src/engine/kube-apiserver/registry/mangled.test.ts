import { expect, it } from 'vitest'
import { facts } from '../../apimachinery/facts.testing'
import { create, update } from './registry.testing'

// Everything that a manifest can say, of many kinds; what is wrong with it does not matter here.
const docs: any[] = [...facts<any>('golden-defaulting').cases.map((c: any) => c.given), ...facts<any>('golden-invalid-manifests').cases.map((c: any) => c.manifest)]
const ctr = { name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort: 80 }], resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }], env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1' } } }], envFrom: [{ configMapRef: { name: 'x' } }], resources: { limits: { cpu: '1' }, claims: [{ name: 'x' }] }, volumeMounts: [{ name: 'v', mountPath: '/a', subPath: 'x', mountPropagation: 'None', recursiveReadOnly: 'Disabled' }], volumeDevices: [{ name: 'b', devicePath: '/b' }], securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'a' }, appArmorProfile: { type: 'Localhost', localhostProfile: 'a' }, capabilities: { add: ['X'] }, windowsOptions: {} }, livenessProbe: { httpGet: { port: 80, httpHeaders: [{ name: 'a', value: 'b' }] } }, lifecycle: { preStop: { sleep: { seconds: 1 } } } }
const vol = { name: 'v', projected: { sources: [{ secret: { name: 's', items: [{ key: 'a', path: 'b' }] } }, { downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'metadata.name' } }] } }, { clusterTrustBundle: { name: 'x', path: 'y' } }, { serviceAccountToken: { path: 't' } }] } }
const podSpec = { containers: [ctr], initContainers: [{ ...ctr, name: 'd' }], volumes: [vol, { name: 'b', ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: 'b' } }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } } } }, { name: 'q', iscsi: { targetPortal: 'a', iqn: 'iqn.2001-04.com.example:x', lun: 1 } }, { name: 'w', fc: { targetWWNs: ['a'], lun: 1 } }, { name: 'e', csi: { driver: 'd', nodePublishSecretRef: { name: 'x' } } }, { name: 'r', azureDisk: { diskName: 'a', diskURI: '/subscriptions/x' } }, { name: 't', flexVolume: { driver: 'd', options: { a: 'b' } } }, { name: 'y', storageos: { volumeName: 'a' } }, { name: 'u', image: { reference: 'r' } }], resources: { requests: { cpu: '2' } }, resourceClaims: [{ name: 'x', resourceClaimName: 'y' }], os: { name: 'linux' }, dnsConfig: { nameservers: ['1.1.1.1'], searches: ['a.b'], options: [{ name: 'x' }] }, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['a'], labelSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] } }], affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'z', matchLabelKeys: ['q'], mismatchLabelKeys: ['s'], labelSelector: { matchLabels: { a: 'b' } } }], preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'z' } }] }, nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['x'] }] }] } } }, overhead: { cpu: '1' }, hostAliases: [{ ip: '1.1.1.1', hostnames: ['a'] }], hostNetwork: true, hostUsers: true, tolerations: [{ key: 'a', operator: 'Exists' }] }
docs.push({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: podSpec }, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'p' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: podSpec } } },
  { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], csi: { driver: 'd', volumeHandle: 'h', nodeStageSecretRef: { name: 'a', namespace: 'b' }, nodeExpandSecretRef: { name: 'a', namespace: 'b' } }, volumeAttributesClassName: 'x', nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }] } } } },
  { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: { completionMode: 'Indexed', completions: 3, backoffLimitPerIndex: 1, maxFailedIndexes: 1, managedBy: 'a.b/c', successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 1 }] }, podFailurePolicy: { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [1, 2] } }, { action: 'Count', onPodConditions: [{ type: 'X', status: 'True' }] }] }, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { type: 'LoadBalancer', clusterIPs: ['10.96.0.5'], clusterIP: '10.96.0.5', ipFamilies: ['IPv4'], externalIPs: ['1.2.3.4'], loadBalancerSourceRanges: ['1.0.0.0/8'], loadBalancerClass: 'a/b', sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } }, ports: [{ port: 80, appProtocol: 'a', name: 'x' }] }, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { podCIDRs: ['10.0.0.0/24'], taints: [{ key: 'a', effect: 'NoSchedule' }] }, status: { capacity: { cpu: '1' }, addresses: [{ type: 'InternalIP', address: '1.2.3.4' }] } },
  { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard: { pods: '1' }, scopes: ['Terminating'], scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['a'] }] } }, status: { hard: { pods: '1' }, used: { pods: '0' } } },
  { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'e' }, subsets: [{ addresses: [{ ip: '1.2.3.4', nodeName: 'x', hostname: 'y' }], notReadyAddresses: [{ ip: '1.2.3.5' }], ports: [{ port: 80, name: 'a' }] }] },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'e' }, addressType: 'IPv4', endpoints: [{ addresses: ['1.2.3.4'], hostname: 'x', nodeName: 'y', hints: { forZones: [{ name: 'z' }] } }], ports: [{ name: 'a', port: 80, protocol: 'TCP' }] },
  { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'i' }, spec: { controller: 'a/b', parameters: { kind: 'X', name: 'y', scope: 'Namespace', namespace: 'z', apiGroup: 'g' } } },
  { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 's' }, provisioner: 'a/b', parameters: { a: 'b' }, allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: ['b'] }] }] },
  { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 's' }, spec: { tokenRequests: [{ audience: 'a', expirationSeconds: 700 }], volumeLifecycleModes: ['Persistent'] } },
  { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name: 's' }, spec: { drivers: [{ name: 'd', nodeID: 'n', topologyKeys: ['a'], allocatable: { count: 1 } }] } },
  { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata: { name: 's' }, spec: { attacher: 'd', nodeName: 'n', source: { inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], csi: { driver: 'd', volumeHandle: 'x' } } } } },
  { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 's' }, handler: 'h', overhead: { podFixed: { cpu: '1' } }, scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'a', operator: 'Exists' }] } },
  { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 's' }, spec: { request: 'LS0t', usages: ['client auth'], signerName: 'a.b/c', expirationSeconds: 700 } },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: 's' }, spec: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], resourceNames: ['x'] }], namespaceSelector: { matchLabels: { a: 'b' } } }, matchConditions: [{ name: 'x', expression: 'true' }], variables: [{ name: 'x', expression: '1' }], validations: [{ expression: 'true', messageExpression: "'x'" }] } },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 's' }, spec: { policyName: 'x', validationActions: ['Deny'], paramRef: { name: 'x', parameterNotFoundAction: 'Deny' }, matchResources: { objectSelector: {} } } },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec: { maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, metrics: [{ type: 'Object', object: { describedObject: { kind: 'a', name: 'b' }, metric: { name: 'x', selector: { matchLabels: { a: 'b' } } }, target: { type: 'Value', value: '1' } } }, { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 1 } } }], behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 15 }], tolerance: '0.1' } } } })
const MANGLED = [null, {}, [null]]

/** Paths of everything in a manifest but its address. */
function pathsOf(value: any, at: readonly string[] = []): string[][] {
  if (value === null || typeof value !== 'object') return []
  return Object.keys(value).filter((key) => at.length > 0 || !['apiVersion', 'kind', 'metadata'].includes(key)).flatMap((key) => [[...at, key], ...pathsOf(value[key], [...at, key])])
}

it('no manifest makes the server fail, however mangled', () => {
  const failures: string[] = []
  for (const doc of docs) {
    const made: any = create(doc)
    const old = 'error' in made || made.errors.length > 0 ? undefined : made.object
    for (const path of pathsOf(doc)) {
      for (const value of MANGLED) {
        const copy = structuredClone(doc)
        path.slice(0, -1).reduce((o, key) => o[key], copy)[path.at(-1)!] = value
        try {
          create(copy)
          if (old !== undefined) update({ ...copy, metadata: old.metadata }, old)
        } catch (error) {
          failures.push(`${doc.kind} ${path.join('.')} = ${JSON.stringify(value)}: ${String(error)}`)
        }
      }
    }
  }
  expect(failures).toEqual([])
}, 60_000)
