import { describe, expect, it } from 'vitest'
import { TestShell } from '../../kubectl/kubectl.testing'

const configuration = (more = '', kind = 'Validating'): string => `apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}WebhookConfiguration
metadata: { name: gate }
webhooks:
- name: pods.gate.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  timeoutSeconds: 5
  clientConfig: { service: { name: gate, namespace: tools, path: /validate }, caBundle: Y2E= }
  rules: [{ apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods] }]
${more}`

function shellWith(yaml: string): TestShell {
  const shell = new TestShell()
  // Nobody else makes it here.
  shell.run('kubectl create serviceaccount default')
  expect(shell.run('kubectl apply -f -', yaml).stderr).toBe('')
  return shell
}

const failed = (why: string): string => `Error from server (InternalError): Internal error occurred: failed calling webhook "pods.gate.example.com": failed to call webhook: Post "https://gate.tools.svc:443/validate?timeout=5s": ${why}\n`

describe('admission webhooks', () => {
  it('refuse what they cannot be asked about, in the words of the call that failed', () => {
    for (const kind of ['Validating', 'Mutating']) {
      const shell = shellWith(configuration('', kind))
      expect(shell.run('kubectl run p --image=nginx').stderr).toBe(failed('service "gate" not found'))
      expect(shell.run('kubectl run p --image=nginx --dry-run=server').stderr).toBe(failed('service "gate" not found'))
      expect(shell.run('kubectl create configmap c').rc).toBe(0)
      shell.run('kubectl create namespace tools')
      shell.run('kubectl create service clusterip gate --tcp=8443 -n tools')
      expect(shell.run('kubectl run p --image=nginx').stderr).toBe(failed('no service port 443 found for service "gate"'))
      shell.run('kubectl delete service gate -n tools')
      shell.run('kubectl create service clusterip gate --tcp=443 --clusterip=10.96.0.77 -n tools')
      expect(shell.run('kubectl run p --image=nginx').stderr).toBe(failed('dial tcp 10.96.0.77:443: connect: connection refused'))
      // There is a backend now.
      expect(shell.run('kubectl apply -n tools -f -', 'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: gate, namespace: tools, labels: { kubernetes.io/service-name: gate } }\naddressType: IPv4\nendpoints: [{ addresses: [10.244.1.5], conditions: { ready: true } }]\nports: [{ port: 443 }]\n').stderr).toBe('')
      expect(shell.run('kubectl run p --image=nginx')).toEqual({ rc: 0, stdout: 'pod/p created\n', stderr: '' })
      shell.run(`kubectl patch ${kind.toLowerCase()}webhookconfiguration gate --type=json -p '[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]'`)
      expect(shell.run('kubectl run q --image=nginx').stderr).toBe(failed('tls: failed to verify certificate: x509: certificate signed by unknown authority'))
      shell.run(`kubectl delete ${kind.toLowerCase()}webhookconfiguration gate`)
      expect(shell.run('kubectl run q --image=nginx').rc).toBe(0)
    }
  })

  it('are not asked when they may be ignored, or when it is not theirs', () => {
    expect(shellWith(configuration('  failurePolicy: Ignore\n')).run('kubectl run p --image=nginx').rc).toBe(0)
    const labelled = shellWith(configuration('  objectSelector: { matchLabels: { run: p } }\n'))
    expect(labelled.run('kubectl run p --image=nginx').rc).toBe(1)
    expect(labelled.run('kubectl run q --image=nginx').rc).toBe(0)
    const spaces = shellWith(configuration('  namespaceSelector: { matchExpressions: [{ key: kubernetes.io/metadata.name, operator: NotIn, values: [free] }] }\n'))
    spaces.run('kubectl create namespace free')
    spaces.run('kubectl create serviceaccount default -n free')
    expect(spaces.run('kubectl run p --image=nginx -n free').rc).toBe(0)
    expect(spaces.run('kubectl run p --image=nginx').rc).toBe(1)
    const conditional = shellWith(configuration("  matchConditions: [{ name: not-mine, expression: \"object.metadata.name != 'mine'\" }]\n"))
    expect(conditional.run('kubectl run mine --image=nginx').rc).toBe(0)
    expect(conditional.run('kubectl run yours --image=nginx').rc).toBe(1)
  })

  it('are checked when they are written', () => {
    const wrong = new TestShell().run('kubectl apply -f -', configuration().replace('pods.gate.example.com', 'gate').replace('  sideEffects: None\n', '').replace('[v1]\n', '[v9]\n').replace('timeoutSeconds: 5', 'timeoutSeconds: 60'))
    expect(wrong.stderr).toBe(`The ValidatingWebhookConfiguration "gate" is invalid: 
* webhooks[0].name: Invalid value: "gate": should be a domain with at least three segments separated by dots
* webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun
* webhooks[0].timeoutSeconds: Invalid value: 60: the timeout value must be between 1 and 30 seconds
* webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1
`)
    expect(new TestShell().run('kubectl apply -f -', configuration().replace('service: { name: gate, namespace: tools, path: /validate }', 'url: http://a.example.com/x?y')).stderr).toContain("webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]")
  })
})
