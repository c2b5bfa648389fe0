import { expect, it } from 'vitest'
import { TestShell } from '../../kubectl/kubectl.testing'

const POLICY = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: demo
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - apiGroups: ["apps"]
      apiVersions: ["v1"]
      operations: ["CREATE", "UPDATE"]
      resources: ["deployments"]
  variables:
  - name: most
    expression: "namespaceObject.metadata.name == 'default' ? 5 : 2"
  validations:
  - expression: "object.spec.replicas <= variables.most"
  - expression: "object.metadata.name.startsWith('web')"
    message: names start with web
    reason: Forbidden
`
const binding = (actions: string): string => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: demo-binding
spec:
  policyName: demo
  validationActions: [${actions}]
`

it('refuses and warns by policies in CEL', () => {
  const shell = new TestShell()
  const apply = (text: string): { stdout: string; stderr: string } => shell.run('kubectl apply -f -', text)
  expect(apply(POLICY).stdout).toBe('validatingadmissionpolicy.admissionregistration.k8s.io/demo created\n')
  const create = (name: string, replicas: number): string => {
    const { stdout, stderr } = shell.run(`kubectl create deployment ${name} --image=nginx --replicas=${replicas}`)
    return stdout + stderr
  }
  expect(create('web-0', 9)).toBe('deployment.apps/web-0 created\n')
  expect(apply(binding('Deny')).stdout).toBe('validatingadmissionpolicybinding.admissionregistration.k8s.io/demo-binding created\n')
  expect(create('web-1', 5)).toBe('deployment.apps/web-1 created\n')
  expect(create('web-2', 6)).toBe("error: failed to create deployment: deployments.apps \"web-2\" is forbidden: ValidatingAdmissionPolicy 'demo' with binding 'demo-binding' denied request: failed expression: object.spec.replicas <= variables.most\n")
  expect(create('api', 1)).toBe("error: failed to create deployment: deployments.apps \"api\" is forbidden: ValidatingAdmissionPolicy 'demo' with binding 'demo-binding' denied request: names start with web\n")
  const manifest = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-3}\nspec:\n  replicas: 7\n  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}\n'
  expect(apply(manifest).stderr).toBe("The deployments \"web-3\" is invalid: : ValidatingAdmissionPolicy 'demo' with binding 'demo-binding' denied request: failed expression: object.spec.replicas <= variables.most\n")
  apply(binding('Warn, Audit'))
  expect(apply(manifest)).toEqual({ rc: 0, stdout: 'deployment.apps/web-3 created\n', stderr: "Warning: Validation failed for ValidatingAdmissionPolicy 'demo' with binding 'demo-binding': failed expression: object.spec.replicas <= variables.most\n" })
  expect(shell.run('kubectl get validatingadmissionpolicies').stdout).toMatch(/^NAME {3}VALIDATIONS {3}PARAMKIND {3}AGE\ndemo {3}2 {13}<unset>/)
})

it('refuses policies that cannot be', () => {
  const shell = new TestShell()
  const { stderr } = shell.run('kubectl apply -f -', POLICY.replace('object.metadata.name.startsWith', 'objekt.metadata.name.startsWith'))
  expect(stderr).toContain("The ValidatingAdmissionPolicy \"demo\" is invalid: spec.validations[1].expression: Invalid value: \"objekt.metadata.name.startsWith('web')\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'objekt'")
  expect(shell.run('kubectl apply -f -', binding('Deny, Warn')).stderr).toContain('spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn')
})

it('takes limits from objects that bindings name', () => {
  const shell = new TestShell()
  const params = POLICY.replace('  failurePolicy: Fail\n', '  failurePolicy: Fail\n  paramKind: {apiVersion: v1, kind: ConfigMap}\n').replace('object.spec.replicas <= variables.most', 'object.spec.replicas <= int(params.data.most)')
  shell.run('kubectl apply -f -', params)
  shell.run('kubectl apply -f -', `${binding('Deny')}  paramRef: {name: limits, namespace: default, parameterNotFoundAction: Deny}\n`)
  expect(shell.run('kubectl create deployment web --image=nginx').stderr).toContain('denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction')
  shell.run('kubectl create configmap limits --from-literal=most=2')
  expect(shell.run('kubectl create deployment web --image=nginx --replicas=2').stdout).toBe('deployment.apps/web created\n')
  expect(shell.run('kubectl scale deployment web --replicas=3').stdout).toBe('deployment.apps/web scaled\n')
  expect(shell.run('kubectl create deployment web-2 --image=nginx --replicas=3').stderr).toContain('failed expression: object.spec.replicas <= int(params.data.most)')
})
