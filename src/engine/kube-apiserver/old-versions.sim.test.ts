import { expect, test } from 'vitest'
import { TestServer } from './testing'

const v1 = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers'
const v2 = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers'
const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 10, targetCPUUtilizationPercentage: 50 }
const body = { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', namespace: 'default' }, spec }

test('an autoscaler of v1 is stored as v2, and each version reads its own', () => {
  const s = new TestServer()
  const made = s.do({ verb: 'create', path: v1, body })
  expect(made.code).toBe(201)
  expect(made.body).toMatchObject({ apiVersion: 'autoscaling/v1', spec })
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }]
  expect(s.do({ verb: 'get', path: `${v2}/web` }).body).toMatchObject({ apiVersion: 'autoscaling/v2', spec: { metrics } })
  expect(s.do({ verb: 'list', path: v1 }).body).toMatchObject({ items: [{ spec }] })
  const patched = s.do({ verb: 'patch', path: `${v1}/web`, patchType: 'application/merge-patch+json', body: { spec: { targetCPUUtilizationPercentage: 80 } } })
  expect(patched.body).toMatchObject({ spec: { ...spec, targetCPUUtilizationPercentage: 80 } })
})

test('a body that is no autoscaler is refused by decoding', () => {
  const s = new TestServer()
  expect(s.do({ verb: 'create', path: v1, body: { ...body, spec: 'none' } }).code).toBe(400)
  expect(s.do({ verb: 'create', path: v1, body: { ...body, spec: { ...spec, wrong: 1 } }, query: { fieldValidation: 'Strict' } }).code).toBe(400)
})
