import { expect, test } from 'vitest'
import { REAL_REQUEST } from '../../apimachinery/x509.testing'
import type { ApiResponse, RequestInit } from '../../client-go'
import { notFound, runFake } from '../kubectl.testing'
import { title } from './cluster'

const ok = (body: unknown): ApiResponse => ({ code: 200, body }) as ApiResponse

/** A server of one object, with lists by the last word of their path. */
function described(line: string, object: any, lists: Record<string, (r: RequestInit) => any[]> = {}) {
  return runFake(`kubectl describe ${line}`, (r) => {
    if (r.verb === 'list') return ok({ metadata: {}, items: lists[r.path.split('/').at(-1) as string]?.(r) ?? [] })
    return r.path.endsWith(`/${object.metadata.name}`) ? ok(object) : notFound
  })
}
const lines = (text: string): string[] => text.split('\n').map((l) => l.trim().replace(/ {2,}/g, ' | '))

test('a pod: only its metadata is looked up for the environment, paths of probes are escaped, volumes are told in upstream\'s words', () => {
  const env = [
    ['NAME', 'metadata.name'], ['LABEL', "metadata.labels['a.b/c']"], ['ALL', 'metadata.labels'], ['IP', 'status.podIP'], ['NODE', 'spec.nodeName'],
  ].map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } }))
  const pod = {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default', uid: 'u', labels: { 'a.b/c': 'x', z: 'y' } }, status: { podIP: '10.0.0.1', hostIP: '10.1.0.1', phase: 'Running', qosClass: 'BestEffort' },
    spec: {
      nodeName: 'n', priorityClassName: 'high', schedulingGroup: { podGroupName: 'g' },
      containers: [{
        name: 'c', image: 'i', env: [...env, { name: 'FILE', valueFrom: { fileKeyRef: { key: 'k' } } }, { name: 'LINES', value: 'a\nb' }],
        livenessProbe: { httpGet: { host: 'fd00::1', port: 80, scheme: 'HTTPS', path: '/live?full=1 [a]' }, initialDelaySeconds: 3, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
        readinessProbe: { httpGet: { port: 'web', scheme: 'HTTP', path: 'ready!' } },
      }],
      volumes: [{ name: 'a', emptyDir: { sizeLimit: '0' } }, { name: 'b', iscsi: { targetPortal: 't', iqn: 'q', lun: 1, iscsiInterface: 'default', secretRef: { name: 's' } } }, { name: 'd', quobyte: { registry: 'r', volume: 'v' } }, { name: 'e', unknown: {} }],
    },
  }
  const out = lines(described('pod p', pod).stdout)
  for (const line of [
    'Priority Class Name: | high', 'NAME: | p (v1:metadata.name)', "LABEL: | x (v1:metadata.labels['a.b/c'])", 'ALL: | a.b/c="x"', 'z="y" (v1:metadata.labels)', 'IP: | (v1:status.podIP)', 'NODE: | (v1:spec.nodeName)', 'LINES: | a',
    'Liveness: | http-get https://[fd00::1]:80/live%3Ffull=1%20%5Ba%5D delay=3s timeout=1s period=10s #success=1 #failure=3', 'Readiness: | http-get http://:web/ready%21 delay=0s timeout=0s period=0s #success=0 #failure=0',
    'SizeLimit: | <unset>', 'ISCSIInterface | default', 'SecretRef: | &LocalObjectReference{Name:s,}', "Type: | Quobyte (a Quobyte mount on the host that shares a pod's lifetime)", '<unknown>', 'SchedulingGroup:', 'PodGroupName: | g',
  ]) expect(out).toContain(line)
  expect(out.join('\n')).not.toContain('FILE')
})

test('a certificate request is read', () => {
  const csr = (request: string) => ({
    apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'jane', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z', labels: { b: '2', a: '1' } },
    spec: { request: btoa(request), signerName: 'kubernetes.io/kube-apiserver-client', username: 'kubernetes-admin', expirationSeconds: 86400 }, status: { conditions: [{ type: 'Approved' }], certificate: 'eA==' },
  })
  expect(described('csr jane', csr(REAL_REQUEST)).stdout).toBe(`Name:                jane
Labels:              a=1,b=2
Annotations:         <none>
CreationTimestamp:   Thu, 01 Jan 2026 00:00:00 +0000
Requesting User:     kubernetes-admin
Signer:              kubernetes.io/kube-apiserver-client
Requested Duration:  24h
Status:              Approved,Issued
Subject:
  Common Name:          jane
  Serial Number:        
  Organization:         dev
                        ops
  Organizational Unit:  team
  Country:              DE
  Locality:             München
  Province:             Bayern
Subject Alternative Names:
         DNS Names:        web.default.svc
                           web
         Email Addresses:  j@x.io
         URIs:             spiffe://c/ns/a
         IP Addresses:     10.0.0.1
                           fd00::1
Events:  <none>
`)
  expect(described('csr jane', csr('nothing'))).toMatchObject({ rc: 1, stdout: '', stderr: 'error: Error parsing CSR: PEM block type must be CERTIFICATE REQUEST\n' })
  // Cut off anywhere, it is still no reason to fail otherwise.
  for (let n = 0; n < 500; n += 7) expect([0, 1]).toContain(described('csr jane', csr(`-----BEGIN CERTIFICATE REQUEST-----\n${REAL_REQUEST.slice(36, 36 + n)}-----END CERTIFICATE REQUEST-----`)).rc)
})

