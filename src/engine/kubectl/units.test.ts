import { expect, test } from 'vitest'
import { facts } from '../apimachinery/facts.testing'
import type { Thing } from './api'
import { notFound, runFake } from './kubectl.testing'
import { rolloutStatus } from './rollout-status'

const { groups } = facts<{ groups: any[] }>('kubectl-units')
const cases = (name: string): any[] => groups.filter((g) => g.test === name).flatMap((g) => g.cases)

test.each(cases('TestDeploymentStatusViewerStatus').map((c) => [c.case, c]))('deployment status: %s', (_, c) => {
  const seen = rolloutStatus('Deployment', { metadata: { name: 'foo', generation: c.given.generation }, spec: { replicas: c.given.specReplicas }, status: c.given.status } as unknown as Thing)
  expect({ msg: seen?.message, done: seen?.done }).toEqual(c.expect)
})

test.each(cases('TestDaemonSetStatusViewerStatus').map((c) => [c.case, c]))('daemon set status: %s', (_, c) => {
  const seen = rolloutStatus('DaemonSet', { metadata: { name: 'foo', generation: c.given.generation }, spec: { updateStrategy: { type: 'RollingUpdate' } }, status: c.given.status } as unknown as Thing)
  expect({ msg: seen?.message, done: seen?.done }).toEqual(c.expect)
})

test.each(cases('TestCreateServices').filter((c) => !c.expect.expectErr && c.given.serviceType === 'ClusterIP').map((c) => [c.case, c]))('create service: %s', (name, c) => {
  const ran = runFake(`kubectl create service clusterip ${c.expect.expected.metadata.name ?? name} ${(c.given.tcp ?? []).map((t: string) => `--tcp=${t}`).join(' ')} ${c.given.clusterip ? `--clusterip=${c.given.clusterip}` : ''} --dry-run=client -o json`, () => notFound)
  expect(ran.stderr).toBe('')
  expect(JSON.parse(ran.stdout).spec.ports).toEqual(c.expect.expected.spec.ports)
})

test('go templates: ranges, variables, conditions and functions', () => {
  const answer = () => ({ code: 200, body: { apiVersion: 'v1', kind: 'PodList', metadata: {}, items: [{ metadata: { name: 'a', labels: { x: '1' } }, status: { phase: 'Running' } }, { metadata: { name: 'b' }, status: { phase: 'Pending' } }] } }) as never
  const out = (template: string) => runFake(`kubectl get pods -o go-template='${template}'`, answer).stdout
  expect(out('{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}')).toBe('a\nb\n')
  expect(out('{{range $i, $p := .items}}{{if eq $p.status.phase "Running"}}{{$i}}{{else}}-{{end}}{{end}}')).toBe('0-')
  expect(out('{{len .items}} {{(index .items 1).metadata.name | printf "%q"}}')).toBe('2 "b"')
  expect(out('{{with .nothing}}x{{else}}none{{end}} {{.nope}}')).toBe('none <no value>')
  expect(runFake(`kubectl get pods -o go-template='{{range}'`, answer).rc).toBe(1)
})

test('columns line up, labels and kinds are shown, empty answers say so', () => {
  const table = { kind: 'Table', metadata: { resourceVersion: '1' }, columnDefinitions: [{ name: 'Name', type: 'string', priority: 0 }, { name: 'Age', type: 'string', priority: 0 }, { name: 'IP', type: 'string', priority: 1 }], rows: [{ cells: ['web-1', '5s', '10.0.0.1'], object: { metadata: { name: 'web-1', namespace: 'default', labels: { app: 'web' } } } }] }
  const answer = () => ({ code: 200, body: table }) as never
  expect(runFake('kubectl get pods', answer).stdout).toBe('NAME    AGE\nweb-1   5s\n')
  expect(runFake('kubectl get pods -owide --no-headers', answer).stdout).toBe('web-1   5s    10.0.0.1\n')
  expect(runFake('kubectl get po -A -L app', answer).stdout).toBe('NAMESPACE   NAME    AGE   APP\ndefault     web-1   5s    web\n')
  expect(runFake('kubectl get po,svc', answer).stdout).toBe('NAME        AGE\npod/web-1   5s\n\nNAME            AGE\nservice/web-1   5s\n')
})

test('rows in order of a field; what has no such field is not shown', () => {
  const rows = ['b', 'a'].map((name, i) => ({ cells: [name], object: { metadata: { name, namespace: 'default' }, spec: { n: i } } }))
  const answer = () => ({ code: 200, body: { kind: 'Table', metadata: { resourceVersion: '1' }, columnDefinitions: [{ name: 'Name', type: 'string', priority: 0 }], rows } }) as never
  expect(runFake('kubectl get pods --sort-by=.metadata.name', answer).stdout).toBe('NAME\na\nb\n')
  expect(runFake('kubectl get pods --sort-by=.spec.n', answer).stdout).toBe('NAME\nb\na\n')
  expect(runFake('kubectl get pods --sort-by=.metadata.nope', answer)).toMatchObject({ rc: 0, stdout: '', stderr: 'No resources found in default namespace.\n' })
  expect(runFake('kubectl get po,svc --sort-by=.metadata.name', answer)).toMatchObject({ rc: 1, stdout: '', stderr: `error: couldn't find any field with path "{.metadata.name}" in the list of objects\n` })
  expect(runFake('kubectl get pods --sort-by=.metadata.name', answer).requests[0]?.query).not.toHaveProperty('limit')
})
