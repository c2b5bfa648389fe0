import { describe, expect, it } from 'vitest'
import { fieldErrorText } from '../../apimachinery'
import { facts } from '../../apimachinery/facts.testing'
import { parseCIDR } from './validation/ip'
import { allocateIP, allocatePort, clusterIPOffset, nodePortOffset, usableAddresses } from './core/allocation'
import { create, update, writeContext } from './registry.testing'

function stored(manifest: any): any {
  const made = create(manifest)
  if ('error' in made) throw new Error(made.error)
  expect(made.errors).toEqual([])
  return made.object
}

const texts = (errors: readonly any[]): string[] => errors.map(fieldErrorText)

/** A pod as admission leaves it, as the recordings had it. */
function recordedPod(): any {
  return stored({
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' },
    spec: {
      nodeName: 'node-1', serviceAccountName: 'default', priority: 0, preemptionPolicy: 'PreemptLowerPriority',
      containers: [{ name: 'p', image: 'nginx:1.25', volumeMounts: [{ name: 'kube-api-access-xxxxx', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }] }],
      volumes: [{
        name: 'kube-api-access-xxxxx',
        projected: {
          defaultMode: 420,
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
          ],
        },
      }],
    },
  })
}

const FORBIDDEN = 'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n'

describe('changes of stored objects', () => {
  it('shows what was changed in a pod as a diff of internal structs, with the line numbers of a real server', () => {
    const pod = recordedPod()
    const node = update({ ...pod, spec: { ...pod.spec, nodeName: 'node-9' } }, pod)
    expect(texts(node)).toEqual([`${FORBIDDEN}@@ -158,7 +158,7 @@
  "NodeSelector": null,
  "ServiceAccountName": "default",
  "AutomountServiceAccountToken": null,
- "NodeName": "node-1",
+ "NodeName": "node-9",
  "SecurityContext": {
   "HostNetwork": false,
   "HostPID": false,
`])
    const env = update({ ...pod, spec: { ...pod.spec, containers: [{ ...pod.spec.containers[0], env: [{ name: 'A', value: 'b' }] }] } }, pod)
    expect(texts(env)).toEqual([`${FORBIDDEN}@@ -116,7 +116,13 @@
    "WorkingDir": "",
    "Ports": null,
    "EnvFrom": null,
-   "Env": null,
+   "Env": [
+    {
+     "Name": "A",
+     "Value": "b",
+     "ValueFrom": null
+    }
+   ],
    "Resources": {
     "Limits": null,
     "Requests": null,
`])
  })

  it('lets a pod change its image and nothing about the number of containers', () => {
    const pod = recordedPod()
    const [c] = pod.spec.containers
    expect(update({ ...pod, spec: { ...pod.spec, containers: [{ ...c, image: 'nginx:1.26' }] } }, pod)).toEqual([])
    expect(texts(update({ ...pod, spec: { ...pod.spec, containers: [c, { ...c, name: 'x' }] } }, pod))).toEqual(['spec.containers: Forbidden: pod updates may not add or remove containers'])
  })

  it('keeps selectors, cluster IPs, claims and immutable data as they are', () => {
    const deployment = stored({
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' },
      spec: { selector: { matchLabels: { app: 'd' } }, template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'd', image: 'nginx:1.25' }] } } },
    })
    const other = { app: 'other' }
    const moved = { ...deployment, spec: { ...deployment.spec, selector: { matchLabels: other }, template: { ...deployment.spec.template, metadata: { labels: other } } } }
    expect(texts(update(moved, deployment))).toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable'])

    const service = stored({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'a' }, ports: [{ port: 80 }] } })
    expect(texts(update({ ...service, spec: { ...service.spec, clusterIP: '10.96.9.9' } }, service))).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.96.9.9"]: may not change once set'])

    const claim = stored({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c3' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '50Gi' } } } })
    expect(texts(update({ ...claim, spec: { ...claim.spec, resources: { requests: { storage: '1Gi' } } } }, claim))).toEqual([`spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims
@@ -6,7 +6,7 @@
  "Resources": {
   "Limits": null,
   "Requests": {
-   "storage": "50Gi"
+   "storage": "1Gi"
   }
  },
  "VolumeName": "",
`])

    const map = stored({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'imm' }, immutable: true, data: { a: 'b' } })
    expect(texts(update({ ...map, data: { a: 'c' } }, map))).toEqual(['data: Forbidden: field is immutable when `immutable` is set'])
  })

  it('gives a Service back what a type needs and takes what it cannot have', () => {
    const service = stored({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { type: 'NodePort', selector: { app: 'a' }, ports: [{ port: 80 }] } })
    expect(service.spec.ports[0].nodePort).toBe(30_086)
    const next = structuredClone({ ...service, spec: { type: 'ClusterIP', selector: { app: 'a' }, ports: service.spec.ports } })
    expect(update(next, service)).toEqual([])
    const taken = create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 't' }, spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30_086 }] } }, writeContext({ services: [service] }))
    expect('errors' in taken && texts(taken.errors)).toEqual(['spec.ports[0].nodePort: Invalid value: 30086: provided port is already allocated'])
  })
})

describe('allocation of addresses and ports', () => {
  const f = facts<any>('fn-ip-port-allocation')
  it('keeps the lower band free as upstream', () => {
    for (const c of f.clusterIP) {
      const cidr = parseCIDR(c.cidr)!
      expect([c.cidr, clusterIPOffset(cidr), Number(usableAddresses(cidr))]).toEqual([c.cidr, c.staticBandOffset, c.free])
      if (c.dynamicBandFirstIP !== undefined) expect(allocateIP(cidr, () => false, () => 0)).toBe(c.dynamicBandFirstIP)
    }
    for (const c of f.nodePort) {
      const base = Number(c.range.split('-')[0])
      expect(nodePortOffset({ base, size: c.size })).toBe(c.staticBandOffset)
    }
  })

  it('falls back to the lower band, then says that all are taken', () => {
    const range = { base: 30_000, size: 20 }
    expect(allocatePort(range, (p) => p >= 30_016, () => 0)).toBe(30_000)
    expect(allocatePort(range, () => true, () => 0)).toBeUndefined()
  })
})
