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

  test('gets it where its class lets it: first the volume grows, then its file system on the node', () => {
    const t = new Terminal()
    t.type(`kubectl patch storageclass standard -p '{"allowVolumeExpansion":true}'`)
    t.type('kubectl apply -f -', claimOf('c', ''))
    t.type('kubectl apply -f -', user('c'))
    t.run(30)
    expect(t.type(grow('c', '3Gi'))).toBe('persistentvolumeclaim/c patched\n')
    t.run(1)
    expect(get(t, 'c')?.status).toMatchObject({ capacity: { storage: '1Gi' }, conditions: [{ type: 'Resizing', status: 'True' }], allocatedResources: { storage: '3Gi' }, allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' } })
    t.run(2)
    expect(get(t, 'c')?.status).toMatchObject({ capacity: { storage: '1Gi' }, conditions: [{ type: 'FileSystemResizePending', status: 'True', message: 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.' }] })
    expect(t.type("kubectl get pv -o jsonpath='{.items[0].spec.capacity.storage}'")).toBe('3Gi')
    expect(t.type('kubectl describe pvc c')).toMatch(/Conditions:\n[\s\S]*FileSystemResizePending +True/)
    t.run(100)
    expect(get(t, 'c')?.status?.capacity?.storage).toBe('3Gi')
    expect(get(t, 'c')?.status?.conditions ?? []).toEqual([])
    const volume = get(t, 'c')?.spec.volumeName ?? ''
    expect(t.events('c')).toContain('ExternalExpanding: waiting for an external controller to expand this PVC')
    expect(t.events('c')).toContain(`Resizing: External resizer is resizing volume ${volume}`)
    expect(t.events('c')).toContain('FileSystemResizeRequired: Require file system resize of volume on node')
    expect(t.events('user').some((e) => e.startsWith(`FileSystemResizeSuccessful: MountVolume.NodeExpandVolume succeeded for volume "${volume}" node-`))).toBe(true)
    expect(t.type('kubectl get pvc c --no-headers')).toMatch(/Bound +\S+ +3Gi/)
  })
})
