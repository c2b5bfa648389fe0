import { describe, expect, test } from 'vitest'
import { Recording, aJob, workload } from './recorded.testing'

const conditions = (o: any): Record<string, string> => Object.fromEntries((o.status?.conditions ?? []).filter((c: any) => c.status === 'True').map((c: any) => [c.type, c.reason]))
const revisionOf = (r: Recording, name: string): string => r.object('pods', name).metadata.labels['controller-revision-hash']

describe('a StatefulSet', () => {
  test('updates only down to its partition, from the last pod on', () => {
    const r = new Recording()
    r.apply(0.3, workload('StatefulSet', 'web', { serviceName: 'web', replicas: 3, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }))
    r.type(8, 'kubectl set image sts/web c=nginx:1.26')
    const status = r.type(9, 'kubectl rollout status sts/web')
    r.to(14)
    expect(status.stdout.split('\n').at(-2)).toBe('partitioned roll out complete: 1 new pods have been updated...')
    const { currentRevision, updateRevision, updatedReplicas, currentReplicas } = r.object('statefulsets', 'web').status
    expect(['web-0', 'web-1', 'web-2'].map((p) => revisionOf(r, p))).toEqual([currentRevision, currentRevision, updateRevision])
    expect([updatedReplicas, currentReplicas]).toEqual([1, 2])
    r.type(15, 'kubectl patch sts web -p \'{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}\'')
    r.to(25)
    const deletes = r.events('StatefulSet', 'web').filter((e) => e.startsWith('SuccessfulDelete'))
    expect(deletes).toEqual([2, 1, 0].map((i) => `SuccessfulDelete: Delete Pod web-${i} in StatefulSet web successful`))
    expect(r.object('statefulsets', 'web').status).toMatchObject({ currentRevision: updateRevision, currentReplicas: 3, updatedReplicas: 3 })
  })

  test('with OnDelete changes a pod only when it is deleted, and has no rollout to wait for', () => {
    const r = new Recording()
    r.apply(0.3, workload('StatefulSet', 'od', { serviceName: 'od', replicas: 3, podManagementPolicy: 'Parallel', updateStrategy: { type: 'OnDelete' } }))
    r.type(4, 'kubectl set image sts/od c=nginx:1.26')
    expect(r.type(5, 'kubectl rollout status sts/od')).toEqual({ rc: 1, stdout: '', stderr: 'error: rollout status is only available for RollingUpdate strategy type\n' })
    r.type(6, 'kubectl delete pod od-1')
    r.to(10)
    const { updateRevision } = r.object('statefulsets', 'od').status
    expect(['od-0', 'od-1', 'od-2'].map((p) => revisionOf(r, p) === updateRevision)).toEqual([false, true, false])
  })

  test('deletes the claims of pods that scaling takes away, when it is told to, and keeps the others', () => {
    const r = new Recording()
    const pv = (n: number) => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: `pv${n}` }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'm', hostPath: { path: `/tmp/${n}` } } })
    r.apply(0.2, pv(0), pv(1))
    r.apply(1.3, workload('StatefulSet', 'db', {
      serviceName: 'db', replicas: 2, persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Retain' },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'm', resources: { requests: { storage: '1Gi' } } } }],
    }, { image: 'nginx:1.25', volumeMounts: [{ name: 'data', mountPath: '/data' }] }))
    r.to(6)
    expect(r.events('StatefulSet', 'db').slice(0, 2)).toEqual(['SuccessfulCreate: Create Claim data-db-0 Pod db-0 in StatefulSet db success', 'SuccessfulCreate: Create Pod db-0 in StatefulSet db successful'])
    r.type(8, 'kubectl scale sts db --replicas=1')
    r.to(12)
    expect(r.names('persistentvolumeclaims')).toEqual(['data-db-0'])
    r.type(13, 'kubectl delete sts db')
    r.to(16)
    expect([r.names('pods'), r.names('persistentvolumeclaims')]).toEqual([[], ['data-db-0']])
  })
})

