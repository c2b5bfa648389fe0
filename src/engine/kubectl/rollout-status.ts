import { at, textAt, type Thing } from './api'

/** What `rollout status` says of an object. */
export interface RolloutStatus {
  readonly message: string
  readonly done: boolean
  readonly error?: string
}

const waiting = (message: string): RolloutStatus => ({ message, done: false })
const done = (message: string): RolloutStatus => ({ message, done: true })
const wrong = (error: string): RolloutStatus => ({ message: '', done: false, error })

/** The state of a rollout; undefined for kinds without one. Upstream: kubectl/pkg/polymorphichelpers/rollout_status.go */
export function rolloutStatus(kind: string, object: Thing, revision = 0): RolloutStatus | undefined {
  const n = (...path: string[]): number => at<number>(object, ...path) ?? 0
  const name = JSON.stringify(textAt(object, 'metadata', 'name'))
  const behind = n('metadata', 'generation') > n('status', 'observedGeneration')
  const strategy = at<string>(object, 'spec', 'updateStrategy', 'type')
  const replicas = at<number>(object, 'spec', 'replicas')
  switch (kind) {
    case 'Deployment': {
      const current = Number(object.metadata?.annotations?.['deployment.kubernetes.io/revision'] ?? 0)
      if (revision > 0 && current !== revision) return wrong(`desired revision (${revision}) is different from the running revision (${current})`)
      if (behind) return waiting('Waiting for deployment spec update to be observed...\n')
      const conditions = at<{ type: string; reason?: string }[]>(object, 'status', 'conditions') ?? []
      if (conditions.some((c) => c.type === 'Progressing' && c.reason === 'ProgressDeadlineExceeded')) return wrong(`deployment ${name} exceeded its progress deadline`)
      const updated = n('status', 'updatedReplicas')
      if (replicas !== undefined && updated < replicas) return waiting(`Waiting for deployment ${name} rollout to finish: ${updated} out of ${replicas} new replicas have been updated...\n`)
      if (n('status', 'replicas') > updated) return waiting(`Waiting for deployment ${name} rollout to finish: ${n('status', 'replicas') - updated} old replicas are pending termination...\n`)
      if (n('status', 'availableReplicas') < updated) return waiting(`Waiting for deployment ${name} rollout to finish: ${n('status', 'availableReplicas')} of ${updated} updated replicas are available...\n`)
      return done(`deployment ${name} successfully rolled out\n`)
    }
    case 'DaemonSet': {
      if (strategy !== 'RollingUpdate') return wrong('rollout status is only available for RollingUpdate strategy type')
      if (behind) return waiting('Waiting for daemon set spec update to be observed...\n')
      const desired = n('status', 'desiredNumberScheduled')
      if (n('status', 'updatedNumberScheduled') < desired) return waiting(`Waiting for daemon set ${name} rollout to finish: ${n('status', 'updatedNumberScheduled')} out of ${desired} new pods have been updated...\n`)
      if (n('status', 'numberAvailable') < desired) return waiting(`Waiting for daemon set ${name} rollout to finish: ${n('status', 'numberAvailable')} of ${desired} updated pods are available...\n`)
      return done(`daemon set ${name} successfully rolled out\n`)
    }
    case 'StatefulSet': {
      if (strategy !== 'RollingUpdate') return wrong('rollout status is only available for RollingUpdate strategy type')
      if (n('status', 'observedGeneration') === 0 || behind) return waiting('Waiting for statefulset spec update to be observed...\n')
      if (replicas !== undefined && n('status', 'readyReplicas') < replicas) return waiting(`Waiting for ${replicas - n('status', 'readyReplicas')} pods to be ready...\n`)
      const updated = n('status', 'updatedReplicas')
      if (at(object, 'spec', 'updateStrategy', 'rollingUpdate') !== undefined) {
        const partition = at<number>(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition')
        if (replicas !== undefined && partition !== undefined && updated < replicas - partition) return waiting(`Waiting for partitioned roll out to finish: ${updated} out of ${replicas - partition} new pods have been updated...\n`)
        return done(`partitioned roll out complete: ${updated} new pods have been updated...\n`)
      }
      const [update, current] = [textAt(object, 'status', 'updateRevision'), textAt(object, 'status', 'currentRevision')]
      if (update !== current) return waiting(`waiting for statefulset rolling update to complete ${updated} pods at revision ${update}...\n`)
      return done(`statefulset rolling update complete ${n('status', 'currentReplicas')} pods at revision ${current}...\n`)
    }
    default:
      return undefined
  }
}
