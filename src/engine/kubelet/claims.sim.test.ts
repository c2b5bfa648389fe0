import { expect, test } from 'vitest'
import type { Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { Cluster, recordedPreset } from '../cluster'
import { kubectl } from '../kubectl'

const pod = `apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {nodeName: node-1, volumes: [{name: v, persistentVolumeClaim: {claimName: c}}], containers: [{name: c, image: "nginx:1.25"}]}
`
const claim = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: c}
spec: {accessModes: [ReadWriteOnce], storageClassName: m, resources: {requests: {storage: 1Gi}}}
`
const volume = (source: string) => `apiVersion: v1
kind: PersistentVolume
metadata: {name: pv}
spec: {accessModes: [ReadWriteOnce], storageClassName: m, capacity: {storage: 1Gi}, ${source}}
`

class Session {
  readonly cluster = new Cluster(recordedPreset(3)).install(kubectl).bootUp()
  apply(stdin: string, seconds: number): void {
    this.cluster.input({ type: 'kubectl', line: 'kubectl apply -f -', stdin })
    this.cluster.run(this.cluster.now + seconds * 1_000_000)
  }
  get phase(): string | undefined {
    return (this.cluster.object('pods', 'default', 'a') as Pod).status?.phase
  }
  get events(): string[] {
    return ([...this.cluster.objects('events')] as (KubeObject & { involvedObject: { name: string }; reason: string; message: string })[]).filter((e) => e.involvedObject?.name === 'a').map((e) => `${e.reason}: ${e.message}`)
  }
}

test('a pod that no scheduler held back waits on its node for its claim', () => {
  const s = new Session()
  s.apply(pod, 5)
  const failed = (why: string) => `FailedMount: Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: error processing PVC default/c: ${why}`
  expect(s.events).toContain(failed('failed to fetch PVC from API server: persistentvolumeclaims "c" not found'))
  s.apply(claim, 15)
  expect(s.events).toContain(failed('PVC is not bound'))
  expect(s.phase).toBe('Pending')
  s.apply(volume('hostPath: {path: /tmp/x}'), 25)
  expect(s.phase).toBe('Running')
})

test('a CSI volume that is not attached to the node is waited for', () => {
  const s = new Session()
  s.apply(volume('csi: {driver: x.io, volumeHandle: h}'), 1)
  s.apply(claim, 1)
  s.apply(pod, 130)
  expect(s.phase).toBe('Pending')
  expect(s.events).toContain('FailedAttachVolume: AttachVolume.Attach failed for volume "pv" : CSINode node-1 does not contain driver x.io')
  expect(s.events).toContain('FailedMount: Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[v], failed to process volumes=[]: context deadline exceeded')
})
