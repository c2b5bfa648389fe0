import { describe, expect, it } from 'vitest'
import { TestShell } from '../../kubectl/kubectl.testing'

const shell = new TestShell()
const apply = (yaml: string) => shell.run('kubectl apply -f -', yaml)
const out = (line: string): string => shell.run(line).stdout

describe('kinds that few people write', () => {
  it('keeps flow schemas and priority levels, a new cluster has upstream\'s', () => {
    expect(out('kubectl get flowschema').split('\n')).toHaveLength(15)
    expect(out('kubectl get prioritylevelconfigurations').split('\n')).toHaveLength(10)
    const schema = `apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: { name: mine }
spec:
  priorityLevelConfiguration: { name: workload-low }
  rules:
  - subjects: [{ kind: User, user: { name: jane } }]
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true }]
`
    expect(apply(schema).stdout).toBe('flowschema.flowcontrol.apiserver.k8s.io/mine created\n')
    expect(out('kubectl get flowschema mine --no-headers')).toMatch(/^mine +workload-low +1000 +<none> +\d+s +\?\n$/)
    expect(apply(schema.replace('kind: User', 'kind: Group')).stderr).toBe(`The FlowSchema "mine" is invalid: 
* spec.rules[0].subjects[0].group: Required value: group is required when subject kind is 'Group'
* spec.rules[0].subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'
`)
    expect(apply('apiVersion: flowcontrol.apiserver.k8s.io/v1\nkind: PriorityLevelConfiguration\nmetadata: { name: low }\nspec: { type: Limited, limited: { limitResponse: { type: Queue, queuing: { handSize: 9, queues: 4 } } } }\n').stderr)
      .toContain('spec.limited.limitResponse.queuing.handSize: Invalid value: 9: should not be greater than queues (4)')
  })

  it('gives Services addresses of a network that was added', () => {
    expect(out('kubectl get servicecidrs --no-headers')).toMatch(/^kubernetes +10\.96\.0\.0\/16 +\d+s\n$/)
    const asked = ['kubectl create service clusterip far --tcp=80 --clusterip=10.200.0.7']
    expect(shell.run(asked[0]!).stderr).toContain('the provided IP (10.200.0.7) is not in the valid range. The range of valid IPs is 10.96.0.0/16')
    expect(apply('apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: { name: more }\nspec: { cidrs: [10.200.0.0/28] }\n').stdout).toBe('servicecidr.networking.k8s.io/more created\n')
    expect(shell.run(asked[0]!).stdout).toBe('service/far created\n')
    expect(out('kubectl get ip 10.200.0.7 --no-headers')).toMatch(/^10\.200\.0\.7 +services\/default\/far /)
    expect(apply('apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: { name: more }\nspec: { cidrs: [10.201.0.0/28] }\n').stderr).toContain('spec.cidrs: Invalid value: ["10.201.0.0/28"]: field is immutable')
  })

  it('keeps claims of devices and checks them', () => {
    const claim = (request: string) => `apiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: { name: gpu }\nspec: { devices: { requests: [${request}] } }\n`
    expect(apply(claim('{ name: one }')).stderr).toBe('The ResourceClaim "gpu" is invalid: spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required\n')
    expect(apply(claim('{ name: one, exactly: { deviceClassName: gpu.example.com } }')).stdout).toBe('resourceclaim.resource.k8s.io/gpu created\n')
    expect(out('kubectl get resourceclaims -o jsonpath={.items[*].spec.devices.requests[*].exactly.count}')).toBe('1')
    expect(out('kubectl get resourceclaims --no-headers')).toMatch(/^gpu +pending +\d+s\n$/)
    expect(apply('apiVersion: resource.k8s.io/v1\nkind: ResourceSlice\nmetadata: { name: s }\nspec: { driver: d.example.com, pool: { name: p, generation: 1, resourceSliceCount: 1 } }\n').stderr).toContain('exactly one of `nodeName`')
  })

  it('keeps attributes classes and mutating policies', () => {
    expect(apply('apiVersion: storage.k8s.io/v1\nkind: VolumeAttributesClass\nmetadata: { name: fast }\ndriverName: ebs.csi.aws.com\n').stderr).toContain('parameters: Required value: must contain at least one key/value pair')
    const fast = 'apiVersion: storage.k8s.io/v1\nkind: VolumeAttributesClass\nmetadata: { name: fast }\ndriverName: ebs.csi.aws.com\nparameters: { iops: "500" }\n'
    expect(apply(fast).rc).toBe(0)
    expect(out('kubectl get vac --no-headers')).toMatch(/^fast +ebs\.csi\.aws\.com +\d+s\n$/)
    expect(apply(fast.replace('500', '600')).stderr).toContain('parameters: Forbidden: updates to parameters are forbidden.')
    expect(apply(`apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: { name: label }
spec:
  matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods] }] }
  mutations: [{ patchType: JSONPatch, jsonPatch: { expression: '[]' } }]
`).stdout).toBe('mutatingadmissionpolicy.admissionregistration.k8s.io/label created\n')
    expect(out('kubectl get mutatingadmissionpolicies --no-headers')).toMatch(/^label +1 +<unset> +\d+s\n$/)
  })

  it('prints a scale as a table of its own', () => {
    expect(shell.run('kubectl create deployment web --image=nginx --replicas=2').rc).toBe(0)
    expect(out('kubectl get deployment web --subresource=scale')).toMatch(/^NAME +DESIRED +AVAILABLE +AGE\nweb +2 +0 +\d+s\n$/)
  })
})
