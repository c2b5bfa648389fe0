import { describe, expect, it } from 'vitest'
import { TestShell } from '../../kubectl/kubectl.testing'
import type { ServerState } from '../state'

const web = (replicas: number | undefined, image = 'nginx:1.27'): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
${replicas === undefined ? '' : `  replicas: ${replicas}\n`}  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: nginx, image: "${image}" }] }
`

function owners(shell: TestShell, what: string): { manager: string; operation: string; subresource?: string; fieldsV1: any }[] {
  return JSON.parse(shell.run(`kubectl get ${what} -o json --show-managed-fields`).stdout).metadata.managedFields
}

const server = 'kubectl apply --server-side -f -'

describe('who owns which field', () => {
  it('is known from creation, by the command that created it', () => {
    const shell = new TestShell()
    shell.run('kubectl create deployment web --image=nginx')
    const [made] = owners(shell, 'deployment web')
    expect(made).toMatchObject({ manager: 'kubectl-create', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1' })
    expect(made!.fieldsV1).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': {
        'f:progressDeadlineSeconds': {}, 'f:replicas': {}, 'f:revisionHistoryLimit': {}, 'f:selector': {},
        'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} }, 'f:type': {} },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': { 'k:{"name":"nginx"}': { '.': {}, 'f:image': {}, 'f:imagePullPolicy': {}, 'f:name': {}, 'f:resources': {}, 'f:terminationMessagePath': {}, 'f:terminationMessagePolicy': {} } },
            'f:dnsPolicy': {}, 'f:restartPolicy': {}, 'f:schedulerName': {}, 'f:securityContext': {}, 'f:terminationGracePeriodSeconds': {},
          },
        },
      },
    })
    expect(shell.run('kubectl get deployment web -o yaml').stdout).not.toContain('managedFields')
  })

  it('names the command in the conflict of the first server-side apply', () => {
    const shell = new TestShell()
    shell.run('kubectl create deployment web --image=nginx')
    expect(shell.run(server, web(3, 'nginx')).stderr).toMatch(/^error: Apply failed with 1 conflict: conflict with "kubectl-create" using apps\/v1: \.spec\.replicas\n/)
    shell.run('kubectl set image deployment/web nginx=nginx:1.28')
    expect(shell.run(server, web(1, 'nginx:1.27')).stderr).toContain('conflict with "kubectl-set" using apps/v1: .spec.template.spec.containers[name="nginx"].image')
    expect(shell.run(`${server} --force-conflicts`, web(1)).rc).toBe(0)
    expect(owners(shell, 'deployment web').map((o) => `${o.manager} ${o.operation}`)).toEqual(['kubectl Apply', 'kubectl-create Update'])
  })

  it('tells several conflicts by manager, in Go\'s order of paths', () => {
    const shell = new TestShell()
    const full = (n: number) => web(n, `nginx:1.2${n}`).replace('name: nginx,', `name: nginx, env: [{ name: A, value: "${n}" }],`)
    shell.run('kubectl apply -f -', full(1))
    shell.run('kubectl label deployment web team=a')
    expect(shell.run(`${server} --field-manager=ci`, full(2).replace('name: web }', 'name: web, labels: { team: b } }')).stderr).toContain(`error: Apply failed with 4 conflicts: conflicts with "kubectl-client-side-apply" using apps/v1:
