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

test('the Events of events.k8s.io are the core ones by other names', () => {
  const s = new TestServer()
  const path = '/apis/events.k8s.io/v1/namespaces/default/events'
  const event = {
    apiVersion: 'v1', kind: 'Event', metadata: { name: 'web.1', namespace: 'default' }, involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' }, reason: 'Pulled', message: 'it is here', type: 'Normal',
    source: { component: 'kubelet' }, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:00Z', count: 2, reportingComponent: 'kubelet', reportingInstance: 'node-1',
  }
  expect(s.do({ verb: 'create', path: '/api/v1/namespaces/default/events', body: event }).code).toBe(201)
  expect(s.do({ verb: 'get', path: `${path}/web.1` }).body).toMatchObject({
    apiVersion: 'events.k8s.io/v1', kind: 'Event', regarding: { kind: 'Pod', name: 'web' }, note: 'it is here', deprecatedCount: 2, deprecatedSource: { component: 'kubelet' }, reportingController: 'kubelet',
  })
  expect(s.do({ verb: 'list', path, query: { fieldSelector: 'regarding.name=web' } }).body).toMatchObject({ apiVersion: 'events.k8s.io/v1', items: [{ note: 'it is here' }] })
  expect(s.do({ verb: 'list', path, query: { fieldSelector: 'regarding.name=other' } }).body).toMatchObject({ items: [] })
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...rest } = event
  const other = { ...rest, apiVersion: 'events.k8s.io/v1', metadata: { name: 'web.2', namespace: 'default' }, regarding: involvedObject, note: message, reportingController: reportingComponent, eventTime: '2026-01-01T00:00:00.000000Z', action: 'Pull' }
  expect([source, firstTimestamp, lastTimestamp, count]).toHaveLength(4)
  expect(s.do({ verb: 'create', path, body: other }).body).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'it is here' })
  expect(s.do({ verb: 'get', path: '/api/v1/namespaces/default/events/web.2' }).body).toMatchObject({ apiVersion: 'v1', message: 'it is here', involvedObject: { name: 'web' } })
  expect(s.do({ verb: 'get', path: '/apis/events.k8s.io/v1' }).body).toMatchObject({ resources: [{ name: 'events', kind: 'Event' }] })
  expect(s.do({ verb: 'get', path: '/apis/autoscaling' }).body).toMatchObject({ preferredVersion: { version: 'v2' }, versions: [{ version: 'v2' }, { version: 'v1' }] })
})
