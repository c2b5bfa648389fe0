import { describe, expect, test } from 'vitest'
import type { PersistentVolumeClaim } from '../../api'
import type { KubeObject } from '../../apimachinery'
import { Terminal } from '../../cluster/terminal.testing'

const user = (claim: string) => `apiVersion: v1
kind: Pod
metadata: {name: user}
spec: {containers: [{name: c, image: nginx:1.25, volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, persistentVolumeClaim: {claimName: ${claim}}}]}
`
const claimOf = (name: string, more: string) => `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}${more}}
`
const grow = (name: string, size: string) => `kubectl patch pvc ${name} -p '{"spec":{"resources":{"requests":{"storage":"${size}"}}}}'`
const get = (t: Terminal, name: string) => t.object<PersistentVolumeClaim & KubeObject>('persistentvolumeclaims', 'default', name)

describe('a claim that asks for more', () => {
  test('is refused unless its class lets it', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', claimOf('c', ''))
    expect(t.type(grow('c', '2Gi'))).toContain('spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims')
    t.type('kubectl apply -f -', user('c'))
    t.run(30)
    expect(get(t, 'c')?.status?.phase).toBe('Bound')
    expect(t.type(grow('c', '2Gi'))).toBe('Error from server (Forbidden): persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize\n')
    expect(t.type(grow('c', '500Mi'))).toContain('field can not be less than status.capacity')
    expect(get(t, 'c')?.spec.resources?.requests?.storage).toBe('1Gi')
  })
})
