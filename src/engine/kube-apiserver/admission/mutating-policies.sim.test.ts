import { expect, it } from 'vitest'
import { TestShell } from '../../kubectl/kubectl.testing'

const policy = (name: string, mutation: string, more = '', resources = 'apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]'): string => `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: { name: ${name} }
spec:
  matchConstraints: { resourceRules: [{ ${resources} }] }
${more}  mutations:
  - ${mutation}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: { name: ${name} }
spec: { policyName: ${name} }
`
const applyConfiguration = (expression: string): string => `patchType: ApplyConfiguration\n    applyConfiguration:\n      expression: '${expression}'`
const jsonPatch = (expression: string): string => `patchType: JSONPatch\n    jsonPatch:\n      expression: '${expression}'`

function shellWith(yaml: string): TestShell {
  const shell = new TestShell()
  shell.run('kubectl create serviceaccount default')
  expect(shell.run('kubectl apply -f -', yaml).stderr).toBe('')
  return shell
}

it('lays an apply configuration over what is written, with defaults filled in', () => {
  const shell = shellWith(policy('sidecar', applyConfiguration('Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: "mesh-proxy", image: "mesh/proxy:v1.0.0", args: ["proxy", "sidecar"], restartPolicy: "Always"}]}}'),
    '  matchConditions: [{ name: not-yet, expression: \'!has(object.spec.initContainers) || !object.spec.initContainers.exists(c, c.name == "mesh-proxy")\' }]\n', "apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]"))
  expect(shell.run('kubectl run web --image=nginx').stdout).toBe('pod/web created\n')
  const pod = JSON.parse(shell.run('kubectl get pod web -o json --show-managed-fields').stdout)
  expect(pod.spec.initContainers).toEqual([expect.objectContaining({ name: 'mesh-proxy', image: 'mesh/proxy:v1.0.0', args: ['proxy', 'sidecar'], restartPolicy: 'Always', imagePullPolicy: 'IfNotPresent' })])
  expect(pod.spec.containers[0].image).toBe('nginx')
  expect(pod.metadata.labels).toEqual({ run: 'web' })
  expect(JSON.stringify(pod.metadata.managedFields[0].fieldsV1)).not.toContain('mesh-proxy')
})

it('patches, one mutation after the other, with variables and parameters', () => {
  const shell = shellWith(policy('patch', `${jsonPatch('[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/team"), value: variables.team}]')}
  - ${jsonPatch('object.metadata.labels["example.com/team"] == "blue" ? [JSONPatch{op: "replace", path: "/spec/replicas", value: 4}] : []')}`, "  variables: [{ name: team, expression: '\"bl\" + \"ue\"' }]\n"))
  expect(shell.run('kubectl create deployment web --image=nginx').rc).toBe(0)
  expect(shell.run('kubectl get deployment web -o jsonpath={.metadata.labels},{.spec.replicas}').stdout).toBe('{"app":"web","example.com/team":"blue"},4')
  expect(shell.run('kubectl scale deployment web --replicas=1').rc).toBe(0)
})

it('refuses the write when a mutation fails, unless that is to be ignored', () => {
  const wrong = jsonPatch('[JSONPatch{op: "replace", path: "/spec/nothing/here", value: 4}]')
  expect(shellWith(policy('bad', wrong)).run('kubectl create deployment web --image=nginx').stderr).toContain("policy 'bad' with binding 'bad' denied request: JSON Patch: ")
  expect(shellWith(policy('bad', wrong, '  failurePolicy: Ignore\n')).run('kubectl create deployment web --image=nginx').rc).toBe(0)
  const tested = jsonPatch('[JSONPatch{op: "test", path: "/spec/replicas", value: 9}, JSONPatch{op: "replace", path: "/spec/replicas", value: 4}]')
  const shell = shellWith(policy('tested', tested))
  expect(shell.run('kubectl create deployment web --image=nginx').rc).toBe(0)
  expect(shell.run('kubectl get deployment web -o jsonpath={.spec.replicas}').stdout).toBe('1')
  expect(shellWith(policy('atomic', applyConfiguration('Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"a": "b"}}}}'))).run('kubectl create deployment web --image=nginx').stderr)
    .toContain("denied request: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector")
})

it('is checked when it is written', () => {
  const shell = new TestShell()
  expect(shell.run('kubectl apply -f -', policy('x', applyConfiguration('1 + "a"'))).stderr).toContain('spec.mutations[0].applyConfiguration.expression: Invalid value: "1 + \\"a\\"": compilation failed: ERROR: <input>:1:')
})
