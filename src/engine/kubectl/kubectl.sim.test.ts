import { expect, test } from 'vitest'
import { TestShell } from './kubectl.testing'

const configMap = `apiVersion: v1
kind: ConfigMap
metadata: {name: c, labels: {a: "1"}}
data: {k1: v1, k2: v2}
`

test('apply creates, leaves and changes an object', () => {
  const sh = new TestShell()
  expect(sh.run('kubectl apply -f -', configMap)).toEqual({ rc: 0, stdout: 'configmap/c created\n', stderr: '' })
  expect(sh.run('kubectl apply -f -', configMap)).toEqual({ rc: 0, stdout: 'configmap/c unchanged\n', stderr: '' })
  expect(sh.run('kubectl apply -f -', configMap.replace('v2', 'v3'))).toEqual({ rc: 0, stdout: 'configmap/c configured\n', stderr: '' })
  expect(sh.run('kubectl get cm c -o jsonpath={.data.k2}').stdout).toBe('v3')
  const got = sh.run('kubectl get cm')
  expect(got.stdout).toMatch(/^NAME +DATA +AGE\nc +2 +\d+s\n/)
})

test('a missing object, a wrong kind and a syntax error are told as kubectl tells them', () => {
  const sh = new TestShell()
  expect(sh.run('kubectl get pods')).toEqual({ rc: 0, stdout: '', stderr: 'No resources found in default namespace.\n' })
  expect(sh.run('kubectl get pod nope')).toEqual({ rc: 1, stdout: '', stderr: 'Error from server (NotFound): pods "nope" not found\n' })
  expect(sh.run('kubectl get foo')).toEqual({ rc: 1, stdout: '', stderr: 'error: the server doesn\'t have a resource type "foo"\n' })
  const kind = sh.run('kubectl apply -f -', 'apiVersion: v1\nkind: Foo\nmetadata: {name: x}\n')
  expect(kind).toEqual({ rc: 1, stdout: '', stderr: 'error: resource mapping not found for name: "x" namespace: "" from "STDIN": no matches for kind "Foo" in version "v1"\nensure CRDs are installed first\n' })
  const unknown = sh.run('kubectl apply -f -', `${configMap}foo: bar\n`)
  expect(unknown).toEqual({ rc: 1, stdout: '', stderr: 'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "foo"\n' })
})

test('without an API server the connection is refused', () => {
  const sh = new TestShell()
  sh.server.stop('kube-apiserver')
  expect(sh.run('kubectl get pods')).toEqual({ rc: 1, stdout: '', stderr: 'The connection to the server 10.0.0.10:6443 was refused - did you specify the right host or port?\n' })
})

test('create, scale, expose and delete a deployment', () => {
  const sh = new TestShell()
  expect(sh.run('kubectl create deployment web --image=nginx --replicas=2 --port=80').stdout).toBe('deployment.apps/web created\n')
  expect(sh.run('kubectl scale deploy web --replicas=5').stdout).toBe('deployment.apps/web scaled\n')
  expect(sh.run('kubectl get deploy web -o jsonpath={.spec.replicas}').stdout).toBe('5')
  expect(sh.run('kubectl expose deploy web').stdout).toBe('service/web exposed\n')
  expect(sh.run('kubectl delete deploy web')).toEqual({ rc: 0, stdout: 'deployment.apps "web" deleted from default namespace\n', stderr: '' })
  expect(sh.run('kubectl get svc,deploy -o name').stdout).toMatch(/service\/kubernetes\nservice\/web\n/)
})
