import { expect, it } from 'vitest'
import { TestShell } from './kubectl.testing'

it('lists resources by what may be asked of them', () => {
  const shell = new TestShell()
  const names = (flags: string): string[] => shell.run(`kubectl api-resources -o name ${flags}`).stdout.trim().split('\n')
  const listed = names('--verbs=list --namespaced')
  expect(listed).toContain('pods')
  expect(listed).not.toContain('bindings')
  expect(listed).not.toContain('localsubjectaccessreviews.authorization.k8s.io')
  expect(names('--verbs=create,delete')).not.toContain('componentstatuses')
  expect(shell.run('kubectl api-resources -o wide').stdout).toMatch(/^bindings +v1 +true +Binding +create *$/m)
  expect(names('--categories=api-extensions')).toContain('customresourcedefinitions.apiextensions.k8s.io')
  // Each can be listed, as the well-known pipe does.
  for (const name of listed) expect(shell.run(`kubectl get ${name} --ignore-not-found`).stderr.replace(/^(No resources found.*|Warning: .*)\n/, ''), name).toBe('')
  expect(shell.run('kubectl get api-extensions').stdout).toContain('apiservice.apiregistration.k8s.io/v1.apps')
})
