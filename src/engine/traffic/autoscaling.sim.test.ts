import { expect, it } from 'vitest'
import { Cluster, defaultPreset, type TrafficState } from '../cluster'
import { kubectl } from '../kubectl'

const S = 1_000_000

it('a ramp of requests makes the autoscaler add pods; when it is over they go after the window of 5 minutes', () => {
  const c = new Cluster(defaultPreset(5)).install(kubectl).bootUp()
  const type = (line: string, seconds = 1) => {
    expect(c.input({ type: 'kubectl', line })).not.toHaveProperty('error')
    c.run(c.now + seconds * S)
  }
  const replicas = () => (c.object('deployments', 'default', 'php') as unknown as { spec: { replicas: number } }).spec.replicas
  type('kubectl create deployment php --image=registry.k8s.io/hpa-example')
  type('kubectl set resources deployment php --limits=cpu=500m --requests=cpu=200m')
  type('kubectl expose deployment php --port=80')
  type('kubectl autoscale deployment php --cpu=50% --min=1 --max=8')
  type('kubectl run box --image=busybox -- sleep infinity', 60)
  expect(replicas()).toBe(1)
  expect(c.input({ type: 'traffic', do: 'start', generator: { id: 'g', from: { kind: 'pod', namespace: 'default', name: 'box' }, to: 'http://php', pattern: { kind: 'ramp', from: 1, to: 12, seconds: 120 } } })).toEqual({})
  c.run(c.now + 200 * S)
  // 12 requests a second of 60 ms each are 720m; at half of 200m a pod that is seven or eight of them.
  expect(replicas()).toBeGreaterThanOrEqual(6)
  expect(replicas()).toBeLessThanOrEqual(8)
  const g = (c.sim.stateOf<TrafficState>('traffic') as TrafficState).generators.get('g')
  expect((g?.counts[0] ?? 0) / (g?.sent ?? 1)).toBeGreaterThan(0.98)
  expect(c.input({ type: 'traffic', do: 'stop', id: 'g' })).toEqual({})
  const most = replicas()
  c.run(c.now + 240 * S)
  expect(replicas()).toBeGreaterThanOrEqual(most)
  c.run(c.now + 180 * S)
  expect(replicas()).toBe(1)
})