describe('a Deployment', () => {
  test('shares a scaling among its ReplicaSets while a rollout is stuck, and takes no available pod for spare', () => {
    const r = new Recording()
    r.apply(0.3, workload('Deployment', 'web', { replicas: 10, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }))
    r.type(5, 'kubectl set image deploy/web c=nope-does-not-exist:1')
    const sizes = () => r.names('replicasets').map((n) => r.object('replicasets', n)).sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1)).map((o) => o.spec.replicas)
    r.to(9)
    expect(sizes()).toEqual([8, 5])
    r.type(9, 'kubectl scale deploy/web --replicas=15')
    r.to(11)
    // 18 pods at most: 5 more are shared 8 : 5.
    expect(sizes()).toEqual([11, 7])
    r.type(13, 'kubectl scale deploy/web --replicas=5')
    r.to(16)
    // Of 5 pods 2 may be missing: 3 of those that run stay.
    expect(sizes()).toEqual([3, 5])
    const story = r.story('deployments', 'web', (o) => [o.metadata.generation, o.status.availableReplicas ?? 0])
    expect(Math.min(...story.filter(([generation]) => generation > 1).map(([, available]) => available))).toBeGreaterThanOrEqual(3)
  })

  test('gives up after its deadline, says so, and goes on when it can', () => {
    const r = new Recording()
    r.apply(0.3, workload('Deployment', 'web', { replicas: 1, progressDeadlineSeconds: 5 }, { image: 'nope-does-not-exist:1' }))
    const status = r.type(1.5, 'kubectl rollout status deploy/web')
    r.to(9)
    expect(status).toMatchObject({ rc: 1, stderr: 'error: deployment "web" exceeded its progress deadline\n' })
    expect(r.object('deployments', 'web').status.conditions.find((c: any) => c.type === 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded', message: expect.stringMatching(/^ReplicaSet "web-[a-z0-9]+" has timed out progressing\.$/) })
    r.type(10, 'kubectl set image deploy/web c=nginx:1.25')
    r.to(14)
    expect(conditions(r.object('deployments', 'web'))).toMatchObject({ Available: 'MinimumReplicasAvailable', Progressing: 'NewReplicaSetAvailable' })
  })

  test('goes back to an old revision under a new number', () => {
    const r = new Recording()
    r.type(0.3, 'kubectl create deployment web --image=nginx:1.25 --replicas=2')
    r.type(3, 'kubectl set image deploy/web nginx=nginx:1.26')
    r.type(7, 'kubectl rollout undo deploy/web --to-revision=1')
    r.to(11)
    expect(r.type(11, 'kubectl rollout history deploy/web').stdout).toBe('deployment.apps/web \nREVISION  CHANGE-CAUSE\n2         <none>\n3         <none>\n\n')
    expect(r.names('replicasets')).toHaveLength(2)
    expect(r.type(12.5, 'kubectl rollout undo deploy/web --to-revision=9')).toMatchObject({ rc: 1, stderr: 'error: unable to find specified revision 9 in history\n' })
  })
})

describe('a DaemonSet', () => {
  test('with maxSurge starts the new pod of a node before it stops the old one', () => {
    const r = new Recording()
    r.apply(0.2, workload('DaemonSet', 'ds', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }, { image: 'fluentd:1' }))
    r.type(3, 'kubectl set image ds/ds c=fluentd:2')
    r.to(8)
    expect(r.object('daemonsets', 'ds').status).toMatchObject({ numberAvailable: 3, updatedNumberScheduled: 3 })
    const available = r.story('daemonsets', 'ds', (o) => o.status.numberAvailable ?? 0)
    expect(available.slice(available.indexOf(3))).toEqual([3])
    expect(r.events('DaemonSet', 'ds').map((e) => e.split(':')[0]).slice(3)).toEqual(['SuccessfulCreate', 'SuccessfulDelete', 'SuccessfulCreate', 'SuccessfulDelete', 'SuccessfulCreate', 'SuccessfulDelete'])
  })

  test('stays where a taint comes that only keeps new pods away, and counts them as misscheduled', () => {
    const r = new Recording()
    r.apply(0.2, workload('DaemonSet', 'ds', {}, { image: 'fluentd:1' }))
    r.type(3, 'kubectl taint node node-1 x=y:NoSchedule')
    expect(r.object('daemonsets', 'ds').status).toMatchObject({ desiredNumberScheduled: 2, currentNumberScheduled: 2, numberMisscheduled: 1 })
    r.type(5, 'kubectl taint node node-2 x=y:NoExecute')
    r.to(8)
    expect(r.names('pods')).toHaveLength(2)
  })
})

