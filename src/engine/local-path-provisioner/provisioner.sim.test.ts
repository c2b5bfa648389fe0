import { describe, expect, test } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { Cluster, defaultPreset } from '../cluster'
import { kubectl } from '../kubectl'

const claim = (spec = '') => `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}${spec}}
`
const pod = `apiVersion: v1
kind: Pod
metadata: {name: user}
spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: data}}], containers: [{name: c, image: "nginx:1.25", volumeMounts: [{name: v, mountPath: /data}]}]}
`

class Session {
  readonly cluster = new Cluster(defaultPreset(7)).install(kubectl).bootUp()

  do(line: string, seconds: number, stdin?: string): void {
    this.cluster.input({ type: 'kubectl', line, stdin })
    this.cluster.run(this.cluster.now + seconds * 1_000_000)
  }
  get claim(): PersistentVolumeClaim {
    return this.cluster.object('persistentvolumeclaims', 'default', 'data') as PersistentVolumeClaim
  }
  get pod(): Pod {
    return this.cluster.object('pods', 'default', 'user') as Pod
  }
  get volumes(): PersistentVolume[] {
    return [...this.cluster.objects('persistentvolumes')] as PersistentVolume[]
  }
  events(name: string): string[] {
    return ([...this.cluster.objects('events')] as (KubeObject & { involvedObject: { name: string }; reason: string; message: string })[]).filter((e) => e.involvedObject?.name === name).map((e) => `${e.reason}: ${e.message}`)
  }
}

describe('the default StorageClass of the page', () => {
  test('makes a volume on the node of the first pod, and takes it away with the claim', () => {
    const s = new Session()
    s.do('kubectl apply -f -', 20, claim())
    expect(s.claim.spec.storageClassName).toBe('standard')
    expect(s.claim.status?.phase).toBe('Pending')
    expect(s.volumes).toEqual([])
    s.do('kubectl apply -f -', 20, pod)
    expect(s.claim.status).toMatchObject({ phase: 'Bound', capacity: { storage: '1Gi' } })
    expect(s.volumes[0]?.spec.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.values).toEqual([s.pod.spec.nodeName])
    expect(s.pod.status?.phase).toBe('Running')
    const said = s.events('data')
    expect(said.filter((e) => e.startsWith('WaitForFirstConsumer'))).toHaveLength(1)
    expect(said).toContain('Provisioning: External provisioner is provisioning volume for claim "default/data"')
    expect(said.filter((e) => e.startsWith('ProvisioningSucceeded'))).toEqual([`ProvisioningSucceeded: Successfully provisioned volume ${s.volumes[0]?.metadata.name}`])
    // A claim in use stays until its pod is gone.
    s.do('kubectl delete pvc data --wait=false', 10)
    expect(s.claim.metadata.deletionTimestamp).toBeDefined()
    s.do('kubectl delete pod user', 15)
    expect(s.claim).toBeUndefined()
    expect(s.volumes).toEqual([])
  })

  test('cannot make what many nodes write to', () => {
    const s = new Session()
    s.do('kubectl apply -f -', 2, claim().replace('ReadWriteOnce', 'ReadWriteMany'))
    s.do('kubectl apply -f -', 10, pod)
    expect(s.events('data')).toContain('ProvisioningFailed: failed to provision volume with StorageClass "standard": NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes')
    expect(s.pod.status?.phase).toBe('Pending')
  })

  test('makes nothing while its pod is not there', () => {
    const s = new Session()
    s.do('kubectl scale -n kube-system deployment local-path-provisioner --replicas=0', 60)
    s.do('kubectl apply -f -', 2, claim())
    s.do('kubectl apply -f -', 30, pod)
    expect(s.claim.status?.phase).toBe('Pending')
    expect(s.events('data').some((e) => e.startsWith('ExternalProvisioning'))).toBe(true)
    s.do('kubectl scale -n kube-system deployment local-path-provisioner --replicas=1', 40)
    expect(s.claim.status?.phase).toBe('Bound')
  })
})
