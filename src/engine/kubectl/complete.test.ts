import fc from 'fast-check'
import { expect, test } from 'vitest'
import { complete, type CompletionLookup } from './complete'

const NAMES: Record<string, readonly string[]> = { pods: ['web-1', 'web-2', 'db-0'], nodes: ['node-1', 'node-2'], namespaces: ['default', 'kube-system'], deployments: ['web'], widgets: ['w1'] }
const lookup: CompletionLookup = {
  names: (resource, namespace) => (namespace === 'empty' ? [] : (NAMES[resource] ?? [])),
  containers: (_, pod) => (pod === 'web-1' ? ['app', 'sidecar'] : []),
  files: (dir) => (dir === 'dir/' ? ['a.yaml'] : ['web.yaml', 'dir/', '.kube/']),
  customResources: [{ resource: 'widgets', kind: 'Widget', shortNames: ['wd'], namespaced: true, group: 'x.io' }],
  namespace: 'default', aliases: { k: 'kubectl', kgp: 'kubectl get pods' }, contexts: ['kubernetes-admin@kubernetes'],
}
const at = (text: string): { from: number; options: readonly string[] } => complete(text.replace('|', ''), text.includes('|') ? text.indexOf('|') : text.length, lookup)
const options = (text: string): readonly string[] => complete(text, text.length, lookup).options

test('verbs, their subcommands and programs', () => {
  expect(options('kub')).toEqual(['kubectl'])
  expect(options('kubectl ro')).toEqual(['rollout'])
  expect(options('kubectl rollout st')).toEqual(['status'])
  expect(options('kubectl get pods | gr')).toEqual(['grep'])
  expect(options('k desc')).toEqual(['describe'])
  expect(options('watch kubectl to')).toEqual(['top'])
})

test('kinds, names, containers and namespaces are live', () => {
  expect(options('kubectl get deploy')).toContain('deployments')
  expect(options('kubectl get pod,no')).toContain('nodes')
  expect(options('kubectl get pods web')).toEqual(['web-1', 'web-2'])
  expect(options('kubectl get pods web-1 ')).toEqual(['db-0', 'web-2'])
  expect(options('kgp w')).toEqual(['web-1', 'web-2'])
  expect(options('kubectl get widgets ')).toEqual(['w1'])
  expect(options('kubectl delete deploy/')).toEqual(['deploy/web'])
  expect(options('kubectl logs web-1 -c ')).toEqual(['app', 'sidecar'])
  expect(options('kubectl get pods -n empty ')).toEqual([])
  expect(options('kubectl -n kube')).toEqual(['kube-system'])
  expect(options('kubectl drain ')).toEqual(['node-1', 'node-2'])
  expect(options('kubectl config use-context ')).toEqual(['kubernetes-admin@kubernetes'])
})

test('flags and their values', () => {
  expect(options('kubectl get pods --sho')).toEqual(['--show-kind', '--show-labels', '--show-managed-fields'])
  expect(options('kubectl get pods -o ya')).toEqual(['yaml'])
  expect(at('kubectl apply --dry-run=s')).toEqual({ from: 24, options: ['server'] })
  expect(options('kubectl create deployment x --im')).toEqual(['--image='])
})

test('files where files are read', () => {
  expect(options('kubectl apply -f ')).toEqual(['dir/', 'web.yaml'])
  expect(options('kubectl apply -f dir/')).toEqual(['dir/a.yaml'])
  expect(options('cat we')).toEqual(['web.yaml'])
  expect(options('kubectl get pods > w')).toEqual(['web.yaml'])
})

test('any text is completed without a throw, at its place', () => {
  fc.assert(fc.property(fc.string({ maxLength: 60 }), fc.nat(60), (text, n) => {
    const cursor = Math.min(n, text.length)
    const { from } = complete(text, cursor, lookup)
    expect(from).toBeGreaterThanOrEqual(0)
    expect(from).toBeLessThanOrEqual(cursor)
  }), { numRuns: 2000, seed: 3 })
})
