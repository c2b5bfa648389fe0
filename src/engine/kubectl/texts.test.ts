import { expect, test } from 'vitest'
import { title } from './describe/cluster'
import { TestShell } from './kubectl.testing'
import { sortByPath } from './sorter'

test('fields of unknown kinds are labelled as kubectl labels them', () => {
  expect(['uid', 'apiVersion', 'cronSpec', 'clusterIPs', 'openAPIV3Schema', 'x-kubernetes-validations', 'externalURL', 'a.b/c'].map(title)).toEqual(['UID', 'API Version', 'Cron Spec', 'Cluster I Ps', 'openAPIV3Schema', 'X - Kubernetes - Validations', 'External URL', 'a.b/c'])
})

test('a null sorts before everything, as the lastTimestamp of Scheduled events does', () => {
  expect(sortByPath([{ t: 'b' }, { t: null }, { t: 'a' }], '.t', (o) => o)).toEqual([{ t: null }, { t: 'a' }, { t: 'b' }])
})

test('a role with a verb that does not exist is made, with a warning', () => {
  const sh = new TestShell()
  expect(sh.run('kubectl create role r --verb=get,foo --resource=pods')).toEqual({ rc: 0, stdout: 'role.rbac.authorization.k8s.io/r created\n', stderr: "Warning: 'foo' is not a standard resource verb\n" })
})

test('access modes of a volume are in order, and `get all` has the custom kinds of that category', () => {
  const sh = new TestShell()
  const pv = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'], nfs: { server: 's', path: '/' } } }
  sh.run('kubectl apply -f -', JSON.stringify(pv))
  expect(sh.run('kubectl describe pv v').stdout).toMatch(/^Access Modes: +RWO,RWX$/m)
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'tabs.x.io' },
    spec: { group: 'x.io', scope: 'Namespaced', names: { plural: 'tabs', singular: 'tab', kind: 'Tab', categories: ['all'] }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }] },
  }
  sh.run('kubectl apply -f -', JSON.stringify(crd))
  sh.run('kubectl apply -f -', JSON.stringify({ apiVersion: 'x.io/v1', kind: 'Tab', metadata: { name: 'mine' } }))
  expect(sh.run('kubectl get all').stdout).toMatch(/^tab\.x\.io\/mine/m)
})

test('a mix of bare and slashed arguments, scaling what is not there, and deleting nothing are told as upstream tells them', () => {
  const sh = new TestShell()
  expect(sh.run('kubectl get deploy/web rs').stderr).toMatch(/^error: there is no need to specify a resource type as a separate argument/)
  expect(sh.run('kubectl scale pod x --replicas=2')).toEqual({ rc: 1, stdout: '', stderr: 'Error from server (NotFound): pods "x" not found\n' })
  expect(sh.run('kubectl delete pods -l app=none')).toEqual({ rc: 0, stdout: 'No resources found\n', stderr: '' })
})

test('an EndpointSlice without endpoints and ports tells null for both, as what comes out of the store', () => {
  const sh = new TestShell()
  sh.run('kubectl apply -f -', JSON.stringify({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'e' }, addressType: 'IPv4', endpoints: [] }))
  const text = sh.run('kubectl get endpointslice e -o yaml').stdout
  expect(text).toContain('\nendpoints: null\n')
  expect(text).toContain('\nports: null\n')
  expect(sh.run('kubectl get endpointslice e').stdout).toMatch(/^e +IPv4 +<unset> +<unset> +\d+s$/m)
})
