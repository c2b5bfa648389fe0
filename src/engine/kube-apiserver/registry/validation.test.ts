import { describe, expect, it } from 'vitest'
import { fieldErrorText } from '../../apimachinery'
import { create, update } from './registry.testing'

const container = (more: object = {}): object => ({ name: 'c', image: 'i', ...more })
const pod = (spec: object = {}): any => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { serviceAccountName: 'default', containers: [container()], ...spec } })
const volume = (source: object): any => pod({ volumes: [{ name: 'v', ...source }] })
const pv = (spec: object): any => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...spec } })
const service = (spec: object): any => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }], ...spec } })
const job = (spec: object): any => ({
  apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: { template: { spec: { restartPolicy: 'Never', containers: [container()] } }, ...spec },
})
const quota = (spec: object): any => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec })
const ingress = (path: object): any => ({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'i' }, spec: { rules: [{ http: { paths: [path] } }] } })

/** Rows of upstream's validation tests, by the text that its rule gives. */
const CASES: readonly (readonly [any, ...string[]])[] = [
  [volume({ downwardAPI: { items: [{ path: 'a' }] } }), 'spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required'],
  [volume({ projected: { sources: [{ secret: { name: 's', items: [{ key: 'k', path: 'f' }] } }, { configMap: { name: 'm', items: [{ key: 'k', path: 'f' }] } }] } }),
    'spec.volumes[0].projected: Invalid value: "m": conflicting duplicate paths'],
  [volume({ projected: { sources: [{ secret: { name: 's' }, configMap: { name: 'm' } }] } }), 'spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source'],
  [volume({ iscsi: { targetPortal: 't', iqn: 'abc', lun: 256 } }), 'spec.volumes[0].iscsi.iqn: Invalid value: "abc": must be valid format starting with iqn, eui, or naa',
    'spec.volumes[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive'],
  [volume({ csi: { driver: 'A_b' } }), `spec.volumes[0].csi.driver: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`],
  [volume({ ephemeral: { volumeClaimTemplate: { metadata: { name: 'x' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } } } }),
    'spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set'],
  [volume({ flexVolume: { driver: 'd', options: { 'a.k8s.io/b': '1' } } }), 'spec.volumes[0].flexVolume.options[a.k8s.io/b]: Invalid value: "a.k8s.io/b": kubernetes.io and k8s.io namespaces are reserved'],
  [pod({ containers: [container({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] })], restartPolicy: 'Never' }),
    "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'"],
  [pod({ containers: [container({ env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } }] })] }),
    'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource'],
  [pod({ hostUsers: false, hostNetwork: true }), 'spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false'],
  [pod({ os: { name: 'windows' }, hostPID: true }), 'spec.hostPID: Forbidden: cannot be set for a windows pod'],
  [pod({ dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'] } }),
    'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4"]: must not have more than 3 nameservers'],
  [pod({ resources: { requests: { cpu: '1' } }, containers: [container({ resources: { requests: { cpu: '2' } } })] }),
    'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2'],
  [pod({ containers: [container({ resources: { claims: [{ name: 'gpu' }] } })] }), 'spec.containers[0].resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty'],
  [pod({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['a'], labelSelector: { matchLabels: { a: 'b' } } }] }),
    'spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector'],
  [pv({ gcePersistentDisk: { pdName: '', partition: 300 } }), 'spec.persistentDisk.pdName: Required value', 'spec.persistentDisk.partition: Invalid value: 300: must be between 1 and 255, inclusive'],
  [pv({ local: { path: '/a/../b' } }), "spec.local.path: Invalid value: \"/a/../b\": must not contain '..'", 'spec.nodeAffinity: Required value: Local volume requires node affinity'],
  [pv({ hostPath: { path: '/x' }, volumeAttributesClassName: 'fast' }), 'spec.csi: Required value: has to be specified when using volumeAttributesClassName'],
  [service({ externalIPs: ['169.254.1.1'] }), 'spec.externalIPs[0]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [service({ healthCheckNodePort: 30000 }), "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"],
  [job({ completionMode: 'Indexed', completions: 3, successPolicy: { rules: [{ succeededIndexes: '0-5' }] } }),
    'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0-5": error parsing succeededIndexes: too large index: "5"'],
  [job({ managedBy: 'me' }), 'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
  [job({ podFailurePolicy: { rules: [{ action: 'Ignore' }] } }), 'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required'],
  [quota({ hard: { services: '1' }, scopes: ['Terminating'] }), 'spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource'],
  [quota({ hard: { pods: '1' }, scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } }),
    "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"],
  [ingress({ pathType: 'Prefix', path: '/a', backend: {} }), 'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required'],
  [ingress({ pathType: 'Exact', path: 'a/..', backend: { service: { name: 's', port: { number: 80 } } } }), 'spec.rules[0].http.paths[0].path: Invalid value: "a/..": must be an absolute path',
    "spec.rules[0].http.paths[0].path: Invalid value: \"a/..\": cannot end with '/..'"],
  [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, strategy: { type: 'Fast' }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container()] } } } },
    'spec.strategy: Unsupported value: {"Type":"Fast","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"'],
  [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { taints: [{ key: 'a', effect: 'NoSchedule' }, { key: 'a', effect: 'NoSchedule' }] } },
    'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair'],
  [{ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l' }, spec: { limits: [{ type: 'Disk', max: { cpu: '1' } }] } }, 'spec.limits[0].type: Invalid value: "Disk": must be a standard limit type or fully qualified'],
]

describe('rules with upstream\'s texts', () => {
  for (const [manifest, ...texts] of CASES) {
    it(`${manifest.kind}: ${texts[0]!.slice(0, 90)}`, () => {
      const made = create(manifest)
      if ('error' in made) throw new Error(made.error)
      expect(made.errors.map(fieldErrorText)).toEqual(texts)
    })
  }

  it('keeps what was decided when it was made', () => {
    const texts = (next: any, old: any): string[] => update(next, old).map((e) => fieldErrorText(e).split('\n')[0]!)
    const claim = (spec: object, status: object = { phase: 'Bound', capacity: { storage: '2Gi' } }): any => ({
      apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c', namespace: 'default' }, status,
      spec: { accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem', volumeName: 'v', resources: { requests: { storage: '2Gi' } }, ...spec },
    })
    expect(texts(claim({ resources: { requests: { storage: '1Gi' } } }), claim({}))).toEqual(['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'])
    expect(texts(claim({ resources: { requests: { storage: '3Gi' } } }), claim({}))).toEqual([])
    expect(texts(claim({ storageClassName: 'late' }), claim({}))).toEqual([])
    expect(texts(claim({}), claim({ volumeAttributesClassName: 'fast' }))).toContain('spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden')
  })
})
