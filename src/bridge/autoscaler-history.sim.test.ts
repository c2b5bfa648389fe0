import { expect, it } from 'vitest'
import { kubectl } from '../engine/kubectl'
import type { AutoscalerHistory } from './protocol'
import { answer } from './questions'
import { Session } from './session'

const S = 1_000_000
const web = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
      - name: web
        image: nginx:1.27
        resources: { requests: { cpu: 100m } }
`

it('an autoscaler tells what it measured, wanted and did, and after a rewind only what had happened by then', () => {
  const s = new Session(5, 'default', kubectl)
  const run = (line: string, seconds: number, stdin?: string) => {
    expect(s.act({ type: 'kubectl', line, ...(stdin ? { stdin } : {}) }).error).toBeUndefined()
    s.run(s.now + seconds * S)
  }
  run('kubectl apply -f -', 30, web)
  run('kubectl autoscale deployment web --cpu-percent=50 --min=1 --max=6', 90)
  const told = (): AutoscalerHistory => answer(s, { about: 'autoscaler', namespace: 'default', name: 'web' }) as AutoscalerHistory
  const held = told()
  expect(held.samples.length).toBeGreaterThan(0)
  // Idle: it wants none, and the window of five minutes holds it at three.
  expect(held.samples.at(-1)).toMatchObject({ current: 3, desired: 3, values: [0] })
  expect(held.wanted.at(-1)?.replicas).toBe(0)
  expect(held.wanted.map(({ at }) => at)).toEqual(held.wanted.map(({ at }) => at).toSorted((a, b) => a - b))
  expect(held.wanted.every(({ at }) => at > 25 * S && at <= s.now)).toBe(true)
  const then = s.now
  s.run(then + 300 * S)
  expect(told().samples.at(-1)).toMatchObject({ desired: 1 })
  s.seek(then)
  expect(told()).toEqual(held)
})
