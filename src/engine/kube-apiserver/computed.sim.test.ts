import { expect, it } from 'vitest'
import { TestShell } from '../kubectl/kubectl.testing'

it('answers for kinds that it only computes, and for its health', () => {
  const shell = new TestShell()
  const out = (line: string): string => shell.run(line).stdout
  const health = shell.run('kubectl get cs')
  expect(health.stderr).toBe('Warning: v1 ComponentStatus is deprecated in v1.19+\n')
  expect(health.stdout).toContain('etcd-0               Healthy     ok')
  expect(out('kubectl get flowschemas')).toContain('exempt                         exempt            1                    <none>')
  expect(out('kubectl get prioritylevelconfigurations')).toContain('node-high         Limited   40                         64       6          50')
  expect(out('kubectl get ipaddresses')).toContain('10.96.0.1   services/default/kubernetes')
  expect(shell.run('kubectl delete ip 10.96.0.1').stderr).toContain('Error from server (MethodNotAllowed): the server does not allow this method on the requested resource')
  expect(out('kubectl get --raw /livez/ping')).toBe('ok')
  expect(out('kubectl get --raw /readyz?verbose')).toMatch(/^\[\+\]ping ok\n(.*\n)*\[\+\]shutdown ok\nreadyz check passed\n$/)
  expect(out('kubectl get --raw /metrics')).toContain('apiserver_storage_objects{resource="namespaces"} 4\n')
})
