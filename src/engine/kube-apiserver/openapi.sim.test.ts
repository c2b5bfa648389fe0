import { expect, it } from 'vitest'
import { TestShell } from '../kubectl/kubectl.testing'

const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: crontabs.stable.example.com }
spec:
  group: stable.example.com
  scope: Namespaced
  names: { plural: crontabs, singular: crontab, kind: CronTab }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { replicas: { type: integer } } } } } } }]
`

it('publishes what it serves as OpenAPI', () => {
  const shell = new TestShell()
  const raw = (path: string): any => JSON.parse(shell.run(`kubectl get --raw '${path}'`).stdout)
  const index = raw('/openapi/v3').paths
  expect(Object.keys(index)).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1', 'apis/resource.k8s.io/v1']))
  expect(index['apis/apps/v1'].serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]+$/)
  const apps = raw(index['apis/apps/v1'].serverRelativeURL)
  const deployment = apps.components.schemas['io.k8s.api.apps.v1.Deployment']
  expect(deployment['x-kubernetes-group-version-kind']).toEqual([{ group: 'apps', kind: 'Deployment', version: 'v1' }])
  expect(deployment.properties.spec).toEqual({ $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec' })
  expect(apps.components.schemas['io.k8s.api.core.v1.PodSpec'].properties.containers).toEqual({
    type: 'array', items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Container' }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], 'x-kubernetes-patch-merge-key': 'name', 'x-kubernetes-patch-strategy': 'merge',
  })
  expect(apps.components.schemas['io.k8s.api.core.v1.PodSpec'].required).toEqual(['containers'])
  expect(Object.keys(apps.paths)).toContain('/apis/apps/v1/namespaces/{namespace}/deployments/{name}')
  shell.run('kubectl apply -f -', crd)
  const custom = raw('/openapi/v3/apis/stable.example.com/v1').components.schemas['com.example.stable.v1.CronTab']
  expect(Object.keys(custom.properties)).toEqual(['apiVersion', 'kind', 'metadata', 'spec'])
  const all = raw('/openapi/v2')
  expect(all.swagger).toBe('2.0')
  // Every reference points somewhere.
  for (const [, name] of JSON.stringify(all).matchAll(/"#\/definitions\/([^"]+)"/g)) expect(all.definitions).toHaveProperty([name!])
  expect(shell.run('kubectl get --raw /openapi/v3/apis/nothing/v1').stderr).toContain('the server could not find the requested resource')
})
