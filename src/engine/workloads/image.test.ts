import { expect, test } from 'vitest'
import { isPublished } from './image'
import type { ContainerSpec, ProgramIO } from './program'
import { programFor, startError } from './registry'
import { execCommand } from './shell/program'

const specOf = (image: string, args: readonly string[] = []): ContainerSpec => ({ image, command: [], args, env: {}, ports: [], hostname: 'h', workingDir: '' })
const ioOf = (spec: ContainerSpec, now = 0, answer?: string): ProgramIO => ({
  now, wall: 1_767_225_600_000_000, files: new Map([['/etc/resolv.conf', 'nameserver 10.96.0.10\n']]), ip: '', draw: () => 0, out: () => undefined, err: () => undefined, spec,
  request: () => (answer === undefined ? { ok: false, why: 'unresolved', address: '', after: 0 } : { ok: true, status: 0, body: answer, address: '10.96.0.1', after: 0 }),
})

test('tags that the documentation uses as wrong ones are in no registry', () => {
  expect(['gcr.io/google-samples/kubernetes-bootcamp:v10', 'nginx:1.161', 'nginx:1.161-alpine'].map(isPublished)).toEqual([false, false, false])
  expect(['gcr.io/google-samples/kubernetes-bootcamp:v1', 'jocatalin/kubernetes-bootcamp:v2', 'nginx:1.16.1', 'nginx:1.7.9', 'nginx'].map(isPublished)).toEqual([true, true, true, true, true])
})

test('the server of the lesson on liveness is well for ten seconds', () => {
  const spec = specOf('registry.k8s.io/e2e-test-images/agnhost:2.40', ['liveness'])
  const program = programFor(spec)
  const state = program.start(spec)
  program.run(state, ioOf(spec))
  const request = { method: 'GET', port: 8080, path: '/healthz', agent: '', from: '' }
  expect(program.http(state, ioOf(spec, 9_000_000), request)).toEqual({ status: 200, body: 'ok' })
  expect(program.http(state, ioOf(spec, 10_500_000), request)).toEqual({ status: 500, body: 'error: 10.5' })
})

test('images without a shell say so', () => {
  const run = (image: string, ...argv: string[]) => execCommand(argv, ioOf(specOf(image)), 0)
  expect(run('registry.k8s.io/pause:3.10', 'sh')).toMatchObject({ missing: true, stderr: 'OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file not found in $PATH' })
  expect(run('gcr.io/distroless/base', '/bin/sh').stderr).toContain('exec: "/bin/sh": stat /bin/sh: no such file or directory')
  expect(run('gcr.io/distroless/base:debug', 'sh', '-c', 'echo hi').stdout).toBe('hi\n')
  expect(startError({ ...specOf('registry.k8s.io/pause:3.10'), command: ['sh'] })).toContain('executable file not found')
})

test('nslookup speaks as its image does, and ps shows the first process', () => {
  const says = (image: string, line: string, answer?: string) => execCommand(line.split(' '), ioOf(specOf(image), 0, answer), 0).stdout
  const known = 'web.default.svc.cluster.local 10.244.1.2 10.244.2.2'
  expect(says('busybox:1.28', 'nslookup web', known)).toBe('Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\nName:      web\nAddress 1: 10.244.1.2 web.default.svc.cluster.local\nAddress 2: 10.244.2.2 web.default.svc.cluster.local\n')
  expect(says('busybox:1.36', 'nslookup web', known)).toContain('Address:\t10.96.0.10:53\n\nName:\tweb.default.svc.cluster.local\nAddress: 10.244.1.2\n')
  expect(says('registry.k8s.io/e2e-test-images/agnhost:2.39', 'nslookup web', known)).toContain('Address:\t10.96.0.10#53\n')
  expect(says('debian', 'dig +short web', known)).toBe('10.244.1.2\n10.244.2.2\n')
  expect(execCommand(['nslookup', 'web'], ioOf(specOf('busybox:1.28')), 0)).toMatchObject({ code: 1, stderr: "nslookup: can't resolve 'web'\n" })
  expect(says('nginx', 'ps aux')).toContain('nginx: master process nginx -g daemon off;')
})
