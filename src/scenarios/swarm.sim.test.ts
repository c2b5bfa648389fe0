import { describe, expect, test } from 'vitest'
import { Checks } from '../engine/checkers'
import { Cluster, defaultPreset, type Deployment, type Fault, type Node } from '../engine/cluster'
import { kubectl } from '../engine/kubectl'
import { Rng } from '../engine/sim'

const workers = ['node-1', 'node-2', 'node-3']
const components = ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'etcd-0', 'etcd-1', 'etcd-2']

/** A random disturbance: a fault, or something a person does. */
function disturb(rng: Rng): { readonly fault: Fault } | { readonly line: string } {
  const node = rng.pick(workers)
  const component = rng.pick(components)
  const deployment = `app-${rng.below(4)}`
  switch (rng.below(13)) {
    case 0:
      return { fault: { kind: 'node-down', node } }
    case 1:
      return { fault: { kind: 'node-up', node } }
    case 2:
      return { fault: { kind: 'partition', node } }
    case 3:
      return { fault: { kind: 'heal', node } }
    case 4:
      return { fault: { kind: 'kubelet-stop', node } }
    case 5:
      return { fault: { kind: 'kubelet-start', node } }
    case 6:
      return { fault: { kind: 'component-crash', component } }
    case 7:
      return { fault: { kind: 'component-down', component } }
    case 8:
      return { fault: { kind: 'component-up', component } }
    case 9:
      return { line: `kubectl scale deployment ${deployment} --replicas=${rng.below(7)}` }
    case 10:
      return { line: `kubectl delete pods -l app=${deployment} --wait=false` }
    case 11:
      return { line: `kubectl ${rng.below(2) ? 'cordon' : 'uncordon'} ${node}` }
    default:
      return { line: `kubectl set image deployment/${deployment} nginx=nginx:1.${20 + rng.below(9)}` }
  }
}

describe('a cluster that is disturbed at random, and then healed, comes to rest', () => {
  for (const seed of [11, 22, 33, 44, 55, 66])
    test(`seed ${seed}`, () => {
      const rng = new Rng(seed, 'swarm')
      const cluster = new Cluster(defaultPreset(seed)).install(kubectl).bootUp()
      const checks = new Checks()
      let t = 1
      const pass = (seconds: number) => {
        for (const end = t + seconds; t < end; t++) {
          cluster.run(t * 1e6)
          checks.see(cluster.sim.state)
        }
      }
      for (let i = 0; i < 4; i++) cluster.input({ type: 'kubectl', line: `kubectl create deployment app-${i} --image=nginx:1.27 --replicas=3` })
      pass(30)
      const log: string[] = []
      for (let i = 0; i < 25; i++) {
        const what = disturb(rng)
        log.push(`${t} ${JSON.stringify(what)}`)
        if ('fault' in what) cluster.input({ type: 'fault', fault: what.fault })
        else cluster.input({ type: 'kubectl', line: what.line })
        pass(1 + rng.below(40))
      }
      for (const component of components) cluster.input({ type: 'fault', fault: { kind: 'component-up', component } })
      for (const node of workers) {
        cluster.input({ type: 'fault', fault: { kind: 'heal', node } })
        cluster.input({ type: 'fault', fault: { kind: 'node-up', node } })
        cluster.input({ type: 'fault', fault: { kind: 'kubelet-start', node } })
      }
      pass(60)
      for (const node of workers) cluster.input({ type: 'kubectl', line: `kubectl uncordon ${node}` })
      // The longest wait of all: image pull and crash back-offs of five minutes, then some.
      pass(420)
      const wrong: string[] = []
      for (const node of cluster.objects('nodes') as Iterable<Node>)
        if (!node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') || node.spec?.taints?.some((x) => x.key !== 'node-role.kubernetes.io/control-plane')) wrong.push(`${node.metadata.name} ${JSON.stringify(node.spec?.taints)}`)
      for (const d of cluster.objects('deployments') as Iterable<Deployment>)
        if ((d.status?.readyReplicas ?? 0) !== d.spec.replicas || (d.status?.replicas ?? 0) !== d.spec.replicas || d.status?.observedGeneration !== d.metadata.generation) wrong.push(`${d.metadata.name} wants ${d.spec.replicas}: ${JSON.stringify(d.status)}`)
      for (const pod of cluster.objects('pods')) if (pod.metadata.deletionTimestamp) wrong.push(`${pod.metadata.name} is still Terminating`)
      expect(wrong, log.join('\n')).toEqual([])
    })
})
