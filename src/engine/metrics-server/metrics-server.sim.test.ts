import { describe, expect, test } from 'vitest'
import { Cluster, defaultPreset, type CommandOutput } from '../cluster'
import type { HorizontalPodAutoscaler } from '../api'
import { kubectl } from '../kubectl'
import { nodeUsage, podUsages, type NodePoints } from './usage'

/** A cluster with add-ons, and what commands print. */
class Shell {
  readonly cluster = new Cluster(defaultPreset(3)).install(kubectl).bootUp()

  run(seconds: number): void {
    this.cluster.run(this.cluster.now + seconds * 1_000_000)
  }

  kubectl(line: string, stdin?: string): string {
    const from = this.cluster.sim.trace.nextId
    const { command } = this.cluster.input({ type: 'kubectl', line, stdin })
    this.run(3)
    let text = ''
    this.cluster.sim.trace.forEach(from, (r) => {
      if (r.kind !== 'output') return
      const out = r.detail as CommandOutput
      if (out.command === command && (out.stream === 'stdout' || out.stream === 'stderr')) text += out.text
    })
    return text
  }
}

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: busybox, command: [sh, -c, 'sleep 3600'], resources: {requests: {cpu: 100m}}}]}
`

describe('metrics', () => {
  test('kubectl top tells nodes and pods; the autoscaler scales on them; without the server both say so', () => {
    const shell = new Shell()
    expect(shell.kubectl('kubectl top nodes')).toMatch(/^NAME +CPU\(cores\) +CPU\(%\) +MEMORY\(bytes\) +MEMORY\(%\) *\ncontrol-plane +\d+m +\d+% +\d+Mi +\d+% *\nnode-1/)
    expect(shell.kubectl('kubectl top pods -n kube-system -l k8s-app=metrics-server')).toMatch(/metrics-server-\S+ +\d+m +19Mi/)
    expect(shell.kubectl('kubectl get apiservices')).toMatch(/v1beta1\.metrics\.k8s\.io +kube-system\/metrics-server +True/)
    shell.kubectl('kubectl apply -f -', web)
    // Idle pods of 100m each: one is enough, after the window of five minutes.
    shell.kubectl('kubectl autoscale deployment web --cpu=50% --min=1 --max=4')
    shell.run(90)
    const hpa = (): HorizontalPodAutoscaler => shell.cluster.object('horizontalpodautoscalers', 'default', 'web') as HorizontalPodAutoscaler
    expect(hpa().status?.conditions?.map((c) => [c.type, c.status, c.reason])).toEqual([
      ['AbleToScale', 'True', 'ScaleDownStabilized'], ['ScalingActive', 'True', 'ValidMetricFound'], ['ScalingLimited', 'False', 'DesiredWithinRange'],
    ])
    expect(hpa().status?.currentMetrics?.[0]?.resource?.current.averageUtilization).toBeLessThan(50)
    shell.run(320)
    expect(hpa().status).toMatchObject({ desiredReplicas: 1 })
    expect(shell.kubectl('kubectl get events --field-selector reason=SuccessfulRescale')).toContain('New size: 1; reason: All metrics below target')
    // Above the maximum needs no metrics.
    shell.kubectl('kubectl scale deployment web --replicas=6')
    shell.run(20)
    expect(shell.kubectl('kubectl get events --field-selector reason=SuccessfulRescale')).toContain('New size: 4; reason: Current number of replicas above Spec.MaxReplicas')

    shell.kubectl('kubectl -n kube-system scale deployment metrics-server --replicas=0')
    shell.run(40)
    expect(shell.kubectl('kubectl top pods')).toBe('error: Metrics API not available\n')
    expect(hpa().status?.conditions?.find((c) => c.type === 'ScalingActive')?.message).toBe('the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)')
    shell.kubectl('kubectl delete apiservice v1beta1.metrics.k8s.io')
    shell.run(20)
    expect(hpa().status?.conditions?.find((c) => c.type === 'ScalingActive')?.message).toContain('the server could not find the requested resource (get pods.metrics.k8s.io)')
  })

  test('an autoscaler without a target, or with one that cannot be scaled, says so', () => {
    const shell = new Shell()
    const hpa = (name: string, kind: string, apiVersion: string) => `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: ${name}}\nspec: {maxReplicas: 3, scaleTargetRef: {kind: ${kind}, name: ${name}, apiVersion: ${apiVersion}}}\n`
    shell.kubectl('kubectl apply -f -', hpa('nobody', 'Deployment', 'apps/v1'))
    shell.kubectl('kubectl apply -f -', hpa('odd', 'Boat', 'sea.example/v1'))
    shell.run(40)
    const conditions = (name: string) => (shell.cluster.object('horizontalpodautoscalers', 'default', name) as HorizontalPodAutoscaler).status?.conditions?.map((c) => [c.type, c.status, c.reason, c.message])
    expect(conditions('nobody')).toEqual([['AbleToScale', 'False', 'FailedGetScale', 'the HPA controller was unable to get the target\'s current scale: deployments/scale.apps "nobody" not found']])
    expect(conditions('odd')).toEqual([['AbleToScale', 'False', 'FailedGetScale', 'the HPA controller was unable to get the target\'s current scale: no matches for kind "Boat" in group "sea.example"']])
    expect(shell.kubectl('kubectl get events --field-selector reason=FailedGetScale')).toContain('deployments/scale.apps "nobody" not found')
  })

  test('two samples make a usage; a container that is new has none yet', () => {
    const c = (pod: string, uid: string, cpuMillis: number) => ({ namespace: 'a', pod, container: 'c', uid, cpuMillis, memoryBytes: 7 })
    const points: NodePoints = {
      before: { at: 0, cpuMillis: 10, memoryBytes: 5, containers: [c('x', '1', 100)] },
      last: { at: 15, cpuMillis: 30, memoryBytes: 6, containers: [c('x', '1', 200), c('y', '2', 1)] },
    }
    expect(nodeUsage(points)).toEqual({ at: 15, window: 15, cpuMillis: 20, memoryBytes: 6 })
    expect([...podUsages(points)]).toEqual([['a/x', { at: 15, window: 15, containers: [{ name: 'c', cpuMillis: 150, memoryBytes: 7 }] }]])
    expect(nodeUsage({ ...points, before: undefined })).toBeUndefined()
  })
})