- .spec.replicas
- .spec.template.spec.containers[name="nginx"].image
- .spec.template.spec.containers[name="nginx"].env[name="A"].value
conflicts with "kubectl-label" using apps/v1:
- .metadata.labels.team
`)
  })

  it('moves from the client\'s apply to the server\'s, so that what is left out goes', () => {
    const shell = new TestShell()
    shell.run('kubectl apply -f -', web(3))
    expect(owners(shell, 'deployment web').map((o) => o.manager)).toEqual(['kubectl-client-side-apply'])
    const other = shell.run(`${server} --field-manager=ci`, web(5))
    expect(other.stderr).toContain('Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas')
    expect(shell.run(server, web(5)).stdout).toBe('deployment.apps/web serverside-applied\n')
    expect(owners(shell, 'deployment web').map((o) => o.manager).sort()).toEqual(['kubectl', 'kubectl-last-applied'])
    expect(shell.run(server, web(undefined)).rc).toBe(0)
    expect(shell.run('kubectl get deployment web -o jsonpath={.spec.replicas}').stdout).toBe('1')
  })

  it('goes to whoever scaled, through the scale subresource', () => {
    const shell = new TestShell()
    shell.run(server, web(2))
    shell.run('kubectl scale deployment web --replicas=4')
    expect(shell.run(server, web(2)).stderr).toContain('conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas')
    expect(owners(shell, 'deployment web').find((o) => o.subresource === 'scale')).toMatchObject({ manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:spec': { 'f:replicas': {} } } })
  })

  it('is presumed for what only components wrote, until a person writes to it', () => {
    const shell = new TestShell()
    const stored = (): unknown => shell.server.sim.stateOf<ServerState>('kube-apiserver')?.cache.get('namespaces', '', 'default')?.metadata.managedFields
    expect(stored()).toBeUndefined()
    expect(owners(shell, 'namespace default').map((o) => o.manager)).toContain('kube-apiserver')
    expect(shell.run('kubectl label namespace default team=a').rc).toBe(0)
    expect(owners(shell, 'namespace default').find((o) => o.manager === 'kubectl-label')?.fieldsV1).toEqual({ 'f:metadata': { 'f:labels': { 'f:team': {} } } })
    const before = JSON.stringify(stored())
    shell.run('kubectl label namespace default team=a --overwrite')
    expect(JSON.stringify(stored())).toBe(before)
  })

  it('tells of a pod what its creator sent, not what the server added', () => {
    const shell = new TestShell()
    shell.run('kubectl create serviceaccount default')
    shell.run('kubectl run p --image=nginx')
    const [made] = owners(shell, 'pod p')
    expect(made!.manager).toBe('kubectl-run')
    const listed = (more: string): string => shell.run(`kubectl get pods ${more}`).stdout
    expect(listed('-o jsonpath={.items[*].metadata.managedFields[*].manager}')).toContain('kubectl-run')
    expect(listed('-o yaml --show-managed-fields')).toContain('manager: kubectl-run')
    expect(listed('-o yaml')).not.toContain('managedFields')
    expect(Object.keys(made!.fieldsV1['f:spec'])).toEqual(['f:containers', 'f:dnsPolicy', 'f:enableServiceLinks', 'f:restartPolicy', 'f:schedulerName', 'f:securityContext', 'f:terminationGracePeriodSeconds'])
    expect(made!.fieldsV1['f:spec']['f:containers']['k:{"name":"p"}']).not.toHaveProperty('f:volumeMounts')
  })

  it('is forgotten when somebody clears it, and begins anew', () => {
    const shell = new TestShell()
    shell.run('kubectl create configmap c --from-literal=k=v')
    const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { k: w }\n'
    for (const patch of [`--type=merge -p '{"metadata":{"managedFields":[{}]}}'`, `--type=json -p '[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]'`]) {
      expect(shell.run(`kubectl patch configmap c ${patch}`).rc).toBe(0)
      expect(shell.run('kubectl get configmap c -o yaml --show-managed-fields').stdout).not.toContain('manager:')
      expect(shell.run(`${server} --field-manager=ci`, config).stderr).toContain('conflict with "before-first-apply" using v1: .data.k')
    }
    shell.run('kubectl label configmap c a=b')
    expect(owners(shell, 'configmap c').map((o) => o.manager)).toEqual(['kubectl-label'])
  })

  it('keeps no more than ten who updated', () => {
    const shell = new TestShell()
    shell.run('kubectl create configmap c --from-literal=k=0')
    for (let i = 1; i < 15; i++) shell.run(`kubectl patch cm c --type=merge -p '{"data":{"k${i}":"x"}}' --field-manager=m${i}`)
    const names = owners(shell, 'configmap c').map((o) => o.manager)
    expect(names).toHaveLength(10)
    expect(names[0]).toBe('ancient-changes')
  })
})
