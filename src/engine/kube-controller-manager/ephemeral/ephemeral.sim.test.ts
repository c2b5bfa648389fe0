import { describe, expect, test } from 'vitest'
import type { PersistentVolumeClaim, Pod } from '../../api'
import type { KubeObject } from '../../apimachinery'
import { Terminal } from '../../cluster/terminal.testing'

type Claim = PersistentVolumeClaim & KubeObject
const pod = `apiVersion: v1
kind: Pod
metadata: {name: scratch}
spec:
  containers: [{name: c, image: busybox:1.36, command: [sh, -c, "date > /s/f; sleep 10000"], volumeMounts: [{name: space, mountPath: /s}]}]
  volumes: [{name: space, ephemeral: {volumeClaimTemplate: {metadata: {labels: {type: scratch}}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}]
`
const claim = (t: Terminal) => t.object<Claim>('persistentvolumeclaims', 'default', 'scratch-space')

describe('a generic ephemeral volume', () => {
  test('gets a claim that its pod owns, is provisioned, and goes with the pod', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', pod)
    t.run(30)
    const uid = t.object('pods', 'default', 'scratch')?.metadata.uid
    expect(claim(t)).toMatchObject({ metadata: { labels: { type: 'scratch' }, ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'scratch', uid, controller: true, blockOwnerDeletion: true }] }, spec: { storageClassName: 'standard' }, status: { phase: 'Bound' } })
    expect(t.object<Pod & KubeObject>('pods', 'default', 'scratch')?.status?.phase).toBe('Running')
    expect(t.type('kubectl exec scratch -- cat /s/f')).not.toBe('')
    t.type('kubectl delete pod scratch', undefined, 60)
    t.run(60)
    expect(claim(t)).toBeUndefined()
    expect([...t.cluster.objects('persistentvolumes')]).toEqual([])
  })

  test('does not take a claim that somebody else made', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: scratch-space}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n')
    t.type('kubectl apply -f -', pod)
    t.run(20)
    expect(t.events('scratch').join('\n')).toContain('FailedBinding: ephemeral volume space: PVC "default/scratch-space" was not created for pod "default/scratch" (pod is not owner)')
    expect(t.object<Pod & KubeObject>('pods', 'default', 'scratch')?.status?.phase).toBe('Pending')
    t.type('kubectl delete pvc scratch-space --wait=false')
    t.run(60)
    expect(t.object<Pod & KubeObject>('pods', 'default', 'scratch')?.status?.phase).toBe('Running')
  })
})