test('events of a node are those of its uid and of its name, not of another that had its name', () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', uid: 'new' }, spec: {}, status: {} }
  const events = (r: RequestInit): any[] => ['old', 'new', 'n'].filter((uid) => (r.query as any).fieldSelector.includes(`involvedObject.uid=${uid}`)).slice(0, 1).map((uid) => ({ metadata: {}, type: 'Normal', reason: `Of-${uid}`, message: 'm', source: {}, involvedObject: {} }))
  const out = described('node n', node, { events }).stdout
  expect([...out.matchAll(/Of-\w+/g)].map(String)).toEqual(['Of-new', 'Of-n'])
})

test('classes and defaults that are annotations, affinity without terms, what is not set', () => {
  const pv = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v', annotations: { 'volume.beta.kubernetes.io/storage-class': 'old' } }, spec: { capacity: { storage: '1Gi' }, nodeAffinity: {}, azureDisk: { diskName: 'd', diskURI: 'u', kind: 'Managed', fsType: 'ext4', cachingMode: 'None', readOnly: false } }, status: {} }
  expect(lines(described('pv v', pv).stdout)).toEqual(expect.arrayContaining(['StorageClass: | old', 'Node Affinity: | <none>', 'Kind: | Managed']))
  const sc = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 's', annotations: { 'storageclass.beta.kubernetes.io/is-default-class': 'true' } }, provisioner: 'p' }
  expect(described('sc s', sc).stdout).toMatch(/^IsDefaultClass: +Yes$/m)
  const cron = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'c', namespace: 'default' }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { containers: [] } } } } }, status: {} }
  expect(described('cj c', cron).stdout).toMatch(/^Suspend: +<unset>$/m)
  const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 's', namespace: 'default' }, spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, updateStrategy: { type: 'OnDelete' }, template: { spec: { containers: [] } }, volumeClaimTemplates: [{ metadata: { name: 'd', annotations: { a: 'b' } }, spec: { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] } }] }, status: {} }
  expect(lines(described('sts s', set).stdout)).toEqual(expect.arrayContaining(['Annotations: | a=b', 'Capacity: | <default>', 'Access Modes: | [ReadWriteOnce ReadOnlyMany]']))
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'default' }, spec: {}, status: { hard: { 'requests.memory': '1Gi', pods: '4' }, used: { 'requests.memory': '512M' } } }
  expect(lines(described('quota q', quota).stdout)).toEqual(expect.arrayContaining(['pods | 0 | 4', 'requests.memory | 500000Ki | 1Gi']))
  const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'i', namespace: 'default' }, spec: {}, status: { loadBalancer: { ingress: [{ ip: '2.2.2.2' }, { ip: '1.1.1.1' }, { ip: '2.2.2.2' }] } } }
  expect(described('ing i', ingress).stdout).toMatch(/^Address: +1\.1\.1\.1,2\.2\.2\.2$/m)
})

test('fields of kinds that nobody knows', () => {
  expect(['clusterIPs', 'podCIDRs', 'JSONPath', 'someJSONPath', 'osbID', 'apiVersion', 'minReadySeconds', 'a1'].map(title)).toEqual(['Cluster I Ps', 'Pod CIDRs', 'JSONPath', 'Some JSONPath', 'Osb ID', 'API Version', 'Min Ready Seconds', 'a1'])
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l', namespace: 'default', managedFields: [{}] }, spec: { nothing: null, list: ['a', ['b', 1]], on: true } }
  expect(described('lease l', lease).stdout).toBe(`Name:         l
Namespace:    default
Labels:       <none>
Annotations:  <none>
API Version:  coordination.k8s.io/v1
Kind:         Lease
Metadata:
Spec:
  List:
    a
    [b 1]
  Nothing:  <nil>
  On:       true
Events:     <none>
`)
})