describe('a Job', () => {
  test('with indexes tells which are done, as intervals', () => {
    const r = new Recording()
    r.apply(0.3, aJob('ix', { completions: 4, parallelism: 2, completionMode: 'Indexed' }, 'sleep 2'))
    r.to(14)
    const { status } = r.object('jobs', 'ix')
    expect(status).toMatchObject({ succeeded: 4, completedIndexes: '0-3' })
    expect(conditions(r.object('jobs', 'ix'))).toEqual({ SuccessCriteriaMet: 'CompletionsReached', Complete: 'CompletionsReached' })
    expect(r.names('pods').map((n) => n.replace(/-[a-z0-9]{5}$/, ''))).toEqual(['ix-0', 'ix-1', 'ix-2', 'ix-3'])
    expect(r.story('pods', r.names('pods')[2] as string, (o) => o.metadata.labels['batch.kubernetes.io/job-completion-index'])).toEqual(['2'])
  })

  test('that is suspended has no pods and no start time, and starts anew', () => {
    const r = new Recording()
    r.apply(0.3, aJob('su', { suspend: true, parallelism: 2, completions: 2 }, 'sleep 20'))
    expect(r.object('jobs', 'su').status.startTime).toBeUndefined()
    r.type(2, 'kubectl patch job su -p \'{"spec":{"suspend":false}}\'')
    r.type(5, 'kubectl patch job su -p \'{"spec":{"suspend":true}}\'')
    r.to(8)
    expect([r.names('pods'), r.object('jobs', 'su').status.startTime]).toEqual([[], undefined])
    expect(r.events('Job', 'su').filter((e) => !/Created|Deleted/.test(e))).toEqual(['Suspended: Job suspended', 'Resumed: Job resumed'])
    expect(r.story('jobs', 'su', (o) => o.status?.conditions?.find((c: any) => c.type === 'Suspended')?.reason)).toEqual([undefined, 'JobSuspended', 'JobResumed', 'JobSuspended'])
  })

  test('fails at once for an exit code of its policy', () => {
    const r = new Recording()
    r.apply(0.3, aJob('pf', { backoffLimit: 3, podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] } }, 'exit 42'))
    r.to(6)
    expect(r.object('jobs', 'pf').status).toMatchObject({ failed: 1 })
    expect(conditions(r.object('jobs', 'pf'))).toEqual({ FailureTarget: 'PodFailurePolicy', Failed: 'PodFailurePolicy' })
    expect(r.events('Job', 'pf').at(-1)).toMatch(/^PodFailurePolicy: Container c for pod g-test\/pf-[a-z0-9]{5} failed with exit code 42 matching FailJob rule at index 0$/)
  })

  test('gives each index its own tries', () => {
    const r = new Recording()
    r.apply(0.3, aJob('il', { completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 1, maxFailedIndexes: 2 }, 'exit 1'))
    r.to(20)
    expect(r.object('jobs', 'il').status).toMatchObject({ failed: 4, failedIndexes: '0,1' })
    expect(conditions(r.object('jobs', 'il'))).toEqual({ FailureTarget: 'FailedIndexes', Failed: 'FailedIndexes' })
  })

  test('goes away its time after it ended, with its pods', () => {
    const r = new Recording()
    r.apply(0.3, aJob('ttl', { ttlSecondsAfterFinished: 5 }, 'sleep 2'))
    r.to(7)
    const done = Date.parse(r.object('jobs', 'ttl').status.completionTime)
    r.to(14)
    const gone = r.changes.find((c) => c.resource === 'jobs' && c.object.metadata.deletionTimestamp !== undefined)
    expect((Date.parse(gone?.object.metadata.deletionTimestamp) - done) / 1000).toBe(5)
    expect([gone?.object.metadata.finalizers, r.names('jobs'), r.names('pods')]).toEqual([['foregroundDeletion'], [], []])
  })

  test('past its deadline stops its pods and fails when they are gone', () => {
    const r = new Recording()
    r.apply(0.3, aJob('dl', { activeDeadlineSeconds: 4 }, 'sleep 100'))
    r.to(8)
    const ends = r.story('jobs', 'dl', (o) => Object.keys(conditions(o)).concat(String(o.status?.terminating ?? '')))
    expect(ends.at(-1)).toEqual(['FailureTarget', 'Failed', '0'])
    expect(ends).toContainEqual(['FailureTarget', '1'])
    expect(r.events('Job', 'dl').at(-1)).toBe('DeadlineExceeded: Job was active longer than specified deadline')
  })
})

describe('a CronJob', () => {
  const cron = (name: string, spec: object) => ({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec: { schedule: '* * * * *', ...spec, jobTemplate: { spec: (aJob('x', {}, 'sleep 90') as any).spec } } })

  test('lets runs overlap, skips them or replaces them, as its policy says', () => {
    const r = new Recording()
    r.apply(0.3, cron('allow', {}), cron('forbid', { concurrencyPolicy: 'Forbid' }), cron('replace', { concurrencyPolicy: 'Replace' }))
    r.to(130)
    const active = (name: string) => r.object('cronjobs', name).status.active?.length ?? 0
    expect([active('allow'), active('forbid'), active('replace')]).toEqual([2, 1, 1])
    expect(r.events('CronJob', 'forbid').map((e) => e.split(':')[0])).toEqual(['SuccessfulCreate', 'JobAlreadyActive'])
    expect(r.events('CronJob', 'replace').map((e) => e.split(':')[0])).toEqual(['SuccessfulCreate', 'SuccessfulDelete', 'SuccessfulCreate'])
  })

  test('counts by the clocks of its time zone and says so on its jobs', () => {
    const r = new Recording()
    // The recording begins at 09:00 UTC, which is 04:00 in New York.
    r.apply(0.3, cron('ny', { schedule: '1 4 * * *', timeZone: 'America/New_York' }), cron('utc', { schedule: '1 4 * * *' }))
    r.to(70)
    expect(r.names('jobs').map((n) => n.replace(/-\d+$/, ''))).toEqual(['ny'])
    expect(r.object('jobs', r.names('jobs')[0] as string).metadata.annotations).toEqual({ 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T04:01:00-05:00' })
    expect(r.type(71, 'kubectl create cronjob x --image=busybox:1.36 --schedule="TZ=UTC 1 * * * *"').stderr).toContain('cannot use TZ or CRON_TZ in schedule, use timeZone field instead')
  })
})
